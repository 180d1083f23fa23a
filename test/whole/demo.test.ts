// The demo as a user runs it: a process with a command line, an input, a transcript and a status.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';

const DEMO = fileURLToPath(new URL('../../bench/demo.mjs', import.meta.url));

class Demo {
  /** Standard output and standard error, as they come. */
  transcript = '';
  readonly child: ChildProcessWithoutNullStreams;
  private readonly ended: Promise<unknown[]>;

  constructor(...parameters: string[]) {
    this.child = spawn(process.execPath, [DEMO, ...parameters]);
    for (const output of [this.child.stdout, this.child.stderr]) {
      output.setEncoding('utf8').on('data', (text) => {
        this.transcript += text;
      });
    }
    this.ended = once(this.child, 'close');
  }

  async shows(text: string): Promise<void> {
    await expect.poll(() => this.transcript, { timeout: 5000, interval: 10 }).toContain(text);
  }

  /** What is behind the prefix, where a line has it. */
  lines(prefix: string): string[] {
    const lines = this.transcript.split('\n').filter((line) => line.startsWith(prefix));
    return lines.map((line) => line.slice(prefix.length));
  }

  async status(): Promise<unknown> {
    const [status] = await this.ended;
    return status;
  }
}

function expectInOrder(transcript: string, lines: (string | RegExp)[]): void {
  let rest = transcript;
  for (const line of lines) {
    const at = typeof line === 'string' ? rest.indexOf(line) : rest.search(line);
    expect(at, `${line} in:\n${rest}`).toBeGreaterThanOrEqual(0);
    rest = rest.slice(at + 1);
  }
}

describe('without a URL', () => {
  it('shows every step and ends by itself', async () => {
    const demo = new Demo();
    expect(await demo.status(), demo.transcript).toBe(0);
    expectInOrder(demo.transcript, [
      '1. Connect',
      'tcp connected',
      'HTTP/1.1 101 Switching Protocols',
      'recv: hello',
      '2. Heartbeat',
      /← pong, round trip \d+\.\d+ ms/,
      '3. Text and bytes',
      'recv: 안녕하세요',
      'recv: 0,1,127,128,254,255',
      '✓ the echo is what was sent',
      '4. Cut off',
      'connection closed and try to reconnect',
      '← 1006: The connection ended without a close frame',
      'tcp connected',
      'recv: hello',
      /✓ back after [1-9]\.\d+ s/,
      '5. Throughput',
      /[1-9][\d,]* messages\/s +→ *\d+\.\d MB\/s +← *\d+\.\d MB\/s +\d+\.\d+ µs CPU per message/,
      /✓ [1-9][\d,]* messages, every echo compared/,
      '6. Closing handshake',
      '← close frame: 1000 "the tour is over"',
      'Shown: ',
    ]);
    expect(demo.transcript, 'control characters in a pipe').not.toContain('\x1b');
  });
});

describe('with a URL', () => {
  let server: WebSocketServer;
  let url: string;

  beforeEach(async () => {
    server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    server.on('connection', (client) => {
      client.on('message', (data, isBinary) => client.send(data, { binary: isBinary }));
    });
    await once(server, 'listening');
    url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });

  afterEach(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });

  /** The code of the close frame that ends the next connection; 1006 if none comes. */
  async function closeFrame(): Promise<unknown> {
    const [client] = (await once(server, 'connection')) as [WebSocket];
    const [code] = await once(client, 'close');
    return code;
  }

  it('sends a pipe line by line, prints what arrives and closes with the closing handshake', async () => {
    server.on('connection', (client) => client.once('message', () => client.send(Uint8Array.of(0, 127, 255))));
    const code = closeFrame();
    const demo = new Demo(url);
    demo.child.stdin.end('hello\n안녕하세요\nno newline at the end');
    expect(await demo.status(), demo.transcript).toBe(0);
    expect(await code).toBe(1000);
    expectInOrder(demo.transcript, [
      '← HTTP/1.1 101 Switching Protocols\n  Upgrade: websocket\n',
      '✓ closed with 1000',
    ]);
    expect(demo.lines('→ ')).toEqual(['hello', '안녕하세요', 'no newline at the end']);
    expect(demo.lines('← ').slice(1)).toEqual(['hello', '3 bytes: 007fff', '안녕하세요', 'no newline at the end']);
  });

  it('sends all of a long pipe', async () => {
    const code = closeFrame();
    const demo = new Demo(url);
    const lines = Array.from({ length: 50_000 }, (_, i) => `line ${i}`);
    demo.child.stdin.end(`${lines.join('\n')}\n`);
    expect(await demo.status()).toBe(0);
    expect(await code).toBe(1000);
    expect(demo.lines('← ').slice(1)).toEqual(lines);
  });

  it('says why a connection is lost and sends what is typed meanwhile over the next one', async () => {
    const demo = new Demo(url);
    demo.child.stdin.write('one\n');
    await demo.shows('← one');
    for (const client of server.clients) client.terminate();
    await demo.shows('✗ The connection ended without a close frame (RFC 6455 §7.1.5). Once more in 1 s.');
    demo.child.stdin.end('two\n');
    expect(await demo.status(), demo.transcript).toBe(0);
    expectInOrder(demo.transcript, [
      '(kept for the next connection)',
      '✓ connected again',
      '→ two',
      '← two',
      '✓ closed',
    ]);
  });

  it('closes on Ctrl-C', async () => {
    const code = closeFrame();
    const demo = new Demo(url);
    await demo.shows('101 Switching Protocols');
    demo.child.kill('SIGINT');
    expect(await demo.status()).toBe(0);
    expect(await code).toBe(1000);
  });

  it('ends on Ctrl-C between two connections', async () => {
    const demo = new Demo(url);
    await demo.shows('101 Switching Protocols');
    for (const client of server.clients) client.terminate();
    await demo.shows('Once more');
    demo.child.kill('SIGINT');
    expect(await demo.status()).toBe(0);
  });

  it('prints why the first connection failed, while the input is still open', async () => {
    server.close();
    await once(server, 'close');
    const demo = new Demo(url);
    expect(await demo.status()).toBe(1);
    expect(demo.transcript).toMatch(/^✗ The server could not be reached: .*ECONNREFUSED.*\.\n$/);
  });
});

describe('the command line', () => {
  it.each([
    ['of another scheme', ['http://127.0.0.1'], 'url has the scheme "http:": this is a client'],
    ['no URL', ['nonsense'], 'url is not an absolute URL'],
    ['one too many', ['ws://one', 'ws://two'], 'There is more than one URL.'],
    ['an unknown option', ['--nonsense'], "Unknown option '--nonsense'"],
  ])('refuses what is %s, with the usage', async (_name, parameters, sentence) => {
    const demo = new Demo(...parameters);
    expect(await demo.status()).toBe(2);
    expectInOrder(demo.transcript, [sentence, 'Usage: npm run demo']);
  });

  it('explains itself', async () => {
    const demo = new Demo('--help');
    expect(await demo.status()).toBe(0);
    expect(demo.transcript).toMatch(/^Usage: npm run demo/);
  });
});
