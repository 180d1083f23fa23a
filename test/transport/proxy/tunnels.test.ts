// What every proxy must pass, played against the small ones of the tests: both kinds, with and without a password, and TLS to
// the proxy. `npm run proxies` plays the same cases against real ones.

import { describe, expect, it, vi } from 'vitest';
import { AsyncTcpConnection, type SocketOptions } from '../../../src/index';
import { secureServer } from '../../suites/proxies/secure-server';
import { describeTunnels } from '../../suites/proxies/tunnels';
import { record } from '../../support/event-log';
import { httpProxy, NAME, socks5Proxy } from '../../support/proxy-servers';
import { certificate, echoServer, SCHEMES, testAuthority } from '../../support/servers';

const CREDENTIALS = 'user:p%C3%A4ss';
const BASIC = `Basic ${Buffer.from('user:päss').toString('base64')}`;

describeTunnels('HTTP', async () => ({ kind: 'http', ...(await httpProxy()) }));
describeTunnels('HTTP with a password', async () => ({
  kind: 'http',
  credentials: CREDENTIALS,
  ...(await httpProxy(BASIC)),
}));
describeTunnels('HTTP over TLS', async () => ({
  kind: 'https',
  credentials: CREDENTIALS,
  ...(await httpProxy(BASIC, await certificate())),
}));
describeTunnels('SOCKS5', async () => ({ kind: 'socks5', ...(await socks5Proxy()) }));
describeTunnels('SOCKS5 with a password', async () => ({
  kind: 'socks5',
  credentials: CREDENTIALS,
  ...(await socks5Proxy('user:päss')),
}));

describe.each(SCHEMES)('over %s, a name that only the proxy knows', (scheme) => {
  it.each(['http', 'socks5'] as const)('reaches the proxy as it is, kind %s', async (kind) => {
    const server = await echoServer(scheme, { domains: [NAME] });
    const proxy = kind === 'http' ? await httpProxy() : await socks5Proxy();
    const connection = new AsyncTcpConnection(`${scheme}://${NAME}:${server.port}`, {
      ca: (await testAuthority()).cert,
    });
    if (kind === 'http') connection.proxyHttp = `127.0.0.1:${proxy.port}`;
    else connection.proxySocks5 = `127.0.0.1:${proxy.port}`;
    connection.proxyAuthorization = 'Bearer as it stands';
    const log = record(connection);
    connection.connect();
    await log.until('open 101');
    expect(log.events).toEqual(['connect', 'open 101']);
    const host = `${NAME}:${server.port}`;
    const head = `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\nProxy-Authorization: Bearer as it stands\r\n\r\n`;
    expect(proxy.asked).toEqual([kind === 'http' ? head : host]);
    connection.destroy();
  });
});

describe('the options of a dial are for the proxy', () => {
  it.each(['http', 'socks5'] as const)('lookup, family and localAddress, kind %s', async (kind) => {
    const server = await echoServer('wss', { domains: [NAME] });
    const proxy = kind === 'http' ? await httpProxy() : await socks5Proxy();
    const lookup = vi.fn<NonNullable<SocketOptions['lookup']>>((_, options, callback) =>
      options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4),
    );
    const options = { lookup, family: 4, localAddress: '127.0.0.1', ca: (await testAuthority()).cert };
    const connection = new AsyncTcpConnection(`wss://${NAME}:${server.port}`, options);
    if (kind === 'http') connection.proxyHttp = `proxy.test.invalid:${proxy.port}`;
    else connection.proxySocks5 = `proxy.test.invalid:${proxy.port}`;
    const log = record(connection);
    connection.connect();
    await log.until('open 101');
    expect(lookup.mock.calls.map(([name, { family }]) => [name, family])).toEqual([['proxy.test.invalid', 4]]);
    connection.destroy();
  });
});

describe('TLS to the proxy', () => {
  /** Through a proxy with a certificate for `proxy.test`, to a server with one for `localhost`. */
  async function through(options: SocketOptions) {
    const server = await secureServer(['localhost']);
    const ca = await testAuthority();
    const seen: (string | false | undefined)[] = [];
    const proxy = await httpProxy(undefined, {
      ...(await certificate(['proxy.test'])),
      ca: ca.cert,
      requestCert: true,
      rejectUnauthorized: false,
      SNICallback: (name, callback) => {
        seen.push(name);
        callback(null);
      },
    });
    const lookup: SocketOptions['lookup'] = (_, { all }, callback) =>
      all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4);
    const connection = new AsyncTcpConnection(`wss://localhost:${server.port}`, { lookup, ...options });
    connection.proxyHttp = `https://proxy.test:${proxy.port}`;
    const log = record(connection);
    connection.connect();
    await log.until(({ response, closings }) => response !== undefined || closings.length > 0);
    connection.destroy();
    return { log, server, seen };
  }

  it('takes the ca of the target and no other of its options, and is verified against its own name', async () => {
    const ca = (await testAuthority()).cert;
    const checkServerIdentity = vi.fn(() => undefined);
    const { log, server, seen } = await through({ ca, servername: 'localhost', checkServerIdentity });
    expect(log.events.slice(0, 2)).toEqual(['connect', 'open 101']);
    expect(seen).toEqual(['proxy.test']);
    expect(server.seen.map(({ servername }) => servername)).toEqual(['localhost']);
    expect(checkServerIdentity).toHaveBeenCalledTimes(1);
  });

  it('is not switched off by what switches off that of the target', async () => {
    const { log } = await through({ rejectUnauthorized: false });
    expect(log.events).toEqual(['error PROXY_FAIL', 'close 1006']);
    expect(log.errors[0]!.cause).toMatchObject({ code: 'WS_ERR_PROXY_TLS' });
  });

  it('has options of its own, which are not those of the target', async () => {
    const { cert } = await testAuthority();
    const { log } = await through({ proxyTls: { ca: cert } });
    expect(log.events).toEqual(['error TLS_FAIL', 'close 1006']);
    const other = await through({ ca: cert, proxyTls: { rejectUnauthorized: false, servername: 'other.test' } });
    expect(other.log.events.slice(0, 2)).toEqual(['connect', 'open 101']);
    expect(other.seen).toEqual(['other.test']);
  });

  it('and what is wrong with them is a fault of the proxy', async () => {
    const { log } = await through({ proxyTls: { ca: (await testAuthority()).cert, minVersion: 'TLSv9' as 'TLSv1.3' } });
    expect(log.events).toEqual(['error PROXY_FAIL', 'close 1006']);
    expect(log.errors[0]!.cause).toMatchObject({ code: 'WS_ERR_PROXY_CONNECT' });
  });

  it('but what is wrong with those of the target is none of the proxy', async () => {
    const { cert } = await testAuthority();
    const { log } = await through({ proxyTls: { ca: cert }, minVersion: 'TLSv9' as 'TLSv1.3' });
    expect(log.events).toEqual(['error CONNECT_FAIL', 'close 1006']);
    expect(log.errors[0]!.cause).toMatchObject({ code: 'WS_ERR_CONNECT' });
  });
});
