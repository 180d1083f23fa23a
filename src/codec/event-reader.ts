// One event of the tape → one call of a handler: strings and copies of what came whole are made here; pieces go to pieces.ts.
// It does not know how events come about, nor who pauses or stops delivery.

import {
  EVENT_ASCII,
  EVENT_COMPRESSED,
  EVENT_END,
  EVENT_FAULT,
  EVENT_LENGTH_SHIFT,
  EVENT_OPCODE,
  EVENT_START,
  OP_BINARY,
  OP_CLOSE,
  OP_PING,
  OP_PONG,
  OP_TEXT,
} from '../../assembly/layout';
import type { Bytes } from '../base/bytes';
import type { ContextSettings } from '../deflate/context';
import { decodeUtf8 } from '../runtime/strings';
import type { DecoderHandlers, DecoderOptions } from './contract';
import { frameFault } from './frame-fault';
import { bufferCopyOf, bufferOver, copyOf } from './heap';
import { Compressed, type Turns } from './inflated-messages';
import { core } from './memory';
import { Pieces, type Telling } from './pieces';
import { binaryOfRun, bufferOfRun, textOfRun } from './runs';
import { isDeepestLevel } from './shared';
import type { StreamedMessages } from './streamed-messages';
import { textOf } from './text-buffer';

// What a message that came in one piece looks like on the tape.
const WHOLE = EVENT_START | EVENT_END;
const KIND = EVENT_OPCODE | WHOLE | EVENT_COMPRESSED;
const WHOLE_TEXT = OP_TEXT | WHOLE;
const WHOLE_BINARY = OP_BINARY | WHOLE;

/** Read before anything else happens. */
const inflatedTape = new Int32Array(2);

export class EventReader implements Telling {
  isTextBytes: boolean;
  tellsFragments = false;
  isTold = false;
  // Only connections whose messages came in pieces have these: most are idle most of the time.
  private lazyPieces: Pieces | undefined;
  private lazyCompressed: Compressed | undefined;
  /** From the moment on that somebody has wanted messages in pieces; whoever wants frames does not. */
  private streams: StreamedMessages | undefined;
  /** Whether somebody wants frames, or may want messages in pieces: one question for most messages of most connections. */
  private tellsParts: boolean;
  private readonly isNodeBuffer: boolean;
  /** Bytes are the receiver's own, and plain arrays: asked once, for what most messages of most connections are. */
  private readonly isPlain: boolean;

  constructor(
    private readonly record: number,
    private readonly options: DecoderOptions,
    private readonly handlers: DecoderHandlers,
    private readonly turns: Turns | undefined,
    private readonly inflation: ContextSettings | undefined,
  ) {
    this.isTextBytes = options.isUtf8Unchecked;
    this.tellsParts = handlers.onFrame !== undefined;
    this.isNodeBuffer = options.isNodeBuffer;
    this.isPlain = !options.isNodeBuffer && !options.isBinaryLent;
  }

  private get pieces(): Pieces {
    this.lazyPieces ??= new Pieces(this.record, this.options, this.handlers, this);
    return this.lazyPieces;
  }

  private get compressed(): Compressed {
    if (this.lazyCompressed !== undefined) return this.lazyCompressed;
    const tell = (at: number, end: number, event: number): void => this.inflated(at, end, event);
    this.lazyCompressed = new Compressed(this.record, this.options, this.inflation!, tell, this.turns);
    return this.lazyCompressed;
  }

  /** Whether the last event of the tape is not taken yet: so much comes of it that it is inflated in turns. `goOn` takes more. */
  get isUnfinished(): boolean {
    return this.lazyCompressed?.isUnfinished === true;
  }

  /** Whether somebody may want messages in pieces. */
  get mayStream(): boolean {
    return this.streams !== undefined;
  }

  /** As FrameDecoder's. */
  askStarts(Streams: typeof StreamedMessages | undefined): void {
    if (this.streams !== undefined) this.streams.isWanted = Streams !== undefined;
    else if (Streams !== undefined) {
      const isInMessage = this.gatheredBytes > 0 || this.lazyCompressed?.isInMessage === true;
      this.streams = new Streams(this.record, this.options, this.handlers, isInMessage);
      this.tellsParts = true;
    }
  }

  /** A turn of the event loop begins. */
  beginTurn(): void {
    this.lazyCompressed?.beginTurn();
  }

  /** As much again. Throws as `deliver` does. */
  goOn(): void {
    this.compressed.goOn();
  }

  /** Bytes of a message that is not whole yet. */
  get gatheredBytes(): number {
    return this.lazyPieces?.size ?? 0;
  }

  /**
   * Delivers the entry of `tape` at `entry`, of whose handler `isTold` says whether it was called. Throws what it throws; or what
   * went wrong before.
   * @param source wasm memory; anything else was kept, and the record is ahead of it
   * @param runEnd up to where messages may be made together with this one
   */
  deliver(source: Bytes, tape: Int32Array, entry: number, runEnd: number): void {
    const at = tape[entry]!;
    const event = tape[entry + 1]!;
    const end = at + (event >>> EVENT_LENGTH_SHIFT);
    if (this.tellsParts && this.deliverPart(source, at, end, event)) return;
    switch (event & KIND) {
      case WHOLE_TEXT: {
        const data = this.isTextBytes
          ? this.bytes(source, at, end, entry, runEnd)
          : (textOfRun(entry, runEnd) ?? this.text(source, at, end, event));
        this.isTold = true;
        this.handlers.onMessage(data, false);
        return;
      }
      case WHOLE_BINARY: {
        if (this.tellsFragments) {
          const fragments = at === end ? [] : [this.bytes(source, at, end, entry, runEnd)];
          this.isTold = true;
          this.handlers.onFragments!(fragments);
          return;
        }
        const data = this.isPlain
          ? (binaryOfRun(entry, runEnd) ?? copyOf(source, at, end))
          : this.bytes(source, at, end, entry, runEnd);
        this.isTold = true;
        this.handlers.onMessage(data, true);
        return;
      }
      case OP_PING | WHOLE: {
        const payload = this.control(source, at, end);
        this.isTold = true;
        this.handlers.onPing(payload);
        return;
      }
      case OP_PONG | WHOLE: {
        const payload = this.control(source, at, end);
        this.isTold = true;
        this.handlers.onPong(payload);
        return;
      }
      case OP_CLOSE | WHOLE:
        this.deliverClose(source, at, end);
        return;
      case EVENT_FAULT: {
        const fault = frameFault(event >>> EVENT_LENGTH_SHIFT, this.record, this.options);
        this.isTold = true;
        this.handlers.onFault(fault);
        return;
      }
      default:
        if ((event & EVENT_COMPRESSED) !== 0) this.compressed.add(source, at, end, event);
        else this.pieces.add(source, at, end, event, source === core.bytes);
    }
  }

  /**
   * Where the payload bytes that follow may be written, to be told of by `written`; `missing` are yet to come of their frame.
   * Undefined if there is no memory for them: then they come like all others, and fail where that is told.
   */
  room(missing: number): Bytes | undefined {
    return this.pieces.room(missing);
  }

  /** `length` bytes were written to `room`, with the flags that they would have on the tape. Throws as `deliver` does. */
  written(length: number, event: number): void {
    if ((event & EVENT_END) !== 0) this.streams?.endUnseen();
    this.pieces.written(length, event);
  }

  /** A piece of a binary message, of which bytes that never were in wasm memory are told here too. Throws as `deliver` does. */
  addPiece(source: Bytes, at: number, end: number, event: number, isCurrent: boolean): void {
    this.pieces.add(source, at, end, event, isCurrent);
  }

  /** Drops what has been gathered of a message. */
  forget(): void {
    this.lazyPieces?.forget();
    this.lazyCompressed?.release();
    this.streams?.forget();
  }

  /** Whether the event is told to whoever takes frames, or messages in pieces. */
  private deliverPart(source: Bytes, at: number, end: number, event: number): boolean {
    const { streams } = this;
    if (streams === undefined) {
      if ((event & EVENT_OPCODE) >= OP_CLOSE) return false;
      this.pieces.takeOfFrame(source, at, end, event, source === core.bytes);
      return true;
    }
    if (streams.takes(source, at, end, event)) return true;
    if ((event & EVENT_COMPRESSED) !== 0) this.compressed.isLimited = !streams.isStreaming;
    return false;
  }

  /** A piece of a message that came compressed, in wasm memory where it stays until the next one. */
  private inflated(at: number, end: number, event: number): void {
    // What is lent lies elsewhere: the handler may send, and then this place is needed.
    if ((event & WHOLE) !== WHOLE || this.options.isBinaryLent) {
      if (this.streams?.takes(core.bytes, at, end, event)) return;
      this.pieces.add(core.bytes, at, end, event, false);
      return;
    }
    inflatedTape[0] = at;
    inflatedTape[1] = ((end - at) << EVENT_LENGTH_SHIFT) | event;
    this.deliver(core.bytes, inflatedTape, 0, 0);
  }

  /** The bytes of a whole message, the receiver's own or lent. */
  private bytes(source: Bytes, at: number, end: number, entry: number, runEnd: number): Bytes {
    if (this.isLendable(source)) {
      const part = source.subarray(at, end);
      return this.isNodeBuffer ? bufferOver(part) : part;
    }
    if (this.isNodeBuffer) return bufferOfRun(entry, runEnd) ?? bufferCopyOf(source, at, end);
    return binaryOfRun(entry, runEnd) ?? copyOf(source, at, end);
  }

  /**
   * What is deepest in the core's memory may be used again while a handler runs; and memory that is not of WebAssembly can be
   * transferred, all of it.
   */
  private isLendable(source: Bytes): boolean {
    return this.options.isBinaryLent && (source !== core.bytes || (core.isWebAssembly && !isDeepestLevel()));
  }

  private control(source: Bytes, at: number, end: number): Bytes {
    return this.isNodeBuffer ? bufferCopyOf(source, at, end) : source.slice(at, end);
  }

  private deliverClose(source: Bytes, at: number, end: number): void {
    const code = at === end ? 1005 : (source[at]! << 8) | source[at + 1]!;
    const start = Math.min(at + 2, end);
    const bytes = this.options.isUtf8Unchecked ? this.control(source, start, end) : undefined;
    const reason = bytes === undefined ? this.text(source, start, end, 0) : decodeUtf8(bytes);
    this.isTold = true;
    this.handlers.onCloseFrame(code, reason, bytes);
  }

  /** A text that lies in one piece. Not limited by maxMessage: it may be the reason of a close frame. */
  private text(source: Bytes, at: number, end: number, event: number): string {
    return textOf(source, at, end, (event & EVENT_ASCII) !== 0);
  }
}
