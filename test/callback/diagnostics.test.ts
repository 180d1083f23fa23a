// What can be watched from outside: node:diagnostics_channel and the debug switch.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DiagnosticMessages } from '../../src/index';
import { ChildProgram } from '../support/child-program';
import { record } from '../support/event-log';
import { frame, PING } from '../support/raw-peer';
import { echoServer, rawServer } from '../support/servers';

type Name = keyof DiagnosticMessages;
const NAMES: readonly Name[] = ['open', 'close', 'error', 'ping', 'pong', 'reconnect'];

/** All that the channels tell from now on, by the name of each. */
function watch(): [Name, DiagnosticMessages[Name]][] {
  const told: [Name, DiagnosticMessages[Name]][] = [];
  for (const name of NAMES) {
    const listener = (message: unknown): unknown => told.push([name, message as DiagnosticMessages[Name]]);
    subscribe(`wsimd:${name}`, listener);
    onTestFinished(() => {
      unsubscribe(`wsimd:${name}`, listener);
    });
  }
  return told;
}

describe('the channels', () => {
  it('tell open, ping, pong, error, close and reconnect, with the connection and what it was told', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    connection.reconnectPolicy = { minDelay: 100, maxDelay: 100, jitter: 0 };
    const mistake = new Error('mine');
    const log = record(connection, {
      onWebSocketPong: () => {
        throw mistake;
      },
    });
    const told = watch();
    connection.connect();
    const peer = await server.acceptedPeer();
    await log.until('open 101');
    peer.write(frame(PING, 'ping'), frame(0x8a, 'pong'));
    await log.until('error CALLBACK_EXCEPTION');
    peer.socket.destroy();
    await log.until('reconnect 1');
    const [closing] = log.closings;
    expect(told).toEqual([
      ['open', { connection, response: log.response }],
      ['ping', { connection, payload: new Uint8Array(Buffer.from('ping')) }],
      ['pong', { connection, payload: new Uint8Array(Buffer.from('pong')), roundTrip: undefined }],
      ['error', { connection, error: expect.objectContaining({ code: 'WS_ERR_CALLBACK', cause: mistake }) }],
      ['close', { connection, event: { ...closing, attempt: 0, willReconnect: true, unconfirmed: 0 } }],
      ['reconnect', { connection, attempt: 1, delay: 100 }],
    ]);
  });

  it('tell the round trip of the heartbeat', async () => {
    const server = await echoServer('ws');
    const connection = server.client();
    connection.websocketPingInterval = 0.02;
    const told = watch();
    const log = record(connection);
    connection.connect();
    await log.until((log) => log.events.some((event) => event.startsWith('pong')));
    const pongs = told.filter(([name]) => name === 'pong').map(([, message]) => message as DiagnosticMessages['pong']);
    expect(pongs[0]!.roundTrip).toBe(connection.latency);
  });

  it('may be left at any time', async () => {
    const server = await echoServer('ws');
    const connection = server.client();
    const log = record(connection);
    let count = 0;
    const listener = (): void => {
      count += 1;
      unsubscribe('wsimd:open', listener);
    };
    subscribe('wsimd:open', listener);
    for (let round = 1; round <= 3; round += 1) {
      connection.connect();
      await log.until('open 101', round);
      connection.destroy();
    }
    expect(count).toBe(1);
  });
});

describe('an exception in a callback, where no onError is set', () => {
  it('is shown with its stack', async () => {
    const server = await echoServer('ws');
    const child = new ChildProgram(`
      import { AsyncTcpConnection } from 'wsimd';
      const connection = new AsyncTcpConnection('${server.url}');
      connection.onWebSocketConnect = function whereItThrows() {
        connection.destroy();
        throw new TypeError('what it says', { cause: new Error('behind it') });
      };
      connection.connect();
    `);
    expect(await child.exit).toBe(0);
    expect(child.output).toMatch(/TypeError: what it says\n\s+at .*whereItThrows.*behind it/s);
  });
});

describe('NODE_DEBUG=wsimd', () => {
  /** Talks to this server, and to one that is not there. */
  const program = (url: string): string => `
    import { AsyncTcpConnection } from 'wsimd';
    const connection = new AsyncTcpConnection('${url}/?token=secret');
    connection.headers = { Authorization: 'Bearer secret' };
    connection.onWebSocketConnect = () => connection.send('payload');
    connection.onMessage = () => connection.close();
    connection.onClose = () => new AsyncTcpConnection('ws://127.0.0.1:1/?token=secret').connect();
    connection.connect();
  `;

  it('writes a line for each event, with nothing in it that is secret', async () => {
    const server = await echoServer('ws');
    const child = new ChildProgram(program(server.url), { NODE_DEBUG: 'wsimd' });
    expect(await child.exit).toBe(0);
    const lines = child.output.trim().split('\n');
    expect(lines.map((line) => line.replace(/^WSIMD \d+: /, ''))).toEqual([
      `#1 open 127.0.0.1, 127.0.0.1:${server.port}`,
      '#1 close 1000, clean, attempt 0',
      '#2 error WS_ERR_CONNECT, TCP, 127.0.0.1, ' +
        'The server could not be reached: 127.0.0.1 port 1, connect ECONNREFUSED 127.0.0.1:1.',
      '#2 close 1006, not clean, attempt 0, WS_ERR_CONNECT',
    ]);
    expect(child.output).not.toMatch(/secret|payload/);
  });

  it('shows where a callback threw, and not what', async () => {
    const server = await echoServer('ws');
    const child = new ChildProgram(
      `
      import { AsyncTcpConnection } from 'wsimd';
      const connection = new AsyncTcpConnection('${server.url}');
      connection.onWebSocketConnect = function whereItThrows() {
        connection.destroy();
        throw new Error('secret');
      };
      connection.onError = () => {};
      connection.connect();
    `,
      { NODE_DEBUG: 'wsimd' },
    );
    expect(await child.exit).toBe(0);
    expect(child.output).toMatch(
      /#1 error WS_ERR_CALLBACK, closed, 127\.0\.0\.1, A callback threw an exception\.\n\s+at .*whereItThrows/,
    );
    expect(child.output).not.toContain('secret');
  });

  it('is silent without it', async () => {
    const server = await echoServer('ws');
    const child = new ChildProgram(program(server.url));
    expect(await child.exit).toBe(0);
    expect(child.output).toBe('');
  });
});
