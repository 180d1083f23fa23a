// Decoders inside of the handlers of others, as deep as a test likes: each has a stream of its own with messages of every kind,
// of which each handler hears one after the other and goes one level deeper at one of them. It knows nothing of levels and
// records.

import type { FrameDecoder } from '../../src/codec/decoder';
import { openCodec } from './codecs';
import { PeerDeflate } from './compressed-frames';
import { binary, join, pattern, text } from './decoders';
import { encodeFrame, encodeUtf8 } from './reference';

/** Larger than what one level inflates at a time (assembly/layout.ts). */
const INFLATED = 150_000;

/** One message as a line that says every byte of it. */
export function describe(data: string | Uint8Array): string {
  const bytes = Buffer.from(data as Uint8Array);
  let sum = 0;
  for (const byte of bytes) sum = (Math.imul(sum, 31) + byte) >>> 0;
  return `${typeof data} <${bytes.length}> ${sum}`;
}

/** A stream, and what a decoder tells of it, in order. */
export interface Told {
  readonly stream: Uint8Array;
  readonly lines: readonly string[];
}

/** No two seeds have a message in common, and none has the length of its neighbour's. */
export function everyKind(seed: number): Told {
  const peer = new PeerDeflate();
  const parts: Uint8Array[] = [];
  const lines: string[] = [];
  const add = (data: string | Uint8Array, ...frames: Uint8Array[]): void => {
    parts.push(...frames);
    lines.push(describe(data));
  };
  const words = `level ${seed}, 한국어 ${seed} `;
  const content = pattern(3_000 + seed, seed);
  for (let i = 0; i < 9; i += 1) add(`ascii ${seed} ${i}`, text(`ascii ${seed} ${i}`));
  for (let i = 0; i < 9; i += 1) add(words + i, text(words + i));
  for (let i = 0; i < 9; i += 1) add(content.slice(i, 99 + seed), binary(content.subarray(i, 99 + seed)));
  const cut = encodeUtf8(words.repeat(200));
  add(
    words.repeat(200),
    encodeFrame({ opcode: 1, fin: false, payload: cut.slice(0, 1_001) }),
    encodeFrame({ opcode: 0, payload: cut.slice(1_001) }),
  );
  add(
    content,
    encodeFrame({ opcode: 2, fin: false, payload: content.subarray(0, 1_000) }),
    encodeFrame({ opcode: 0, payload: content.subarray(1_000) }),
  );
  add(words.repeat(300), peer.frame(1, words.repeat(300)));
  const large = Buffer.concat(Array(Math.ceil(INFLATED / content.length)).fill(content));
  add(large, ...peer.frames(2, large.subarray(0, 70_000), large.subarray(70_000)));
  add('last', text('last'));
  return { stream: join(...parts), lines };
}

/** A decoder, and what it has told. */
export interface Logged {
  readonly codec: FrameDecoder;
  readonly lines: string[];
  readonly thrown: unknown[];
}

/** `onLine` is called in its handler. */
export function logged(onLine: (lines: readonly string[]) => void): Logged {
  const lines: string[] = [];
  const thrown: unknown[] = [];
  const codec = openCodec(
    {
      onMessage: (data) => {
        lines.push(describe(data));
        onLine(lines);
      },
      onFault: (error) => {
        lines.push(`fault ${error.code}`);
      },
      onException: (error) => thrown.push(error),
    },
    { inflation: { keepsContext: true, options: { windowBits: 15 } } },
  );
  return { lines, thrown, codec };
}

/**
 * Feeds a decoder within the handler of another one, `depth` of them, each at the message of this number; in chunks of `size`
 * bytes. At the deepest, `deepest` is called. Returns all of them, the outermost first.
 */
export function nest(depth: number, at: number, size: number, deepest: () => void, level = 0): Logged[] {
  const { stream } = everyKind(level + 1);
  let inner: Logged[] = [];
  const own = logged((lines) => {
    if (lines.length !== at) return;
    if (level + 1 < depth) inner = nest(depth, at, size, deepest, level + 1);
    else deepest();
  });
  for (let from = 0; from < stream.length; from += size) {
    own.codec.feed(stream, from, Math.min(from + size, stream.length));
  }
  return [own, ...inner];
}
