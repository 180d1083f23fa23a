// The life of an AsyncTcpConnection: the program that must run as it stands, its states, and connecting again.

import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AsyncTcpConnection } from '../../src/index';
import { ChildProgram } from '../support/child-program';
import { record } from '../support/event-log';
import { closeFrame, frame, TEXT } from '../support/raw-peer';
import { closedPort, echoServer, rawServer, wsServer } from '../support/servers';

vi.mock('../../src/runtime/tasks', async (real) => (await import('../support/clock')).onFakeTimers(await real()));

/** The example of the README. */
const PROGRAM = `
import { AsyncTcpConnection, Ws } from 'wsimd';

const connection = new AsyncTcpConnection('ws://127.0.0.1:1234');
connection.websocketPingInterval = 55;                        // seconds: a ping frame (opcode 0x9) every 55 s
connection.headers = { Cookie: 'PHPSID=82u98fjhakfusuanfnahfi; token=2hf9a929jhfihaf9i', OtherKey: 'values' };
connection.websocketType = Ws.BINARY_TYPE_BLOB;               // what send() sends: BLOB = text, ARRAYBUFFER = binary
connection.onConnect = (connection) => console.log('tcp connected');
connection.onWebSocketConnect = (connection, response) => { console.log(String(response)); connection.send('hello'); };
connection.onMessage = (connection, data) => console.log(\`recv: \${data}\`);
connection.onError = (connection, code, message) => console.log(\`error: \${message}\`);
connection.onClose = (connection) => { console.log('connection closed and try to reconnect'); connection.reConnect(1); };
connection.connect();
`;

describe('the program that must run as it stands', () => {
  it('greets, is cut off, and greets again a second later', async () => {
    const connectedAt: number[] = [];
    const server = await wsServer('ws', (socket) => {
      connectedAt.push(performance.now());
      const isFirst = connectedAt.length === 1;
      socket.on('message', (data, isBinary) => {
        socket.send(data, { binary: isBinary }, () => isFirst && socket.terminate());
      });
    });
    const requests: (string | undefined)[] = [];
    server.server.on('headers', (_, request) => requests.push(request.headers.cookie, `${request.headers.otherkey}`));
    const program = new ChildProgram(PROGRAM.replace('ws://127.0.0.1:1234', server.url));
    await program.until((output) => output.split('recv: hello\n').length === 3);

    const cookie = 'PHPSID=82u98fjhakfusuanfnahfi; token=2hf9a929jhfihaf9i';
    expect(requests).toEqual([cookie, 'values', cookie, 'values']);
    const connected = [
      'tcp connected',
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Accept: …',
      '',
      '',
      'recv: hello',
    ];
    const transcript = program.output
      .replace(/Accept: .*/g, 'Accept: …')
      .replaceAll('\r', '')
      .trimEnd()
      .split('\n');
    expect(transcript).toEqual([...connected, 'connection closed and try to reconnect', ...connected]);
    const pause = connectedAt[1]! - connectedAt[0]!;
    expect(pause).toBeGreaterThan(990);
    expect(pause).toBeLessThan(3000);
  });
});

describe('getStatus()', () => {
  it('tells every state as number and name', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    const seen: string[] = [];
    const look = (when: string): unknown =>
      seen.push(`${when}: ${connection.getStatus()} ${connection.getStatus(false)}`);
    look('new');
    const log = record(connection, {
      onConnect: () => look('onConnect'),
      onWebSocketConnect: () => look('onWebSocketConnect'),
      onMessage: () => look('onMessage'),
      onWebSocketClose: () => look('onWebSocketClose'),
      onClose: () => look('onClose'),
      onError: () => look('onError'),
    });
    connection.connect();
    look('connect()');
    let peer = await server.acceptedPeer();
    peer.write(frame(TEXT, 'hello'));
    await log.until('message hello');
    connection.close();
    look('close()');
    await peer.readFrame();
    peer.write(closeFrame(1000));
    peer.socket.end();
    await log.until('close 1000');

    connection.connect();
    peer = await server.acceptedPeer();
    peer.write(frame(0xff));
    peer.socket.end();
    await log.until('close 1006');
    expect(seen).toEqual([
      'new: 0 INITIAL',
      'connect(): 1 CONNECTING',
      'onConnect: 1 CONNECTING',
      'onWebSocketConnect: 2 ESTABLISHED',
      'onMessage: 2 ESTABLISHED',
      'close(): 8 CLOSING',
      'onWebSocketClose: 8 CLOSING',
      'onClose: 16 CLOSED',
      'onConnect: 1 CONNECTING',
      'onWebSocketConnect: 2 ESTABLISHED',
      'onError: 4 ENDING',
      'onClose: 16 CLOSED',
    ]);
  });
});

describe('connect()', () => {
  it('does nothing while a connection is there or on its way', async () => {
    const server = await echoServer('ws');
    let count = 0;
    server.server.on('connection', () => {
      count += 1;
    });
    const connection = server.client();
    const log = record(connection, {
      onConnect: () => connection.connect(),
      onWebSocketConnect: () => connection.connect(),
      onMessage: () => connection.connect(),
    });
    connection.connect();
    connection.connect();
    connection.send('hello');
    await log.until('message hello');
    connection.close();
    await log.until('close 1000');
    expect(log.events).toEqual(['connect', 'open 101', 'message hello', 'close frame 1000', 'close 1000']);
    expect(count).toBe(1);
  });

  it('gives up a connection that is closing: its onClose comes first', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    await server.acceptedPeer();
    await log.until('open 101');
    connection.close();
    connection.connect();
    await server.acceptedPeer();
    await log.until('open 101', 2);
    expect(log.events).toEqual(['connect', 'open 101', 'close 1006', 'connect', 'open 101']);
  });

  it('makes one connection, not two, when that onClose connects as well', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    const log = record(connection, { onClose: () => connection.connect() });
    connection.connect();
    await server.acceptedPeer();
    await log.until('open 101');
    connection.close();
    connection.connect();
    let peer = await server.peer();
    // Whichever of two would speak.
    peer = await Promise.race([peer.accept().then(() => peer), server.acceptedPeer()]);
    peer.write(frame(TEXT, 'welcome'));
    await log.until('message welcome');
    expect(log.events).toEqual(['connect', 'open 101', 'close 1006', 'connect', 'open 101', 'message welcome']);
    expect(server.count).toBe(2);
  });
});

describe('reConnect()', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('from onClose, again and again: id, context, callbacks, headers and settings stay', async () => {
    const server = await wsServer('ws', (socket) => socket.on('message', () => socket.terminate()));
    const cookies: unknown[] = [];
    server.server.on('headers', (_, request) => cookies.push(request.headers.cookie));
    const connection = server.client();
    const { id } = connection;
    connection.headers = { Cookie: 'a=1' };
    connection.maxPackageSize = 77;
    connection.context.attempts = 0;
    const log = record(connection, {
      onWebSocketConnect: () => connection.send('drop me'),
      onClose: () => {
        connection.context.attempts = Number(connection.context.attempts) + 1;
        if (connection.context.attempts !== 4) connection.reConnect();
      },
    });
    connection.connect();
    await log.until('close 1006', 4);
    expect(log.events).toEqual(Array(4).fill(['connect', 'open 101', 'close 1006']).flat());
    expect(cookies).toEqual(['a=1', 'a=1', 'a=1', 'a=1']);
    expect(connection.id).toBe(id);
    expect(connection.maxPackageSize).toBe(77);
    expect(connection.context).toEqual({ attempts: 4 });
  });

  it('from onError, even if onClose asks again', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    const log = record(connection, {
      onError: () => connection.reConnect(0.01),
      onClose: () => connection.reConnect(0.02),
    });
    connection.connect();
    const refused = await server.peer();
    await refused.readHead();
    refused.socket.end('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n');
    const peer = await server.acceptedPeer();
    peer.write(frame(TEXT, 'welcome'));
    await log.until('message welcome');
    expect(log.events).toEqual([
      'connect',
      'error HANDSHAKE_FAIL',
      'close 1006',
      'connect',
      'open 101',
      'message welcome',
    ]);
  });

  it('from onError of a connection that is still ending: its onClose comes first, and once', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    const log = record(connection, { onError: () => connection.reConnect() });
    connection.connect();
    const broken = await server.acceptedPeer();
    broken.write(frame(0xff));
    await server.acceptedPeer();
    await log.until('open 101', 2);
    expect(log.events).toEqual(['connect', 'open 101', 'error PROTOCOL_ERROR', 'close 1006', 'connect', 'open 101']);
  });

  it('later, after a fraction of a second', async () => {
    const server = await echoServer('ws');
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    await log.until('open 101');
    connection.destroy();
    const start = performance.now();
    connection.reConnect(0.15);
    await log.until('connect', 2);
    expect(performance.now() - start).toBeGreaterThan(145);
    await log.until('open 101', 2);
  });

  it('goes on after a refused port, attempt by attempt', async () => {
    const connection = new AsyncTcpConnection(`ws://127.0.0.1:${await closedPort()}`);
    const log = record(connection, {
      onClose: () => log.closings.length < 3 && connection.reConnect(),
    });
    connection.connect();
    await log.until('close 1006', 3);
    expect(log.events).toEqual(Array(3).fill(['error CONNECT_FAIL', 'close 1006']).flat());
  });

  it('comes when its time has come, not earlier, and a later one replaces it', async () => {
    const { connection } = await connectionThatWillReconnect();
    vi.advanceTimersByTime(30_000);
    connection.reConnect(60);
    vi.advanceTimersByTime(59_999);
    expect(connection.getStatus(false)).toBe('CLOSED');
    vi.advanceTimersByTime(1);
    expect(connection.getStatus(false)).toBe('CONNECTING');
  });

  it.each(['cancelReconnect', 'close', 'destroy'] as const)('is called off by %s()', async (name) => {
    const { connection } = await connectionThatWillReconnect();
    connection[name]();
    vi.advanceTimersByTime(100_000);
    expect(connection.getStatus(false)).toBe('CLOSED');
  });

  it('is called off by connect()', async () => {
    const { connection, log, server } = await connectionThatWillReconnect();
    connection.connect();
    const peer = await server.acceptedPeer();
    connection.onClose = () => log.write('gone again');
    peer.socket.destroy();
    await log.until('gone again');
    vi.advanceTimersByTime(100_000);
    expect(connection.getStatus(false)).toBe('CLOSED');
  });

  /** A connection that was cut off, and will connect again in 60 seconds of a clock that stands still. */
  async function connectionThatWillReconnect() {
    const server = await rawServer('ws');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const connection = server.client();
    const log = record(connection, { onClose: () => connection.reConnect(60) });
    connection.connect();
    const peer = await server.acceptedPeer();
    peer.socket.destroy();
    await log.until('close 1006');
    return { connection, log, server };
  }
});

describe('send()', () => {
  it('returns null before the connection is open, true while it is, false from close() on', async () => {
    const server = await wsServer('ws');
    const received: string[] = [];
    const connection = server.client();
    const log = record(connection);
    expect(connection.send('initial')).toBeNull();
    connection.connect();
    expect(connection.send('connecting')).toBeNull();
    const socket = await server.nextSocket();
    socket.on('message', (data) => received.push(String(data)));
    await log.until('open 101');
    expect(connection.send('established')).toBe(true);
    connection.close();
    expect(connection.send('closing')).toBe(false);
    await once(socket, 'close');
    await log.until('close 1000');
    expect(connection.send('closed')).toBe(false);
    expect(log.events).toEqual(['connect', 'open 101', 'close frame 1000', 'close 1000']);
    expect(received).toEqual(['initial', 'connecting', 'established']);
  });
});
