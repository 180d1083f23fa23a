// The callbacks of AsyncTcpConnection, one test for each, named by what the documentation says of it: its name, its arguments,
// and when it comes, once. All are null until they are set. Other files test each of them deeply.

import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  AsyncTcpConnection,
  type ConnectionCloseEvent,
  type ErrorKind,
  HandshakeError,
  type HandshakeResponse,
  WsimdError,
} from '../../src/index';
import { CALLBACKS, type Callbacks, record } from '../support/event-log';
import { openTo } from '../support/hostile-peer';
import { BINARY, CLOSE, closeFrame, frame, PING, PONG, RawPeer, TEXT } from '../support/raw-peer';
import { closedPort, rawServer } from '../support/servers';

type Connection = AsyncTcpConnection;
type Name = keyof Callbacks;
/** What a callback gets. */
type Told<N extends Name> = Parameters<NonNullable<Connection[N]>>;

/** Keeps what the callback gets. */
function kept<N extends Name>(connection: AsyncTcpConnection, name: N): Told<N>[] {
  const calls: Told<N>[] = [];
  const before = connection[name] as ((...rest: Told<N>) => void) | null;
  connection[name] = ((...rest: Told<N>) => {
    calls.push(rest);
    before?.(...rest);
  }) as never;
  return calls;
}

/** A connection to where nobody listens, begun. */
async function refused(configure: (connection: AsyncTcpConnection) => void) {
  const connection = new AsyncTcpConnection(`ws://127.0.0.1:${await closedPort()}`);
  const log = record(connection);
  configure(connection);
  return { connection, log };
}

describe('a callback', () => {
  it('is null until it is set, and may be null again', async () => {
    const connection = new AsyncTcpConnection('ws://127.0.0.1:9');
    for (const name of [...CALLBACKS, 'onReconnect', 'onReconnectFailed'] as const) expect(connection[name]).toBeNull();
    const opened = await openTo();
    opened.connection.onMessage = null;
    opened.peer.write(frame(TEXT, 'unheard'), frame(PONG, 'heard'));
    await opened.log.until('pong heard');
    expect(opened.log.messages).toEqual([]);
  });

  it('gets the connection first', async () => {
    expectTypeOf<Told<Name>[0]>().toEqualTypeOf<Connection>();
    const { connection, log } = await refused(() => {});
    const [errors, closings] = [kept(connection, 'onError'), kept(connection, 'onClose')];
    connection.connect();
    await log.until('close 1006');
    expect([errors[0]![0], closings[0]![0]]).toEqual([connection, connection]);
  });
});

describe('callbacks of the way in', () => {
  it('onConnect (connection): TCP is up, before the handshake request; again at every reconnect', async () => {
    expectTypeOf<Told<'onConnect'>>().toEqualTypeOf<[Connection]>();
    const server = await rawServer('ws');
    const connection = server.client();
    const written: number[] = [];
    const log = record(connection, { onConnect: ({ bytesWritten }) => written.push(bytesWritten) });
    connection.connect();
    const head = await (await server.peer()).readHead();
    connection.destroy();
    connection.connect();
    await (await server.peer()).readHead();
    expect(written).toEqual([0, head.length]);
    expect(log.events).toEqual(['connect', 'close 1006', 'connect']);
  });

  it('onWebSocketConnect (connection, response): 101 accepted; what was queued is sent after it', async () => {
    expectTypeOf<Told<'onWebSocketConnect'>>().toEqualTypeOf<[Connection, HandshakeResponse]>();
    const server = await rawServer('ws');
    const connection = server.client();
    connection.websocketClientProtocol = 'chat';
    const log = record(connection, { onWebSocketConnect: (connection) => connection.send('greeting') });
    connection.send('queued');
    connection.connect();
    const peer = await server.peer();
    const answer = RawPeer.answer(await peer.readHead(), 'Sec-WebSocket-Protocol: chat', 'X-Server: test');
    peer.write(Buffer.from(answer));
    expect((await peer.readFrame()).payload.toString()).toBe('greeting');
    expect((await peer.readFrame()).payload.toString()).toBe('queued');
    expect(log.response).toMatchObject({
      status: 101,
      statusText: 'Switching Protocols',
      protocol: 'chat',
      extensions: '',
    });
    expect(log.response!.headers['x-server']).toBe('test');
    expect(String(log.response)).toBe(answer);
  });
});

describe('callbacks of frames', () => {
  it('onMessage (connection, data, isBinary): one whole message, string for text, Uint8Array for binary', async () => {
    expectTypeOf<Told<'onMessage'>>().toEqualTypeOf<[Connection, string | Uint8Array, boolean]>();
    const { connection, log, peer } = await openTo();
    const calls = kept(connection, 'onMessage');
    peer.write(frame(0x01, 'te'), frame(0x80, 'xt'), frame(BINARY, 'bytes'));
    await log.until('message <5 bytes>');
    expect(calls.map(([, ...rest]) => rest)).toEqual([
      ['text', false],
      [new Uint8Array(Buffer.from('bytes')), true],
    ]);
  });

  it('onWebSocketPing (connection, payload): setting it turns the automatic pong off; pong() answers', async () => {
    expectTypeOf<Told<'onWebSocketPing'>>().toEqualTypeOf<[Connection, Uint8Array]>();
    const { connection, peer } = await openTo();
    peer.write(frame(PING, 'automatic'));
    expect((await peer.readFrame()).payload.toString()).toBe('automatic');
    connection.onWebSocketPing = (connection, payload) => {
      if (Buffer.from(payload).toString() === 'second') connection.pong('by hand');
    };
    peer.write(frame(PING, 'first'), frame(PING, 'second'));
    const pong = await peer.readFrame();
    expect([pong.first, pong.payload.toString()]).toEqual([PONG, 'by hand']);
  });

  it('onWebSocketPong (connection, payload)', async () => {
    expectTypeOf<Told<'onWebSocketPong'>>().toEqualTypeOf<[Connection, Uint8Array]>();
    const { connection, log, peer } = await openTo();
    const calls = kept(connection, 'onWebSocketPong');
    peer.write(frame(PONG, 'alive'));
    await log.until('pong alive');
    expect(Buffer.from(calls[0]![1]).toString()).toBe('alive');
  });

  it('onWebSocketClose (connection, code, reason): the peer’s close frame; the library answers it', async () => {
    expectTypeOf<Told<'onWebSocketClose'>>().toEqualTypeOf<[Connection, number, string]>();
    const { connection, log, peer } = await openTo();
    const calls = kept(connection, 'onWebSocketClose');
    peer.write(closeFrame(4001, 'moved'));
    expect((await peer.readFrameOf(CLOSE)).payload.readUInt16BE()).toBe(4001);
    peer.socket.end();
    await log.until('close 4001');
    expect(calls.map(([, ...rest]) => rest)).toEqual([[4001, 'moved']]);
  });
});

describe('callbacks of the end', () => {
  it('onClose (connection, { code, reason, wasClean, error, attempt, willReconnect }): exactly once per connection', async () => {
    expectTypeOf<Told<'onClose'>>().toEqualTypeOf<[Connection, ConnectionCloseEvent]>();
    expectTypeOf<ConnectionCloseEvent>().branded.toEqualTypeOf<{
      readonly code: number;
      readonly reason: string;
      readonly wasClean: boolean;
      readonly error: WsimdError | undefined;
      readonly attempt: number;
      readonly willReconnect: boolean;
      readonly unconfirmed: number;
    }>();
    const { connection, log, peer } = await openTo();
    const calls = kept(connection, 'onClose');
    peer.write(closeFrame(4001, 'moved'));
    await peer.readFrameOf(CLOSE);
    peer.socket.end();
    await log.until('close 4001');
    connection.close();
    connection.destroy();
    expect(calls.map(([, event]) => event)).toEqual([
      {
        code: 4001,
        reason: 'moved',
        wasClean: true,
        error: undefined,
        attempt: 0,
        willReconnect: false,
        unconfirmed: 0,
      },
    ]);
  });

  it('onError (connection, code, message, cause): CONNECT_FAIL = 1 and SEND_FAIL = 2 as in Workerman; further classes have numbers of their own', async () => {
    expectTypeOf<Told<'onError'>>().toEqualTypeOf<[Connection, ErrorKind, string, unknown]>();
    const { CONNECT_FAIL, SEND_FAIL, HANDSHAKE_FAIL, PROTOCOL_ERROR, TIMEOUT, DEAD_PEER } = AsyncTcpConnection;
    const { TLS_FAIL, CALLBACK_EXCEPTION, PROXY_FAIL, ABORTED } = AsyncTcpConnection;
    expect([CONNECT_FAIL, SEND_FAIL, HANDSHAKE_FAIL, PROTOCOL_ERROR, TIMEOUT]).toEqual([1, 2, 3, 4, 5]);
    expect([DEAD_PEER, TLS_FAIL, CALLBACK_EXCEPTION, PROXY_FAIL, ABORTED]).toEqual([6, 7, 8, 9, 10]);
    const { connection, log } = await refused(() => {});
    const calls = kept(connection, 'onError');
    connection.connect();
    await log.until('close 1006');
    const [, code, message, cause] = calls[0]!;
    expect([calls.length, code, message]).toEqual([1, CONNECT_FAIL, (cause as WsimdError).message]);
    expect(cause).toBeInstanceOf(WsimdError);
  });

  it('onError: handshake refused, with status, headers and the first KiB of the body', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    const peer = await server.peer();
    await peer.readHead();
    const body = 'no '.repeat(1000);
    peer.socket.end(`HTTP/1.1 403 Forbidden\r\nX-Why: quota\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    await log.until('close 1006');
    const error = log.errors[0]!.cause as HandshakeError;
    expect(error).toBeInstanceOf(HandshakeError);
    expect([log.errors[0]!.code, error.response.status, error.response.headers['x-why'], error.body]).toEqual([
      AsyncTcpConnection.HANDSHAKE_FAIL,
      403,
      'quota',
      body.slice(0, 1024),
    ]);
  });

  it('onError: an exception in a callback; never thrown, never a process exit', async () => {
    const { connection, log, peer } = await openTo();
    const thrown = new Error('mine');
    connection.onMessage = () => {
      throw thrown;
    };
    peer.write(frame(TEXT, 'one'), frame(PONG, 'goes on'));
    await log.until('pong goes on');
    expect(log.errors).toEqual([
      { code: AsyncTcpConnection.CALLBACK_EXCEPTION, message: expect.stringContaining('mine'), cause: thrown },
    ]);
  });
});

describe('callbacks of flow and of coming back', () => {
  it('onBufferFull, onBufferDrain (connection): once per crossing of maxSendBufferSize; when the buffer is empty again after that', async () => {
    expectTypeOf<Told<'onBufferFull' | 'onBufferDrain'>>().toEqualTypeOf<[Connection]>();
    const server = await rawServer('ws');
    const connection = server.client();
    connection.maxSendBufferSize = 10;
    const log = record(connection);
    expect([connection.send('1234'), connection.send('dropped'), connection.send('dropped')]).toEqual([
      null,
      false,
      false,
    ]);
    expect(log.events).toEqual(['full', 'error SEND_FAIL', 'error SEND_FAIL']);
    connection.connect();
    await server.acceptedPeer();
    await log.until('drain');
    expect(log.events.filter((line) => line === 'full' || line === 'drain')).toEqual(['full', 'drain']);
  });

  it('onReconnect (connection, attempt, delay): the policy’s timer was set', async () => {
    expectTypeOf<Told<'onReconnect'>>().toEqualTypeOf<[Connection, number, number]>();
    const { connection, log } = await refused((connection) => {
      connection.reconnectPolicy = { minDelay: 30, jitter: 0 };
    });
    const calls = kept(connection, 'onReconnect');
    connection.connect();
    await log.until('reconnect 1');
    connection.cancelReconnect();
    expect(calls.map(([, ...rest]) => rest)).toEqual([[1, 30]]);
  });

  it('onReconnectFailed (connection): it gave up', async () => {
    expectTypeOf<Told<'onReconnectFailed'>>().toEqualTypeOf<[Connection]>();
    const { connection, log } = await refused((connection) => {
      connection.reconnectPolicy = { maxRetries: 0 };
    });
    const calls = kept(connection, 'onReconnectFailed');
    connection.connect();
    await log.until('reconnect failed');
    expect(calls).toEqual([[connection]]);
  });
});
