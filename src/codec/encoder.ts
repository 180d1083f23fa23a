// The sending half of the codec: writes frames into wasm memory (RFC 6455 §5). A payload is copied or encoded to its place
// once; header and mask are laid around and over it there. Where the frame goes then is the caller's business.

import { BLOCK_BYTES, HEADER_MAX, LENGTH_16 } from '../../assembly/layout';
import { core } from '../core';
import { bytes as memory, nextKey, SCRATCH, STAGING, words, written } from './memory';
import { isLongAscii, writeAscii, writeShortAscii, writeUnits } from './text';

const utf8 = new TextEncoder();

/** Bytes that a frame of this text may need: a unit of UTF-16 is at most three bytes of UTF-8. */
export function textRoom(text: string): number {
  return HEADER_MAX + text.length * 3;
}

/** Bytes that a frame of this many payload bytes may need. */
export function frameRoom(payloadLength: number): number {
  return HEADER_MAX + payloadLength;
}

/**
 * Writes a frame with `text` as its payload, at `at`, where there must be `textRoom(text)` bytes, at most BLOCK_BYTES.
 * `first` is the header's first byte: fin and opcode. Returns the frame's size.
 */
export function writeTextFrame(text: string, at: number, first: number, isMasked: boolean): number {
  const key = isMasked ? nextKey() : 0;
  const payload = at + headerBytes(text.length, isMasked);
  if (writeShortAscii(text, payload) || writeLongAscii(text, payload)) {
    core.encode(payload, text.length, first, key);
    return payload + text.length - at;
  }
  return core.encodeText(SCRATCH, writeUnits(text), at, first, key);
}

/** Writes a frame with a copy of `payload`, at `at`, where there must be `frameRoom` bytes. Returns the frame's size. */
export function writeFrame(payload: Uint8Array, at: number, first: number, isMasked: boolean): number {
  const payloadAt = at + headerBytes(payload.length, isMasked);
  memory.set(payload, payloadAt);
  core.encode(payloadAt, payload.length, first, isMasked ? nextKey() : 0);
  return payloadAt + payload.length - at;
}

/** A frame that is larger than a block: written piece by piece, wherever there is room. */
export class LargeFrame {
  private offset = 0;
  private key = 0;
  /** Bytes of the frame that are not written yet. */
  remaining: number;

  static ofBytes(payload: Uint8Array, first: number, isMasked: boolean): LargeFrame {
    // A view of our own: whose `subarray` a class of the user may have replaced is not asked for pieces.
    const view = new Uint8Array(payload.buffer, payload.byteOffset, payload.length);
    const copy = (start: number, end: number, at: number) => memory.set(view.subarray(start, end), at);
    return new LargeFrame(view.length, copy, first, isMasked);
  }

  static ofText(text: string, first: number, isMasked: boolean): LargeFrame {
    if (!isLongAscii(text)) return LargeFrame.ofBytes(utf8.encode(text), first, isMasked);
    const copy = (start: number, end: number, at: number) => writeAscii(text.slice(start, end), at);
    return new LargeFrame(text.length, copy, first, isMasked);
  }

  /**
   * @param length of the payload, in bytes
   * @param copy writes the payload's bytes from `start` to `end` at an address
   */
  private constructor(
    private readonly length: number,
    private readonly copy: (start: number, end: number, at: number) => void,
    private readonly first: number,
    private readonly isMasked: boolean,
  ) {
    // Lengths are 32-bit in the core.
    if (length > 0xffffffff) throw new RangeError('A message must be smaller than 4 GiB.');
    this.remaining = headerBytes(length, isMasked) + length;
  }

  /** Writes the next `room` bytes or what is left, at `at`; the first time there must be room for a header. */
  write(at: number, room: number): number {
    let payloadAt = at;
    if (this.offset === 0) {
      payloadAt += headerBytes(this.length, this.isMasked);
      const key = this.isMasked ? nextKey() : 0;
      this.key = this.isMasked ? words[key >> 2]! : 0;
      core.writeHeader(payloadAt, this.length, this.first, key);
    }
    const take = Math.min(this.length - this.offset, at + room - payloadAt);
    this.copy(this.offset, this.offset + take, payloadAt);
    if (this.isMasked) this.key = core.mask(payloadAt, take, this.key);
    this.offset += take;
    const size = payloadAt + take - at;
    this.remaining -= size;
    return size;
  }

  /** Writes all that is left to the heap, by way of STAGING; `target` has room for it. */
  writeTo(target: Uint8Array): void {
    for (let at = 0; this.remaining > 0; ) {
      const size = this.write(STAGING, BLOCK_BYTES);
      target.set(written(STAGING, size), at);
      at += size;
    }
  }
}

/** The size of a header (RFC 6455 §5.2). The core has the same line: asking it would be one more call for each frame. */
function headerBytes(length: number, isMasked: boolean): number {
  return (length < LENGTH_16 ? 2 : length <= 0xffff ? 4 : 10) + (isMasked ? 4 : 0);
}

/** False: the text is short or not ASCII, and nothing was written. */
function writeLongAscii(text: string, at: number): boolean {
  if (!isLongAscii(text)) return false;
  writeAscii(text, at);
  return true;
}
