// UTF-8 at the level of core.wasm. Validation: every sequence of up to three bytes, all classes and millions of four, in
// front of, inside and across the SIMD blocks, at every cut. Transcoding: every code point, at every alignment, both ways.

import { describe, expect, it } from 'vitest';
import {
  CONNECTION_RECORDS,
  EVENT_ASCII,
  EVENT_END,
  EVENT_FAULT,
  EVENT_LENGTH_SHIFT,
  EVENT_OPCODE,
  FAULT_UTF8,
  RECORD_BYTES,
  RECORD_MAX_FRAGMENTS,
  RECORD_MAX_MESSAGE,
  RECORD_TEXT,
  SCRATCH,
  TAPE,
  TEXT_ASCII,
  WINDOW,
} from '../../assembly/layout';
import { isFallBack, loadCore } from '../support/core';
import { decodeUtf8, encodeUtf8, firstBadByte, VALID } from '../support/reference';

const { core, bytes, words } = loadCore();
const RECORD = CONNECTION_RECORDS;
/** One text frame with FIN: two bytes of header, and its payload from here. */
const PAYLOAD = WINDOW + 64;

const hexadecimal = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The record of a connection that has received nothing (ROLE_CLIENT is 0). */
const freshRecord = new Uint8Array(RECORD_BYTES);
freshRecord[RECORD_TEXT + TEXT_ASCII] = 1;
new Uint32Array(freshRecord.buffer).fill(1_000_000, RECORD_MAX_MESSAGE >> 2, (RECORD_MAX_MESSAGE >> 2) + 1);
new Uint32Array(freshRecord.buffer).fill(1_000_000, RECORD_MAX_FRAGMENTS >> 2, (RECORD_MAX_FRAGMENTS >> 2) + 1);

function resetRecord(): void {
  bytes.set(freshRecord, RECORD);
}
resetRecord();

/** Decodes a whole text message of `length` bytes at PAYLOAD: whether it is valid, and "all ASCII" is right. */
function isAccepted(length: number): boolean {
  bytes[PAYLOAD - 2] = 0x81;
  bytes[PAYLOAD - 1] = length;
  const count = core.decode(RECORD, PAYLOAD - 2, length + 2, TAPE);
  const event = words[(TAPE >> 2) + 1]!;
  if (count !== 1) throw new Error(`${count} events for one message`);
  if ((event & EVENT_OPCODE) !== EVENT_FAULT) {
    let all = 0;
    for (let i = 0; i < length; i += 1) all |= bytes[PAYLOAD + i]!;
    if (((event & EVENT_ASCII) !== 0) !== all < 0x80) throw new Error(`ASCII: ${event & EVENT_ASCII}`);
    return (event & EVENT_END) !== 0;
  }
  resetRecord();
  if (event >>> EVENT_LENGTH_SHIFT !== FAULT_UTF8) throw new Error(`fault ${event >>> EVENT_LENGTH_SHIFT}`);
  return false;
}

/** Decodes the same in chunks, cut before the payload bytes `cuts`: the index of the chunk with the fault, or VALID. */
function faultyChunk(length: number, cuts: readonly number[]): number {
  bytes[PAYLOAD - 2] = 0x81;
  bytes[PAYLOAD - 1] = length;
  let start = PAYLOAD - 2;
  let event = 0;
  for (let chunk = 0; chunk <= cuts.length; chunk += 1) {
    const end = PAYLOAD + (cuts[chunk] ?? length);
    const count = core.decode(RECORD, start, end - start, TAPE);
    start = end;
    if (count === 0) continue;
    event = words[(TAPE >> 2) + count * 2 - 1]!;
    if ((event & EVENT_OPCODE) === EVENT_FAULT) {
      resetRecord();
      return event >>> EVENT_LENGTH_SHIFT === FAULT_UTF8 ? chunk : Number.NaN;
    }
  }
  return event & EVENT_END ? VALID : Number.NaN;
}

/** The chunk in which the first bad byte lies; a text that ends inside a character is bad at its last byte. */
function expectedChunk(length: number, cuts: readonly number[]): number {
  const bad = firstBadByte(bytes, PAYLOAD, PAYLOAD + length);
  if (bad === VALID) return VALID;
  const index = Math.min(bad - PAYLOAD, length - 1);
  let chunk = 0;
  while (chunk < cuts.length && cuts[chunk]! <= index) chunk += 1;
  return chunk;
}

function checkCut(length: number, cuts: readonly number[]): void {
  const expected = expectedChunk(length, cuts);
  const chunk = faultyChunk(length, cuts);
  if (chunk === expected) return;
  const payload = hexadecimal(bytes.subarray(PAYLOAD, PAYLOAD + length));
  expect.fail(`${payload}, cut before ${cuts}: fault in chunk ${chunk}, expected in ${expected} (-1: valid)`);
}

function checkWhole(length: number, expected: boolean): void {
  if (isAccepted(length) === expected) return;
  expect.fail(`${hexadecimal(bytes.subarray(PAYLOAD, PAYLOAD + length))} should be ${expected ? 'valid' : 'invalid'}`);
}

/** Seeded, so that a failure comes again. */
function randomizer(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** The ends of every range in the grammar of RFC 3629 §4, their neighbours, and what is never a byte of UTF-8. */
const BOUNDARIES = [
  0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0,
  0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xff,
];
const KOREAN = encodeUtf8('가나다라마바사아자차카타파하');
const ASCII = encodeUtf8('The quick brown fox jumps over the lazy dog.');

/** `length` bytes of whole characters that are mostly of this kind. */
const filling = {
  ascii: (length: number): number[] => ASCII.slice(0, length),
  korean: (length: number): number[] => [...ASCII.slice(0, length % 3), ...KOREAN.slice(0, length - (length % 3))],
};

describe('validation', () => {
  it('agrees with RFC 3629 on every sequence of one, two and three bytes: alone, inside a block and across two', () => {
    const surrounding = [...filling.korean(15), 0, 0, 0, ...filling.korean(30)];
    const valid = [0, 0, 0, 0];
    const check = (length: number): boolean => {
      const expected = firstBadByte(bytes, PAYLOAD, PAYLOAD + length) === VALID;
      checkWhole(length, expected);
      if (expected) valid[length]! += 1;
      return expected;
    };
    const isRight = new Array<boolean>(256);
    for (let first = 0; first < 256; first += 1) {
      bytes[PAYLOAD] = first;
      check(1);
      for (let second = 0; second < 256; second += 1) {
        bytes[PAYLOAD] = first;
        bytes[PAYLOAD + 1] = second;
        check(2);
        for (let third = 0; third < 256; third += 1) {
          bytes[PAYLOAD + 2] = third;
          isRight[third] = check(3);
        }
        // Between whole characters a sequence is right if it is right by itself. (The core in JavaScript knows no blocks.)
        for (const offset of isFallBack ? [] : [3, 15]) {
          bytes.set(surrounding.slice(15 - offset), PAYLOAD);
          bytes[PAYLOAD + offset] = first;
          bytes[PAYLOAD + offset + 1] = second;
          for (let third = 0; third < 256; third += 1) {
            bytes[PAYLOAD + offset + 2] = third;
            checkWhole(offset + 33, isRight[third]!);
          }
        }
      }
    }
    // 128 characters have one byte, 1,920 have two, 61,440 have three: this many ways to fill one, two and three bytes.
    expect(valid).toEqual([0, 128, 128 ** 2 + 1_920, 128 ** 3 + 2 * 128 * 1_920 + 61_440]);
  });

  it('agrees on every four bytes out of the boundaries of its grammar, at every cut', () => {
    const cuts = [[], [1], [2], [3], [1, 2], [1, 3], [2, 3], [1, 2, 3], [0], [0, 1, 2, 3]];
    let count = 0;
    for (const first of BOUNDARIES) {
      for (const second of BOUNDARIES) {
        for (const third of BOUNDARIES) {
          for (const fourth of BOUNDARIES) {
            bytes.set([first, second, third, fourth], PAYLOAD);
            for (const before of cuts) checkCut(4, before);
            count += 1;
          }
        }
      }
    }
    expect(count).toBe(BOUNDARIES.length ** 4);
  });

  it('agrees on three million other sequences of four bytes, alone and in a block, with as many valid as invalid', () => {
    const random = randomizer(20_260_101);
    const surrounding = filling.korean(48);
    const valid = [0, 0];
    for (let i = 0; i < 3_000_000; i += 1) {
      const lead = i % 2 === 0 ? random(256) : 0xef + random(6);
      const tail = (): number => (i % 2 === 0 ? random(256) : 0x80 + random(0x42));
      const [second, third, fourth] = [tail(), tail(), tail()];
      const offset = i % 2 === 0 ? 0 : 12;
      if (offset > 0) bytes.set(surrounding, PAYLOAD);
      bytes[PAYLOAD + offset] = lead;
      bytes[PAYLOAD + offset + 1] = second;
      bytes[PAYLOAD + offset + 2] = third;
      bytes[PAYLOAD + offset + 3] = fourth;
      const length = offset === 0 ? 4 : 16 + 3 * (i % 11);
      if (offset > 0) bytes.set(surrounding.slice(0, length - 16), PAYLOAD + 16);
      const expected = firstBadByte(bytes, PAYLOAD, PAYLOAD + length) === VALID;
      checkWhole(length, expected);
      valid[i % 2]! += Number(expected);
    }
    expect(valid[0]).toBeGreaterThan(100_000);
    expect(valid[1]).toBeGreaterThan(100_000);
  });

  // What begins, goes on or ends in every way that the grammar allows or just does not.
  const characters = [
    ...[
      '\x00',
      '\x7f',
      '\x80',
      '\u07ff',
      '\u0800',
      '\u0fff',
      '\u1000',
      '\ucfff',
      '\ud000',
      '\ud7ff',
      '\ue000',
      '\uffff',
    ],
    ...['\u{10000}', '\u{3ffff}', '\u{40000}', '\u{fffff}', '\u{100000}', '\u{10ffff}'],
  ].map(encodeUtf8);
  const interesting = new Map<string, number[]>();
  for (const character of characters) {
    for (let index = 0; index < character.length; index += 1) {
      for (const byte of BOUNDARIES) {
        const [before, after] = [character.slice(0, index), character.slice(index + 1)];
        for (const sequence of [[...before, byte, ...after], [...before, byte, ...character.slice(index)], before]) {
          interesting.set(String(sequence), sequence);
        }
      }
    }
  }

  it.each(['ascii', 'korean'] as const)('agrees at every offset 0–40 in %s text, at every single cut', (kind) => {
    for (const sequence of interesting.values()) {
      for (let offset = 0; offset <= 40; offset += 1) {
        const payload = [...filling[kind](offset), ...sequence, ...filling[kind](21)];
        bytes.set(payload, PAYLOAD);
        checkCut(payload.length, []);
        // A cut that leaves whole blocks on either side, or goes through the sequence or beside it.
        const near = offset % 8 === 0 ? payload.length : offset + sequence.length + 1;
        for (let cut = offset % 8 === 0 ? 0 : offset; cut < near; cut += 1) checkCut(payload.length, [cut]);
      }
    }
    expect(interesting.size).toBeGreaterThan(1_000);
  });

  it.each(['ascii', 'korean'] as const)('agrees at every two cuts, in %s text', (kind) => {
    let count = 0;
    const sample = [...interesting.values()].filter((_, index) => index % 17 === 0);
    for (const sequence of sample) {
      for (const offset of [0, 1, 14, 15, 16, 17, 30]) {
        const payload = [...filling[kind](offset), ...sequence, ...filling[kind](18)];
        bytes.set(payload, PAYLOAD);
        for (let first = 0; first < payload.length; first += 1) {
          for (let second = first; second < payload.length; second += 1) checkCut(payload.length, [first, second]);
        }
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(500);
  });
});

// Transcoding.

const GUARD = 0xa5;
const SOURCE = WINDOW + 1024;
const TARGET = SCRATCH + 1024;
const encoder = new TextEncoder();

/** Transcodes `source` and compares; nothing in front of the target and beyond its 64 bytes of slack may change. */
function checkTranscoded(
  kind: 'utf8ToUtf16' | 'utf16ToUtf8',
  source: Uint8Array,
  expected: Uint8Array,
  sourceAt = SOURCE,
): void {
  bytes.set(source, sourceAt);
  bytes.fill(GUARD, TARGET - 64, TARGET);
  const beyond = TARGET + expected.length + 64;
  bytes.fill(GUARD, beyond, beyond + 64);
  const result =
    kind === 'utf8ToUtf16'
      ? core.utf8ToUtf16(sourceAt, source.length, TARGET) * 2
      : core.utf16ToUtf8(sourceAt, source.length / 2, TARGET);
  if (Buffer.compare(bytes.subarray(TARGET, TARGET + result), expected) !== 0) {
    const at = expected.findIndex((byte, index) => bytes[TARGET + index] !== byte);
    const context = hexadecimal(source.subarray(0, 100));
    expect.fail(`${kind}: ${result} bytes, expected ${expected.length}, different from byte ${at}; source: ${context}`);
  }
  for (let i = 0; i < 64; i += 1) {
    if (bytes[TARGET - 64 + i] !== GUARD || bytes[beyond + i] !== GUARD)
      expect.fail(`${kind} wrote outside its target`);
  }
}

/** The same to Latin-1, where there may be none. */
function checkNarrowed(source: Uint8Array, units: Uint8Array, sourceAt = SOURCE): void {
  const isNarrow = units.every((byte, index) => (index & 1) === 0 || byte === 0);
  const expected = units.filter((_, index) => (index & 1) === 0);
  bytes.set(source, sourceAt);
  // The first byte of two, of which nothing must be seen.
  bytes[sourceAt - 1] = 0xc3;
  bytes.fill(GUARD, TARGET - 64, TARGET);
  const beyond = TARGET + source.length + 64;
  bytes.fill(GUARD, beyond, beyond + 64);
  const result = core.utf8ToLatin1(sourceAt, source.length, TARGET);
  const context = `utf8ToLatin1: ${result}; source: ${hexadecimal(source.subarray(0, 100))}`;
  if (!isNarrow) expect(result, context).toBe(-1);
  else if (Buffer.compare(bytes.subarray(TARGET, TARGET + result), expected) !== 0) expect.fail(context);
  for (let i = 0; i < 64; i += 1) {
    if (bytes[TARGET - 64 + i] !== GUARD || bytes[beyond + i] !== GUARD) expect.fail(`${context}: outside its target`);
  }
}

/** Whether no half of a surrogate pair stands alone: only then does UTF-8 give the text back. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

function checkBothWays(text: string): void {
  const units = Buffer.from(text, 'utf16le');
  const utf8 = encoder.encode(text);
  checkTranscoded('utf16ToUtf8', units, utf8);
  if (text.length <= 65_536) {
    // Behind the end there is the other half of whatever is last.
    bytes.set([...units.subarray(-2), 0x00, 0xdc], SOURCE + units.length - Math.min(2, units.length));
    expect(core.utf8Length(SOURCE, text.length), text.slice(0, 50)).toBe(utf8.length);
  }
  // What is not well-formed comes back as U+FFFD, which TextDecoder leaves as it is.
  if (!isWellFormed(text)) return;
  checkTranscoded('utf8ToUtf16', utf8, units);
  checkNarrowed(utf8, units);
}

/** Every code point but the surrogates, which are none (RFC 3629 §3), in strings of up to 4,096. */
function* everyCodePoint(): Generator<string[]> {
  for (let start = 0; start < 0x110000; start += 4096) {
    const points = Array.from({ length: 4096 }, (_, index) => start + index).filter(
      (point) => point < 0xd800 || point > 0xdfff,
    );
    if (points.length > 0) yield points.map((point) => String.fromCodePoint(point));
  }
}

describe('transcoding', () => {
  it('to Latin-1 agrees at every length up to 100, and says of the first other character that it is one', () => {
    const random = randomizer(20_261_130);
    let narrow = 0;
    for (let length = 0; length <= 100; length += 1) {
      for (let sample = 0; sample < 100; sample += 1) {
        // From all ASCII to hardly any.
        let text = '';
        for (let i = 0; i < length; i += 1)
          text += String.fromCharCode(random(100) < sample ? 0x80 + random(0x80) : random(0x80));
        if (sample % 4 === 0 && length > 0) {
          const at = random(length);
          text = text.slice(0, at) + ['\u0100', '\u07ff', '가', '😀'][random(4)] + text.slice(at + 1);
        } else narrow += 1;
        checkNarrowed(encoder.encode(text), Buffer.from(text, 'utf16le'));
      }
    }
    expect(narrow).toBeGreaterThan(7_500);
  });

  it('agrees with TextEncoder and TextDecoder on every code point in runs', () => {
    let count = 0;
    for (const characters of everyCodePoint()) {
      const text = characters.join('');
      expect(new TextDecoder('utf-8', { ignoreBOM: true }).decode(encoder.encode(text)) === text).toBe(true);
      checkBothWays(text);
      count += characters.length;
    }
    expect(count).toBe(0x110000 - 0x800);
  });

  it.each([
    ['ASCII', 'a'],
    ['Korean', '가'],
    ['an emoji', '😀'],
  ])('agrees on every code point beside %s, at every alignment', (_, neighbour) => {
    let count = 0;
    for (const characters of everyCodePoint()) {
      const text = characters.join(neighbour);
      const units = Buffer.from(`${'x'.repeat(15)}${text}`, 'utf16le');
      const utf8 = encoder.encode(`${'x'.repeat(15)}${text}`);
      // Blocks are counted from the start of the source: a shorter pad moves every character within them.
      for (let pad = 0; pad < 16; pad += 1) {
        checkTranscoded('utf16ToUtf8', units.subarray(pad * 2), utf8.subarray(pad), SOURCE + pad);
        checkTranscoded('utf8ToUtf16', utf8.subarray(pad), units.subarray(pad * 2), SOURCE + pad);
        checkNarrowed(utf8.subarray(pad), units.subarray(pad * 2), SOURCE + pad);
        count += 1;
      }
    }
    expect(count).toBe(16 * 272);
  });

  it('agrees on random mixtures of characters of one to four bytes, at lengths 0–200', () => {
    const random = randomizer(20_260_102);
    const kinds = [
      () => random(0x80),
      () => 0x80 + random(0x780),
      () => 0xac00 + random(11_172),
      () => 0x10000 + random(0x100000),
    ];
    let count = 0;
    for (let length = 0; length <= 200; length += 1) {
      for (let sample = 0; sample < 60; sample += 1) {
        // Some samples are of one or two kinds, so that long stretches of each way through the code come too.
        const some = kinds.slice(sample % 3, 1 + (sample % 3) + random(4));
        let text = '';
        for (let i = 0; i < length; i += 1) text += String.fromCodePoint(some[random(some.length)]!());
        checkBothWays(text);
        count += 1;
      }
    }
    expect(count).toBe(201 * 60);
  });

  it('makes U+FFFD of every surrogate without its other half, wherever it stands', () => {
    const halves = [
      '\ud800',
      '\udbff',
      '\udc00',
      '\udfff',
      '\ud83d\ud83d',
      '\ude00\ude00',
      '\ude00\ud83d',
      '\ud83d\ud83d\ude00',
    ];
    let count = 0;
    for (const neighbour of ['a', 'é', '가', '😀']) {
      for (const half of halves) {
        for (let before = 0; before <= 20; before += 1) {
          for (let after = 0; after <= 10; after += 1) {
            checkBothWays(neighbour.repeat(before) + half + neighbour.repeat(after));
            count += 1;
          }
        }
      }
    }
    expect(count).toBe(4 * 8 * 21 * 11);
    expect(decodeUtf8(encoder.encode('\ud800'))).toBe('\ufffd');
  });

  it('makes U+FFFD of them in random mixtures too', () => {
    const random = randomizer(20_260_103);
    const pieces = ['a', 'é', '가', '\ud83d', '\ude00', '😀'];
    let broken = 0;
    for (let sample = 0; sample < 100_000; sample += 1) {
      let text = '';
      for (let left = random(40); left > 0; left -= 1) text += pieces[random(pieces.length)];
      checkBothWays(text);
      broken += Number(!isWellFormed(text));
    }
    expect(broken).toBeGreaterThan(50_000);
  });
});
