// How many bytes of UTF-8 units of UTF-16 come to (RFC 3629 §3): one each, one more from U+0080 on, another from U+0800 on, and two less
// for a pair of units, whose halves count three. Loads that may lie anywhere say so, by an alignment of 1.

import { UNITS_80, UNITS_800, UNITS_D800, UNITS_DC00, UNITS_FC00 } from './vectors';

/** Of `count` units, at most 65,536: the lanes of a sum have 16 bits. A surrogate without its other half counts as U+FFFD. */
export function utf8Length(source: usize, count: i32): i32 {
  const end = source + ((<usize>count) << 1);
  let length = count;
  if (ASC_FEATURE_SIMD) {
    let more = i16x8.splat(0);
    // One unit is left, for the last of a block may be followed by its other half.
    for (; source + 16 < end; source += 16) {
      const units = v128.load(source);
      const next = v128.load(source, 2);
      const isPair = v128.and(
        i16x8.eq(v128.and(units, v128.load(UNITS_FC00)), v128.load(UNITS_D800)),
        i16x8.eq(v128.and(next, v128.load(UNITS_FC00)), v128.load(UNITS_DC00)),
      );
      // What is true is -1.
      more = i16x8.sub(more, i16x8.ge_u(units, v128.load(UNITS_80)));
      more = i16x8.sub(more, i16x8.ge_u(units, v128.load(UNITS_800)));
      more = i16x8.add(more, i16x8.shl(isPair, 1));
    }
    const sums = i32x4.extadd_pairwise_i16x8_s(more);
    length +=
      i32x4.extract_lane(sums, 0) +
      i32x4.extract_lane(sums, 1) +
      i32x4.extract_lane(sums, 2) +
      i32x4.extract_lane(sums, 3);
  }
  for (; source < end; source += 2) {
    const unit: u32 = load<u16>(source, 0, 1);
    length += i32(unit >= 0x80) + i32(unit >= 0x800);
    const isHigh = (unit & 0xfc00) === 0xd800 && source + 2 < end;
    if (isHigh && (load<u16>(source, 2, 1) & 0xfc00) === 0xdc00) length -= 2;
  }
  return length;
}
