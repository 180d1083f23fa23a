// Compressed messages whose data ends by a block with BFINAL: with the byte that RFC 7692 §7.2.3.4 has appended to it, and
// without, as senders make it that compress a message to its end. What is behind it begins anew. In chunks and fragments cut at
// every byte, with and without context, compared with what the npm package `ws` makes of them.

import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { framesOf, PeerDeflate } from '../support/compressed-frames';
import { open } from '../support/decoders';
import { PerMessageDeflate, Receiver } from '../support/ws-internals';

const SENTENCE = 'a sentence, and the same sentence again: a sentence';

const final = (text: string, options = {}): Buffer => deflateRawSync(text, options);
const appended = (payload: Buffer): Buffer => Buffer.concat([payload, Buffer.of(0)]);
const alone = (...texts: string[]): Buffer[] => {
  const peer = new PeerDeflate();
  return texts.map((text) => peer.parts(text)[0]!);
};
/** Blocks as zlib makes them: with fixed codes, with codes of their own, and stored. */
const VARIED = Array.from({ length: 300 }, (_, i) => String.fromCharCode(97 + ((i * i) % 23))).join('');

const CASES: readonly (readonly [name: string, payloads: readonly Buffer[], texts: readonly string[]])[] = [
  ['one behind the other', [final('one'), final('two'), final('three')], ['one', 'two', 'three']],
  ['between messages that are not', [...alone('one'), final('two'), ...alone('three')], ['one', 'two', 'three']],
  [
    'before messages that refer to each other',
    [final(SENTENCE), ...alone(SENTENCE, 'anew')],
    [SENTENCE, SENTENCE, 'anew'],
  ],
  ['of nothing', [final(''), final('a'), final(''), ...alone('b')], ['', 'a', '', 'b']],
  [
    'with the byte that is to be appended, and without',
    [appended(final('one')), final('two'), appended(final('three')), ...alone('four')],
    ['one', 'two', 'three', 'four'],
  ],
  [
    'of every kind of block',
    [final(VARIED, { level: 9 }), final(VARIED, { strategy: 4 }), final(VARIED, { level: 0 }), ...alone('behind')],
    [VARIED, VARIED, VARIED, 'behind'],
  ],
  [
    'longer than what is inflated at once',
    [final('x'.repeat(131_072)), final('x'.repeat(131_073)), ...alone('behind')],
    ['x'.repeat(131_072), 'x'.repeat(131_073), 'behind'],
  ],
];

function told(bytes: Buffer, size: number, keepsContext: boolean): string[] {
  const lines: string[] = [];
  const decoder = open({
    perMessageDeflate: { noContextTakeover: !keepsContext },
    onMessage: (data) => lines.push(String(data)),
    onError: ({ code }) => lines.push(code),
  });
  for (let at = 0; at < bytes.length; at += size) decoder.feed(bytes.subarray(at, at + size));
  decoder.close();
  return lines;
}

/** What `ws` makes of it. */
function toldByWs(bytes: Buffer, size: number, keepsContext: boolean, count: number): Promise<string[]> {
  const deflate = new PerMessageDeflate({ isServer: false });
  deflate.accept([keepsContext ? {} : { server_no_context_takeover: [true] }]);
  const receiver = new Receiver({ extensions: { 'permessage-deflate': deflate }, isServer: false });
  return new Promise((resolve, reject) => {
    const lines: string[] = [];
    receiver.on('error', reject);
    receiver.on('message', (data: Buffer) => {
      lines.push(String(data));
      if (lines.length < count) return;
      deflate.cleanup();
      resolve(lines);
    });
    for (let at = 0; at < bytes.length; at += size) receiver.write(bytes.subarray(at, at + size));
  });
}

describe.each([true, false])('data that ends by BFINAL, with context %s', (keepsContext) => {
  it.each(CASES)('%s', async (_, payloads, texts) => {
    const bytes = Buffer.concat(payloads.flatMap((payload) => framesOf(1, [payload])));
    const sizes = [...Array(bytes.length).keys()].map((size) => size + 1);
    for (const size of bytes.length < 500 ? sizes : [1, 7, bytes.length]) {
      expect(told(bytes, size, keepsContext), `in chunks of ${size}`).toEqual(texts);
    }
    for (const size of [1, 5, bytes.length]) {
      expect(await toldByWs(bytes, size, keepsContext, texts.length), `ws in chunks of ${size}`).toEqual(texts);
    }
  });

  it.each(CASES)('%s, in two fragments', async (_, payloads, texts) => {
    const longest = Math.max(...payloads.map(({ length }) => length));
    for (let cut = 0; cut <= longest; cut += 1) {
      const parts = (payload: Buffer): Buffer[] => [payload.subarray(0, cut), payload.subarray(cut)];
      const bytes = Buffer.concat(payloads.flatMap((payload) => framesOf(1, parts(payload))));
      for (const size of [1, bytes.length]) expect(told(bytes, size, keepsContext), `cut at ${cut}`).toEqual(texts);
      // `ws` takes the tail for the beginning of a block where nothing else is left for the last fragment.
      const isLeft = payloads.every(({ length }) => cut < length);
      if (isLeft) expect(await toldByWs(bytes, bytes.length, keepsContext, texts.length)).toEqual(texts);
    }
  });
});
