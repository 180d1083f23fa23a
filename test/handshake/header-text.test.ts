// The text of HTTP heads: a character for each byte, with the Buffer of the runtime and without one.

import { describe, expect, it, vi } from 'vitest';

const withBuffer = await import('../../src/handshake/header-text');
vi.stubGlobal('Buffer', undefined);
vi.resetModules();
const withoutBuffer = await import('../../src/handshake/header-text');
vi.unstubAllGlobals();

const ALL = Uint8Array.from({ length: 256 }, (_, byte) => byte);

describe.each([
  ['with Buffer', withBuffer],
  ['without', withoutBuffer],
])('latin1Text(), %s', (_, { latin1Text, latin1Bytes }) => {
  it('has a character for each byte, and back', () => {
    const text = latin1Text(ALL, 0, 256);
    expect([...text].map((character) => character.codePointAt(0))).toEqual([...ALL]);
    expect(latin1Bytes(text)).toEqual(ALL);
  });

  it('is of a range of a view, as far as there are bytes', () => {
    const view = new Uint8Array(ALL.buffer, 64, 8);
    for (let start = 0; start <= 10; start += 1) {
      for (let end = start; end <= 12; end += 1) {
        expect(latin1Text(view, start, end), `${start} to ${end}`).toBe('@ABCDEFG'.slice(start, end));
      }
    }
  });
});
