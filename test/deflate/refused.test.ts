// A zlib that cannot be called synchronously, where nothing stands in for it: a runtime that lends Node's modules, and lends them
// otherwise.

import { expect, it, vi } from 'vitest';

const stream = (): object => ({ close: () => {} });

vi.mock('../../src/runtime/zlib-node', () => ({ zlib: { createDeflateRaw: stream, createInflateRaw: stream } }));
vi.mock('../../src/deflate/stand-in', () => ({ standIn: undefined }));

const { openZlib } = await import('../../src/deflate/zlib');

it('says so where a stream is asked for', () => {
  for (const kind of ['deflate', 'inflate'] as const) {
    expect(() => openZlib(kind, { windowBits: 15 })).toThrow('its zlib cannot be called synchronously');
  }
});
