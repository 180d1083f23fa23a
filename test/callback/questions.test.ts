// What a connection can be asked: state, addresses, counters, queue sizes, and the counters of the thread.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { AsyncTcpConnection } from '../../src/index';
import { record } from '../support/event-log';
import { frame, RawPeer, TEXT } from '../support/raw-peer';
import { echoServer, rawServer, SCHEMES } from '../support/servers';

/** Everything that is an address, or of one. */
function addressesOf(connection: AsyncTcpConnection): Record<string, unknown> {
  return {
    remoteIp: connection.getRemoteIp(),
    remotePort: connection.getRemotePort(),
    remoteAddress: connection.getRemoteAddress(),
    localIp: connection.getLocalIp(),
    localPort: connection.getLocalPort(),
    localAddress: connection.getLocalAddress(),
    isIpV4: connection.isIpV4(),
    isIpV6: connection.isIpV6(),
  };
}

const NOWHERE = {
  remoteIp: '',
  remotePort: 0,
  remoteAddress: '',
  localIp: '',
  localPort: 0,
  localAddress: '',
  isIpV4: false,
  isIpV6: false,
};

/** A server on this address that takes any connection; returns its port. */
async function listenOn(listen: (server: ReturnType<typeof createServer>, done: () => void) => void): Promise<number> {
  const http = createServer();
  const server = new WebSocketServer({ server: http });
  await new Promise<void>((resolve) => listen(http, resolve));
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    http.close();
  });
  const address = http.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe.each(SCHEMES)('over %s, the addresses', (scheme) => {
  it('are there from onConnect on, and gone when the connection is', async () => {
    const server = await echoServer(scheme);
    const connection = server.client('/path?query=1');
    expect(addressesOf(connection)).toEqual(NOWHERE);
    const seen: unknown[] = [];
    const log = record(connection, { onConnect: () => seen.push(addressesOf(connection)) });
    connection.connect();
    await log.until('open 101');
    const open = addressesOf(connection);
    const localPort = connection.getLocalPort();
    expect(localPort).toBeGreaterThan(0);
    expect(open).toEqual({
      remoteIp: '127.0.0.1',
      remotePort: server.port,
      remoteAddress: `127.0.0.1:${server.port}`,
      localIp: '127.0.0.1',
      localPort,
      localAddress: `127.0.0.1:${localPort}`,
      isIpV4: true,
      isIpV6: false,
    });
    expect(seen).toEqual([open]);
    expect([connection.getRemoteHost(), connection.getRemoteURI()]).toEqual(['127.0.0.1', '/path?query=1']);
    connection.close();
    await log.until('close 1000');
    expect(addressesOf(connection)).toEqual(NOWHERE);
    expect([connection.getRemoteHost(), connection.getRemoteURI()]).toEqual(['127.0.0.1', '/path?query=1']);
  });
});

describe('an IPv6 literal', () => {
  it('is dialled, and its address has brackets', async () => {
    const port = await listenOn((server, done) => server.listen(0, '::1', done));
    const connection = new AsyncTcpConnection(`ws://[::1]:${port}/`);
    onTestFinished(() => connection.destroy());
    const log = record(connection);
    connection.connect();
    await log.until('open 101');
    expect(addressesOf(connection)).toMatchObject({
      remoteIp: '::1',
      remoteAddress: `[::1]:${port}`,
      localAddress: `[::1]:${connection.getLocalPort()}`,
      isIpV4: false,
      isIpV6: true,
    });
    expect(connection.getRemoteHost()).toBe('::1');
  });
});

describe('a socket file', () => {
  it('is dialled by ws+unix:, with the resource behind the colon', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'wsimd-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const path = join(directory, 'a socket');
    const urls: (string | undefined)[] = [];
    await listenOn((server, done) => {
      server.on('upgrade', ({ url, headers }) => urls.push(url, headers.host));
      server.listen(path, done);
    });
    const connection = new AsyncTcpConnection(`ws+unix:${path}:/resource?query=1`);
    onTestFinished(() => connection.destroy());
    const log = record(connection);
    connection.connect();
    await log.until('open 101');
    expect(urls).toEqual(['/resource?query=1', 'localhost']);
    expect(connection.getRemoteURI()).toBe('/resource?query=1');
    expect([connection.isIpV4(), connection.isIpV6(), connection.getRemotePort()]).toEqual([false, false, 0]);
  });

  it('that is not there is an error that names it', async () => {
    const path = join(tmpdir(), 'wsimd-no-such-socket');
    const connection = new AsyncTcpConnection(`ws+unix:${path}`);
    const log = record(connection);
    connection.connect();
    await log.until('close 1006');
    expect(log.events).toEqual(['error CONNECT_FAIL', 'close 1006']);
    expect(log.errors[0]!.message).toBe(`The server could not be reached: ${path}, connect ENOENT ${path}.`);
  });
});

describe('bytesRead and bytesWritten', () => {
  it('count all bytes of all connections of the object, handshakes included', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    const log = record(connection);
    let read = 0;
    let written = 0;
    for (let round = 1; round <= 3; round += 1) {
      connection.connect();
      const peer = await server.peer();
      const head = await peer.readHead();
      const answer = Buffer.from(RawPeer.answer(head));
      peer.write(answer, frame(TEXT, 'hello'));
      await log.until('message hello', round);
      await connection.sendAsync('back');
      await peer.readFrame();
      read += answer.length + 7;
      written += head.length + 10;
      expect([connection.bytesRead, connection.bytesWritten]).toEqual([read, written]);
      connection.destroy();
      expect([connection.bytesRead, connection.bytesWritten]).toEqual([read, written]);
    }
  });
});

describe('the queue sizes', () => {
  it('say what waits to be sent, with its headers, and what is not delivered', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    expect([connection.bufferIsEmpty(), connection.getSendBufferQueueSize()]).toEqual([true, 0]);
    connection.send('12345');
    expect([connection.bufferIsEmpty(), connection.getSendBufferQueueSize()]).toEqual([false, 11]);
    const log = record(connection);
    connection.connect();
    const peer = await server.acceptedPeer();
    await peer.readFrame();
    expect([connection.bufferIsEmpty(), connection.getSendBufferQueueSize()]).toEqual([true, 0]);

    expect(connection.getRecvBufferQueueSize()).toBe(0);
    // Half a binary message, and half a text.
    peer.write(frame(0x02, new Uint8Array(1000)), Buffer.of(0x00, 126, 0x10, 0x00), new Uint8Array(500));
    while (connection.getRecvBufferQueueSize() < 1500) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(connection.getRecvBufferQueueSize()).toBe(1500);
    peer.write(new Uint8Array(0x1000 - 500), frame(0x80), frame(TEXT, 'whole'));
    await log.until('message whole');
    expect(connection.getRecvBufferQueueSize()).toBe(0);

    connection.onMessage = (_, data) => {
      connection.pauseRecv();
      log.write(`paused at ${data}`);
    };
    peer.write(frame(TEXT, 'one'), frame(TEXT, 'two'), frame(TEXT, 'three'));
    await log.until('paused at one');
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(connection.getRecvBufferQueueSize()).toBeGreaterThanOrEqual('two'.length + 'three'.length);
    connection.onMessage = (_, data) => log.write(`resumed with ${data}`);
    connection.resumeRecv();
    await log.until('resumed with three');
    expect(connection.getRecvBufferQueueSize()).toBe(0);
  });
});

describe('the thread', () => {
  it('counts connections, messages and exceptions, and lists the live ones by id', async () => {
    const server = await echoServer('ws');
    const before = { ...AsyncTcpConnection.statistics };
    const connections = [server.client(), server.client()];
    const [first, second] = connections as [AsyncTcpConnection, AsyncTcpConnection];
    expect(AsyncTcpConnection.connections.has(first.id)).toBe(false);
    const logs = connections.map((connection) => record(connection));
    for (const connection of connections) connection.connect();
    expect(connections.map(({ id }) => AsyncTcpConnection.connections.get(id))).toEqual(connections);
    await Promise.all(logs.map((log) => log.until('open 101')));
    for (const text of ['a', 'b', 'c']) first.send(text);
    await logs[0]!.until('message c');
    first.onMessage = () => {
      throw new Error('mine');
    };
    first.send('d');
    await logs[0]!.until('error CALLBACK_EXCEPTION');
    expect(AsyncTcpConnection.statistics).toEqual({
      connection_count: before.connection_count + 2,
      total_request: before.total_request + 4,
      throw_exception: before.throw_exception + 1,
      send_fail: before.send_fail,
    });
    first.destroy();
    expect(first.send('too late')).toBe(false);
    expect(AsyncTcpConnection.statistics.send_fail).toBe(before.send_fail + 1);
    expect(AsyncTcpConnection.connections.has(first.id)).toBe(false);
    second.close();
    await logs[1]!.until('close 1000');
    expect(AsyncTcpConnection.statistics.connection_count).toBe(before.connection_count);
  });

  it('gives the defaults of sizes to connections made from then on', () => {
    const { defaultMaxPackageSize, defaultMaxSendBufferSize } = AsyncTcpConnection;
    expect([defaultMaxPackageSize, defaultMaxSendBufferSize]).toEqual([10 * 1024 * 1024, 1024 * 1024]);
    const earlier = new AsyncTcpConnection('ws://127.0.0.1');
    AsyncTcpConnection.defaultMaxPackageSize = 1000;
    AsyncTcpConnection.defaultMaxSendBufferSize = 2000;
    onTestFinished(() => {
      AsyncTcpConnection.defaultMaxPackageSize = defaultMaxPackageSize;
      AsyncTcpConnection.defaultMaxSendBufferSize = defaultMaxSendBufferSize;
    });
    const later = new AsyncTcpConnection('ws://127.0.0.1');
    expect([later.maxPackageSize, later.maxSendBufferSize]).toEqual([1000, 2000]);
    expect([earlier.maxPackageSize, earlier.maxSendBufferSize]).toEqual([10 * 1024 * 1024, 1024 * 1024]);
    expect(() => {
      AsyncTcpConnection.defaultMaxPackageSize = 0;
    }).toThrow('defaultMaxPackageSize must be a whole number of bytes, at least 1; it is 0.');
  });
});
