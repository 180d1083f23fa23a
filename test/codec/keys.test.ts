// A masking key that is given for a frame is the key of that frame and of no other, wherever the pool of keys ends; and keys of
// the pool are used once.

import { describe, expect, it } from 'vitest';
import { BLOCK_BYTES, FIN_BIT, KEYS_BYTES, OP_BINARY, OP_TEXT } from '../../assembly/layout';
import { LargeFrame, writeFrame, writeTextFrame } from '../../src/codec/encoder';
import { STAGING, written } from '../../src/codec/memory';
import { keyAt, nextKey, refillKeys } from '../../src/codec/shared';
import { isSame, pattern } from '../support/decoders';
import { words } from '../support/memory';
import { encodeFrame, encodeUtf8 } from '../support/reference';

const KEY = Uint8Array.of(0xde, 0xad, 0xbe, 0xef);
const BINARY = OP_BINARY | FIN_BIT;
const TEXT = OP_TEXT | FIN_BIT;

const numberOf = (key: Uint8Array): number => new Int32Array(key.slice(0, 4).buffer)[0]!;
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
const bytes = (payload: Uint8Array, key: number): Uint8Array =>
  staged(writeFrame(payload, payload.length, STAGING, BINARY, key));
const text = (text: string, key: number): Uint8Array => staged(writeTextFrame(text, STAGING, TEXT, key));

const frames: [name: string, opcode: number, payload: ArrayLike<number>, write: (key: number) => Uint8Array][] = [
  ['bytes', 2, payload, (key) => bytes(payload, key)],
  ['no bytes', 2, [], (key) => bytes(new Uint8Array(0), key)],
  ['short ASCII', 1, encodeUtf8('hello'), (key) => text('hello', key)],
  ['long ASCII', 1, encodeUtf8('x'.repeat(900)), (key) => text('x'.repeat(900), key)],
  ['other text', 1, encodeUtf8('한글'), (key) => text('한글', key)],
  ['a large frame of bytes', 2, long, (key) => whole(LargeFrame.ofBytes(long, BINARY, key))],
  ['a large frame of text', 1, encodeUtf8(korean), (key) => whole(LargeFrame.ofText(korean, TEXT, key))],
];

describe.each(frames)('a key for %s', (_, opcode, payload, write) => {
  it('is the key of the next frame, and of no other', () => {
    expect(isSame(write(keyAt(numberOf(KEY))), encodeFrame({ opcode, payload, key: KEY }))).toBe(true);
    expect(isSame(write(nextKey()), encodeFrame({ opcode, payload, key: KEY }))).toBe(false);
  });

  it('is used wherever the pool ends', () => {
    for (let keys = 0; keys <= KEYS_BYTES / 4; keys += keys < 4 ? 1 : 1_023) {
      while (!refillKeys()) nextKey();
      for (let i = 0; i < keys; i += 1) nextKey();
      expect(isSame(write(keyAt(numberOf(KEY))), encodeFrame({ opcode, payload, key: KEY })), `${keys} on`).toBe(true);
    }
  });

  it('of the pool is the one that the frame has', () => {
    const at = nextKey();
    const key = new Uint8Array(Int32Array.of(words[at >> 2]!).buffer);
    expect(isSame(write(at), encodeFrame({ opcode, payload, key }))).toBe(true);
  });

  it('0: is not masked', () => {
    expect(isSame(write(0), encodeFrame({ opcode, payload }))).toBe(true);
  });
});

it('each key of the pool comes once, and the pool is made anew behind the last', () => {
  const seen = new Set<number>();
  while (!refillKeys()) nextKey();
  const most = KEYS_BYTES / 4 - 1;
  for (let i = 0; i < most; i += 1) seen.add(nextKey());
  expect(seen.size).toBe(most);
  expect(refillKeys()).toBe(true);
  expect(refillKeys()).toBe(false);
});

it('a large frame keeps its key until it is written, and others have theirs', () => {
  const frame = LargeFrame.ofBytes(long, BINARY, keyAt(numberOf(KEY)));
  expect(isSame(bytes(payload, nextKey()), encodeFrame({ opcode: 2, payload, key: KEY }))).toBe(false);
  const third = bytes(payload, keyAt(numberOf(Uint8Array.of(1, 2, 3, 4))));
  expect(isSame(third, encodeFrame({ opcode: 2, payload, key: [1, 2, 3, 4] }))).toBe(true);
  expect(isSame(whole(frame), encodeFrame({ opcode: 2, payload: long, key: KEY }))).toBe(true);
});

it('a key of zeros leaves the payload as it is', () => {
  expect(isSame(bytes(payload, keyAt(0)).subarray(8), payload)).toBe(true);
});
