// Strings of bytes by the classes of the Web, for runtimes without Node's Buffer: they are to tell what the Buffer's methods
// tell.

import fc from 'fast-check';
import { afterAll, describe, expect, it, vi } from 'vitest';

vi.stubGlobal('Buffer', undefined);
const web = await import('../../src/runtime/strings');
vi.unstubAllGlobals();
vi.resetModules();
const node = await import('../../src/runtime/strings');
afterAll(() => vi.resetModules());

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) }),
);

describe('without a Buffer', () => {
  it('there is none', () => {
    expect(web.RuntimeBuffer).toBeUndefined();
    expect(node.RuntimeBuffer).toBe(Buffer);
  });

  it('the length of a text as UTF-8 is the same, lone surrogates included', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(web.utf8Length(text)).toBe(node.utf8Length(text));
      }),
    );
  });

  it('its UTF-8 is the same, there and back', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const bytes = web.encodeUtf8(text);
        expect([...bytes]).toEqual([...node.encodeUtf8(text)]);
        expect(web.decodeUtf8(bytes)).toBe(Buffer.from(text).toString());
      }),
    );
  });

  it('UTF-16 is written and read as it is, a BOM included', () => {
    const valid = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(valid, fc.nat(10), (text, at) => {
        const [one, other] = [new Uint8Array(text.length * 2 + 20), new Uint8Array(text.length * 2 + 20)];
        const end = at * 2 + text.length * 2;
        web.stringBytes(one).ucs2Write(text, at * 2);
        node.stringBytes(other).ucs2Write(text, at * 2);
        expect(one).toEqual(other);
        expect(web.stringBytes(one).ucs2Slice(at * 2, end)).toBe(text);
      }),
    );
    const bytes = Uint8Array.of(0xff, 0xfe, 0x61, 0);
    expect(web.stringBytes(bytes).ucs2Slice(0, 4)).toBe('\ufeffa');
  });

  it('ASCII is written and read as it is, and any other byte is one character', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const bytes = new Uint8Array(text.length + 5);
        expect(web.stringBytes(bytes).latin1Write(text, 5)).toBe(text.length);
        expect(web.stringBytes(bytes).latin1Slice(5, 5 + text.length)).toBe(text);
      }),
    );
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    expect(web.stringBytes(all).latin1Slice(0, 256)).toHaveLength(256);
  });
});
