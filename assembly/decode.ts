// Bytes → event tape (RFC 6455 §5): header, control and fragmentation rules, close payload, streaming UTF-8. One call takes
// a whole chunk, cut anywhere; what must be remembered until the next is in the connection's record. Every rule is checked
// at the first byte that can break it.

import {
  CONTROL_MAX,
  EVENT_ASCII,
  EVENT_BYTES,
  EVENT_END,
  EVENT_FAULT,
  EVENT_FIRST_FRAME,
  EVENT_FRAME_END,
  EVENT_LENGTH_SHIFT,
  EVENT_START,
  FAULT_CLOSE_CODE,
  FAULT_CLOSE_LENGTH,
  FAULT_CLOSE_UTF8,
  FAULT_CONTINUATION,
  FAULT_CONTROL_FRAGMENTED,
  FAULT_CONTROL_LENGTH,
  FAULT_EXPECTED_CONTINUATION,
  FAULT_EXPECTED_MASK,
  FAULT_LENGTH_NOT_MINIMAL,
  FAULT_LENGTH_TOP_BIT,
  FAULT_MESSAGE_TOO_BIG,
  FAULT_OPCODE,
  FAULT_RSV1,
  FAULT_RSV23,
  FAULT_TOO_MANY_FRAGMENTS,
  FAULT_UNEXPECTED_MASK,
  FAULT_UTF8,
  FIN_BIT,
  HEADER_MAX,
  LENGTH_16,
  LENGTH_BITS,
  MASK_BIT,
  OP_BINARY,
  OP_CLOSE,
  OP_CONTINUATION,
  OP_PONG,
  OP_TEXT,
  OPCODE_BITS,
  RECORD_ASCII,
  RECORD_FRAGMENTS,
  RECORD_FRAME,
  RECORD_KEY,
  RECORD_MAX_FRAGMENTS,
  RECORD_MAX_MESSAGE,
  RECORD_MESSAGE,
  RECORD_RECEIVED,
  RECORD_REFUSED,
  RECORD_REMAINING,
  RECORD_ROLE,
  RECORD_STAGE,
  RECORD_STAGED,
  RECORD_STAGED_LENGTH,
  RECORD_UTF8,
  ROLE_SERVER,
  RSV1_BIT,
  RSV23_BITS,
  STAGE_ENDED,
  STAGE_HEADER,
  STAGE_PAYLOAD,
} from './layout';
import { mask } from './mask';
import { isValid, validate } from './utf8';

/**
 * Decodes `length` bytes at `at` and writes their events to `tape`; returns how many. All bytes are consumed. A masked
 * payload is unmasked in place; the HEADROOM_BYTES in front may be overwritten.
 */
export function decode(record: usize, at: usize, length: i32, tape: usize): i32 {
  const end = at + <usize>length;
  let entry = tape;
  while (load<u8>(record, RECORD_STAGE) !== STAGE_ENDED) {
    if (load<u8>(record, RECORD_STAGE) === STAGE_HEADER) {
      if (at === end) break;
      const size = takeHeader(record, at, <i32>(end - at));
      if (size < 0) {
        entry = emitFault(record, at, -size, entry);
        break;
      }
      at += size;
      if (load<u8>(record, RECORD_STAGE) === STAGE_HEADER) break;
    }

    const remaining = load<u64>(record, RECORD_REMAINING);
    const take = <i32>min<u64>(remaining, end - at);
    if (take === 0 && remaining !== 0) break;
    if (load<u8>(record, RECORD_ROLE) === ROLE_SERVER) {
      store<u32>(record, mask(at, take, load<u32>(record, RECORD_KEY)), RECORD_KEY);
    }
    store<u64>(record, remaining - take, RECORD_REMAINING);
    if (load<u8>(record, RECORD_FRAME) & OP_CLOSE) {
      entry = takeControl(record, at, take, entry);
    } else {
      entry = takeData(record, at, take, entry);
    }
    at += take;
  }
  return <i32>(entry - tape) / EVENT_BYTES;
}

// The header (RFC 6455 §5.2).

/**
 * Takes what there is of a header: returns how many of the `have` bytes at `at` belong to it, or a negated fault. The
 * record's stage tells whether the header is whole; one that the chunk cuts off is staged in the record.
 */
function takeHeader(record: usize, at: usize, have: i32): i32 {
  const staged: i32 = load<u8>(record, RECORD_STAGED_LENGTH);
  if (staged === 0) {
    const size = parseHeader(record, at, have);
    if (size !== 0) return size;
    memory.copy(record + RECORD_STAGED, at, have);
    store<u8>(record, have, RECORD_STAGED_LENGTH);
    return have;
  }
  const more = min(have, HEADER_MAX - staged);
  memory.copy(record + RECORD_STAGED + staged, at, more);
  const size = parseHeader(record, record + RECORD_STAGED, staged + more);
  if (size < 0) return size;
  if (size === 0) {
    store<u8>(record, staged + more, RECORD_STAGED_LENGTH);
    return more;
  }
  store<u8>(record, 0, RECORD_STAGED_LENGTH);
  return size - staged;
}

/**
 * Checks as much of a header as there is and, when it is whole, opens its frame in the record. Returns its size, 0 if more
 * bytes are needed, or a negated fault.
 */
function parseHeader(record: usize, at: usize, have: i32): i32 {
  const first: i32 = load<u8>(at);
  const opcode = first & OPCODE_BITS;
  const fault = firstByteFault(record, first, opcode);
  if (fault !== 0) return -fault;
  if (have < 2) return 0;

  const second: i32 = load<u8>(at, 1);
  // "A server MUST NOT mask any frames that it sends to the client"; a client must mask all (§5.1).
  const isServer = load<u8>(record, RECORD_ROLE) === ROLE_SERVER;
  if (second & MASK_BIT) {
    if (!isServer) return -FAULT_UNEXPECTED_MASK;
  } else if (isServer) {
    return -FAULT_EXPECTED_MASK;
  }
  const short = second & LENGTH_BITS;
  if (opcode & OP_CLOSE && short > CONTROL_MAX) return -FAULT_CONTROL_LENGTH;
  // "If there is a body, the first two bytes of the body MUST be a 2-byte unsigned integer" (§5.5.1).
  if (opcode === OP_CLOSE && short === 1) return -FAULT_CLOSE_LENGTH;

  let size = 2;
  let length: u64 = short;
  let missing = 0;
  if (short >= LENGTH_16) {
    if (have === 2) return 0;
    const digits = short === LENGTH_16 ? 2 : 8;
    size += digits;
    missing = max(size - have, 0);
    length = lowestLength(at + 2, digits - missing, missing);
    const fault = lengthFault(length, missing, digits);
    if (fault !== 0) return -fault;
  }
  if (!(opcode & OP_CLOSE)) {
    // Refused by the header, before a byte is kept: the message counts as a whole (§10.4).
    const total = load<u64>(record, RECORD_RECEIVED) + length;
    if (total > load<u64>(record, RECORD_MAX_MESSAGE)) {
      store<u64>(record, total, RECORD_REFUSED);
      return -FAULT_MESSAGE_TOO_BIG;
    }
  }
  if (missing > 0) return 0;
  if (isServer) {
    size += 4;
    if (have < size) return 0;
    store<u32>(record, load<u32>(at + size - 4), RECORD_KEY);
  }

  store<u64>(record, length, RECORD_REMAINING);
  store<u8>(record, first, RECORD_FRAME);
  store<u8>(record, STAGE_PAYLOAD, RECORD_STAGE);
  if (!(opcode & OP_CLOSE)) {
    store<u32>(record, load<u32>(record, RECORD_FRAGMENTS) + 1, RECORD_FRAGMENTS);
    if (opcode !== OP_CONTINUATION) store<u8>(record, opcode, RECORD_MESSAGE);
  }
  return size;
}

/** What the first byte alone breaks, or 0. */
function firstByteFault(record: usize, first: i32, opcode: i32): i32 {
  // "MUST be 0 unless an extension is negotiated that defines meanings for non-zero values" (§5.2).
  if (first & RSV1_BIT) return FAULT_RSV1;
  if (first & RSV23_BITS) return FAULT_RSV23;
  if (opcode & OP_CLOSE) {
    if (opcode > OP_PONG) return FAULT_OPCODE;
    // "Control frames themselves MUST NOT be fragmented" (§5.4).
    return first & FIN_BIT ? 0 : FAULT_CONTROL_FRAGMENTED;
  }
  if (opcode > OP_BINARY) return FAULT_OPCODE;
  const isInMessage = load<u8>(record, RECORD_MESSAGE) !== 0;
  if (opcode !== OP_CONTINUATION) {
    // "The fragments of one message MUST NOT be interleaved between the fragments of another message" (§5.4).
    return isInMessage ? FAULT_EXPECTED_CONTINUATION : 0;
  }
  if (!isInMessage) return FAULT_CONTINUATION;
  // An empty fragment counts as one.
  const isOneTooMany = load<u32>(record, RECORD_FRAGMENTS) >= load<u32>(record, RECORD_MAX_FRAGMENTS);
  return isOneTooMany ? FAULT_TOO_MANY_FRAGMENTS : 0;
}

/** The least that an extended length can be while `missing` bytes have not come behind the `known` ones at `at`. */
function lowestLength(at: usize, known: i32, missing: i32): u64 {
  let length: u64 = 0;
  for (let i = 0; i < known; i++) length = (length << 8) | load<u8>(at + i);
  return length << (8 * missing);
}

/** What is wrong with an extended length of `digits` bytes, whatever its last `missing` ones (fewer than 8) turn out to be. */
function lengthFault(lowest: u64, missing: i32, digits: i32): i32 {
  const highest = lowest | (((<u64>1) << (8 * missing)) - 1);
  if (digits === 2) return highest < <u64>LENGTH_16 ? FAULT_LENGTH_NOT_MINIMAL : 0;
  // "the most significant bit MUST be 0", and "the minimal number of bytes MUST be used" (§5.2).
  if (lowest >>> 63) return FAULT_LENGTH_TOP_BIT;
  return highest <= 0xffff ? FAULT_LENGTH_NOT_MINIMAL : 0;
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
    const fault = closeFault(payload, length, isWhole);
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

/** Takes a piece of a data frame (RFC 6455 §5.6), and writes it to the tape. */
function takeData(record: usize, at: usize, take: i32, entry: usize): usize {
  const frame = load<u8>(record, RECORD_FRAME);
  const opcode: i32 = load<u8>(record, RECORD_MESSAGE);
  const received = load<u64>(record, RECORD_RECEIVED);
  let flags = received === 0 ? EVENT_START : 0;
  if (frame & OPCODE_BITS) flags |= EVENT_FIRST_FRAME;
  if (opcode === OP_TEXT && !validate(record, at, take)) return emitFault(record, at, FAULT_UTF8, entry);
  if (load<u8>(record, RECORD_ASCII)) flags |= EVENT_ASCII;

  if (load<u64>(record, RECORD_REMAINING) !== 0) {
    store<u64>(record, received + take, RECORD_RECEIVED);
    return emit(entry, at, take, opcode | flags);
  }
  store<u8>(record, STAGE_HEADER, RECORD_STAGE);
  if (!(frame & FIN_BIT)) {
    store<u64>(record, received + take, RECORD_RECEIVED);
    return emit(entry, at, take, opcode | flags | EVENT_FRAME_END);
  }
  // A text must not end inside a character (§8.1).
  if (load<u32>(record, RECORD_UTF8) !== 0) return emitFault(record, at, FAULT_UTF8, entry);
  store<u64>(record, 0, RECORD_RECEIVED);
  store<u32>(record, 0, RECORD_FRAGMENTS);
  store<u8>(record, 0, RECORD_MESSAGE);
  store<u8>(record, 1, RECORD_ASCII);
  return emit(entry, at, take, opcode | flags | EVENT_FRAME_END | EVENT_END);
}

/** What is wrong with the first `have` bytes of a close frame's payload, or 0 (RFC 6455 §5.5.1, §7.4). */
function closeFault(payload: usize, have: i32, isWhole: bool): i32 {
  if (have < 2) return 0;
  if (!isCloseCode(bswap<u16>(load<u16>(payload)))) return FAULT_CLOSE_CODE;
  return isValid(payload + 2, have - 2, isWhole) ? 0 : FAULT_CLOSE_UTF8;
}

/** Codes that may stand in a frame: defined and not reserved (§7.4.1, IANA registry to 1014), or 3000–4999 (§7.4.2). */
export function isCloseCode(code: i32): bool {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}

// The tape.

function emit(entry: usize, at: usize, length: i32, flags: i32): usize {
  store<u32>(entry, at);
  store<u32>(entry, (length << EVENT_LENGTH_SHIFT) | flags, 4);
  return entry + EVENT_BYTES;
}

function emitFault(record: usize, at: usize, fault: i32, entry: usize): usize {
  store<u8>(record, STAGE_ENDED, RECORD_STAGE);
  return emit(entry, at, fault, EVENT_FAULT);
}
