// What all connections of a thread share, and how it is held. Nobody may be told, send or wait for what is another one's,
// whatever throws and whoever comes back in. Hence three rules, for whatever lies in wasm memory and for what is like it on the
// heap:
//
// 1. What has to last while something of a user's may run is leased: taken out of here, so that nobody else can get it, and given
//    back once. Records: from the making of a decoder to its `stop`. Levels (a window with its tape, and a place to inflate to):
//    while a decoder reads what one feed brought; a feed that is nested in it gets the next level. Send blocks: from the first
//    frame of an outbox until the transport has taken them, or the outbox stops. Rooms (rooms.ts), streams and outputs of zlib
//    (../deflate): by whoever fills them, until it has handed the content on.
// 2. What is not leased (SCRATCH, STAGING, the key of the next frame) is held for a moment: from the first byte written there
//    to the last byte read, nothing is called that may be a user's, and nothing is allocated. So the order is always the same:
//    first everything that calls out (masking keys, random bytes, memory, the transport, to make room), then the frame or the
//    text in one go, then the transport. See Outbox.
// 3. Whatever is called out to may throw, or call back in: callbacks and listeners, the console and reportError, subscribers of
//    channels, streams and transports of users, getters of their objects, their masking keys, the allocation of memory. A mark
//    that says "this is there" is set behind what it speaks of. What a call in progress has set is put back in `finally`, by
//    assignments: where the stack is at its end, one more call would fail.

import {
  BLOCK_BYTES,
  BLOCKS,
  CONNECTION_RECORDS,
  HEADROOM_BYTES,
  INFLATED,
  INFLATED_BYTES,
  KEYS,
  KEYS_BYTES,
  NESTED_LEVELS,
  NESTED_TAPES,
  NESTED_WINDOW_BYTES,
  NESTED_WINDOWS,
  RECORD_BYTES,
  RECORDS,
  SEND_BLOCKS,
  SLACK_BYTES,
} from '../../assembly/layout';
import { CONNECTION_FAULTS, WsimdError } from '../base/faults';
import { fillRandom } from '../runtime/random';
import { core, requireCore } from './memory';

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
  core.bytes.fill(0, record, record + RECORD_BYTES);
  return record;
}

export function releaseRecord(record: number): void {
  // Not by `push`: where the stack is at its end, one more call would fail.
  freeRecords[freeRecords.length] = record;
}

// Levels.

export interface Level {
  /** For bytes that are copied in. */
  readonly window: number;
  /** Index into `words`. */
  readonly tape: number;
  /** Where compressed messages are inflated to. */
  readonly inflated: number;
}

/** The smallest frame has two bytes, a fault may follow; an event has two core.words. */
const LEVEL_TAPE_WORDS = (NESTED_WINDOW_BYTES / 2 + 2) * 2;
const WINDOW_STRIDE = HEADROOM_BYTES + NESTED_WINDOW_BYTES + SLACK_BYTES;
const INFLATED_STRIDE = HEADROOM_BYTES + INFLATED_BYTES + SLACK_BYTES;

const levels: readonly Level[] = Array.from({ length: NESTED_LEVELS }, (_, level) => ({
  window: NESTED_WINDOWS + level * WINDOW_STRIDE + HEADROOM_BYTES,
  tape: (NESTED_TAPES >> 2) + level * LEVEL_TAPE_WORDS,
  inflated: INFLATED + level * INFLATED_STRIDE,
}));

/** Who has events of the read window that are not delivered yet. */
interface WindowReader {
  /** Another read has overwritten their bytes: a runtime came back in where none does. */
  lose(): void;
}

/**
 * How many feeds are in progress, each inside a handler of the one before. A feed notes the depth that it finds, sets one more,
 * and sets what it found in its `finally`: even if one within it could not, the depth is right behind it.
 */
export const feeds: { depth: number; window: WindowReader | undefined } = { depth: 0, window: undefined };

/** What the innermost feed has. */
export function presentLevel(): Level {
  return levels[Math.min(feeds.depth, NESTED_LEVELS) - 1]!;
}

/** Whether the level of the innermost feed may be put aside for another one. */
export function isDeepestLevel(): boolean {
  return feeds.depth >= NESTED_LEVELS;
}

/** All of a level. */
interface Aside {
  readonly window: Uint8Array;
  readonly tape: Int32Array;
  readonly inflated: Uint8Array;
}

/**
 * To be called in front of a feed at this depth. Below the deepest level that level is put aside, to be brought back behind the
 * feed; undefined: there is one that nobody has. Throws what the runtime throws when it has no memory, and nothing has changed
 * then.
 */
export function putAside(depth: number): Aside | undefined {
  if (depth < NESTED_LEVELS) return undefined;
  const { window, tape, inflated } = levels[NESTED_LEVELS - 1]!;
  return {
    window: core.bytes.slice(window - HEADROOM_BYTES, window - HEADROOM_BYTES + WINDOW_STRIDE),
    tape: core.words.slice(tape, tape + LEVEL_TAPE_WORDS),
    inflated: core.bytes.slice(inflated - HEADROOM_BYTES, inflated - HEADROOM_BYTES + INFLATED_STRIDE),
  };
}

/** Calls nothing deeper than the feed itself did, so that the stack has room for it if it had for the feed. */
export function bringBack(aside: Aside): void {
  const { window, tape, inflated } = levels[NESTED_LEVELS - 1]!;
  core.bytes.set(aside.window, window - HEADROOM_BYTES);
  core.words.set(aside.tape, tape);
  core.bytes.set(aside.inflated, inflated - HEADROOM_BYTES);
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

export function releaseBlock(block: number): void {
  freeBlocks.push(block);
}

// Masking keys.

/** For the key of a frame that has it already: the core reads keys from memory. */
const KEY_SLOT = KEYS;
const FIRST_KEY = KEYS + 4;
const END_OF_KEYS = KEYS + KEYS_BYTES;

let nextKeyAt = END_OF_KEYS;

/** Whether the next key is there. */
export function hasKey(): boolean {
  return nextKeyAt < END_OF_KEYS;
}

/** Sees to it that the next key is there, and the core with it. Returns whether it had to call out for it. */
export function refillKeys(): boolean {
  if (nextKeyAt < END_OF_KEYS) return false;
  requireCore();
  fillRandom(core.bytes.subarray(FIRST_KEY, END_OF_KEYS));
  nextKeyAt = FIRST_KEY;
  return true;
}

/** The address of a masking key that was never used before: "derived from a strong source of entropy" (RFC 6455 §5.3). */
export function nextKey(): number {
  refillKeys();
  const key = nextKeyAt;
  nextKeyAt += 4;
  return key;
}

/** The address of this key, which is `words`' value of it, until the next frame is written. */
export function keyAt(key: number): number {
  core.words[KEY_SLOT >> 2] = key;
  return KEY_SLOT;
}

/** What is held at this moment, for tests: behind everything that was closed, it is what it was before. */
export function census(): Readonly<Record<'records' | 'feeds' | 'blocks', number>> {
  return { records: usedRecords - freeRecords.length, feeds: feeds.depth, blocks: BLOCKS - freeBlocks.length };
}
