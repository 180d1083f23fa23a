// Functions that provide the URL, the headers and the subprotocol: called once for each attempt, waited for, and harmless
// whatever they do.

import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { AsyncTcpConnection, type Headers, type Protocols, type Provider, type WsimdError } from '../../src/index';
import { ChildProgram } from '../support/child-program';
import { elapse } from '../support/clock';
import { type EventLog, record } from '../support/event-log';
import { RawPeer } from '../support/raw-peer';
import { type RawTestServer, rawServer, SCHEMES, trust } from '../support/servers';

vi.mock('../../src/runtime/tasks', async (real) => (await import('../support/clock')).onFakeTimers(await real()));

type Url = string | URL;

interface Providers {
  readonly url?: () => Url | PromiseLike<Url>;
  readonly headers?: Provider<Headers>;
  readonly protocols?: Provider<Protocols | undefined>;
}

interface Begun {
  readonly connection: AsyncTcpConnection;
  readonly log: EventLog;
}

/** A connection with these providers, begun. */
async function begun(server: RawTestServer, { url, headers, protocols }: Providers): Promise<Begun> {
  const connection = new AsyncTcpConnection(url ?? server.url, await trust(server.scheme));
  onTestFinished(() => connection.destroy());
  if (headers !== undefined) connection.headers = headers;
  if (protocols !== undefined) connection.websocketClientProtocol = protocols;
  const log = record(connection);
  connection.connect();
  return { connection, log };
}

/** A promise and its end. */
function deferred<Value>(): {
  promise: Promise<Value>;
  resolve: (value: Value) => void;
  reject: (cause: unknown) => void;
} {
  let resolve = (_value: Value): void => {};
  let reject = (_cause: unknown): void => {};
  const promise = new Promise<Value>((onValue, onCause) => {
    resolve = onValue;
    reject = onCause;
  });
  return { promise, resolve, reject };
}

/** A value as a provider may give it. */
const WAYS: readonly (readonly [string, <Value>(value: Value) => Value | PromiseLike<Value>])[] = [
  ['returned', (value) => value],
  ['promised', async (value) => value],
  // biome-ignore lint/suspicious/noThenProperty: promises of other libraries are what is tested.
  ['in a thenable', (value) => ({ then: (resolve: (value: never) => never) => resolve(value as never) }) as never],
];

describe.each(SCHEMES)('over %s, URL, headers and subprotocol', (scheme) => {
  it.each(WAYS)('%s hold for one attempt; the next one asks again', async (_, given) => {
    const server = await rawServer(scheme);
    const calls = { url: 0, headers: 0, protocols: 0 };
    const { connection, log } = await begun(server, {
      url: () => given(`${server.url}/attempt/${++calls.url}`),
      headers: () => given({ Authorization: `Bearer ${++calls.headers}` }),
      protocols: () => given([`v${++calls.protocols}`, 'chat']),
    });
    expect(connection.getStatus(false)).toBe('CONNECTING');
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const peer = await server.peer();
      const head = await peer.readHead();
      expect(head).toContain(`GET /attempt/${attempt} HTTP/1.1\r\n`);
      expect(head).toContain(`Authorization: Bearer ${attempt}\r\n`);
      expect(head).toContain(`Sec-WebSocket-Protocol: v${attempt}, chat\r\n`);
      peer.write(Buffer.from(RawPeer.answer(head, `Sec-WebSocket-Protocol: v${attempt}`)));
      await log.until('open 101', attempt);
      expect(calls).toEqual({ url: attempt, headers: attempt, protocols: attempt });
      expect([connection.getRemoteHost(), connection.getRemoteURI()]).toEqual(['127.0.0.1', `/attempt/${attempt}`]);
      connection.destroy();
      connection.reConnect();
    }
    expect(log.errors).toEqual([]);
  });
});

describe('a URL that a function provides', () => {
  it('may lead to TLS the second time, and may be a URL object', async () => {
    const [plain, secure] = [await rawServer('ws'), await rawServer('wss')];
    const urls = [new URL(plain.url), new URL(secure.url)];
    const { connection, log } = await begun(secure, { url: () => urls.shift()! });
    expect([connection.getRemoteHost(), connection.getRemoteURI()]).toEqual(['', '']);
    (await plain.acceptedPeer()).socket.destroy();
    await log.until('close 1006');
    connection.connect();
    await secure.acceptedPeer();
    await log.until('open 101', 2);
    expect(log.errors).toEqual([]);
  });
});

const failing: readonly (readonly [name: keyof Providers, what: string, provider: () => unknown, detail: string])[] = (
  ['url', 'headers', 'protocols'] as const
).flatMap((name) => [
  [name, 'throws', () => raise(new Error('no token today')), 'no token today'] as const,
  [name, 'rejects', () => Promise.reject(new Error('no token today')), 'no token today'] as const,
  [name, 'rejects with no Error', () => Promise.reject('a string'), 'a string'] as const,
]);

const WRONG: typeof failing = [
  ['url', 'is a number', () => 5, 'the provided url'],
  ['url', 'is nothing', () => undefined, 'the provided url'],
  ['url', 'is of another scheme', () => 'http://127.0.0.1/', 'the provided url'],
  ['url', 'is no URL', () => 'ws://', 'the provided url'],
  ['headers', 'hold CR and LF', () => ({ 'X-A': 'b\r\nX-C: d' }), 'X-A'],
  ['headers', 'have a name that is no token', () => ({ 'X A': 'b' }), 'X A'],
  ['headers', 'are a number', () => 5, 'headers'],
  ['headers', 'are nothing', () => undefined, 'headers'],
  ['headers', 'are null', () => null, 'headers'],
  ['protocols', 'are empty', () => '', 'websocketClientProtocol'],
  ['protocols', 'come twice', () => ['a', 'a'], 'websocketClientProtocol'],
  ['protocols', 'are a number', () => 5, 'websocketClientProtocol'],
];

describe('a provider', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([...failing, ...WRONG])('of %s that %s ends the attempt', async (name, _, provider, detail) => {
    const server = await rawServer('ws');
    const { log } = await begun(server, { [name]: provider });
    await log.until('close 1006');
    expect(log.events).toEqual(['error CONNECT_FAIL', 'close 1006']);
    expect((log.errors[0]!.cause as WsimdError).code).toBe('WS_ERR_PROVIDER');
    expect(log.errors[0]!.message).toContain(detail);
    expect(log.closings[0]!.error).toBe(log.errors[0]!.cause);
    expect(server.count).toBe(0);
  });

  it('that fails is asked again by the policy', async () => {
    const server = await rawServer('ws');
    let count = 0;
    const { connection, log } = await begun(server, {
      headers: async () => {
        count += 1;
        if (count < 3) throw new Error('not yet');
        return { 'X-Count': `${count}` };
      },
    });
    connection.reconnectPolicy = { minDelay: 0.001, jitter: 0 };
    expect(await (await server.peer()).readHead()).toContain('X-Count: 3');
    const lines = ['error CONNECT_FAIL', 'close 1006'];
    await log.until('connect');
    expect(log.events).toEqual([...lines, 'reconnect 1', ...lines, 'reconnect 2', 'connect']);
  });

  it.each(['url', 'headers', 'protocols'] as const)(
    'of %s that never settles ends the attempt after connectTimeout, and comes too late then',
    async (name) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const server = await rawServer('ws');
      const late = deferred<never>();
      const { log } = await begun(server, { [name]: () => late.promise });
      await elapse(9_999);
      expect(log.events).toEqual([]);
      await elapse(1);
      expect(log.events).toEqual(['error TIMEOUT', 'close 1006']);
      expect((log.errors[0]!.cause as WsimdError).code).toBe('WS_ERR_CONNECT_TIMEOUT');
      late.resolve((name === 'url' ? server.url : name === 'headers' ? {} : 'chat') as never);
      await settled();
      expect([log.events.length, server.count]).toEqual([2, 0]);
    },
  );

  it.each<[string, (connection: AsyncTcpConnection) => void]>([
    ['close()', (connection) => connection.close()],
    ['destroy()', (connection) => connection.destroy()],
  ])('that is pending when %s gives up means nothing any more, whatever it gives', async (_, giveUp) => {
    const server = await rawServer('ws');
    for (const outcome of ['resolve', 'reject'] as const) {
      const late = deferred<Url>();
      const { connection, log } = await begun(server, { url: () => late.promise });
      giveUp(connection);
      expect(log.events).toEqual(['close 1006']);
      expect(log.errors).toEqual([]);
      late[outcome](outcome === 'resolve' ? server.url : (new Error('late') as never));
      await settled();
      expect([connection.getStatus(false), log.events, server.count]).toEqual(['CLOSED', ['close 1006'], 0]);
    }
  });

  it('of the attempt before means nothing to the next one', async () => {
    const [wrong, right] = [await rawServer('ws'), await rawServer('ws')];
    const answers = [deferred<Url>(), deferred<Url>()];
    let count = 0;
    const { connection, log } = await begun(right, { url: () => answers[count++]!.promise });
    connection.destroy();
    connection.connect();
    answers[0]!.resolve(wrong.url);
    await settled();
    expect([count, log.events]).toEqual([2, ['close 1006']]);
    answers[1]!.resolve(right.url);
    await right.acceptedPeer();
    await log.until('open 101');
    expect(wrong.count).toBe(0);
  });

  it('may give up the attempt itself', async () => {
    const server = await rawServer('ws');
    const { log } = await begun(server, {
      headers: async () => {
        await Promise.resolve();
        [...AsyncTcpConnection.connections.values()].at(-1)!.destroy();
        return {};
      },
    });
    await log.until('close 1006');
    await settled();
    expect([log.events, server.count]).toEqual([['close 1006'], 0]);
  });

  it('that is pending when end() is called is waited for: what was sent leaves', async () => {
    const server = await rawServer('ws');
    const late = deferred<Url>();
    const { connection } = await begun(server, { url: () => late.promise });
    connection.send('last words');
    connection.end();
    late.resolve(server.url);
    expect((await (await server.acceptedPeer()).readFrame()).payload.toString()).toBe('last words');
  });

  it('that rejects when nobody listens any more does not end the process', async () => {
    const program = new ChildProgram(`
      import { AsyncTcpConnection } from 'wsimd';
      const fails = async () => { throw new Error('nobody asked'); };
      const later = () => new Promise((_, reject) => setTimeout(reject, 20, new Error('nobody asked')));
      for (const provider of [fails, later]) {
        for (const options of [{}, { signal: AbortSignal.abort() }]) {
          const connection = new AsyncTcpConnection(provider, options);
          connection.headers = provider;
          connection.websocketClientProtocol = provider;
          connection.connect();
          connection.destroy();
          connection.connect();
        }
      }
      process.on('exit', () => console.log('done'));
    `);
    expect([await program.exit, program.output]).toEqual([0, 'done\n']);
  });

  /** Behind everything that promises may still set off. */
  function settled(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }
});

function raise(error: Error): never {
  throw error;
}
