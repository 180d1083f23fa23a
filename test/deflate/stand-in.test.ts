// Where what is behind the streams of zlib does not work, what stands in for it is opened (src/deflate/zlib.ts), and each reads
// what the other wrote.

import { expect, it, vi } from 'vitest';

vi.mock('../../src/deflate/probe', () => ({ handlesWork: () => false }));

const { openZlib, Z_SYNC_FLUSH } = await import('../../src/deflate/zlib');
const { SyncDeflate } = await import('../../src/deflate/sync-deflate');
const { Inflater } = await import('../../src/deflate/inflater');

it('is opened for both directions, and what one makes the other reads', () => {
  const deflate = openZlib('deflate', { windowBits: 15 });
  const inflate = openZlib('inflate', { windowBits: 15 });
  expect(deflate).toBeInstanceOf(SyncDeflate);
  expect(inflate).toBeInstanceOf(Inflater);
  const text = Buffer.from('what stands in for the streams of zlib, what stands in');
  const room = new Uint8Array(1_000);
  const read = new Uint8Array(1_000);
  expect(deflate.run(Z_SYNC_FLUSH, text, 0, text.length, room, 0, room.length)).toBe(text.length);
  inflate.run(Z_SYNC_FLUSH, room, 0, deflate.made, read, 0, read.length);
  expect(Buffer.from(read.subarray(0, inflate.made)).toString()).toBe(text.toString());
  deflate.close();
  inflate.close();
});
