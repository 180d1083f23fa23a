// The sending half of the codec: writes frames into wasm memory (RFC 6455 §5). A payload is copied or encoded to its place once;
// header and mask are laid around and over it there. Where the frame goes then is the caller's business. Nothing in here calls
// out, if the next key is there (`refillKeys`): see shared.ts.

import { BLOCK_BYTES, HEADER_MAX, LENGTH_16, SCRATCH, STAGING } from '../../assembly/layout';
import { plainView } from '../base/bytes';
import { core, written } from './memory';
import { keyAt } from './shared';
import {
  encodeText,
  isEncoded,
  isLongAscii,
  utf8LengthOf,
  writeAscii,
  writeShortAscii,
  writeText,
  writeUnits,
} from './text';

/** Bytes that a frame of this text may need: a unit of UTF-16 is at most three bytes of UTF-8. */
export function textRoom(text: string): number {
  return HEADER_MAX + text.length * 3;
}

/** Bytes that a frame of this many payload bytes may need. */
export function frameRoom(payloadLength: number): number {
  return HEADER_MAX + payloadLength;
}

/** Bytes of a masked frame of this many payload bytes. */
export function frameBytes(payloadLength: number): number {
  return headerBytes(payloadLength, true) + payloadLength;
}

/**
 * Writes a frame with `text` as its payload, at `at`, where there must be `textRoom(text)` bytes, at most BLOCK_BYTES.
 * `first` is the header's first byte: fin and opcode. `key` is the address of the masking key, 0: it is not masked. Returns the
 * frame's size.
 */
export function writeTextFrame(text: string, at: number, first: number, key: number): number {
  const payload = at + headerBytes(text.length, key !== 0);
  if (!writeShortAscii(text, payload)) return writeOtherTextFrame(text, at, payload, first, key);
  core.encode(payload, text.length, first, key);
  return payload + text.length - at;
}

/** Of a text that is longer, or not ASCII; `payload` is where it is as ASCII. */
function writeOtherTextFrame(text: string, at: number, payload: number, first: number, key: number): number {
  if (isEncoded(text)) return writeEncodedFrame(text, at, payload, first, key);
  if (!isLongAscii(text)) return core.encodeText(SCRATCH, writeUnits(text), at, first, key);
  writeAscii(text, payload);
  core.encode(payload, text.length, first, key);
  return payload + text.length - at;
}

/** As the core does it: most text is nearly ASCII, and then the header is as long as was assumed. */
function writeEncodedFrame(text: string, at: number, payload: number, first: number, key: number): number {
  const length = encodeText(text, payload);
  const start = at + headerBytes(length, key !== 0);
  if (start !== payload) core.bytes.copyWithin(start, payload, payload + length);
  core.encode(start, length, first, key);
  return start + length - at;
}

/** The same with a copy of `payload`, which has `length` bytes, where there must be `frameRoom` bytes. */
export function writeFrame(payload: Uint8Array, length: number, at: number, first: number, key: number): number {
  const payloadAt = at + headerBytes(length, key !== 0);
  core.bytes.set(payload, payloadAt);
  core.encode(payloadAt, length, first, key);
  return payloadAt + length - at;
}

/** Bytes of room that are worth another piece of a large frame; they suffice for a header and a character. */
export const SMALLEST_PIECE = 4_096;

/** A payload that is written piece by piece: the next bytes at an address, as many as there is room for. */
type WriteNext = (at: number, room: number) => number;

/** A frame that is larger than a block: written piece by piece, wherever there is room. */
export class LargeFrame {
  private hasHeader = false;
  /** The masking key, rotated to the next payload byte. */
  private key: number;
  private readonly isMasked: boolean;
  /** Bytes of the frame that are not written yet. */
  remaining: number;

  /** @param key the masking key, or 0: taken at once, since the frame may be written later than others */
  static ofBytes(payload: Uint8Array, first: number, key: number): LargeFrame {
    // A view of our own: what a class of the user has replaced is not asked for pieces.
    const view = plainView(payload);
    const { length } = view;
    let offset = 0;
    const writeNext: WriteNext = (at, room) => {
      const piece = view.subarray(offset, offset + room);
      // Its pieces leave one by one, and whoever takes one may have taken the bytes away.
      if (piece.length < Math.min(room, length - offset)) throw takenAway();
      core.bytes.set(piece, at);
      offset += piece.length;
      return piece.length;
    };
    return new LargeFrame(length, writeNext, first, key);
  }

  static ofText(text: string, first: number, key: number): LargeFrame {
    let offset = 0;
    const length = utf8LengthOf(text);
    if (length === text.length) {
      const writeNext: WriteNext = (at, room) => {
        const piece = text.slice(offset, offset + room);
        writeAscii(piece, at);
        offset += piece.length;
        return piece.length;
      };
      return new LargeFrame(length, writeNext, first, key);
    }
    let left = length;
    const writeNext: WriteNext = (start, room) => {
      let at = start;
      // What a character needs is known when it is written. So the room is filled in ever smaller steps, and not to the last
      // byte.
      do {
        const free = start + room - at;
        let end = left <= free ? text.length : offset + Math.floor(free / 3);
        // A pair of units is one character: it is not cut.
        if (end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end -= 1;
        const size = writeText(text.slice(offset, end), at);
        offset = end;
        left -= size;
        at += size;
      } while (left > 0 && start + room - at >= SMALLEST_PIECE);
      return at - start;
    };
    return new LargeFrame(length, writeNext, first, key);
  }

  /** @param length of the payload, in bytes */
  private constructor(
    private readonly length: number,
    private readonly writeNext: WriteNext,
    private readonly first: number,
    key: number,
  ) {
    // Lengths are 32-bit in the core.
    if (length > 0xffffffff) throw new RangeError('A message must be smaller than 4 GiB.');
    this.isMasked = key !== 0;
    this.key = this.isMasked ? core.words[key >> 2]! : 0;
    this.remaining = headerBytes(length, this.isMasked) + length;
  }

  /** Whether nothing of it has been written. */
  get isWhole(): boolean {
    return !this.hasHeader;
  }

  /** Writes the next `room` bytes or less, at `at`; room for a header and one character is enough. */
  write(at: number, room: number): number {
    let payloadAt = at;
    if (!this.hasHeader) {
      this.hasHeader = true;
      payloadAt += headerBytes(this.length, this.isMasked);
      core.writeHeader(payloadAt, this.length, this.first, this.isMasked ? keyAt(this.key) : 0);
    }
    const taken = this.writeNext(payloadAt, at + room - payloadAt);
    if (this.isMasked) this.key = core.mask(payloadAt, taken, this.key);
    const size = payloadAt + taken - at;
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

/** Bytes that were detached or shrunk by whoever was called while they were sent: what is missing must not be made up. */
export function takenAway(): TypeError {
  return new TypeError('The bytes of a message were taken away while it was sent.');
}
