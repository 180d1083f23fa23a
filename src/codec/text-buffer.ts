// A text that did not come in one piece. As long as it is ASCII its bytes are gathered; from the first other character on it
// is transcoded to UTF-16 piece by piece, while a piece still lies in the processor's cache, unless the runtime is the faster
// one for the whole. What it gets was validated.

import { BLOCK_BYTES, SCRATCH, SCRATCH_BYTES, STAGING } from '../../assembly/layout';
import type { Bytes } from '../base/bytes';
import { adaptAllocator } from '../runtime/allocator';
import { decodeUtf8 } from '../runtime/strings';
import { core } from './memory';
import { MessageBuffer } from './message-buffer';
import { DECODES_LONG_TEXT, readAscii, readUnits, readUtf8 } from './text';

/** A character has at most four bytes, so at most three of it are at the end of a piece. */
export const CUT_MAX = 3;

export class TextBuffer {
  private buffer: MessageBuffer;
  /** Whether the buffer holds UTF-16; bytes of ASCII otherwise. */
  private isWide = false;
  private isAscii = true;
  /** The beginning of a character that the last piece cut. */
  private readonly cut = new Uint8Array(CUT_MAX);
  private cutLength = 0;

  /** @param limit the largest text, in bytes of UTF-8 */
  constructor(private readonly limit: number) {
    this.buffer = new MessageBuffer(limit, true);
  }

  /** Bytes that it holds, of UTF-8 or of UTF-16. */
  get size(): number {
    return this.buffer.size + this.cutLength;
  }

  /** Like MessageBuffer's. `isAscii`: the text is, so far. Of `memory` the CUT_MAX bytes in front of `start` are overwritten. */
  append(source: Bytes, start: number, end: number, isAscii: boolean, missing: number, isLast: boolean): void {
    this.isAscii = isAscii;
    if (isAscii || DECODES_LONG_TEXT) {
      this.buffer.append(source, start, end, missing, isLast);
      return;
    }
    if (!this.isWide) this.widen();
    if (source === core.bytes) {
      this.makeRoom(end - start, missing, isLast);
      this.transcode(start, end);
    } else this.transcodeCopy(source, start, end, missing, isLast);
  }

  /** The whole text; the buffer is empty after it. */
  finish(): string {
    const { content } = this.buffer;
    adaptAllocator(content.length);
    const text = this.read(content);
    this.buffer.release();
    this.clear();
    return text;
  }

  private read(content: Bytes): string {
    if (this.isWide) return readUnits(content);
    return this.isAscii ? readAscii(content, 0, content.length) : decodeUtf8(content);
  }

  clear(): void {
    if (this.isWide) this.buffer = new MessageBuffer(this.limit, true);
    this.buffer.drop();
    this.isWide = false;
    this.cutLength = 0;
  }

  private widen(): void {
    const narrow = this.buffer;
    this.isWide = true;
    this.buffer = new MessageBuffer(this.limit * 2, true);
    this.transcodeCopy(narrow.content, 0, narrow.content.length, 0, false);
    narrow.release();
  }

  private transcodeCopy(source: Bytes, start: number, end: number, missing: number, isLast: boolean): void {
    for (let at = start; at < end; ) {
      const next = Math.min(at + BLOCK_BYTES - CUT_MAX, end);
      const target = STAGING + CUT_MAX;
      this.makeRoom(next - at, missing + (end - next), isLast);
      core.bytes.set(source.subarray(at, next), target);
      this.transcode(target, target + next - at);
      at = next;
    }
  }

  /** In front of the moment that STAGING and SCRATCH are used for: for so many bytes, at most a unit each. */
  private makeRoom(length: number, missing: number, isLast: boolean): void {
    this.buffer.reserve((this.cutLength + length) * 2, missing * 2, isLast);
  }

  /** Takes the bytes of `memory` from `start` to `end`, for which there is room, up to the last whole character. */
  private transcode(start: number, end: number): void {
    const from = start - this.cutLength;
    core.bytes.set(this.cut.subarray(0, this.cutLength), from);
    const to = lastBoundary(core.bytes, from, end);
    this.cut.set(core.bytes.subarray(to, end));
    this.cutLength = end - to;
    const units = core.utf8ToUtf16(from, to - from, SCRATCH);
    this.buffer.append(core.bytes, SCRATCH, SCRATCH + units * 2, 0, true);
  }
}

/** The text of these bytes, of whatever length: it lies in one piece. `isAscii`: all of it is. */
export function textOf(source: Bytes, start: number, end: number, isAscii: boolean): string {
  if (isAscii) return readAscii(source, start, end);
  if (source === core.bytes && end - start <= SCRATCH_BYTES / 2) return readUtf8(start, end);
  const text = new TextBuffer(end - start);
  text.append(source, start, end, false, 0, true);
  return text.finish();
}

/** Where the character begins that the bytes from `start` to `end` leave open; `end` if they leave none open. */
export function lastBoundary(source: Bytes, start: number, end: number): number {
  for (let at = end - 1; at >= Math.max(start, end - CUT_MAX); at -= 1) {
    const byte = source[at]!;
    if (byte < 0x80) return end;
    if (byte >= 0xc0) return end - at < characterLength(byte) ? at : end;
  }
  return end;
}

/** How many bytes a character has that begins with this one, which is not ASCII. */
export function characterLength(first: number): number {
  return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
}
