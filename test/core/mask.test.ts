// Masking (RFC 6455 §5.3) at the level of core.wasm: "octet i of the transformed data is the XOR of octet i of the original
// data with octet at index i modulo 4 of the masking key", at every length and offset, in one piece and in slices.

import { describe, expect, it } from 'vitest';
import { SLACK_BYTES, WINDOW } from '../../assembly/layout';
import { loadCore } from '../support/core';

const { core, bytes } = loadCore();

const KEYS = [
  [0x37, 0xfa, 0x21, 0x3d],
  [0x00, 0x00, 0x00, 0x00],
  [0xff, 0xff, 0xff, 0xff],
  [0x80, 0x01, 0xfe, 0x7f],
];

function masked(payload: ArrayLike<number>, key: readonly number[]): number[] {
  return Array.from(payload, (byte, index) => byte ^ key[index % 4]!);
}

/** The key as `mask` takes it: the bytes in the order of memory, so the first is the lowest. */
const wordOf = (key: readonly number[]): number => new Uint32Array(Uint8Array.from(key).buffer)[0]!;

/** The key as the byte behind `length` masked ones needs it. */
const rotated = (key: readonly number[], length: number): number =>
  wordOf([0, 1, 2, 3].map((index) => key[(index + length) % 4]!));

const payload = Uint8Array.from({ length: 400 }, (_, index) => (index * 151 + (index >> 3)) & 0xff);

describe.each(KEYS)('with the key %i, %i, %i, %i, mask', (...key) => {
  it('agrees with the definition at every length 0–300 and every offset 0–15, and touches nothing else', () => {
    for (let length = 0; length <= 300; length += 1) {
      for (let offset = 0; offset < 16; offset += 1) {
        const start = WINDOW + SLACK_BYTES + offset;
        bytes.set(payload, start - 32);
        const next = core.mask(start, length, wordOf(key)) >>> 0;
        const expected = payload.slice();
        expected.set(masked(payload.subarray(32, 32 + length), key), 32);
        if (Buffer.compare(bytes.subarray(start - 32, start - 32 + payload.length), expected) !== 0) {
          expect.fail(`length ${length}, offset ${offset}: other bytes than by the definition`);
        }
        expect(next, `the key behind length ${length}`).toBe(rotated(key, length));
      }
    }
  });

  it('gives the same in two slices, cut anywhere', () => {
    const whole = masked(payload.subarray(0, 200), key);
    for (let cut = 0; cut <= 200; cut += 1) {
      bytes.set(payload, WINDOW);
      const next = core.mask(WINDOW, cut, wordOf(key));
      core.mask(WINDOW + cut, 200 - cut, next);
      expect([...bytes.subarray(WINDOW, WINDOW + 200)], `cut at ${cut}`).toEqual(whole);
    }
  });

  it('gives the same in slices of every size, and twice is the original', () => {
    const whole = masked(payload, key);
    for (let size = 1; size <= 70; size += 1) {
      for (const expected of [whole, [...payload]]) {
        if (expected === whole) bytes.set(payload, WINDOW);
        let next = wordOf(key);
        for (let at = 0; at < payload.length; at += size) {
          next = core.mask(WINDOW + at, Math.min(size, payload.length - at), next);
        }
        expect([...bytes.subarray(WINDOW, WINDOW + payload.length)], `slices of ${size}`).toEqual(expected);
      }
    }
  });
});
