// Valid UTF-8 → UTF-16, for text that is not all ASCII (RFC 3629 §3). Of 16 bytes those that begin a character are brought side by
// side, with the bytes behind them, by a table look-up; then the units are computed, eight at a time, in as few steps as the
// longest character among them needs. Characters of four bytes, which are pairs of units, are taken one by one. Stores reach up
// to 32 bytes past what was there before. Without SIMD: character by character. Loads and stores that may lie anywhere say so, by
// an alignment of 1: JavaScript has no others.

import { BYTES_8, BYTES_C0, BYTES_E0, BYTES_EF, BYTES_F0, UNITS_3F, UNITS_7FF, UNITS_80 } from './vectors';

/** By the bits of 8 bytes: the numbers of those whose bit is set, side by side; zero behind them. */
const POSITIONS: usize = memory.data(256 * 8, 16);
/** By a number up to 8: the shuffle that moves bytes up by as many. */
const MOVE_UP: usize = memory.data(9 * 16, 16);

if (ASC_FEATURE_SIMD) fillTables();

function fillTables(): void {
  for (let count = 0; count <= 8; count++) {
    // What is moved in from below is not there: a place outside of the vector gives zero.
    for (let i = 0; i < 16; i++) store<u8>(MOVE_UP + count * 16 + i, i - count);
  }
  for (let bits = 0; bits < 256; bits++) {
    let position = POSITIONS + bits * 8;
    for (let i = 0; i < 8; i++) {
      if ((bits >> i) & 1) {
        store<u8>(position, i);
        position += 1;
      }
    }
  }
}

/** Writes `length` bytes of valid UTF-8 as UTF-16 to `target`; returns the number of 16-bit units. */
export function utf8ToUtf16(source: usize, length: i32, target: usize): i32 {
  const end = source + <usize>length;
  const start = target;
  if (!ASC_FEATURE_SIMD) return <i32>(widenOnes(source, end, target) - start) >> 1;
  while (source < end) {
    const bytes = v128.load(source);
    // Bytes past the end are computed like the others, and dropped.
    let size = min(<i32>(end - source), 16);
    let mask = (1 << size) - 1;
    const long = i8x16.bitmask(bytes) & mask;
    if (long === 0) {
      v128.store(target, i16x8.extend_low_i8x16_u(bytes));
      v128.store(target, i16x8.extend_high_i8x16_u(bytes), 16);
      source += size;
      target += size << 1;
      continue;
    }
    let leads = ~i8x16.bitmask(i8x16.lt_s(bytes, v128.load(BYTES_C0))) & mask;
    const leads3 = i8x16.bitmask(i8x16.eq(v128.and(bytes, v128.load(BYTES_F0)), v128.load(BYTES_E0)));
    // One and three bytes, as in most text of Asia.
    if ((long & leads & ~leads3) === 0) {
      const positions = positionsOf(leads);
      const first = i8x16.swizzle(bytes, positions);
      const second = i8x16.swizzle(v128.load(source, 1), positions);
      const third = i8x16.swizzle(v128.load(source, 2), positions);
      const count = popcnt(leads);
      v128.store(target, oneOrThreeLow(first, second, third));
      if (count > 8) v128.store(target, oneOrThreeHigh(first, second, third), 16);
      source += size;
      target += count << 1;
      continue;
    }
    const leads4 = i8x16.bitmask(i8x16.gt_u(bytes, v128.load(BYTES_EF))) & mask;
    if (leads4 !== 0) {
      size = ctz(leads4);
      if (size === 0) {
        widenFour(source, target);
        source += 4;
        target += 4;
        continue;
      }
      // What is in front of it.
      mask = (1 << size) - 1;
      leads &= mask;
    }
    // One and two bytes, as in most text of Europe and of the Near East.
    const positions = positionsOf(leads);
    const first = i8x16.swizzle(bytes, positions);
    const second = i8x16.swizzle(v128.load(source, 1), positions);
    let low = oneOrTwo(i16x8.extend_low_i8x16_u(first), i16x8.extend_low_i8x16_u(second));
    let high = oneOrTwo(i16x8.extend_high_i8x16_u(first), i16x8.extend_high_i8x16_u(second));
    if ((leads3 & mask) !== 0) {
      // A dash or a quotation mark is among them.
      const third = i8x16.swizzle(v128.load(source, 2), positions);
      const isShort = i8x16.lt_u(first, v128.load(BYTES_E0));
      low = v128.bitselect(low, oneOrThreeLow(first, second, third), i16x8.extend_low_i8x16_s(isShort));
      high = v128.bitselect(high, oneOrThreeHigh(first, second, third), i16x8.extend_high_i8x16_s(isShort));
    }
    v128.store(target, low);
    v128.store(target, high, 16);
    source += size;
    target += popcnt(leads) << 1;
  }
  return <i32>(target - start) >> 1;
}

/** The numbers of the set bits among 16, side by side. */
export function positionsOf(bits: i32): v128 {
  const low = bits & 0xff;
  const high = i8x16.add(v128.load64_zero(POSITIONS + ((bits >> 8) << 3)), v128.load(BYTES_8));
  return v128.or(
    v128.load64_zero(POSITIONS + (low << 3)),
    i8x16.swizzle(high, v128.load(MOVE_UP + (popcnt(low) << 4))),
  );
}

/** The UTF-16 unit of each lane, by the two bytes that begin there. */
function oneOrTwo(first: v128, second: v128): v128 {
  // The bits of the first byte that say "two" are shifted to where the mask has none.
  const two = v128.or(v128.and(i16x8.shl(first, 6), v128.load(UNITS_7FF)), v128.and(second, v128.load(UNITS_3F)));
  return v128.bitselect(first, two, i16x8.lt_s(first, v128.load(UNITS_80)));
}

/** The same by three bytes. */
function oneOrThree(first: v128, second: v128, third: v128): v128 {
  const six1 = v128.and(second, v128.load(UNITS_3F));
  const six2 = v128.and(third, v128.load(UNITS_3F));
  const three = v128.or(v128.or(i16x8.shl(first, 12), i16x8.shl(six1, 6)), six2);
  return v128.bitselect(first, three, i16x8.lt_s(first, v128.load(UNITS_80)));
}

function oneOrThreeLow(first: v128, second: v128, third: v128): v128 {
  return oneOrThree(i16x8.extend_low_i8x16_u(first), i16x8.extend_low_i8x16_u(second), i16x8.extend_low_i8x16_u(third));
}

function oneOrThreeHigh(first: v128, second: v128, third: v128): v128 {
  return oneOrThree(
    i16x8.extend_high_i8x16_u(first),
    i16x8.extend_high_i8x16_u(second),
    i16x8.extend_high_i8x16_u(third),
  );
}

/** The pair of units of a character of four bytes. */
function widenFour(source: usize, target: usize): void {
  const point: u32 =
    ((<u32>(load<u8>(source) & 0x07)) << 18) |
    ((<u32>(load<u8>(source, 1) & 0x3f)) << 12) |
    ((<u32>(load<u8>(source, 2) & 0x3f)) << 6) |
    (load<u8>(source, 3) & 0x3f);
  // 0xd800 + ((point - 0x10000) >> 10), with the subtraction folded into the constant.
  store<u16>(target, 0xd7c0 + (point >> 10), 0, 1);
  store<u16>(target, 0xdc00 | (point & 0x3ff), 2, 1);
}

/** The same without SIMD, character by character; returns where the units end. */
function widenOnes(source: usize, end: usize, target: usize): usize {
  while (source < end) {
    const first: u32 = load<u8>(source);
    if (first < 0x80) {
      store<u16>(target, first, 0, 1);
      source += 1;
    } else if (first < 0xe0) {
      store<u16>(target, ((first & 0x1f) << 6) | (load<u8>(source, 1) & 0x3f), 0, 1);
      source += 2;
    } else if (first < 0xf0) {
      store<u16>(target, (first << 12) | ((load<u8>(source, 1) & 0x3f) << 6) | (load<u8>(source, 2) & 0x3f), 0, 1);
      source += 3;
    } else {
      widenFour(source, target);
      source += 4;
      target += 2;
    }
    target += 2;
  }
  return target;
}
