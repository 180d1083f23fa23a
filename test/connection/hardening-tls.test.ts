// Whom a connection believes, and where it never goes: each line of the list about TLS, proxies and redirects has one test,
// by its name. That TLS options survive every proxy path (CVE-2026-9697) is shown in transport/proxy/tunnels.test.ts.

import { setImmediate } from 'node:timers/promises';
import { checkServerIdentity, createSecureContext } from 'node:tls';
import { describe, expect, it, vi } from 'vitest';
import { AsyncTcpConnection, type SocketOptions, type WsimdError } from '../../src/index';
import { record } from '../support/event-log';
import { scriptedProxy } from '../support/proxy-servers';
import { closedPort, echoServer, rawServer, SCHEMES, type Scheme, testAuthority } from '../support/servers';

describe('TLS and proxies', () => {
  it.each([
    ['an authority that nobody named', undefined, false],
    ['a certificate for another host', ['example.test'], true],
  ])('verified by default: %s', async (_, domains, isTrusted) => {
    const server = await echoServer('wss', domains === undefined ? {} : { domains });
    const onConnection = vi.fn();
    server.server.on('connection', onConnection);
    const connection = isTrusted ? server.client() : new AsyncTcpConnection(server.url);
    const log = record(connection);
    connection.send('must not be sent');
    connection.connect();
    await log.until('close 1006');
    expect(log.events).toEqual(['error TLS_FAIL', 'close 1006', 'error SEND_FAIL']);
    expect((log.errors[0]!.cause as WsimdError).code).toBe('WS_ERR_TLS');
    expect(onConnection).not.toHaveBeenCalled();
  });

  it('options keep their functions, never cloned through JSON, CVE-2026-84961: at every attempt', async () => {
    const server = await echoServer('wss');
    const identities = vi.fn(checkServerIdentity);
    const lookups = vi.fn<NonNullable<SocketOptions['lookup']>>((_hostname, _options, callback) =>
      callback(null, [{ address: '127.0.0.1', family: 4 }]),
    );
    const ca = Buffer.from((await testAuthority()).cert);
    const variants: SocketOptions[] = [{ ca }, { secureContext: createSecureContext({ ca }) }];
    for (const variant of variants) {
      const url = `wss://localhost:${server.port}`;
      const connection = new AsyncTcpConnection(url, { ...variant, checkServerIdentity: identities, lookup: lookups });
      const log = record(connection);
      for (const attempt of [1, 2]) {
        connection.connect();
        await log.until('open 101', attempt);
        connection.destroy();
        await log.until('close 1006', attempt);
      }
    }
    expect(lookups.mock.calls.map(([hostname]) => hostname)).toEqual(Array(4).fill('localhost'));
    expect(identities.mock.calls.map(([hostname]) => hostname)).toEqual(Array(4).fill('localhost'));
    expect(identities.mock.calls[0]![1].subjectaltname).toContain('DNS:localhost');
  });

  it.each(['proxyHttp', 'proxySocks5'] as const)(
    'a %s that fails is an error, never a direct connection',
    async (kind) => {
      const server = await rawServer('ws');
      const refusing = await scriptedProxy((peer) => peer.read(3).then(() => void peer.socket.end()));
      for (const port of [await closedPort(), refusing.port]) {
        const connection = server.client();
        connection[kind] = `127.0.0.1:${port}`;
        const log = record(connection);
        connection.connect();
        await log.until('close 1006');
        expect(log.events).toEqual(['error PROXY_FAIL', 'close 1006']);
      }
      expect(server.count).toBe(0);
    },
  );

  const REDIRECTS: readonly (readonly [status: number, from: Scheme, to: Scheme])[] = [
    ...[300, 301, 302, 303, 305, 307, 308].map((status) => [status, 'ws', 'ws'] as const),
    ...SCHEMES.map((to) => [307, 'wss', to] as const),
  ];
  it.each(REDIRECTS)('credentials and cookies do not follow a redirect: %i from %s to %s', async (status, from, to) => {
    const [server, elsewhere] = [await rawServer(from), await rawServer(to)];
    const { cert: ca } = await testAuthority();
    const connection = new AsyncTcpConnection(server.url.replace('//', '//user:secret@'), { ca });
    connection.headers = { Cookie: 'token=secret' };
    connection.lingerTimeout = 0.05;
    const log = record(connection);
    connection.connect();
    const peer = await server.peer();
    expect(await peer.readHead()).toContain('token=secret');
    peer.write(Buffer.from(`HTTP/1.1 ${status} Elsewhere\r\nLocation: ${elsewhere.url}/\r\nContent-Length: 0\r\n\r\n`));
    await log.until('close 1006');
    for (let turn = 0; turn < 20; turn += 1) await setImmediate();
    expect(log.events).toEqual(['connect', 'error HANDSHAKE_FAIL', 'close 1006']);
    expect(log.errors[0]!.message).toContain(`a redirect to "${elsewhere.url}/"; redirects are not followed`);
    expect([server.count, elsewhere.count]).toEqual([1, 0]);
  });
});
