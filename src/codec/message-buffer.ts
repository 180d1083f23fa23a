// A message that did not come in one piece: its pieces are appended to one growing buffer, so that a message costs its
// bytes and nothing per fragment or TCP chunk.

import type { Bytes } from '../base/bytes';
import { allocate } from './heap';
import { leaseRoom, releaseRoom } from './rooms';

/**
 * How far a declared length is trusted: for so many times the bytes that have arrived. With 2 a message of 1 MiB was
 * allocated and copied four times over while it grew; with 32 it is allocated once, after its first 32 KiB.
 */
const TRUST = 32;

const EMPTY: Bytes = new Uint8Array(0);

export class MessageBuffer {
  private bytes = EMPTY;
  private length = 0;

  /**
   * @param limit the largest message, in bytes: the buffer never grows beyond it
   * @param isLent the content is never kept by anybody: its room comes from those that are used again
   */
  constructor(
    private readonly limit: number,
    private readonly isLent: boolean,
  ) {}

  /**
   * Appends bytes of a frame of which `missing` more have been declared. They size the buffer, but only in proportion to
   * what has arrived, since a declared length is only a claim. `isLast`: no other frame follows in the message. Otherwise
   * the buffer doubles at least, so that a message of a million fragments is not copied a million times.
   */
  append(source: Bytes, start: number, end: number, missing: number, isLast: boolean): void {
    this.reserve(end - start, missing, isLast);
    this.bytes.set(source.subarray(start, end), this.length);
    this.length += end - start;
  }

  /** Where the next `missing` bytes or a part of them may be written; `filled` says how many were. */
  room(missing: number, isLast: boolean): Bytes {
    this.reserve(1, missing - 1, isLast);
    return this.bytes.subarray(this.length, this.length + missing);
  }

  filled(count: number): void {
    this.length += count;
  }

  get size(): number {
    return this.length;
  }

  /** The bytes so far. They stay until `release`. */
  get content(): Bytes {
    return this.bytes.subarray(0, this.length);
  }

  /** Empties the buffer; its content was only lent, and nobody reads it from here on. */
  release(): void {
    releaseRoom(this.bytes);
    this.drop();
  }

  /** Empties the buffer without another use for its room: somebody may still write there. */
  drop(): void {
    this.bytes = EMPTY;
    this.length = 0;
  }

  /** The bytes, lent until `giveBack` gets them; the buffer is empty after it. */
  takeLent(): Bytes {
    const { content } = this;
    this.drop();
    return content;
  }

  /** The bytes in an ArrayBuffer of their own that is not larger than they are; the buffer is empty after it. */
  takeExact(): Bytes {
    const { bytes, content } = this;
    this.drop();
    return content.length === bytes.buffer.byteLength ? bytes : content.slice();
  }

  /**
   * Has room for `count` bytes more, of a frame of which `missing` follow them: as `append`, which allocates nothing for those
   * then.
   */
  reserve(count: number, missing: number, isLast: boolean): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const whole = needed + missing;
    // Never nearly all of it: it would be there twice when the rest is made room for.
    const declared = whole <= needed * TRUST ? whole : Math.min(needed * TRUST, Math.ceil(whole / 2));
    const size = Math.min(isLast ? declared : Math.max(declared, needed * 2), this.limit);
    const grown = this.isLent ? leaseRoom(size) : allocate(size);
    grown.set(this.content);
    if (this.isLent) releaseRoom(this.bytes);
    this.bytes = grown;
  }
}

/** What `takeLent` lent: nobody reads it from here on. */
export function giveBack(content: Bytes): void {
  releaseRoom(new Uint8Array(content.buffer));
}
