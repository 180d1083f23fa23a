// The properties of AsyncTcpConnection that say how it sends, receives, waits and comes back, one test for each, named by what
// the documentation says of it: its name, its default, and what it does, once. Other files test each of them deeply.

import { setTimeout } from 'node:timers/promises';
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest';
import {
  AsyncTcpConnection,
  type BinaryDelivery,
  type Cookies,
  type Headers,
  type PerMessageDeflateSetting,
  type ReconnectPolicyOption,
  type Statistics,
  type WebsocketType,
  Ws,
  type WsimdError,
} from '../../src/index';
import { agreedTo } from '../support/agreed-peer';
import { RSV1 } from '../support/compressed-frames';
import { record } from '../support/event-log';
import { openTo } from '../support/hostile-peer';
import { BINARY, CLOSE, frame, PING, statusOf, TEXT } from '../support/raw-peer';
import { closedPort, rawServer } from '../support/servers';

type Connection = AsyncTcpConnection;

const MiB = 1024 * 1024;

function unconnected(): AsyncTcpConnection {
  return new AsyncTcpConnection('ws://127.0.0.1:9');
}

const codeOf = (error: unknown): string => (error as WsimdError).code;

describe('properties of sending', () => {
  it('websocketType: Ws.BINARY_TYPE_BLOB; frame type of later string sends; bytes always go as binary', async () => {
    expectTypeOf<Connection['websocketType']>().toEqualTypeOf<WebsocketType>();
    expect(unconnected().websocketType).toBe(Ws.BINARY_TYPE_BLOB);
    const { connection, peer } = await openTo();
    connection.send('text');
    connection.websocketType = Ws.BINARY_TYPE_ARRAYBUFFER;
    connection.send('text');
    connection.websocketType = Ws.BINARY_TYPE_BLOB;
    connection.send(new Uint8Array(1));
    connection.send(new Float32Array(1));
    connection.send(new ArrayBuffer(1));
    connection.send(new Blob(['b']));
    const firsts = [];
    for (let i = 0; i < 6; i += 1) firsts.push((await peer.readFrame()).first);
    expect(firsts).toEqual([TEXT, BINARY, BINARY, BINARY, BINARY, BINARY]);
  });

  it('maxSendBufferSize: 1 MiB', async () => {
    expectTypeOf<Connection['maxSendBufferSize']>().toEqualTypeOf<number>();
    const connection = unconnected();
    expect(connection.maxSendBufferSize).toBe(MiB);
    connection.maxSendBufferSize = 10;
    // A frame of 10 bytes: 4 of text behind a header of 6.
    expect([connection.send('1234'), connection.send('x')]).toEqual([null, false]);
  });

  it('maxPackageSize: 10 MiB, one message', async () => {
    expectTypeOf<Connection['maxPackageSize']>().toEqualTypeOf<number>();
    expect(unconnected().maxPackageSize).toBe(10 * MiB);
    const { log, peer } = await openTo((connection) => Object.assign(connection, { maxPackageSize: 5 }));
    peer.write(frame(TEXT, '12345'), frame(TEXT, '123456'));
    expect(statusOf(await peer.readFrameOf(CLOSE))).toBe(1009);
    expect(log.events).toEqual(['connect', 'open 101', 'message 12345', 'error PROTOCOL_ERROR']);
  });

  it('maxFragments: 131,072, of one message', async () => {
    expectTypeOf<Connection['maxFragments']>().toEqualTypeOf<number>();
    expect(unconnected().maxFragments).toBe(131_072);
    const { peer } = await openTo((connection) => Object.assign(connection, { maxFragments: 2 }));
    peer.write(frame(0x01, 'a'), frame(0x00, 'b'), frame(0x80, 'c'));
    expect(statusOf(await peer.readFrameOf(CLOSE))).toBe(1008);
  });

  it("binaryDelivery: 'own'; with 'borrow' a view that is lent until onMessage returns", async () => {
    expectTypeOf<Connection['binaryDelivery']>().toEqualTypeOf<BinaryDelivery>();
    expect(unconnected().binaryDelivery).toBe('own');
    const lent = await openTo((connection) => Object.assign(connection, { binaryDelivery: 'borrow' }));
    lent.peer.write(frame(BINARY, 'abc'));
    await lent.log.until('message <3 bytes>');
    lent.peer.write(frame(BINARY, 'xyz'));
    await lent.log.until('message <3 bytes>', 2);
    expect((lent.log.messages[0] as Uint8Array).buffer).toBe((lent.log.messages[1] as Uint8Array).buffer);
    const owned = await openTo();
    owned.peer.write(frame(BINARY, 'abc'), frame(BINARY, 'xyz'));
    await owned.log.until('message <3 bytes>', 2);
    expect(owned.log.messages.map((data) => Buffer.from(data as Uint8Array).toString())).toEqual(['abc', 'xyz']);
  });

  it('perMessageDeflate: false; with true or options compression is offered, and used if the server agrees', async () => {
    expectTypeOf<Connection['perMessageDeflate']>().toEqualTypeOf<PerMessageDeflateSetting>();
    expect(unconnected().perMessageDeflate).toBe(false);
    const { connection, peer } = await agreedTo(
      { serverNoContextTakeover: true },
      'permessage-deflate; server_no_context_takeover',
    );
    connection.send('Hello');
    connection.send('Hello', { compress: false });
    expect([(await peer.readFrame()).first, (await peer.readFrame()).first]).toEqual([TEXT | RSV1, TEXT]);
  });
});

describe('properties of the way', () => {
  it('followRedirects, cookies, proxyHeaders, proxyFromEnvironment: false, none, none, false', () => {
    expectTypeOf<Connection['followRedirects']>().toEqualTypeOf<boolean | number>();
    expectTypeOf<Connection['cookies']>().toEqualTypeOf<Cookies | undefined>();
    expectTypeOf<Connection['proxyHeaders']>().toEqualTypeOf<Headers | undefined>();
    expectTypeOf<Connection['proxyFromEnvironment']>().toEqualTypeOf<boolean>();
    expectTypeOf<Cookies['get']>().parameters.toEqualTypeOf<[url: string]>();
    expectTypeOf<Cookies['set']>().parameters.toEqualTypeOf<[url: string, setCookie: readonly string[]]>();
    // What jars have: a value, a promise of one, of nothing, or of what does not matter.
    const jars: Cookies[] = [
      { get: () => 'a=1', set: () => {} },
      { get: async () => undefined, set: async (_url, lines) => [...lines] },
    ];
    for (const jar of jars) unconnected().cookies = jar;
    const { followRedirects, cookies, proxyHeaders, proxyFromEnvironment } = unconnected();
    expect([followRedirects, cookies, proxyHeaders, proxyFromEnvironment]).toEqual([
      false,
      undefined,
      undefined,
      false,
    ]);
  });
});

describe('properties of time', () => {
  it('websocketPingInterval: undefined (off); seconds, fractions allowed', async () => {
    expectTypeOf<Connection['websocketPingInterval']>().toEqualTypeOf<number | undefined>();
    expect(unconnected().websocketPingInterval).toBeUndefined();
    const { peer } = await openTo((connection) => {
      connection.websocketPingInterval = 0.02;
      connection.websocketPingTimeout = 1000;
    });
    for (let i = 0; i < 3; i += 1) expect((await peer.readFrame()).first).toBe(PING);
  });

  it('websocketPingTimeout: = the interval; seconds to wait for a pong before the peer counts as dead', async () => {
    expectTypeOf<Connection['websocketPingTimeout']>().toEqualTypeOf<number | undefined>();
    expect(unconnected().websocketPingTimeout).toBeUndefined();
    const { log } = await openTo((connection) => {
      connection.websocketPingInterval = 0.05;
    });
    await log.until('close 1006');
    expect(log.events).toEqual(['connect', 'open 101', 'error DEAD_PEER', 'close 1006']);
  });

  it('connectTimeout: 10 s, one deadline over all until the handshake is done', async () => {
    expectTypeOf<Connection['connectTimeout']>().toEqualTypeOf<number>();
    expect(unconnected().connectTimeout).toBe(10);
    const connection = (await rawServer('ws')).client();
    connection.connectTimeout = 0.05;
    const log = record(connection);
    connection.connect();
    await log.until('close 1006');
    expect(codeOf(log.errors[0]!.cause)).toBe('WS_ERR_CONNECT_TIMEOUT');
  });

  it('closeTimeout: 5 s, to wait for the peer’s close frame', async () => {
    expectTypeOf<Connection['closeTimeout']>().toEqualTypeOf<number>();
    expect(unconnected().closeTimeout).toBe(5);
    const { connection, log } = await openTo((connection) => Object.assign(connection, { closeTimeout: 0.05 }));
    connection.close();
    await log.until('close 1006');
    expect(codeOf(log.closings[0]!.error)).toBe('WS_ERR_CLOSE_TIMEOUT');
  });

  it('lingerTimeout: 1 s, to wait for the peer to end TCP', async () => {
    expectTypeOf<Connection['lingerTimeout']>().toEqualTypeOf<number>();
    expect(unconnected().lingerTimeout).toBe(1);
    const { connection, log, peer } = await openTo((connection) => Object.assign(connection, { lingerTimeout: 0.05 }));
    const begun = performance.now();
    connection.end();
    await expect(peer.read(1)).rejects.toThrow('ended');
    await log.until('close 1006');
    expect(performance.now() - begun).toBeGreaterThan(45);
  });
});

describe('properties of reconnecting and of the thread', () => {
  it('reconnectPolicy: off; { minDelay, maxDelay, factor, jitter, maxRetries, minUptime, shouldReconnect(event) }, or a function of the attempt → seconds', async () => {
    expectTypeOf<Connection['reconnectPolicy']>().toExtend<ReconnectPolicyOption | undefined>();
    const connection = new AsyncTcpConnection(`ws://127.0.0.1:${await closedPort()}`);
    expect(connection.reconnectPolicy).toBeUndefined();
    const log = record(connection);
    connection.connect();
    await log.until('close 1006');
    await setTimeout(20);
    expect([log.events, log.outlooks]).toEqual([
      ['error CONNECT_FAIL', 'close 1006'],
      [{ attempt: 0, willReconnect: false }],
    ]);
    const shouldReconnect = (): boolean => true;
    connection.reconnectPolicy = { shouldReconnect };
    expect(connection.reconnectPolicy).toEqual({
      minDelay: 1,
      maxDelay: 30,
      factor: 2,
      jitter: 1,
      maxRetries: Infinity,
      minUptime: 5,
      retryRefusalsFor: 60,
      shouldReconnect,
    });
    connection.reconnectPolicy = (attempt) => (attempt > 1 ? -1 : 0.001);
    connection.connect();
    await log.until('reconnect failed');
    expect(log.events.slice(2).filter((line) => line.startsWith('reconnect'))).toEqual([
      'reconnect 1',
      'reconnect failed',
    ]);
  });

  it('static statistics: connection_count, total_request, throw_exception, send_fail', () => {
    expectTypeOf(AsyncTcpConnection.statistics).toEqualTypeOf<Statistics>();
    expectTypeOf<Statistics>().toEqualTypeOf<
      Readonly<Record<'connection_count' | 'total_request' | 'throw_exception' | 'send_fail', number>>
    >();
    const { send_fail } = AsyncTcpConnection.statistics;
    const connection = unconnected();
    connection.connect();
    expect(AsyncTcpConnection.statistics.connection_count).toBe(AsyncTcpConnection.connections.size);
    connection.destroy();
    connection.send('too late');
    expect(AsyncTcpConnection.statistics.send_fail).toBe(send_fail + 1);
  });

  it('static connections: live connections by id', () => {
    expectTypeOf(AsyncTcpConnection.connections).toEqualTypeOf<ReadonlyMap<number, AsyncTcpConnection>>();
    const connection = unconnected();
    expect(AsyncTcpConnection.connections.has(connection.id)).toBe(false);
    connection.connect();
    expect(AsyncTcpConnection.connections.get(connection.id)).toBe(connection);
    connection.destroy();
    expect(AsyncTcpConnection.connections.has(connection.id)).toBe(false);
  });

  it.each([
    ['defaultMaxSendBufferSize', MiB, 'maxSendBufferSize'],
    ['defaultMaxPackageSize', 10 * MiB, 'maxPackageSize'],
  ] as const)('static %s: %d, of connections made from then on', (name, value, setting) => {
    expectTypeOf<(typeof AsyncTcpConnection)[typeof name]>().toEqualTypeOf<number>();
    expect(AsyncTcpConnection[name]).toBe(value);
    onTestFinished(() => {
      AsyncTcpConnection[name] = value;
    });
    AsyncTcpConnection[name] = 77;
    expect(unconnected()[setting]).toBe(77);
  });
});
