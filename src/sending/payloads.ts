// The chunks of a message that is sent as it comes → payloads of its fragments, of a limited size each: text as UTF-8, where a
// character may begin in one chunk and end in the next; bytes of a text, which are looked at. It knows no frames.

import type { Bytes } from '../base/bytes';
import { takenAway } from '../codec/encoder';
import { TextCheck } from '../codec/text-check';
import { encodeUtf8 } from '../runtime/strings';

/** A chunk is cut into payloads of at most so many bytes. (1 GiB took as long with 32 KiB and with 128: 1.2 to 1.6 s.) */
export const FRAGMENT_BYTES = 65_536;

/** A unit of UTF-16 is at most three bytes of UTF-8. */
const FRAGMENT_UNITS = Math.floor(FRAGMENT_BYTES / 3);

export class Payloads {
  /** What is left of the present chunk, from `at` on. */
  private text = '';
  private bytes: Bytes | undefined;
  private length = 0;
  private at = 0;
  /** The first half of a pair of surrogates, whose second one may be in the next chunk. */
  private half = '';
  /** Where a text has had bytes. */
  private check: TextCheck | undefined;

  constructor(private readonly isBinary: boolean) {}

  /** The next chunk: all payloads of the one before have been taken. Throws a TypeError if text cannot go on with it. */
  take(chunk: string | Bytes): void {
    this.at = 0;
    if (typeof chunk === 'string') {
      this.checkWhole();
      const text = this.half + chunk;
      this.half = isFirstHalf(text, text.length - 1) ? text.slice(-1) : '';
      this.text = text;
      this.length = text.length - this.half.length;
    } else {
      this.bytes = chunk;
      this.length = chunk.length;
    }
  }

  /** Undefined: there is nothing left of the chunk. Bytes are those of the chunk itself. Throws a TypeError for what cannot be sent. */
  next(): Bytes | undefined {
    const { bytes } = this;
    if (bytes === undefined) return this.nextOfText();
    if (this.half !== '') return this.takeHalf();
    if (this.at === this.length) {
      this.bytes = undefined;
      return undefined;
    }
    const size = Math.min(FRAGMENT_BYTES, this.length - this.at);
    const payload = bytes.subarray(this.at, this.at + size);
    if (payload.length < size) throw takenAway();
    this.at += size;
    if (!this.isBinary && !this.textCheck.takes(payload)) throw notText();
    return payload;
  }

  /** What no chunk has completed; undefined: nothing. Throws a TypeError if the text cannot end here. */
  last(): Bytes | undefined {
    this.checkWhole();
    return this.half === '' ? undefined : this.takeHalf();
  }

  release(): void {
    this.check?.release();
    this.check = undefined;
  }

  private nextOfText(): Bytes | undefined {
    const { text, at, length } = this;
    if (at === length) {
      this.text = '';
      return undefined;
    }
    let end = Math.min(at + FRAGMENT_UNITS, length);
    if (end < length && isFirstHalf(text, end - 1)) end -= 1;
    this.at = end;
    return encodeUtf8(text.slice(at, end));
  }

  /** A half without the other one: U+FFFD, as in all that is sent. */
  private takeHalf(): Bytes {
    const payload = encodeUtf8(this.half);
    this.half = '';
    return payload;
  }

  private get textCheck(): TextCheck {
    this.check ??= new TextCheck();
    return this.check;
  }

  private checkWhole(): void {
    if (this.check?.isWhole === false) throw notText();
  }
}

function isFirstHalf(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800;
}

function notText(): TypeError {
  return new TypeError('The bytes of a text message must be valid UTF-8 (RFC 6455 §5.6); these are not.');
}
