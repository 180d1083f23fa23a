// Where a runtime has no zlib, as workerd without Node's modules and pages of browsers: what asks for compression says so, and
// what only offers it by default does not offer it.

import { describe, expect, it, vi } from 'vitest';

vi.mock('../../src/runtime/zlib-node', () => ({ zlib: undefined }));

const { offersOf } = await import('../../src/options/per-message-deflate');
const { Encoder } = await import('../../src/framing/encoder');
const { Decoder } = await import('../../src/framing/decoder');
const { settle } = await import('../../src/web/options');

const sentence = (name: string): string => `${name} needs a zlib, which this runtime has not`;

describe('without a zlib', () => {
  it('perMessageDeflate says so where it is set', () => {
    expect(offersOf(false, 'perMessageDeflate')).toBeUndefined();
    for (const setting of [true, {}, [{}]]) {
      expect(() => offersOf(setting, 'perMessageDeflate')).toThrow(sentence('perMessageDeflate'));
    }
  });

  it('so does wsimd/framing', () => {
    const name = 'The option "perMessageDeflate"';
    expect(() => new Encoder({ role: 'client', perMessageDeflate: true })).toThrow(sentence(name));
    expect(() => new Decoder({ role: 'client', perMessageDeflate: {} })).toThrow(sentence(name));
    expect(new Encoder({ role: 'server' }).text('a')).toEqual(Uint8Array.of(0x81, 1, 0x61));
  });

  it('wsimd/web does not offer it, and says so if it is told to', () => {
    expect(settle(undefined).offers).toBeUndefined();
    expect(() => settle({ perMessageDeflate: true })).toThrow(sentence('perMessageDeflate'));
  });
});

describe('the zlib that is lent', () => {
  it('is that of the runtime, where it has one', async () => {
    const { zlib } = await import('../../src/runtime/zlib-lent');
    expect(zlib).toBe(process.getBuiltinModule('node:zlib'));
    vi.resetModules();
    const { getBuiltinModule } = process;
    Reflect.set(process, 'getBuiltinModule', undefined);
    const without = await import('../../src/runtime/zlib-lent').finally(() => {
      process.getBuiltinModule = getBuiltinModule;
    });
    expect(without.zlib).toBeUndefined();
  });
});
