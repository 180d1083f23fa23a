// The proxy that variables of the environment name: which variable counts, what it may say, and what NO_PROXY exempts, each in a
// table; and on real connections, anew at every attempt and every redirect.

import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { AsyncTcpConnection, type WsimdError } from '../../src/index';
import { environmentProxy, isExempt } from '../../src/options/proxy-environment';
import { record } from '../support/event-log';
import { httpProxy, NAME, socks5Proxy } from '../support/proxy-servers';
import { station } from '../support/redirecting';
import { echoServer } from '../support/servers';

const WS = { secure: false, hostname: 'server.example', port: 80 };
const WSS = { secure: true, hostname: 'server.example', port: 443 };

type Variables = Readonly<Record<string, string | undefined>>;

const found = (environment: Variables, target = WS): string | undefined => {
  const proxy = environmentProxy(target, environment);
  return proxy && `${proxy.kind}${proxy.secure ? 's' : ''} ${proxy.hostname} ${proxy.port}`;
};

describe('the variable', () => {
  it.each<[Variables, string | undefined, string | undefined]>([
    [{}, undefined, undefined],
    [{ HTTP_PROXY: 'a:1' }, 'http a 1', undefined],
    [{ HTTPS_PROXY: 'a:1' }, undefined, 'http a 1'],
    [{ ALL_PROXY: 'a:1' }, 'http a 1', 'http a 1'],
    [{ http_proxy: 'a:1', HTTP_PROXY: 'b:2' }, 'http a 1', undefined],
    [{ https_proxy: 'a:1', HTTPS_PROXY: 'b:2' }, undefined, 'http a 1'],
    [{ all_proxy: 'a:1', ALL_PROXY: 'b:2' }, 'http a 1', 'http a 1'],
    [{ HTTP_PROXY: 'a:1', all_proxy: 'b:2' }, 'http a 1', 'http b 2'],
    [{ HTTPS_PROXY: 'a:1', ALL_PROXY: 'b:2' }, 'http b 2', 'http a 1'],
    [{ http_proxy: '', HTTP_PROXY: 'a:1' }, 'http a 1', undefined],
    [{ http_proxy: ' ', ALL_PROXY: 'a:1' }, 'http a 1', 'http a 1'],
    [{ Http_Proxy: 'a:1', WS_PROXY: 'a:1' }, undefined, undefined],
    // A CGI program: the header `Proxy` of the request.
    [{ HTTP_PROXY: 'a:1', REQUEST_METHOD: 'GET' }, undefined, undefined],
    [{ http_proxy: 'a:1', HTTPS_PROXY: 'b:2', REQUEST_METHOD: 'GET' }, 'http a 1', 'http b 2'],
    [{ ALL_PROXY: 'a:1', NO_PROXY: 'server.example' }, undefined, undefined],
    [{ ALL_PROXY: 'a:1', no_proxy: 'other.example', NO_PROXY: 'server.example' }, 'http a 1', 'http a 1'],
    [{ ALL_PROXY: 'a:1', no_proxy: '', NO_PROXY: 'server.example' }, undefined, undefined],
    [{ ALL_PROXY: 'a:1', no_proxy: 'server.example:80' }, undefined, 'http a 1'],
  ])('of %j is %s for ws: and %s for wss:', (environment, forWs, forWss) => {
    expect([found(environment), found(environment, WSS)]).toEqual([forWs, forWss]);
  });

  it.each([
    ['proxy.example:3128', 'http proxy.example 3128'],
    ['proxy.example', 'http proxy.example 80'],
    ['  http://Proxy.Example:8080/ ', 'http proxy.example 8080'],
    ['https://proxy.example', 'https proxy.example 443'],
    ['socks5://proxy.example', 'socks5 proxy.example 1080'],
    ['SOCKS5H://[::1]:9050', 'socks5 ::1 9050'],
    ['[::1]:3128', 'http ::1 3128'],
  ])('%j is %s', (value, proxy) => {
    expect(found({ ALL_PROXY: value })).toBe(proxy);
  });

  it('may have credentials', () => {
    const proxy = environmentProxy(WS, { HTTP_PROXY: 'http://us%40er:p@proxy.example' });
    expect(proxy).toMatchObject({ username: 'us@er', password: 'p' });
    expect(environmentProxy(WS, { HTTP_PROXY: 'user:p@proxy.example' })).toMatchObject({ username: 'user' });
  });

  it.each(['ftp://secret', 'socks4://secret:1', 'http://secret/path', 'secret:port', 'http://', 'a secret', ':1'])(
    '%j is none, which is said with its name and without its value',
    (value) => {
      for (const name of ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy']) {
        const error = errorOf(() => environmentProxy(WS, { [name]: value }));
        expect(error).toMatchObject({ code: 'WS_ERR_PROXY_VARIABLE', kind: AsyncTcpConnection.PROXY_FAIL });
        expect(error.message).toMatch(
          new RegExp(
            `^No attempt was made, since a variable of the environment names no proxy: ${name} must (be "host:port", or a URL of http, https, socks5 or socks5h|end with the port)`,
          ),
        );
        expect(error.message).not.toContain('secret');
      }
    },
  );

  it('that may not be read says so', () => {
    const environment = new Proxy(
      {},
      {
        get: () => {
          throw new Error('Requires env access');
        },
      },
    );
    expect(errorOf(() => environmentProxy(WS, environment)).message).toMatch(/names no proxy: Requires env access\.$/);
  });

  it('is none where there is no process', () => {
    vi.stubGlobal('process', undefined);
    expect(environmentProxy(WS)).toBeUndefined();
    vi.stubGlobal('process', {});
    expect(environmentProxy(WS)).toBeUndefined();
    vi.unstubAllGlobals();
  });
});

function errorOf(action: () => unknown): WsimdError {
  try {
    action();
  } catch (error) {
    return error as WsimdError;
  }
  throw new Error('Nothing was thrown.');
}

describe('NO_PROXY', () => {
  /** Of `host` or `host port`, those that go directly. */
  it.each<[list: string, exempt: readonly string[], others: readonly string[]]>([
    ['', [], ['a.example', 'localhost', '127.0.0.1', '::1']],
    ['*', ['a.example', '127.0.0.1', '::1'], []],
    [
      'a.example',
      ['a.example', 'b.a.example', 'c.b.a.example', 'a.example 8080', 'a.example.'],
      ['ba.example', 'example', 'a.example.org'],
    ],
    ['A.Example', ['a.example'], []],
    ['a.example.', ['a.example', 'b.a.example'], []],
    ['.a.example', ['b.a.example', 'c.b.a.example'], ['a.example', 'ba.example']],
    ['*.a.example', ['b.a.example'], ['a.example', 'ba.example']],
    ['*a.example', [], ['a.example', 'ba.example', 'b.a.example']],
    ['a.example:8080', ['a.example 8080', 'b.a.example 8080'], ['a.example', 'a.example 80']],
    ['.a.example:8080', ['b.a.example 8080'], ['b.a.example', 'a.example 8080']],
    ['*.a.example:8080', ['b.a.example 8080'], ['b.a.example 81']],
    ['a.example,b.example', ['a.example', 'b.example'], ['c.example']],
    [
      ' a.example , b.example\tc.example  d.example,',
      ['a.example', 'b.example', 'c.example', 'd.example'],
      ['e.example'],
    ],
    ['bücher.example', ['xn--bcher-kva.example'], []],
    ['localhost', ['localhost', 'a.localhost'], ['127.0.0.1', '::1']],
    ['127.0.0.1', ['127.0.0.1', '127.0.0.1 8080'], ['127.0.0.2', 'localhost', '::1']],
    ['127.0.0.1:80', ['127.0.0.1 80'], ['127.0.0.1 81']],
    ['.1', [], ['127.0.0.1', '0.0.0.1']],
    ['.0.0.1', [], ['127.0.0.1']],
    ['1', ['0.0.0.1'], ['127.0.0.1', '1.example']],
    ['::1', ['::1', '::1 8080'], ['::2', '127.0.0.1']],
    ['0:0:0:0:0:0:0:1', ['::1'], []],
    ['[::1]', ['::1', '::1 8080'], ['::2']],
    ['[::1]:80', ['::1 80'], ['::1 81']],
    ['2001:DB8::A', ['2001:db8::a'], ['2001:db8::b']],
    ['::ffff:10.0.0.1', ['::ffff:a00:1'], ['10.0.0.1']],
    ['10.0.0.1', ['10.0.0.1', '::ffff:a00:1'], []],
    [
      '10.0.0.0/8',
      ['10.0.0.0', '10.255.255.255', '10.1.2.3 8080', '::ffff:a01:203'],
      ['11.0.0.0', '9.255.255.255', 'a00::', '10.example'],
    ],
    ['10.1.2.3/8', ['10.9.9.9'], ['11.1.2.3']],
    ['192.168.4.0/22', ['192.168.4.0', '192.168.7.255'], ['192.168.8.0', '192.168.3.255']],
    ['192.0.2.1/32', ['192.0.2.1'], ['192.0.2.2', '192.0.2.0']],
    ['0.0.0.0/0', ['192.0.2.1'], ['2001:db8::1', 'a.example']],
    ['fd00::/8', ['fd00::1', 'fdff::1'], ['fe00::1', 'fc00::1', '253.0.0.1']],
    ['[fd00::]/8', ['fd00::1'], ['fe00::1']],
    ['2001:db8::/127', ['2001:db8::', '2001:db8::1'], ['2001:db8::2']],
    ['::1/128', ['::1'], ['::2']],
    ['::/0', ['::1', 'fd00::1'], ['127.0.0.1']],
    ['10.0.0.0/33', [], ['10.0.0.0']],
    ['%/8', [], ['a.example', '10.0.0.0']],
    ['fd00::/129', [], ['fd00::']],
    ['10.0.0.0/', [], ['10.0.0.0']],
    ['10.0.0.0/x', [], ['10.0.0.0']],
    ['a.example/8', [], ['a.example', '10.0.0.0']],
    ['10.0.0/8', ['10.0.0.5'], []],
    [':80', [], ['a.example']],
    ['.', [], ['a.example', 'example.']],
    ['*.', [], ['a.example']],
    ['http://a.example', [], ['a.example']],
    ['a.example:', [], ['a.example']],
    ['user@a.example', [], ['a.example']],
    ['a.example?', [], ['a.example']],
    ['[', [], ['::1']],
    ['%', [], ['a.example']],
  ])('%j', (list, exempt, others) => {
    const isDirect = (written: string): boolean => {
      const [hostname, port = '443'] = written.split(' ');
      return isExempt({ secure: true, hostname: hostname!, port: Number(port) }, list);
    };
    expect(exempt.filter((one) => !isDirect(one))).toEqual([]);
    expect(others.filter(isDirect)).toEqual([]);
  });
});

describe('a connection', () => {
  afterEach(() => vi.unstubAllEnvs());

  const begin = (url: string, configure: (connection: AsyncTcpConnection) => void = () => {}) => {
    for (const name of ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy']) {
      for (const one of [name, name.toUpperCase()]) if (process.env[one] === undefined) vi.stubEnv(one, undefined);
    }
    const connection = new AsyncTcpConnection(url);
    onTestFinished(() => connection.destroy());
    connection.proxyFromEnvironment = true;
    configure(connection);
    const log = record(connection);
    connection.connect();
    return { connection, log };
  };

  it('asks at every attempt: an HTTP proxy, then a SOCKS5 one, then none', async () => {
    const server = await echoServer('ws');
    const [http, socks] = [await httpProxy(`Basic ${btoa('u:p')}`), await socks5Proxy('u:p')];
    vi.stubEnv('http_proxy', `http://u:p@127.0.0.1:${http.port}`);
    const { connection, log } = begin(`ws://${NAME}:${server.port}`);
    await log.until('open 101');
    expect(http.asked).toHaveLength(1);
    vi.stubEnv('http_proxy', undefined);
    vi.stubEnv('ALL_PROXY', `socks5h://u:p@127.0.0.1:${socks.port}`);
    connection.destroy();
    connection.connect();
    await log.until('open 101', 2);
    expect([http.asked.length, socks.asked]).toEqual([1, [`${NAME}:${server.port}`]]);
    vi.stubEnv('NO_PROXY', 'test.invalid');
    connection.destroy();
    connection.connect();
    await log.until('close 1006', 3);
    expect(log.events.at(-2)).toBe('error CONNECT_FAIL');
    expect([http.asked.length, socks.asked.length]).toEqual([1, 1]);
  });

  it('asks anew for the place of a redirect', async () => {
    const there = await station('ws');
    const here = await station('ws', { '/': `http://127.0.0.1:${there.port}` });
    const proxy = await httpProxy();
    vi.stubEnv('HTTP_PROXY', `127.0.0.1:${proxy.port}`);
    vi.stubEnv('NO_PROXY', `127.0.0.1:${here.port}`);
    const { connection, log } = begin(`ws://127.0.0.1:${here.port}`, (connection) => {
      connection.followRedirects = true;
    });
    await log.until('open 101');
    expect(proxy.asked.map((head) => head.split(' ')[1])).toEqual([`127.0.0.1:${there.port}`]);
    vi.stubEnv('HTTP_PROXY', 'ftp://secret');
    connection.reconnectPolicy = {};
    connection.destroy();
    connection.connect();
    await log.until('reconnect failed');
    expect(log.errors[0]!.message).toBe(
      `No attempt was made, since a variable of the environment names no proxy: HTTP_PROXY must be "host:port", or a URL of http, https, socks5 or socks5h, after 1 redirect, at ws://127.0.0.1:${there.port}/.`,
    );
  });

  it('goes through a proxy that is set, and without proxyFromEnvironment asks nobody', async () => {
    const server = await echoServer('ws');
    const proxy = await httpProxy();
    vi.stubEnv('HTTP_PROXY', 'ftp://nobody');
    const set = begin(server.url, (connection) => {
      connection.proxyHttp = `127.0.0.1:${proxy.port}`;
    });
    await set.log.until('open 101');
    expect(proxy.asked).toHaveLength(1);
    const off = begin(server.url, (connection) => {
      connection.proxyFromEnvironment = false;
    });
    await off.log.until('open 101');
    const wrong = begin(server.url);
    await wrong.log.until('close 1006');
    expect(wrong.log.events).toEqual(['error PROXY_FAIL', 'close 1006']);
    expect(wrong.log.errors[0]!.cause).toMatchObject({ code: 'WS_ERR_PROXY_VARIABLE', phase: 'providers' });
  });

  it('to a socket file goes directly', async () => {
    vi.stubEnv('ALL_PROXY', 'ftp://nobody');
    const { log } = begin('ws+unix:/nowhere/at/all.sock:/');
    await log.until('close 1006');
    expect(log.errors[0]!.cause).toMatchObject({ code: 'WS_ERR_CONNECT' });
  });
});
