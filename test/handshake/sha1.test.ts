// SHA-1 against the vectors of its standard and against node:crypto.

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sha1 } from '../../src/handshake/sha1';

const hexadecimal = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('sha1', () => {
  it.each([
    ['', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
    ['abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '84983e441c3bd26ebaae4aa1f95129e5e54670f1'],
  ])('hashes %j as FIPS 180 says', (message, digest) => {
    expect(hexadecimal(sha1(Buffer.from(message)))).toBe(digest);
  });

  it('agrees with node:crypto at every length from 0 to 200, across the ends of blocks', () => {
    for (let length = 0; length <= 200; length += 1) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 167 + length * 31) & 0xff);
      expect(hexadecimal(sha1(bytes)), `length ${length}`).toBe(createHash('sha1').update(bytes).digest('hex'));
    }
  });

  it('hashes a view, not the buffer behind it', () => {
    const view = Buffer.from('xxabcxx').subarray(2, 5);
    expect(hexadecimal(sha1(view))).toBe('a9993e364706816aba3e25717850c26c9cd0d89d');
  });
});
