// The host's views of wasm memory, and the addresses of its regions. It knows places, not protocols, nor who holds them: that is
// shared.ts' business. Only src/codec/ touches wasm memory.

import { BLOCK_BYTES, WINDOW_BYTES } from '../../assembly/layout';
import { checkByteOrder } from '../runtime/byte-order';
import { core } from '../runtime/core';
import { isBun } from '../runtime/which';

/**
 * Behind a message that was read into its own buffer another one of its size may come: so much of that passes through the
 * window. (Receive 1 MiB binary: with the whole window half of each message would be copied once more.)
 */
const SHORT_WINDOW_BYTES = 65_536;

// Reading a WebAssembly.Global costs three times a memory read: once, here.
const TAPE = core.TAPE.value;
export const WINDOW = core.WINDOW.value;
export const STAGING = core.STAGING.value;
export const SCRATCH = core.SCRATCH.value;

/** The largest frame that STAGING has room for. */
export const MOST_STAGED_BYTES = BLOCK_BYTES;

/** All of the memory: it never grows, so its views never detach. */
export const bytes = new Uint8Array(core.memory.buffer as ArrayBuffer);
export const words = new Int32Array(bytes.buffer);

checkByteOrder(new Uint8Array(Uint16Array.of(1).buffer));

/** The `length` bytes at `at`, for those outside of codec/ who pass on what it wrote. */
export function written(at: number, length: number): Uint8Array<ArrayBuffer> {
  return bytes.subarray(at, at + length);
}

/** Whether these bytes are of wasm memory: then they begin at the address `byteOffset`. */
export function isOfMemory(part: Uint8Array): boolean {
  return part.buffer === bytes.buffer;
}

/**
 * Bun reads into memory of its own and copies into ours: 0.30 µs per KiB by 64 KiB, which stay in the cache, and 0.42 by 512.
 * Node.js and Deno read into ours, and the more at a time the better.
 */
const READ_BYTES = isBun ? SHORT_WINDOW_BYTES : WINDOW_BYTES;

/** The part that sockets read into, one for all connections: whoever is called with bytes in it takes them at once. */
export const window = bytes.subarray(WINDOW, WINDOW + READ_BYTES);
/** The beginning of the window, for a read that is to take little. */
export const shortWindow = bytes.subarray(WINDOW, WINDOW + SHORT_WINDOW_BYTES);
/** Its tape, as an index into `words`. */
export const windowTape = TAPE >> 2;

/** Writes a field of 64 bits; `value` is a whole number up to 2^53. */
export function writeUint64(at: number, value: number): void {
  words[at >> 2] = value;
  words[(at >> 2) + 1] = value / 2 ** 32;
}

/** Reads a field of 64 bits; above 2^53 it is rounded. */
export function readUint64(at: number): number {
  return (words[at >> 2]! >>> 0) + (words[(at >> 2) + 1]! >>> 0) * 2 ** 32;
}

/** The same to the last bit, where speed does not matter. */
export function readBigUint64(at: number): bigint {
  return BigInt(words[at >> 2]! >>> 0) | (BigInt(words[(at >> 2) + 1]! >>> 0) << 32n);
}
