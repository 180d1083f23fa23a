// The one core of this thread, and the host's views of its memory, made when the first connection needs them: importing reserves
// nothing. It knows places, not protocols, nor who holds them: that is shared.ts' business. Only src/codec/ touches this memory.

import { BLOCK_BYTES, STAGING, WINDOW, WINDOW_BYTES } from '../../assembly/layout';
import type { Bytes } from '../base/bytes';
import { checkByteOrder } from '../runtime/byte-order';
import { type Core, makeCore } from '../runtime/core';
import { type StringBytes, stringBytes } from '../runtime/strings';
import { isBun } from '../runtime/which';

/**
 * Behind a message that was read into its own buffer another one of its size may come: so much of that passes through the
 * window. (Receive 1 MiB binary: with the whole window half of each message would be copied once more.)
 */
const SHORT_WINDOW_BYTES = 65_536;

/**
 * Bun reads into memory of its own and copies into ours: 0.30 µs per KiB by 64 KiB, which stay in the cache, and 0.42 by 512.
 * Node.js and Deno read into ours, and the more at a time the better.
 */
const READ_BYTES = isBun ? SHORT_WINDOW_BYTES : WINDOW_BYTES;

/** Where a frame may be written that is copied from there at once, and the largest that there is room for. */
export { STAGING };
export const MOST_STAGED_BYTES = BLOCK_BYTES;

interface Views {
  /** All of the memory: it never grows, so its views never detach. */
  readonly bytes: Bytes;
  readonly words: Int32Array;
  /** The strings in it. */
  readonly strings: StringBytes;
  /** The part that sockets read into, one for all connections: whoever is called with bytes in it takes them at once. */
  readonly window: Bytes;
  /** The beginning of the window, for a read that is to take little. */
  readonly shortWindow: Bytes;
}

/**
 * The core's functions and views: there is nothing in it before `requireCore`. Each property is added once, so that compilers take
 * them for constants; as variables of this file, which other files read, they would not.
 */
export const core = {} as Omit<Core, 'memory'> & Views;

let isMade = false;

/**
 * To be called by whatever uses the core, where it begins, not for each message. Throws WS_ERR_UNSUPPORTED if there can be no core,
 * and tries again when it is called again; an Error on a big-endian host.
 */
export function requireCore(): void {
  if (isMade) return;
  checkByteOrder(new Uint8Array(Uint16Array.of(1).buffer));
  const { memory, ...functions } = makeCore();
  const bytes = new Uint8Array(memory.buffer);
  const views: Views = {
    bytes,
    words: new Int32Array(memory.buffer),
    strings: stringBytes(bytes),
    window: bytes.subarray(WINDOW, WINDOW + READ_BYTES),
    shortWindow: bytes.subarray(WINDOW, WINDOW + SHORT_WINDOW_BYTES),
  };
  Object.assign(core, functions, views);
  isMade = true;
}

/** The `length` bytes at `at`, for those outside of codec/ who pass on what it wrote. */
export function written(at: number, length: number): Bytes {
  return core.bytes.subarray(at, at + length);
}

/** Whether these bytes are of the core's memory: then they begin at the address `byteOffset`. */
export function isOfMemory(part: Uint8Array): boolean {
  return part.buffer === core.bytes?.buffer;
}

/** Writes a field of 64 bits; `value` is a whole number up to 2^53. */
export function writeUint64(at: number, value: number): void {
  core.words[at >> 2] = value;
  core.words[(at >> 2) + 1] = value / 2 ** 32;
}

/** Reads a field of 64 bits; above 2^53 it is rounded. */
export function readUint64(at: number): number {
  const { words } = core;
  return (words[at >> 2]! >>> 0) + (words[(at >> 2) + 1]! >>> 0) * 2 ** 32;
}

/** The same to the last bit, where speed does not matter. */
export function readBigUint64(at: number): bigint {
  const { words } = core;
  return BigInt(words[at >> 2]! >>> 0) | (BigInt(words[(at >> 2) + 1]! >>> 0) << 32n);
}
