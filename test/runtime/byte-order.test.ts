// A host of the other byte order is refused at once: all numbers that it shares with the core would be wrong.

import { expect, it } from 'vitest';
import { checkByteOrder } from '../../src/runtime/byte-order';

it('is that of the core on this host', () => {
  expect(() => checkByteOrder(new Uint8Array(Uint16Array.of(1).buffer))).not.toThrow();
});

it('is refused where it is the other one, in a sentence', () => {
  expect(() => checkByteOrder(Uint8Array.of(0, 1))).toThrow(/little-endian/);
});
