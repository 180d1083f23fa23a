// UTF-8 ⇄ UTF-16, for text that is not all ASCII. Both ways: compute the output of every lane at full width, then move
// the lanes that count together, by a table look-up. Stores reach up to 16 bytes past what they return. Without SIMD: character
// by character. Loads and stores that may lie anywhere say so, by an alignment of 1: JavaScript has no others.

/** By the bits of 8 bytes: the numbers of those whose bit is set, side by side; zero behind them. */
const POSITIONS: usize = memory.data(256 * 8, 16);
/** By a number up to 8: the shuffle that moves bytes up by as many. */
const MOVE_UP: usize = memory.data(9 * 16, 16);
/** By two bits for each of 4 lanes of 32 bits (has a second byte; has a third): the shuffle that leaves no gaps. */
const PACK_BYTES: usize = memory.data(256 * 16, 16);

// Vectors of a hot loop are loaded: V8 makes a constant anew at each use, in several instructions (1 KiB of Korean text took
// 514 ns with constants, 416 with loads).
const UNITS_3F: usize = memory.data<u16>([0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f], 16);
const UNITS_80: usize = memory.data<u16>([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80], 16);
const BYTES_8: usize = memory.data<u32>([0x08080808, 0x08080808, 0x08080808, 0x08080808], 16);
const BYTES_C0: usize = memory.data<u32>([0xc0c0c0c0, 0xc0c0c0c0, 0xc0c0c0c0, 0xc0c0c0c0], 16);
const BYTES_E0: usize = memory.data<u32>([0xe0e0e0e0, 0xe0e0e0e0, 0xe0e0e0e0, 0xe0e0e0e0], 16);
const BYTES_F0: usize = memory.data<u32>([0xf0f0f0f0, 0xf0f0f0f0, 0xf0f0f0f0, 0xf0f0f0f0], 16);

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
    let bytes = PACK_BYTES + bits * 16;
    for (let lane = 0; lane < 4; lane++) {
      const length = 1 + ((bits >> lane) & 1) + ((bits >> (lane + 4)) & 1);
      for (let i = 0; i < length; i++) {
        store<u8>(bytes, lane * 4 + i);
        bytes += 1;
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
    const mask = end - source >= 16 ? 0xffff : (1 << (<i32>(end - source))) - 1;
    const isLong = i8x16.bitmask(bytes);
    const leads = ~i8x16.bitmask(i8x16.lt_s(bytes, v128.load(BYTES_C0)));
    const leads3 = i8x16.bitmask(i8x16.eq(v128.and(bytes, v128.load(BYTES_F0)), v128.load(BYTES_E0)));
    if ((isLong & mask) === 0) {
      v128.store(target, i16x8.extend_low_i8x16_u(bytes));
      v128.store(target, i16x8.extend_high_i8x16_u(bytes), 16);
      target += popcnt(mask) << 1;
    } else if (isLong & leads & ~leads3 || load<u8>(source - 1) >= 0xf0) {
      target = widenAny(source, leads, mask, target);
    } else {
      // Characters of one and of three bytes, as in most text of Asia. The bytes of each are brought side by side first, so
      // that its unit is computed among 8 and not among 16.
      const positions = positionsOf(leads & mask);
      const first = i8x16.swizzle(bytes, positions);
      const second = i8x16.swizzle(v128.load(source, 1), positions);
      const third = i8x16.swizzle(v128.load(source, 2), positions);
      const count = popcnt(leads & mask);
      v128.store(
        target,
        oneOrThree(i16x8.extend_low_i8x16_u(first), i16x8.extend_low_i8x16_u(second), i16x8.extend_low_i8x16_u(third)),
      );
      if (count > 8) {
        v128.store(
          target,
          oneOrThree(
            i16x8.extend_high_i8x16_u(first),
            i16x8.extend_high_i8x16_u(second),
            i16x8.extend_high_i8x16_u(third),
          ),
          16,
        );
      }
      target += count << 1;
    }
    source += 16;
  }
  return <i32>(target - start) >> 1;
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
    } else {
      const twelve: u32 = ((load<u8>(source, 1) & 0x3f) << 6) | (load<u8>(source, 2) & 0x3f);
      if (first < 0xf0) {
        store<u16>(target, (first << 12) | twelve, 0, 1);
        source += 3;
      } else {
        const point: u32 = ((first & 0x07) << 18) | (twelve << 6) | (load<u8>(source, 3) & 0x3f);
        // 0xd800 + ((point - 0x10000) >> 10), with the subtraction folded into the constant.
        store<u16>(target, 0xd7c0 + (point >> 10), 0, 1);
        store<u16>(target, 0xdc00 | (point & 0x3ff), 2, 1);
        source += 4;
        target += 2;
      }
    }
    target += 2;
  }
  return target;
}

/** The numbers of the set bits among 16, side by side. */
function positionsOf(bits: i32): v128 {
  const low = bits & 0xff;
  const high = i8x16.add(v128.load64_zero(POSITIONS + ((bits >> 8) << 3)), v128.load(BYTES_8));
  return v128.or(
    v128.load64_zero(POSITIONS + (low << 3)),
    i8x16.swizzle(high, v128.load(MOVE_UP + (popcnt(low) << 4))),
  );
}

/** The UTF-16 unit of each lane, by the three bytes that begin there. */
function oneOrThree(first: v128, second: v128, third: v128): v128 {
  const six1 = v128.and(second, v128.load(UNITS_3F));
  const six2 = v128.and(third, v128.load(UNITS_3F));
  const three = v128.or(v128.or(i16x8.shl(first, 12), i16x8.shl(six1, 6)), six2);
  return v128.bitselect(first, three, i16x8.lt_s(first, v128.load(UNITS_80)));
}

/** The units that begin at those of the 16 bytes at `source` whose bit in `mask` is set, whatever their characters' length. */
function widenAny(source: usize, leads: i32, mask: i32, target: usize): usize {
  const bytes = v128.load(source);
  const before = v128.load(source - 1);
  const second = v128.load(source, 1);
  const third = v128.load(source, 2);
  // A character of four bytes is a pair of units: the second one is computed at the byte behind the lead.
  const isBehindFour = v128.and(i8x16.lt_s(bytes, i8x16.splat(<i8>0xc0)), i8x16.ge_u(before, i8x16.splat(<i8>0xf0)));
  const kept = (leads | i8x16.bitmask(isBehindFour)) & mask;
  const positions = positionsOf(kept);
  const packed1 = i8x16.swizzle(bytes, positions);
  const packed2 = i8x16.swizzle(second, positions);
  const packed3 = i8x16.swizzle(third, positions);
  v128.store(
    target,
    anyUnits(i16x8.extend_low_i8x16_u(packed1), i16x8.extend_low_i8x16_u(packed2), i16x8.extend_low_i8x16_u(packed3)),
  );
  v128.store(
    target,
    anyUnits(
      i16x8.extend_high_i8x16_u(packed1),
      i16x8.extend_high_i8x16_u(packed2),
      i16x8.extend_high_i8x16_u(packed3),
    ),
    16,
  );
  return target + (popcnt(kept) << 1);
}

/** The same with two bytes, and with four: a lead gives the first half of the pair, the byte behind it the second. */
function anyUnits(first: v128, second: v128, third: v128): v128 {
  const six1 = v128.and(second, i16x8.splat(0x3f));
  const six2 = v128.and(third, i16x8.splat(0x3f));
  const two = v128.or(i16x8.shl(v128.and(first, i16x8.splat(0x1f)), 6), six1);
  // 0xd800 + ((code point - 0x10000) >> 10), with the subtraction folded into the constant.
  const firstHalf = i16x8.add(
    i16x8.splat(<i16>0xd7c0),
    v128.or(v128.or(i16x8.shl(v128.and(first, i16x8.splat(0x07)), 8), i16x8.shl(six1, 2)), i16x8.shr_u(six2, 4)),
  );
  const secondHalf = v128.or(
    i16x8.splat(<i16>0xdc00),
    v128.or(i16x8.shl(v128.and(second, i16x8.splat(0x0f)), 6), six2),
  );
  let result = v128.bitselect(secondHalf, oneOrThree(first, second, third), isIn(first, 0x80, 0xbf));
  result = v128.bitselect(two, result, isIn(first, 0xc0, 0xdf));
  return v128.bitselect(firstHalf, result, isIn(first, 0xf0, 0xff));
}

function isIn(lanes: v128, least: i16, most: i16): v128 {
  return v128.and(i16x8.ge_s(lanes, i16x8.splat(least)), i16x8.le_s(lanes, i16x8.splat(most)));
}

/**
 * Writes `count` units of UTF-16 as UTF-8 to `target`; returns the number of bytes, at most three for each unit. A
 * surrogate without its other half becomes U+FFFD (as WHATWG Encoding and Node do).
 */
export function utf16ToUtf8(source: usize, count: i32, target: usize): i32 {
  const end = source + ((<usize>count) << 1);
  const start = target;
  while (ASC_FEATURE_SIMD && source + 16 <= end) {
    const block = v128.load(source);
    if (!v128.any_true(v128.and(block, i16x8.splat(<i16>0xff80)))) {
      v128.store64_lane(target, i8x16.narrow_i16x8_u(block, block), 0);
      source += 16;
      target += 8;
      continue;
    }
    const isSurrogate = i16x8.eq(v128.and(block, i16x8.splat(<i16>0xf800)), i16x8.splat(<i16>0xd800));
    if (!v128.any_true(isSurrogate)) {
      target = packBytes(i32x4.extend_low_i16x8_u(block), target);
      target = packBytes(i32x4.extend_high_i16x8_u(block), target);
      source += 16;
      continue;
    }
    // A pair may reach past the block: then the block ends one unit later.
    const blockEnd = source + 16;
    while (source < blockEnd) {
      const width = isPair(source, end) ? 4 : 2;
      target = encodeOne(source, width, target);
      source += width;
    }
  }
  while (source < end) {
    const width = isPair(source, end) ? 4 : 2;
    target = encodeOne(source, width, target);
    source += width;
  }
  return <i32>(target - start);
}

/** Four code points below 0x10000 as one to three bytes each. */
function packBytes(points: v128, target: usize): usize {
  const isLong2 = i32x4.ge_u(points, i32x4.splat(0x80));
  const isLong3 = i32x4.ge_u(points, i32x4.splat(0x800));
  const six0 = v128.or(v128.and(points, i32x4.splat(0x3f)), i32x4.splat(0x80));
  const middle = i32x4.shr_u(points, 6);
  const six1 = v128.or(v128.and(middle, i32x4.splat(0x3f)), i32x4.splat(0x80));
  const two = v128.or(v128.or(middle, i32x4.splat(0xc0)), i32x4.shl(six0, 8));
  const three = v128.or(
    v128.or(v128.or(i32x4.shr_u(points, 12), i32x4.splat(0xe0)), i32x4.shl(six1, 8)),
    i32x4.shl(six0, 16),
  );
  const bytes = v128.bitselect(three, v128.bitselect(two, points, isLong2), isLong3);
  const lengths = i32x4.bitmask(isLong2) | (i32x4.bitmask(isLong3) << 4);
  v128.store(target, i8x16.swizzle(bytes, v128.load(PACK_BYTES + (lengths << 4))));
  return target + 4 + popcnt(lengths);
}

function isPair(source: usize, end: usize): bool {
  return (
    source + 4 <= end && (load<u16>(source, 0, 1) & 0xfc00) === 0xd800 && (load<u16>(source, 2, 1) & 0xfc00) === 0xdc00
  );
}

/** One code point, from one unit (width 2) or a pair (width 4). */
function encodeOne(source: usize, width: i32, target: usize): usize {
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
