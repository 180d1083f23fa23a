// Whole messages pass the record by (assembly/whole-message.ts): what they leave on the tape is what the long way leaves, to
// which a frame is forced when its first byte comes in a chunk of its own. So are the faults, and what follows.

import { describe, expect, it } from 'vitest';
import { ROLE_CLIENT } from '../../assembly/layout';
import { join } from '../support/decoders';
import { encodeFrame, encodeUtf8 } from '../support/reference';
import { type TapeOptions, tapes } from '../support/tapes';

const text = (content: string): Uint8Array => encodeFrame({ opcode: 1, payload: encodeUtf8(content) });
const rawText = (...payload: number[]): Uint8Array => encodeFrame({ opcode: 1, payload });
const binary = (length: number): Uint8Array => encodeFrame({ opcode: 2, payload: Buffer.alloc(length, 0xfe) });

const LENGTHS = [0, 1, 2, 15, 16, 17, 31, 32, 124, 125, 126, 127, 128, 999, 1_000, 1_001, 65_535, 65_536];
const CONTINUATION = 'a continuation of nothing';
/** None of them ends its stream. */
const lawful: [string, Uint8Array][] = [
  ...LENGTHS.flatMap((length): [string, Uint8Array][] => [
    [`${length} bytes of ASCII`, text('a'.repeat(length))],
    [`${length} bytes of binary`, binary(length)],
  ]),
  ...[1, 5, 6, 41, 42, 200].map((count): [string, Uint8Array] => [`${count} syllables`, text('한'.repeat(count))]),
  ['a text with its only other character last', text(`${'a'.repeat(15)}é`)],
  ['a text with its only other character behind the first 16', text(`${'a'.repeat(16)}é`)],
  ['a pair of surrogates', text('😀')],
  ['a ping', encodeFrame({ opcode: 9, payload: [1, 2] })],
  ['a pong', encodeFrame({ opcode: 10, payload: [] })],
];
const wrong: [string, Uint8Array][] = [
  ['a text that is not UTF-8', rawText(0x61, 0xff, 0x61)],
  ['a text that ends inside a character', rawText(0x61, 0xed, 0x95)],
  ['a long text that ends inside a character', rawText(...Array(200).fill(0x61), 0xed, 0x95)],
  ['a masked frame', Uint8Array.of(0x81, 0x81, 1, 2, 3, 4, 5)],
  [
    'a masked frame with bytes enough behind it for any other reading',
    Uint8Array.of(0x82, 0x81, 0, 128, ...Array(200).fill(0)),
  ],
  ['a length of 64 bits above every limit', Uint8Array.of(0x82, 127, 0, 128, ...Array(200).fill(0))],
  ['a length that is not minimal', Uint8Array.of(0x82, 126, 0, 125, ...Array(125).fill(0))],
  ['a length of 64 bits that is not minimal', Uint8Array.of(0x82, 127, 0, 0, 0, 0, 0, 0, 0, 1, 0)],
  ['RSV1', Uint8Array.of(0xc1, 1, 0x61)],
  ['RSV2', Uint8Array.of(0xa2, 1, 0x61)],
  ['an unknown opcode', Uint8Array.of(0x83, 1, 0x61)],
  [CONTINUATION, Uint8Array.of(0x80, 1, 0x61)],
  ['a close frame', Uint8Array.of(0x88, 2, 0x03, 0xe8)],
];
const contexts: [string, Uint8Array[]][] = [
  ['at the beginning', []],
  ['behind other messages', [text('ascii'), text('한글'), binary(3)]],
  ['inside a text in fragments', [encodeFrame({ opcode: 1, fin: false, payload: encodeUtf8('한') })]],
  ['inside a binary message in fragments', [encodeFrame({ opcode: 2, fin: false, payload: [1] })]],
];
const limits: [string, TapeOptions][] = [
  ['', { maxMessage: 100_000 }],
  [', of which each frame is wanted', { maxMessage: 100_000, wantsFrames: true }],
  [', with a limit of 125 bytes', { maxMessage: 125, wantsFrames: false }],
  [', with a limit of 1,000 bytes', { maxMessage: 1_000, wantsFrames: false }],
];

/** All frames in one chunk; and each with its first byte in a chunk of its own. */
function bothWays(frames: readonly Uint8Array[], options: TapeOptions): { short: string[]; long: string[] } {
  const apart = frames.flatMap((frame) => [frame.subarray(0, 1), frame.subarray(1)]);
  return {
    short: tapes(ROLE_CLIENT, [join(...frames)], options).flat(),
    long: tapes(ROLE_CLIENT, apart, options).flat(),
  };
}

describe.each(contexts)('%s', (context, before) => {
  // A continuation of something is joined to it, if it comes in the same chunk: core/decode-joined.test.ts.
  const frames = [...lawful, ...wrong].filter(([name]) => !context.startsWith('inside') || name !== CONTINUATION);

  describe.each(limits)('a chunk%s: a frame leaves the same as on the long way', (_, options) => {
    it.each(frames)('%s', (_, frame) => {
      const { short, long } = bothWays([...before, frame, text('what follows'), binary(2), text('후')], options);
      expect(short).toEqual(long);
    });
  });
});

it('a whole message that is cut anywhere by the end of the chunk goes on in the next one', () => {
  for (const frame of [text('sixteen bytes, x'), text('한글 한글'), binary(40), binary(200)]) {
    const stream = join(frame, frame, frame);
    const whole = tapes(ROLE_CLIENT, [stream]).flat();
    expect(whole).toHaveLength(3);
    for (let cut = 0; cut <= frame.length; cut += 1) {
      const [first, second] = tapes(ROLE_CLIENT, [
        stream.subarray(0, frame.length + cut),
        stream.subarray(frame.length + cut),
      ]);
      const content = [...first!, ...second!].map((entry) => entry.match(/"(.*)"/s)![1]).join('');
      expect(content).toBe(whole.map((entry) => entry.match(/"(.*)"/s)![1]).join(''));
      expect([first![0], second!.at(-1)]).toEqual([whole[0], whole[2]]);
    }
  }
});
