// The load on a server of the user's own: the histogram against what was recorded, the engine against servers that do not echo as
// they should, and the command as a user runs it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { connect } from '../../bench/clients/wsimd.mjs';
import { Histogram, LEAST, MOST, RELATIVE_ERROR } from '../../bench/load/histogram.mjs';
import { LoadedServer } from '../../bench/load/load.mjs';
import { closedPort } from '../support/servers';

const RUN = fileURLToPath(new URL('../../bench/run.mjs', import.meta.url));
const HIGH_WATER_MARK = 1024 * 1024;

describe('Histogram', () => {
  it('reads what was recorded, with the error that it states', () => {
    for (let value = 0.002; value < 1e10; value *= 1.0173) {
      const histogram = new Histogram();
      histogram.record(value);
      expect(Math.abs(histogram.quantile(0.5) / value - 1)).toBeLessThanOrEqual(RELATIVE_ERROR);
    }
  });

  it('has quantiles by rank', () => {
    const histogram = new Histogram();
    for (let value = 1000; value >= 1; value--) histogram.record(value);
    for (const [part, value] of [
      [0, 1],
      [0.5, 500],
      [0.99, 990],
      [0.999, 999],
      [1, 1000],
    ] as const) {
      expect(Math.abs(histogram.quantile(part) / value - 1)).toBeLessThanOrEqual(RELATIVE_ERROR);
    }
    expect(histogram.count).toBe(1000);
  });

  it('takes what is beyond its ends for the ends, and says that nothing was recorded', () => {
    const histogram = new Histogram();
    expect(histogram.quantile(0.5)).toBeNaN();
    histogram.record(0);
    expect(histogram.quantile(1) / LEAST).toBeCloseTo(1, 1);
    histogram.record(Number.POSITIVE_INFINITY);
    expect(histogram.quantile(1) / MOST).toBeCloseTo(1, 1);
  });
});

type Answer = (client: WebSocket, data: Buffer, isBinary: boolean, count: number) => void;

const ANSWERS: Record<string, Answer> = {
  '/': (client, data, isBinary) => client.send(data, { binary: isBinary }),
  '/greets': (client, data, isBinary) => client.send(data, { binary: isBinary }),
  '/shouts': (client, data) => client.send(data.toString().toUpperCase()),
  '/listens': () => {},
  '/leaves': (client) => client.close(1001, 'enough'),
  '/tires': (client, data, isBinary, count) => count < 50 && client.send(data, { binary: isBinary }),
  '/cuts': (client, data, isBinary, count) =>
    count < 50 ? client.send(data, { binary: isBinary }) : client.terminate(),
  '/swaps': (client, data, isBinary, count) => client.send(count === 20 ? 'other' : data, { binary: isBinary }),
};

let server: WebSocketServer;
let url: string;

beforeAll(async () => {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (client, { url: path = '/' }) => {
    let count = 0;
    if (path === '/greets') client.send('welcome');
    client.on('message', (data: Buffer, isBinary) => ANSWERS[path]!(client, data, isBinary, ++count));
  });
  await once(server, 'listening');
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  for (const client of server.clients) client.terminate();
  server.close();
});

function loaded(path: string): LoadedServer {
  return new LoadedServer((handlers) => connect(url + path, handlers, HIGH_WATER_MARK), 0.4);
}

describe('LoadedServer', () => {
  it.each(['/', '/greets'])('has as many latencies as messages: %s', async (path) => {
    const target = loaded(path);
    for (const inFlight of [1, 10]) {
      const { messages, seconds, latencies } = await target.put({
        connections: 3,
        inFlight,
        seconds: 0.2,
        payload: new Uint8Array(100).fill(inFlight),
      });
      expect(messages).toBeGreaterThan(30);
      expect(latencies.count).toBe(messages);
      expect(seconds).toBeGreaterThanOrEqual(0.2);
      expect(seconds).toBeLessThan(2);
      expect(latencies.quantile(0.99)).toBeGreaterThanOrEqual(latencies.quantile(0.5));
      // So many in flight on so many connections, and no more: otherwise they would have waited for longer.
      expect(latencies.quantile(0.5)).toBeLessThan(((3 * inFlight * seconds) / messages) * 3e6);
    }
    await target.close();
    await expect.poll(() => server.clients.size).toBe(0);
  });

  it.each([
    ['/shouts', 'silent', 'The server does not echo: it was sent "a", and what came was "A".'],
    ['/listens', 'silent', 'The server does not echo: nothing came back within 0.4 s of "a".'],
    ['/leaves', 'closed', 'The connection was closed before anything came back: 1001 "enough".'],
    ['/tires', 'silent', /^Of \d+ messages 48 came back, and then nothing for 0\.4 s\.$/],
    ['/cuts', 'closed', /^The connection was closed after 48 messages: 1006\.$/],
    ['/swaps', 'different', /^Message 19 came back as another one: "other"\.$/],
  ])('says what is wrong with a server: %s', async (path, kind, message) => {
    const target = loaded(path);
    const load = { connections: 1, inFlight: 5, seconds: 3, payload: 'a' };
    await expect(target.put(load)).rejects.toMatchObject({
      kind,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
    await target.close();
  });
});

describe('npm run bench -- --url', () => {
  async function run(...words: string[]): Promise<{ status: unknown; output: string; errors: string }> {
    const child = spawn(process.execPath, [RUN, ...words]);
    const [output, errors, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    return { status, output, errors };
  }

  it('has a table of latencies, throughput and CPU, and an estimate before', async () => {
    const { status, output, errors } = await run('--url', url, '--seconds', '0.1', '--peers', 'wsimd,ws,floor');
    expect(errors).toBe('6 loads with 2 clients: about 8 s\n');
    expect(status).toBe(0);
    expect(output).toContain('floor is left out');
    for (const line of ['32-byte text, one in flight', '16 KiB binary, 100 in flight']) {
      for (const peer of ['wsimd', 'ws']) {
        expect(output).toMatch(new RegExp(`│ ${line} +│ +${peer} │ +[\\d,.]+ │ +[\\d,.]+ │ +[\\d,.]+ │ +[\\d,.]+ │`));
      }
    }
  });

  it('says that nobody is there, and that who is there is no WebSocket server', async () => {
    const nowhere = `ws://127.0.0.1:${await closedPort()}/`;
    const unreachable = await run('--url', nowhere);
    expect(unreachable).toMatchObject({ status: 1, output: '' });
    expect(unreachable.errors).toMatch(`There is no connection to ${nowhere}: The server could not be reached`);
    const pages = createServer((_request, response) => void response.end('a page')).listen(0, '127.0.0.1');
    await once(pages, 'listening');
    const page = await run('--url', `ws://127.0.0.1:${(pages.address() as AddressInfo).port}/`);
    pages.close();
    expect(page.status).toBe(1);
    expect(page.errors).toMatch(/^There is no WebSocket server at ws:\S+: The server did not answer 101[^\n]*\n$/);
  });

  it.each([
    [['--url', 'http://localhost'], 'no ws:// or wss:// URL: http://localhost'],
    [['--url', 'ws://localhost', '--rows', 'send', '--quick'], '--url does not go with --rows, --quick'],
    [['--insecure'], '--insecure is of use with --url only'],
  ])('refuses %j', async (words, complaint) => {
    const { status, errors } = await run(...words);
    expect(status).toBe(2);
    expect(errors.split('\n')[0]).toBe(complaint);
  });
});
