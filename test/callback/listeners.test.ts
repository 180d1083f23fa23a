// Listeners beside the one callback of each kind: whom they hear, in which order, and that none of them harms another.

import { inspect } from 'node:util';
import { describe, expect, expectTypeOf, it, onTestFinished, vi } from 'vitest';
import { CALLBACKS } from '../../src/callback/callbacks';
import { AsyncTcpConnection, type ErrorKind } from '../../src/index';
import { openTo } from '../support/hostile-peer';
import { begunInVain, SOON } from '../support/policies';
import { frame, PING, PONG, TEXT } from '../support/raw-peer';
import { rawServer } from '../support/servers';
import { wholeLife } from '../support/whole-life';

type Event = Parameters<AsyncTcpConnection['on']>[0];

/** Who is asked where a message begins is one alone. */
const TOLD = CALLBACKS.filter((name) => name !== 'onMessageStart');
const EVENTS = TOLD.map((name) => `${name[2]!.toLowerCase()}${name.slice(3)}` as Event);
/** They have tests of their own. */
const OF_OTHERS: readonly Event[] = ['reconnect', 'reconnectFailed', 'unsent'];

const unconnected = (): AsyncTcpConnection => new AsyncTcpConnection('ws://127.0.0.1:9');

/** What nobody hears is reported to the console. */
function reported(): unknown[][] {
  const report = vi.spyOn(console, 'error').mockImplementation(() => {});
  onTestFinished(() => report.mockRestore());
  return report.mock.calls;
}

describe('on() and off()', () => {
  it('have the names of the callbacks without their "on", and their arguments', () => {
    expectTypeOf<Event>().toEqualTypeOf<
      | 'connect'
      | 'webSocketConnect'
      | 'message'
      | 'webSocketPing'
      | 'webSocketPong'
      | 'webSocketClose'
      | 'close'
      | 'error'
      | 'bufferFull'
      | 'bufferDrain'
      | 'reconnect'
      | 'reconnectFailed'
      | 'unsent'
    >();
    const connection = unconnected();
    connection.on('error', (...told) => {
      expectTypeOf(told).toEqualTypeOf<
        [connection: AsyncTcpConnection, code: ErrorKind, message: string, cause: unknown]
      >();
    });
    connection.on('connect', (...told) => expectTypeOf(told).toEqualTypeOf<[connection: AsyncTcpConnection]>());
    const listener = (): void => {};
    expect(connection.on('close', listener)).toBe(connection);
    expect(connection.off('close', listener)).toBe(connection);
    expect(connection.off('close', listener)).toBe(connection);
  });

  it('refuse what is no event, with the nearest name, and what is no function', () => {
    const connection = unconnected();
    const on = connection.on as (event: unknown, listener: unknown) => unknown;
    const off = connection.off as typeof on;
    for (const method of [on, off]) {
      const refused = (event: unknown) => () => method.call(connection, event, () => {});
      expect(refused('mesage')).toThrow(new TypeError('A connection has no event mesage. Did you mean message?'));
      expect(refused('onMessage')).toThrow(/Did you mean message\?$/);
      expect(refused('data')).toThrow(new TypeError('A connection has no event data.'));
      expect(refused('open')).toThrow(new TypeError('A connection has no event open. Did you mean webSocketConnect?'));
      for (const event of [undefined, null, 5, Symbol('message'), '__proto__'])
        expect(refused(event)).toThrow(TypeError);
    }
    for (const listener of [undefined, null, 'log', {}, { handleEvent() {} }]) {
      expect(() => on.call(connection, 'message', listener)).toThrow(
        /^A listener of message must be a function; it is /,
      );
    }
  });

  it('are shown by console.log, as numbers', () => {
    const connection = unconnected();
    expect(inspect(connection)).not.toContain('listeners');
    const [one, other] = [() => {}, () => {}];
    connection.on('message', one).on('message', other).on('webSocketClose', one);
    expect(inspect(connection)).toContain('listeners: { message: 2, webSocketClose: 1 }');
    connection.off('message', one).off('message', other).off('webSocketClose', one);
    expect(inspect(connection)).not.toContain('listeners');
  });
});

describe('a listener', () => {
  it.each(EVENTS.filter((event) => !OF_OTHERS.includes(event)))(
    'of %s gets what the callback gets, behind it, in the order in which they were added',
    async (event) => {
      const told: [who: string, ...rest: unknown[]][] = [];
      const log = await wholeLife('ws', (connection) => {
        const name = TOLD[EVENTS.indexOf(event)]!;
        connection.on(event, (...rest: unknown[]) => void told.push(['first', ...rest]));
        connection.on(event, (...rest: unknown[]) => void told.push(['second', ...rest]));
        return { [name]: (...rest: unknown[]) => void told.push(['callback', ...rest]) };
      });
      expect(told.length).toBeGreaterThan(2);
      expect(told.map(([who]) => who).join()).toMatch(/^(callback,first,second,?)+$/);
      const [, ...callback] = told[0]!;
      for (const [, ...rest] of told.slice(1, 3)) expect(rest).toEqual(callback);
      expect(callback[0]).toBeInstanceOf(AsyncTcpConnection);
      expect(log.events.at(-1)).toBe('close 1000');
    },
  );

  it('of reconnect and reconnectFailed, too', async () => {
    const { connection, log } = await begunInVain({ ...SOON, maxRetries: 1 });
    const told: unknown[] = [];
    connection.on('reconnect', (...rest) => void told.push(rest.slice(1).map((each) => typeof each)));
    connection.on('reconnectFailed', (...rest) => void told.push(rest.length));
    await log.until('reconnect failed');
    await vi.waitFor(() => expect(told).toEqual([['number', 'number'], 1]));
  });

  it('hears where there is no callback', async () => {
    const { connection, peer } = await openTo();
    connection.onMessage = null;
    const heard = new Promise((resolve) => connection.on('message', (_, data) => resolve(data)));
    peer.write(frame(TEXT, 'heard'));
    expect(await heard).toBe('heard');
  });

  it('that was added twice is called once, at its first place', async () => {
    const { connection, log, peer } = await openTo();
    const calls: string[] = [];
    const one = (): void => void calls.push('one');
    connection.on('message', one);
    connection.on('message', () => calls.push('other'));
    connection.on('message', one);
    peer.write(frame(TEXT, 'a'));
    await log.until('message a');
    await vi.waitFor(() => expect(calls).toEqual(['one', 'other']));
    connection.off('message', one);
    peer.write(frame(TEXT, 'b'));
    await log.until('message b');
    await vi.waitFor(() => expect(calls).toEqual(['one', 'other', 'other']));
  });

  it('that is added or removed while an event is told is so from the next one on, by a callback, too', async () => {
    const { connection, log, peer } = await openTo();
    const calls: string[] = [];
    const late = (): void => void calls.push('late');
    const early = (): void => void calls.push('early');
    const { onMessage } = connection;
    connection.onMessage = (...rest) => {
      connection.on('message', late);
      onMessage!(...rest);
    };
    connection.on('message', () => connection.off('message', early));
    connection.on('message', early);
    peer.write(frame(TEXT, 'a'));
    await log.until('message a');
    await vi.waitFor(() => expect(calls).toEqual(['early']));
    peer.write(frame(TEXT, 'b'));
    await log.until('message b');
    await vi.waitFor(() => expect(calls).toEqual(['early', 'late']));
  });

  it('of webSocketPing does not turn the automatic pong off; a callback beside it does', async () => {
    const { connection, log, peer } = await openTo();
    const pings: string[] = [];
    connection.on('webSocketPing', (_, payload) => void pings.push(Buffer.from(payload).toString()));
    peer.write(frame(PING, 'one'));
    expect(await peer.readFrame()).toMatchObject({ first: PONG, payload: Buffer.from('one') });
    connection.onWebSocketPing = () => log.write('own');
    peer.write(frame(PING, 'two'));
    await log.until('own');
    connection.pong('by hand');
    expect((await peer.readFrame()).payload.toString()).toBe('by hand');
    expect(pings).toEqual(['one', 'two']);
  });

  it('hears nothing of a connection that one before it has destroyed, but its end', async () => {
    const { connection, log, peer } = await openTo();
    const calls: string[] = [];
    connection.on('message', () => connection.destroy());
    connection.on('message', () => calls.push('message'));
    connection.on('close', () => calls.push('close'));
    connection.onClose = () => log.write('closed');
    peer.write(frame(TEXT, 'a'));
    await log.until('closed');
    await vi.waitFor(() => expect(calls).toEqual(['close']));
  });

  it('of close hears it, though one before it has begun anew', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    const events: string[] = [];
    connection.onClose = () => connection.connect();
    connection.on('close', (_, event) => void events.push(`close ${event.code}`));
    connection.connect();
    const peer = await server.acceptedPeer();
    peer.socket.destroy();
    await server.acceptedPeer();
    expect(events).toEqual(['close 1006']);
  });
});

describe('what a listener throws, or rejects with,', () => {
  const failures: readonly (readonly [how: string, fail: (text: string) => unknown])[] = [
    [
      'thrown',
      (text) => {
        throw new Error(text);
      },
    ],
    ['rejected', (text) => Promise.reject(new Error(text))],
  ];

  it.each(failures)('%s, reaches onError and the listeners of error, and harms nobody', async (_how, fail) => {
    const calls = reported();
    const log = await wholeLife('ws', (connection) => {
      for (const event of EVENTS) if (event !== 'error') connection.on(event, () => fail(`of ${event}`) as undefined);
      connection.on('message', (_, data) => log2.push(`heard ${data}`));
      connection.on('error', (_, code, _message, cause) => {
        if (code === AsyncTcpConnection.CALLBACK_EXCEPTION) log2.push((cause as Error).message);
      });
      return {};
    });
    const told = (): string[] =>
      log.errors.map(({ cause }) => (cause as Error).message).filter((text) => /^of /.test(text));
    await vi.waitFor(() => expect(told()).toContain('of close'));
    for (const event of EVENTS) {
      if (event === 'error' || OF_OTHERS.includes(event)) continue;
      expect(told()).toContain(`of ${event}`);
    }
    expect(log2.filter((line) => line.startsWith('of '))).toEqual(told());
    expect(log2.filter((line) => line.startsWith('heard '))).toEqual(['heard one', 'heard two']);
    expect(log.events.filter((line) => line !== 'error CALLBACK_EXCEPTION').at(-1)).toBe('close 1000');
    expect(calls).toEqual([]);
    log2.length = 0;
  });
  const log2: string[] = [];

  it('a callback throws reaches the listeners behind it all the same', async () => {
    const { connection, log, peer } = await openTo();
    const heard: string[] = [];
    connection.onMessage = () => {
      throw new Error('of onMessage');
    };
    connection.on('message', (_, data) => void heard.push(`${data}`));
    peer.write(frame(TEXT, 'a'), frame(TEXT, 'b'));
    await log.until('error CALLBACK_EXCEPTION', 2);
    await vi.waitFor(() => expect(heard).toEqual(['a', 'b']));
  });

  it('is reported where it is of one that hears errors, and nobody is asked again', async () => {
    const calls = reported();
    const { connection, log } = await begunInVain({ ...SOON, maxRetries: 0 });
    const errors: number[] = [];
    connection.on('error', () => {
      throw new Error('of error');
    });
    connection.on('error', (_, code) => void errors.push(code));
    await log.until('reconnect failed');
    expect(errors).toEqual([AsyncTcpConnection.CONNECT_FAIL]);
    expect(calls).toEqual([[new Error('of error')]]);
  });

  it.each([
    ['nobody', 1],
    ['a listener of error', 0],
  ])('is reported %s hears errors: %i times', async (who, times) => {
    const calls = reported();
    const { connection, log, peer } = await openTo();
    connection.onError = null;
    const errors: unknown[] = [];
    if (times === 0) connection.on('error', (_, _code, _message, cause) => void errors.push(cause));
    const listener = (): void => {
      log.write('thrown');
      throw new Error(who);
    };
    connection.on('message', listener);
    peer.write(frame(TEXT, 'a'), frame(PONG, 'behind it'));
    await log.until('pong behind it');
    expect(calls).toEqual(times === 1 ? [[new Error(who)]] : []);
    expect(errors).toEqual(times === 0 ? [new Error(who)] : []);
  });
});
