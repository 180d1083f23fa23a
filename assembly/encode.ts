// Frames in place (RFC 6455 §5.2, §5.3): the payload is there already, the header is written backwards from it, the mask
// is laid over it. `first` is the header's first byte (fin and opcode); `key` is the address of a masking key, or 0 for a
// frame that is not masked.

import { LENGTH_16, LENGTH_64, MASK_BIT } from './layout';
import { mask } from './mask';
import { utf16ToUtf8 } from './utf16-to-utf8';

/** Bytes in front of a payload of `length` bytes. */
export function headerBytes(length: u32, isMasked: bool): i32 {
  return (length < <u32>LENGTH_16 ? 2 : length <= 0xffff ? 4 : 10) + (isMasked ? 4 : 0);
}

/** Writes the header that ends at `payload`; returns where it begins. */
export function writeHeader(payload: usize, length: u32, first: i32, key: usize): usize {
  let maskBit = 0;
  if (key !== 0) {
    maskBit = MASK_BIT;
    payload -= 4;
    store<u32>(payload, load<u32>(key), 0, 1);
  }
  if (length < <u32>LENGTH_16) {
    payload -= 2;
    store<u8>(payload, length | maskBit, 1);
  } else if (length <= 0xffff) {
    payload -= 4;
    store<u8>(payload, LENGTH_16 | maskBit, 1);
    store<u16>(payload, bswap<u16>(<u16>length), 2, 1);
  } else {
    payload -= 10;
    store<u8>(payload, LENGTH_64 | maskBit, 1);
    store<u64>(payload, bswap<u64>(<u64>length), 2, 1);
  }
  store<u8>(payload, first);
  return payload;
}

/** Makes a frame of the payload in place; returns where the frame begins. */
export function encode(payload: usize, length: i32, first: i32, key: usize): usize {
  if (key !== 0) mask(payload, length, load<u32>(key));
  return writeHeader(payload, length, first, key);
}

/**
 * Makes a frame at `frame` from `count` units of UTF-16; returns its size. It needs room for a header, three bytes for
 * each unit, and SLACK_BYTES.
 */
export function encodeText(units: usize, count: i32, frame: usize, first: i32, key: usize): i32 {
  // The header's size depends on the payload's, which is not known yet. Most text is nearly ASCII: one byte for each unit.
  const payload = frame + headerBytes(count, key !== 0);
  const length = utf16ToUtf8(units, count, payload);
  const header = headerBytes(length, key !== 0);
  if (frame + header !== payload) memory.copy(frame + header, payload, length);
  encode(frame + header, length, first, key);
  return header + length;
}
