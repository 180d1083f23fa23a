// The receiving half of the codec: one wasm call turns a chunk into events, and this file hands each event to the handlers
// as a message or a control frame. Sans-I/O: it does not know where bytes come from.
//
// All decoders of the thread share one window and one tape, and handlers run while the tape is being read. So a handler
// may do anything: pause or stop its own decoder (nothing further is delivered; what is unread is kept until `resume`),
// throw (the rest still arrives), feed this decoder (queued) or another one (its own level; see memory.ts).

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
  NESTED_WINDOW_BYTES,
  OP_BINARY,
  OP_CLOSE,
  OP_CONTINUATION,
  OP_PING,
  OP_PONG,
  OP_TEXT,
  RECORD_ASCII,
  RECORD_MAX_FRAGMENTS,
  RECORD_MAX_MESSAGE,
  RECORD_REFUSED,
  RECORD_REMAINING,
  RECORD_ROLE,
  ROLE_CLIENT,
  ROLE_SERVER,
} from '../../assembly/layout';
import type { Bytes } from '../binary';
import { core } from '../core';
import { CONNECTION_FAULTS, FRAME_FAULTS, WsimdError } from '../faults';
import {
  leaseRecord,
  bytes as memory,
  readUint64,
  releaseRecord,
  WINDOW,
  window,
  windowTape,
  withLevel,
  words,
  writeUint64,
} from './memory';
import { MessageBuffer } from './message-buffer';
import { copyOf } from './owned';
import { readText } from './text';

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
}

// What a message that came in one piece looks like on the tape.
const WHOLE = EVENT_START | EVENT_END;
const KIND = EVENT_OPCODE | WHOLE;
const WHOLE_TEXT = OP_TEXT | WHOLE;
const WHOLE_BINARY = OP_BINARY | WHOLE;

/** Events that a pause left unread, moved to the heap: their bytes, and the tape with addresses relative to them. */
interface Unread {
  readonly bytes: Bytes;
  readonly tape: Int32Array;
  next: number;
}

export class Decoder {
  private readonly record: number;
  private readonly message: MessageBuffer;
  private state: 'flowing' | 'paused' | 'stopped' = 'flowing';
  private isBusy = false;
  private unread: Unread | undefined;
  /** Bytes that came while this decoder was paused or busy. */
  private queue: Bytes[] = [];

  /** Throws WS_ERR_TOO_MANY_CONNECTIONS. Whoever makes a decoder stops it: it holds a record of wasm memory. */
  constructor(
    private readonly options: DecoderOptions,
    private readonly handlers: DecoderHandlers,
  ) {
    this.record = leaseRecord();
    this.message = new MessageBuffer(options.maxMessage);
    memory[this.record + RECORD_ROLE] = options.role === 'server' ? ROLE_SERVER : ROLE_CLIENT;
    memory[this.record + RECORD_ASCII] = 1;
    writeUint64(this.record + RECORD_MAX_MESSAGE, options.maxMessage);
    words[(this.record + RECORD_MAX_FRAGMENTS) >> 2] = options.maxFragments;
  }

  /** Decodes `end - start` bytes. They may lie in the read window: then they are not copied. */
  feed(bytes: Uint8Array, start = 0, end = bytes.length): void {
    if (this.state === 'stopped') return;
    if (this.isBusy || this.state === 'paused' || this.unread !== undefined || this.queue.length > 0) {
      this.queue.push(bytes.slice(start, end) as Bytes);
      return;
    }
    this.isBusy = true;
    if (bytes === window) this.decode(WINDOW + start, end - start, windowTape);
    else this.decodeCopy(bytes, start, end);
    this.isBusy = false;
    if (this.queue.length > 0) this.readOn();
  }

  /** Nothing is delivered from here on until `resume`. */
  pause(): void {
    if (this.state === 'flowing') this.state = 'paused';
  }

  /** Delivery goes on with what was kept, soon but not within this call. */
  resume(): void {
    if (this.state !== 'paused') return;
    this.state = 'flowing';
    queueMicrotask(() => this.readOn());
  }

  /** Ends this decoder: nothing is delivered any more, from this very moment. */
  stop(): void {
    if (this.state === 'stopped') return;
    this.state = 'stopped';
    this.queue = [];
    this.unread = undefined;
    this.message.take();
    releaseRecord(this.record);
  }

  private decodeCopy(bytes: Uint8Array, start: number, end: number): void {
    withLevel(({ window, tape }) => {
      for (let at = start; at < end && this.state !== 'stopped'; ) {
        if (this.state === 'paused') {
          this.queue.unshift(bytes.slice(at, end) as Bytes);
          return;
        }
        const next = Math.min(at + NESTED_WINDOW_BYTES, end);
        memory.set(bytes.subarray(at, next), window);
        this.decode(window, next - at, tape);
        at = next;
      }
    });
  }

  /** The one wasm call of a chunk. `tape` is an index into `words`. */
  private decode(at: number, length: number, tape: number): void {
    let count: number;
    try {
      count = core.decode(this.record, at, length, tape << 2);
    } catch (trap) {
      this.fail(new WsimdError(CONNECTION_FAULTS.internal, String(trap), trap));
      return;
    }
    const end = tape + count * 2;
    const next = this.read(words, tape, end, memory);
    if (this.state === 'paused') this.keep(next, end, at + length);
  }

  /** Delivers what a pause or a busy moment put aside. */
  private readOn(): void {
    if (this.isBusy) return;
    this.isBusy = true;
    while (this.state === 'flowing') {
      const unread = this.unread;
      if (unread !== undefined) {
        unread.next = this.read(unread.tape, unread.next, unread.tape.length, unread.bytes);
        if (unread.next === unread.tape.length) this.unread = undefined;
        continue;
      }
      const bytes = this.queue.shift();
      if (bytes === undefined) break;
      this.decodeCopy(bytes, 0, bytes.length);
    }
    this.isBusy = false;
  }

  /** Delivers events until the end or until a handler pauses or stops this decoder; returns the first unread index. */
  private read(tape: Int32Array, start: number, end: number, source: Bytes): number {
    let at = start;
    while (at < end && this.state === 'flowing') {
      try {
        do {
          const address = tape[at]!;
          const event = tape[at + 1]!;
          at += 2;
          this.deliver(source, address, event);
        } while (at < end && this.state === 'flowing');
      } catch (error) {
        this.handlers.onException(error);
      }
    }
    return at;
  }

  /** The core trapped: there is no tape to read, but the handlers are owed the same care as if there were. */
  private fail(error: WsimdError): void {
    try {
      this.handlers.onFault(error);
    } catch (exception) {
      this.handlers.onException(exception);
    }
  }

  private deliver(source: Bytes, at: number, event: number): void {
    const end = at + (event >>> EVENT_LENGTH_SHIFT);
    if (this.handlers.onFrame !== undefined && (event & EVENT_OPCODE) < OP_CLOSE) {
      this.deliverFramePiece(source, at, end, event);
      return;
    }
    switch (event & KIND) {
      case WHOLE_TEXT:
        this.handlers.onMessage(readText(source, at, end, (event & EVENT_ASCII) !== 0), false);
        return;
      case WHOLE_BINARY:
        this.handlers.onMessage(copyOf(source, at, end), true);
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
        this.deliverPiece(source, at, end, event);
    }
  }

  private deliverPiece(source: Bytes, at: number, end: number, event: number): void {
    this.message.append(source, at, end, this.expected(source));
    if ((event & EVENT_END) === 0) return;
    if ((event & EVENT_OPCODE) === OP_BINARY) {
      this.handlers.onMessage(this.message.takeExact(), true);
      return;
    }
    const text = this.message.take();
    this.handlers.onMessage(readText(text, 0, text.length, (event & EVENT_ASCII) !== 0), false);
  }

  private deliverFramePiece(source: Bytes, at: number, end: number, event: number): void {
    this.message.append(source, at, end, this.expected(source));
    if ((event & EVENT_FRAME_END) === 0) return;
    const opcode = (event & EVENT_FIRST_FRAME) !== 0 ? event & EVENT_OPCODE : OP_CONTINUATION;
    this.handlers.onFrame!(opcode, (event & EVENT_END) !== 0, this.message.takeExact());
  }

  private deliverClose(source: Bytes, at: number, end: number): void {
    if (at === end) {
      this.handlers.onCloseFrame(1005, '');
      return;
    }
    const reason = source.slice(at + 2, end);
    this.handlers.onCloseFrame((source[at]! << 8) | source[at + 1]!, readText(reason, 0, reason.length, false));
  }

  /** How much more the frame of the last piece has declared. Kept pieces are old: the record is ahead of them. */
  private expected(source: Bytes): number {
    return source === memory ? readUint64(this.record + RECORD_REMAINING) : 0;
  }

  private faultError(fault: number): WsimdError {
    const { maxMessage, maxFragments, sizeOption } = this.options;
    let detail: string | undefined;
    if (fault === FAULT_MESSAGE_TOO_BIG) {
      detail = `it has at least ${readUint64(this.record + RECORD_REFUSED)} bytes, and ${sizeOption} is ${maxMessage}`;
    } else if (fault === FAULT_TOO_MANY_FRAGMENTS) {
      detail = `maxFragments is ${maxFragments}`;
    }
    return new WsimdError(FRAME_FAULTS[fault]!, detail);
  }

  /** Moves the events from `next` to `end` to the heap, with their bytes in the chunk that ends at `chunkEnd`. */
  private keep(next: number, end: number, chunkEnd: number): void {
    if (next === end) return;
    const tape = words.slice(next, end);
    const start = tape[0]!;
    for (let i = 0; i < tape.length; i += 2) tape[i]! -= start;
    this.unread = { bytes: memory.slice(start, chunkEnd), tape, next: 0 };
  }
}
