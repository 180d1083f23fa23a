// An AbortSignal ends an attempt, wherever that is, and nothing else; and it is let go of when the attempt is over.

import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { AsyncTcpConnection, connect, type WsimdError } from '../../src/index';
import { type EventLog, record } from '../support/event-log';
import { frame, TEXT } from '../support/raw-peer';
import { closedPort, echoServer, rawServer, SCHEMES } from '../support/servers';

const listenersOf = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

function expectAborted(log: EventLog, lines: readonly string[], reason: unknown): void {
  expect(log.events).toEqual([...lines, 'error ABORTED', 'close 1006']);
  const error = log.errors[0]!.cause as WsimdError;
  expect([error.code, error.cause]).toEqual(['WS_ERR_ABORTED', reason]);
  expect(log.closings[0]!.error).toBe(error);
}

describe.each(SCHEMES)('over %s, a signal that is aborted', (scheme) => {
  it('before connect() ends the attempt as soon as connect() has returned, and dials nobody', async () => {
    const server = await rawServer(scheme);
    const reason = new Error('no longer wanted');
    const connection = server.client('/', { signal: AbortSignal.abort(reason) });
    const log = record(connection);
    connection.connect();
    expect([connection.getStatus(false), log.events]).toEqual(['CONNECTING', []]);
    await log.until('close 1006');
    expectAborted(log, [], reason);
    expect(log.errors[0]!.message).toBe('The attempt was given up, since its signal was aborted: no longer wanted.');
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.count).toBe(0);
  });

  it('while a provider is pending ends the attempt at once', async () => {
    const server = await rawServer(scheme);
    const controller = new AbortController();
    const connection = server.client('/', { signal: controller.signal });
    let resolve = (_headers: Record<string, string>): void => {};
    connection.headers = () =>
      new Promise((resolved) => {
        resolve = resolved;
      });
    const log = record(connection);
    connection.connect();
    controller.abort('a string');
    expectAborted(log, [], 'a string');
    resolve({});
    await new Promise((resolve) => setImmediate(resolve));
    expect([log.events.length, server.count, listenersOf(controller.signal)]).toEqual([2, 0, 0]);
  });

  it('while it dials ends the attempt at once', async () => {
    const server = await rawServer(scheme);
    const controller = new AbortController();
    const connection = server.client('/', { signal: controller.signal });
    const log = record(connection);
    connection.connect();
    controller.abort();
    expectAborted(log, [], controller.signal.reason);
    expect([connection.getStatus(false), listenersOf(controller.signal)]).toEqual(['CLOSED', 0]);
  });

  it('in onConnect ends the attempt before the request', async () => {
    const server = await rawServer(scheme);
    const controller = new AbortController();
    const connection = server.client('/', { signal: controller.signal });
    const log = record(connection, { onConnect: () => controller.abort() });
    connection.connect();
    await log.until('close 1006');
    expectAborted(log, ['connect'], controller.signal.reason);
    expect(connection.bytesWritten).toBe(0);
  });

  it('during the handshake ends the attempt at once, and the server sees the end', async () => {
    const server = await rawServer(scheme);
    const controller = new AbortController();
    const connection = server.client('/', { signal: controller.signal });
    const log = record(connection);
    connection.connect();
    const peer = await server.peer();
    await peer.readHead();
    controller.abort();
    expectAborted(log, ['connect'], controller.signal.reason);
    await peer.end();
    expect(listenersOf(controller.signal)).toBe(0);
  });

  it('when the connection is open does nothing, and ends the next attempt', async () => {
    const server = await rawServer(scheme);
    const controller = new AbortController();
    const connection = server.client('/', { signal: controller.signal });
    const log = record(connection);
    connection.connect();
    const peer = await server.acceptedPeer();
    await log.until('open 101');
    expect(listenersOf(controller.signal)).toBe(0);
    controller.abort();
    peer.write(frame(TEXT, 'still here'));
    await log.until('message still here');
    peer.socket.destroy();
    await log.until('close 1006');
    connection.connect();
    await log.until('close 1006', 2);
    expect(log.events.slice(-2)).toEqual(['error ABORTED', 'close 1006']);
  });
});

describe('with a policy', () => {
  it('an aborted signal is the end: no other attempt, although the policy would', async () => {
    const server = await rawServer('ws');
    const controller = new AbortController();
    const connection = server.client('/', { signal: controller.signal });
    connection.reconnectPolicy = { minDelay: 0.001, jitter: 0 };
    const log = record(connection, { onReconnect: () => controller.abort() });
    connection.connect();
    (await server.acceptedPeer()).socket.destroy();
    await log.until('reconnect failed');
    expect(log.events).toEqual([
      'connect',
      'open 101',
      'close 1006',
      'reconnect 1',
      'error ABORTED',
      'close 1006',
      'reconnect failed',
    ]);
    expect(log.outlooks).toEqual([
      { attempt: 0, willReconnect: true },
      { attempt: 1, willReconnect: false },
    ]);
  });
});

describe('with a policy, a signal', () => {
  it.each([
    ['of numbers', { minDelay: 0.001 }],
    ['that is a function', () => 0.001],
    ['that would decide otherwise', { shouldReconnect: () => true }],
  ])(
    'that was aborted while it was open is no reason to end it, and nothing comes behind that end: a policy %s',
    async (_, policy) => {
      const server = await rawServer('ws');
      const controller = new AbortController();
      const connection = server.client('/', { signal: controller.signal });
      connection.reconnectPolicy = policy;
      const log = record(connection);
      connection.connect();
      const peer = await server.acceptedPeer();
      await log.until('open 101');
      controller.abort();
      peer.write(frame(TEXT, 'still here'));
      await log.until('message still here');
      peer.socket.destroy();
      await log.until('reconnect failed');
      expect(log.events).toEqual(['connect', 'open 101', 'message still here', 'close 1006', 'reconnect failed']);
      expect(log.outlooks).toEqual([{ attempt: 0, willReconnect: false }]);
    },
  );

  it('that is a time-out for all attempts says why there was no connection', async () => {
    const port = await closedPort();
    const opening = connect(`ws://127.0.0.1:${port}`, {
      reconnectPolicy: { minDelay: 0.01, factor: 1, jitter: 0 },
      signal: AbortSignal.timeout(100),
    });
    await expect(opening).rejects.toMatchObject({
      code: 'WS_ERR_ABORTED',
      cause: { name: 'TimeoutError' },
      message: expect.stringMatching(new RegExp(`timeout, before that: .*ECONNREFUSED 127.0.0.1:${port}\\.$`)),
    });
  });
});

describe('a signal that serves 1,000 attempts', () => {
  const COUNT = 1_000;

  /** As many attempts, one behind the other, each ended by what the connection does; at most one listener at a time. */
  async function attempts(
    connection: AsyncTcpConnection,
    signal: AbortSignal,
    prepare: (connection: AsyncTcpConnection) => void = () => {},
  ): Promise<void> {
    let ended = 0;
    let most = 0;
    await new Promise<void>((resolve) => {
      const begin = (): void => {
        connection.connect();
        prepare(connection);
        most = Math.max(most, listenersOf(signal));
      };
      connection.onClose = () => {
        ended += 1;
        if (ended === COUNT) resolve();
        else setImmediate(begin);
      };
      begin();
    });
    expect(most).toBeLessThanOrEqual(1);
    expect(listenersOf(signal)).toBe(0);
  }

  it('that are given up has no listener left', async () => {
    const { signal } = new AbortController();
    const connection = (await rawServer('ws')).client('/', { signal });
    await attempts(connection, signal, (connection) => connection.destroy());
  });

  it('that are refused has no listener left', async () => {
    const { signal } = new AbortController();
    await attempts(new AsyncTcpConnection(`ws://127.0.0.1:${await closedPort()}`, { signal }), signal);
  });

  it('that succeed has no listener left', async () => {
    const { signal } = new AbortController();
    const connection = (await echoServer('ws')).client('/', { signal });
    connection.onWebSocketConnect = () => connection.destroy();
    await attempts(connection, signal);
  });

  it('at once ends them all, each once', () => {
    const controller = new AbortController();
    const connections = Array.from({ length: COUNT }, () => {
      const connection = new AsyncTcpConnection('ws://127.0.0.1', { signal: controller.signal });
      // Whose providers take their time.
      connection.headers = () => new Promise(() => {});
      return connection;
    });
    const logs = connections.map((connection) => record(connection));
    for (const connection of connections) connection.connect();
    expect(listenersOf(controller.signal)).toBe(1);
    controller.abort();
    for (const log of logs) expectAborted(log, [], controller.signal.reason);
    expect(listenersOf(controller.signal)).toBe(0);
  });
});
