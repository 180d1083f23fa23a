// Callbacks that are async functions: what their promises reject with is told as if it had been thrown, and nobody else is harmed.

import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { AsyncTcpConnection } from '../../src/index';
import { CALLBACKS, type Callbacks, type EventLog } from '../support/event-log';
import { openTo } from '../support/hostile-peer';
import { begun, begunInVain, refusing, SOON } from '../support/policies';
import { frame, TEXT } from '../support/raw-peer';
import { rawServer } from '../support/servers';
import { unheard } from '../support/unheard';
import { wholeLife } from '../support/whole-life';

const EXCEPTION = 'error CALLBACK_EXCEPTION';

/** What is reported to the console, as nobody's. */
function reported(): unknown[][] {
  const report = vi.spyOn(console, 'error').mockImplementation(() => {});
  onTestFinished(() => report.mockRestore());
  return report.mock.calls;
}

/** An object with this property. */
const having = (then: PropertyDescriptor): object => Object.defineProperty({}, 'then', then);

const causes = (log: EventLog): unknown[] => log.errors.map(({ cause }) => cause);

describe('a promise that a callback returns and that rejects is onError(CALLBACK_EXCEPTION):', () => {
  const rejecting = (name: string) => async (): Promise<never> => {
    await Promise.resolve();
    throw new Error(`of ${name}`);
  };

  it.each(CALLBACKS.filter((name) => name !== 'onError'))('%s', async (name) => {
    const nobodys = unheard();
    const log = await wholeLife('ws', (connection) => {
      queueMicrotask(() => {
        const told = connection[name] as ((...rest: never[]) => void) | null;
        connection[name] = ((...rest: never[]) => {
          told?.(...rest);
          return rejecting(name)();
        }) as never;
      });
      return {};
    });
    await log.until(({ errors }) => errors.some(({ code }) => code === AsyncTcpConnection.CALLBACK_EXCEPTION));
    const told = log.errors.filter(({ code }) => code === AsyncTcpConnection.CALLBACK_EXCEPTION);
    for (const { message, cause } of told) {
      expect(message).toContain(`of ${name}`);
      expect(cause).toEqual(new Error(`of ${name}`));
    }
    expect(log.events.filter((line) => line !== EXCEPTION).at(-1)).toBe('close 1000');
    expect(nobodys).toEqual([]);
  });

  it('onReconnect', async () => {
    const nobodys = unheard();
    const { connection, log } = await begunInVain({ ...SOON, maxRetries: 1 });
    connection.onReconnect = rejecting('onReconnect');
    await log.until(EXCEPTION);
    expect(causes(log)).toContainEqual(new Error('of onReconnect'));
    await log.until('reconnect failed');
    expect(nobodys).toEqual([]);
  });

  it('onReconnectFailed', async () => {
    const nobodys = unheard();
    const { connection, log } = await begunInVain({ ...SOON, maxRetries: 0 });
    connection.onReconnectFailed = rejecting('onReconnectFailed');
    await log.until(EXCEPTION);
    expect(causes(log)).toContainEqual(new Error('of onReconnectFailed'));
    expect(nobodys).toEqual([]);
  });

  it('shouldReconnect, which may not be an async function, but shall not end the process either', async () => {
    const nobodys = unheard();
    const policy = { ...SOON, shouldReconnect: rejecting('shouldReconnect') as never };
    const { log } = await begunInVain(policy);
    await log.until(EXCEPTION, 2);
    expect(log.errors.map(({ message }) => message).join()).toContain('must return true or false');
    expect(causes(log)).toContainEqual(new Error('of shouldReconnect'));
    expect(nobodys).toEqual([]);
  });

  it('a policy that is an async function', async () => {
    const nobodys = unheard();
    const { log } = await begunInVain(rejecting('policy') as never);
    await log.until(EXCEPTION);
    expect(causes(log)).toContainEqual(new Error('of policy'));
    expect(log.events).toContain('reconnect failed');
    expect(nobodys).toEqual([]);
  });

  it('those that pipe() keeps', async () => {
    const nobodys = unheard();
    const [source, destination] = [await openTo(), await openTo()];
    source.connection.onClose = rejecting('onClose');
    source.connection.pipe(destination.connection);
    source.peer.socket.destroy();
    await source.log.until(EXCEPTION);
    expect(causes(source.log)).toContainEqual(new Error('of onClose'));
    expect(nobodys).toEqual([]);
  });
});

describe('a callback that returns', () => {
  it('a promise is not waited for, and messages behind it are told at once', async () => {
    const { connection, log, peer } = await openTo();
    const finish: (() => void)[] = [];
    let finished = 0;
    connection.onMessage = async (_, data) => {
      log.write(`message ${data}`);
      await new Promise<void>((resolve) => finish.push(resolve));
      finished += 1;
    };
    peer.write(frame(TEXT, 'one'), frame(TEXT, 'two'), frame(TEXT, 'three'));
    await log.until('message three');
    expect(finished).toBe(0);
    for (const go of finish) go();
    await vi.waitFor(() => expect(finished).toBe(3));
    expect(log.errors).toEqual([]);
  });

  it('each time a promise that rejects has each of them told', async () => {
    const { connection, log, peer } = await openTo();
    connection.onMessage = (_, data) => Promise.reject(data) as never;
    const before = AsyncTcpConnection.statistics.throw_exception;
    peer.write(frame(TEXT, 'one'), frame(TEXT, 'two'));
    await log.until(EXCEPTION, 2);
    expect(causes(log)).toEqual(['one', 'two']);
    expect(AsyncTcpConnection.statistics.throw_exception).toBe(before + 2);
  });

  it.each([
    ['true', () => true],
    ['a number', () => 3],
    ['null', () => null],
    ['an object', () => having({ value: 3 })],
    ['a function', () => () => {}],
  ])('%s is nobody’s business', async (_, onMessage) => {
    const { connection, log, peer } = await openTo();
    connection.onMessage = onMessage as never;
    const { events } = log;
    peer.write(frame(TEXT, 'one'), frame(0x8a, 'behind it'));
    await log.until('pong behind it');
    expect(events).not.toContain(EXCEPTION);
  });

  it.each([
    [
      'a promise of another library',
      having({ value: (_done: unknown, reject: (reason: unknown) => void) => reject('its reason') }),
    ],
    [
      'what throws when it is asked',
      having({
        get: () => {
          throw 'its reason';
        },
      }),
    ],
    [
      'what throws when it is called',
      having({
        value: () => {
          throw 'its reason';
        },
      }),
    ],
  ])('%s', async (_, value) => {
    const { connection, log, peer } = await openTo();
    connection.onMessage = () => value as never;
    peer.write(frame(TEXT, 'one'));
    await log.until(EXCEPTION);
    expect(causes(log)).toEqual(['its reason']);
  });
});

describe('what onError rejects with', () => {
  it('is reported, once, and neither told to itself nor nobody’s', async () => {
    const nobodys = unheard();
    const reports = reported();
    const { connection, peer } = await openTo();
    let calls = 0;
    connection.onMessage = () => Promise.reject(new Error('of onMessage')) as never;
    connection.onError = async () => {
      calls += 1;
      throw new Error('of onError');
    };
    peer.write(frame(TEXT, 'one'));
    await vi.waitFor(() => expect(reports).toHaveLength(1));
    expect(reports[0]).toEqual([new Error('of onError')]);
    expect(calls).toBe(1);
    expect(nobodys).toEqual([]);
  });

  it('of an attempt that fails, too', async () => {
    const nobodys = unheard();
    const reports = reported();
    const server = await rawServer('ws');
    const connection = server.client();
    connection.onError = () => Promise.reject(new Error('of onError')) as never;
    connection.connect();
    await refusing(404)(await server.peer());
    await vi.waitFor(() => expect(reports).toEqual([[new Error('of onError')]]));
    expect(nobodys).toEqual([]);
  });
});

it('where there is no onError the rejection is reported, as an exception is', async () => {
  const nobodys = unheard();
  const reports = reported();
  const { connection, peer } = await openTo();
  connection.onError = null;
  connection.onMessage = () => Promise.reject(new Error('of onMessage')) as never;
  peer.write(frame(TEXT, 'one'));
  await vi.waitFor(() => expect(reports).toEqual([[new Error('of onMessage')]]));
  expect(nobodys).toEqual([]);
});

it('behind onClose a rejection is told, too: it is the callback’s, and not of the connection', async () => {
  const callbacks: Callbacks = {};
  const { connection, log, server } = await begun(SOON, 'ws', callbacks);
  connection.reconnectPolicy = undefined;
  const peer = await server.acceptedPeer();
  await log.until('open 101');
  let reject: (reason: unknown) => void = () => {};
  connection.onMessage = () => new Promise((_, fail) => (reject = fail)) as never;
  peer.write(frame(TEXT, 'one'));
  peer.socket.end();
  await log.until('close 1006');
  const before = log.events.length;
  reject('late');
  await log.until(EXCEPTION);
  expect(log.events.slice(before)).toEqual([EXCEPTION]);
});
