// Streaming validation of UTF-8 (RFC 3629, RFC 6455 §8.1): a text may be cut at any byte, and the first byte that cannot
// continue it is refused at once. "All ASCII" is a by-product, kept in the text's state.
//
// Blocks of 16 bytes are checked by three table look-ups on the nibbles of neighbouring bytes (John Keiser and
// Daniel Lemire, "Validating UTF-8 In Less Than One Instruction Per Byte", 2020); what is cut is checked byte by byte.

import { TEXT_ASCII, TEXT_UTF8 } from './layout';
import { BYTES_0F, BYTES_60, BYTES_70, BYTES_80 } from './vectors';

/** State between two characters. Any other state is what the next byte must be; see `expect`. */
const BOUNDARY: u32 = 0;
const INVALID: u32 = 0xffffffff;

/** Fewer bytes are checked one by one: the end of a cut character would reach in front of them. */
const LEAST_BLOCK: usize = 4;

/** Takes `length` bytes of the text whose state is at `text`. False: they cannot be part of valid UTF-8. */
export function validate(text: usize, at: usize, length: i32): bool {
  const end = at + <usize>length;
  let state = load<u32>(text, TEXT_UTF8);
  if (state === BOUNDARY) {
    at = skipAscii(at, end);
    if (at === end) return true;
    store<u8>(text, 0, TEXT_ASCII);
  }
  // The rest of a character that an earlier piece began.
  while (state !== BOUNDARY && at < end) {
    state = next(state, load<u8>(at));
    if (state === INVALID) return false;
    at += 1;
  }
  if (ASC_FEATURE_SIMD && end - at >= LEAST_BLOCK) {
    // The character that the end cuts is left to the state.
    const whole = lastBoundary(end);
    if (!validBlocks(at, whole)) return false;
    at = whole;
  }
  while (at < end) {
    state = next(state, load<u8>(at));
    if (state === INVALID) return false;
    at += 1;
  }
  store<u32>(text, state, TEXT_UTF8);
  return true;
}

/** Whether `length` bytes are a valid text by themselves, or the beginning of one: the reason of a close frame. */
export function isValid(at: usize, length: i32, isWhole: bool): bool {
  const end = at + <usize>length;
  let state = BOUNDARY;
  while (at < end && state !== INVALID) {
    state = next(state, load<u8>(at));
    at += 1;
  }
  return state === BOUNDARY || (state !== INVALID && !isWhole);
}

/** Returns `end`, or an address before the first byte that is not ASCII with nothing but ASCII in front of it. */
export function skipAscii(at: usize, end: usize): usize {
  if (!ASC_FEATURE_SIMD) return skipAsciiWords(at, end);
  while (at + 64 <= end) {
    const low = v128.or(v128.load(at), v128.load(at, 16));
    const high = v128.or(v128.load(at, 32), v128.load(at, 48));
    if (i8x16.bitmask(v128.or(low, high)) !== 0) break;
    at += 64;
  }
  while (at + 16 <= end) {
    if (i8x16.bitmask(v128.load(at)) !== 0) return at;
    at += 16;
  }
  if (at < end) {
    // The load reads past the end; the shift forgets what is there.
    const signs = i8x16.bitmask(v128.load(at)) << (32 - <i32>(end - at));
    if (signs !== 0) return at;
  }
  return end;
}

/** The same without SIMD. */
function skipAsciiWords(at: usize, end: usize): usize {
  while (at < end && at & 3) {
    if (load<u8>(at) > 0x7f) return at;
    at += 1;
  }
  while (at + 16 <= end) {
    if ((load<u32>(at) | load<u32>(at, 4) | load<u32>(at, 8) | load<u32>(at, 12)) & 0x80808080) break;
    at += 16;
  }
  while (at < end && load<u8>(at) < 0x80) at += 1;
  return at;
}

/** Where the character begins that the bytes before `at` leave open; `at` itself if they leave none open. */
function lastBoundary(at: usize): usize {
  if (load<u8>(at - 1) >= 0xc0) return at - 1;
  if (load<u8>(at - 2) >= 0xe0) return at - 2;
  if (load<u8>(at - 3) >= 0xf0) return at - 3;
  return at;
}

// The state: how many bytes are still to come (bits 0–7), and the range of the next one (bits 8–15, 16–23).

function expect(count: u32, low: u32, high: u32): u32 {
  return count | (low << 8) | (high << 16);
}

/** The state after one more byte (RFC 3629 §4 is this table). */
function next(state: u32, byte: u32): u32 {
  if (state !== BOUNDARY) {
    if (byte < ((state >> 8) & 0xff) || byte > state >> 16) return INVALID;
    const left = (state & 0xff) - 1;
    return left === 0 ? BOUNDARY : expect(left, 0x80, 0xbf);
  }
  if (byte < 0x80) return BOUNDARY;
  if (byte < 0xc2 || byte > 0xf4) return INVALID;
  if (byte < 0xe0) return expect(1, 0x80, 0xbf);
  if (byte === 0xe0) return expect(2, 0xa0, 0xbf);
  if (byte === 0xed) return expect(2, 0x80, 0x9f);
  if (byte < 0xf0) return expect(2, 0x80, 0xbf);
  if (byte === 0xf0) return expect(3, 0x90, 0xbf);
  if (byte === 0xf4) return expect(3, 0x80, 0x8f);
  return expect(3, 0x80, 0xbf);
}

// Two neighbouring bytes can be wrong in eight ways, one bit each. Each look-up says which ways one nibble allows; a bit
// that all three leave standing is an error. TWO_CONTINUATIONS alone is legal behind a lead byte of three or four.
const TOO_SHORT: i8 = 0x01; // a lead byte, then no continuation
const TOO_LONG: i8 = 0x02; // ASCII, then a continuation
const OVERLONG_3: i8 = 0x04; // E0, then 80–9F
const TOO_LARGE: i8 = 0x08; // F4, then 90–BF; F5 and above
const SURROGATE: i8 = 0x10; // ED, then A0–BF
const OVERLONG_2: i8 = 0x20; // C0 or C1
const OVERLONG_4: i8 = 0x40; // F0, then 80–8F
const TOO_LARGE_1000: i8 = 0x40; // F5 and above, then 80–8F: no conflict with the one above
const TWO_CONTINUATIONS: i8 = <i8>0x80;
const ANY_LOW_NIBBLE: i8 = TOO_SHORT | TOO_LONG | TWO_CONTINUATIONS;
const LOW_NIBBLE_5: i8 = ANY_LOW_NIBBLE | TOO_LARGE | TOO_LARGE_1000;
const CONTINUATION: i8 = TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS;

/** All bytes, then none: loaded at a distance in front of `NONE`, so many of a block are kept. */
const ALL: usize = memory.data<u32>([0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0, 0, 0, 0], 16);
const NONE: usize = ALL + 20;

// What the look-ups find for each nibble: the high one and the low one of a byte, and the high one of the byte behind it.
// biome-ignore format: sixteen lanes, equal ones side by side
const BY_HIGH_NIBBLE: usize = memory.data<i8>([
  TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
  TWO_CONTINUATIONS, TWO_CONTINUATIONS, TWO_CONTINUATIONS, TWO_CONTINUATIONS,
  TOO_SHORT | OVERLONG_2,
  TOO_SHORT,
  TOO_SHORT | OVERLONG_3 | SURROGATE,
  TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4,
], 16);
// biome-ignore format: sixteen lanes, equal ones side by side
const BY_LOW_NIBBLE: usize = memory.data<i8>([
  ANY_LOW_NIBBLE | OVERLONG_2 | OVERLONG_3 | OVERLONG_4,
  ANY_LOW_NIBBLE | OVERLONG_2,
  ANY_LOW_NIBBLE, ANY_LOW_NIBBLE,
  ANY_LOW_NIBBLE | TOO_LARGE,
  LOW_NIBBLE_5, LOW_NIBBLE_5, LOW_NIBBLE_5, LOW_NIBBLE_5, LOW_NIBBLE_5, LOW_NIBBLE_5, LOW_NIBBLE_5, LOW_NIBBLE_5,
  LOW_NIBBLE_5 | SURROGATE,
  LOW_NIBBLE_5, LOW_NIBBLE_5,
], 16);
// biome-ignore format: sixteen lanes, equal ones side by side
const BY_NEXT_HIGH_NIBBLE: usize = memory.data<i8>([
  TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
  CONTINUATION | OVERLONG_3 | OVERLONG_4 | TOO_LARGE_1000,
  CONTINUATION | OVERLONG_3 | TOO_LARGE,
  CONTINUATION | SURROGATE | TOO_LARGE, CONTINUATION | SURROGATE | TOO_LARGE,
  TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
], 16);

/**
 * Checks what lies between two boundaries. Behind the end there are zeros: a character that lacks a byte there is an error.
 *
 * All vectors are loaded in front of the loop. From Node.js 24 on V8 makes a constant anew in each turn: 64 KiB took 20.6 µs so, and
 * 7.4 as it is. Loaded inside the loop they took 7.9 to 10.1, on Node.js 20 too, where constants are as fast as this.
 */
function validBlocks(at: usize, end: usize): bool {
  const byHigh = v128.load(BY_HIGH_NIBBLE);
  const byLow = v128.load(BY_LOW_NIBBLE);
  const byNextHigh = v128.load(BY_NEXT_HIGH_NIBBLE);
  const lowNibble = v128.load(BYTES_0F);
  const belowThird = v128.load(BYTES_60);
  const belowFourth = v128.load(BYTES_70);
  const topBit = v128.load(BYTES_80);
  const zero = i8x16.splat(0);
  let block = v128.load(at);
  if (at + 16 > end) block = v128.and(block, v128.load(NONE - (end - at)));
  const before1 = i8x16.shuffle(zero, block, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
  const before2 = i8x16.shuffle(zero, block, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
  const before3 = i8x16.shuffle(zero, block, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28);
  let errors = v128.xor(
    wrongPairs(block, before1, byHigh, byLow, byNextHigh, lowNibble),
    mustContinue(before2, before3, belowThird, belowFourth, topBit),
  );
  // The bytes in front are in memory, so an unaligned load gives what shuffles would.
  for (at += 16; at + 16 <= end; at += 16) {
    const found = v128.xor(
      wrongPairs(v128.load(at), v128.load(at - 1), byHigh, byLow, byNextHigh, lowNibble),
      mustContinue(v128.load(at - 2), v128.load(at - 3), belowThird, belowFourth, topBit),
    );
    errors = v128.or(errors, found);
  }
  // Of an end that is a block's this is one of zeros.
  if (at <= end) {
    const kept = NONE - (end - at);
    block = v128.and(v128.load(at), v128.load(kept));
    const last1 = v128.and(v128.load(at - 1), v128.load(kept - 1));
    const last2 = v128.and(v128.load(at - 2), v128.load(kept - 2));
    const last3 = v128.and(v128.load(at - 3), v128.load(kept - 3));
    const found = v128.xor(
      wrongPairs(block, last1, byHigh, byLow, byNextHigh, lowNibble),
      mustContinue(last2, last3, belowThird, belowFourth, topBit),
    );
    errors = v128.or(errors, found);
  }
  return !v128.any_true(errors);
}

/** What is wrong with each byte behind its predecessor; or TWO_CONTINUATIONS, which is right where `mustContinue` says so. */
function wrongPairs(bytes: v128, before: v128, byHigh: v128, byLow: v128, byNextHigh: v128, lowNibble: v128): v128 {
  return v128.and(
    v128.and(i8x16.swizzle(byHigh, i8x16.shr_u(before, 4)), i8x16.swizzle(byLow, v128.and(before, lowNibble))),
    i8x16.swizzle(byNextHigh, i8x16.shr_u(bytes, 4)),
  );
}

/**
 * The top bit of each byte that is the third or the fourth of a character, by those two and three in front of it: 0xe0 - 0x60 and
 * 0xf0 - 0x70 are that bit. It must be a second continuation, and no other byte may be one: where both say so, the bits cancel out.
 */
function mustContinue(before2: v128, before3: v128, belowThird: v128, belowFourth: v128, topBit: v128): v128 {
  return v128.and(v128.or(i8x16.sub_sat_u(before2, belowThird), i8x16.sub_sat_u(before3, belowFourth)), topBit);
}
