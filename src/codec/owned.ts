// Copies of received bytes that their receiver may keep. Small ones are cut from a shared slab, as Node's Buffer does: an
// ArrayBuffer of its own would cost 1 KiB of payload about 1 µs.

import type { Bytes } from '../binary';

/** Whoever keeps a small message keeps a slab: not more than this. */
const SLAB_BYTES = 16_384;
/** Larger copies have an ArrayBuffer of their own. */
const SLAB_SHARE = 2_048;
/** V8 holds typed arrays up to this size on its own heap: no ArrayBuffer at all, and nothing else is kept with them. */
const ON_HEAP_BYTES = 64;

let slab = new ArrayBuffer(SLAB_BYTES);
let slabUsed = 0;

/** A copy of the bytes from `start` to `end`. */
export function copyOf(source: Bytes, start: number, end: number): Bytes {
  const length = end - start;
  if (length <= ON_HEAP_BYTES || length > SLAB_SHARE) return source.slice(start, end);
  if (slabUsed + length > SLAB_BYTES) {
    slab = new ArrayBuffer(SLAB_BYTES);
    slabUsed = 0;
  }
  const copy = new Uint8Array(slab, slabUsed, length);
  copy.set(source.subarray(start, end));
  // Aligned, so that a receiver may put a Float64Array over it.
  slabUsed += (length + 7) & ~7;
  return copy;
}
