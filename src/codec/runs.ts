// Small messages of one kind that follow each other in a chunk are made together: one native call or one copy for all of a
// run, and a cheap part of the result for each. Whoever keeps one of them keeps the run; hence the bounds below. It knows
// the tape, and not who receives what is made.

import {
  EVENT_ASCII,
  EVENT_BYTES,
  EVENT_COMPRESSED,
  EVENT_END,
  EVENT_LENGTH_SHIFT,
  EVENT_OPCODE,
  EVENT_START,
  GATHER_ALIGNMENT,
  SCRATCH,
  STAGING,
} from '../../assembly/layout';
import type { Bytes } from '../base/bytes';
import { bufferAt, cutRun, SMALL_BYTES } from './heap';
import { core } from './memory';
import { feeds } from './shared';
import { DECODES_LONG_TEXT, READS_LATIN1, readLatin1, readUtf16 } from './text';

/** Fewer are made one by one: 16 bytes of ASCII cost 29 ns alone, 25 as one of four, 17 as one of eight. */
const LEAST = 4;
/** A text keeps at most so many times its own size, or so many bytes if that is more. */
const TEXT_RATIO = 8;
const TEXT_LEAST_BYTES = 1_024;
/** What is longer together gains nothing: 1 KiB of ASCII costs 123 ns alone, 69 as one of eight, 66 as one of sixteen. */
const TEXT_BYTES = 16_384;
/**
 * From so many bytes on a text that is not ASCII is better made alone, where the runtime decodes: 1 KiB of Russian costs 716 ns alone
 * and 810 in a run on Node.js 24 and 26, of French 590 and 620; 512 bytes the same either way.
 */
const ALONE_BYTES = DECODES_LONG_TEXT ? 1_024 : Number.POSITIVE_INFINITY;
/** With the two bytes of each header in front, empty ones fit in so often. */
const TEXT_MOST = TEXT_LEAST_BYTES / 2 + 1;
/** Half of a small slab. 16 bytes of binary cost 43 ns alone, 30 as one of eight, 22 as one of 128. */
const BINARY_BYTES = 8_192;
const BINARY_MOST = 128;

const KIND = EVENT_OPCODE | EVENT_START | EVENT_END | EVENT_COMPRESSED;
const ENTRY_WORDS = EVENT_BYTES / 4;

// Entries are told by their index into `words`.

/** Which entries are made, and where in the whole each of them begins and ends. */
class Run {
  private first = 0;
  /** One behind the last entry; 0: none is held. */
  last = 0;
  readonly starts: Int32Array;
  readonly ends: Int32Array;

  constructor(most: number) {
    this.starts = new Int32Array(most);
    this.ends = new Int32Array(most);
  }

  has(at: number): boolean {
    return at >= this.first && at < this.last;
  }

  /** The place of the entry at `at` in `starts` and `ends`. */
  place(at: number): number {
    return (at - this.first) / ENTRY_WORDS;
  }

  /** Their content is there, and `starts` and `ends` with it: never before. */
  hold(first: number, count: number): void {
    this.first = first;
    this.last = first + count * ENTRY_WORDS;
  }
}

const texts = new Run(TEXT_MOST);
let wholeText = '';
const binaries = new Run(BINARY_MOST);
// Not a view: reading the fields of one is a call into the runtime.
let binaryBuffer = new ArrayBuffer(0);
let binaryOffset = 0;

/**
 * To be called by whoever reads a tape of `words`, for `end`: up to there runs may be made. 0: a handler of another reader led
 * here. It gets no runs, since with its own it would end those of the other, which would then be made anew for each message.
 */
export function beginRuns(end: number): number {
  if (feeds.depth > 1) return 0;
  // Whatever became of the reader before.
  texts.last = 0;
  binaries.last = 0;
  return end;
}

/** For a reader that has got runs, so that nothing is kept for it; whatever happens here, the next one begins anew. */
export function endRuns(): void {
  texts.last = 0;
  binaries.last = 0;
  wholeText = '';
}

/** The text of a whole message. Undefined: too few like it follow before `end`. */
export function textOfRun(at: number, end: number): string | undefined {
  if (end === 0) return undefined;
  if (!texts.has(at) && !makeTexts(at, end)) return undefined;
  const place = texts.place(at);
  return wholeText.substring(texts.starts[place]!, texts.ends[place]!);
}

/** The bytes of a whole message, of text too. Undefined: too few like it follow before `end`. */
export function binaryOfRun(at: number, end: number): Bytes | undefined {
  if (end === 0) return undefined;
  if (!binaries.has(at) && !makeBinaries(at, end)) return undefined;
  const place = binaries.place(at);
  const start = binaries.starts[place]!;
  return new Uint8Array(binaryBuffer, binaryOffset + start, binaries.ends[place]! - start);
}

/** The same as a Buffer of Node. */
export function bufferOfRun(at: number, end: number): Bytes | undefined {
  if (end === 0) return undefined;
  if (!binaries.has(at) && !makeBinaries(at, end)) return undefined;
  const place = binaries.place(at);
  const start = binaries.starts[place]!;
  return bufferAt(binaryBuffer, binaryOffset + start, binaries.ends[place]! - start);
}

/**
 * Whether a message could not be cut from a run because whoever got another one has transferred the memory of all: then it is to
 * be made anew, since it is still on the tape. Asked behind an exception only: a look at the buffer costs each message 4 ns.
 */
export function isTransferred(): boolean {
  if (binaries.last === 0 || binaryBuffer.byteLength > 0) return false;
  binaries.last = 0;
  return true;
}

function makeTexts(at: number, end: number): boolean {
  const length = core.words[at + 1]! >>> EVENT_LENGTH_SHIFT;
  const isAscii = (core.words[at + 1]! & EVENT_ASCII) !== 0;
  if (length > TEXT_BYTES / LEAST || (!isAscii && length >= ALONE_BYTES)) return false;
  const count = textsTogether(at, end);
  if (count < LEAST) return false;
  texts.last = 0;
  wholeText = isAscii ? asciiOf(at, count) : otherOf(at, count);
  texts.hold(at, count);
  return true;
}

/** How many texts from `at` on are of one kind, and no longer together than the shortest of them may keep. */
function textsTogether(at: number, end: number): number {
  const kind = core.words[at + 1]! & (KIND | EVENT_ASCII);
  const start = core.words[at]!;
  let most = TEXT_BYTES;
  let count = 0;
  for (let next = at; next < end; next += ENTRY_WORDS) {
    const event = core.words[next + 1]!;
    const length = event >>> EVENT_LENGTH_SHIFT;
    most = Math.min(most, Math.max(TEXT_LEAST_BYTES, length * TEXT_RATIO));
    if ((event & (KIND | EVENT_ASCII)) !== kind || core.words[next]! + length - start > most) break;
    count += 1;
  }
  return count;
}

/** Headers and all: what stands between two texts costs less than a native call for each. */
function asciiOf(at: number, count: number): string {
  const { starts, ends } = texts;
  const base = core.words[at]!;
  let end = 0;
  for (let place = 0, next = at; place < count; place += 1, next += ENTRY_WORDS) {
    const start = core.words[next]! - base;
    end = start + (core.words[next + 1]! >>> EVENT_LENGTH_SHIFT);
    starts[place] = start;
    ends[place] = end;
  }
  return readLatin1(base, base + end);
}

function otherOf(at: number, count: number): string {
  const narrow = READS_LATIN1 ? transcoded(at, count, 1) : undefined;
  return narrow ?? transcoded(at, count, 2)!;
}

/** Of characters of one byte each, or of two. Undefined: one of them has no place in one byte. */
function transcoded(at: number, count: number, bytesEach: 1 | 2): string | undefined {
  const { starts, ends } = texts;
  const transcode = bytesEach === 1 ? core.utf8ToLatin1 : core.utf8ToUtf16;
  let end = 0;
  for (let place = 0, next = at; place < count; place += 1, next += ENTRY_WORDS) {
    const length = core.words[next + 1]! >>> EVENT_LENGTH_SHIFT;
    const units = transcode(core.words[next]!, length, SCRATCH + end * bytesEach);
    if (units < 0) return undefined;
    starts[place] = end;
    end += units;
    ends[place] = end;
  }
  const read = bytesEach === 1 ? readLatin1 : readUtf16;
  return read(SCRATCH, SCRATCH + end * bytesEach);
}

function makeBinaries(at: number, end: number): boolean {
  const kind = core.words[at + 1]! & KIND;
  const first = core.words[at + 1]! >>> EVENT_LENGTH_SHIFT;
  if (first > BINARY_BYTES / LEAST) return false;
  const isSmall = first <= SMALL_BYTES;
  const { starts, ends } = binaries;
  binaries.last = 0;
  let length = 0;
  let count = 0;
  for (let next = at; next < end && count < BINARY_MOST; next += ENTRY_WORDS) {
    const event = core.words[next + 1]!;
    const bytes = event >>> EVENT_LENGTH_SHIFT;
    if ((event & KIND) !== kind || bytes <= SMALL_BYTES !== isSmall || length + bytes > BINARY_BYTES) break;
    starts[count] = length;
    ends[count] = length + bytes;
    length = (length + bytes + GATHER_ALIGNMENT - 1) & -GATHER_ALIGNMENT;
    count += 1;
  }
  if (count < LEAST) return false;
  // In front of the moment that STAGING is used for.
  const copy = cutRun(length, isSmall);
  core.gather(at * 4, count, STAGING);
  copy.set(core.bytes.subarray(STAGING, STAGING + length));
  binaryBuffer = copy.buffer;
  binaryOffset = copy.byteOffset;
  binaries.hold(at, count);
  return true;
}
