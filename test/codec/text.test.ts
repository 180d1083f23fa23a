// Bytes ⇄ strings with the thresholds of each runtime, all played on this one: whichever way is taken, what is read and written is
// what the slow obvious reference says.

import fc from 'fast-check';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { SCRATCH, STAGING } from '../../assembly/layout';

type Text = typeof import('../../src/codec/text');
type Memory = typeof import('../../src/codec/memory');
type Encoder = typeof import('../../src/codec/encoder');

/** Where nothing else lies while these run: behind what is written at STAGING by at most half of a block. */
const SOURCE = STAGING + 65_536;

const SAMPLES = {
  ascii: 'The quick brown fox jumps over the lazy dog. ',
  french: 'Portez ce vieux whisky au juge blond qui fume, à côté des élèves déjà gênés. ',
  russian: 'Съешь же ещё этих мягких французских булок, да выпей чаю. ',
  korean: '안녕하세요 세계의 여러분, 오늘은 날씨가 좋습니다. ',
  emoji: 'Nice 😀 to see you 🚀 again, my friend 🎉 today! ',
  mostly: `${'plain and plain and plain and '.repeat(4)}한`,
  lone: 'a\ud800b\udc00é\udbff',
  control: '\0\u007f\u0080\u00ff\u0100\u07ff\u0800\uffff\ufeff',
};
/** Around every threshold that there is. */
const LENGTHS = [
  0, 1, 2, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 127, 128, 129, 199, 200, 201, 511, 512, 1023, 1024, 4097,
];
const TEXTS = Object.values(SAMPLES).flatMap((sample) =>
  LENGTHS.map((length) => sample.repeat(Math.ceil(length / sample.length)).slice(0, length)),
);

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)), maxLength: 300 }),
  fc.string({ unit: fc.nat(0x101).map((unit) => String.fromCharCode(unit)), maxLength: 300 }),
);

interface Runtime {
  readonly node: string;
  readonly global?: string;
  readonly hasBuffer?: boolean;
  /** From so many bytes on it decodes, and from so many units on it encodes what is narrow, and what is wide. */
  readonly is: readonly [decoded: number, narrow: number, wide: number];
}

const NEVER = Number.POSITIVE_INFINITY;
const RUNTIMES: [string, Runtime][] = [
  ['Node.js 20', { node: '20.20.0', is: [NEVER, NEVER, NEVER] }],
  ['Node.js 22.7, whose Buffer writes Latin-1', { node: '22.7.0', is: [NEVER, NEVER, NEVER] }],
  ['Node.js 22', { node: '22.23.0', is: [NEVER, 0, NEVER] }],
  ['Node.js 24', { node: '24.21.0', is: [128, 0, NEVER] }],
  ['Node.js 26', { node: '26.10.0', is: [128, 0, 64] }],
  ['Bun', { node: '24.3.0', global: 'Bun', is: [512, 0, 0] }],
  ['Deno', { node: '24.3.0', global: 'Deno', is: [1024, 0, 0] }],
  ['a page', { node: '', hasBuffer: false, is: [1024, 0, 0] }],
];

describe.each(RUNTIMES)('with the thresholds of %s', (_, { node, global, hasBuffer = true, is }) => {
  let text: Text;
  let memory: Memory;
  let encoder: Encoder;

  it('the modules are loaded', async () => {
    vi.resetModules();
    const versions = { ...process.versions, node };
    vi.stubGlobal('process', Object.create(process, { versions: { value: versions } }));
    if (global !== undefined) vi.stubGlobal(global, {});
    if (!hasBuffer) vi.stubGlobal('Buffer', undefined);
    text = await import('../../src/codec/text');
    memory = await import('../../src/codec/memory');
    encoder = await import('../../src/codec/encoder');
    vi.unstubAllGlobals();
    memory.requireCore();
    // Its TextDecoder would make characters of windows-1252 of it (Node.js 20 has another opinion of that).
    const refuse = (): never => {
      throw new Error('Latin-1 is not asked for here.');
    };
    if (!hasBuffer) Object.assign(memory.core, { utf8ToLatin1: refuse });
    const { thresholds } = await import('../../src/runtime/strings');
    expect([thresholds.decoded, thresholds.narrow, thresholds.wide]).toEqual(is);
  });
  afterAll(() => vi.resetModules());

  const written = (one: string): Buffer => {
    const length = text.writeText(one, STAGING);
    return Buffer.from(memory.core.bytes.slice(STAGING, STAGING + length));
  };
  const framed = (one: string): Buffer => {
    const size = encoder.writeTextFrame(one, STAGING, 0x81, 0);
    return Buffer.from(memory.core.bytes.slice(STAGING, STAGING + size));
  };
  const pieced = (one: string): Buffer => {
    const frame = encoder.LargeFrame.ofText(one, 0x81, 0);
    const parts: Buffer[] = [];
    while (frame.remaining > 0) {
      const size = frame.write(STAGING, encoder.SMALLEST_PIECE);
      parts.push(Buffer.from(memory.core.bytes.slice(STAGING, STAGING + size)));
    }
    return Buffer.concat(parts);
  };
  const frameOf = (one: string): Buffer => {
    const payload = Buffer.from(one);
    const { length } = payload;
    if (length < 126) return Buffer.concat([Buffer.of(0x81, length), payload]);
    const extended = Buffer.alloc(length > 0xffff ? 8 : 2);
    extended.writeUIntBE(length, extended.length === 8 ? 2 : 0, extended.length === 8 ? 6 : 2);
    return Buffer.concat([Buffer.of(0x81, length > 0xffff ? 127 : 126), extended, payload]);
  };
  const read = (one: string): string => {
    const bytes = Buffer.from(one);
    memory.core.bytes.set(bytes, SOURCE);
    return text.readUtf8(SOURCE, SOURCE + bytes.length);
  };
  const check = (one: string): void => {
    const whole = Buffer.from(one).toString();
    expect(written(one).equals(Buffer.from(one))).toBe(true);
    expect(framed(one).equals(frameOf(one))).toBe(true);
    expect(pieced(one).equals(frameOf(one))).toBe(true);
    expect(read(whole)).toBe(whole);
  };

  it('texts of every kind, around every threshold', () => {
    for (const one of TEXTS) check(one);
  });

  it('long texts, in pieces, wherever a piece ends', () => {
    for (const sample of Object.values(SAMPLES)) {
      for (const length of [16_383, 16_384, 65_536, 65_537, 200_000]) {
        for (const shift of [0, 1, 2]) {
          const one = 'x'.repeat(shift) + sample.repeat(Math.ceil(length / sample.length)).slice(0, length);
          expect(text.utf8LengthOf(one)).toBe(Buffer.byteLength(one));
          expect(pieced(one).equals(frameOf(one))).toBe(true);
        }
      }
    }
    // Nothing of it is seen by a look at a few units.
    const hidden = 'plain '.repeat(20_000);
    for (const rare of ['é', '한', '😀']) {
      const one = `${hidden}${rare}${hidden}`;
      expect(pieced(one).equals(frameOf(one))).toBe(true);
    }
  });

  it('texts of all kinds', () => {
    fc.assert(fc.property(anyText, check));
  });

  it('ASCII, spelled or not', () => {
    const ascii = SAMPLES.ascii.repeat(3);
    for (let length = 0; length <= 100; length += 1) {
      memory.core.bytes.set(Buffer.from(ascii), SCRATCH);
      expect(text.readAscii(memory.core.bytes, SCRATCH, SCRATCH + length)).toBe(ascii.slice(0, length));
    }
  });
});
