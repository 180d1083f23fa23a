// reConnect() and cancelReconnect() wherever they can be called: in every state, and from every callback. What the policy does by
// itself is callback/reconnector-policy.test.ts' business.

import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { AsyncTcpConnection } from '../../src/index';
import { type Callbacks, type EventLog, record } from '../support/event-log';
import type { RawPeer } from '../support/raw-peer';
import { closedPort, type RawTestServer, rawServer } from '../support/servers';
import { WHOLE_LIFE, wholeLife } from '../support/whole-life';

vi.mock('../../src/runtime/tasks', async (real) => (await import('../support/clock')).onFakeTimers(await real()));

interface Led {
  readonly connection: AsyncTcpConnection;
  readonly log: EventLog;
  readonly server: RawTestServer;
  /** Of a connection that is not over. */
  readonly peer: RawPeer | undefined;
}

const STATES = ['INITIAL', 'CONNECTING', 'ESTABLISHED', 'ENDING', 'CLOSING', 'CLOSED'] as const;

/** A connection in this state, and there to stay until something is done. */
async function ledTo(state: (typeof STATES)[number]): Promise<Led> {
  const server = await rawServer('ws');
  const connection = server.client();
  connection.lingerTimeout = 1000;
  connection.closeTimeout = 1000;
  const log = record(connection);
  let peer: RawPeer | undefined;
  if (state !== 'INITIAL') {
    connection.connect();
    peer = await server.peer();
    await log.until('connect');
    if (state !== 'CONNECTING') {
      await peer.accept();
      await log.until('open 101');
    }
  }
  if (state === 'ENDING') connection.end();
  if (state === 'CLOSING') connection.close();
  if (state === 'CLOSED') connection.destroy();
  expect(connection.getStatus(false)).toBe(state);
  return { connection, log, server, peer };
}

/** From here on timers wait for the test to let time pass. */
function standStill(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
}

afterEach(() => {
  vi.useRealTimers();
});

/** Behind every timer of `seconds` that was set before. */
const passed = (seconds: number): Promise<void> => setTimeout(seconds * 1000 + 20);

describe('reConnect() in the state', () => {
  it.each(['INITIAL', 'CLOSED'] as const)('%s connects', async (state) => {
    const { connection, log, server } = await ledTo(state);
    const before = log.events.length;
    connection.reConnect(0.01);
    expect(connection.getStatus(false)).toBe(state);
    await server.acceptedPeer();
    await log.until(({ events }) => events.at(-1) === 'open 101');
    expect(log.events.slice(before)).toEqual(['connect', 'open 101']);
  });

  it.each(['ENDING', 'CLOSING'] as const)(
    '%s makes that connection give way: its onClose comes first',
    async (state) => {
      const { connection, log, server } = await ledTo(state);
      connection.reConnect(0.01);
      expect(connection.getStatus(false)).toBe(state);
      await server.acceptedPeer();
      await log.until('open 101', 2);
      expect(log.events).toEqual(['connect', 'open 101', 'close 1006', 'connect', 'open 101']);
      expect(log.outlooks).toEqual([{ attempt: 0, willReconnect: false }]);
    },
  );

  it.each(['CONNECTING', 'ESTABLISHED'] as const)(
    '%s does nothing when its time comes, and nothing when that connection is gone',
    async (state) => {
      const { connection, log, server, peer } = await ledTo(state);
      connection.reConnect();
      await passed(0);
      expect(connection.getStatus(false)).toBe(state);
      if (state === 'CONNECTING') await peer!.accept();
      await log.until('open 101');
      peer!.socket.destroy();
      await log.until('close 1006');
      await passed(0);
      expect(connection.getStatus(false)).toBe('CLOSED');
      expect([log.events, server.count]).toEqual([['connect', 'open 101', 'close 1006'], 1]);
    },
  );

  it.each(['CONNECTING', 'ESTABLISHED', 'ENDING', 'CLOSING'] as const)(
    '%s connects when its time comes behind the end of that connection',
    async (state) => {
      standStill();
      const { connection, log, server, peer } = await ledTo(state);
      connection.reConnect(60);
      peer!.socket.destroy();
      await log.until('close 1006');
      vi.advanceTimersByTime(59_999);
      expect(connection.getStatus(false)).toBe('CLOSED');
      vi.advanceTimersByTime(1);
      await server.acceptedPeer();
      await log.until(({ events }) => events.at(-1) === 'open 101');
      expect(server.count).toBe(2);
    },
  );
});

describe('cancelReconnect() in the state', () => {
  it.each(STATES)('%s calls off what waits, and nothing else', async (state) => {
    const { connection, log, server } = await ledTo(state);
    const events = [...log.events];
    connection.cancelReconnect();
    connection.reConnect(0.01);
    connection.cancelReconnect();
    connection.cancelReconnect();
    await passed(0.01);
    expect(connection.getStatus(false)).toBe(state);
    expect(log.events).toEqual(events);
    expect(server.count).toBe(state === 'INITIAL' ? 0 : 1);
  });
});

describe('called by', () => {
  /** A whole life, on a clock that stands still, in which each call of this callback does the same. */
  async function livedWith(
    name: keyof Callbacks,
    action: (connection: AsyncTcpConnection) => void,
  ): Promise<{ connection: AsyncTcpConnection; events: string[] }> {
    standStill();
    let connection: AsyncTcpConnection | undefined;
    const { events } = await wholeLife('ws', (itself) => {
      connection = itself;
      return { [name]: () => action(itself) };
    });
    return { connection: connection!, events: [...events] };
  }

  const callbacks = [...new Set(WHOLE_LIFE.map(([name]) => name))];
  const undisturbed = WHOLE_LIFE.map(([, line]) => line);

  it.each(callbacks)('%s, reConnect(60) disturbs nothing, and connects when its time comes', async (name) => {
    const { connection, events } = await livedWith(name, (connection) => connection.reConnect(60));
    expect(events).toEqual(undisturbed);
    vi.advanceTimersByTime(59_999);
    expect(connection.getStatus(false)).toBe('CLOSED');
    vi.advanceTimersByTime(1);
    expect(connection.getStatus(false)).toBe('CONNECTING');
  });

  it.each(callbacks)('%s, cancelReconnect() disturbs nothing, and calls that off', async (name) => {
    const { connection, events } = await livedWith(name, (connection) => {
      connection.reConnect(60);
      connection.cancelReconnect();
    });
    expect(events).toEqual(undisturbed);
    vi.advanceTimersByTime(1_000_000);
    expect(connection.getStatus(false)).toBe('CLOSED');
  });

  it('onReconnect, reConnect(60) takes the place of what the policy wanted', async () => {
    const { connection } = await refusedWith({ onReconnect: (connection) => connection.reConnect(60) });
    vi.advanceTimersByTime(59_999);
    expect(connection.getStatus(false)).toBe('CLOSED');
    vi.advanceTimersByTime(1);
    expect(connection.getStatus(false)).toBe('CONNECTING');
  });

  it('onReconnect, cancelReconnect() calls off what the policy wanted', async () => {
    const { connection } = await refusedWith({ onReconnect: (connection) => connection.cancelReconnect() });
    vi.advanceTimersByTime(1_000_000);
    expect(connection.getStatus(false)).toBe('CLOSED');
  });

  it('onReconnectFailed, reConnect(60) connects all the same, and cancelReconnect() calls that off', async () => {
    const { connection } = await refusedWith({ onReconnectFailed: (connection) => connection.reConnect(60) }, 0);
    vi.advanceTimersByTime(59_999);
    expect(connection.getStatus(false)).toBe('CLOSED');
    vi.advanceTimersByTime(1);
    expect(connection.getStatus(false)).toBe('CONNECTING');
    const { connection: other } = await refusedWith(
      {
        onReconnectFailed: (connection) => {
          connection.reConnect(60);
          connection.cancelReconnect();
        },
      },
      0,
    );
    vi.advanceTimersByTime(1_000_000);
    expect(other.getStatus(false)).toBe('CLOSED');
  });

  /** A policy whose first connection was refused, on a clock that stands still. */
  async function refusedWith(callbacks: Callbacks, maxRetries = 5): Promise<{ connection: AsyncTcpConnection }> {
    standStill();
    const connection = new AsyncTcpConnection(`ws://127.0.0.1:${await closedPort()}`);
    onTestFinished(() => connection.destroy());
    connection.reconnectPolicy = { jitter: 0, maxRetries };
    const log = record(connection, callbacks);
    connection.connect();
    await log.until(({ events }) => events.at(-1) === (maxRetries === 0 ? 'reconnect failed' : 'reconnect 1'));
    // The line is written before the test's own callback is called.
    await Promise.resolve();
    return { connection };
  }
});
