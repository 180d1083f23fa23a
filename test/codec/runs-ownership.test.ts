// Messages that are made together (codec/runs.ts) belong to the decoder that is being read, whatever is thrown where, whatever a
// receiver does with what it got, and wherever the memory for them ends. Another decoder is fed in between, and never tells any
// of them.

import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DecoderOptions } from '../../src/codec/contract';
import { leaseRoom } from '../../src/codec/rooms';
import { openCodec } from '../support/codecs';
import { binary, join, pattern, text } from '../support/decoders';
import { window } from '../support/memory';
import { encodeFrame, encodeUtf8 } from '../support/reference';

afterEach(() => {
  vi.restoreAllMocks();
});

interface Kind {
  readonly options: Partial<DecoderOptions>;
  readonly make: (seed: number) => Uint8Array;
}

const LENGTH = 900;
const words = (seed: number): string => `${seed} 한국어 `.repeat(60);

const kinds: readonly (readonly [string, Kind])[] = [
  ['ASCII', { options: {}, make: (seed) => text(`${seed} ascii `.repeat(60)) }],
  ['Korean', { options: {}, make: (seed) => text(words(seed)) }],
  ['binary', { options: {}, make: (seed) => binary(pattern(LENGTH, seed)) }],
  ['small binary', { options: {}, make: (seed) => binary(pattern(99, seed)) }],
  ['binary as Buffers', { options: { isNodeBuffer: true }, make: (seed) => binary(pattern(LENGTH, seed)) }],
  ['binary that is lent', { options: { isBinaryLent: true }, make: (seed) => binary(pattern(LENGTH, seed)) }],
  ['text as bytes', { options: { isUtf8Unchecked: true }, make: (seed) => text(words(seed)) }],
];

/** So many make several runs of each kind. */
const COUNT = 150;

/** Messages of that kind, and others at some places that end the runs. */
function streamOf({ make }: Kind, seed: number): Uint8Array {
  return join(
    ...Array.from({ length: COUNT }, (_, i) => {
      if (i % 37 !== 36) return make(seed + i);
      const long = encodeUtf8(words(seed + i).repeat(80));
      return join(
        encodeFrame({ opcode: 1, fin: false, payload: long.slice(0, 9_999) }),
        // Without it both would be one piece.
        encodeFrame({ opcode: 9 }),
        encodeFrame({ opcode: 0, payload: long.slice(9_999) }),
      );
    }),
  );
}

const A = 1_000;
const B = 5_000;

const latin1 = new TextDecoder('latin1');

/** Without a Buffer, which may need the memory that a test takes away. */
const line = (data: string | Uint8Array): string => (typeof data === 'string' ? data : latin1.decode(data));

/** What a decoder that nothing happens to tells. */
function expectedOf(stream: Uint8Array, options: Partial<DecoderOptions>): string[] {
  const lines: string[] = [];
  openCodec({ onMessage: (data) => lines.push(line(data)) }, options).feed(stream);
  return lines;
}

/** By the window, as a transport does. */
function feed(codec: { feed(bytes: Uint8Array, start: number, end: number): void }, stream: Uint8Array): void {
  window.set(stream);
  codec.feed(window, 0, stream.length);
}

/** Those that were used before are for nobody any more: each message that needs one has to have it made. */
function dropRooms(): void {
  for (let i = 0; i < 64; i += 1) leaseRoom(1);
}

/** What may be thrown. */
const unprintable = new Proxy(
  {},
  {
    get: () => {
      throw new Error('not to be read');
    },
    getPrototypeOf: () => {
      throw new Error('not to be asked');
    },
  },
);
const thrown: [string, unknown][] = [
  ['an Error', new Error('mine')],
  ['undefined', undefined],
  ['null', null],
  ['a string', 'mine'],
  ['a symbol', Symbol('mine')],
  ['an error of wasm', new WebAssembly.RuntimeError('unreachable')],
  ['an error of memory', new RangeError('Array buffer allocation failed')],
  ['a proxy', unprintable],
];

describe.each(kinds)('%s', (_, kind) => {
  const { options } = kind;
  const streamA = streamOf(kind, A);
  const streamB = streamOf(kind, B);

  it.each(thrown)('a handler throws %s: that goes to onException, and every message is told', (_, value) => {
    const [expectedA, expectedB] = [expectedOf(streamA, options), expectedOf(streamB, options)];
    for (const at of [1, 8, 37, COUNT]) {
      const told: string[] = [];
      const caught: unknown[] = [];
      const toldByB: string[] = [];
      const b = openCodec({ onMessage: (data) => toldByB.push(line(data)) }, options);
      const a = openCodec(
        {
          onMessage: (data) => {
            told.push(line(data));
            if (told.length !== at) return;
            b.feed(streamB);
            throw value;
          },
          onException: (error) => caught.push(error),
        },
        options,
      );
      feed(a, streamA);
      feed(b, streamB);
      expect(told).toEqual(expectedA);
      expect(toldByB).toEqual([...expectedB, ...expectedB]);
      expect(caught.length).toBe(1);
      expect(Object.is(caught[0], value)).toBe(true);
    }
  });

  it.each(thrown)('onException throws %s too: that is the end of its decoder, and of no other', (_, value) => {
    const [expectedA, expectedB] = [expectedOf(streamA, options), expectedOf(streamB, options)];
    const told: string[] = [];
    const toldByB: string[] = [];
    const raise = (): never => {
      throw value;
    };
    const a = openCodec(
      {
        onMessage: (data) => {
          told.push(line(data));
          if (told.length === 10) raise();
        },
        onException: raise,
        onFault: () => {},
      },
      options,
    );
    try {
      feed(a, streamA);
    } catch {
      // Nobody promises what becomes of it.
    }
    const b = openCodec({ onMessage: (data) => toldByB.push(line(data)) }, options);
    feed(b, streamB);
    feed(a, streamA);
    expect(told).toEqual(expectedA.slice(0, 10));
    expect(toldByB).toEqual(expectedB);
  });

  it('an allocation fails, whichever of them: a fault ends the decoder behind the messages that were made', () => {
    const [expectedA, expectedB] = [expectedOf(streamA, options), expectedOf(streamB, options)];
    const { allocUnsafeSlow } = Buffer;
    let failures = 0;
    for (let failing = 1; ; failing += 1) {
      dropRooms();
      let calls = 0;
      let hasFailed = false;
      vi.spyOn(Buffer, 'allocUnsafeSlow').mockImplementation((size) => {
        calls += 1;
        if (calls !== failing) return allocUnsafeSlow(size);
        hasFailed = true;
        throw new RangeError('Array buffer allocation failed');
      });
      const log: string[] = [];
      const toldByB: string[] = [];
      const b = openCodec({ onMessage: (data) => toldByB.push(line(data)) }, options);
      const a = openCodec(
        {
          onMessage: (data) => log.push(line(data)),
          onFault: ({ code }) => log.push(code),
          onException: (error) => log.push(`exception ${String(error)}`),
        },
        options,
      );
      feed(a, streamA);
      vi.restoreAllMocks();
      feed(b, streamB);
      expect(toldByB).toEqual(expectedB);
      a.stop();
      b.stop();
      if (!hasFailed) {
        expect(log).toEqual(expectedA);
        break;
      }
      failures += 1;
      expect(log.at(-1)).toBe('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH');
      expect(log.length).toBeLessThanOrEqual(COUNT);
      expect(log.slice(0, -1)).toEqual(expectedA.slice(0, log.length - 1));
    }
    // The long texts alone take one each.
    expect(failures).toBeGreaterThan(0);
  });
});

describe.each(kinds.filter(([name]) => /^(binary|small binary|binary as Buffers|text as bytes)$/.test(name)))(
  '%s: what was received is transferred to somebody else',
  (_, kind) => {
    const { options } = kind;
    const streamA = streamOf(kind, A);
    const streamB = streamOf(kind, B);

    it.each([1, 2, 3, 8, 35, 36, 37, 38, 74])('at message %i, and the others are told as they were', (at) => {
      const [expectedA, expectedB] = [expectedOf(streamA, options), expectedOf(streamB, options)];
      const told: string[] = [];
      const toldByB: string[] = [];
      const a = openCodec(
        {
          onMessage: (data) => {
            told.push(line(data));
            if (told.length < at || typeof data === 'string') return;
            const { buffer } = data;
            structuredClone(buffer, { transfer: [buffer] });
            expect(data.length).toBe(0);
          },
        },
        options,
      );
      const b = openCodec({ onMessage: (data) => toldByB.push(line(data)) }, options);
      feed(a, streamA);
      feed(b, streamB);
      expect(told).toEqual(expectedA);
      expect(toldByB).toEqual(expectedB);
    });

    it('and then there is no memory to make the others anew: a fault ends the decoder', () => {
      const expectedA = expectedOf(streamA, options);
      const log: string[] = [];
      const a = openCodec(
        {
          onMessage: (data) => {
            log.push(line(data));
            if (log.length !== 3) return;
            const { buffer } = data as Uint8Array<ArrayBuffer>;
            structuredClone(buffer, { transfer: [buffer] });
            vi.spyOn(Buffer, 'allocUnsafeSlow').mockImplementation(() => {
              throw new RangeError('Array buffer allocation failed');
            });
          },
          onFault: ({ code }) => log.push(code),
        },
        options,
      );
      feed(a, streamA);
      expect(log).toEqual([...expectedA.slice(0, 3), 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH']);
    });
  },
);
