// UTF-8 ⇄ UTF-16, for text that is not all ASCII. Both ways: compute the output of every lane at full width, then move
// the lanes that count together, by a table look-up. Stores reach up to 16 bytes past what they return.

/** By the bits of 8 lanes of 16 bits: the byte shuffle that moves the lanes with a set bit to the front. */
const PACK_UNITS: usize = memory.data(256 * 16, 16);
/** By two bits for each of 4 lanes of 32 bits (has a second byte; has a third): the shuffle that leaves no gaps. */
const PACK_BYTES: usize = memory.data(256 * 16, 16);

for (let bits = 0; bits < 256; bits++) {
  let units = PACK_UNITS + bits * 16;
  for (let lane = 0; lane < 8; lane++) {
    if ((bits >> lane) & 1) {
      store<u8>(units, lane * 2);
      store<u8>(units, lane * 2 + 1, 1);
      units += 2;
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

/** Writes `length` bytes of valid UTF-8 as UTF-16 to `target`; returns the number of 16-bit units. */
export function utf8ToUtf16(source: usize, length: i32, target: usize): i32 {
  const end = source + <usize>length;
  const start = target;
  while (source < end) {
    const bytes = v128.load(source);
    // Lanes past the end are computed like the others, and dropped.
    const lanes = end - source >= 16 ? 0xffff : (1 << (<i32>(end - source))) - 1;
    if ((i8x16.bitmask(bytes) & lanes) === 0) {
      v128.store(target, i16x8.extend_low_i8x16_u(bytes));
      v128.store(target, i16x8.extend_high_i8x16_u(bytes), 16);
      target += 2 * popcnt(lanes);
    } else {
      const after1 = v128.load(source, 1);
      const after2 = v128.load(source, 2);
      const before = v128.load(source - 1);
      // A unit comes from each lead byte, and from the byte behind a lead of four: the second half of the pair.
      const isContinuation = i8x16.lt_s(bytes, i8x16.splat(<i8>0xc0));
      const behindLead4 = v128.and(isContinuation, i8x16.ge_u(before, i8x16.splat(<i8>0xf0)));
      const keep = i8x16.bitmask(v128.or(v128.not(isContinuation), behindLead4)) & lanes;

      let low = units(
        i16x8.extend_low_i8x16_u(bytes),
        i16x8.extend_low_i8x16_u(after1),
        i16x8.extend_low_i8x16_u(after2),
      );
      let high = units(
        i16x8.extend_high_i8x16_u(bytes),
        i16x8.extend_high_i8x16_u(after1),
        i16x8.extend_high_i8x16_u(after2),
      );
      if (v128.any_true(v128.or(behindLead4, i8x16.ge_u(bytes, i8x16.splat(<i8>0xf0))))) {
        low = v128.bitselect(
          lowSurrogates(i16x8.extend_low_i8x16_u(after1), i16x8.extend_low_i8x16_u(after2)),
          low,
          i16x8.extend_low_i8x16_s(behindLead4),
        );
        high = v128.bitselect(
          lowSurrogates(i16x8.extend_high_i8x16_u(after1), i16x8.extend_high_i8x16_u(after2)),
          high,
          i16x8.extend_high_i8x16_s(behindLead4),
        );
      }
      target = pack(low, keep & 0xff, target);
      target = pack(high, keep >> 8, target);
    }
    source += 16;
  }
  return <i32>(target - start) >> 1;
}

/** Stores the lanes of `units` whose bit in `keep` is set; returns where the next unit goes. */
function pack(units: v128, keep: i32, target: usize): usize {
  v128.store(target, i8x16.swizzle(units, v128.load(PACK_UNITS + (keep << 4))));
  return target + 2 * popcnt(keep);
}

/** The UTF-16 unit that begins at each lane; for a lead of four the first half of the pair. */
function units(bytes: v128, after1: v128, after2: v128): v128 {
  const six1 = v128.and(after1, i16x8.splat(0x3f));
  const six2 = v128.and(after2, i16x8.splat(0x3f));
  const two = v128.or(i16x8.shl(v128.and(bytes, i16x8.splat(0x1f)), 6), six1);
  const three = v128.or(v128.or(i16x8.shl(bytes, 12), i16x8.shl(six1, 6)), six2);
  // 0xd800 + ((code point - 0x10000) >> 10), with the subtraction folded into the constant.
  const four = i16x8.add(
    i16x8.splat(<i16>0xd7c0),
    v128.or(v128.or(i16x8.shl(v128.and(bytes, i16x8.splat(0x07)), 8), i16x8.shl(six1, 2)), i16x8.shr_u(six2, 4)),
  );
  let result = v128.bitselect(bytes, two, i16x8.lt_u(bytes, i16x8.splat(0x80)));
  result = v128.bitselect(three, result, i16x8.ge_u(bytes, i16x8.splat(0xe0)));
  return v128.bitselect(four, result, i16x8.ge_u(bytes, i16x8.splat(0xf0)));
}

/** The second half of a pair, computed at the byte behind the lead: its own six bits are in the first half. */
function lowSurrogates(after1: v128, after2: v128): v128 {
  const six2 = v128.and(after2, i16x8.splat(0x3f));
  return v128.or(i16x8.splat(<i16>0xdc00), v128.or(i16x8.shl(v128.and(after1, i16x8.splat(0x0f)), 6), six2));
}

/**
 * Writes `count` units of UTF-16 as UTF-8 to `target`; returns the number of bytes, at most three for each unit. A
 * surrogate without its other half becomes U+FFFD (as WHATWG Encoding and Node do).
 */
export function utf16ToUtf8(source: usize, count: i32, target: usize): i32 {
  const end = source + ((<usize>count) << 1);
  const start = target;
  while (source + 16 <= end) {
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
  return source + 4 <= end && (load<u16>(source) & 0xfc00) === 0xd800 && (load<u16>(source, 2) & 0xfc00) === 0xdc00;
}

/** One code point, from one unit (width 2) or a pair (width 4). */
function encodeOne(source: usize, width: i32, target: usize): usize {
  let point: u32 = load<u16>(source);
  if (width === 4) {
    // (high - 0xd800) << 10 | (low - 0xdc00), plus 0x10000, with the constants folded.
    point = (point << 10) + load<u16>(source, 2) - 0x35fdc00;
    store<u32>(
      target,
      0x808080f0 |
        (point >> 18) |
        (((point >> 12) & 0x3f) << 8) |
        (((point >> 6) & 0x3f) << 16) |
        ((point & 0x3f) << 24),
    );
    return target + 4;
  }
  if (point < 0x80) {
    store<u8>(target, point);
    return target + 1;
  }
  if (point < 0x800) {
    store<u16>(target, 0x80c0 | (point >> 6) | ((point & 0x3f) << 8));
    return target + 2;
  }
  if ((point & 0xf800) === 0xd800) point = 0xfffd;
  store<u16>(target, 0x80e0 | (point >> 12) | (((point >> 6) & 0x3f) << 8));
  store<u8>(target, 0x80 | (point & 0x3f), 2);
  return target + 3;
}
