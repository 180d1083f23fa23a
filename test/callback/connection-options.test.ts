// The second argument of the constructor on its whole way, from Workerman's contexts to a server that sees what came of them.

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AsyncTcpConnection, type ConnectionOptions } from '../../src/index';
import { record } from '../support/event-log';
import { echoServer, SCHEMES, testAuthority } from '../support/servers';

function client(url: string, options: ConnectionOptions): AsyncTcpConnection {
  const connection = new AsyncTcpConnection(url, options);
  onTestFinished(() => connection.destroy());
  return connection;
}

describe.each(SCHEMES)('over %s', (scheme) => {
  it('socket.bindto and ssl.cafile, at every attempt', async () => {
    const server = await echoServer(scheme);
    const cafile = (await testAuthority()).cert;
    const connection = client(server.url.replace('127.0.0.1', 'localhost'), {
      socket: { bindto: '127.0.0.2:0' },
      ssl: { cafile, verify_peer: true },
    });
    const log = record(connection);
    for (const attempt of [1, 2]) {
      connection.connect();
      const [, request] = (await once(server.server, 'connection')) as [unknown, IncomingMessage];
      expect(request.socket.remoteAddress).toBe('127.0.0.2');
      await log.until('open 101', attempt);
      expect(connection.getLocalIp()).toBe('127.0.0.2');
      connection.destroy();
    }
  });

  it('what is wrong is refused by the constructor', () => {
    expect(() => client(`${scheme}://localhost`, { ssl: { crypto_method: 9 } as object })).toThrow(
      'options.ssl has no crypto_method: use minVersion and maxVersion.',
    );
  });
});

it('ssl.allow_self_signed, peer_name and peer_fingerprint', async () => {
  const server = await echoServer('wss', { domains: ['example.test'] });
  const cafile = (await testAuthority()).cert;
  const right = client(server.url, { ssl: { cafile, peer_name: 'example.test' } });
  const log = record(right);
  right.connect();
  const [, request] = (await once(server.server, 'connection')) as [unknown, IncomingMessage];
  expect((request.socket as TLSSocket & { servername: string }).servername).toBe('example.test');
  await log.until('open 101');

  const wrong: ConnectionOptions[] = [
    { ssl: { allow_self_signed: true } },
    { ssl: { cafile } },
    { ssl: { cafile, peer_name: 'example.test', peer_fingerprint: 'ab'.repeat(32) } },
  ];
  for (const options of wrong) {
    const connection = client(server.url, options);
    const log = record(connection);
    connection.connect();
    await log.until('close 1006');
    expect(log.events).toEqual(['error TLS_FAIL', 'close 1006']);
  }
});
