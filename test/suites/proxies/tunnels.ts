// The cases that every proxy must pass, whoever wrote it: messages both ways over ws: and wss:, to IPv4, IPv6 and names, with
// and without a password; targets that are not there; and that all TLS options reach the target.

import { describe, expect, it, vi } from 'vitest';
import { AsyncTcpConnection, ProxyError, type SocketOptions } from '../../../src/index';
import { type EventLog, record } from '../../support/event-log';
import { setProxy } from '../../support/proxy-attempts';
import { certificate, closedPort, echoServer, SCHEMES, testAuthority } from '../../support/servers';
import { secureServer } from './secure-server';

export interface ProxyUnderTest {
  readonly kind: 'http' | 'https' | 'socks5';
  readonly port: number;
  /** `name:password`, if it asks for them. */
  readonly credentials?: string | undefined;
}

const LARGE = Uint8Array.from({ length: 1 << 20 }, (_, index) => (index * 7919) >> 5);

const ADDRESSES = [
  ['an IPv4 address', '127.0.0.1', '127.0.0.1'],
  ['an IPv6 address', '[::1]', '::1'],
  ['a name, which the proxy resolves', 'localhost', '127.0.0.1'],
] as const;

function urlOf({ kind, port }: ProxyUnderTest, credentials?: string): string {
  return `${kind}://${credentials === undefined ? '' : `${credentials}@`}127.0.0.1:${port}`;
}

/** An attempt through the proxy with its credentials, or others. */
async function attempt(
  proxy: ProxyUnderTest,
  url: string,
  options: SocketOptions = {},
  credentials = proxy.credentials,
): Promise<{ connection: AsyncTcpConnection; log: EventLog }> {
  const { cert } = await testAuthority();
  const connection = new AsyncTcpConnection(url, { ca: cert, proxyTls: { ca: cert }, ...options });
  // A real proxy may resolve a name for long that does not exist.
  connection.connectTimeout = 25;
  setProxy(connection, urlOf(proxy, credentials));
  const log = record(connection);
  connection.connect();
  return { connection, log };
}

async function refused(proxy: ProxyUnderTest, url: string, credentials?: string): Promise<ProxyError> {
  const { log } = await attempt(proxy, url, {}, credentials);
  await log.until('close 1006');
  expect(log.events).toEqual(['error PROXY_FAIL', 'close 1006']);
  const error = log.errors[0]!.cause as ProxyError;
  expect(error).toBeInstanceOf(ProxyError);
  expect(error.code).toBe('WS_ERR_PROXY_REFUSED');
  return error;
}

/** Texts and 1 MiB of bytes, there and back, and the closing handshake. */
async function talk(connection: AsyncTcpConnection, log: EventLog): Promise<void> {
  connection.maxSendBufferSize = 4 * LARGE.length;
  await log.until('open 101');
  const texts = Array.from({ length: 100 }, (_, index) => `text ${index} 안녕`);
  for (const text of texts.slice(0, 50)) connection.send(text);
  connection.send(LARGE);
  for (const text of texts.slice(50)) connection.send(text);
  await log.until(({ messages }) => messages.length === 101);
  expect(Buffer.compare(log.messages[50] as Uint8Array, LARGE)).toBe(0);
  expect(log.messages.filter((_, index) => index !== 50)).toEqual(texts);
  connection.close();
  await log.until('close 1000');
  expect(log.closings[0]!.wasClean).toBe(true);
  expect(log.errors).toEqual([]);
}

/** @param start called in each test */
export function describeTunnels(name: string, start: () => Promise<ProxyUnderTest>): void {
  describe.each(SCHEMES)(`through ${name}, %s`, (scheme) => {
    it.each(ADDRESSES)('messages go both ways to %s', async (_, host, address) => {
      const proxy = await start();
      const server = await echoServer(scheme, { host: address, domains: [address, 'localhost'] });
      const lookup = vi.fn();
      const { connection, log } = await attempt(proxy, `${scheme}://${host}:${server.port}`, { lookup });
      await talk(connection, log);
      expect(lookup).not.toHaveBeenCalled();
    });

    it('a target that refuses is told by the proxy', async () => {
      const proxy = await start();
      const error = await refused(proxy, `${scheme}://127.0.0.1:${await closedPort()}`, proxy.credentials);
      if (proxy.kind === 'socks5') expect(error.reply).toBeGreaterThan(0);
      else expect(error.response!.status).toBeGreaterThanOrEqual(500);
    });
  });

  it(`through ${name}, a name that nobody knows is told by the proxy`, async () => {
    const proxy = await start();
    await refused(proxy, 'ws://unknown.test.invalid', proxy.credentials);
  });

  it(`through ${name}, only the right password opens a tunnel, if it asks for one`, async () => {
    const proxy = await start();
    const server = await echoServer('ws');
    if (proxy.credentials === undefined) {
      // Credentials that nobody asks for are no obstacle.
      const { connection, log } = await attempt(proxy, server.url, {}, 'user:password');
      await talk(connection, log);
      return;
    }
    const [username] = proxy.credentials.split(':');
    for (const credentials of [`${username}:wrong`, 'wrong:wrong']) {
      const error = await refused(proxy, server.url, credentials);
      expect(error.message).not.toContain('wrong');
      if (proxy.kind !== 'socks5') expect(error.response!.status).toBeOneOf([401, 407]);
    }
    const without = await attempt({ ...proxy, credentials: undefined }, server.url);
    await without.log.until('close 1006');
    expect(without.log.events).toEqual(['error PROXY_FAIL', 'close 1006']);
  });

  describe(`through ${name}, TLS options are those of the target`, () => {
    const toLocalhost = async (options: SocketOptions, domains = ['localhost']) => {
      const proxy = await start();
      const server = await secureServer(domains);
      return { server, ...(await attempt(proxy, `wss://localhost:${server.port}`, options)) };
    };

    it('ca: without it the certificate is refused', async () => {
      const { log, server } = await toLocalhost({ ca: undefined });
      await log.until('close 1006');
      expect(log.events).toEqual(['error TLS_FAIL', 'close 1006']);
      expect(log.errors[0]!.message).toContain(`localhost port ${server.port}`);
    });

    it('the name of the target is the one that is verified', async () => {
      const { log } = await toLocalhost({}, ['elsewhere.test']);
      await log.until('close 1006');
      expect(log.events).toEqual(['error TLS_FAIL', 'close 1006']);
      expect(log.errors[0]!.message).toContain('localhost');
    });

    it('rejectUnauthorized, for tests: nothing is verified', async () => {
      const { connection, log } = await toLocalhost({ ca: undefined, rejectUnauthorized: false }, ['elsewhere.test']);
      await talk(connection, log);
    });

    it('cert, key, servername; and ALPN is http/1.1', async () => {
      const client = await certificate(['client.test']);
      const { connection, log, server } = await toLocalhost({ ...client, servername: 'other.test' }, ['other.test']);
      await talk(connection, log);
      expect(server.seen).toEqual([{ servername: 'other.test', client: 'client.test', alpn: 'http/1.1' }]);
    });

    it.each(['returned', 'thrown'])(
      'checkServerIdentity is asked about the target, and its no is one, %s',
      async (how) => {
        const no = new Error('not the pinned one');
        const checkServerIdentity = vi.fn(() => {
          if (how === 'thrown') throw no;
          return no;
        });
        const { log } = await toLocalhost({ checkServerIdentity });
        await log.until('close 1006');
        expect(log.events).toEqual(['error TLS_FAIL', 'close 1006']);
        expect(log.errors[0]!.message).toContain('not the pinned one');
        expect(checkServerIdentity.mock.calls).toEqual([
          ['localhost', expect.objectContaining({ subjectaltname: 'DNS:localhost' })],
        ]);
      },
    );
  });
}
