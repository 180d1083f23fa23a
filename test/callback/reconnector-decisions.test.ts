// Who decides what follows the end of a connection that has a policy: the program, wherever it calls a method. On a clock that
// stands still; the policy's own delay is one second.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AsyncTcpConnection } from '../../src/index';
import type { Callbacks, EventLog } from '../support/event-log';
import { begun, begunInVain } from '../support/policies';
import { frame } from '../support/raw-peer';

vi.mock('../../src/runtime/tasks', async (real) => (await import('../support/clock')).onFakeTimers(await real()));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

const ONE_SECOND = { minDelay: 1, factor: 1, jitter: 0 };

type Action = (connection: AsyncTcpConnection) => void;

const ENDINGS: readonly (readonly [name: string, action: Action])[] = [
  ['close()', (connection) => connection.close()],
  ['end()', (connection) => connection.end()],
  ['destroy()', (connection) => connection.destroy()],
];
const CALLED_OFF: typeof ENDINGS = [...ENDINGS, ['cancelReconnect()', (connection) => connection.cancelReconnect()]];

/** The action is done in the first of these callbacks, and never again. */
function once(name: keyof Callbacks, action: Action): Callbacks {
  let isDone = false;
  return {
    [name]: (connection: AsyncTcpConnection) => {
      if (isDone) return;
      isDone = true;
      action(connection);
    },
  };
}

/** Nothing is behind the last line, however long one waits. */
function expectTheEnd(connection: AsyncTcpConnection, log: EventLog, lines: readonly string[]): void {
  vi.advanceTimersByTime(10_000_000);
  expect(connection.getStatus(false)).toBe('CLOSED');
  expect(log.events).toEqual(lines);
}

/** The next attempt begins in so many seconds, not earlier. */
function expectNextIn(connection: AsyncTcpConnection, seconds: number): void {
  vi.advanceTimersByTime(seconds * 1000 - 1);
  expect(connection.getStatus(false)).toBe('CLOSED');
  vi.advanceTimersByTime(1);
  expect(connection.getStatus(false)).toBe('CONNECTING');
}

const REFUSED = ['error CONNECT_FAIL', 'close 1006'];

describe('in onError', () => {
  it.each(ENDINGS)('%s: onClose says so, and nothing follows', async (_, action) => {
    const { connection, log } = await begunInVain(ONE_SECOND, once('onError', action));
    await log.until('close 1006');
    expectTheEnd(connection, log, REFUSED);
    expect(log.outlooks).toEqual([{ attempt: 0, willReconnect: false }]);
  });

  it.each(ENDINGS)('%s behind a broken protocol: onClose says so, and nothing follows', async (_, action) => {
    const { connection, log, server } = await begun(
      { ...ONE_SECOND, shouldReconnect: () => true },
      'ws',
      once('onError', action),
    );
    const peer = await server.acceptedPeer();
    peer.write(frame(0xff));
    peer.socket.end();
    await log.until('close 1006');
    expectTheEnd(connection, log, ['connect', 'open 101', 'error PROTOCOL_ERROR', 'close 1006']);
    expect(log.outlooks).toEqual([{ attempt: 0, willReconnect: false }]);
  });

  it.each<[string, Action]>([
    ['connect()', (connection) => connection.connect()],
    ['cancelReconnect()', (connection) => connection.cancelReconnect()],
  ])('%s has nothing to do yet: the policy goes on', async (_, action) => {
    const { connection, log } = await begunInVain(ONE_SECOND, once('onError', action));
    await log.until('reconnect 1');
    expect(log.events).toEqual([...REFUSED, 'reconnect 1']);
    expect(log.outlooks).toEqual([{ attempt: 0, willReconnect: true }]);
    expectNextIn(connection, 1);
  });

  it('reConnect(60): then, and not when the policy would have', async () => {
    const { connection, log } = await begunInVain(
      ONE_SECOND,
      once('onError', (connection) => connection.reConnect(60)),
    );
    await log.until('close 1006');
    expect(log.outlooks).toEqual([{ attempt: 0, willReconnect: true }]);
    expectNextIn(connection, 60);
    expect(log.events).toEqual(REFUSED);
  });
});

describe('in onClose', () => {
  it.each(CALLED_OFF)('%s: nothing follows', async (_, action) => {
    const { connection, log } = await begunInVain(ONE_SECOND, once('onClose', action));
    await log.until('close 1006');
    expectTheEnd(connection, log, REFUSED);
    // What it would have done.
    expect(log.outlooks).toEqual([{ attempt: 0, willReconnect: true }]);
  });

  it.each(CALLED_OFF)('%s: and the policy does not say that it gave up', async (_, action) => {
    const { connection, log } = await begunInVain({ ...ONE_SECOND, maxRetries: 0 }, once('onClose', action));
    await log.until('close 1006');
    expectTheEnd(connection, log, REFUSED);
    expect(log.outlooks).toEqual([{ attempt: 0, willReconnect: false }]);
  });

  it('connect(): at once, once, and counted anew', async () => {
    const { connection, log } = await begunInVain(
      ONE_SECOND,
      once('onClose', (connection) => connection.connect()),
    );
    await log.until('reconnect 1');
    expect(log.events).toEqual([...REFUSED, ...REFUSED, 'reconnect 1']);
    expect(log.outlooks.map(({ attempt }) => attempt)).toEqual([0, 0]);
    expectNextIn(connection, 1);
  });

  it('reConnect(60): then, and not when the policy would have', async () => {
    const { connection, log } = await begunInVain(
      ONE_SECOND,
      once('onClose', (connection) => connection.reConnect(60)),
    );
    await log.until('close 1006');
    expectNextIn(connection, 60);
    await log.until('reconnect 2');
    expect(log.events).toEqual([...REFUSED, ...REFUSED, 'reconnect 2']);
    expect(log.outlooks.map(({ attempt }) => attempt)).toEqual([0, 1]);
  });

  it('reConnect(60) behind the last attempt of a policy: it does not say that it gave up', async () => {
    const { connection, log } = await begunInVain(
      { ...ONE_SECOND, maxRetries: 0 },
      once('onClose', (connection) => connection.reConnect(60)),
    );
    await log.until('close 1006');
    expectNextIn(connection, 60);
    await log.until('reconnect failed');
    expect(log.events).toEqual([...REFUSED, ...REFUSED, 'reconnect failed']);
  });

  it('an exception is told, and the policy goes on', async () => {
    const { connection, log } = await begunInVain(
      ONE_SECOND,
      once('onClose', () => {
        throw new Error('mine');
      }),
    );
    await log.until('reconnect 1');
    expect(log.events).toEqual([...REFUSED, 'error CALLBACK_EXCEPTION', 'reconnect 1']);
    expectNextIn(connection, 1);
  });
});

describe.each<[string, (action: Action) => Promise<{ connection: AsyncTcpConnection; log: EventLog }>]>([
  [
    'in onReconnect',
    async (action) => {
      const { connection, log } = await begunInVain(ONE_SECOND, once('onReconnect', action));
      await log.until('reconnect 1');
      return { connection, log };
    },
  ],
  [
    'during the wait',
    async (action) => {
      const { connection, log } = await begunInVain(ONE_SECOND);
      await log.until('reconnect 1');
      vi.advanceTimersByTime(999);
      action(connection);
      return { connection, log };
    },
  ],
])('%s', (_, decidedBy) => {
  const waiting = [...REFUSED, 'reconnect 1'];

  it.each(CALLED_OFF)('%s: nothing follows, and no onReconnectFailed', async (_, action) => {
    const { connection, log } = await decidedBy(action);
    expectTheEnd(connection, log, waiting);
    expect(log.outlooks).toEqual([{ attempt: 0, willReconnect: true }]);
  });

  it('connect(): at once, once, and counted anew', async () => {
    const { connection, log } = await decidedBy((connection) => connection.connect());
    await log.until('reconnect 1', 2);
    expect(log.events).toEqual([...waiting, ...waiting]);
    expect(log.outlooks.map(({ attempt }) => attempt)).toEqual([0, 0]);
    expectNextIn(connection, 1);
  });

  it('reConnect(60): then, and not when the policy wanted', async () => {
    const { connection, log } = await decidedBy((connection) => connection.reConnect(60));
    expectNextIn(connection, 60);
    await log.until('reconnect 2');
    expect(log.outlooks.map(({ attempt }) => attempt)).toEqual([0, 1]);
  });
});

describe('another policy', () => {
  it('during the wait holds from the next end on: what was told is kept', async () => {
    const { connection, log } = await begunInVain(ONE_SECOND);
    await log.until('reconnect 1');
    connection.reconnectPolicy = () => 7;
    expectNextIn(connection, 1);
    await log.until('reconnect 2');
    expectNextIn(connection, 7);
  });

  it('none, during the wait: the attempt that was told is the last', async () => {
    const { connection, log } = await begunInVain(ONE_SECOND);
    await log.until('reconnect 1');
    connection.reconnectPolicy = undefined;
    expectNextIn(connection, 1);
    await log.until('close 1006', 2);
    expectTheEnd(connection, log, [...REFUSED, 'reconnect 1', ...REFUSED]);
    expect(log.outlooks[1]).toEqual({ attempt: 1, willReconnect: false });
  });

  it('in onError holds at once, in onClose from the next end on', async () => {
    const { connection, log } = await begunInVain(ONE_SECOND, {
      onError: (connection) => {
        connection.reconnectPolicy = () => 7;
      },
      onClose: (connection) => {
        connection.reconnectPolicy = undefined;
      },
    });
    await log.until('reconnect 1');
    expectNextIn(connection, 7);
  });

  it('after connect() holds for that connection, too', async () => {
    const { connection, log } = await begunInVain(() => -1);
    connection.reconnectPolicy = ONE_SECOND;
    await log.until('reconnect 1');
    expectNextIn(connection, 1);
  });
});

describe('settings that have become invalid during the wait', () => {
  it('end the attempt like any other failure, and onClose says that none follows', async () => {
    const { connection, log } = await begunInVain(ONE_SECOND);
    await log.until('reconnect 1');
    const headers: Record<string, string> = { 'X-Good': 'yes' };
    connection.headers = headers;
    headers['X-Bad'] = 'no\r\n';
    vi.advanceTimersByTime(1_000);
    vi.advanceTimersByTime(10_000_000);
    expect(log.events).toEqual([...REFUSED, 'reconnect 1', ...REFUSED, 'reconnect failed']);
    expect(log.outlooks[1]).toEqual({ attempt: 1, willReconnect: false });
    expect(log.errors[1]!.message).toContain('X-Bad');
  });
});
