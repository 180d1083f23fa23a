// followRedirects: an answer that redirects leads the same attempt elsewhere, and what is the first host's stays with it.

import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it, onTestFinished } from 'vitest';
import { optionsElsewhere, placeIn } from '../../src/callback/redirects';
import {
  AsyncTcpConnection,
  type Connect,
  HandshakeError,
  type Headers,
  type SocketOptions,
  type WsimdError,
} from '../../src/index';
import { parseUrl } from '../../src/options/url';
import { connect } from '../../src/transport/node/node';
import { type EventLog, record } from '../support/event-log';
import { httpProxy } from '../support/proxy-servers';
import { RawPeer } from '../support/raw-peer';
import { pathsOf, station } from '../support/redirecting';
import { closedPort, rawServer, SCHEMES, trust } from '../support/servers';

interface Begun {
  readonly connection: AsyncTcpConnection;
  readonly log: EventLog;
}

function begin(
  url: string,
  configure: (connection: AsyncTcpConnection) => void = () => {},
  options: SocketOptions = {},
): Begun {
  const connection = new AsyncTcpConnection(url, options);
  onTestFinished(() => connection.destroy());
  connection.followRedirects = true;
  configure(connection);
  const log = record(connection);
  connection.connect();
  return { connection, log };
}

/** What an attempt fails with that does this. */
async function failure(...of: Parameters<typeof begin>): Promise<{ error: WsimdError; log: EventLog }> {
  const { log } = begin(...of);
  await log.until('close 1006');
  expect(log.errors).toHaveLength(1);
  const error = log.errors[0]!.cause as WsimdError;
  expect(error.message).toBe(log.errors[0]!.message);
  expect(error.stack).toContain(error.message);
  return { error, log };
}

const START = parseUrl('ws://first.test:81/a/b?q=1');
const SECURE = parseUrl('wss://first.test/a/b');

describe('where a Location leads', () => {
  it.each([
    ['/there', 'ws://first.test:81/there'],
    ['there?x=2', 'ws://first.test:81/a/there?x=2'],
    ['../there', 'ws://first.test:81/there'],
    ['?x=2', 'ws://first.test:81/a/b?x=2'],
    ['//other.test/x', 'ws://other.test/x'],
    ['http://other.test', 'ws://other.test/'],
    ['HTTP://Other.test:80', 'ws://other.test/'],
    ['https://other.test:443/x', 'wss://other.test/x'],
    ['https://first.test:81/', 'wss://first.test:81/'],
    ['ws://other.test:8080/', 'ws://other.test:8080/'],
    ['wss://[::1]:8443/', 'wss://[::1]:8443/'],
    ['/there#part', 'ws://first.test:81/there'],
    ['#part', 'ws://first.test:81/a/b?q=1'],
    ['https://other.test/#', 'wss://other.test/'],
  ])('%s is %s', (location, href) => {
    expect(placeIn(location, START, false).href).toBe(href);
  });

  it('that is relative stays within TLS, by the URL or by transport', () => {
    expect(placeIn('/x', SECURE, true).href).toBe('wss://first.test/x');
    expect(placeIn('/x', START, true).href).toBe('wss://first.test:81/x');
    expect(placeIn('https://first.test/x', SECURE, true)).toMatchObject({ host: 'first.test', port: 443, path: '/x' });
  });

  it('that is relative to a socket file stays there', () => {
    const socket = parseUrl('ws+unix:/run/a.sock:/a/b');
    expect(placeIn('c?d', socket, false)).toMatchObject({ socketPath: '/run/a.sock', path: '/a/c?d', port: 0 });
    expect(placeIn('http://localhost/c', socket, false)).toMatchObject({ socketPath: '/run/a.sock', path: '/c' });
    expect(placeIn('http://other.test/c', socket, false)).toMatchObject({ socketPath: undefined, port: 80 });
  });

  it.each([
    ['', /no URL, ""/],
    ['http://', /no URL/],
    ['http://[', /no URL/],
    ['a b', /no URL, "a b"/],
    ['/a, /b', /no URL, "\/a, \/b"/],
    ['/\u00e4', /no URL, "\/\\xe4"/],
    ['http://h:99999/', /no URL/],
    ['ftp://other.test/', /the scheme "ftp:"/],
    ['ws+unix:/run/a.sock', /the scheme "ws\+unix:"/],
    ['javascript:alert(1)', /the scheme "javascript:"/],
    ['data:,x', /the scheme "data:"/],
    ['http://user:secret@other.test/', /"ws:\/\/other\.test\/", has a user name or a password/],
    ['http://user@first.test:81/', /has a user name or a password/],
    ['http://:secret@other.test/', /has a user name or a password/],
  ])('%j is refused', (location, sentence) => {
    const refuse = (): unknown => placeIn(location, START, false);
    expect(refuse).toThrow(sentence);
    expect(refuse).toThrow(/^The server redirects to where this client does not follow \(RFC 9110 §15\.4\): /);
    expect(refuse).not.toThrow(/secret/);
  });

  it.each(['http://first.test/x', 'ws://first.test/x', 'http://other.test/x'])(
    'from wss: %s is refused',
    (location) => {
      expect(() => placeIn(location, SECURE, true)).toThrow(/: from wss: to "ws:\/\/[a-z]+\.test\/x", where everybody/);
    },
  );
});

describe.each(SCHEMES)('over %s', (scheme) => {
  it.each([301, 302, 303, 307, 308])('%d leads the same attempt elsewhere', async (status) => {
    const there = await station(scheme);
    const here = await station(scheme, {
      '/here?a': `${status} ${scheme.replace('ws', 'http')}://127.0.0.1:${there.port}/there?b`,
    });
    const { connection, log } = begin(`${scheme}://127.0.0.1:${here.port}/here?a`, () => {}, await trust(scheme));
    expect(connection.getRemoteURI()).toBe('/here?a');
    await log.until('open 101');
    expect([pathsOf(here), pathsOf(there)]).toEqual([['/here?a'], ['/there?b']]);
    expect(connection.getRemoteURI()).toBe('/there?b');
    expect(connection.getRemotePort()).toBe(there.port);
    connection.send('hello');
    await log.until('message hello');
    expect(log.events).toEqual(['connect', 'connect', 'open 101', 'message hello']);
    expect(connection.bytesRead).toBeGreaterThan(200);
    await expect.poll(here.open).toBe(0);
    connection.close();
    await log.until('close 1000');
    expect(log.outlooks).toEqual([{ attempt: 0, willReconnect: false }]);
    connection.connect();
    expect([connection.getRemoteURI(), connection.getStatus(false)]).toEqual(['/here?a', 'CONNECTING']);
    await log.until('open 101', 2);
    expect([pathsOf(here).length, pathsOf(there).length]).toEqual([2, 2]);
  });
});

it.each([300, 304, 305, 306])('%d leads nowhere, whatever its Location', async (status) => {
  const here = await station('ws', { '/': `${status} /there` });
  const { error } = await failure(`ws://127.0.0.1:${here.port}`);
  expect([error.code, pathsOf(here)]).toEqual(['WS_ERR_HANDSHAKE_STATUS', ['/']]);
});

it('without a Location it is a refusal', async () => {
  const here = await station('ws', { '/': '301 ' });
  const { error } = await failure(`ws://127.0.0.1:${here.port}`);
  expect([error.code, (error as HandshakeError).body]).toEqual(['WS_ERR_HANDSHAKE_STATUS', 'gone']);
});

it('is false: nothing is followed unless that is asked for', async () => {
  const here = await station('ws', { '/': '/there' });
  const { error } = await failure(`ws://127.0.0.1:${here.port}`, (connection) => {
    connection.followRedirects = false;
  });
  expect(error.message).toMatch(/a redirect to "\/there"; redirects are not followed\.$/);
  expect(pathsOf(here)).toEqual(['/']);
});

it.each([
  [true, 10],
  [10, 10],
  [1, 1],
  [3, 3],
])('%s means at most %d of them', async (setting, most) => {
  const signposts = Object.fromEntries(Array.from({ length: most }, (_, i) => [`/${i}`, `/${i + 1}`]));
  const here = await station('ws', signposts);
  const configure = (connection: AsyncTcpConnection): void => {
    connection.followRedirects = setting;
  };
  const { log } = begin(`ws://127.0.0.1:${here.port}/0`, configure);
  await log.until('open 101');
  expect(here.asked).toHaveLength(most + 1);
  here.signposts[`/${most}`] = '/more?secret';
  const { error } = await failure(`ws://127.0.0.1:${here.port}/0?`.replace('?', ''), configure);
  const limit = `${most} redirect${most === 1 ? '' : 's'}`;
  const origin = `ws://127.0.0.1:${here.port}`;
  expect(error.message).toBe(
    `The server redirects to where this client does not follow (RFC 9110 §15.4): to "${origin}/more", and followRedirects allows ${limit}, after ${limit}, at ${origin}/${most}.`,
  );
  expect(error).toMatchObject({ code: 'WS_ERR_REDIRECT', kind: AsyncTcpConnection.HANDSHAKE_FAIL, phase: 'handshake' });
  expect((error as HandshakeError).response.headers.location).toBe('/more?secret');
  expect(here.asked).toHaveLength(2 * most + 2);
});

it('an answer cut anywhere is the same redirect', async () => {
  for (let size = 1; size <= 60; size += 1) {
    const server = await rawServer('ws');
    const { log, connection } = begin(server.url);
    const first = await server.peer();
    await first.readHead();
    const answer = Buffer.from('HTTP/1.1 103 Early Hints\r\nX: 1\r\n\r\nHTTP/1.1 307 X\r\nLocation: /b\r\n\r\n');
    const pieces = Math.ceil(answer.length / size);
    for (let i = 0; i < pieces; i += 1) {
      first.socket.write(answer.subarray(i * size, (i + 1) * size));
      if (size > 3) continue;
      await new Promise(setImmediate);
    }
    const second = await server.peer();
    const head = await second.readHead();
    expect(head).toMatch(/^GET \/b HTTP/);
    second.write(Buffer.from(RawPeer.answer(head)));
    await log.until('open 101');
    expect(log.events).toEqual(['connect', 'connect', 'open 101']);
    connection.destroy();
  }
});

describe('credentials', () => {
  const OWN: Headers = { Authorization: 'Bearer secret', cookie: 'a=secret', HOST: 'first.test', 'X-Own': 'kept' };

  const seen = (headers: NodeJS.Dict<unknown>) => [
    headers.authorization,
    headers.cookie,
    headers.host,
    headers['x-own'],
  ];

  it('of headers stay on the same host and port', async () => {
    const here = await station('ws', { '/a': '/b', '/b': '/c' });
    const { log } = begin(`ws://127.0.0.1:${here.port}/a`, (connection) => {
      connection.headers = OWN;
    });
    await log.until('open 101');
    for (const { headers } of here.asked) {
      expect(seen(headers)).toEqual(['Bearer secret', 'a=secret', 'first.test', 'kept']);
    }
    expect(here.asked).toHaveLength(3);
  });

  it('of headers and of the URL do not go to another port, nor come back with a redirect back', async () => {
    for (const given of [
      { headers: OWN, user: '' },
      { headers: { 'X-Own': 'kept' }, user: 'name:secret@' },
    ]) {
      const [here, there] = [await station('ws'), await station('ws')];
      const [first, second] = [`127.0.0.1:${here.port}`, `127.0.0.1:${there.port}`];
      Object.assign(here.signposts, { '/a': `http://${first}/b`, '/b': `http://${second}/c` });
      Object.assign(there.signposts, { '/c': '/d', '/d': `http://${first}/e` });
      const { log } = begin(`ws://${given.user}${first}/a`, (connection) => {
        connection.headers = given.headers;
      });
      await log.until('open 101');
      expect([pathsOf(here), pathsOf(there)]).toEqual([
        ['/a', '/b', '/e'],
        ['/c', '/d'],
      ]);
      const [a, b, e] = here.asked.map(({ headers }) => headers);
      expect(seen(b!)).toEqual(seen(a!));
      expect(a!.authorization).toBe(given.user === '' ? 'Bearer secret' : `Basic ${btoa('name:secret')}`);
      for (const { headers } of there.asked) expect(seen(headers)).toEqual([undefined, undefined, second, 'kept']);
      expect(seen(e!)).toEqual([undefined, undefined, first, 'kept']);
    }
  });

  it('do not go to the same port of another name', async () => {
    const here = await station('ws');
    here.signposts['/a'] = `http://localhost:${here.port}/b`;
    const { log } = begin(
      `ws://127.0.0.1:${here.port}/a`,
      (connection) => {
        connection.headers = OWN;
      },
      { family: 4 },
    );
    await log.until('open 101');
    expect(seen(here.asked[1]!.headers)).toEqual([undefined, undefined, `localhost:${here.port}`, 'kept']);
  });

  it('of TLS are left out elsewhere, and whom to trust stays', () => {
    const checkServerIdentity = () => undefined;
    expect(
      optionsElsewhere({
        ...{ ca: 'ca', cert: 'cert', key: 'key', pfx: 'pfx', passphrase: 'secret', session: Buffer.of(1) },
        ...{ secureContext: {} as never, servername: 'first.test', pskCallback: () => null, checkServerIdentity },
        rejectUnauthorized: false,
        verification: { chain: 'trusted', name: '192.0.2.1', fingerprints: { sha1: 'a' } },
        files: { ca: { path: 'a', option: 'b' }, cert: { path: 'c', option: 'd' } },
      }),
    ).toEqual({
      ...{ ca: 'ca', checkServerIdentity, rejectUnauthorized: false },
      verification: { chain: 'trusted', name: undefined, fingerprints: { sha1: 'a' } },
      files: { ca: { path: 'a', option: 'b' } },
    });
    const others = { servername: '', verification: { chain: 'any', name: false, fingerprints: {} } } as const;
    expect(optionsElsewhere(others)).toEqual(others);
    expect(optionsElsewhere({ files: { cert: { path: 'c', option: 'd' } } })).toEqual({ files: {} });
  });
});

describe('one attempt', () => {
  it('goes from ws to wss, and never from wss to ws', async () => {
    const secure = await station('wss');
    const plain = await station('ws', { '/': `https://127.0.0.1:${secure.port}/there` });
    const { log, connection } = begin(`ws://127.0.0.1:${plain.port}`, () => {}, await trust('wss'));
    await log.until('open 101');
    expect(String(connection.getRemotePort())).toBe(`${secure.port}`);
    secure.signposts['/there'] = `http://127.0.0.1:${plain.port}/back?token=secret`;
    const { error } = await failure(`ws://127.0.0.1:${plain.port}`, () => {}, await trust('wss'));
    const [from, to] = [`wss://127.0.0.1:${secure.port}/there`, `ws://127.0.0.1:${plain.port}/back`];
    expect(error.message).toBe(
      `The server redirects to where this client does not follow (RFC 9110 §15.4): from wss: to "${to}", where everybody on the way could read, after 1 redirect, at ${from}.`,
    );
    expect(pathsOf(plain)).toEqual(['/', '/']);
  });

  it('says where it failed: a refusal, TCP, TLS, an end, a time-out', async () => {
    const closed = await closedPort();
    const untrusted = await station('wss');
    const silent = await rawServer('ws');
    const here = await station('ws', {
      '/refused': '/b',
      '/b': '404 ',
      '/tcp': `http://127.0.0.1:${closed}/x?secret`,
      '/tls': `https://127.0.0.1:${untrusted.port}/y`,
      '/late': `http://127.0.0.1:${silent.port}/z`,
    });
    const origin = `ws://127.0.0.1:${here.port}`;
    const refused = (await failure(`${origin}/refused`)).error as HandshakeError;
    expect(refused.message).toMatch(new RegExp(`is the path right\\?\\), after 1 redirect, at ${origin}/b\\.$`));
    expect([refused.code, refused.response.status, refused.body]).toEqual(['WS_ERR_HANDSHAKE_STATUS', 404, 'gone']);
    expect(refused).toBeInstanceOf(HandshakeError);
    const tcp = (await failure(`${origin}/tcp`)).error;
    expect(tcp.message).toMatch(new RegExp(`, after 1 redirect, at ws://127\\.0\\.0\\.1:${closed}/x\\.$`));
    expect([tcp.code, tcp.phase]).toEqual(['WS_ERR_CONNECT', 'TCP']);
    const tls = (await failure(`${origin}/tls`)).error;
    expect([tls.code, tls.phase]).toEqual(['WS_ERR_TLS', 'TLS']);
    expect(tls.message).toMatch(new RegExp(`, after 1 redirect, at wss://127\\.0\\.0\\.1:${untrusted.port}/y\\.$`));
    const late = (await failure(`${origin}/late`, (connection) => Object.assign(connection, { connectTimeout: 0.4 })))
      .error;
    expect([late.code, late.phase]).toEqual(['WS_ERR_CONNECT_TIMEOUT', 'handshake']);
    expect(late.message).toMatch(new RegExp(`after 1 redirect, at ws://127\\.0\\.0\\.1:${silent.port}/z\\.$`));
  });

  it('has one connectTimeout over all of it', async () => {
    const server = await rawServer('ws');
    const { log } = begin(server.url, (connection) => Object.assign(connection, { connectTimeout: 1 }));
    const began = performance.now();
    for (let hop = 0; hop < 2; hop += 1) {
      const peer = await server.peer();
      await peer.readHead();
      await new Promise((resolve) => setTimeout(resolve, 600));
      peer.socket.write(`HTTP/1.1 302 X\r\nLocation: /${hop}\r\nContent-Length: 0\r\n\r\n`);
    }
    await log.until('close 1006');
    expect(log.events.filter((line) => line === 'connect').length).toBe(2);
    expect(log.events.at(-2)).toBe('error TIMEOUT');
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  it('ends with its signal, and with close() and destroy(), wherever it is', async () => {
    for (const end of ['abort', 'close', 'destroy', 'within onConnect'] as const) {
      const silent = await rawServer('ws');
      const here = await station('ws', { '/': `http://127.0.0.1:${silent.port}` });
      const controller = new AbortController();
      const { connection, log } = begin(`ws://127.0.0.1:${here.port}`, () => {}, { signal: controller.signal });
      const { onConnect } = connection;
      connection.onConnect = (...told) => {
        onConnect!(...told);
        if (end === 'within onConnect' && log.events.length === 2) connection.destroy();
      };
      if (end !== 'within onConnect') await (await silent.peer()).readHead();
      if (end === 'abort') controller.abort();
      else if (end === 'close' || end === 'destroy') connection[end]();
      await log.until('close 1006');
      expect(log.events).toEqual(['connect', 'connect', ...(end === 'abort' ? ['error ABORTED'] : []), 'close 1006']);
    }
  });

  it('goes through its proxy to each place', async () => {
    const there = await station('ws');
    const here = await station('ws', { '/': `http://127.0.0.1:${there.port}/there` });
    const proxy = await httpProxy();
    const { connection, log } = begin(`ws://127.0.0.1:${here.port}`, (connection) => {
      connection.proxyHttp = `127.0.0.1:${proxy.port}`;
    });
    await log.until('open 101');
    expect(proxy.asked.map((head) => head.split(' ')[1])).toEqual([
      `127.0.0.1:${here.port}`,
      `127.0.0.1:${there.port}`,
    ]);
    expect(connection.getRemotePort()).toBe(proxy.port);
  });

  it('asks a transport of the user’s for each pipe, and waits for the end of the one before', async () => {
    const there = await station('ws');
    const here = await station('ws', { '/': `http://127.0.0.1:${there.port}/there` });
    const order: string[] = [];
    const transport: Connect = (target, handlers) => {
      order.push(`open ${target.port === here.port ? 'here' : 'there'}`);
      const onClose = (error?: Error): void => {
        order.push('closed');
        handlers.onClose(error);
      };
      return connect(target, {
        onConnect: () => handlers.onConnect(),
        readTarget: () => handlers.readTarget(),
        onRead: (bytes, length) => handlers.onRead(bytes, length),
        onWritten: () => handlers.onWritten(),
        onEnd: () => handlers.onEnd(),
        onClose,
      });
    };
    const { connection, log } = begin(`ws://127.0.0.1:${here.port}`, () => {}, { transport } as SocketOptions);
    await log.until('open 101');
    expect(order).toEqual(['open here', 'closed', 'open there']);
    connection.send('hello');
    await log.until('message hello');
  });

  it('is told in the async context of connect()', async () => {
    const storage = new AsyncLocalStorage<string>();
    const there = await station('wss');
    const here = await station('ws', { '/': `https://127.0.0.1:${there.port}/there`, '/there': '404 ' });
    const connection = new AsyncTcpConnection(`ws://127.0.0.1:${here.port}`, await trust('wss'));
    onTestFinished(() => connection.destroy());
    const contexts: (string | undefined)[] = [];
    connection.followRedirects = true;
    connection.cookies = { get: () => void contexts.push(storage.getStore()) as undefined, set: () => {} };
    const log = record(connection, {
      onConnect: () => contexts.push(storage.getStore()),
      onWebSocketConnect: () => contexts.push(storage.getStore()),
    });
    storage.run('mine', () => connection.connect());
    await log.until('open 101');
    expect(contexts).toEqual(Array(5).fill('mine'));
  });

  it('keeps what was sent before it is open', async () => {
    const there = await station('ws');
    const here = await station('ws', { '/': `http://127.0.0.1:${there.port}/there` });
    const { connection, log } = begin(`ws://127.0.0.1:${here.port}`, (connection) => {
      expect(connection.send('early')).toBeNull();
    });
    await log.until('message early');
    expect(log.events).toEqual(['connect', 'connect', 'open 101', 'message early']);
    connection.close();
  });

  it('is over with a refusal for the policy: nothing comes back by itself to a redirect that is refused', async () => {
    const here = await station('ws', { '/': 'ftp://127.0.0.1/' });
    const { log } = begin(`ws://127.0.0.1:${here.port}`, (connection) => {
      connection.reconnectPolicy = {};
    });
    await log.until('reconnect failed');
    expect(log.outlooks).toEqual([{ attempt: 0, willReconnect: false }]);
  });
});
