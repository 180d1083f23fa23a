// A frame's header (RFC 6455 §5.2), taken from a chunk that may cut it anywhere, and every rule that a header alone can break:
// each is checked at the first byte that leaves no lawful way to go on.

import {
  CONTROL_MAX,
  EVENT_COMPRESSED,
  FAULT_CLOSE_LENGTH,
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
  FIN_BIT,
  HEADER_MAX,
  LENGTH_16,
  LENGTH_BITS,
  LIMIT_BROKEN,
  LIMIT_TOLD,
  MASK_BIT,
  OP_BINARY,
  OP_CLOSE,
  OP_CONTINUATION,
  OP_PONG,
  OP_TEXT,
  OPCODE_BITS,
  RECORD_COMPRESSED,
  RECORD_DEFLATES,
  RECORD_FRAGMENTS,
  RECORD_FRAME,
  RECORD_KEY,
  RECORD_LIMIT,
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
  ROLE_SERVER,
  RSV1_BIT,
  RSV23_BITS,
  STAGE_PAYLOAD,
} from './layout';

/** Bytes of headers and ends of blocks that a message of a few bytes may have in DEFLATE. */
const SHORT_STREAM: u64 = 64;

/**
 * Takes what there is of a header: returns how many of the `have` bytes at `at` belong to it, or a negated fault. The
 * record's stage tells whether the header is whole; one that the chunk cuts off is staged in the record.
 */
export function takeHeader(record: usize, at: usize, have: i32): i32 {
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
  if (fault !== 0) {
    store<u64>(record, opcode, RECORD_REFUSED);
    return -fault;
  }
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
  // "All control frames MUST have a payload length of 125 bytes or less" (§5.5).
  if (opcode & OP_CLOSE && short > CONTROL_MAX) {
    store<u64>(record, short, RECORD_REFUSED);
    return -FAULT_CONTROL_LENGTH;
  }
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
    // Limits are for the "total message size after reassembly from multiple frames" (§10.4): refused before a byte is kept.
    const total = load<u64>(record, RECORD_RECEIVED) + length;
    if (total > load<u64>(record, RECORD_MAX_MESSAGE) && total > mostBytes(record, first)) {
      if (!passesLimit(record, total)) return -FAULT_MESSAGE_TOO_BIG;
    }
  }
  if (missing > 0) return 0;
  if (isServer) {
    size += 4;
    if (have < size) return 0;
    store<u32>(record, load<u32>(at + size - 4, 0, 1), RECORD_KEY);
  }

  store<u64>(record, length, RECORD_REMAINING);
  store<u8>(record, first, RECORD_FRAME);
  store<u8>(record, STAGE_PAYLOAD, RECORD_STAGE);
  if (!(opcode & OP_CLOSE)) {
    store<u32>(record, load<u32>(record, RECORD_FRAGMENTS) + 1, RECORD_FRAGMENTS);
    if (opcode !== OP_CONTINUATION) {
      store<u8>(record, opcode, RECORD_MESSAGE);
      store<u8>(record, first & RSV1_BIT ? EVENT_COMPRESSED >> 8 : 0, RECORD_COMPRESSED);
    }
  }
  return size;
}

/**
 * What the frames of this message may have together. A compressed message is limited by what it inflates to, which may be a
 * little less than its frames have: 8 bits of a message are at most 9 of DEFLATE with the fixed codes (RFC 1951 §3.2.6), and
 * stored bytes take less than that (§3.2.4).
 */
function mostBytes(record: usize, first: i32): u64 {
  const most = load<u64>(record, RECORD_MAX_MESSAGE);
  const isCompressed = (first & RSV1_BIT) !== 0 || (!(first & OPCODE_BITS) && load<u8>(record, RECORD_COMPRESSED));
  return isCompressed ? most + (most >> 3) + SHORT_STREAM : most;
}

/** The message has so much, which is too much: whether the host is to decide what becomes of it. */
function passesLimit(record: usize, total: u64): bool {
  const limit: i32 = load<u8>(record, RECORD_LIMIT);
  if (limit > LIMIT_TOLD) return true;
  store<u64>(record, total, RECORD_REFUSED);
  if (limit !== LIMIT_TOLD) return false;
  store<u8>(record, LIMIT_BROKEN, RECORD_LIMIT);
  return true;
}

/** What the first byte alone breaks, or 0. */
function firstByteFault(record: usize, first: i32, opcode: i32): i32 {
  // "MUST be 0 unless an extension is negotiated that defines meanings for non-zero values" (§5.2).
  // permessage-deflate: it is "a per-message Compressed bit", on the first frame of a data message only (RFC 7692 §6).
  if (first & RSV1_BIT) {
    const isFirstFrame = opcode === OP_TEXT || opcode === OP_BINARY;
    if (!isFirstFrame || !load<u8>(record, RECORD_DEFLATES)) return FAULT_RSV1;
  }
  if (first & RSV23_BITS) return FAULT_RSV23;
  // "If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket Connection_" (§5.2).
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
  // "An unfragmented message consists of a single frame with [...] an opcode other than 0", a fragmented one begins with
  // such a frame (§5.4).
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
