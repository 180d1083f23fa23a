// What programs replace, and tests stub: URLs, text and random bytes come past the globals (runtime/host.ts), whether they are
// missing or do nothing.

import { afterEach, describe, expect, it, vi } from 'vitest';
import { CONNECTION_FAULTS } from '../../src/base/faults';
import { newUrl, ofRuntime } from '../../src/runtime/host';
import { fillRandom } from '../../src/runtime/random';
import { decodeUtf8, encodeUtf8, encodeUtf8Alone, encodeUtf8Into } from '../../src/runtime/strings';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
  vi.doUnmock('#host');
});

const NAMES = ['URL', 'TextEncoder', 'TextDecoder', 'crypto', 'performance'] as const;

describe.each([
  ['missing', undefined],
  ['a stand-in', class StandIn {}],
])('a global that is %s', (_, value) => {
  it('is missed by nobody', async () => {
    for (const name of NAMES) vi.stubGlobal(name, value);
    // As it is, and evaluated again.
    vi.resetModules();
    const strings = await import('../../src/runtime/strings');
    const host = await import('../../src/runtime/host');
    for (const { encode, alone, into, decode, url } of [
      { encode: encodeUtf8, alone: encodeUtf8Alone, into: encodeUtf8Into, decode: decodeUtf8, url: newUrl },
      {
        encode: strings.encodeUtf8,
        alone: strings.encodeUtf8Alone,
        into: strings.encodeUtf8Into,
        decode: strings.decodeUtf8,
        url: host.newUrl,
      },
    ]) {
      expect([...encode('é')]).toEqual([0xc3, 0xa9]);
      expect(alone('é한').buffer.byteLength).toBe(5);
      expect(into('é', new Uint8Array(2))).toBe(2);
      expect(decode(new Uint8Array([0xc3, 0xa9]))).toBe('é');
      expect(url('b?c', 'ws://example.org/a').href).toBe('ws://example.org/b?c');
      expect(() => url('no URL')).toThrow(TypeError);
    }
    const bytes = new Uint8Array(64);
    fillRandom(bytes);
    expect(bytes.some((byte) => byte !== 0)).toBe(true);
  });
});

it('what a runtime has not is an error with a sentence, when it is needed', async () => {
  vi.resetModules();
  vi.doMock('#host', () => ({ host: {} }));
  const { newUrl: make, ofRuntime: of } = await import('../../src/runtime/host');
  const unsupported = expect.objectContaining({ code: CONNECTION_FAULTS.unsupported.code });
  expect(() => of('crypto')).toThrow(unsupported);
  expect(() => make('ws://example.org')).toThrow(/it has no URL/);
  expect(typeof ofRuntime('TextEncoder')).toBe('function');
});
