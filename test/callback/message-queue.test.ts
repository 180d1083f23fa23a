// Messages of a connection in a loop (`for await`): all of them, in order, over reconnects, with back-pressure; how the loop ends for
// each end of the connection; and what is left when it is left.

import { setImmediate, setTimeout } from 'node:timers/promises';
import { inspect } from 'node:util';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { AsyncTcpConnection, type WsimdError } from '../../src/index';
import { record } from '../support/event-log';
import { type Opened, openTo } from '../support/hostile-peer';
import { SOON } from '../support/policies';
import { BINARY, CLOSE, closeFrame, frame, TEXT } from '../support/raw-peer';
import { rawServer, SCHEMES, wsServer } from '../support/servers';
import { unheard } from '../support/unheard';

type Message = string | Uint8Array;
const text = (word: string): Buffer => frame(TEXT, word);

/** All that a loop gets, and how it ended: 'done', or the code of what it threw. */
async function loop(messages: AsyncIterable<Message>): Promise<readonly [messages: Message[], end: string]> {
  const all: Message[] = [];
  try {
    for await (const message of messages) all.push(message);
    return [all, 'done'];
  } catch (error) {
    return [all, (error as WsimdError).code];
  }
}

/** Behind what was done. */
const behind = <Value>(_done: unknown, then: () => Value): Value => then();

/** The peer answers our close frame. */
async function answerClose({ peer }: Opened): Promise<void> {
  await peer.readFrameOf(CLOSE);
  peer.write(closeFrame(1000));
  peer.socket.end();
}

async function closeBy({ peer }: Opened, body: Buffer): Promise<void> {
  peer.write(body);
  await peer.readFrameOf(CLOSE);
  peer.socket.end();
}

describe.each(SCHEMES)('a loop over %s', (scheme) => {
  it('gets all that arrives over 100 reconnects, in order, from a server that cuts', async () => {
    const CONNECTIONS = 101;
    const EACH = 7;
    let count = 0;
    const server = await wsServer(scheme, (socket) => {
      const number = count;
      count += 1;
      for (let i = 0; i < EACH; i += 1) socket.send(i % 2 === 0 ? `${number} ${i}` : Buffer.from(`${number} ${i}`));
      if (number === CONNECTIONS - 1) socket.close(1000);
      // Without a close frame, behind what it has sent; every third one in the midst of it, perhaps.
      else if (number % 3 === 0) socket.terminate();
      else (socket as unknown as { _socket: { end(): void } })._socket.end();
    });
    const connection = server.client();
    connection.reconnectPolicy = { ...SOON, shouldReconnect: () => count < CONNECTIONS };
    const heard: string[] = [];
    connection.onMessage = (_, data) => void heard.push(Buffer.from(data as string).toString());
    const messages = connection.messages({ queue: 3 });
    connection.connect();
    const all: string[] = [];
    for await (const message of messages) {
      all.push(Buffer.from(message as string).toString());
      if (all.length % 5 === 0) await setImmediate();
    }
    expect(all).toEqual(heard);
    const whole = Array.from({ length: CONNECTIONS }, (_, n) => Array.from({ length: EACH }, (_, i) => `${n} ${i}`));
    const isCut = (word: string): boolean => Number(word.split(' ')[0]) % 3 === 0;
    expect(all.filter((word) => !isCut(word))).toEqual(whole.flat().filter((word) => !isCut(word)));
    expect(all.length).toBeGreaterThanOrEqual(67 * EACH);
  });

  it('holds a fast sender up: what waits stays bounded, and nothing is lost', async () => {
    const COUNT = 4_000;
    const payload = 'x'.repeat(8 * 1024);
    let peerSocket: { bufferedAmount: number } | undefined;
    const server = await wsServer(scheme, (socket) => {
      peerSocket = socket;
      for (let i = 0; i < COUNT; i += 1) socket.send(`${i} ${payload}`);
      socket.close(1000);
    });
    const connection = server.client();
    let heard = 0;
    connection.onMessage = () => {
      heard += 1;
    };
    const messages = connection.messages({ queue: 8 });
    connection.connect();
    await connection.opened;
    let taken = 0;
    let most = 0;
    let mostBuffered = 0;
    for await (const message of messages) {
      expect((message as string).startsWith(`${taken} `)).toBe(true);
      taken += 1;
      most = Math.max(most, heard - taken);
      if (taken % 40 === 0) await setTimeout(1);
      // The memory that waits is the sender's.
      if (taken === 400) mostBuffered = peerSocket!.bufferedAmount;
      expect(connection.getRecvBufferQueueSize()).toBeLessThan(1024 * 1024);
    }
    expect([taken, heard]).toEqual([COUNT, COUNT]);
    expect(most).toBeLessThanOrEqual(8);
    expect(mostBuffered).toBeGreaterThan(1024 * 1024);
  });
});

describe('a loop', () => {
  it('gets strings and bytes, beside onMessage, listeners and other loops, each of them all', async () => {
    const one = await openTo();
    const { connection, log, peer } = one;
    expectTypeOf(connection.messages()).toEqualTypeOf<AsyncIterableIterator<string | Uint8Array>>();
    expectTypeOf(connection[Symbol.asyncIterator]()).toEqualTypeOf<AsyncIterableIterator<string | Uint8Array>>();
    const heard: unknown[] = [];
    connection.on('message', (_, data) => void heard.push(data));
    const loops = [loop(connection), loop(connection.messages({ queue: 1 })), loop(connection.messages())];
    peer.write(text('one'), frame(BINARY, 'two'), text('three'));
    await closeBy(one, closeFrame(1000));
    const expected = ['one', new Uint8Array(Buffer.from('two')), 'three'];
    for (const [messages, end] of await Promise.all(loops)) expect([messages, end]).toEqual([expected, 'done']);
    expect(heard).toEqual(expected);
    expect(log.messages).toEqual(expected);
  });

  it('begins where messages() was called, not where the loop does', async () => {
    const one = await openTo();
    one.peer.write(text('before'));
    await one.log.until('message before');
    const messages = one.connection.messages();
    one.peer.write(text('between'));
    await one.log.until('message between');
    const looped = loop(messages);
    await closeBy(one, closeFrame(1001));
    expect(await looped).toEqual([['between'], 'done']);
  });

  it('is served in order, if it asks for several at a time', async () => {
    const one = await openTo();
    const messages = one.connection.messages();
    const asked = Promise.all([messages.next(), messages.next(), messages.next(), messages.next()]);
    one.peer.write(text('one'), text('two'));
    await closeBy(one, closeFrame(1000));
    expect(await asked).toEqual([
      { done: false, value: 'one' },
      { done: false, value: 'two' },
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    expect(await messages.next()).toEqual({ done: true, value: undefined });
  });

  it('that asks for several at a time hears of a loss once', async () => {
    const { connection, peer } = await openTo();
    const messages = connection.messages();
    const asked = Promise.allSettled([messages.next(), messages.next()]);
    peer.socket.end();
    expect(await asked).toMatchObject([
      { status: 'rejected', reason: { code: 'WS_ERR_ENDED' } },
      { status: 'fulfilled', value: { done: true } },
    ]);
  });

  it('copies what is borrowed, also after the setting has changed for the next connection', async () => {
    const one = await openTo((connection) => {
      connection.binaryDelivery = 'borrow';
    });
    const messages = one.connection.messages();
    one.connection.binaryDelivery = 'own';
    for (let i = 0; i < 3; i += 1) {
      one.peer.write(frame(BINARY, `${i}`.repeat(1_000)));
      await one.log.until('message <1000 bytes>', i + 1);
    }
    const looped = loop(messages);
    await closeBy(one, closeFrame(1000));
    const [all] = await looped;
    expect(all.map((message) => Buffer.from(message as Uint8Array).toString())).toEqual(
      [0, 1, 2].map((i) => `${i}`.repeat(1_000)),
    );
  });

  it('stops delivery at once when `queue` messages wait, and goes on when half of them are taken', async () => {
    const { connection, log, peer } = await openTo();
    const messages = connection.messages({ queue: 4 });
    peer.write(Buffer.concat(Array.from({ length: 12 }, (_, i) => text(`${i}`))));
    await log.until('message 3');
    const [taken, seen]: [number[], number[]] = [[], []];
    for (let i = 0; i < 8; i += 1) {
      await setImmediate();
      await setImmediate();
      seen.push(log.messages.length);
      taken.push(Number((await messages.next()).value));
    }
    expect(taken).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    // 4 wait; when 2 are left, 2 more come.
    expect(seen).toEqual([4, 4, 6, 6, 8, 8, 10, 10]);
  });

  it('holds and lets go beside the user’s own pause, and over reconnects', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    connection.reconnectPolicy = SOON;
    const log = record(connection);
    const messages = connection.messages({ queue: 1 });
    connection.connect();
    const peer = await server.acceptedPeer();
    peer.write(text('a'), text('b'));
    await log.until('message a');
    connection.resumeRecv();
    await setTimeout(10);
    expect(log.messages).toEqual(['a']);
    connection.pauseRecv();
    expect((await messages.next()).value).toBe('a');
    await setTimeout(10);
    expect(log.messages).toEqual(['a']);
    connection.resumeRecv();
    await log.until('message b');
    // Held again, and the connection goes: the next one is not read either.
    peer.write(text('c'));
    peer.socket.end();
    await setTimeout(10);
    expect(log.messages).toEqual(['a', 'b']);
    expect((await messages.next()).value).toBe('b');
    const next = await server.acceptedPeer();
    next.write(text('d'));
    await setTimeout(10);
    expect(log.messages).toEqual(['a', 'b', 'c']);
    expect((await messages.next()).value).toBe('c');
    expect((await messages.next()).value).toBe('d');
  });

  it('waits in INITIAL, and ends at once where the connection is CLOSED for good', async () => {
    const one = await openTo();
    const early = new AsyncTcpConnection('ws://127.0.0.1:9');
    const messages = early.messages();
    const first = messages.next();
    await setImmediate();
    expect(await Promise.race([first, 'waits'])).toBe('waits');
    await messages.return!();
    expect(await first).toEqual({ done: true, value: undefined });
    one.connection.destroy();
    expect(await loop(one.connection)).toEqual([[], 'done']);
    const other = await openTo();
    await closeBy(other, closeFrame(1011));
    await other.connection.closed;
    expect(await loop(other.connection)).toEqual([[], 'WS_ERR_CLOSED']);
    expect(await loop(other.connection)).toEqual([[], 'WS_ERR_CLOSED']);
  });

  it('goes on where connect() follows the end at once', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    const messages = connection.messages();
    connection.connect();
    (await server.acceptedPeer()).write(text('one'));
    expect((await messages.next()).value).toBe('one');
    connection.destroy();
    connection.connect();
    (await server.acceptedPeer()).write(text('two'));
    expect((await messages.next()).value).toBe('two');
  });

  it('refuses options that are none', () => {
    const connection = new AsyncTcpConnection('ws://127.0.0.1:9');
    const messages = (options: unknown) => () => connection.messages(options as never);
    for (const queue of [0, -1, 1.5, Number.NaN, Infinity]) expect(messages({ queue })).toThrow(RangeError);
    for (const queue of ['4', null, {}]) expect(messages({ queue })).toThrow(TypeError);
    expect(messages({ quue: 3 })).toThrow(new TypeError('messages(options) has no quue. Did you mean queue?'));
    for (const options of [null, 5, [1]]) expect(messages(options)).toThrow(TypeError);
    expect(inspect(connection)).not.toContain('listeners');
  });
});

type End = readonly [
  end: string,
  loop: string,
  how: (one: Opened) => unknown,
  configure?: (connection: AsyncTcpConnection) => void,
];

const never = { minDelay: 1_000, maxDelay: 1_000, jitter: 0 };

const ENDS: readonly End[] = [
  ['our close()', 'done', (one) => behind(one.connection.close(), () => answerClose(one))],
  ['our close(4000)', 'done', (one) => behind(one.connection.close(4000), () => answerClose(one))],
  ['our end()', 'done', ({ connection, peer }) => behind(connection.end(), () => peer.socket.end())],
  ['our destroy()', 'done', ({ connection }) => connection.destroy()],
  [
    'our close(), which nobody answers',
    'done',
    ({ connection }) => connection.close(),
    (connection) => {
      connection.closeTimeout = 0.02;
    },
  ],
  [
    'our close(), and the peer breaks',
    'done',
    ({ connection, peer }) => behind(connection.close(), () => peer.socket.resetAndDestroy()),
  ],
  ['the peer’s 1000', 'done', (one) => closeBy(one, closeFrame(1000))],
  ['the peer’s 1001', 'done', (one) => closeBy(one, closeFrame(1001))],
  ['the peer’s close frame without a code', 'done', (one) => closeBy(one, frame(CLOSE, ''))],
  ['the peer’s 1011', 'WS_ERR_CLOSED', (one) => closeBy(one, closeFrame(1011))],
  ['the peer’s 4000', 'WS_ERR_CLOSED', (one) => closeBy(one, closeFrame(4000))],
  ['the peer is gone', 'WS_ERR_ENDED', ({ peer }) => peer.socket.end()],
  ['the peer breaks', 'WS_ERR_(RESET|ENDED)', ({ peer }) => peer.socket.resetAndDestroy()],
  [
    'the peer breaks the rules',
    'WS_ERR_INVALID_OPCODE',
    ({ peer }) => behind(peer.write(frame(0x83, 'x')), () => peer.socket.end()),
  ],
  [
    'the peer breaks the rules, and onError destroys',
    'WS_ERR_INVALID_OPCODE',
    ({ connection, peer }) => {
      connection.onError = () => connection.destroy();
      peer.write(frame(0x83, 'x'));
    },
  ],
  [
    'the policy gives up',
    'WS_ERR_CONNECT',
    async ({ peer, connection }) => {
      connection.reconnectPolicy = { ...SOON, maxRetries: 1 };
      connection.headers = () => {
        throw new Error('no token');
      };
      peer.socket.end();
    },
  ],
  [
    'an attempt is called off',
    'WS_ERR_ENDED',
    ({ connection, peer, log }) => {
      peer.socket.end();
      void log.until('reconnect 1').then(() => connection.cancelReconnect());
    },
    (connection) => {
      connection.reconnectPolicy = never;
    },
  ],
  [
    'close() while an attempt waits',
    'done',
    ({ connection, peer, log }) => {
      peer.socket.end();
      void log.until('reconnect 1').then(() => connection.close());
    },
    (connection) => {
      connection.reconnectPolicy = never;
    },
  ],
];

describe('the loop ends', () => {
  it.each(ENDS.map(([end, loop, ...rest]) => [end, loop, rest] as const))(
    'by %s: %s, and what waits comes first',
    async (_end, end, rest) => {
      const [how, configure] = rest;
      const nobodys = unheard();
      const one = await openTo((connection) => {
        connection.lingerTimeout = 0.05;
        configure?.(connection);
      });
      const [late, early] = [one.connection.messages(), loop(one.connection)];
      one.peer.write(text('one'), text('two'));
      await one.log.until('message two');
      await how(one);
      const code = end === 'WS_ERR_CONNECT' ? 'WS_ERR_PROVIDER' : end;
      for (const [messages, ended] of [await early, await loop(late)]) {
        expect(messages).toEqual(['one', 'two']);
        expect(ended).toMatch(new RegExp(`^${code}$`));
      }
      expect(await late.next()).toEqual({ done: true, value: undefined });
      expect(inspect(one.connection)).not.toContain('listeners');
      expect(nobodys).toEqual([]);
    },
  );

  it('with a reason that is a sentence', async () => {
    const one = await openTo();
    const messages = one.connection.messages();
    await closeBy(one, closeFrame(1011, 'broken'));
    await expect(messages.next()).rejects.toThrow('The connection is closed: the peer closed with 1011 "broken".');
  });
});

describe('whoever leaves the loop', () => {
  const LEAVES: readonly (readonly [
    how: string,
    leave: (messages: AsyncIterableIterator<Message>) => Promise<unknown>,
  ])[] = [
    [
      'by break',
      async (messages) => {
        for await (const _ of messages) break;
      },
    ],
    [
      'by an exception',
      async (messages) => {
        try {
          for await (const _ of messages) throw new Error('mine');
        } catch (error) {
          expect(error).toEqual(new Error('mine'));
        }
      },
    ],
    [
      'by return()',
      async (messages) => {
        await messages.next();
        expect(await messages.return!('value')).toEqual({ done: true, value: 'value' });
      },
    ],
  ];

  it.each(LEAVES)('%s closes the connection, and goes on when it is closed', async (_how, leave) => {
    const one = await openTo((connection) => {
      connection.reconnectPolicy = {};
    });
    const messages = one.connection.messages({ queue: 2 });
    one.peer.write(text('a'), text('b'), text('c'));
    await one.log.until('message b');
    const left = leave(messages);
    await answerClose(one);
    await left;
    expect(one.log.events.at(-1)).toBe('close 1000');
    expect(one.log.outlooks).toEqual([{ attempt: 0, willReconnect: false }]);
    expect(await messages.next()).toEqual({ done: true, value: undefined });
    expect(inspect(one.connection)).not.toContain('listeners');
    // Nothing holds the next connection.
    expect(await messages.return!()).toEqual({ done: true, value: undefined });
  });

  it.each(LEAVES)('%s leaves no hold behind for a connection that follows', async (_how, leave) => {
    const server = await rawServer('ws');
    const connection = server.client();
    connection.closeTimeout = 0.02;
    const log = record(connection);
    const messages = connection.messages({ queue: 1 });
    connection.connect();
    (await server.acceptedPeer()).write(text('a'), text('b'), text('c'));
    await log.until('message a');
    await leave(messages);
    connection.connect();
    (await server.acceptedPeer()).write(text('d'));
    await log.until('message d');
  });

  it('calls off a reconnect that waits', async () => {
    const { connection, log, peer } = await openTo((connection) => {
      connection.reconnectPolicy = never;
    });
    const messages = connection.messages();
    peer.socket.end();
    await log.until('reconnect 1');
    await messages.return!();
    expect(inspect(connection)).not.toContain('reconnectIsScheduled');
  });

  it('gives up an attempt', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    const log = record(connection);
    const messages = connection.messages();
    connection.connect();
    await messages.return!();
    expect(log.events).toEqual(['close 1006']);
  });

  it('ends the other loops, too', async () => {
    const one = await openTo();
    const other = loop(one.connection);
    const messages = one.connection.messages();
    one.peer.write(text('a'));
    await one.log.until('message a');
    const left = messages.return!();
    await answerClose(one);
    await left;
    expect(await other).toEqual([['a'], 'done']);
  });

  it('is not kept by an onClose that connects again', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    connection.closeTimeout = 0.02;
    connection.onClose = () => connection.reConnect(0);
    const messages = connection.messages();
    connection.connect();
    (await server.acceptedPeer()).write(text('a'));
    for await (const message of messages) {
      expect(message).toBe('a');
      break;
    }
    await server.peer();
    connection.onClose = null;
  });
});

it('return() with a promise that rejects does so when the connection is gone, and nobody else hears of it', async () => {
  const one = await openTo();
  const unhandled = unheard();
  const left = one.connection.messages().return!(Promise.reject(new Error('mine')));
  await setTimeout(5);
  await answerClose(one);
  await expect(left).rejects.toThrow('mine');
  expect(unhandled).toEqual([]);
});
