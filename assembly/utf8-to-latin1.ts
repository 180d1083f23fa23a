// Valid UTF-8 → Latin-1, a byte for each character, as long as no character is above U+00FF: then a string of half the size can be made
// of it. The characters from U+0080 on have two bytes, and the second is the character, or 64 less where the first is C3 (RFC 3629
// §3). Stores reach up to 16 bytes past what was there before. Without SIMD: character by character.

import { positionsOf } from './utf8-to-utf16';
import { BYTES_40, BYTES_BF, BYTES_C3 } from './vectors';

/**
 * Writes `length` bytes of valid UTF-8 as Latin-1 to `target`; returns the number of characters. -1: one of them is above U+00FF, and
 * what was written means nothing. The byte in front of `source` is read, whatever it is.
 */
export function utf8ToLatin1(source: usize, length: i32, target: usize): i32 {
  const end = source + <usize>length;
  const start = target;
  if (!ASC_FEATURE_SIMD) return narrowOnes(source, end, target);
  while (source < end) {
    const bytes = v128.load(source);
    // Bytes past the end are computed like the others, and dropped.
    const size = min(<i32>(end - source), 16);
    const mask = (1 << size) - 1;
    if ((i8x16.bitmask(bytes) & mask) === 0) v128.store(target, bytes);
    else {
      if ((i8x16.bitmask(i8x16.gt_u(bytes, v128.load(BYTES_C3))) & mask) !== 0) return -1;
      const isBehindC3 = i8x16.eq(v128.load(source - 1), v128.load(BYTES_C3));
      // Of a byte that is not ASCII only: what is in front of the text is anything.
      const more = v128.and(v128.and(i8x16.shr_u(bytes, 1), v128.load(BYTES_40)), isBehindC3);
      const characters = i8x16.add(bytes, more);
      const leads = i8x16.bitmask(i8x16.gt_u(bytes, v128.load(BYTES_BF))) & mask;
      v128.store(target, i8x16.swizzle(characters, positionsOf(mask & ~leads)));
      target -= popcnt(leads);
    }
    source += size;
    target += size;
  }
  return <i32>(target - start);
}

/** The same without SIMD; returns what it does. */
function narrowOnes(source: usize, end: usize, target: usize): i32 {
  const start = target;
  while (source < end) {
    const first: u32 = load<u8>(source);
    if (first > 0xc3) return -1;
    if (first < 0x80) {
      store<u8>(target, first);
      source += 1;
    } else {
      store<u8>(target, ((first & 0x03) << 6) | (load<u8>(source, 1) & 0x3f));
      source += 2;
    }
    target += 1;
  }
  return <i32>(target - start);
}
