// Masking (RFC 6455 §5.3): byte i of the payload XOR byte i modulo 4 of the key. It is its own inverse, so the same code
// masks what a client sends and unmasks what a server receives.

/**
 * XORs `length` bytes at `at` with `key` in place. The key is the four key bytes read as a little-endian word.
 * Returns the key rotated to the byte that follows, so that a payload may come in slices of any length.
 */
export function mask(at: usize, length: i32, key: u32): u32 {
  const end = at + <usize>length;
  if (ASC_FEATURE_SIMD) {
    const keys = i32x4.splat(key);
    while (at + 64 <= end) {
      v128.store(at, v128.xor(v128.load(at), keys));
      v128.store(at, v128.xor(v128.load(at, 16), keys), 16);
      v128.store(at, v128.xor(v128.load(at, 32), keys), 32);
      v128.store(at, v128.xor(v128.load(at, 48), keys), 48);
      at += 64;
    }
    while (at + 16 <= end) {
      v128.store(at, v128.xor(v128.load(at), keys));
      at += 16;
    }
    if (at + 8 <= end) {
      store<u64>(at, load<u64>(at) ^ v128.extract_lane<u64>(keys, 0));
      at += 8;
    }
    if (at + 4 <= end) {
      store<u32>(at, load<u32>(at) ^ key);
      at += 4;
    }
  } else {
    // Words lie at multiples of four.
    while (at < end && at & 3) {
      store<u8>(at, load<u8>(at) ^ <u8>key);
      key = rotr(key, 8);
      at += 1;
    }
    while (at + 4 <= end) {
      store<u32>(at, load<u32>(at) ^ key);
      at += 4;
    }
  }
  while (at < end) {
    store<u8>(at, load<u8>(at) ^ <u8>key);
    key = rotr(key, 8);
    at += 1;
  }
  return key;
}
