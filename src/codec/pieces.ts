// A message, or a frame, that came in pieces: they are gathered, and told when the last of them is there. It knows what the
// flags of the tape mean, and neither messages in one piece nor control frames.

import {
  EVENT_ASCII,
  EVENT_COMPRESSED,
  EVENT_END,
  EVENT_FIRST_FRAME,
  EVENT_FRAME_END,
  EVENT_OPCODE,
  EVENT_START,
  FIN_BIT,
  OP_BINARY,
  OP_CONTINUATION,
  OP_TEXT,
  RECORD_FRAME,
  RECORD_REMAINING,
  RECORD_WANTS_FRAMES,
} from '../../assembly/layout';
import type { Bytes } from '../base/bytes';
import type { DecoderHandlers, DecoderOptions } from './contract';
import { bufferOver } from './heap';
import { core, readUint64 } from './memory';
import { giveBack, MessageBuffer } from './message-buffer';
import { TextBuffer } from './text-buffer';

/** What may change between two messages, and with each of them. */
export interface Telling {
  /** Set in front of each call of a handler: what is thrown from there on is the handler's, all else is the codec's own. */
  isTold: boolean;
  /** Whether text is told as bytes. */
  readonly isTextBytes: boolean;
  /** Whether binary messages are told as a list of their fragments. */
  readonly tellsFragments: boolean;
}

export class Pieces {
  private lazyBinary: MessageBuffer | undefined;
  private lazyText: TextBuffer | undefined;
  /** Whether the message in progress is told as a string. */
  private isString = false;
  /** Where a message is told as a list, these are its frames that are whole, and their bytes together. */
  private fragments: Bytes[] | undefined;
  private fragmentBytes = 0;

  constructor(
    private readonly record: number,
    private readonly options: DecoderOptions,
    private readonly handlers: DecoderHandlers,
    private readonly telling: Telling,
  ) {}

  private get message(): MessageBuffer {
    this.lazyBinary ??= new MessageBuffer(this.options.maxMessage, this.options.isBinaryLent);
    return this.lazyBinary;
  }

  private get longText(): TextBuffer {
    this.lazyText ??= new TextBuffer(this.options.maxMessage);
    return this.lazyText;
  }

  /** How many bytes have been gathered. */
  get size(): number {
    return (this.lazyBinary?.size ?? 0) + (this.lazyText?.size ?? 0) + this.fragmentBytes;
  }

  /** As EventReader's. */
  room(missing: number): Bytes | undefined {
    try {
      return this.message.room(missing, this.fragments !== undefined || this.isLastFrame());
    } catch {
      return undefined;
    }
  }

  /** `length` bytes were written to `room`, with the flags that they would have on the tape. */
  written(length: number, event: number): void {
    if ((event & EVENT_START) !== 0) this.begin(event);
    this.message.filled(length);
    this.endBytes(event);
  }

  /** The next piece of a message. Throws what a handler throws, or what went wrong before: see Telling. */
  add(source: Bytes, at: number, end: number, event: number, isCurrent: boolean): void {
    if ((event & EVENT_START) !== 0) this.begin(event);
    if (this.isString) {
      this.appendText(source, at, end, event, isCurrent);
      if ((event & EVENT_END) === 0) return;
      const text = this.longText.finish();
      this.telling.isTold = true;
      this.handlers.onMessage(text, false);
      return;
    }
    this.append(source, at, end, event, isCurrent);
    this.endBytes(event);
  }

  /** The next piece of a frame, for whoever wants frames. Throws as `take` does. */
  takeOfFrame(source: Bytes, at: number, end: number, event: number, isCurrent: boolean): void {
    this.append(source, at, end, event, isCurrent);
    if ((event & EVENT_FRAME_END) === 0) return;
    const opcode = (event & EVENT_FIRST_FRAME) !== 0 ? event & EVENT_OPCODE : OP_CONTINUATION;
    const rsv1 = opcode !== OP_CONTINUATION && (event & EVENT_COMPRESSED) !== 0;
    const payload = this.gathered();
    this.telling.isTold = true;
    this.handlers.onFrame!(opcode, (event & EVENT_END) !== 0, payload, rsv1);
  }

  /** Drops what has been gathered. */
  forget(): void {
    // A transport may still be writing to `room`.
    this.lazyBinary?.drop();
    this.lazyText?.clear();
    this.fragments = undefined;
    this.fragmentBytes = 0;
  }

  /** For the whole message: no part of it must go another way. Told again while nothing of it has come but empty frames. */
  private begin(event: number): void {
    const isText = (event & EVENT_OPCODE) === OP_TEXT;
    this.isString = isText && !this.telling.isTextBytes;
    const { tellsFragments } = this.telling;
    this.fragments = tellsFragments && !isText ? [] : undefined;
    core.bytes[this.record + RECORD_WANTS_FRAMES] = tellsFragments ? 1 : 0;
  }

  /** Tells what the piece of these flags ended, if it ended anything. */
  private endBytes(event: number): void {
    const { fragments } = this;
    if (fragments !== undefined && (event & EVENT_FRAME_END) !== 0) this.endFragment(fragments);
    if ((event & EVENT_END) === 0) return;
    if (fragments === undefined) {
      this.deliverBytes(event);
      return;
    }
    this.fragments = undefined;
    this.fragmentBytes = 0;
    this.telling.isTold = true;
    this.handlers.onFragments!(fragments);
  }

  private endFragment(fragments: Bytes[]): void {
    if (this.message.size === 0) return;
    const fragment = this.gathered();
    this.fragmentBytes += fragment.length;
    fragments.push(fragment);
  }

  private deliverBytes(event: number): void {
    const isBinary = (event & EVENT_OPCODE) === OP_BINARY;
    if (!this.options.isBinaryLent) {
      const bytes = this.gathered();
      this.telling.isTold = true;
      this.handlers.onMessage(bytes, isBinary);
      return;
    }
    const content = this.message.takeLent();
    try {
      const bytes = this.options.isNodeBuffer ? bufferOver(content) : content;
      this.telling.isTold = true;
      this.handlers.onMessage(bytes, isBinary);
    } finally {
      giveBack(content);
    }
  }

  private append(source: Bytes, at: number, end: number, event: number, isCurrent: boolean): void {
    this.message.append(source, at, end, this.missing(event, isCurrent), this.isLast(event, isCurrent));
  }

  private appendText(source: Bytes, at: number, end: number, event: number, isCurrent: boolean): void {
    const isAscii = (event & EVENT_ASCII) !== 0;
    this.longText.append(source, at, end, isAscii, this.missing(event, isCurrent), this.isLast(event, isCurrent));
  }

  // Only the last of a chunk's pieces may leave its frame unended: the record speaks of that frame.

  /** How many bytes of the piece's frame have not come, as far as that is known. */
  private missing(event: number, isCurrent: boolean): number {
    return isCurrent && (event & EVENT_FRAME_END) === 0 ? readUint64(this.record + RECORD_REMAINING) : 0;
  }

  /** Whether the piece's frame is known to be the last that is gathered with it. */
  private isLast(event: number, isCurrent: boolean): boolean {
    if (this.fragments !== undefined) return true;
    return isCurrent && (event & EVENT_FRAME_END) === 0 ? this.isLastFrame() : (event & EVENT_END) !== 0;
  }

  private isLastFrame(): boolean {
    return (core.bytes[this.record + RECORD_FRAME]! & FIN_BIT) !== 0;
  }

  private gathered(): Bytes {
    const bytes = this.message.takeExact();
    return this.options.isNodeBuffer ? bufferOver(bytes) : bytes;
  }
}
