// A masking key that is given for a frame is the key of that frame and of no other, wherever the pool of keys ends.

import { describe, expect, it } from 'vitest';
import { BLOCK_BYTES, FIN_BIT, KEYS_BYTES, OP_BINARY, OP_TEXT } from '../assembly/layout';
import { LargeFrame, writeFrame, writeTextFrame } from '../src/codec/encoder';
import { nextKey, STAGING, useKey, written } from '../src/codec/memory';
import { isSame, pattern } from './decoders';
import { encodeFrame, encodeUtf8 } from './reference';

const KEY = Uint8Array.of(0xde, 0xad, 0xbe, 0xef);
const BINARY = OP_BINARY | FIN_BIT;
const TEXT = OP_TEXT | FIN_BIT;

const staged = (size: number): Uint8Array => written(STAGING, size).slice();

/** All of a frame that is written piece by piece. */
function whole(frame: LargeFrame): Uint8Array {
  const target = new Uint8Array(frame.remaining);
  frame.writeTo(target);
  return target;
}

const payload = pattern(300);
const long = pattern(BLOCK_BYTES * 2 + 5);
const korean = '한글 😀'.repeat(40_000);
const frames: [name: string, opcode: number, payload: ArrayLike<number>, write: () => Uint8Array][] = [
  ['bytes', 2, payload, () => staged(writeFrame(payload, STAGING, BINARY, true))],
  ['no bytes', 2, [], () => staged(writeFrame(new Uint8Array(0), STAGING, BINARY, true))],
  ['short ASCII', 1, encodeUtf8('hello'), () => staged(writeTextFrame('hello', STAGING, TEXT, true))],
  ['long ASCII', 1, encodeUtf8('x'.repeat(900)), () => staged(writeTextFrame('x'.repeat(900), STAGING, TEXT, true))],
  ['other text', 1, encodeUtf8('한글'), () => staged(writeTextFrame('한글', STAGING, TEXT, true))],
  ['a large frame of bytes', 2, long, () => whole(LargeFrame.ofBytes(long, BINARY, true))],
  ['a large frame of text', 1, encodeUtf8(korean), () => whole(LargeFrame.ofText(korean, TEXT, true))],
];

describe.each(frames)('a key for %s', (_, opcode, payload, write) => {
  it('is the key of the next frame, and of no other', () => {
    useKey(KEY);
    expect(isSame(write(), encodeFrame({ opcode, payload, key: KEY }))).toBe(true);
    expect(isSame(write(), encodeFrame({ opcode, payload, key: KEY }))).toBe(false);
  });

  it('is used wherever the pool ends', () => {
    for (let keys = 0; keys <= KEYS_BYTES / 4; keys += keys < 4 ? 1 : 1_023) {
      // To the end of the pool, and on.
      const first = nextKey();
      for (let at = first; nextKey() > at; ) at += 4;
      for (let i = 0; i < keys; i += 1) nextKey();
      useKey(KEY);
      expect(isSame(write(), encodeFrame({ opcode, payload, key: KEY })), `${keys} keys on`).toBe(true);
    }
  });
});

it('a large frame keeps its key until it is written, and others have theirs', () => {
  useKey(KEY);
  const frame = LargeFrame.ofBytes(long, BINARY, true);
  const other = staged(writeFrame(payload, STAGING, BINARY, true));
  expect(isSame(other, encodeFrame({ opcode: 2, payload, key: KEY }))).toBe(false);
  useKey(Uint8Array.of(1, 2, 3, 4));
  const third = staged(writeFrame(payload, STAGING, BINARY, true));
  expect(isSame(third, encodeFrame({ opcode: 2, payload, key: [1, 2, 3, 4] }))).toBe(true);
  expect(isSame(whole(frame), encodeFrame({ opcode: 2, payload: long, key: KEY }))).toBe(true);
});

it('the bytes of a key may be reused, and those behind the fourth mean nothing', () => {
  const key = Uint8Array.of(9, 8, 7, 6, 5);
  useKey(key);
  key.fill(0);
  const frame = staged(writeFrame(payload, STAGING, BINARY, true));
  expect(isSame(frame, encodeFrame({ opcode: 2, payload, key: [9, 8, 7, 6] }))).toBe(true);
});

it('a key of zeros leaves the payload as it is', () => {
  useKey(new Uint8Array(4));
  const frame = staged(writeFrame(payload, STAGING, BINARY, true));
  expect(isSame(frame.subarray(8), payload)).toBe(true);
});
