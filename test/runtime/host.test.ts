// What programs replace, and tests stub: URLs, text and random bytes come past the globals (runtime/host.ts), whether those are
// missing or do nothing. That they may be so when the package is imported, `npm run hosts` shows.

import { afterEach, describe, expect, it, vi } from 'vitest';
import { CONNECTION_FAULTS } from '../../src/base/faults';
import { base64, newUrl, ofRuntime } from '../../src/runtime/host';
import { fillRandom } from '../../src/runtime/random';
import { decodeUtf8, encodeUtf8, encodeUtf8Alone, encodeUtf8Into } from '../../src/runtime/strings';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
  vi.doUnmock('#host');
});

const NAMES = ['URL', 'TextEncoder', 'TextDecoder', 'btoa', 'crypto', 'performance'] as const;

describe.each([
  ['missing', undefined],
  ['a stand-in', class StandIn {}],
])('a global that is %s', (_, value) => {
  it('is missed by nobody', () => {
    for (const name of NAMES) vi.stubGlobal(name, value);
    expect([...encodeUtf8('é')]).toEqual([0xc3, 0xa9]);
    expect(encodeUtf8Alone('é한').buffer.byteLength).toBe(5);
    expect(encodeUtf8Into('é', new Uint8Array(2))).toBe(2);
    expect(decodeUtf8(new Uint8Array([0xc3, 0xa9]))).toBe('é');
    expect(newUrl('b?c', 'ws://example.org/a').href).toBe('ws://example.org/b?c');
    expect(() => newUrl('no URL')).toThrow(TypeError);
    expect(base64(Uint8Array.of(0xff, 0xfe))).toBe('//4=');
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
