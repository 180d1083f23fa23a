// Text that is written by the runtime's own encoder, as on Deno and, beyond some length, on Bun: the frames are those of the
// core.

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Encoder as PublicEncoder } from '../../src/framing/encoder';
import { ReferenceDecoder } from '../support/reference';

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 600 }),
  fc.string({ maxLength: 600 }),
  fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)), maxLength: 300 }),
);

describe.each(['Deno', 'Bun'])('on %s', (runtime) => {
  let Encoder: typeof PublicEncoder;

  beforeEach(async () => {
    vi.resetModules();
    vi.stubGlobal(runtime, {});
    ({ Encoder } = await import('../../src/framing/encoder'));
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  const sizes = [125, 126, 127, 0xffff, 0x10000, 200_000];

  function check(role: 'client' | 'server', text: string): void {
    const reference = new ReferenceDecoder(role === 'client' ? 'server' : 'client');
    reference.feed(new Encoder({ role }).text(text));
    expect(reference.log).toEqual([`text ${JSON.stringify(Buffer.from(text).toString())}`]);
  }

  it.each(['client', 'server'] as const)('a text of any kind in a frame of a %s', (role) => {
    fc.assert(fc.property(anyText, (text) => check(role, text)));
  });

  it.each(sizes)(
    'texts of about %i bytes: the header may be longer than a byte for each unit would make it',
    (size) => {
      for (const unit of ['x', 'é', '한', '😀', 'xxxxxxxé']) {
        const text = unit.repeat(Math.ceil(size / Buffer.byteLength(unit)));
        for (const cut of [text, text.slice(0, -1), text.slice(0, Math.ceil(text.length / 3))]) check('client', cut);
      }
    },
  );
});
