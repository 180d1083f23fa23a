// `opened` and `closed`, state by state: a row each, with how the connection came there and what both promises are then. And whom
// `using` closes.

import { setImmediate } from 'node:timers/promises';
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest';
import {
  AsyncTcpConnection,
  type ConnectionCloseEvent,
  HandshakeError,
  type HandshakeResponse,
  WsimdError,
} from '../../src/index';
import { type EventLog, record } from '../support/event-log';
import { SOON } from '../support/policies';
import { CLOSE, closeFrame, frame, type RawPeer, TEXT } from '../support/raw-peer';
import { closedPort, type RawTestServer, rawServer } from '../support/servers';
import { unheard } from '../support/unheard';

interface Scene {
  readonly connection: AsyncTcpConnection;
  readonly log: EventLog;
  readonly server: RawTestServer;
  /** Until it is open. */
  open(): Promise<RawPeer>;
  /** Until its server has refused it, which ends the attempt. */
  refuse(): Promise<void>;
  closed(times?: number): Promise<unknown>;
}

async function scene(): Promise<Scene> {
  const server = await rawServer('ws');
  const connection = server.client();
  connection.lingerTimeout = 0.05;
  const log = record(connection);
  return {
    connection,
    log,
    server,
    open: async () => {
      connection.connect();
      const peer = await server.acceptedPeer();
      await log.until(() => connection.getStatus(false) === 'ESTABLISHED');
      return peer;
    },
    refuse: async () => {
      const peer = await server.peer();
      await peer.readHead();
      peer.socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
    },
    closed: (times = 1) => log.until(({ closings }) => closings.length >= times),
  };
}

/** The peer closes with this code, and is answered. */
async function peerCloses(peer: RawPeer, code?: number): Promise<void> {
  peer.write(code === undefined ? frame(CLOSE, '') : closeFrame(code));
  await peer.readFrameOf(CLOSE);
  peer.socket.end();
}

/** 'pending', or what it has settled with, once everything that is due has happened. */
async function stateOf(promise: Promise<HandshakeResponse | ConnectionCloseEvent>): Promise<string> {
  const settled = promise.then(
    (value) => ('status' in value ? `${value.status}` : `close ${value.code}`),
    (error: WsimdError) => error.code,
  );
  const late = (async () => {
    await setImmediate();
    await setImmediate();
    return 'pending';
  })();
  return Promise.race([settled, late]);
}

const states = async ({ connection }: Scene): Promise<string[]> => [
  await stateOf(connection.opened),
  await stateOf(connection.closed),
];

type Row = readonly [state: string, opened: string, closed: string, come: (scene: Scene) => Promise<unknown>];

const LOST = 'WS_ERR_ENDED';
const PENDING = 'pending';

const ROWS: readonly Row[] = [
  ['INITIAL', PENDING, PENDING, async () => {}],
  ['INITIAL, closed before it was begun', PENDING, PENDING, async ({ connection }) => connection.close()],
  ['INITIAL, reConnect() waits', PENDING, PENDING, async ({ connection }) => connection.reConnect(1_000)],
  [
    'INITIAL again, a reConnect() called off',
    PENDING,
    PENDING,
    async ({ connection }) => {
      connection.reConnect(1_000);
      connection.cancelReconnect();
    },
  ],
  ['CONNECTING', PENDING, PENDING, async ({ connection }) => connection.connect()],
  ['ESTABLISHED', '101', PENDING, ({ open }) => open()],
  [
    'CLOSING, by us',
    PENDING,
    PENDING,
    async ({ connection, open }) => {
      await open();
      connection.close();
    },
  ],
  [
    'ENDING, by us',
    PENDING,
    PENDING,
    async ({ connection, open }) => {
      connection.lingerTimeout = 5;
      await open();
      connection.end();
    },
  ],
  [
    'CLOSED for good, by destroy()',
    'WS_ERR_CLOSED',
    'close 1006',
    async ({ connection, open }) => {
      await open();
      connection.destroy();
    },
  ],
  [
    'CLOSED for good, by close()',
    'WS_ERR_CLOSED',
    'close 1000',
    async ({ connection, open, closed }) => {
      const peer = await open();
      connection.close();
      await peer.readFrameOf(CLOSE);
      peer.write(closeFrame(1000));
      peer.socket.end();
      await closed();
    },
  ],
  [
    'CLOSED for good, close() on its way',
    'WS_ERR_CLOSED',
    'close 1006',
    async ({ connection }) => {
      connection.connect();
      connection.close();
    },
  ],
  [
    'CLOSED for good, by the peer’s 1011',
    'WS_ERR_CLOSED',
    'close 1011',
    async ({ open, closed }) => {
      await peerCloses(await open(), 1011);
      await closed();
    },
  ],
  [
    'CLOSED for good, lost',
    LOST,
    'close 1006',
    async ({ open, closed }) => {
      (await open()).socket.end();
      await closed();
    },
  ],
  [
    'CLOSED for good, refused',
    'WS_ERR_HANDSHAKE_STATUS',
    'close 1006',
    async ({ connection, refuse, closed }) => {
      connection.connect();
      await refuse();
      await closed();
    },
  ],
  [
    'CLOSED, the policy waits',
    PENDING,
    PENDING,
    async ({ connection, open, log }) => {
      connection.reconnectPolicy = { minDelay: 1_000, maxDelay: 1_000, jitter: 0 };
      (await open()).socket.end();
      await log.until('reconnect 1');
    },
  ],
  [
    'CLOSED for good, the policy’s attempt called off',
    LOST,
    'close 1006',
    async ({ connection, open, log }) => {
      connection.reconnectPolicy = { minDelay: 1_000, maxDelay: 1_000, jitter: 0 };
      (await open()).socket.end();
      await log.until('reconnect 1');
      connection.cancelReconnect();
    },
  ],
  [
    'CLOSED for good, close() while the policy waits',
    LOST,
    'close 1006',
    async ({ connection, open, log }) => {
      connection.reconnectPolicy = { minDelay: 1_000, maxDelay: 1_000, jitter: 0 };
      (await open()).socket.end();
      await log.until('reconnect 1');
      connection.close();
    },
  ],
  [
    'CONNECTING, an attempt of the policy',
    PENDING,
    PENDING,
    async ({ connection, open, log, server }) => {
      connection.reconnectPolicy = SOON;
      (await open()).socket.end();
      await log.until('reconnect 1');
      await server.peer();
    },
  ],
  [
    'CLOSED for good, the policy has given up',
    'WS_ERR_HANDSHAKE_STATUS',
    'close 1006',
    async ({ connection, refuse, log }) => {
      connection.reconnectPolicy = SOON;
      connection.connect();
      await refuse();
      await log.until('reconnect failed');
    },
  ],
  [
    'CLOSED, reConnect() of onClose waits',
    PENDING,
    PENDING,
    async ({ connection, open, log }) => {
      connection.onClose = () => {
        connection.reConnect(1_000);
        log.write('waits');
      };
      (await open()).socket.end();
      await log.until('waits');
    },
  ],
  [
    'CONNECTING again, by onReconnectFailed',
    PENDING,
    PENDING,
    async ({ connection, refuse, server }) => {
      connection.reconnectPolicy = { maxRetries: 0 };
      connection.onReconnectFailed = () => connection.connect();
      connection.connect();
      await refuse();
      await server.peer();
    },
  ],
  [
    'CONNECTING again, by connect() behind destroy()',
    PENDING,
    PENDING,
    async ({ connection, open }) => {
      await open();
      connection.destroy();
      connection.connect();
    },
  ],
  [
    'CONNECTING again, by connect() while it was CLOSING',
    PENDING,
    PENDING,
    async ({ connection, open }) => {
      await open();
      connection.close();
      connection.connect();
    },
  ],
  [
    'CONNECTING again, long after it was CLOSED for good',
    PENDING,
    PENDING,
    async ({ connection, open }) => {
      await open();
      connection.destroy();
      await setImmediate();
      connection.connect();
    },
  ],
  [
    'ESTABLISHED again',
    '101',
    PENDING,
    async ({ connection, open }) => {
      await open();
      connection.destroy();
      await setImmediate();
      await open();
    },
  ],
  [
    'INITIAL again: settings that have become invalid ended the attempt of reConnect()',
    'WS_ERR_CONNECT',
    'close 1006',
    async ({ connection, closed }) => {
      const headers = { a: 'right' };
      connection.headers = headers;
      headers.a = 'wrong\n';
      connection.reConnect(0.001);
      await closed();
    },
  ],
];

describe('opened and closed', () => {
  it.each(ROWS)('%s: %s, %s', async (_state, opened, closed, come) => {
    const nobodys = unheard();
    const one = await scene();
    await come(one);
    expect(await states(one)).toEqual([opened, closed]);
    // The same ones, as long as nothing happens.
    const { connection } = one;
    expect([connection.opened, connection.closed]).toEqual([connection.opened, connection.closed]);
    expect(connection.opened).toBe(connection.opened);
    expect(connection.closed).toBe(connection.closed);
    expect(nobodys).toEqual([]);
  });

  it.each(ROWS)('asked for at the very beginning, and %s: no less', async (_state, _opened, closed, come) => {
    const nobodys = unheard();
    const one = await scene();
    const { connection } = one;
    const [first, last] = [connection.opened, connection.closed];
    await come(one);
    // What has been open has opened; what never was, and is closed for good, rejects.
    const wasOpen = one.log.response !== undefined;
    const told = one.log.closings.at(-1)?.error?.code ?? 'WS_ERR_CLOSED';
    expect(await stateOf(first)).toBe(wasOpen ? '101' : closed === PENDING ? PENDING : told);
    const isOverOnce = closed !== PENDING || /long after|ESTABLISHED again/.test(_state);
    expect(await stateOf(last)).toBe(isOverOnce ? `close ${one.log.closings[0]!.code}` : PENDING);
    expect(nobodys).toEqual([]);
  });

  it('have the response and the event that callbacks get, and are typed so', async () => {
    const { connection, log, open } = await scene();
    expectTypeOf(connection.opened).toEqualTypeOf<Promise<HandshakeResponse>>();
    expectTypeOf(connection.closed).toEqualTypeOf<Promise<ConnectionCloseEvent>>();
    const [opened, closed] = [connection.opened, connection.closed];
    let event: ConnectionCloseEvent | undefined;
    connection.onClose = (_, told) => {
      event = told;
    };
    await open();
    expect(await opened).toBe(log.response);
    connection.destroy();
    expect(await closed).toBe(event);
  });

  it('opened is made of the head, where it is asked for later', async () => {
    const { connection, log, open } = await scene();
    await open();
    const response = await connection.opened;
    expect(String(response)).toBe(String(log.response));
    expect(Object.keys(response).sort()).toEqual(Object.keys(log.response!).sort());
    expect({ ...response, toString: 0 }).toEqual({ ...log.response, toString: 0 });
  });

  it('opened rejects with the HandshakeError of a refusal', async () => {
    const { connection, refuse } = await scene();
    connection.connect();
    const { opened } = connection;
    await refuse();
    const error = await opened.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HandshakeError);
    expect((error as HandshakeError).response.status).toBe(403);
  });

  it.each([
    [1011, 'The connection is closed: the peer closed with 1011 "no \\x0aroom".'],
    [undefined, 'The connection is closed: the peer closed without a code.'],
    ['ours', 'The connection is closed: close(), end() or destroy() was called.'],
  ])('opened rejects with a reason that says who closed: %s', async (who, message) => {
    const { connection, open, closed } = await scene();
    const peer = await open();
    if (who === 'ours') connection.destroy();
    else {
      peer.write(who === undefined ? frame(CLOSE, '') : closeFrame(who as number, 'no \nroom'));
      await peer.readFrameOf(CLOSE);
      peer.socket.end();
    }
    await closed();
    const error = await connection.opened.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(WsimdError);
    expect((error as WsimdError).message).toBe(message);
  });

  it('opened over attempts of the policy is the first success', async () => {
    const { connection, refuse, server } = await scene();
    connection.reconnectPolicy = { ...SOON, shouldReconnect: () => true };
    connection.connect();
    const { opened } = connection;
    await refuse();
    await refuse();
    await server.acceptedPeer();
    expect((await opened).status).toBe(101);
  });

  it('opened gives the time to ask for what came along with the answer', async () => {
    const { connection, server } = await scene();
    connection.onMessage = null;
    connection.connect();
    const peer = server.peer();
    const greeting = peer.then(async (one) => one.accept(frame(TEXT, 'greeting'), frame(TEXT, 'more')));
    await connection.opened;
    const heard: unknown[] = [];
    const whole = new Promise<void>((resolve) => {
      connection.onMessage = (_, data) => {
        heard.push(data);
        if (heard.length === 2) resolve();
      };
    });
    await whole;
    await greeting;
    expect(heard).toEqual(['greeting', 'more']);
  });

  it('and a pause of the user behind it remains one', async () => {
    const { connection, log, server } = await scene();
    connection.onWebSocketConnect = () => connection.pauseRecv();
    connection.connect();
    const peer = server.peer();
    await Promise.all([connection.opened, peer.then((one) => one.accept(frame(TEXT, 'held')))]);
    await setImmediate();
    await setImmediate();
    expect(log.messages).toEqual([]);
    connection.resumeRecv();
    await log.until('message held');
  });

  it('closed of one that is lost to nobody that listens', async () => {
    const connection = new AsyncTcpConnection(`ws://127.0.0.1:${await closedPort()}`);
    connection.connect();
    expect((await connection.closed).error?.code).toBe('WS_ERR_CONNECT');
  });
});

describe('disposal', () => {
  it('[Symbol.asyncDispose]() closes with the handshake, and resolves when it is closed', async () => {
    const { connection, log, open } = await scene();
    const peer = await open();
    const disposed = connection[Symbol.asyncDispose]();
    expect(connection.getStatus(false)).toBe('CLOSING');
    await peer.readFrameOf(CLOSE);
    expect(log.closings).toEqual([]);
    peer.write(closeFrame(1000));
    peer.socket.end();
    await disposed;
    expect(log.closings).toMatchObject([{ code: 1000, wasClean: true }]);
    await connection[Symbol.asyncDispose]();
  });

  it('[Symbol.asyncDispose]() resolves at once in INITIAL and CLOSED, and calls off a reconnect', async () => {
    const { connection, server, open } = await scene();
    await connection[Symbol.asyncDispose]();
    connection.reConnect(0.005);
    await connection[Symbol.asyncDispose]();
    await open();
    connection.destroy();
    connection.reConnect(0.005);
    await connection[Symbol.asyncDispose]();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(server.count).toBe(1);
  });

  it('[Symbol.asyncDispose]() of an attempt gives it up', async () => {
    const { connection, log } = await scene();
    connection.connect();
    await connection[Symbol.asyncDispose]();
    expect(log.events).toEqual(['close 1006']);
  });

  it('[Symbol.asyncDispose]() waits for the connection that it closes, and not for one that onClose begins', async () => {
    const { connection, open, server } = await scene();
    connection.closeTimeout = 0.02;
    await open();
    connection.onClose = () => connection.reConnect(0);
    await connection[Symbol.asyncDispose]();
    await server.peer();
    connection.onClose = null;
  });

  it('[Symbol.dispose]() destroys', async () => {
    const { connection, log, open } = await scene();
    const peer = await open();
    connection[Symbol.dispose]();
    expect(log.events.at(-1)).toBe('close 1006');
    await expect(peer.read(1)).rejects.toThrow('ended');
  });

  it('is what `using` asks for', async () => {
    const { connection, log, open } = await scene();
    onTestFinished(() => connection.destroy());
    const peer = await open();
    await (async () => {
      await using one = connection;
      one.send('last');
      void (async () => {
        await peer.readFrameOf(CLOSE);
        peer.write(closeFrame(1000));
        peer.socket.end();
      })();
    })();
    expect(log.events.at(-1)).toBe('close 1000');
  });

  it('is not there where the runtime has no such symbols', () => {
    const names = Object.getOwnPropertyNames(AsyncTcpConnection.prototype);
    expect(names).not.toContain('undefined');
    expect(Object.getOwnPropertyDescriptor(AsyncTcpConnection.prototype, Symbol.asyncDispose)?.enumerable).toBe(false);
  });
});
