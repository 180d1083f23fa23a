// How the server's address is found and reached: several addresses for a name, a bound address of our own, credentials in the
// URL, and TLS over a socket file. (IPv6 literals and plain socket files are in callback/questions.test.ts.)

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type LookupFunction } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCert } from 'mkcert';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { AsyncTcpConnection } from '../../../src/index';
import { record } from '../../support/event-log';
import { closedPort, echoServer, SCHEMES, testAuthority, trust, wsServer } from '../../support/servers';

/** Answers every name with these addresses, however it is asked. */
function lookupOf(...addresses: string[]): LookupFunction {
  const list = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  return (_name, { all }, callback) => {
    if (all) process.nextTick(callback, null, list);
    else process.nextTick(callback, null, list[0]!.address, list[0]!.family);
  };
}

describe.each(SCHEMES)('over %s, a name with several addresses', (scheme) => {
  it('is reached by one that works, though others refuse or are silent (RFC 8305)', async () => {
    const server = await echoServer(scheme, { domains: ['feed.example.test'] });
    // A route that leads nowhere (RFC 6666 §4), a port that is closed on another loopback address, and the server.
    const lookup = lookupOf('100::1', '127.0.0.2', '127.0.0.1');
    const connection = new AsyncTcpConnection(`${scheme}://feed.example.test:${server.port}`, {
      ...(await trust(scheme)),
      lookup,
    });
    onTestFinished(() => connection.destroy());
    const log = record(connection);
    connection.connect();
    await log.until('open 101');
    expect(connection.getRemoteIp()).toBe('127.0.0.1');
    expect(connection.getRemoteHost()).toBe('feed.example.test');
  });

  it('of which none works is one error that names the host', async () => {
    const port = await closedPort();
    const lookup = lookupOf('127.0.0.1', '127.0.0.2');
    const connection = new AsyncTcpConnection(`${scheme}://feed.example.test:${port}`, { lookup });
    const log = record(connection);
    connection.connect();
    await log.until('close 1006');
    expect(log.events).toEqual(['error CONNECT_FAIL', 'close 1006']);
    expect(log.errors[0]!.message).toMatch(
      new RegExp(`^The server could not be reached: feed\\.example\\.test port ${port}, .*ECONNREFUSED`),
    );
  });
});

describe.each(SCHEMES)('over %s, an address of our own', (scheme) => {
  it('is what the server sees', async () => {
    const seen: (string | undefined)[] = [];
    const server = await wsServer(scheme);
    server.server.on('connection', (_socket, request) => seen.push(request.socket.remoteAddress));
    const connection = server.client('/', { localAddress: '127.0.0.9' });
    const log = record(connection);
    connection.connect();
    await log.until('open 101');
    expect(connection.getLocalIp()).toBe('127.0.0.9');
    expect(seen).toEqual(['127.0.0.9']);
  });

  it('that is not there, or a port that is taken, is an error with the reason', async () => {
    const server = await echoServer(scheme);
    const taken = createTcpServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    for (const [options, reason] of [
      [{ localAddress: '192.0.2.1' }, /EADDRNOTAVAIL/],
      [{ localAddress: '127.0.0.1', localPort: port }, /EADDRINUSE/],
    ] as const) {
      const log = record(server.client('/', options));
      const connection = server.client('/', options);
      const told = record(connection);
      connection.connect();
      await told.until('close 1006');
      expect(told.errors[0]!.message).toMatch(reason);
      expect(log.events).toEqual([]);
    }
  });
});

describe('credentials in the URL', () => {
  it.each([
    ['user:secret', 'user:secret'],
    ['%EC%95%88%EB%85%95:p%40ss', '안녕:p@ss'],
    ['only', 'only:'],
  ])('%s become Basic authentication', async (written, credentials) => {
    const seen: (string | undefined)[] = [];
    const server = await wsServer('ws');
    server.server.on('connection', (_socket, request) => seen.push(request.headers.authorization));
    const connection = new AsyncTcpConnection(`ws://${written}@127.0.0.1:${server.port}/`);
    onTestFinished(() => connection.destroy());
    const log = record(connection);
    connection.connect();
    await log.until('open 101');
    expect(seen).toEqual([`Basic ${Buffer.from(credentials).toString('base64')}`]);
  });
});

describe('TLS over a socket file', () => {
  it('is what ws+unix: and transport = "ssl" mean together', async () => {
    const certificate = await createCert({ ca: await testAuthority(), domains: ['inner.example.test'], validity: 1 });
    const directory = mkdtempSync(join(tmpdir(), 'wsimd-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const path = join(directory, 'socket');
    const https = createServer(certificate);
    const server = new WebSocketServer({ server: https });
    https.listen(path);
    await once(https, 'listening');
    onTestFinished(() => {
      for (const socket of server.clients) socket.terminate();
      https.close();
    });
    const connection = new AsyncTcpConnection(`ws+unix:${path}`, {
      ...(await trust('wss')),
      servername: 'inner.example.test',
    });
    onTestFinished(() => connection.destroy());
    connection.transport = 'ssl';
    const log = record(connection);
    connection.connect();
    await log.until('open 101');
  });
});
