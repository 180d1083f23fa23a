// Bytes → event tape (RFC 6455 §5): frames, their payloads, fragmentation, close payload, streaming UTF-8. One call takes a
// whole chunk, cut anywhere; what must be remembered until the next is in the connection's record. A bad payload is refused
// at its first bad byte; headers are header.ts' business.

import { isCloseCode } from './close-codes';
import { takeHeader } from './header';
import {
  EVENT_ASCII,
  EVENT_BEYOND,
  EVENT_BYTES,
  EVENT_END,
  EVENT_FAULT,
  EVENT_FIRST_FRAME,
  EVENT_FRAME_END,
  EVENT_LENGTH_SHIFT,
  EVENT_START,
  FAULT_CLOSE_CODE,
  FAULT_CLOSE_UTF8,
  FAULT_UTF8,
  FIN_BIT,
  LIMIT_BROKEN,
  LIMIT_PASSED,
  LIMIT_TOLD,
  MOST_TOLD,
  OP_CLOSE,
  OP_TEXT,
  OPCODE_BITS,
  RECORD_FRAGMENTS,
  RECORD_FRAME,
  RECORD_KEY,
  RECORD_LIMIT,
  RECORD_MESSAGE,
  RECORD_RECEIVED,
  RECORD_REFUSED,
  RECORD_REMAINING,
  RECORD_ROLE,
  RECORD_STAGE,
  RECORD_STAGED,
  RECORD_STAGED_LENGTH,
  RECORD_TEXT,
  RECORD_UNCHECKED,
  RECORD_WANTS_FRAMES,
  ROLE_SERVER,
  STAGE_ENDED,
  STAGE_HEADER,
  TEXT_ASCII,
  TEXT_UTF8,
} from './layout';
import { mask } from './mask';
import { isValid, validate } from './utf8';
import { isBetweenMessages, takeWholeMessage } from './whole-message';

/** `memory.copy` leaves the core, which costs more than copying as much as this. */
const SHORT_MOVE: i32 = 256;

/**
 * Decodes `length` bytes at `at` and writes their events to `tape`; returns how many. All bytes are consumed. A masked
 * payload is unmasked in place; the HEADROOM_BYTES in front may be overwritten.
 */
export function decode(record: usize, at: usize, length: i32, tape: usize): i32 {
  const end = at + <usize>length;
  let entry = tape;
  while (load<u8>(record, RECORD_STAGE) !== STAGE_ENDED) {
    if (load<u8>(record, RECORD_STAGE) === STAGE_HEADER) {
      if (isBetweenMessages(record)) {
        let next = takeWholeMessage(record, at, end, entry);
        while (next !== at) {
          at = next;
          entry += EVENT_BYTES;
          next = takeWholeMessage(record, at, end, entry);
        }
      }
      if (at === end) break;
      const size = takeHeader(record, at, <i32>(end - at));
      if (size < 0) {
        entry = emitFault(record, at, -size, entry);
        break;
      }
      at += size;
      if (load<u8>(record, RECORD_LIMIT) === LIMIT_BROKEN) entry = emitBeyond(record, at, entry);
      if (load<u8>(record, RECORD_STAGE) === STAGE_HEADER) break;
    }

    const remaining = load<u64>(record, RECORD_REMAINING);
    const take = <i32>min<u64>(remaining, end - at);
    if (take === 0 && remaining !== 0) break;
    if (load<u8>(record, RECORD_ROLE) === ROLE_SERVER) {
      store<u32>(record, mask(at, take, load<u32>(record, RECORD_KEY)), RECORD_KEY);
    }
    store<u64>(record, remaining - take, RECORD_REMAINING);
    // "Control frames [...] MAY be injected in the middle of a fragmented message" (§5.4): they leave its state alone.
    if (load<u8>(record, RECORD_FRAME) & OP_CLOSE) {
      entry = takeControl(record, at, take, entry);
    } else {
      entry = takeData(record, at, take, tape, entry);
    }
    at += take;
  }
  return <i32>(entry - tape) / EVENT_BYTES;
}

/**
 * Takes `length` bytes of a data frame's payload without looking at them, where nothing about them can be wrong: binary, or
 * text that is not validated. Returns the flags
 * that they would have on the tape.
 */
export function skip(record: usize, length: i32): i32 {
  store<u64>(record, load<u64>(record, RECORD_REMAINING) - length, RECORD_REMAINING);
  return advance(record, length);
}

// The payload.

/** Takes a piece of a control frame (RFC 6455 §5.5); the frame becomes an event when it is whole. */
function takeControl(record: usize, at: usize, take: i32, entry: usize): usize {
  const isWhole = load<u64>(record, RECORD_REMAINING) === 0;
  const opcode = load<u8>(record, RECORD_FRAME) & OPCODE_BITS;
  const staged: i32 = load<u8>(record, RECORD_STAGED_LENGTH);
  // The rest of a cut frame is the beginning of its chunk, so in front of it there is room for what came before. The record
  // cannot keep that while the tape is read: the end of the same chunk may cut another frame.
  const payload = at - staged;
  const length = staged + take;
  memory.copy(payload, record + RECORD_STAGED, staged);
  if (opcode === OP_CLOSE) {
    const fault = closeFault(record, payload, length, isWhole);
    if (fault !== 0) return emitFault(record, at, fault, entry);
  }
  if (!isWhole) {
    memory.copy(record + RECORD_STAGED, payload, length);
    store<u8>(record, length, RECORD_STAGED_LENGTH);
    return entry;
  }
  store<u8>(record, 0, RECORD_STAGED_LENGTH);
  // "the application MUST NOT send any more data frames after sending a Close frame" (§5.5.1): nothing follows.
  store<u8>(record, opcode === OP_CLOSE ? STAGE_ENDED : STAGE_HEADER, RECORD_STAGE);
  return emit(entry, payload, length, opcode | EVENT_START | EVENT_END | EVENT_FRAME_END | EVENT_FIRST_FRAME);
}

/** Takes a piece of a data frame (RFC 6455 §5.6), and writes it to the tape, or to the entry of the piece before it. */
function takeData(record: usize, at: usize, take: i32, tape: usize, entry: usize): usize {
  // Compressed data is no text yet: inflated.ts looks at what comes of it.
  const isText = load<u16>(record, RECORD_MESSAGE) === OP_TEXT && !load<u8>(record, RECORD_UNCHECKED);
  // "When an endpoint is to interpret a byte stream as UTF-8 but finds that the byte stream is not, in fact, a valid UTF-8
  // stream, that endpoint MUST _Fail the WebSocket Connection_" (§8.1): at the byte that shows it.
  if (isText && !validate(record + RECORD_TEXT, at, take)) return emitFault(record, at, FAULT_UTF8, entry);
  const flags = advance(record, take);
  // "a particular text frame might include a partial UTF-8 sequence; however, the whole message MUST contain valid UTF-8"
  // (§5.6): a text must not end inside a character.
  if (flags & EVENT_END && load<u32>(record, RECORD_TEXT + TEXT_UTF8) !== 0) {
    return emitFault(record, at, FAULT_UTF8, entry);
  }
  if (entry !== tape && !(flags & EVENT_START) && !load<u8>(record, RECORD_WANTS_FRAMES)) {
    const before = load<u32>(entry - 4);
    if (isOpenPiece(before)) return join(entry, before, at, take, flags);
  }
  return emit(entry, at, take, flags);
}

/** Whether the entry with these flags is of data whose message goes on: what follows belongs to it. */
function isOpenPiece(flags: i32): bool {
  return !(flags & (EVENT_END | OP_CLOSE));
}

/**
 * Puts a piece behind the one before it, over the header between them: a message in many frames costs the host as much as
 * one in a single frame (1 KiB in fragments of 64 bytes: 13 µs before).
 */
function join(entry: usize, before: i32, at: usize, take: i32, flags: i32): usize {
  const length = before >>> EVENT_LENGTH_SHIFT;
  const target = load<u32>(entry - 8) + length;
  moveDown(at, target, take);
  store<u32>(entry - 4, ((length + take) << EVENT_LENGTH_SHIFT) | flags | (before & (EVENT_START | EVENT_FIRST_FRAME)));
  return entry;
}

/** Copies `length` bytes to a lower address. */
function moveDown(from: usize, to: usize, length: i32): void {
  if (!ASC_FEATURE_SIMD || length > SHORT_MOVE) {
    memory.copy(to, from, length);
    return;
  }
  const end = from + <usize>length;
  while (from + 16 <= end) {
    v128.store(to, v128.load(from));
    from += 16;
    to += 16;
  }
  while (from < end) {
    store<u8>(to, load<u8>(from));
    from += 1;
    to += 1;
  }
}

/** Counts `take` bytes of a data frame, of which RECORD_REMAINING are still to come; returns their flags on the tape. */
function advance(record: usize, take: i32): i32 {
  const frame = load<u8>(record, RECORD_FRAME);
  const received = load<u64>(record, RECORD_RECEIVED);
  let flags: i32 = load<u16>(record, RECORD_MESSAGE);
  if (received === 0) flags |= EVENT_START;
  if (frame & OPCODE_BITS) flags |= EVENT_FIRST_FRAME;
  if (load<u8>(record, RECORD_TEXT + TEXT_ASCII)) flags |= EVENT_ASCII;
  const isFrameEnd = load<u64>(record, RECORD_REMAINING) === 0;
  if (isFrameEnd) {
    store<u8>(record, STAGE_HEADER, RECORD_STAGE);
    flags |= EVENT_FRAME_END;
  }
  if (!isFrameEnd || !(frame & FIN_BIT)) {
    store<u64>(record, received + take, RECORD_RECEIVED);
    return flags;
  }
  store<u64>(record, 0, RECORD_RECEIVED);
  store<u32>(record, 0, RECORD_FRAGMENTS);
  store<u16>(record, 0, RECORD_MESSAGE);
  store<u8>(record, load<u8>(record, RECORD_LIMIT) & LIMIT_TOLD, RECORD_LIMIT);
  store<u8>(record, 1, RECORD_TEXT + TEXT_ASCII);
  return flags | EVENT_END;
}

/** What is wrong with the first `have` bytes of a close frame's payload, or 0 (RFC 6455 §5.5.1, §7.4). */
function closeFault(record: usize, payload: usize, have: i32, isWhole: bool): i32 {
  if (have < 2) return 0;
  const code: i32 = bswap<u16>(load<u16>(payload, 0, 1));
  if (!isCloseCode(code)) {
    store<u64>(record, code, RECORD_REFUSED);
    return FAULT_CLOSE_CODE;
  }
  if (load<u8>(record, RECORD_UNCHECKED)) return 0;
  return isValid(payload + 2, have - 2, isWhole) ? 0 : FAULT_CLOSE_UTF8;
}

// The tape.

function emit(entry: usize, at: usize, length: i32, flags: i32): usize {
  store<u32>(entry, at);
  store<u32>(entry, (length << EVENT_LENGTH_SHIFT) | flags, 4);
  return entry + EVENT_BYTES;
}

/**
 * The message in progress, or the one that a header begins of which only a part has come, is larger than the limit. No tape is too
 * short for this: a limit is at least 1 byte, and what breaks it has 4 bytes for two entries in one frame, 6 for three in two.
 */
function emitBeyond(record: usize, at: usize, entry: usize): usize {
  store<u8>(record, LIMIT_PASSED, RECORD_LIMIT);
  const total = <i32>min<u64>(load<u64>(record, RECORD_REFUSED), MOST_TOLD);
  const opcode = load<u8>(record, RECORD_MESSAGE) || load<u8>(record, RECORD_STAGED) & OPCODE_BITS;
  return emit(entry, at, total, EVENT_BEYOND | opcode);
}

function emitFault(record: usize, at: usize, fault: i32, entry: usize): usize {
  store<u8>(record, STAGE_ENDED, RECORD_STAGE);
  return emit(entry, at, fault, EVENT_FAULT);
}
