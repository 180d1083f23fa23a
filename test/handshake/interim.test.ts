// Answers without end, to every face and on every way that an answer is read: they end by a limit, or by the time that the
// handshake may take, and the event loop goes on meanwhile.

import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { InterimCount } from '../../src/handshake/interim';
import { AsyncTcpConnection, type ClientOptions, type WebSocket } from '../../src/index';
import { WebSocket as WebWebSocket } from '../../src/web';
import { floodServer, standstill } from '../support/flood-server';
import { RawPeer } from '../support/raw-peer';
import { rawServer } from '../support/servers';
import { closeOf, wsClient } from '../support/ws-clients';

/** Milliseconds. */
const TIMEOUT = 600;
/** Of the event loop, on a machine that others use, too; what it was before: 1,000 and more. */
const STANDSTILL = 400;
/** MiB. */
const GROWTH = 150;

const INTERIM =
  /^The head of the response is larger .*: interim responses \(1xx\) alone are beyond that, or more than 100\.$/;
const OVERFLOW = /Header overflow/;
const LATE = /^Opening handshake has timed out$/;
const REFUSED = /^Unexpected server response: 500$/;

type Listen = (client: WebSocket) => void;

/** The ways in which an answer to the drop-in is read: options, listeners, and what stands before the name in the path. */
const WAYS: readonly [string, () => ClientOptions, Listen?, string?][] = [
  ['by its own handshake', () => ({})],
  ['with an agent', () => ({ agent: new Agent() })],
  ['with createConnection', () => ({ createConnection: (options: object) => connect(options as never) })],
  ['with finishRequest', () => ({ finishRequest: (request) => request.end() })],
  ['with followRedirects', () => ({ followRedirects: true })],
  ['behind a redirect', () => ({ followRedirects: true }), () => {}, 'to/'],
  ['with a listener of upgrade', () => ({}), (client) => client.on('upgrade', () => {})],
  [
    'with a listener of upgrade, and an agent',
    () => ({ agent: new Agent() }),
    (client) => client.on('upgrade', () => {}),
  ],
];

const FLOODS: readonly [string, RegExp][] = [
  ['bare interim', INTERIM],
  ['full interim', INTERIM],
  ['interim head', OVERFLOW],
  ['slow interim', INTERIM],
  ['headers', OVERFLOW],
  ['slow head', LATE],
  ['body', REFUSED],
  ['chunks', REFUSED],
  ['slow body', REFUSED],
];

/** What an answer of a flood costs, while `end` is waited for. */
async function bounded(end: Promise<unknown>): Promise<void> {
  const longest = standstill();
  const before = process.memoryUsage().rss;
  await end;
  // What has come in the meantime is read still, if it is.
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(longest()).toBeLessThan(STANDSTILL);
  expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(GROWTH);
}

describe.each(WAYS)('the drop-in %s ends', (_, options, listen = () => {}, path = '') => {
  it.each(FLOODS)('a flood of %s', async (flood, sentence) => {
    const url = `${await floodServer()}/${encodeURIComponent(path + flood)}`;
    const client = wsClient(url, [], { handshakeTimeout: TIMEOUT, ...options() });
    const told: string[] = [];
    listen(client);
    client.on('error', ({ message }) => told.push(message));
    client.on('close', (code) => told.push(`close ${code}`));
    const start = performance.now();
    await bounded(closeOf(client));
    expect(told).toEqual([expect.stringMatching(sentence), 'close 1006']);
    expect(performance.now() - start).toBeLessThan(TIMEOUT + 1_000);
  });
});

describe.each([
  ['by its own handshake', {}],
  ['with an agent', { agent: new Agent() }],
])('the drop-in %s, with a listener of unexpected-response', (_, options) => {
  it.each(['body', 'chunks', 'slow body'])('holds a flood of %s until somebody reads it', async (flood) => {
    const url = `${await floodServer()}/${encodeURIComponent(flood)}`;
    const client = wsClient(url, [], { handshakeTimeout: TIMEOUT, ...options });
    const told: string[] = [];
    client.on('unexpected-response', (_request, { statusCode }) => told.push(`unexpected ${statusCode}`));
    client.on('error', ({ message }) => told.push(message));
    client.on('close', (code) => told.push(`close ${code}`));
    await bounded(closeOf(client));
    expect(told).toEqual(['unexpected 500', expect.stringMatching(LATE), 'close 1006']);
  });
});

describe('a flood', () => {
  it.each([
    ['bare interim', 'WS_ERR_HANDSHAKE_TOO_LARGE'],
    ['full interim', 'WS_ERR_HANDSHAKE_TOO_LARGE'],
    ['interim head', 'WS_ERR_HANDSHAKE_TOO_LARGE'],
    ['headers', 'WS_ERR_HANDSHAKE_TOO_LARGE'],
    ['slow head', 'WS_ERR_CONNECT_TIMEOUT'],
    ['body', 'WS_ERR_HANDSHAKE_STATUS'],
    ['chunks', 'WS_ERR_HANDSHAKE_STATUS'],
    ['slow body', 'WS_ERR_HANDSHAKE_STATUS'],
  ])('of %s ends an AsyncTcpConnection', async (flood, code) => {
    const connection = new AsyncTcpConnection(`${await floodServer()}/${encodeURIComponent(flood)}`);
    onTestFinished(() => connection.destroy());
    connection.connectTimeout = TIMEOUT / 1000;
    connection.onError = () => {};
    const end = new Promise<string | undefined>((resolve) => {
      connection.onClose = (_connection, { error }) => resolve(error?.code);
    });
    connection.connect();
    await bounded(end);
    expect(await end).toBe(code);
  });

  it.each(['bare interim', 'full interim', 'interim head', 'headers', 'body', 'chunks', 'slow body'])(
    'of %s ends a WebSocket of the web',
    async (flood) => {
      const webSocket = new WebWebSocket(`${await floodServer()}/${encodeURIComponent(flood)}`);
      const told: string[] = [];
      for (const type of ['open', 'error', 'close']) webSocket.addEventListener(type, () => told.push(type));
      await bounded(once(webSocket, 'close'));
      expect(told).toEqual(['error', 'close']);
    },
  );
});

describe.each([
  ['by its own handshake', {}],
  ['with an agent', { agent: new Agent() }],
])('interim responses to the drop-in %s', (_, options) => {
  const bare = 'HTTP/1.1 103 Early\r\n\r\n';
  const headers = (count: number): string => `HTTP/1.1 103 Early\r\n${'A: b\r\n'.repeat(count)}\r\n`;
  const bytes = (count: number): string => `HTTP/1.1 103 Early\r\nA: ${'a'.repeat(count - 27)}\r\n\r\n`;

  /** What is told behind these, in front of a correct answer. */
  async function told(interim: string): Promise<string> {
    const server = await rawServer('ws');
    const client = wsClient(server.url, [], options as ClientOptions);
    const end = new Promise<string>((resolve) => {
      client.on('open', () => resolve('open'));
      client.on('error', ({ message }) => resolve(message));
    });
    const peer = await server.peer();
    const request = await peer.readHead();
    peer.write(Buffer.from(interim + RawPeer.answer(request), 'latin1'));
    return end;
  }

  it.each([
    ['100', bare.repeat(100)],
    ['with 90 headers', headers(45).repeat(2)],
    ['of 15 KiB', bytes(3_840).repeat(4)],
  ])('are read over: %s', async (_, interim) => {
    expect(await told(interim)).toBe('open');
  });

  it.each([
    ['101', bare.repeat(101)],
    ['with 102 headers', headers(51).repeat(2)],
    ['of 20 KiB', bytes(5_120).repeat(4)],
  ])('are refused: %s', async (_, interim) => {
    expect(await told(interim)).toMatch(INTERIM);
  });
});

describe('InterimCount', () => {
  it('counts responses, headers and bytes, all together', () => {
    const taken = (statusMessage: string, rawHeaders: string[]): number => {
      const count = new InterimCount();
      let times = 0;
      while (count.accept({ statusMessage, rawHeaders })) times += 1;
      return times;
    };
    expect(taken('', [])).toBe(100);
    expect(taken('', ['a', 'b', 'c', 'd', 'e', 'f'])).toBe(33);
    // "HTTP/1.1 103 ", "x", CR LF, "a: ", 979 bytes, CR LF, CR LF.
    expect(taken('x', ['a', 'y'.repeat(1_001)])).toBe(16);
    expect(taken('x', ['a', 'y'.repeat(1_002)])).toBe(15);
  });
});
