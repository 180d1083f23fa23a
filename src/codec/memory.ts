// The host's views of wasm memory, and who may use which part of it: records for decoders, windows for feeds, blocks for
// sends, keys for frames. It knows addresses, not protocols. Only src/codec/ touches wasm memory.

import {
  BLOCK_BYTES,
  BLOCKS,
  HEADROOM_BYTES,
  KEYS_BYTES,
  NESTED_LEVELS,
  NESTED_WINDOW_BYTES,
  RECORD_BYTES,
  RECORDS,
  SLACK_BYTES,
  WINDOW_BYTES,
} from '../../assembly/layout';
import { core } from '../core';
import { fillRandom } from '../entropy';
import { CONNECTION_FAULTS, WsimdError } from '../faults';

/**
 * Behind a message that was read into its own buffer another one of its size may come: so much of that passes through the
 * window. (Receive 1 MiB binary: with the whole window half of each message would be copied once more.)
 */
const SHORT_WINDOW_BYTES = 65_536;

// Reading a WebAssembly.Global costs three times a memory read: once, here.
const TAPE = core.TAPE.value;
const NESTED_WINDOWS = core.NESTED_WINDOWS.value;
const NESTED_TAPES = core.NESTED_TAPES.value;
const SEND_BLOCKS = core.SEND_BLOCKS.value;
const KEYS = core.KEYS.value;
const CONNECTION_RECORDS = core.CONNECTION_RECORDS.value;
export const WINDOW = core.WINDOW.value;
export const STAGING = core.STAGING.value;
export const INFLATED = core.INFLATED.value;
export const SCRATCH = core.SCRATCH.value;

/** All of the memory: it never grows, so its views never detach. */
export const bytes = new Uint8Array(core.memory.buffer as ArrayBuffer);
export const words = new Int32Array(bytes.buffer);

/** The `length` bytes at `at`, for those outside of codec/ who pass on what it wrote. */
export function written(at: number, length: number): Uint8Array<ArrayBuffer> {
  return bytes.subarray(at, at + length);
}

/**
 * Bun reads into memory of its own and copies into ours: 0.30 µs per KiB by 64 KiB, which stay in the cache, and 0.42 by 512. Node.js
 * and Deno read into ours, and the more at a time the better.
 */
const READ_BYTES = 'Bun' in globalThis ? SHORT_WINDOW_BYTES : WINDOW_BYTES;

/** The part that transports read into, one for all connections: whoever is called with bytes in it takes them at once. */
export const window = bytes.subarray(WINDOW, WINDOW + READ_BYTES);
/** The beginning of the window, for a read that is to take little. */
export const shortWindow = bytes.subarray(WINDOW, WINDOW + SHORT_WINDOW_BYTES);
/** Its tape, as an index into `words`. */
export const windowTape = TAPE >> 2;

// Records.

const freeRecords: number[] = [];
let usedRecords = 0;

/** Leases a zeroed record; returns its address. Throws WS_ERR_TOO_MANY_CONNECTIONS. */
export function leaseRecord(): number {
  let record = freeRecords.pop();
  if (record === undefined) {
    if (usedRecords === RECORDS) throw new WsimdError(CONNECTION_FAULTS.tooManyConnections);
    record = CONNECTION_RECORDS + usedRecords * RECORD_BYTES;
    usedRecords += 1;
  }
  bytes.fill(0, record, record + RECORD_BYTES);
  return record;
}

export function releaseRecord(record: number): void {
  freeRecords.push(record);
}

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

// Windows for bytes that are copied in. A handler may feed another decoder while a tape is being read; that feed uses the
// next level, so it never overwrites what is still unread.

export interface Level {
  readonly window: number;
  /** Index into `words`. */
  readonly tape: number;
}

/** The smallest frame has two bytes, a fault may follow; an event has two words. */
const LEVEL_TAPE_WORDS = (NESTED_WINDOW_BYTES / 2 + 2) * 2;
const LEVEL_STRIDE = HEADROOM_BYTES + NESTED_WINDOW_BYTES + SLACK_BYTES;

const levels: Level[] = Array.from({ length: NESTED_LEVELS }, (_, level) => ({
  window: NESTED_WINDOWS + level * LEVEL_STRIDE + HEADROOM_BYTES,
  tape: (NESTED_TAPES >> 2) + level * LEVEL_TAPE_WORDS,
}));
let depth = 0;

/** Calls `use` with a window and a tape of its own. Below the deepest level, that level is put aside and brought back. */
export function withLevel(use: (level: Level) => void): void {
  const level = levels[Math.min(depth, NESTED_LEVELS - 1)]!;
  const isShared = depth >= NESTED_LEVELS;
  const windowStart = level.window - HEADROOM_BYTES;
  const unread = isShared ? bytes.slice(windowStart, windowStart + LEVEL_STRIDE) : undefined;
  const tape = isShared ? words.slice(level.tape, level.tape + LEVEL_TAPE_WORDS) : undefined;
  depth += 1;
  try {
    use(level);
  } finally {
    depth -= 1;
    if (unread !== undefined && tape !== undefined) {
      bytes.set(unread, windowStart);
      words.set(tape, level.tape);
    }
  }
}

/** Whether the window of the feed in progress may be put aside for another one. */
export function isDeepestLevel(): boolean {
  return depth >= NESTED_LEVELS;
}

// Send blocks.

const freeBlocks = Array.from({ length: BLOCKS }, (_, block) => SEND_BLOCKS + block * (BLOCK_BYTES + SLACK_BYTES));

/** Leases a block of BLOCK_BYTES; returns its address, or 0 when all are in use. */
export function leaseBlock(): number {
  return freeBlocks.pop() ?? 0;
}

/** A block for what has to wait: only as long as half of them are left for those who need not. */
export function leaseSpareBlock(): number {
  return freeBlocks.length > BLOCKS / 2 ? freeBlocks.pop()! : 0;
}

/** Whether these bytes are of wasm memory: then they begin at the address `byteOffset`. */
export function isOfMemory(part: Uint8Array): boolean {
  return part.buffer === bytes.buffer;
}

export function releaseBlock(block: number): void {
  freeBlocks.push(block);
}

// Masking keys.

const keys = bytes.subarray(KEYS, KEYS + KEYS_BYTES);
let nextKeyAt = KEYS + KEYS_BYTES;

/** The address of a masking key that was never used before: "derived from a strong source of entropy" (RFC 6455 §5.3). */
export function nextKey(): number {
  refillKeys();
  const key = nextKeyAt;
  nextKeyAt += 4;
  return key;
}

/**
 * Has the next frame of this thread that is masked use the first four bytes of `key`. Whoever calls it writes that frame at
 * once: another connection's would use the key otherwise.
 */
export function useKey(key: Uint8Array): void {
  refillKeys();
  for (let i = 0; i < 4; i += 1) bytes[nextKeyAt + i] = key[i]!;
}

function refillKeys(): void {
  if (nextKeyAt < KEYS + KEYS_BYTES) return;
  fillRandom(keys);
  nextKeyAt = KEYS;
}
