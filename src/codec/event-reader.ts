// One event of the tape → one call of a handler: strings and copies are made here, and the pieces of a message gathered.
// It does not know how events come about, nor who pauses or stops delivery.

import {
  EVENT_ASCII,
  EVENT_END,
  EVENT_FAULT,
  EVENT_FIRST_FRAME,
  EVENT_FRAME_END,
  EVENT_LENGTH_SHIFT,
  EVENT_OPCODE,
  EVENT_START,
  FAULT_MESSAGE_TOO_BIG,
  FAULT_TOO_MANY_FRAGMENTS,
  FIN_BIT,
  OP_BINARY,
  OP_CLOSE,
  OP_CONTINUATION,
  OP_PING,
  OP_PONG,
  OP_TEXT,
  RECORD_FRAME,
  RECORD_REFUSED,
  RECORD_REMAINING,
  SCRATCH_BYTES,
} from '../../assembly/layout';
import type { Bytes } from '../binary';
import { FRAME_FAULTS, WsimdError } from '../faults';
import { isDeepestLevel, bytes as memory, readBigUint64, readUint64 } from './memory';
import { MessageBuffer } from './message-buffer';
import { copyOf } from './owned';
import { binaryOfRun, textOfRun } from './run';
import { readAscii, readUtf8 } from './text';
import { TextBuffer } from './text-buffer';

/** What a decoder tells. Bytes are the receiver's own. */
export interface DecoderHandlers {
  /** One whole message: a string for text, bytes for binary (RFC 6455 §5.6). */
  onMessage(data: string | Bytes, isBinary: boolean): void;
  onPing(payload: Bytes): void;
  onPong(payload: Bytes): void;
  /** A close frame; 1005 stands for a frame without a code (RFC 6455 §7.1.5). Nothing follows. */
  onCloseFrame(code: number, reason: string): void;
  /** The peer broke a rule (or the decoder itself failed). Nothing follows. */
  onFault(error: WsimdError): void;
  /** One of the above threw. Must not throw itself. */
  onException(error: unknown): void;
  /** One data frame as it came, in place of `onMessage`; opcode 0 is a continuation. Absent where nobody wants frames. */
  onFrame?(opcode: number, fin: boolean, payload: Bytes): void;
}

export interface DecoderOptions {
  /** Which end decodes: a client refuses masked frames, a server refuses others. */
  role: 'client' | 'server';
  /** The largest message, in bytes. */
  maxMessage: number;
  /** What the user calls that limit. */
  sizeOption: string;
  /** The most fragments in one message; empty ones count. */
  maxFragments: number;
  /** Whether binary messages are lent until their handler returns, instead of copied. */
  isBinaryLent: boolean;
}

// What a message that came in one piece looks like on the tape.
const WHOLE = EVENT_START | EVENT_END;
const KIND = EVENT_OPCODE | WHOLE;
const WHOLE_TEXT = OP_TEXT | WHOLE;
const WHOLE_BINARY = OP_BINARY | WHOLE;

/** What the codec itself threw, told apart from what a handler threw. */
export class Failure {
  constructor(readonly reason: unknown) {}
}

export class EventReader {
  // Of those only whose messages came in pieces: most connections are idle most of the time.
  private lazyBinary: MessageBuffer | undefined;
  private lazyText: TextBuffer | undefined;

  constructor(
    private readonly record: number,
    private readonly options: DecoderOptions,
    private readonly handlers: DecoderHandlers,
  ) {}

  private get message(): MessageBuffer {
    this.lazyBinary ??= new MessageBuffer(this.options.maxMessage, this.options.isBinaryLent);
    return this.lazyBinary;
  }

  private get longText(): TextBuffer {
    this.lazyText ??= new TextBuffer(this.options.maxMessage);
    return this.lazyText;
  }

  /** Bytes of a message that is not whole yet. */
  get gatheredBytes(): number {
    return (this.lazyBinary?.size ?? 0) + (this.lazyText?.size ?? 0);
  }

  /**
   * Delivers the entry of `tape` at `entry`. Throws what a handler throws, and a Failure if it cannot go on itself.
   * @param source wasm memory; anything else was kept, and the record is ahead of it
   * @param runEnd up to where messages may be made together with this one
   */
  deliver(source: Bytes, tape: Int32Array, entry: number, runEnd: number): void {
    const at = tape[entry]!;
    const event = tape[entry + 1]!;
    const end = at + (event >>> EVENT_LENGTH_SHIFT);
    const isCurrent = source === memory;
    if (this.handlers.onFrame !== undefined && (event & EVENT_OPCODE) < OP_CLOSE) {
      this.deliverFramePiece(source, at, end, event, isCurrent);
      return;
    }
    switch (event & KIND) {
      case WHOLE_TEXT:
        this.handlers.onMessage(textOfRun(entry, runEnd) ?? this.text(source, at, end, event), false);
        return;
      case WHOLE_BINARY:
        if (this.isLendable(source)) this.handlers.onMessage(source.subarray(at, end), true);
        else this.handlers.onMessage(binaryOfRun(entry, runEnd) ?? copyOf(source, at, end), true);
        return;
      case OP_PING | WHOLE:
        this.handlers.onPing(source.slice(at, end));
        return;
      case OP_PONG | WHOLE:
        this.handlers.onPong(source.slice(at, end));
        return;
      case OP_CLOSE | WHOLE:
        this.deliverClose(source, at, end);
        return;
      case EVENT_FAULT:
        this.handlers.onFault(this.faultError(event >>> EVENT_LENGTH_SHIFT));
        return;
      default:
        this.deliverPiece(source, at, end, event, isCurrent);
    }
  }

  /**
   * Where the payload bytes that follow may be written, to be told of by `written`; `missing` are yet to come of their frame.
   * Undefined if there is no memory for them: then they come like all others, and fail where that is told.
   */
  room(missing: number): Bytes | undefined {
    try {
      return this.message.room(missing, this.isLastFrame());
    } catch {
      return undefined;
    }
  }

  /** `length` bytes were written to `room`, with the flags that they would have on the tape. Throws as `deliver` does. */
  written(length: number, event: number): void {
    this.message.filled(length);
    if ((event & EVENT_END) !== 0) this.deliverGathered();
  }

  /** A piece of a binary message, of which bytes that never were in wasm memory are told here too. Throws as `deliver` does. */
  take(source: Bytes, at: number, end: number, event: number, isCurrent: boolean): void {
    this.append(source, at, end, event, isCurrent);
    if ((event & EVENT_END) !== 0) this.deliverGathered();
  }

  /** What is deepest in wasm memory may be used again while a handler runs. */
  private isLendable(source: Bytes): boolean {
    return this.options.isBinaryLent && !(source === memory && isDeepestLevel());
  }

  private deliverPiece(source: Bytes, at: number, end: number, event: number, isCurrent: boolean): void {
    if ((event & EVENT_OPCODE) === OP_BINARY) {
      this.take(source, at, end, event, isCurrent);
      return;
    }
    this.appendText(source, at, end, event, isCurrent);
    if ((event & EVENT_END) !== 0) this.handlers.onMessage(this.gatheredText(), false);
  }

  private deliverGathered(): void {
    if (!this.options.isBinaryLent) {
      this.handlers.onMessage(this.gathered(), true);
      return;
    }
    try {
      this.handlers.onMessage(this.message.content, true);
    } finally {
      this.message.release();
    }
  }

  private deliverFramePiece(source: Bytes, at: number, end: number, event: number, isCurrent: boolean): void {
    this.append(source, at, end, event, isCurrent);
    if ((event & EVENT_FRAME_END) === 0) return;
    const opcode = (event & EVENT_FIRST_FRAME) !== 0 ? event & EVENT_OPCODE : OP_CONTINUATION;
    this.handlers.onFrame!(opcode, (event & EVENT_END) !== 0, this.gathered());
  }

  private deliverClose(source: Bytes, at: number, end: number): void {
    if (at === end) {
      this.handlers.onCloseFrame(1005, '');
      return;
    }
    const code = (source[at]! << 8) | source[at + 1]!;
    this.handlers.onCloseFrame(code, this.text(source, at + 2, end, 0));
  }

  private append(source: Bytes, at: number, end: number, event: number, isCurrent: boolean): void {
    try {
      this.message.append(source, at, end, this.missing(event, isCurrent), this.isLast(event, isCurrent));
    } catch (reason) {
      throw new Failure(reason);
    }
  }

  private appendText(source: Bytes, at: number, end: number, event: number, isCurrent: boolean): void {
    const isAscii = (event & EVENT_ASCII) !== 0;
    try {
      this.longText.append(source, at, end, isAscii, this.missing(event, isCurrent), this.isLast(event, isCurrent));
    } catch (reason) {
      throw new Failure(reason);
    }
  }

  // Of a chunk's pieces only one that does not end its frame is the last: the record speaks of its frame.

  /** How many bytes of the piece's frame have not come, as far as that is known. */
  private missing(event: number, isCurrent: boolean): number {
    return isCurrent && (event & EVENT_FRAME_END) === 0 ? readUint64(this.record + RECORD_REMAINING) : 0;
  }

  /** Whether the piece's frame is known to be the last of its message. */
  private isLast(event: number, isCurrent: boolean): boolean {
    return isCurrent && (event & EVENT_FRAME_END) === 0 ? this.isLastFrame() : (event & EVENT_END) !== 0;
  }

  private isLastFrame(): boolean {
    return (memory[this.record + RECORD_FRAME]! & FIN_BIT) !== 0;
  }

  private gathered(): Bytes {
    try {
      return this.message.takeExact();
    } catch (reason) {
      throw new Failure(reason);
    }
  }

  private gatheredText(): string {
    try {
      return this.longText.take();
    } catch (reason) {
      throw new Failure(reason);
    }
  }

  /** A text that lies in one piece. */
  private text(source: Bytes, at: number, end: number, event: number): string {
    try {
      if ((event & EVENT_ASCII) !== 0) return readAscii(source, at, end);
      if (source === memory && end - at <= SCRATCH_BYTES / 2) return readUtf8(at, end);
      // Not limited by maxMessage: it may be the reason of a close frame.
      const text = new TextBuffer(end - at);
      text.append(source, at, end, false, 0, true);
      return text.take();
    } catch (reason) {
      throw new Failure(reason);
    }
  }

  private faultError(fault: number): WsimdError {
    const { maxMessage, maxFragments, sizeOption } = this.options;
    let detail: string | undefined;
    if (fault === FAULT_MESSAGE_TOO_BIG) {
      detail = `it has at least ${readBigUint64(this.record + RECORD_REFUSED)} bytes, and ${sizeOption} is ${maxMessage}`;
    } else if (fault === FAULT_TOO_MANY_FRAGMENTS) {
      detail = `maxFragments is ${maxFragments}`;
    }
    return new WsimdError(FRAME_FAULTS[fault]!, detail);
  }

  /** Drops what has been gathered of a message. */
  forget(): void {
    // A transport may still be writing to `room`.
    this.lazyBinary?.drop();
    this.lazyText?.clear();
  }
}
