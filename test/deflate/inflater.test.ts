// The inflater that stands in for zlib, against zlib: data of every kind, right and wrong, cut anywhere, with room for little.
// Both have to come to the same, end where the other ends, and refuse what the other refuses in the same words.

import { constants, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HandleStream } from '../../src/deflate/handle-stream';
import { Inflater } from '../../src/deflate/inflater';
import { Z_SYNC_FLUSH, type Zlib } from '../../src/deflate/zlib';
import { zlib } from '../../src/runtime/zlib-node';
import { pattern } from '../support/decoders';

interface Inflated {
  readonly output: Buffer;
  /** Where streams ended. */
  readonly ends: readonly number[];
  /** What it was refused with; undefined: it was not. */
  readonly refusal: string | undefined;
}

/**
 * What comes of it in pieces of these sizes, over and over, with so much room in each call; behind the end of a stream begins the
 * next.
 */
function inflate(stream: Zlib, input: Uint8Array, sizes: readonly number[], room: number): Inflated {
  const parts: Buffer[] = [];
  const ends: number[] = [];
  const output = new Uint8Array(room);
  const told = (refusal?: string): Inflated => ({ output: Buffer.concat(parts), ends, refusal });
  try {
    for (let at = 0, piece = 0; at < input.length; piece += 1) {
      const end = Math.min(at + sizes[piece % sizes.length]!, input.length);
      while (at < end) {
        at = stream.run(Z_SYNC_FLUSH, input, at, end, output, 0, room);
        parts.push(Buffer.from(output.subarray(0, stream.made)));
        if (stream.made === room || at === end) continue;
        ends.push(at);
        stream.reset();
      }
      // What there was no room for. What is wrong behind it shows itself then, when all of the input has been taken.
      while (stream.made === room) {
        stream.run(Z_SYNC_FLUSH, input, end, end, output, 0, room);
        parts.push(Buffer.from(output.subarray(0, stream.made)));
      }
    }
  } catch (error) {
    expect(error).toMatchObject({ errno: -3, code: 'Z_DATA_ERROR' });
    return told((error as Error).message);
  }
  return told();
}

function both(input: Uint8Array, sizes: readonly number[], room: number, windowBits = 15): [Inflated, Inflated] {
  const platform = new HandleStream(zlib!, 'inflate', { windowBits });
  const results = [platform, new Inflater({ windowBits })].map((one) => inflate(one, input, sizes, room));
  platform.close();
  return results as [Inflated, Inflated];
}

const content = fc
  .record({
    size: fc.oneof(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 70_000 })),
    range: fc.integer({ min: 1, max: 256 }),
    seed: fc.integer({ min: 1, max: 1_000_000 }),
  })
  .map(({ size, range, seed }) =>
    pattern(size, seed).map((byte, place) => (byte < 230 ? ((place * 7) % range) & 0xff : byte % range)),
  );
const stream = fc.record({
  content,
  level: fc.integer({ min: 0, max: 9 }),
  strategy: fc.integer({ min: 0, max: 4 }),
  memLevel: fc.integer({ min: 1, max: 9 }),
  windowBits: fc.integer({ min: 9, max: 15 }),
  finishFlush: fc.constantFrom(constants.Z_FINISH, constants.Z_SYNC_FLUSH),
});
const cuts = fc.record({
  sizes: fc.array(fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constant(100_000)), { minLength: 1, maxLength: 4 }),
  room: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constant(65_536)),
});
const flips = fc.array(fc.record({ at: fc.integer({ min: 0, max: 200 }), bit: fc.integer({ min: 0, max: 7 }) }), {
  maxLength: 4,
});

describe('what it makes of data is what zlib makes of it', () => {
  it('of streams behind streams, of every level, strategy and window', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(fc.array(stream, { minLength: 1, maxLength: 4 }), cuts, (streams, { sizes, room }) => {
        const input = Buffer.concat(streams.map(({ content: one, ...options }) => deflateRawSync(one, options)));
        const [platform, own] = both(input, sizes, room);
        expect(own.output.equals(Buffer.concat(streams.map((one) => one.content)))).toBe(true);
        expect([own.ends, own.refusal]).toEqual([platform.ends, undefined]);
        const window = Math.max(...streams.map(({ windowBits }) => windowBits));
        expect(inflate(new Inflater({ windowBits: window }), input, sizes, room)).toEqual(own);
      }),
      { numRuns: 50 },
    );
  });

  it('of data with wrong bits', { timeout: 120_000 }, () => {
    const refusals = new Set<string | undefined>();
    fc.assert(
      fc.property(stream, flips, cuts, ({ content: one, ...options }, wrong, { sizes, room }) => {
        const input = deflateRawSync(one, options);
        for (const { at, bit } of wrong) input[at % input.length]! ^= 1 << bit;
        const [platform, own] = both(input, sizes, room);
        refusals.add(own.refusal);
        // zlib reads on where a block describes no codes at all, and finds fault with what it describes by them.
        if (own.refusal === 'invalid code lengths set' && platform.refusal !== own.refusal) {
          expect([undefined, 'invalid code -- missing end-of-block']).toContain(platform.refusal);
          return;
        }
        expect([own.ends, own.refusal]).toEqual([platform.ends, platform.refusal]);
        // Of the call that throws zlib tells nothing, and it looks ahead where the room is full.
        const told = own.output.subarray(0, platform.output.length);
        expect(told.equals(platform.output)).toBe(true);
        if (own.refusal === undefined) expect(own.output.length).toBe(platform.output.length);
      }),
      { numRuns: 1_000 },
    );
    expect(refusals.size).toBeGreaterThan(6);
  });
});

/** Bits as RFC 1951 writes them, the first one first; Huffman codes as they are, numbers from their lowest bit on. */
function bits(digits: string): Buffer {
  const plain = digits.replaceAll(' ', '');
  const bytes = Buffer.alloc(Math.ceil(plain.length / 8));
  for (let at = 0; at < plain.length; at += 1) bytes[at >> 3]! |= Number(plain[at]) << (at & 7);
  return bytes;
}
/** A number of so many bits, from its lowest on. */
const number = (value: number, count: number): string => [...value.toString(2).padStart(count, '0')].reverse().join('');
/** The beginning of a block with codes of its own: so many literals, distances, and the lengths of the codes of lengths. */
const described = (literals: number, distances: number, lengths: readonly number[]): string =>
  `001${number(literals - 257, 5)}${number(distances - 1, 5)}${number(lengths.length - 4, 4)}${lengths.map((length) => number(length, 3)).join('')}`;
/** Codes of lengths 0, 1 and 18, of which 18 (many zeros) is 0, 0 is 10 and 1 is 11. */
const SIMPLE = [0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
const zeros = (count: number): string => `0${number(count - 11, 7)}`;

const REFUSED: readonly (readonly [data: Buffer, refusal: string])[] = [
  [bits('011'), 'invalid block type'],
  [Buffer.from('0005 00fa fe'.replaceAll(' ', ''), 'hex'), 'invalid stored block lengths'],
  [bits(`${described(287, 1, [0, 0, 0, 0])}`), 'too many length or distance symbols'],
  [bits(`${described(257, 31, [0, 0, 0, 0])}`), 'too many length or distance symbols'],
  [bits(described(257, 1, [1, 1, 1, 0])), 'invalid code lengths set'],
  [bits(described(257, 1, [2, 0, 0, 2])), 'invalid code lengths set'],
  // The first length is that of the one before it.
  [bits(`${described(257, 1, [1, 0, 0, 1])} 1 00`), 'invalid bit length repeat'],
  [bits(`${described(257, 1, SIMPLE)}${zeros(138)}${zeros(138)}`), 'invalid bit length repeat'],
  [bits(`${described(257, 1, SIMPLE)}${zeros(138)}${zeros(119)} 11`), 'invalid code -- missing end-of-block'],
  // Three codes of one bit.
  [bits(`${described(257, 1, SIMPLE)}11 11${zeros(138)}${zeros(116)} 11 10`), 'invalid literal/lengths set'],
  [bits(`${described(257, 3, SIMPLE)}11${zeros(138)}${zeros(117)} 11 11 11 11`), 'invalid distances set'],
  // Only the end of the block has a code, and that is 0.
  [bits(`${described(257, 1, SIMPLE)}${zeros(138)}${zeros(118)} 11 10 1`), 'invalid literal/length code'],
  // The symbols 286 of the fixed codes, and 30 of their distances behind a length of 3.
  [bits('010 11000110'), 'invalid literal/length code'],
  [bits('010 00110000 0000001 11110'), 'invalid distance code'],
  [bits('010 00110000 0000001 00001'), 'invalid distance too far back'],
];

describe('what it refuses', () => {
  it.each(REFUSED.map(([data, refusal]) => [refusal, data] as const))('is %s', (refusal, data) => {
    for (let size = 1; size <= data.length; size += 1) {
      const [platform, own] = both(data, [size], 100);
      expect([platform.refusal, own.refusal]).toEqual([refusal, refusal]);
    }
  });

  it('is references further back than the window, and takes those as far as it', () => {
    for (let windowBits = 8; windowBits <= 15; windowBits += 1) {
      const window = 1 << windowBits;
      const wide = pattern(window, 3);
      const stored = (bytes: Uint8Array): Buffer => deflateRawSync(bytes, { level: 0, finishFlush: Z_SYNC_FLUSH });
      // A length of 3 at the distance, by the fixed codes: the symbol, then its extra bits.
      const symbol = windowBits * 2 - 1;
      const back = bits(`010 0000001 ${symbol.toString(2).padStart(5, '0')} ${'1'.repeat(windowBits - 2)} 0000000`);
      const inflater = new Inflater({ windowBits });
      const right = inflate(inflater, Buffer.concat([stored(wide), back]), [1_000], 300);
      expect(right.output.subarray(window)).toEqual(Buffer.from(wide.subarray(0, 3)));
      if (windowBits === 15) continue;
      const further = bits(`010 0000001 ${(symbol + 1).toString(2).padStart(5, '0')} ${'0'.repeat(windowBits - 1)}`);
      inflater.reset();
      const wrong = inflate(inflater, Buffer.concat([stored(wide), stored(wide), further]), [100_000], 256);
      expect([wrong.output.length, wrong.refusal]).toEqual([2 * window, 'invalid distance too far back']);
    }
  });

  it.each([7, 16, Number.NaN])('is a window of %d bits', (windowBits) => {
    expect(() => new Inflater({ windowBits })).toThrow(RangeError);
  });
});
