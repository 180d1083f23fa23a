// Texts that come in pieces, cut anywhere: what a decoder tells is what TextDecoder makes of the whole, however long the text
// is, whenever it stops being ASCII, and whatever came before it.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCK_BYTES, WINDOW_BYTES } from '../../assembly/layout';
import { openCodec } from '../support/codecs';
import { open } from '../support/decoders';
import { window } from '../support/memory';
import { encodeFrame } from '../support/reference';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The ends of what one, two, three and four bytes can spell, and what lies between. */
const CHARACTERS = [
  '\0',
  'a',
  '\x7f',
  '\x80',
  'é',
  '\u07ff',
  '\u0800',
  '다',
  '\ufeff',
  '\uffff',
  '\u{10000}',
  '😀',
  '\u{10ffff}',
];

/** What a decoder tells of one text, in fragments that end where `cuts` say; each is a chunk of its own, or all are one. */
function told(payload: Uint8Array, cuts: readonly number[], areApart: boolean): (string | Uint8Array)[] {
  const messages: (string | Uint8Array)[] = [];
  const decoder = open({ onMessage: (data) => messages.push(data) });
  const frames = [...cuts, payload.length].map((end, index) => {
    const part = payload.subarray(cuts[index - 1] ?? 0, end);
    return encodeFrame({ opcode: index === 0 ? 1 : 0, fin: index === cuts.length, payload: part });
  });
  for (const chunk of areApart ? frames : [Buffer.concat(frames)]) decoder.feed(chunk);
  decoder.close();
  return messages;
}

/** Compared like this, since an error with a text of 600 KiB is no help. */
function expectSame(messages: readonly (string | Uint8Array)[], payload: Uint8Array, what = ''): void {
  const expected = utf8.decode(payload);
  const [message] = messages;
  expect([messages.length, typeof message, message?.length], what).toEqual([1, 'string', expected.length]);
  if (message === expected) return;
  let at = 0;
  while (message![at] === expected[at]) at += 1;
  expect(message!.slice(at, at + 20), `${what}, from unit ${at} on`).toBe(expected.slice(at, at + 20));
}

describe('a character', () => {
  it.each(CHARACTERS.map((character) => [character]))('%j may be cut anywhere, in a text of any kind', (character) => {
    const bytes = Buffer.from(character);
    for (const [before, behind] of [
      ['', ''],
      ['ascii', 'ascii'],
      ['가', '가'],
      ['x'.repeat(40), '😀'],
      ['é'.repeat(40), 'x'.repeat(40)],
    ] as const) {
      const payload = Buffer.from(before + character + character + behind);
      const start = Buffer.byteLength(before);
      const places = Array.from({ length: bytes.length * 2 + 1 }, (_, index) => start + index);
      for (const one of places) {
        for (const other of places) {
          if (other < one) continue;
          for (const areApart of [true, false]) {
            expectSame(told(payload, [one, other], areApart), payload, `cut at ${one} and ${other} of ${before}…`);
          }
        }
      }
    }
  });

  it('may be cut behind every byte at once, with empty fragments between', () => {
    const payload = Buffer.from(`ascii ${CHARACTERS.join('')} ascii`);
    const cuts = Array.from({ length: payload.length }, (_, index) => [index, index]).flat();
    for (const areApart of [true, false]) expectSame(told(payload, cuts, areApart), payload);
  });

  it('that was cut in a text that was never ended is not found in the next one', () => {
    const messages: unknown[] = [];
    const tell = (data: unknown): unknown => messages.push(data);
    const first = open({ onMessage: tell });
    first.feed(encodeFrame({ opcode: 1, fin: false, payload: Buffer.from('a😀').subarray(0, 3) }));
    first.close();
    const second = open({ onMessage: tell });
    for (const text of ['é', 'abc', '다']) {
      const payload = Buffer.from(text);
      second.feed(encodeFrame({ opcode: 1, fin: false, payload: payload.subarray(0, 1) }));
      second.feed(encodeFrame({ opcode: 0, payload: payload.subarray(1) }));
    }
    expect(messages).toEqual(['é', 'abc', '다']);
  });
});

describe('a long text', () => {
  /** So long, ASCII up to a place and then of these characters. */
  const textOf = (length: number, ascii: number, unit: string): Buffer => {
    const part = 'abcdefghij'.repeat(Math.ceil(ascii / 10)).slice(0, ascii);
    return Buffer.from(part + unit.repeat(Math.max(0, Math.ceil((length - ascii) / Buffer.byteLength(unit)))));
  };

  const text = fc
    .record({
      length: fc.oneof(
        fc.integer({ min: 0, max: 5_000 }),
        fc.integer({ min: 0, max: 600 * 1024 }),
        fc.integer({ min: BLOCK_BYTES - 10, max: BLOCK_BYTES + 10 }),
      ),
      share: fc.constantFrom(0, 0, 0.1, 0.5, 0.99, 1),
      unit: fc.constantFrom('é', '다', '😀', 'aé', '다a', 'é다😀x', `${'x'.repeat(5_000)}😀`),
    })
    .map(({ length, share, unit }) => textOf(length, Math.floor(length * share), unit));
  const sizes = fc.array(
    fc.oneof(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 100, max: 40_000 }),
      fc.integer({ min: 10_000, max: 600 * 1024 }),
    ),
    { minLength: 1, maxLength: 6 },
  );

  it('is the same in chunks of any size', { timeout: 60_000 }, () => {
    const property = fc.property(
      fc.array(text, { minLength: 1, maxLength: 3 }),
      fc.array(fc.nat(), { maxLength: 3 }),
      sizes,
      (payloads, cuts, sizes) => {
        const messages: (string | Uint8Array)[] = [];
        const decoder = open({ onMessage: (data) => messages.push(data) });
        const frames = payloads.flatMap((payload) => {
          const ends = [...cuts.map((cut) => cut % (payload.length + 1)).sort((a, b) => a - b), payload.length];
          return ends.map((end, index) => {
            const part = payload.subarray(ends[index - 1] ?? 0, end);
            return encodeFrame({ opcode: index === 0 ? 1 : 0, fin: index === ends.length - 1, payload: part });
          });
        });
        const stream = Buffer.concat(frames);
        // Small chunks only here and there: a long stream of nothing else takes as long as all the rest.
        const least = stream.length / 2_000;
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const size = Math.ceil(turn % 3 === 0 ? sizes[turn % sizes.length]! : sizes[turn % sizes.length]! + least);
          decoder.feed(stream.subarray(at, at + size));
          at += size;
        }
        decoder.close();
        expect(messages.length).toBe(payloads.length);
        for (const [index, payload] of payloads.entries()) expectSame([messages[index]!], payload, `text ${index}`);
      },
    );
    fc.assert(property, { numRuns: 150 });
  });

  it('that fills the window behind a cut character is read to its last byte', () => {
    // The most units that one piece can have: the rest of a character, and ASCII in all other bytes of the window.
    for (const [character, cut] of [
      ['é', 1],
      ['다', 1],
      ['다', 2],
      ['😀', 1],
      ['😀', 2],
      ['😀', 3],
    ] as const) {
      const rest = Buffer.byteLength(character) - cut;
      const payload = Buffer.concat([Buffer.from(character), Buffer.alloc(WINDOW_BYTES - rest, 'x'), Buffer.from('é')]);
      const frame = encodeFrame({ opcode: 1, payload });
      const start = frame.length - payload.length + cut;
      const messages: (string | Uint8Array)[] = [];
      const other: (string | Uint8Array)[] = [];
      const codec = openCodec({ onMessage: (data) => messages.push(data) });
      // Behind what a text is read from there are the records of decoders: this one has seen half of its message.
      const bystander = openCodec({ onMessage: (data) => other.push(data) });
      const half = (bytes: number[]): void => {
        window.set(bytes);
        bystander.feed(window, 0, bytes.length);
      };
      half([0x81, 0x02, 0xc3]);
      for (const [from, to] of [
        [0, start],
        [start, start + WINDOW_BYTES],
        [start + WINDOW_BYTES, frame.length],
      ] as const) {
        window.set(frame.subarray(from, to));
        codec.feed(window, 0, to - from);
      }
      half([0xa9]);
      expectSame(messages, payload, `${character} cut behind ${cut}`);
      expect(other).toEqual(['é']);
    }
  });
});
