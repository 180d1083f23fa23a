// The methods of AsyncTcpConnection, one test for each, named by what the documentation says of it: its name, its parameters and
// results, and what it does, once. Other files test each of them deeply.

import { setTimeout } from 'node:timers/promises';
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest';
import {
  AsyncTcpConnection,
  type BinaryData,
  type ConnectionOptions,
  type SendData,
  type SendOptions,
  type Urls,
} from '../../src/index';
import { record } from '../support/event-log';
import { openTo } from '../support/hostile-peer';
import { BINARY, CLOSE, closeFrame, frame, PING, PONG, statusOf, TEXT } from '../support/raw-peer';
import { echoServer, rawServer } from '../support/servers';

type Connection = AsyncTcpConnection;
type NoArguments = () => void;

function unconnected(): AsyncTcpConnection {
  return new AsyncTcpConnection('ws://127.0.0.1:9');
}

describe('new AsyncTcpConnection()', () => {
  it('takes a ws:, wss: or ws+unix: URL, as a string or an object; anything else is refused with a sentence', () => {
    expectTypeOf<ConstructorParameters<typeof AsyncTcpConnection>>().toEqualTypeOf<
      [url: Urls | (() => Urls | PromiseLike<Urls>), options?: ConnectionOptions]
    >();
    expectTypeOf<Urls>().toEqualTypeOf<string | URL | readonly (string | URL)[]>();
    for (const url of ['ws://host', 'wss://host/path?q', new URL('ws://host'), 'ws+unix:/socket:/path']) {
      expect(new AsyncTcpConnection(url).getStatus()).toBe(0);
    }
    for (const url of ['websocket://0.0.0.0:2346', 'http://host', 'tcp://host:1', 'host:1', '', undefined, 5]) {
      expect(() => new AsyncTcpConnection(url as string)).toThrow(/^.{20,}\.$/);
    }
  });

  it('second constructor argument: keepAlive in seconds, noDelay', () => {
    expectTypeOf<ConnectionOptions['keepAlive']>().toEqualTypeOf<number | false | undefined>();
    expectTypeOf<ConnectionOptions['noDelay']>().toEqualTypeOf<boolean | undefined>();
    const options: ConnectionOptions = { keepAlive: 30, noDelay: false, socket: { keepAlive: 30 } };
    expect(new AsyncTcpConnection(['ws://host', new URL('ws://other')], options).getStatus()).toBe(0);
  });

  it('second constructor argument: Node’s own names (lookup, localAddress, family, signal …)', async () => {
    const server = await echoServer('ws');
    const asked: string[] = [];
    const connection = new AsyncTcpConnection(`ws://nowhere.test:${server.port}`, {
      localAddress: '127.0.0.1',
      family: 4,
      lookup: (hostname, options, callback) => {
        asked.push(hostname);
        if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
        else callback(null, '127.0.0.1', 4);
      },
    });
    onTestFinished(() => connection.destroy());
    const log = record(connection);
    connection.connect();
    await log.until('open 101');
    expect([asked, connection.getLocalIp()]).toEqual([['nowhere.test'], '127.0.0.1']);
  });
});

describe('methods of life', () => {
  it('connect(): returns at once; no-op unless INITIAL, CLOSING or CLOSED', async () => {
    expectTypeOf<Connection['connect']>().toEqualTypeOf<NoArguments>();
    const server = await rawServer('ws');
    const connection = server.client();
    const log = record(connection);
    expect(connection.connect()).toBeUndefined();
    connection.connect();
    expect([connection.getStatus(), log.events]).toEqual([1, []]);
    await server.acceptedPeer();
    await log.until('open 101');
    connection.connect();
    expect([connection.getStatus(), server.count]).toEqual([2, 1]);
    connection.close();
    connection.connect();
    expect([connection.getStatus(), log.events.at(-1)]).toEqual([1, 'close 1006']);
  });

  it('reConnect(seconds = 0): the object keeps id, context, callbacks, headers, counters', async () => {
    expectTypeOf<Connection['reConnect']>().toEqualTypeOf<(seconds?: number) => void>();
    const server = await rawServer('ws');
    const connection = server.client();
    connection.headers = { Cookie: 'a=1' };
    const { id, context } = connection;
    const log = record(connection);
    connection.connect();
    await server.acceptedPeer();
    await log.until('open 101');
    connection.destroy();
    const { bytesRead } = connection;
    connection.reConnect();
    expect((await (await server.peer()).readHead()).includes('Cookie: a=1')).toBe(true);
    expect([connection.id, connection.bytesRead >= bytesRead]).toEqual([id, true]);
    expect(connection.context).toBe(context);
    expect(log.events).toEqual(['connect', 'open 101', 'close 1006', 'connect']);
  });

  it('cancelReconnect(): calls off a reconnect that waits; close() and destroy() do so, too', async () => {
    expectTypeOf<Connection['cancelReconnect']>().toEqualTypeOf<NoArguments>();
    const server = await rawServer('ws');
    for (const method of ['cancelReconnect', 'close', 'end', 'destroy'] as const) {
      const connection = server.client();
      connection.reConnect(0.001);
      connection[method]();
    }
    await setTimeout(30);
    expect(server.count).toBe(0);
  });

  it('close(code?, reason?): closing handshake', async () => {
    expectTypeOf<Connection['close']>().toBeCallableWith(1000, 'reason');
    expectTypeOf<Connection['close']>().toBeCallableWith();
    const { connection, log, peer } = await openTo();
    connection.close(4000, 'enough');
    const close = await peer.readFrameOf(CLOSE);
    expect([statusOf(close), close.payload.subarray(2).toString(), connection.getStatus(false)]).toEqual([
      4000,
      'enough',
      'CLOSING',
    ]);
    peer.write(closeFrame(4000));
    peer.socket.end();
    await log.until('close 4000');
    expect(log.closings[0]!.wasClean).toBe(true);
  });

  it('close(data): a final message first, as in Workerman', async () => {
    expectTypeOf<Connection['close']>().toBeCallableWith('text');
    const { connection, peer } = await openTo();
    connection.close('bye');
    expect((await peer.readFrame()).payload.toString()).toBe('bye');
    expect(statusOf(await peer.readFrame())).toBe(1000);
  });

  it('end(data?): flush, then FIN, then lingerTimeout', async () => {
    expectTypeOf<Connection['end']>().toEqualTypeOf<(data?: SendData) => void>();
    const { connection, log, peer } = await openTo((connection) => Object.assign(connection, { lingerTimeout: 0.02 }));
    connection.send('one');
    connection.end('two');
    expect(connection.getStatus(false)).toBe('ENDING');
    for (const text of ['one', 'two']) expect((await peer.readFrame()).payload.toString()).toBe(text);
    await expect(peer.read(1)).rejects.toThrow('ended');
    await log.until('close 1006');
    expect(log.closings[0]!.error).toBeUndefined();
  });

  it('destroy(): now; unsent data is dropped', async () => {
    expectTypeOf<Connection['destroy']>().toEqualTypeOf<NoArguments>();
    const { connection, log, peer } = await openTo();
    connection.send('never');
    connection.destroy();
    expect([connection.getStatus(false), log.events.at(-1)]).toEqual(['CLOSED', 'close 1006']);
    await expect(peer.read(1)).rejects.toThrow('ended');
  });
});

describe('methods of sending', () => {
  it('send(data, options?): true, on its way this tick; null, buffered; false, dropped', async () => {
    expectTypeOf<Connection['send']>().toEqualTypeOf<(data: SendData, options?: SendOptions) => boolean | null>();
    expectTypeOf<SendData>().toEqualTypeOf<string | BinaryData | Blob>();
    expectTypeOf<SendOptions>().toEqualTypeOf<{ readonly binary?: boolean; readonly compress?: boolean }>();
    const waiting = unconnected();
    waiting.maxSendBufferSize = 10;
    const log = record(waiting);
    expect([waiting.send('1234'), waiting.send('5678'), log.events]).toEqual([
      null,
      false,
      ['full', 'error SEND_FAIL'],
    ]);
    const { connection, peer } = await openTo();
    expect([connection.send('text'), connection.send('bytes', { binary: true })]).toEqual([true, true]);
    expect([(await peer.readFrame()).first, (await peer.readFrame()).first]).toEqual([TEXT, BINARY]);
    connection.destroy();
    expect(connection.send('late')).toBe(false);
  });

  it('sendAsync(data): resolves when the kernel has it', async () => {
    expectTypeOf<Connection['sendAsync']>().toEqualTypeOf<(data: SendData, options?: SendOptions) => Promise<void>>();
    const { connection } = await openTo();
    const { bytesWritten } = connection;
    expect(await connection.sendAsync('1234')).toBeUndefined();
    expect(connection.bytesWritten).toBe(bytesWritten + 10);
    connection.destroy();
    await expect(connection.sendAsync('late')).rejects.toMatchObject({ code: 'WS_ERR_NOT_OPEN' });
  });

  it('cork(fn): sends inside leave as one write', async () => {
    expectTypeOf<Connection['cork']>().returns.toBeVoid();
    const { connection, peer } = await openTo();
    const { bytesWritten } = connection;
    connection.cork((corked) => {
      corked.send('1234');
      corked.send('5678');
      expect(connection.bytesWritten).toBe(bytesWritten);
    });
    expect(connection.bytesWritten).toBe(bytesWritten + 20);
    expect([(await peer.readFrame()).payload.toString(), (await peer.readFrame()).payload.toString()]).toEqual([
      '1234',
      '5678',
    ]);
  });

  it('ping(data?), pong(data?)', async () => {
    expectTypeOf<Connection['pong']>().toEqualTypeOf<(payload?: string | BinaryData) => void>();
    expectTypeOf<Connection['ping']>().toEqualTypeOf<(payload?: string | BinaryData) => Promise<number>>();
    const { connection, peer } = await openTo();
    connection.ping();
    const roundTrip = connection.ping('p');
    connection.pong();
    connection.pong(new Uint8Array([113]));
    const frames = [];
    for (let i = 0; i < 4; i += 1) frames.push(await peer.readFrame());
    expect(frames.map(({ first, payload }) => [first, payload.toString()])).toEqual([
      [PING, 'ping 1'],
      [PING, 'p'],
      [PONG, ''],
      [PONG, 'q'],
    ]);
    peer.write(frame(PONG, 'p'));
    expect(await roundTrip).toBeGreaterThan(0);
  });
});

describe('methods of receiving', () => {
  it('pauseRecv(), resumeRecv(): pausing inside onMessage stops delivery at once; nothing is lost or reordered', async () => {
    expectTypeOf<Connection['pauseRecv' | 'resumeRecv']>().toEqualTypeOf<NoArguments>();
    const { connection, log, peer } = await openTo();
    const { onMessage } = connection;
    connection.onMessage = (...rest) => {
      connection.pauseRecv();
      onMessage!(...rest);
    };
    peer.write(frame(TEXT, 'one'), frame(TEXT, 'two'), frame(TEXT, 'three'));
    for (const text of ['one', 'two', 'three']) {
      await log.until(`message ${text}`);
      await setTimeout(5);
      expect(log.events.at(-1)).toBe(`message ${text}`);
      connection.resumeRecv();
    }
    expect(log.messages).toEqual(['one', 'two', 'three']);
  });

  it('pipe(destination): messages forwarded', async () => {
    expectTypeOf<Connection['pipe']>().toEqualTypeOf<(destination: Connection) => Connection>();
    const [source, destination] = [await openTo(), await openTo()];
    expect(source.connection.pipe(destination.connection)).toBe(destination.connection);
    source.peer.write(frame(TEXT, 'hello'));
    expect((await destination.peer.readFrame()).payload.toString()).toBe('hello');
  });
});
