// Small messages that come together are made together (codec/runs.ts). Nobody can tell: each is right wherever the stream is
// cut and whatever handlers do between two of them, none shares a byte with another, and what a receiver keeps is bounded.

import { describe, expect, it, vi } from 'vitest';
import { Decoder } from '../../src/framing';
import { ChildProgram } from '../support/child-program';
import { openCodec, TransportReader } from '../support/codecs';
import { binary, isSame, join, open, pattern, text } from '../support/decoders';
import { ReferenceDecoder, recorder } from '../support/reference';

const ascii = (length: number, seed: number): string =>
  Buffer.from(pattern(length, seed).map((byte) => 33 + (byte % 90))).toString();
const korean = (length: number, seed: number): string =>
  Array.from(pattern(length, seed), (byte) => (byte % 5 === 0 ? ' ' : String.fromCharCode(0xac00 + byte * 40))).join(
    '',
  );
const french = (length: number, seed: number): string =>
  Array.from(pattern(length, seed), (byte) => (byte % 3 === 0 ? 'é' : String.fromCharCode(0x61 + (byte % 26)))).join(
    '',
  );

// Lengths at which something changes: empty, a string made by hand (32), a copied slice (13), a slab (512), a run's end.
const LENGTHS = [0, 1, 2, 12, 13, 16, 31, 32, 33, 64, 65, 125, 126, 512, 513, 1_024, 2_048, 2_049, 4_096, 4_097];
const COUNTS = [1, 2, 3, 4, 5, 9, 40, 140, 700];
const kinds: [string, (length: number, seed: number) => Uint8Array][] = [
  ['ASCII', (length, seed) => text(ascii(length, seed))],
  ['Korean', (length, seed) => text(korean(length, seed))],
  ['French', (length, seed) => text(french(length, seed))],
  ['binary', (length, seed) => binary(pattern(length, seed))],
];

/** What the slow decoder tells of a stream. */
function expectedOf(stream: Uint8Array): string[] {
  const reference = new ReferenceDecoder('client');
  reference.feed(stream);
  return reference.log;
}

describe.each(kinds)('many messages of one kind and length: %s', (_, make) => {
  it.each(LENGTHS)('%d characters or bytes', (length) => {
    for (const count of COUNTS.filter((count) => count * length <= 100_000)) {
      const stream = join(...Array.from({ length: count }, (_, i) => make(length, i + 1)));
      const expected = expectedOf(stream);
      for (const size of [stream.length, 4_096, 1_021]) {
        const log: string[] = [];
        const decoder = open(recorder((line) => log.push(line)));
        for (let at = 0; at < stream.length; at += size) decoder.feed(stream.subarray(at, at + size));
        expect(log, `${count} of them in chunks of ${size}`).toEqual(expected);
      }
    }
  });
});

describe('without a Buffer, whose Latin-1 is the only one that is not windows-1252,', () => {
  it.each([
    ['ASCII', ascii],
    ['French', french],
    ['Korean', korean],
    [
      'U+0080 to U+00FF',
      (length: number, seed: number) => String.fromCharCode(...pattern(length, seed).map((byte) => byte | 128)),
    ],
  ])('many messages of %s are what they are', async (_, make) => {
    vi.resetModules();
    vi.stubGlobal('Buffer', undefined);
    const { Decoder } = await import('../../src/framing');
    vi.unstubAllGlobals();
    vi.resetModules();
    for (const length of [1, 16, 33, 200, 1_024]) {
      const expected = Array.from({ length: 40 }, (_, seed) => make(length, seed));
      const told: unknown[] = [];
      const decoder = new Decoder({ role: 'client', onMessage: (data) => told.push(data) });
      decoder.feed(join(...expected.map((one) => text(one))));
      expect(told).toEqual(expected);
    }
  });
});

/** Messages of all kinds and of lengths that change, most of them in runs. */
function mixture(seed: number): Uint8Array {
  const choices = pattern(400, seed);
  const parts: Uint8Array[] = [];
  for (let i = 0; i < choices.length; i += 4) {
    const [, make] = kinds[choices[i]! % kinds.length]!;
    const length = LENGTHS[choices[i + 1]! % 14]!;
    const isVaried = choices[i + 2]! % 3 === 0;
    for (let count = choices[i + 3]! % 12; count > 0; count -= 1) {
      parts.push(make(isVaried ? LENGTHS[(length + count * 5) % 14]! : length, i + count));
    }
  }
  return join(...parts);
}

describe('a mixture of small messages', () => {
  const seeds = [1, 2, 3, 4, 5, 6, 7, 8];

  it.each(seeds)('is told as the reference tells it, from a transport and from chunks of all sizes (%d)', (seed) => {
    const stream = mixture(seed);
    const expected = expectedOf(stream);
    for (const size of [stream.length, 60_000, 9_999, 1_024, 333, 20]) {
      const log: string[] = [];
      const fed = open(recorder((line) => log.push(line)));
      for (let at = 0; at < stream.length; at += size) fed.feed(stream.subarray(at, at + size));
      expect(log, `fed ${size} at a time`).toEqual(expected);
    }
    const alone: (string | Uint8Array)[] = [];
    const fed = open({ onMessage: (data) => alone.push(data) });
    for (const byte of stream) fed.feed(Uint8Array.of(byte));
    const together: (string | Uint8Array)[] = [];
    new TransportReader(openCodec({ onMessage: (data) => together.push(data) })).readAll(stream);
    expect(together).toEqual(alone);
  });

  it.each(seeds)('may be paused at every message (%d)', async (seed) => {
    const stream = mixture(seed);
    const log: string[] = [];
    const decoder = open(
      recorder((line) => {
        log.push(line);
        if (log.length % 7 === 3) decoder.pause();
      }),
    );
    decoder.feed(stream);
    const expected = expectedOf(stream);
    while (log.length < expected.length) {
      decoder.resume();
      await null;
    }
    expect(log).toEqual(expected);
  });

  it.each(seeds)('survives handlers that throw, and that feed another decoder (%d)', (seed) => {
    const stream = mixture(seed);
    const inner = mixture(seed + 100).subarray(0, 3_000);
    const expectedInner = expectedOf(inner);
    const expected = expectedOf(stream);
    const log: string[] = [];
    const decoder = open(
      recorder((line) => {
        log.push(line);
        if (log.length % 5 === 1) throw new Error('mine');
        if (log.length % 5 !== 3) return;
        const innerLog: string[] = [];
        const nested = new Decoder({ role: 'client', ...recorder((line) => innerLog.push(line)) });
        nested.feed(inner);
        nested.close();
        expect(innerLog).toEqual(expectedInner);
      }),
    );
    expect(() => decoder.feed(stream)).toThrow('mine');
    expect(log).toEqual(expected);
  });

  it('ends where a handler closes its decoder, and the next decoder begins anew', () => {
    const stream = join(...Array.from({ length: 20 }, (_, i) => text(`message number ${i}`)));
    for (let closeAt = 1; closeAt <= 20; closeAt += 1) {
      const log: string[] = [];
      const decoder = open({
        onMessage: (data) => {
          log.push(data as string);
          if (log.length === closeAt) decoder.close();
        },
      });
      decoder.feed(stream);
      expect(log.length).toBe(closeAt);
      const next: string[] = [];
      open({ onMessage: (data) => next.push(data as string) }).feed(stream);
      expect(next.slice(0, closeAt)).toEqual(log);
      expect(next.length).toBe(20);
    }
  });
});

describe('small binary messages', () => {
  it.each([1, 7, 16, 64, 65, 125, 300, 2_048])(
    'of %d bytes are aligned, and each has its bytes to itself',
    (length) => {
      const sent = Array.from({ length: 300 }, (_, i) => pattern(length, i + 1));
      const told: Uint8Array[] = [];
      open({ onMessage: (data) => told.push(data as Uint8Array) }).feed(join(...sent.map(binary)));
      expect(told.length).toBe(sent.length);
      told.forEach((data, i) => {
        expect(data.byteOffset % 8).toBe(0);
        expect(isSame(data, sent[i]!)).toBe(true);
        data.fill(0xee);
      });
    },
  );
});

const KEPT = 500;

/** A program that decodes many messages in chunks of 64 KiB, keeps every hundredth, and says how many bytes each keeps. */
const keeping = (opcode: number, payload: string): string => `
  import { Decoder } from 'wsimd/framing';
  import { settledBytes } from './test/whole/resources/meter.mjs';
  const payload = ${payload};
  const { length } = payload;
  const frame = Buffer.from([${0x80 | opcode}, ...(length < 126 ? [length] : [126, length >> 8, length & 255]), ...payload]);
  const chunk = Buffer.concat(Array(Math.floor(65_536 / frame.length)).fill(frame));
  const kept = Array(${KEPT}).fill('');
  let told = 0;
  const onMessage = (data) => {
    if (told % 100 === 0 && told < ${KEPT * 100}) kept[told / 100] = data;
    told += 1;
  };
  const decoder = new Decoder({ role: 'client', onMessage });
  const run = () => {
    told = 0;
    while (told < ${KEPT * 100}) decoder.feed(chunk);
  };
  run();
  kept.fill('');
  const before = await settledBytes();
  run();
  console.log(((await settledBytes()) - before) / ${KEPT});
  if (kept.some((data) => data.length !== kept[0].length)) process.exitCode = 1;
`;

// One slice of a string has 32 bytes beside what it refers to, a view about 200; and the program itself is not quite still.
const OBJECT_BYTES = 600;

describe('a kept message, of many that came together,', () => {
  it.each([
    ['a text of 16 bytes: 1 KiB', 1, "Buffer.alloc(16, 'x')", 1_024],
    ['a text of 100 bytes: 1 KiB', 1, "Buffer.alloc(100, 'x')", 1_024],
    ['a text of 1,000 bytes: eight times as much', 1, "Buffer.alloc(1_000, 'x')", 8_000],
    ['300 bytes of Korean: eight times as much', 1, "Buffer.from('가'.repeat(100))", 2_400],
    ['a text of 10,000 bytes: nothing else', 1, "Buffer.alloc(10_000, 'x')", 10_000],
    ['16 bytes of binary: a slab of 16 KiB', 2, 'Buffer.alloc(16)', 16_384],
    ['1,000 bytes of binary: a slab of 64 KiB', 2, 'Buffer.alloc(1_000)', 65_536],
  ])('keeps no more than %s', async (_, opcode, payload, most) => {
    const program = new ChildProgram(keeping(opcode, payload));
    expect(await program.exit, program.output).toBe(0);
    const bytes = Number(program.output.trim());
    expect(bytes).toBeLessThan(most + OBJECT_BYTES);
    expect(bytes).toBeGreaterThan(0);
  });
});
