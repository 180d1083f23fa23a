// UTF-16 → UTF-8, for text that is not all ASCII (RFC 3629 §3). Eight units at a time: the bytes of each are computed at the full
// width that the longest of them needs, and brought side by side by a table look-up. Pairs of units are taken one by one. Stores
// reach up to 28 bytes past what they return. Without SIMD: character by character. Loads and stores that may lie anywhere say so,
// by an alignment of 1: JavaScript has no others.

import {
  UNITS_3F,
  UNITS_80,
  UNITS_800,
  UNITS_C0,
  UNITS_D800,
  UNITS_F800,
  WORDS_3F,
  WORDS_80,
  WORDS_800,
  WORDS_C0,
  WORDS_E0,
} from './vectors';

/** By a bit for each of 8 lanes of 16 bits (has a second byte): the shuffle that leaves no gaps. */
const PACK_UNITS: usize = memory.data(256 * 16, 16);
/** By two bits for each of 4 lanes of 32 bits (has a second byte; has a third): the same. */
const PACK_WORDS: usize = memory.data(256 * 16, 16);

if (ASC_FEATURE_SIMD) fillTables();

function fillTables(): void {
  for (let bits = 0; bits < 256; bits++) {
    let target = PACK_UNITS + bits * 16;
    for (let lane = 0; lane < 8; lane++) target = place(lane * 2, 1 + ((bits >> lane) & 1), target);
    target = PACK_WORDS + bits * 16;
    for (let lane = 0; lane < 4; lane++) {
      target = place(lane * 4, 1 + ((bits >> lane) & 1) + ((bits >> (lane + 4)) & 1), target);
    }
  }
}

/** Writes the numbers of `count` bytes from `first` on; returns where they end. */
function place(first: i32, count: i32, target: usize): usize {
  for (let i = 0; i < count; i++) store<u8>(target + i, first + i);
  return target + count;
}

/**
 * Writes `count` units of UTF-16 as UTF-8 to `target`; returns the number of bytes, at most three for each unit. A
 * surrogate without its other half becomes U+FFFD (as WHATWG Encoding and Node do).
 */
export function utf16ToUtf8(source: usize, count: i32, target: usize): i32 {
  const end = source + ((<usize>count) << 1);
  const start = target;
  if (!ASC_FEATURE_SIMD) return <i32>(packOnes(source, end, target) - start);
  while (source < end) {
    // Units past the end are computed like the others, and dropped.
    const block = v128.load(source);
    if (source + 32 <= end) {
      const next = v128.load(source, 16);
      if (i16x8.bitmask(i16x8.ge_u(v128.or(block, next), v128.load(UNITS_80))) === 0) {
        v128.store(target, i8x16.narrow_i16x8_u(block, next));
        source += 32;
        target += 16;
        continue;
      }
    }
    let units = min(<i32>(end - source) >> 1, 8);
    const long2 = i16x8.bitmask(i16x8.ge_u(block, v128.load(UNITS_80)));
    if ((long2 & ((1 << units) - 1)) === 0) {
      v128.store64_lane(target, i8x16.narrow_i16x8_u(block, block), 0);
      source += units << 1;
      target += units;
      continue;
    }
    const isSurrogate = i16x8.eq(v128.and(block, v128.load(UNITS_F800)), v128.load(UNITS_D800));
    if (v128.any_true(isSurrogate)) {
      // Up to the first of them.
      units = min(units, ctz(i16x8.bitmask(isSurrogate)));
      if (units === 0) {
        const width = widthAt(source, end);
        target = packOne(source, width, target);
        source += width;
        continue;
      }
    }
    const kept = (1 << units) - 1;
    const long3 = i16x8.bitmask(i16x8.ge_u(block, v128.load(UNITS_800)));
    if ((long3 & kept) === 0) packTwo(block, long2, target);
    else packThree(block, long2, long3, target);
    target += units + popcnt(long2 & kept) + popcnt(long3 & kept);
    source += units << 1;
  }
  return <i32>(target - start);
}

/** Eight code points below 0x800, as one or two bytes each. */
function packTwo(points: v128, long2: i32, target: usize): void {
  const first = v128.or(i16x8.shr_u(points, 6), v128.load(UNITS_C0));
  const second = i16x8.shl(v128.or(v128.and(points, v128.load(UNITS_3F)), v128.load(UNITS_80)), 8);
  const bytes = v128.bitselect(points, v128.or(first, second), i16x8.lt_s(points, v128.load(UNITS_80)));
  v128.store(target, i8x16.swizzle(bytes, v128.load(PACK_UNITS + (long2 << 4))));
}

/** Eight code points below 0x10000, as one to three bytes each. */
function packThree(points: v128, long2: i32, long3: i32, target: usize): void {
  const low = (long2 & 15) | ((long3 & 15) << 4);
  packFour(i32x4.extend_low_i16x8_u(points), low, target);
  packFour(i32x4.extend_high_i16x8_u(points), (long2 >> 4) | (long3 & 0xf0), target + 4 + popcnt(low));
}

/** Four of them. */
function packFour(points: v128, lengths: i32, target: usize): void {
  const six0 = v128.or(v128.and(points, v128.load(WORDS_3F)), v128.load(WORDS_80));
  const middle = i32x4.shr_u(points, 6);
  const six1 = v128.or(v128.and(middle, v128.load(WORDS_3F)), v128.load(WORDS_80));
  const two = v128.or(v128.or(middle, v128.load(WORDS_C0)), i32x4.shl(six0, 8));
  const three = v128.or(
    v128.or(v128.or(i32x4.shr_u(points, 12), v128.load(WORDS_E0)), i32x4.shl(six1, 8)),
    i32x4.shl(six0, 16),
  );
  const isShort2 = i32x4.lt_s(points, v128.load(WORDS_80));
  const isShort3 = i32x4.lt_s(points, v128.load(WORDS_800));
  const bytes = v128.bitselect(v128.bitselect(points, two, isShort2), three, isShort3);
  v128.store(target, i8x16.swizzle(bytes, v128.load(PACK_WORDS + (lengths << 4))));
}

/** The same without SIMD, character by character; returns where the bytes end. */
function packOnes(source: usize, end: usize, target: usize): usize {
  while (source < end) {
    const width = widthAt(source, end);
    target = packOne(source, width, target);
    source += width;
  }
  return target;
}

/** How many bytes of UTF-16 the next character has: 4 for a pair of units, else 2. */
function widthAt(source: usize, end: usize): usize {
  const isPair =
    source + 4 <= end && (load<u16>(source, 0, 1) & 0xfc00) === 0xd800 && (load<u16>(source, 2, 1) & 0xfc00) === 0xdc00;
  return isPair ? 4 : 2;
}

/** One code point, from one unit (width 2) or a pair (width 4). */
function packOne(source: usize, width: usize, target: usize): usize {
  let point: u32 = load<u16>(source, 0, 1);
  if (width === 4) {
    // (high - 0xd800) << 10 | (low - 0xdc00), plus 0x10000, with the constants folded.
    point = (point << 10) + load<u16>(source, 2, 1) - 0x35fdc00;
    store<u32>(
      target,
      0x808080f0 |
        (point >> 18) |
        (((point >> 12) & 0x3f) << 8) |
        (((point >> 6) & 0x3f) << 16) |
        ((point & 0x3f) << 24),
      0,
      1,
    );
    return target + 4;
  }
  if (point < 0x80) {
    store<u8>(target, point);
    return target + 1;
  }
  if (point < 0x800) {
    store<u16>(target, 0x80c0 | (point >> 6) | ((point & 0x3f) << 8), 0, 1);
    return target + 2;
  }
  if ((point & 0xf800) === 0xd800) point = 0xfffd;
  store<u16>(target, 0x80e0 | (point >> 12) | (((point >> 6) & 0x3f) << 8), 0, 1);
  store<u8>(target, 0x80 | (point & 0x3f), 2);
  return target + 3;
}
