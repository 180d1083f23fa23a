// Compressed messages (RFC 7692 §7.2.2), whole and spoilt: what was compressed is told, and what a decoder makes of a stream does
// not depend on how it is cut, whatever zlib makes of the stream.

import fc from 'fast-check';
import { Decoder, type InflateOptions } from '../../../src/framing';
import { framesOf, PeerDeflate } from '../../support/compressed-frames';
import { DEFAULT_LIMITS, line, recorder } from '../../support/reference';
import { chunksOf, cuts, splitsOf } from '../../support/streams';
import { claim, expect, expectSame } from './property';

interface Message {
  readonly isText: boolean;
  readonly content: string;
  /** Into how many frames its payload is cut. */
  readonly frames: number;
}

/** A byte of the last message's payload that is another one, or from which on the payload is missing. */
interface Damage {
  readonly at: number;
  readonly byte: number | undefined;
}

interface InflateCase {
  readonly options: InflateOptions;
  readonly stream: Uint8Array;
  readonly splits: readonly number[];
  /** What is told of the messages that nothing was done to. */
  readonly expected: readonly string[];
  readonly isDamaged: boolean;
}

const words = fc.constantFrom('price', '12.5', '{"', '":', 'é', '한국어', '😀', ' ', 'x'.repeat(300), '\u0000');
const message: fc.Arbitrary<Message> = fc.record({
  isText: fc.boolean(),
  content: fc.array(words, { maxLength: 200 }).map((list) => list.join('')),
  frames: fc.integer({ min: 1, max: 4 }),
});
const settings = fc.record({ bits: fc.integer({ min: 9, max: 15 }), keepsContext: fc.boolean(), level: fc.nat(9) });

function cut(payload: Buffer, frames: number): Buffer[] {
  const size = Math.ceil(payload.length / frames) || 1;
  return Array.from({ length: frames }, (_, i) => payload.subarray(i * size, (i + 1) * size));
}

function spoil(payload: Buffer, { at, byte }: Damage): Buffer {
  const place = at % payload.length;
  if (byte === undefined) return payload.subarray(0, place);
  const spoilt = Buffer.from(payload);
  spoilt[place] = byte;
  return spoilt;
}

function lineOf({ isText, content }: Message): string {
  return isText ? line.text(content) : line.binary(Buffer.from(content));
}

/** The messages, and with `damage` one more that is spoilt and one behind it. */
function caseOf(messages: readonly Message[], deflate: PeerDeflate, damage: Damage | undefined): Uint8Array {
  const payloads = messages.map(({ content }) => deflate.parts(content)[0]!);
  const frames = messages.flatMap(({ isText, frames }, i) => {
    const isSpoilt = damage !== undefined && i === messages.length - 2;
    return framesOf(isText ? 1 : 2, cut(isSpoilt ? spoil(payloads[i]!, damage) : payloads[i]!, frames));
  });
  return new Uint8Array(Buffer.concat(frames));
}

const cases: fc.Arbitrary<InflateCase> = fc
  .record({
    messages: fc.array(message, { minLength: 2, maxLength: 6 }),
    settings,
    damage: fc.option(fc.record({ at: fc.nat(), byte: fc.option(fc.nat(255), { nil: undefined }) }), {
      nil: undefined,
    }),
    cuts,
  })
  .map(({ messages, settings: { bits, keepsContext, level }, damage, cuts }) => {
    // Whether zlib sees a reference that is too far back depends on how much it is given at once, except with the largest window.
    const windowBits = damage === undefined ? bits : 15;
    const stream = caseOf(messages, new PeerDeflate({ windowBits, keepsContext, level }), damage);
    return {
      options: { maxWindowBits: windowBits, noContextTakeover: !keepsContext },
      stream,
      splits: splitsOf(cuts, stream.length),
      expected: (damage === undefined ? messages : messages.slice(0, -2)).map(lineOf),
      isDamaged: damage !== undefined,
    };
  });

/** What is told of these chunks. Both faults of a spoilt message are its end: which is seen first depends on the chunks. */
function told(options: InflateOptions, chunks: readonly Uint8Array[]): string[] {
  const log: string[] = [];
  const decoder = new Decoder({
    role: 'client',
    ...DEFAULT_LIMITS,
    perMessageDeflate: options,
    ...recorder((entry) => log.push(entry)),
    onError: ({ status }) => log.push(`error ${status}`),
  });
  try {
    for (const chunk of chunks) {
      decoder.feed(chunk);
      chunk.fill(0xee);
    }
  } finally {
    decoder.close();
  }
  return log;
}

export const inflate = claim(
  {
    name: 'inflate',
    sentence: 'Compressed messages are told as they were compressed, and spoilt ones alike however they are cut.',
    runs: 60,
  },
  cases,
  ({ options, stream, splits, expected, isDamaged }) => {
    const whole = told(options, [stream.slice()]);
    expectSame(whole.slice(0, isDamaged ? expected.length : undefined), expected, 0, ', in one chunk');
    expect(
      whole.slice(0, -1).every((entry) => !entry.startsWith('error')),
      'something is told behind an error',
    );
    expectSame(told(options, chunksOf({ stream: stream.slice(), splits })), whole, 0, ', in chunks');
    const bytes = Array.from(stream, (byte) => Uint8Array.of(byte));
    expectSame(told(options, bytes), whole, 0, ', byte by byte');
  },
);
