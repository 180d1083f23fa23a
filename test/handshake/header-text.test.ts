// The text of HTTP heads: a character for each byte.

import { expect, it } from 'vitest';
import { latin1Bytes, latin1Text } from '../../src/handshake/header-text';

const ALL = Uint8Array.from({ length: 256 }, (_, byte) => byte);

it('latin1Text() has a character for each byte, and latin1Bytes() the byte', () => {
  const text = latin1Text(ALL, 0, 256);
  expect([...text].map((character) => character.codePointAt(0))).toEqual([...ALL]);
  expect(latin1Bytes(text)).toEqual(ALL);
});

it('latin1Text() is of a range of a view, as far as there are bytes', () => {
  const view = new Uint8Array(ALL.buffer, 64, 8);
  for (let start = 0; start <= 10; start += 1) {
    for (let end = start; end <= 12; end += 1) {
      expect(latin1Text(view, start, end), `${start} to ${end}`).toBe('@ABCDEFG'.slice(start, end));
    }
  }
});
