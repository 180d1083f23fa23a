// What tests say about the buffers behind messages: how large one may be, and a runtime that has no large ones.

import { vi } from 'vitest';

/** The largest buffer that may be kept alive by a message of `length` bytes: a slab for small ones, its own for others. */
export function mostKept(length: number): number {
  if (length <= 512) return 16_384;
  return length <= 16_384 ? 65_536 : length;
}

/**
 * A runtime whose largest buffer is `most` bytes, until the mocks are restored: to break the limits of a real one takes more
 * memory than a test has.
 */
export function limitBuffers(most: number): void {
  const { allocUnsafeSlow } = Buffer;
  vi.spyOn(Buffer, 'allocUnsafeSlow').mockImplementation((size) => {
    if (size > most) throw new RangeError('Array buffer allocation failed');
    return allocUnsafeSlow(size);
  });
}
