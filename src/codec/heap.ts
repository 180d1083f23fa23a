// Memory for what a receiver may keep. Copies of up to 16 KiB are cut from slabs, as Node's Buffer does with smaller ones: an
// ArrayBuffer of its own costs 1 KiB of payload about 1 µs, and 16 KiB about 1.3. It does not know where bytes come from.

import type { Bytes } from '../base/bytes';
import { adaptAllocator, remindCollector } from '../runtime/allocator';
import { RuntimeBuffer } from '../runtime/strings';

/** V8 holds typed arrays up to this size on its own heap: no ArrayBuffer at all, and nothing else is kept with them. */
const ON_HEAP_BYTES = 64;

/**
 * The class of Node's Buffers, which its own `slice` makes them with: `new Buffer` would warn. They cost as much as any other
 * typed array (16 bytes copied to V8's heap: 105 ns, and 161 by Buffer.from).
 */
const NodeBuffer = (
  RuntimeBuffer as unknown as {
    readonly [Symbol.species]: new (source: ArrayBuffer | Bytes, byteOffset?: number, length?: number) => Bytes;
  }
)?.[Symbol.species];

/** Cuts parts from one ArrayBuffer after the other. */
class Slab {
  private buffer = new ArrayBuffer(0);
  private used = 0;

  /** @param size of each ArrayBuffer: whoever keeps a part keeps all of it */
  constructor(private readonly size: number) {}

  cut(length: number): Bytes {
    const at = this.reserve(length);
    return new Uint8Array(this.buffer, at, length);
  }

  cutBuffer(length: number): Bytes {
    const at = this.reserve(length);
    return new NodeBuffer(this.buffer, at, length);
  }

  private reserve(length: number): number {
    if (this.used + length > this.buffer.byteLength) {
      this.buffer = allocate(this.size).buffer;
      this.used = 0;
    }
    const at = this.used;
    // Aligned, so that a receiver may put a Float64Array over it.
    this.used += (length + 7) & ~7;
    return at;
  }
}

/**
 * The largest part of each slab. Whoever keeps a small message keeps 16 KiB, no more; a medium one, 64 KiB. (1 KiB costs 236 ns
 * from the small slab, 202 from the other.)
 */
export const SMALL_BYTES = 512;
const MEDIUM_BYTES = 16_384;
const small = new Slab(16_384);
const medium = new Slab(65_536);

/** A copy of the bytes from `start` to `end`. */
export function copyOf(source: Bytes, start: number, end: number): Bytes {
  const length = end - start;
  if (length <= ON_HEAP_BYTES) return source.slice(start, end);
  const copy =
    length <= SMALL_BYTES ? small.cut(length) : length <= MEDIUM_BYTES ? medium.cut(length) : allocate(length);
  copy.set(source.subarray(start, end));
  return copy;
}

/**
 * The same of what is passed on and forgotten: the C library is not told to keep memory for it, which would be up to 64 MiB beside
 * what the garbage collector has not freed yet.
 */
export function passingCopyOf(source: Bytes, start: number, end: number): Bytes {
  const length = end - start;
  if (length <= MEDIUM_BYTES) return copyOf(source, start, end);
  remindCollector(length);
  const copy = unadapted(length);
  copy.set(source.subarray(start, end));
  return copy;
}

/** A copy of what was fed, whatever its class: a Buffer's own `slice` would be a view. */
export function copyOfChunk(bytes: Uint8Array, start: number, end: number): Bytes {
  return new Uint8Array(bytes.subarray(start, end));
}

/** The same as `copyOf`, as a Buffer of Node. */
export function bufferCopyOf(source: Bytes, start: number, end: number): Bytes {
  const length = end - start;
  if (length <= ON_HEAP_BYTES) return new NodeBuffer(source.subarray(start, end));
  const copy =
    length <= SMALL_BYTES
      ? small.cutBuffer(length)
      : length <= MEDIUM_BYTES
        ? medium.cutBuffer(length)
        : bufferOver(allocate(length));
  copy.set(source.subarray(start, end));
  return copy;
}

/** The same bytes, not copied, as a Buffer of Node. */
export function bufferOver(bytes: Bytes): Bytes {
  return bufferAt(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** A Buffer of Node over a part of an ArrayBuffer. */
export function bufferAt(buffer: ArrayBuffer, byteOffset: number, length: number): Bytes {
  return new NodeBuffer(buffer, byteOffset, length);
}

/** Place for the copies of several messages, each of them small or each of them medium. */
export function cutRun(length: number, isSmall: boolean): Bytes {
  return (isSmall ? small : medium).cut(length);
}

/** So many bytes in an ArrayBuffer of their own, and of no meaning: whoever hands them on has written all of them. */
export function allocate(length: number): Bytes {
  adaptAllocator(length);
  remindCollector(length);
  return unadapted(length);
}

function unadapted(length: number): Bytes {
  if (RuntimeBuffer === undefined) return new Uint8Array(length);
  return new Uint8Array(RuntimeBuffer.allocUnsafeSlow(length).buffer as ArrayBuffer);
}
