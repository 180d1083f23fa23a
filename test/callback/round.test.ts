// A list of URLs: tried in turn, one attempt each, until one is open; which begins a round, which ends it, and who may call it off.

import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AsyncTcpConnection, type ConnectionOptions, type Urls } from '../../src/index';
import { type Callbacks, type EventLog, record } from '../support/event-log';
import { pathsOf, type Station, station } from '../support/redirecting';
import { closedPort, echoServer, rawServer, trust } from '../support/servers';

interface Begun {
  readonly connection: AsyncTcpConnection;
  readonly log: EventLog;
}

type Given = Urls | (() => Urls | PromiseLike<Urls>);

function begin(
  urls: Given,
  configure: (connection: AsyncTcpConnection) => void = () => {},
  callbacks: Callbacks = {},
  options: ConnectionOptions = {},
): Begun {
  const connection = new AsyncTcpConnection(urls, options);
  onTestFinished(() => connection.destroy());
  configure(connection);
  const log = record(connection, callbacks);
  connection.connect();
  return { connection, log };
}

const to = ({ port }: { port: number }, path = '/'): string => `ws://127.0.0.1:${port}${path}`;
const nowhere = async (): Promise<string> => `ws://127.0.0.1:${await closedPort()}/`;

/** Whether another attempt waits for its time. */
const isWaiting = (connection: AsyncTcpConnection): boolean =>
  inspect(connection).includes('reconnectIsScheduled: true');

const withPolicy = (connection: AsyncTcpConnection): void => {
  connection.reconnectPolicy = { minDelay: 0.001, jitter: 0 };
};

describe('what is no URL', () => {
  it.each<[unknown, string]>([
    [[], 'url must be a URL or a list with at least one.'],
    [['ws://a', 'http://b'], 'url[1] has the scheme "http:": this is a client'],
    [['ws://a', undefined], 'url[1] is not an absolute URL'],
    // biome-ignore lint/suspicious/noSparseArray: a list with a hole is what is tested.
    [['ws://a', , 'ws://b'], 'url[1] is not an absolute URL'],
    [['ws://a#b'], 'url[0] has a fragment'],
    [[new URL('ws://a'), new URL('ftp://secret@b')], 'url[1] has the scheme "ftp:"'],
  ])('%j is refused, with its place in the list', (urls, sentence) => {
    const make = () => new AsyncTcpConnection(urls as Urls);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(sentence);
    expect(make).not.toThrow('secret');
  });

  it.each<[unknown, string]>([
    [[], 'the provided url must be a URL or a list with at least one.'],
    [['ws://a', 'http://b'], 'the provided url[1] has the scheme "http:"'],
  ])('%j of a function ends the attempt', async (urls, sentence) => {
    const { log } = begin(() => urls as Urls);
    await log.until('close 1006');
    expect(log.errors[0]!.message).toContain(sentence);
    expect(log.events).toEqual(['error CONNECT_FAIL', 'close 1006']);
  });
});

it('the host and the scheme of the first are told, and TLS is what each says itself', async () => {
  const secure = await echoServer('wss');
  const plain = await echoServer('ws');
  const urls = [`wss://127.0.0.1:${await closedPort()}/a`, `${plain.url}/b`, new URL(`${secure.url}/c`)];
  const { connection, log } = begin(urls, undefined, {}, await trust('wss'));
  expect([connection.transport, connection.getRemoteURI()]).toEqual(['tcp', '/a']);
  await log.until('open 101');
  expect([connection.getRemoteURI(), connection.getRemotePort()]).toEqual(['/b', plain.port]);
  const allSecure = new AsyncTcpConnection([secure.url, `${secure.url}/b`]);
  expect(allSecure.transport).toBe('ssl');
});

describe('a round', () => {
  it('tries each in turn, with an attempt of its own, until one is open', async () => {
    const here = await station('ws', { '/refused': '404 ' });
    const urls = [await nowhere(), to(here, '/refused'), to(here, '/open'), to(here, '/never')];
    const { connection, log } = begin(urls);
    await log.until('open 101');
    expect(log.events).toEqual([
      ...['error CONNECT_FAIL', 'close 1006'],
      ...['connect', 'error HANDSHAKE_FAIL', 'close 1006'],
      ...['connect', 'open 101'],
    ]);
    expect(log.outlooks).toEqual(Array(2).fill({ attempt: 0, willReconnect: true }));
    expect([connection.getRemoteURI(), pathsOf(here)]).toEqual(['/open', ['/refused', '/open']]);
  });

  it('is over when all have failed, without a policy', async () => {
    const { connection, log } = begin([await nowhere(), await nowhere(), await nowhere()]);
    await log.until('close 1006', 3);
    expect(log.outlooks.map(({ willReconnect }) => willReconnect)).toEqual([true, true, false]);
    expect([log.events.length, isWaiting(connection)]).toEqual([6, false]);
  });

  it('that has failed is followed by what the policy says, and is one attempt for it', async () => {
    const delays: number[] = [];
    const { log } = begin([await nowhere(), await nowhere()], (connection) => {
      connection.reconnectPolicy = (attempt) => {
        delays.push(attempt);
        return attempt > 2 ? -1 : 0.001;
      };
    });
    await log.until('reconnect failed');
    expect(delays).toEqual([1, 2, 3]);
    expect(log.outlooks).toEqual(
      [0, 1, 2].flatMap((attempt) => [
        { attempt, willReconnect: true },
        { attempt, willReconnect: attempt < 2 },
      ]),
    );
    const round = ['error CONNECT_FAIL', 'close 1006', 'error CONNECT_FAIL', 'close 1006'];
    expect(log.events).toEqual([...round, 'reconnect 1', ...round, 'reconnect 2', ...round, 'reconnect failed']);
  });

  it('is worth another one if one of its failures may pass, whichever that was', async () => {
    const here = await station('ws', { '/refused': '404 ', '/gone': '410 ' });
    for (const urls of [
      [await nowhere(), to(here, '/refused')],
      [to(here, '/refused'), await nowhere()],
    ]) {
      const { log, connection } = begin(urls, withPolicy);
      await log.until('reconnect 1');
      connection.destroy();
    }
    const { log } = begin([to(here, '/refused'), to(here, '/gone')], withPolicy);
    await log.until('reconnect failed');
    expect(log.outlooks.map(({ willReconnect }) => willReconnect)).toEqual([true, false]);
  });

  it('has a connectTimeout for each', async () => {
    const silent = [await rawServer('ws'), await rawServer('ws')];
    const here = await station('ws');
    const { log } = begin([...silent.map(({ url }) => url), to(here)], (connection) => {
      connection.connectTimeout = 0.3;
    });
    await log.until('open 101');
    expect(log.events.filter((line) => line.startsWith('error'))).toEqual(['error TIMEOUT', 'error TIMEOUT']);
  });

  it('asks for headers at each attempt', async () => {
    const here = await station('ws', { '/a': '404 ' });
    let count = 0;
    const { log } = begin([to(here, '/a'), to(here, '/b')], (connection) => {
      connection.headers = async () => ({ 'X-Count': ++count });
    });
    await log.until('open 101');
    expect(here.asked.map(({ headers }) => headers['x-count'])).toEqual(['1', '2']);
  });

  it('follows redirects within each', async () => {
    const here = await station('ws', { '/a': '/b', '/b': '404 ', '/c': '/d' });
    const { connection, log } = begin([to(here, '/a'), to(here, '/c')], (connection) => {
      connection.followRedirects = true;
    });
    await log.until('open 101');
    expect([pathsOf(here), connection.getRemoteURI()]).toEqual([['/a', '/b', '/c', '/d'], '/d']);
    connection.destroy();
    connection.connect();
    await log.until('open 101', 2);
    expect(pathsOf(here).slice(4)).toEqual(['/c', '/d']);
  });

  it('ends with an aborted signal, and with what the runtime cannot do', async () => {
    const controller = new AbortController();
    const silent = await rawServer('ws');
    const aborted = begin([silent.url, silent.url], undefined, {}, { signal: controller.signal });
    await silent.peer();
    controller.abort();
    await aborted.log.until('close 1006');
    expect(aborted.log.outlooks).toEqual([{ attempt: 0, willReconnect: false }]);
    const { WsimdError } = await import('../../src/index');
    const { CONNECTION_FAULTS } = await import('../../src/base/faults');
    const unable = begin(
      [silent.url, silent.url],
      withPolicy,
      {},
      {
        transport: () => {
          throw new WsimdError(CONNECTION_FAULTS.unsupported, 'nothing');
        },
      },
    );
    await unable.log.until('reconnect failed');
    expect(unable.log.outlooks).toEqual([{ attempt: 0, willReconnect: false }]);
  });

  it.each(['close', 'destroy', 'end', 'cancelReconnect'] as const)(
    'is called off by %s() in onClose',
    async (method) => {
      const here = await station('ws');
      const { connection, log } = begin([await nowhere(), to(here)], undefined, {
        onClose: (connection) => connection[method](),
      });
      await log.until('close 1006');
      expect([log.events, isWaiting(connection)]).toEqual([['error CONNECT_FAIL', 'close 1006'], false]);
    },
  );

  it.each(['close', 'destroy', 'end', 'cancelReconnect'] as const)(
    'is called off by %s() behind that',
    async (method) => {
      const here = await station('ws');
      const { log, connection } = begin([await nowhere(), to(here)]);
      await log.until('close 1006');
      expect(isWaiting(connection)).toBe(true);
      connection[method]();
      expect([log.events, isWaiting(connection)]).toEqual([['error CONNECT_FAIL', 'close 1006'], false]);
      connection.connect();
      await log.until('open 101');
      expect(here.asked).toHaveLength(1);
    },
  );

  it.each(['close', 'destroy', 'end'] as const)('goes on no more behind %s() in onError', async (method) => {
    const here = await station('ws');
    const { connection, log } = begin([await nowhere(), to(here)], undefined, {
      onError: (connection) => connection[method](),
    });
    await log.until('close 1006');
    expect(log.outlooks).toEqual([{ attempt: 0, willReconnect: false }]);
    expect(isWaiting(connection)).toBe(false);
  });

  it('begins anew with connect() and reConnect() in onClose', async () => {
    for (const method of ['connect', 'reConnect'] as const) {
      const here = await station('ws', { '/a': '404 ' });
      let isFirst = true;
      const { log } = begin([to(here, '/a'), to(here, '/b')], undefined, {
        onClose: (connection) => {
          if (isFirst) connection[method]();
          isFirst = false;
        },
      });
      await log.until('open 101');
      expect(pathsOf(here)).toEqual(['/a', '/a', '/b']);
      const attempt = method === 'connect' ? 0 : 1;
      expect(log.outlooks.map((outlook) => outlook.attempt)).toEqual([0, attempt]);
    }
  });

  it('behind an open connection begins at its URL, goes around, and then begins at the first again', async () => {
    const here = await station('ws', { '/a': '404 ' });
    const urls = ['/a', '/b', '/c'].map((path) => to(here, path));
    const { connection, log } = begin(urls, withPolicy);
    const visits = async (signposts: Record<string, string | undefined>, how: () => void): Promise<unknown> => {
      Object.assign(here.signposts, signposts);
      here.asked.length = 0;
      const opens = log.events.filter((line) => line === 'open 101').length;
      how();
      await log.until('open 101', opens + 1);
      return pathsOf(here);
    };
    await log.until('open 101');
    expect(pathsOf(here)).toEqual(['/a', '/b']);
    const again = (): void => {
      connection.destroy();
      connection.reConnect();
    };
    expect(await visits({}, again)).toEqual(['/b']);
    expect(await visits({ '/b': '503 ' }, again)).toEqual(['/b', '/c']);
    expect(await visits({ '/a': undefined, '/c': '503 ' }, again)).toEqual(['/c', '/a']);
    // All fail, from where it was open on; the round behind that begins at the first.
    Object.assign(here.signposts, { '/a': '503 ' });
    here.asked.length = 0;
    connection.destroy();
    const rounds = log.events.filter((line) => line.startsWith('reconnect ')).length;
    connection.connect();
    await log.until((one) => one.events.filter((line) => line.startsWith('reconnect ')).length > rounds);
    expect(pathsOf(here)).toEqual(['/a', '/b', '/c']);
    here.signposts['/b'] = undefined;
    await log.until(() => here.asked.length === 5);
    expect(pathsOf(here).slice(3)).toEqual(['/a', '/b']);
  });

  it('of the policy begins where it was open', async () => {
    const here = await station('ws', { '/a': '404 ' });
    const { log } = begin([to(here, '/a'), to(here, '/b')], withPolicy);
    await log.until('open 101');
    await dropAll(here);
    await log.until('open 101', 2);
    expect(pathsOf(here)).toEqual(['/a', '/b', '/b']);
  });
});

async function dropAll(here: Station): Promise<void> {
  for (const { socket } of here.asked) socket.destroy();
}

describe('a function', () => {
  it('is asked once in a round, and its list may change', async () => {
    const here = await station('ws', { '/a': '404 ', '/b': '404 ' });
    const lists = [
      ['/a', '/b'],
      ['/x', '/a', '/c'],
      ['/a', '/c'],
    ];
    let asked = 0;
    const { connection, log } = begin(
      async () => lists[asked++]!.map((path) => to(here, path)),
      (connection) => {
        connection.reconnectPolicy = () => 0.001;
      },
    );
    here.signposts['/x'] = '404 ';
    await log.until('open 101');
    expect(pathsOf(here)).toEqual(['/a', '/b', '/x', '/a', '/c']);
    connection.destroy();
    connection.connect();
    await log.until('open 101', 2);
    expect([pathsOf(here).slice(5), asked]).toEqual([['/c'], 3]);
  });

  it('that gives one URL is asked at every attempt', async () => {
    let asked = 0;
    const url = await nowhere();
    const { log } = begin(
      () => {
        asked += 1;
        return url;
      },
      (connection) => {
        connection.reconnectPolicy = { minDelay: 0.001, jitter: 0, maxRetries: 2 };
      },
    );
    await log.until('reconnect failed');
    expect(asked).toBe(3);
  });

  it('that answers late answers for its own round alone', async () => {
    const here = await station('ws', { '/a': '404 ' });
    let late = (_urls: Urls): void => {};
    let isFirst = true;
    const { connection, log } = begin(() => {
      if (!isFirst) return [to(here, '/a'), to(here, '/b')];
      isFirst = false;
      return new Promise<Urls>((resolve) => (late = resolve));
    });
    connection.destroy();
    connection.connect();
    late([to(here, '/late'), to(here, '/later')]);
    await log.until('open 101');
    expect(pathsOf(here)).toEqual(['/a', '/b']);
  });
});
