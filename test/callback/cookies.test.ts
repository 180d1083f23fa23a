// cookies: what a jar is asked and told, in which order, and that it harms nothing; with the npm package tough-cookie as the jar.

import { createServer } from 'node:http';
import { CookieJar } from 'tough-cookie';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CookieKeeper } from '../../src/callback/cookies';
import { AsyncTcpConnection, type Cookies, type SocketOptions, type WsimdError } from '../../src/index';
import { type EventLog, record } from '../support/event-log';
import { RawPeer } from '../support/raw-peer';
import { pathsOf, type Station, station } from '../support/redirecting';
import { rawServer, trust } from '../support/servers';

function begin(
  url: string,
  cookies: Cookies,
  configure: (connection: AsyncTcpConnection) => void = () => {},
  options: SocketOptions = {},
): { connection: AsyncTcpConnection; log: EventLog } {
  const connection = new AsyncTcpConnection(url, options);
  onTestFinished(() => connection.destroy());
  connection.cookies = cookies;
  connection.followRedirects = true;
  configure(connection);
  const log = record(connection);
  connection.connect();
  return { connection, log };
}

/** As the page says it. */
function jarred(jar: CookieJar): Cookies {
  return {
    get: (url) => jar.getCookieString(url),
    set: (url, lines) => Promise.all(lines.map((line) => jar.setCookie(line, url, { ignoreError: true }))),
  };
}

const cookiesOf = ({ asked }: Station): (string | undefined)[] => asked.map(({ headers }) => headers.cookie);

describe('tough-cookie', () => {
  it('gets what redirects, 101s and refusals set, and gives it to each request, over reconnects too', async () => {
    const here = await station('ws', { '/login': '/home', '/home': '/refused', '/refused': '403 ' });
    here.cookies['/login'] = [
      'session=1; HttpOnly',
      'lang=de; Expires=Wed, 01 Jan 2070 00:00:00 GMT',
      'far=x; Domain=other.test',
    ];
    here.cookies['/home'] = ['session=2; HttpOnly'];
    here.cookies['/refused'] = ['tries=1'];
    here.cookies['/open'] = ['open=yes', 'lang=; Max-Age=0'];
    const jar = new CookieJar();
    const { connection, log } = begin(`ws://127.0.0.1:${here.port}/login`, jarred(jar));
    await log.until('close 1006');
    expect(cookiesOf(here)).toEqual([undefined, 'session=1; lang=de', 'session=2; lang=de']);
    here.signposts['/login'] = '/open';
    connection.headers = { Cookie: 'own=0' };
    connection.reConnect();
    await log.until('open 101');
    expect(log.response!.setCookie).toEqual(['open=yes', 'lang=; Max-Age=0']);
    expect(cookiesOf(here).slice(3)).toEqual([
      'own=0; session=2; lang=de; tries=1',
      'own=0; session=1; lang=de; tries=1',
    ]);
    connection.close();
    await log.until('close 1000');
    here.signposts['/login'] = undefined;
    connection.reConnect();
    await log.until('open 101', 2);
    expect(cookiesOf(here).at(-1)).toBe('own=0; session=1; tries=1; open=yes');
  });

  it('keeps cookies from other hosts, and secure ones from http:', async () => {
    const secure = await station('wss');
    const plain = await station('ws');
    secure.cookies['/'] = ['safe=1; Secure', 'any=2'];
    plain.cookies['/'] = ['plain=3'];
    // Browsers trust this machine like TLS, and so does the jar unless it is told otherwise.
    const jar = new CookieJar(undefined, { allowSecureOnLocal: false });
    const trusted = await trust('wss');
    const visit = async (url: string): Promise<void> => {
      const { connection, log } = begin(url, jarred(jar), undefined, { ...trusted, family: 4 });
      await log.until('open 101');
      connection.destroy();
    };
    await visit(`wss://127.0.0.1:${secure.port}`);
    await visit(`ws://127.0.0.1:${plain.port}`);
    await visit(`wss://127.0.0.1:${secure.port}`);
    await visit(`ws://localhost:${plain.port}`);
    plain.signposts['/there'] = `https://127.0.0.1:${secure.port}/`;
    await visit(`ws://localhost:${plain.port}/there`);
    expect(cookiesOf(plain)).toEqual(['any=2', undefined, 'plain=3']);
    expect(cookiesOf(secure)).toEqual([undefined, 'safe=1; any=2; plain=3', 'safe=1; any=2; plain=3']);
  });

  it('shares its cookies with whatever else uses it', async () => {
    const server = createServer((_, response) => response.setHeader('Set-Cookie', 'token=of-http').end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    const jar = new CookieJar();
    for (const line of (await fetch(origin)).headers.getSetCookie()) await jar.setCookie(line, origin);
    const here = await station('ws');
    const { log } = begin(`ws://127.0.0.1:${here.port}`, jarred(jar));
    await log.until('open 101');
    expect(cookiesOf(here)).toEqual(['token=of-http']);
  });
});

describe('a jar', () => {
  it('gets URLs of http and https, without credentials, and each line by itself', async () => {
    const told: unknown[] = [];
    const cookies: Cookies = {
      get: (url) => void told.push(`get ${url}`) as undefined,
      set: (url, lines) => void told.push([`set ${url}`, ...lines]),
    };
    const there = await station('wss');
    const here = await station('ws', { '/a?b=c': `https://127.0.0.1:${there.port}/d` });
    here.cookies['/a?b=c'] = ['a=1, 2', 'b=3'];
    const url = `ws://name:secret@127.0.0.1:${here.port}/a?b=c`;
    const { log } = begin(url, cookies, undefined, await trust('wss'));
    await log.until('open 101');
    const from = `http://127.0.0.1:${here.port}/a?b=c`;
    expect(told).toEqual([`get ${from}`, [`set ${from}`, 'a=1, 2', 'b=3'], `get https://127.0.0.1:${there.port}/d`]);
    expect(here.asked[0]!.headers.authorization).toBe(`Basic ${btoa('name:secret')}`);
  });

  it('is told before onWebSocketConnect and onError, once for each answer, however it is cut', async () => {
    for (const status of ['101', '404', 'bad 101']) {
      const server = await rawServer('ws');
      const order: string[] = [];
      const cookies: Cookies = { get: () => undefined, set: (_, lines) => void order.push(lines.join('|')) };
      const { connection, log } = begin(server.url, cookies);
      for (const event of ['onWebSocketConnect', 'onError'] as const) {
        const recorded = connection[event] as (...told: never[]) => void;
        Object.assign(connection, {
          [event]: (...told: never[]) => {
            order.push(event);
            recorded(...told);
          },
        });
      }
      const peer = await server.peer();
      const request = await peer.readHead();
      const right = RawPeer.answer(request, 'Set-Cookie: a=1', 'set-cookie:b=2', 'SET-COOKIE: c=3, 4');
      const answer =
        status === '404'
          ? right
              .replace('101 Switching Protocols', '404 Not Found')
              .replace(/\r\n\r\n$/, '\r\nContent-Length: 3\r\n\r\nbye')
          : status === '101'
            ? right
            : right.replace('Upgrade: websocket', 'Upgrade: h2c');
      await peer.trickle(Buffer.from(answer));
      if (status === 'bad 101') peer.socket.end();
      await log.until(status === '101' ? 'open 101' : 'close 1006');
      expect(order).toEqual(['a=1|b=2|c=3, 4', status === '101' ? 'onWebSocketConnect' : 'onError']);
    }
  });

  it('is done with an answer before the next request, at a redirect and at a reconnect', async () => {
    const here = await station('ws', { '/a': '/b' });
    here.cookies['/a'] = ['x=1'];
    here.cookies['/b'] = ['y=1'];
    const order: string[] = [];
    const cookies: Cookies = {
      get: (url) => void order.push(`get ${url.at(-1)}`) as undefined,
      set: async (url) => {
        order.push(`begin ${url.at(-1)}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
        order.push(`end ${url.at(-1)}`);
      },
    };
    const { connection, log } = begin(`ws://127.0.0.1:${here.port}/a`, cookies);
    await log.until('open 101');
    connection.destroy();
    connection.connect();
    await log.until('open 101', 2);
    const visit = ['get a', 'begin a', 'end a', 'get b', 'begin b', 'end b'];
    expect(order).toEqual([...visit, ...visit.slice(0, -1)]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no disk');
      },
      'no disk',
    ],
    ['rejects', () => Promise.reject(new Error('no disk')), 'no disk'],
    [
      'gives a line end',
      () => 'a=1\r\nHost: evil',
      'What cookies.get returns has a control character, such as a line end, or one above U+00FF (RFC 9110 §5.5)',
    ],
    [
      'gives a NUL',
      async () => 'a=\0',
      'What cookies.get returns has a control character, such as a line end, or one above U+00FF (RFC 9110 §5.5)',
    ],
    ['gives no text', () => ({ a: 1 }), 'cookies.get must return a string or undefined, not a value of type object'],
    ['gives 0', () => 0, 'cookies.get must return a string or undefined, not a value of type number'],
  ])('whose get %s ends the attempt like a provider', async (_, get, reason) => {
    const here = await station('ws', { '/a': '/b' });
    const { log } = begin(`ws://127.0.0.1:${here.port}`, { get: get as never, set: () => {} });
    await log.until('close 1006');
    const error = log.errors[0]!.cause as WsimdError;
    expect([error.code, error.phase, here.asked.length]).toEqual(['WS_ERR_PROVIDER', 'providers', 0]);
    expect(error.message).toBe(
      `No attempt was made, since a function that provides its URL, headers, subprotocol or cookies failed: ${reason}.`,
    );
    const behind = begin(`ws://127.0.0.1:${here.port}/a`, {
      get: ((url: string) => (url.endsWith('b') ? get() : undefined)) as never,
      set: () => {},
    });
    await behind.log.until('close 1006');
    const place = `ws://127.0.0.1:${here.port}/b`;
    expect(behind.log.errors[0]!.message).toBe(`${error.message.slice(0, -1)}, after 1 redirect, at ${place}.`);
    expect(pathsOf(here)).toEqual(['/a']);
  });

  it('whose get never answers ends with connectTimeout', async () => {
    const { log } = begin('ws://127.0.0.1:9', { get: () => new Promise(() => {}), set: () => {} }, (connection) => {
      connection.connectTimeout = 0.2;
    });
    await log.until('close 1006');
    expect(log.errors[0]!.message).toMatch(
      /waiting for the function that provides URL, headers, subprotocol or cookies\.$/,
    );
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no disk');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no disk'))],
    [
      'gives a broken promise',
      () =>
        ({
          // biome-ignore lint/suspicious/noThenProperty: a promise of another library that is broken is what is tested.
          get then() {
            throw new Error('no disk');
          },
        }) as never,
    ],
  ])('whose set %s is told by onError, and loses nothing', async (_, set) => {
    const here = await station('ws', { '/a': '/b' });
    here.cookies['/a'] = ['x=1'];
    here.cookies['/b'] = ['y=1'];
    const { connection, log } = begin(`ws://127.0.0.1:${here.port}/a`, { get: () => '', set });
    await log.until('error CALLBACK_EXCEPTION', 2);
    connection.send('hello');
    await log.until('message hello');
    expect(log.errors.map(({ message }) => message)).toEqual(Array(2).fill('A callback threw an exception: no disk.'));
    expect(log.events.filter((line) => !line.startsWith('error'))).toEqual([
      'connect',
      'connect',
      'open 101',
      'message hello',
    ]);
    expect(here.asked.map(({ headers }) => headers.cookie)).toEqual([undefined, undefined]);
  });

  it('may end the connection within set, at a redirect and at a 101', async () => {
    for (const path of ['/a', '/b']) {
      const here = await station('ws', { '/a': '/b' });
      here.cookies[path] = ['x=1'];
      const { connection, log } = begin(`ws://127.0.0.1:${here.port}${path}`, {
        get: () => undefined,
        set: () => connection.destroy(),
      });
      await log.until('close 1006');
      expect(log.events).toEqual(['connect', 'close 1006']);
    }
  });

  it('without Set-Cookie is not told, and without followRedirects hears of a redirect that is refused', async () => {
    const here = await station('ws', { '/a': '/b' });
    here.cookies['/a'] = ['x=1'];
    const sets: string[] = [];
    const { connection, log } = begin(`ws://127.0.0.1:${here.port}/b`, {
      get: () => undefined,
      set: (url) => void sets.push(url),
    });
    await log.until('open 101');
    expect(sets).toEqual([]);
    const other = begin(`ws://127.0.0.1:${here.port}/a`, connection.cookies!, (connection) => {
      connection.followRedirects = false;
    });
    await other.log.until('close 1006');
    expect(sets).toEqual([`http://127.0.0.1:${here.port}/a`]);
  });

  it('stands behind a Cookie of headers, whatever that is', async () => {
    const here = await station('ws');
    for (const [own, expected] of [
      [{ cookie: 'a=1' }, 'a=1; z=9'],
      [{ COOKIE: ['a=1', 'b=2'] }, 'a=1; b=2; z=9'],
      [{ Cookie: '' }, 'z=9'],
      [{ Cookie: 5 }, '5; z=9'],
      [{}, 'z=9'],
    ] as const) {
      const { connection, log } = begin(
        `ws://127.0.0.1:${here.port}`,
        { get: () => 'z=9', set: () => {} },
        (connection) => {
          connection.headers = own;
        },
      );
      await log.until('open 101');
      connection.destroy();
      expect(here.asked.at(-1)!.headers.cookie).toBe(expected);
    }
  });

  it('beside headers that are none says so', async () => {
    const { log } = begin('ws://127.0.0.1:9', { get: () => 'z=9', set: () => {} }, (connection) => {
      connection.headers = (() => undefined) as never;
    });
    await log.until('close 1006');
    expect(log.errors[0]!.message).toMatch(/: headers must be a plain object of names and values\.$/);
  });

  it('follows a redirect elsewhere with its own cookies alone', async () => {
    const there = await station('ws');
    const here = await station('ws', { '/': `http://127.0.0.1:${there.port}` });
    const { log } = begin(`ws://127.0.0.1:${here.port}`, { get: () => 'z=9', set: () => {} }, (connection) => {
      connection.headers = async () => ({ Cookie: 'own=secret' });
    });
    await log.until('open 101');
    expect([cookiesOf(here), cookiesOf(there)]).toEqual([['own=secret; z=9'], ['z=9']]);
  });
});

it('a jar that gives null, undefined or nothing to send has no cookie', async () => {
  for (const none of [null, undefined, '', Promise.resolve(null)]) {
    expect(await new CookieKeeper({ get: () => none, set: () => {} }).ask('http://127.0.0.1/')).toBeUndefined();
  }
});

it('what a jar has stored is not kept, however many answers come', async () => {
  const keeper = new CookieKeeper({ get: () => '', set: () => ['a list of all cookies'] });
  const kept: unknown[] = [];
  for (let answer = 0; answer < 3; answer += 1) {
    keeper.tell('http://127.0.0.1/', ['a=1'], (error) => kept.push(error));
    kept.push(await (keeper as unknown as { stored: Promise<unknown> }).stored);
  }
  expect(kept).toEqual([undefined, undefined, undefined]);
});
