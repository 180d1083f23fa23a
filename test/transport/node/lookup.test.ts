// A user's `lookup` that does what it should not: every one of these ends the attempt with a sentence, or falls under
// connectTimeout, and none ends the process or is heard of twice.

import { describe, expect, it, vi } from 'vitest';
import { AsyncTcpConnection, type SocketOptions, type WsimdError } from '../../../src/index';
import { record } from '../../support/event-log';
import { echoServer } from '../../support/servers';

type Lookup = NonNullable<SocketOptions['lookup']>;
type Answer = (...answer: unknown[]) => void;

async function attempt(lookup: (answer: Answer) => unknown, options: SocketOptions = {}) {
  const connection = new AsyncTcpConnection('ws://server.test:9', {
    ...options,
    lookup: ((_: string, __: object, answer: Answer) => lookup(answer)) as Lookup,
  });
  connection.connectTimeout = 5;
  const log = record(connection);
  connection.connect();
  await log.until('close 1006');
  expect(log.events).toHaveLength(2);
  return log;
}

const ENOTFOUND = Object.assign(new Error('getaddrinfo ENOTFOUND server.test'), { code: 'ENOTFOUND' });
const LIST = [{ address: '127.0.0.1', family: 4 }];

describe.each<[string, SocketOptions]>([
  ['of all addresses', { autoSelectFamily: true }],
  ['of one address', { autoSelectFamily: false }],
])('a lookup %s', (_, options) => {
  it.each<[string, (answer: Answer) => unknown, string]>([
    ['answers with an error', (answer) => answer(ENOTFOUND), 'getaddrinfo ENOTFOUND server.test'],
    ['answers later with an error', (answer) => setImmediate(answer, ENOTFOUND), 'getaddrinfo ENOTFOUND server.test'],
    ['answers with text as an error', (answer) => answer('no such host'), 'no such host'],
    ['answers with nothing', (answer) => answer(), 'the lookup function did not answer with'],
    ['answers with null', (answer) => answer(null, null), 'the lookup function did not answer with'],
    [
      'throws',
      () => {
        throw new Error('thrown');
      },
      'thrown',
    ],
    [
      'throws what is no error',
      () => {
        throw 'text';
      },
      'text',
    ],
    [
      'rejects',
      async () => {
        throw new Error('rejected');
      },
      'rejected',
    ],
    [
      'answers with an error, and again',
      (answer) => {
        answer(ENOTFOUND);
        answer(null, '127.0.0.1', 4);
        answer(null, LIST);
      },
      'ENOTFOUND',
    ],
  ])('%s', async (_, lookup, reason) => {
    const log = await attempt(lookup, options);
    expect(log.events).toEqual(['error CONNECT_FAIL', 'close 1006']);
    expect(log.errors[0]!.message).toContain(`server.test port 9, `);
    expect(log.errors[0]!.message).toContain(reason);
    expect((log.errors[0]!.cause as WsimdError).code).toBe('WS_ERR_CONNECT');
  });

  it('answers with text that is no address', async () => {
    const log = await attempt(
      (answer) => answer(null, options.autoSelectFamily ? [{ address: 'x', family: 4 }] : 'x', 4),
      options,
    );
    expect(log.events).toEqual(['error CONNECT_FAIL', 'close 1006']);
  });

  it('never answers: connectTimeout', async () => {
    const connection = new AsyncTcpConnection('ws://server.test:9', { ...options, lookup: () => {} });
    connection.connectTimeout = 0.1;
    const log = record(connection);
    connection.connect();
    await log.until('close 1006');
    expect(log.events).toEqual(['error TIMEOUT', 'close 1006']);
  });

  it('answers when the attempt is over: nothing', async () => {
    const answers: Answer[] = [];
    const log = await (async () => {
      const connection = new AsyncTcpConnection('ws://server.test:9', {
        ...options,
        lookup: ((_: string, __: object, answer: Answer) => void answers.push(answer)) as Lookup,
      });
      const log = record(connection);
      connection.connect();
      connection.destroy();
      await log.until('close 1006');
      return log;
    })();
    answers[0]!(null, options.autoSelectFamily ? [] : undefined);
    await new Promise(setImmediate);
    expect(log.events).toEqual(['close 1006']);
  });
});

it.each<[string, unknown]>([
  ['an empty list', []],
  ['one address', '127.0.0.1'],
  ['a list of text', ['127.0.0.1']],
  ['a list of nothing', [null]],
])('a lookup of all addresses that answers with %s', async (_, answer) => {
  const log = await attempt((callback) => callback(null, answer, 4));
  expect(log.events).toEqual(['error CONNECT_FAIL', 'close 1006']);
  expect(log.errors[0]!.message).toMatch(/the lookup function (answered with|did not answer with) a/);
});

it('what a lookup throws behind its answer is reported, and harms nothing', async () => {
  const reported = vi.fn();
  vi.stubGlobal('reportError', reported);
  const server = await echoServer('ws');
  const late = new Error('late');
  const lookups: Lookup[] = [
    (_, __, answer) => {
      answer(null, LIST);
      throw late;
    },
    (async (_, __, answer) => {
      answer(null, LIST);
      throw late;
    }) as Lookup,
  ];
  for (const lookup of lookups) {
    const connection = new AsyncTcpConnection(`ws://server.test:${server.port}`, { lookup });
    const log = record(connection);
    connection.connect();
    await log.until('open 101');
    connection.destroy();
    expect(log.events).toEqual(['connect', 'open 101', 'close 1006']);
  }
  expect(reported.mock.calls).toEqual([[late], [late]]);
  vi.unstubAllGlobals();
});
