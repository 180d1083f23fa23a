// sendStream(): one message in fragments as its source gives it, as a raw peer and a server of the npm package `ws` see it; what is
// sent meanwhile; what is wrong with a source, at each of its positions; and connections that end in the midst of a message.

import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { census } from '../../src/codec/shared';
import {
  AsyncTcpConnection,
  type SendOptions,
  type StreamChunk,
  type StreamSource,
  Ws,
  type WsimdError,
} from '../../src/index';
import { agreedTo, ClientMessages } from '../support/agreed-peer';
import { pattern } from '../support/decoders';
import { record } from '../support/event-log';
import { type Opened, openTo } from '../support/hostile-peer';
import { CLOSE, closeFrame, frame, PING, PONG, type RawPeer, statusOf, TEXT } from '../support/raw-peer';
import { rawServer, SCHEMES, wsServer } from '../support/servers';

const MiB = 1024 * 1024;
const FIN = 0x80;
const FRAGMENT = 65_536;

interface Seen {
  readonly opcode: number;
  readonly content: Buffer;
  /** First bytes of its frames, and what came between them. */
  readonly frames: string[];
}

/** The next message, with the control frames between its fragments. */
async function messageOf(peer: RawPeer): Promise<Seen> {
  const parts: Buffer[] = [];
  const frames: string[] = [];
  let opcode = -1;
  for (;;) {
    const { first, payload } = await peer.readFrame();
    if ((first & 0x08) !== 0) {
      frames.push(`${first.toString(16)} ${payload}`);
      continue;
    }
    if (opcode < 0) opcode = first & 0x0f;
    frames.push(first.toString(16));
    parts.push(payload);
    if ((first & FIN) !== 0) return { opcode, content: Buffer.concat(parts), frames };
  }
}

/** A source that says what becomes of it. */
class Source implements AsyncIterable<StreamChunk> {
  asked = 0;
  returned = 0;

  constructor(private readonly chunks: readonly unknown[]) {}

  [Symbol.asyncIterator](): AsyncIterator<StreamChunk> {
    return {
      next: async () => {
        const value = this.chunks[this.asked];
        this.asked += 1;
        if (value instanceof Error) throw value;
        return this.asked > this.chunks.length
          ? { done: true, value: undefined }
          : { done: false, value: value as string };
      },
      return: async () => {
        this.returned += 1;
        return { done: true, value: undefined };
      },
    };
  }
}

/** Chunks that come when a test says so. */
class Slow implements AsyncIterable<StreamChunk> {
  asked = 0;
  returned = 0;
  private give: (step: IteratorResult<StreamChunk>) => void = () => {};
  private wake: () => void = () => {};

  [Symbol.asyncIterator](): AsyncIterator<StreamChunk> {
    return {
      next: () =>
        new Promise((resolve) => {
          this.asked += 1;
          this.give = resolve;
          this.wake();
        }),
      return: async () => {
        this.returned += 1;
        return { done: true, value: undefined };
      },
    };
  }

  /** Gives one, and waits until the next is asked for. */
  async chunk(value: StreamChunk): Promise<void> {
    const { asked } = this;
    const next = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    this.give({ done: false, value });
    if (this.asked === asked) await next;
  }

  end(): void {
    this.give({ done: true, value: undefined });
  }
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'sent',
    (error: WsimdError) => error.code ?? error,
  );

const bytesOf = (chunk: StreamChunk): Buffer =>
  typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk as Uint8Array);

function readable(chunks: readonly StreamChunk[]): ReadableStream<StreamChunk> {
  const rest = chunks.values();
  return new ReadableStream({
    pull: (controller) => {
      const { done, value } = rest.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

const TEXTS = ['a', 'é', '한', '😀', '', 'plain text', 'x'.repeat(70_000), '한😀é'.repeat(30_000)];
const BYTES = [pattern(1), pattern(0), pattern(FRAGMENT), pattern(FRAGMENT + 1), pattern(300_000), pattern(7).buffer];

const SOURCES: readonly (readonly [string, (chunks: readonly StreamChunk[]) => StreamSource])[] = [
  ['an array', (chunks) => chunks],
  ['a generator', (chunks) => chunks.values()],
  [
    'an async generator',
    async function* (chunks) {
      for (const chunk of chunks) {
        await setImmediate();
        yield chunk;
      }
    },
  ],
  ['an iterable of promises', (chunks) => chunks.map((chunk) => Promise.resolve(chunk)) as unknown as StreamSource],
  ['a ReadableStream', (chunks) => readable(chunks)],
  [
    'a stream of Node',
    (chunks) => Readable.from(chunks.map((chunk) => bytesOf(chunk)).filter(({ length }) => length > 0)),
  ],
];

describe.each(SCHEMES)('over %s', (scheme) => {
  it.each(SOURCES)('%s goes as one message, in fragments as its chunks come', async (name, sourceOf) => {
    const { connection, log, peer } = await openTo(undefined, scheme);
    for (const [chunks, opcode] of [
      [TEXTS, 1],
      [BYTES, 2],
    ] as const) {
      const sent = connection.sendStream(sourceOf(chunks));
      connection.send('behind');
      const { content, frames, opcode: seen } = await messageOf(peer);
      const isText = opcode === 1 && name !== 'a stream of Node';
      expect(content.equals(Buffer.concat(chunks.map(bytesOf)))).toBe(true);
      expect([seen, frames[0], frames.at(-1)]).toEqual([isText ? 1 : 2, isText ? '1' : '2', '80']);
      expect(new Set(frames.slice(1, -1))).toEqual(new Set(['0']));
      expect(await messageOf(peer)).toMatchObject({ frames: ['81'], content: Buffer.from('behind') });
      await sent;
    }
    expect([log.events, connection.getSendBufferQueueSize()]).toEqual([['connect', 'open 101'], 0]);
  });
});

describe('a message', () => {
  it('has a fragment for each chunk that is short enough, and an empty last one', async () => {
    const { connection, peer } = await openTo();
    connection.sendStream(['one', 'two', '', 'three']);
    const payloads: [number, string][] = [];
    for (let count = 0; count < 4; count += 1) {
      const { first, payload } = await peer.readFrame();
      payloads.push([first, payload.toString()]);
    }
    expect(payloads).toEqual([
      [0x01, 'one'],
      [0x00, 'two'],
      [0x00, 'three'],
      [0x80, ''],
    ]);
  });

  it.each<[string, StreamChunk[], SendOptions | undefined, string, number]>([
    ['of a first string', ['a', pattern(3)], { binary: undefined } as never, Ws.BINARY_TYPE_BLOB, 1],
    ['of first bytes', [Buffer.from('a'), 'b'], undefined, Ws.BINARY_TYPE_BLOB, 2],
    ['that is said to be binary', ['a'], { binary: true }, Ws.BINARY_TYPE_BLOB, 2],
    ['of bytes that is said to be text', [Buffer.from('é')], { binary: false }, Ws.BINARY_TYPE_BLOB, 1],
    ['of a string, where strings are sent as binary', ['a'], undefined, Ws.BINARY_TYPE_ARRAYBUFFER, 2],
    ['of nothing', [], undefined, Ws.BINARY_TYPE_BLOB, 1],
    ['of nothing, where strings are sent as binary', [], undefined, Ws.BINARY_TYPE_ARRAYBUFFER, 2],
    ['of empty bytes', [pattern(0)], undefined, Ws.BINARY_TYPE_BLOB, 2],
  ])('%s has its type', async (_, chunks, options, type, opcode) => {
    const { connection, peer } = await openTo((one) => {
      one.websocketType = type as typeof connection.websocketType;
    });
    const text = chunks.map((chunk) => (opcode === 1 && typeof chunk !== 'string' ? Buffer.from('é') : chunk));
    await connection.sendStream(text, options);
    const { opcode: seen, content, frames } = await messageOf(peer);
    expect(seen).toBe(opcode);
    expect(content.equals(Buffer.concat(text.map(bytesOf)))).toBe(true);
    // In two frames: what is whole in one might be sent again by another connection.
    if (content.length === 0) expect(frames).toEqual([opcode.toString(16), '80']);
  });

  it('joins a pair of surrogates that is cut between two chunks, and writes U+FFFD for halves', async () => {
    const { connection, peer } = await openTo();
    const [high, low] = ['\ud83d', '\ude00'];
    const cases: [StreamChunk[], string][] = [
      [[`a${high}`, `${low}b`], 'a😀b'],
      [[high, '', low], '😀'],
      [[high, high, low, low], '\ufffd😀\ufffd'],
      [[high], '\ufffd'],
      [[low, high, 'x'], '\ufffd\ufffdx'],
      [[`a${high}`, Buffer.from('é')], 'a\ufffdé'],
      [['😀'.repeat(40_000)], '😀'.repeat(40_000)],
      [[`x${'😀'.repeat(40_000)}`], `x${'😀'.repeat(40_000)}`],
    ];
    for (const [chunks, expected] of cases) {
      await connection.sendStream(chunks);
      const { content } = await messageOf(peer);
      expect(content.toString() === expected, expected.slice(0, 9)).toBe(true);
    }
  });

  it('of text may be in bytes, cut inside of characters', async () => {
    const { connection, peer } = await openTo();
    const text = Buffer.from('aé한😀'.repeat(20));
    for (let size = 1; size <= 11; size += 1) {
      const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, place) =>
        text.subarray(place * size, (place + 1) * size),
      );
      await connection.sendStream([...chunks, 'and a string'], { binary: false });
      const { content, opcode } = await messageOf(peer);
      expect([opcode, content.toString()]).toEqual([1, `${text}and a string`]);
    }
  });

  it('takes every kind of view, and shared memory', async () => {
    const { connection, peer } = await openTo();
    const shared = new Uint8Array(new SharedArrayBuffer(4));
    shared.set([1, 2, 3, 4]);
    const words = Uint16Array.of(0x0605, 0x0807);
    await connection.sendStream([shared, words, new DataView(Uint8Array.of(9, 10, 11).buffer, 1), shared.buffer]);
    expect((await messageOf(peer)).content).toEqual(Buffer.of(1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 1, 2, 3, 4));
  });
});

describe('what is sent meanwhile', () => {
  it('waits behind it in order, and control frames pass between its fragments', async () => {
    const { connection, peer } = await openTo();
    const source = new Slow();
    const order: string[] = [];
    const next = async (): Promise<string> => {
      const { first, payload } = await peer.readFrame();
      return `${first.toString(16)} ${payload}`;
    };
    expect(connection.send('before')).toBe(true);
    const streamed = connection.sendStream(source).then(() => order.push('stream'));
    const results = [connection.send('text'), connection.send(pattern(5)), connection.send(new Blob(['blob']))];
    expect(results).toEqual([null, null, null]);
    const last = connection.sendAsync('last').then(() => order.push('last'));
    const second = connection.sendStream(['second ', 'stream']).then(() => order.push('second'));
    await source.chunk('one');
    expect([await next(), await next()]).toEqual(['81 before', '1 one']);
    connection.ping('mine');
    expect(await next()).toBe('89 mine');
    peer.write(frame(PING, 'theirs'));
    expect(await next()).toBe('8a theirs');
    await source.chunk('two');
    expect(await next()).toBe('0 two');
    source.end();
    expect(await next()).toBe('80 ');
    const contents: string[] = [];
    for (let count = 0; count < 5; count += 1) contents.push((await messageOf(peer)).content.toString('latin1'));
    expect(contents).toEqual(['text', Buffer.from(pattern(5)).toString('latin1'), 'blob', 'last', 'second stream']);
    await Promise.all([streamed, last, second]);
    expect(order).toEqual(['stream', 'last', 'second']);
  });

  it('counts for maxSendBufferSize, and onBufferDrain comes when all of it has left', async () => {
    const { connection, log, peer } = await openTo((one) => {
      one.maxSendBufferSize = 10;
    });
    const source = new Slow();
    const sent = connection.sendStream(source);
    expect([connection.send('0123456789'), connection.send('dropped')]).toEqual([null, false]);
    await source.chunk('stream');
    source.end();
    await sent;
    await log.until('drain');
    expect(log.events).toEqual(['connect', 'open 101', 'full', 'error SEND_FAIL', 'drain']);
    expect((await messageOf(peer)).content.toString()).toBe('stream');
    expect((await messageOf(peer)).content.toString()).toBe('0123456789');
  });
});

describe('the source', () => {
  it('is asked for more only when what it gave before has been taken', async () => {
    const { connection, peer } = await openTo();
    let asked = 0;
    const chunk = pattern(FRAGMENT);
    const chunks = (function* () {
      for (; asked < 1_000; asked += 1) yield chunk;
    })();
    const sent = connection.sendStream(chunks);
    let before = -1;
    let most = 0;
    // Until the kernel is full and nothing moves.
    for (let still = 0; still < 50; still += 1) {
      if (asked !== before) still = 0;
      before = asked;
      most = Math.max(most, connection.getSendBufferQueueSize());
      await setImmediate();
    }
    expect(asked).toBeLessThan(1_000);
    expect(most).toBeLessThan(300_000);
    const { content } = await messageOf(peer);
    expect(content.length).toBe(1_000 * FRAGMENT);
    await sent;
  });

  it('of one large chunk goes in pieces, too, at the pace of the peer', async () => {
    const { connection, peer } = await openTo();
    const content = pattern(20 * MiB);
    const sent = connection.sendStream([content]);
    let most = 0;
    for (let turn = 0; turn < 100; turn += 1) {
      most = Math.max(most, connection.getSendBufferQueueSize());
      await setImmediate();
    }
    expect(most).toBeLessThan(300_000);
    expect((await messageOf(peer)).content.equals(Buffer.from(content))).toBe(true);
    await sent;
  });

  it('leaves the event loop its turns, though it has everything and the peer takes everything', async () => {
    const server = await wsServer('ws', (socket) => socket.on('message', () => {}), { maxPayload: 0 });
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    await log.until('open 101');
    let isDone = false;
    let turns = 0;
    const empty = (function* () {
      for (let count = 0; count < 300_000; count += 1) yield '';
    })();
    const sent = connection.sendStream(empty).then(() => {
      isDone = true;
    });
    while (!isDone) {
      await setImmediate();
      turns += 1;
    }
    await sent;
    expect(turns).toBeGreaterThan(1);
  });

  it.each<[string, unknown, RegExp]>([
    ['a string', 'text', /^sendStream\(\) takes an iterable .*not a value of type string/],
    ['bytes', pattern(3), /^sendStream\(\) takes an iterable/],
    ['a buffer', new ArrayBuffer(3), /^sendStream\(\) takes an iterable/],
    ['a Blob', new Blob(['a']), /^sendStream\(\) takes an iterable/],
    ['nothing', undefined, /^sendStream\(\) takes an iterable/],
    ['null', null, /not null/],
    ['a number', 5, /not a value of type number/],
    ['a function', () => [], /not a value of type function/],
  ])('must be one: %s is refused', async (_, source, message) => {
    const { connection, peer } = await openTo();
    await expect(connection.sendStream(source as never)).rejects.toThrow(message);
    await expect(connection.sendStream(source as never)).rejects.toBeInstanceOf(TypeError);
    connection.send('fine');
    expect((await messageOf(peer)).content.toString()).toBe('fine');
  });

  const REASON = new Error('the disk is gone');
  const WRONG: readonly (readonly [string, unknown, RegExp, boolean])[] = [
    ['throws', REASON, /^the disk is gone$/, false],
    [
      'gives a number',
      5,
      /^A chunk of sendStream\(\) must be a string, an ArrayBuffer or a view, not a value of type number/,
      true,
    ],
    ['gives null', null, /not null/, true],
    ['gives a Blob', new Blob(['x']), /not a value of type object/, true],
    [
      'gives bytes that are no text',
      Buffer.of(0x61, 0xff),
      /^The bytes of a text message must be valid UTF-8 \(RFC 6455 §5\.6\)/,
      true,
    ],
    ['gives half a character and then a string', [Buffer.of(0xe2), 'a'], /valid UTF-8/, true],
    ['ends inside a character', [Buffer.of(0xe2, 0x82)], /valid UTF-8/, false],
  ];

  describe.each(WRONG)('that %s', (_name, wrong, message, returns) => {
    const chunksOf = (before: number): unknown[] => [
      ...Array.from({ length: before }, (_, place) => `chunk ${place} `),
      ...(Array.isArray(wrong) ? wrong : [wrong]),
    ];

    it.each([1, 2, 3])('behind %i chunks ends the connection with 1011, and the promise rejects', async (before) => {
      const { connection, log, peer } = await openTo();
      const source = new Source(chunksOf(before));
      const sent = connection.sendStream(source, { binary: false });
      const behind = connection.sendAsync('behind it');
      const told = await Promise.all([sent.catch((error: Error) => error), codeOf(behind)]);
      expect(String((told[0] as Error).message)).toMatch(message);
      if (wrong === REASON) expect(told[0]).toBe(REASON);
      expect(told[1]).toBe('WS_ERR_NOT_SENT');
      const frames: number[] = [];
      for (;;) {
        const { first, payload } = await peer.readFrame();
        frames.push(first);
        if (first !== CLOSE) continue;
        expect(payload.readUInt16BE(0)).toBe(1011);
        break;
      }
      expect(frames.slice(0, before + 1)).toEqual([1, ...Array(before - 1).fill(0), frames[before]]);
      peer.socket.end();
      await log.until('close 1006');
      expect(log.events).toEqual(['connect', 'open 101', 'error SEND_FAIL', 'close 1006']);
      expect(log.errors[0]!.cause).toMatchObject({ code: 'WS_ERR_SOURCE_FAILED', status: 1011, cause: told[0] });
      expect([source.returned, connection.getSendBufferQueueSize()]).toEqual([returns ? 1 : 0, 0]);
    });

    if (!Array.isArray(wrong)) {
      it('before anything was sent only rejects', async () => {
        const { connection, log, peer } = await openTo();
        const source = new Source(['', ...chunksOf(0)]);
        const sent = connection.sendStream(source, { binary: false });
        connection.send('behind it');
        await expect(sent).rejects.toThrow(message);
        expect((await messageOf(peer)).content.toString()).toBe('behind it');
        expect([log.events, source.returned]).toEqual([['connect', 'open 101'], returns ? 1 : 0]);
      });
    }
  });

  it('that throws in a synchronous next(), or when it is asked for an iterator, only rejects', async () => {
    const { connection, peer } = await openTo();
    const thrower = {
      [Symbol.iterator]: () => ({
        next: () => {
          throw REASON;
        },
      }),
    };
    const unready = {
      [Symbol.asyncIterator]: () => {
        throw REASON;
      },
    };
    const locked = new ReadableStream();
    locked.getReader();
    await expect(connection.sendStream(thrower)).rejects.toBe(REASON);
    await expect(connection.sendStream(unready)).rejects.toBe(REASON);
    await expect(connection.sendStream(locked)).rejects.toBeInstanceOf(TypeError);
    connection.send('fine');
    expect((await messageOf(peer)).content.toString()).toBe('fine');
  });

  it('may take its bytes away only when the next is asked for: else it has failed', async () => {
    const { connection, log, peer } = await openTo();
    const bytes = pattern(5 * MiB);
    const sent = connection.sendStream([bytes]);
    await setImmediate();
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    const drained = peer.end();
    await expect(sent).rejects.toBeInstanceOf(TypeError);
    await log.until('error SEND_FAIL');
    await drained;
  });
});

describe('a connection that ends', () => {
  const ENDINGS: readonly (readonly [string, (opened: Opened) => unknown])[] = [
    ['is cut', ({ peer }) => peer.socket.resetAndDestroy()],
    ['is destroyed', ({ connection }) => connection.destroy()],
    ['has a close frame of the peer', ({ peer }) => peer.write(closeFrame(1001))],
    ['has a fault of the peer', ({ peer }) => peer.write(Buffer.of(0xff))],
    ['is ended by the peer without a close frame', ({ peer }) => peer.socket.end()],
  ];

  it.each(ENDINGS)('while the source is asked: it %s', async (_, end) => {
    const one = await openTo();
    const source = new Slow();
    const sent = codeOf(one.connection.sendStream(source));
    const waiting = codeOf(one.connection.sendStream(new Source(['never asked'])));
    await source.chunk('begun');
    await end(one);
    expect([await sent, await waiting]).toEqual(['WS_ERR_NOT_SENT', 'WS_ERR_NOT_SENT']);
    one.peer.socket.end();
    await one.log.until((log) => log.closings.length === 1);
    expect([source.returned, one.connection.getSendBufferQueueSize(), source.asked]).toEqual([1, 0, 2]);
    // What comes late is nobody's.
    source.end();
    expect(await codeOf(one.connection.sendStream(source))).toBe('WS_ERR_NOT_OPEN');
    expect(source.asked).toBe(2);
  });

  it.each(ENDINGS)('while the peer reads nothing: it %s', async (_, end) => {
    const one = await openTo();
    one.connection.lingerTimeout = 0.2;
    let isCancelled = false;
    const source = new ReadableStream({
      pull: (controller) => controller.enqueue(pattern(MiB)),
      cancel: () => {
        isCancelled = true;
      },
    });
    const sent = codeOf(one.connection.sendStream(source));
    for (let turn = 0; turn < 50; turn += 1) await setImmediate();
    await end(one);
    expect(await sent).toBe('WS_ERR_NOT_SENT');
    one.peer.socket.destroy();
    await one.log.until((log) => log.closings.length === 1);
    expect([isCancelled, one.connection.getSendBufferQueueSize()]).toEqual([true, 0]);
  });

  it('by close() waits for what is on its way, as long as that goes on', async () => {
    const { connection, log, peer } = await openTo((one) => {
      one.closeTimeout = 5;
    });
    const source = new Slow();
    const sent = connection.sendStream(source);
    await source.chunk('one');
    connection.close(4000, 'bye');
    expect(await codeOf(connection.sendStream(['late']))).toBe('WS_ERR_NOT_OPEN');
    await source.chunk('two');
    source.end();
    await sent;
    expect((await messageOf(peer)).content.toString()).toBe('onetwo');
    const close = await peer.readFrame();
    expect([close.first, statusOf(close)]).toEqual([CLOSE, 4000]);
    peer.write(closeFrame(4000));
    peer.socket.end();
    await log.until('close 4000');
  });

  it('by close() does not wait longer than closeTimeout for a source that gives nothing', async () => {
    const { connection, log } = await openTo((one) => {
      one.closeTimeout = 0.2;
    });
    const source = new Slow();
    const sent = codeOf(connection.sendStream(source));
    await source.chunk('one');
    connection.close();
    expect(await sent).toBe('WS_ERR_NOT_SENT');
    await log.until('close 1006');
    expect([source.returned, log.closings[0]!.error]).toMatchObject([1, { code: 'WS_ERR_CLOSE_TIMEOUT' }]);
  });

  it('by end() flushes it first', async () => {
    const { connection, peer, log } = await openTo();
    const sent = connection.sendStream(['one', pattern(300_000), 'two'], { binary: true });
    connection.end();
    expect((await messageOf(peer)).content.length).toBe(300_006);
    await sent;
    await peer.end();
    peer.socket.end();
    await log.until('close 1006');
  });

  it('leaves no record of wasm memory behind, of a text that was checked', async () => {
    const { connection, peer } = await openTo();
    const before = census().records;
    const source = new Slow();
    const sent = codeOf(connection.sendStream(source, { binary: false }));
    await source.chunk(Buffer.from('é'));
    expect(census().records).toBe(before + 1);
    await peer.readFrame();
    connection.destroy();
    expect(await sent).toBe('WS_ERR_NOT_SENT');
    expect(census().records).toBe(before - 1);
  });

  it('may be one that its own source ends', async () => {
    const { connection, log } = await openTo();
    const source = (function* () {
      yield 'one';
      connection.destroy();
      yield 'two';
    })();
    expect(await codeOf(connection.sendStream(source))).toBe('WS_ERR_NOT_SENT');
    expect(log.closings).toHaveLength(1);
    expect(source.next()).toEqual({ done: true, value: undefined });
  });
});

describe('before the connection is open', () => {
  it('it waits, and keeps its place among what was sent', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    const sent = connection.sendStream(['one', 'two']);
    connection.send('first');
    record(connection, { onWebSocketConnect: () => connection.send('inside') });
    connection.connect();
    const second = connection.sendStream(['three']);
    const peer = await server.acceptedPeer();
    const contents: string[] = [];
    for (let count = 0; count < 4; count += 1) contents.push((await messageOf(peer)).content.toString());
    expect(contents).toEqual(['inside', 'onetwo', 'first', 'three']);
    await Promise.all([sent, second]);
  });

  it('in onWebSocketConnect nothing comes between its fragments', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    connection.send('early');
    let sent: Promise<void> | undefined;
    record(connection, {
      onWebSocketConnect: () => {
        sent = connection.sendStream(
          (async function* () {
            yield 'one';
            await setImmediate();
            yield 'two';
          })(),
        );
        connection.send('inside');
      },
    });
    connection.connect();
    const peer = await server.acceptedPeer();
    const contents: string[] = [];
    for (let count = 0; count < 3; count += 1) contents.push((await messageOf(peer)).content.toString());
    expect(contents.sort()).toEqual(['early', 'inside', 'onetwo']);
    await sent;
  });

  it.each<[string, (connection: AsyncTcpConnection) => void]>([
    ['close()', (connection) => connection.close()],
    ['destroy()', (connection) => connection.destroy()],
  ])('it rejects at %s, and its source is left as it is', async (_, end) => {
    const server = await rawServer('ws');
    for (const isBegun of [false, true]) {
      const connection = server.client();
      const source = new Source(['one']);
      const sent = codeOf(connection.sendStream(source));
      if (isBegun) connection.connect();
      end(connection);
      expect([await sent, source.asked, source.returned]).toEqual(['WS_ERR_NOT_SENT', 0, 0]);
    }
  });

  it('it rejects when the attempt fails', async () => {
    const connection = new AsyncTcpConnection('ws://127.0.0.1:1');
    record(connection);
    const sent = codeOf(connection.sendStream(['one']));
    connection.connect();
    expect(await sent).toBe('WS_ERR_NOT_SENT');
  });
});

describe('with permessage-deflate', () => {
  const content = Buffer.from(JSON.stringify(Array.from({ length: 30_000 }, (_, id) => ({ id, name: `name ${id}` }))));

  it.each([
    ['with context', true as const, 'permessage-deflate', {}],
    [
      'without context',
      { clientNoContextTakeover: true } as const,
      'permessage-deflate; client_no_context_takeover',
      { keepsContext: false },
    ],
  ])('it is compressed, %s, and so are those around it', async (_, options, answer, direction) => {
    const { connection, peer } = await agreedTo(options, answer);
    const messages = new ClientMessages(peer, direction);
    connection.send('x'.repeat(2_000));
    const sizes = [1, 1_000, 65_536, 200_000];
    for (const size of sizes) {
      const chunks = Array.from({ length: size === 1 ? 50 : Math.ceil(content.length / size) }, (_, place) =>
        content.subarray(place * size, (place + 1) * size).toString(),
      );
      connection.sendStream(chunks);
      connection.ping('p');
      connection.send('y'.repeat(2_000));
    }
    expect(await messages.next()).toBe(`text deflated ${'x'.repeat(2_000)}`);
    for (const size of sizes) {
      const seen: string[] = [];
      while (seen.length < 2) {
        const line = await messages.next();
        if (!line.startsWith('ping')) seen.push(line);
      }
      const text = size === 1 ? content.subarray(0, 50).toString() : content.toString();
      expect([seen[0] === `text deflated ${text}`, seen[1]]).toEqual([true, `text deflated ${'y'.repeat(2_000)}`]);
    }
  });

  it('RSV1 is on its first fragment alone, and { compress: false } leaves it as it is', async () => {
    const { connection, peer } = await agreedTo();
    connection.sendStream(['one', 'two']);
    connection.sendStream(['one', 'two'], { compress: false });
    connection.sendStream([]);
    expect((await messageOf(peer)).frames).toEqual(['41', '0', '80']);
    const plain = await messageOf(peer);
    expect([plain.frames, plain.content.toString()]).toEqual([['1', '0', '80'], 'onetwo']);
    expect((await messageOf(peer)).frames).toEqual(['41', '80']);
  });

  it('a server of `ws` reads what was sent', async () => {
    const received: Buffer[] = [];
    const server = await wsServer(
      'ws',
      (socket: WebSocket) => {
        socket.on('message', (data: Buffer) => received.push(data));
      },
      { perMessageDeflate: true },
    );
    const connection = server.client();
    connection.perMessageDeflate = true;
    const log = record(connection);
    connection.connect();
    await log.until('open 101');
    const random = pattern(700_000);
    await connection.sendStream([content, random, content], { binary: true });
    await connection.sendStream(Readable.from([content.toString(), '한😀', content.toString()]));
    await connection.sendAsync('end');
    while (received.length < 3) await setImmediate();
    expect(received[0]!.equals(Buffer.concat([content, random, content]))).toBe(true);
    expect(received[1]!.equals(Buffer.concat([content, Buffer.from('한😀'), content]))).toBe(true);
    expect(received[2]!.toString()).toBe('end');
    connection.close();
    const [code] = await Promise.all([
      once(server.server.clients.values().next().value!, 'close'),
      log.until('close 1000'),
    ]);
    expect(code[0]).toBe(1000);
  });
});

it('leaves no rejection behind that nobody handles but the promise that it returned', async () => {
  const { connection, log, peer } = await openTo();
  const source = {
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.reject(new Error('mine')),
      return: () => Promise.reject(new Error('of return()')),
    }),
  };
  await expect(connection.sendStream(source)).rejects.toThrow('mine');
  const slow = Object.assign(new Slow(), {});
  const sent = codeOf(connection.sendStream(slow));
  await slow.chunk('one');
  peer.write(frame(TEXT, 'still here'), frame(PONG, ''));
  await log.until('message still here');
  connection.destroy();
  expect(await sent).toBe('WS_ERR_NOT_SENT');
  await setImmediate();
});

describe('a source that ends the connection while it is asked', () => {
  it.each([1, 2])('is let go, if it is a generator, at the step number %i', async (at) => {
    for (const isAsync of [true, false]) {
      const { connection } = await openTo();
      let count = 0;
      let isLetGo = false;
      function* source(): Generator<string> {
        try {
          for (;;) {
            count += 1;
            if (count === at) connection.destroy();
            yield 'chunk';
          }
        } finally {
          isLetGo = true;
        }
      }
      async function* asyncSource(): AsyncGenerator<string> {
        yield* source();
      }
      expect(await codeOf(connection.sendStream(isAsync ? asyncSource() : source()))).toBe('WS_ERR_NOT_SENT');
      await setImmediate();
      expect([count, isLetGo], `async: ${isAsync}`).toEqual([at, true]);
    }
  });

  it('is not let go when it has ended with that', async () => {
    const { connection } = await openTo();
    let returned = 0;
    const source = {
      [Symbol.iterator]: () => ({
        next: () => {
          connection.destroy();
          return { done: true as const, value: undefined };
        },
        return: () => {
          returned += 1;
          return { done: true as const, value: undefined };
        },
      }),
    };
    expect(await codeOf(connection.sendStream(source))).toBe('WS_ERR_NOT_SENT');
    expect(returned).toBe(0);
  });
});
