// Bytes for the scripts: frames as a server sends them, of any size and lawful or not, and payloads to fill them with. It
// knows RFC 6455 §5.2 and nothing of cases.

import { frame, head } from '../../support/raw-peer';

export { frame, head, type LengthBytes, lengthBytesOf } from '../../support/raw-peer';

/** First bytes of frames that are not whole messages (RFC 6455 §5.4); the whole ones are in raw-peer.ts. */
export const TEXT_BEGIN = 0x01;
export const BINARY_BEGIN = 0x02;
export const MIDDLE = 0x00;
export const END = 0x80;

/** The reserved bits, to be set in a first byte: RSV1 is 4, RSV2 is 2, RSV3 is 1. */
export const reserved = (bits: number): number => bits << 4;

/** A frame as only a client may send it (RFC 6455 §5.1). */
export function maskedFrame(
  first: number,
  payload: string | Uint8Array,
  key: readonly number[] = [1, 2, 3, 4],
): Buffer {
  const bytes = Buffer.from(payload as string);
  const header = head(first, bytes.length);
  header[1]! |= 0x80;
  return Buffer.concat([header, Buffer.from(key), bytes.map((byte, i) => byte ^ key[i % 4]!)]);
}

/** A message in fragments of so many bytes (the last one may have fewer), as one stretch of bytes: there may be a million. */
export function fragmented(opcode: number, payload: Uint8Array, size: number): Buffer {
  const count = Math.max(1, Math.ceil(payload.length / size));
  const stream = Buffer.alloc(payload.length + count * head(0, size).length);
  let at = 0;
  for (let i = 0; i < count; i += 1) {
    const piece = payload.subarray(i * size, (i + 1) * size);
    const first = (i === 0 ? opcode : MIDDLE) | (i === count - 1 ? END : 0);
    const header = head(first, piece.length);
    stream.set(header, at);
    stream.set(piece, at + header.length);
    at += header.length + piece.length;
  }
  return stream.subarray(0, at);
}

/** The frames of a message, one for each of these payloads. */
export function fragments(opcode: number, ...payloads: (string | Uint8Array)[]): Buffer[] {
  const last = payloads.length - 1;
  return payloads.map((payload, i) => frame((i === 0 ? opcode : MIDDLE) | (i === last ? END : 0), payload));
}

/** Each byte by itself. */
export function octets(text: string | Uint8Array): Uint8Array[] {
  return [...Buffer.from(text as string)].map((byte) => Uint8Array.of(byte));
}

/** `'ce ba'` as bytes. */
export function hex(digits: string): Buffer {
  return Buffer.from(digits.replaceAll(' ', ''), 'hex');
}

// Payloads. Both repeat with a period that divides no window, block or page, so that a piece in the wrong place shows.

const NOISE = new Uint8Array(65_521);
for (let i = 0, state = 1; i < NOISE.length; i += 1) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  NOISE[i] = state >>> 24;
}

export function noise(size: number): Buffer {
  return size === 0 ? Buffer.alloc(0) : Buffer.alloc(size, NOISE);
}

const PROSE = Buffer.from('다람쥐 헌 쳇바퀴에 타고파. The quick brown fox jumps over 13 lazy dogs. Ελληνικά, 🦊🐶. ');

/** UTF-8 of exactly so many bytes, with characters of every length: the last one is replaced by dots. */
export function prose(size: number): Buffer {
  if (size === 0) return Buffer.alloc(0);
  const bytes = Buffer.alloc(size, PROSE);
  let last = size - 1;
  while ((bytes[last]! & 0xc0) === 0x80) last -= 1;
  return bytes.fill('.', last);
}

/** ASCII of exactly so many bytes. */
export function ascii(size: number): Buffer {
  return size === 0 ? Buffer.alloc(0) : Buffer.alloc(size, 'Sphinx of black quartz, judge my vow! 0123456789. ');
}
