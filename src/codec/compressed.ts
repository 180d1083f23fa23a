// A compressed message (RFC 7692 §6.2) → the pieces of the message that it stands for, as if they had come so: inflated into wasm
// memory, validated there if they are text, and passed on. Nothing is kept of the compressed data. It does not know what
// becomes of the pieces.

import {
  EVENT_END,
  EVENT_FRAME_END,
  EVENT_OPCODE,
  EVENT_START,
  FAULT_MESSAGE_TOO_BIG,
  FAULT_UTF8,
  INFLATED_BYTES,
  OP_TEXT,
} from '../../assembly/layout';
import type { Bytes } from '../binary';
import { core } from '../core';
import { Context, type ContextSettings } from '../deflate/context';
import { Z_SYNC_FLUSH, type Zlib } from '../deflate/zlib';
import { CONNECTION_FAULTS, FRAME_FAULTS, WsimdError } from '../faults';
import type { DecoderOptions } from './event-reader';
import { INFLATED, bytes as memory } from './memory';
import { Failure } from './pieces';

/** DEFLATE itself has no references beyond the window of these. */
const LARGEST_BITS = 15;

/** What the sender left out at the end of a message: "Append 4 octets of 0x00 0x00 0xff 0xff to the tail end" (RFC 7692 §7.2.2). */
const TAIL: Bytes = Uint8Array.of(0x00, 0x00, 0xff, 0xff);

/** The next piece, from `start` to `end` of wasm memory, with the flags that it would have on the tape. */
type Tell = (start: number, end: number, event: number) => void;

export class Compressed {
  private readonly context: Context;
  /** The most that zlib may write in one call: it accepts references back to where that begins, and a window further. */
  private readonly most: number;
  private readonly checksText: boolean;
  /** Of the message in progress: bytes that came, that it has inflated to, those of them that lie in INFLATED; whether a piece has been told. */
  private received = 0;
  private length = 0;
  private filled = 0;
  private hasBegun = false;

  constructor(
    private readonly record: number,
    private readonly options: DecoderOptions,
    private readonly tell: Tell,
  ) {
    const inflation = options.inflation as ContextSettings;
    this.context = new Context('inflate', inflation);
    const { windowBits } = inflation.options;
    this.most = windowBits === LARGEST_BITS ? INFLATED_BYTES : 1 << (windowBits - 2);
    this.checksText = !options.isUtf8Unchecked;
  }

  /** The next piece of compressed data. Throws what is thrown by whoever is told, and a Failure if it cannot go on itself. */
  take(source: Bytes, start: number, end: number, event: number): void {
    const isEnd = (event & EVENT_END) !== 0;
    this.received += end - start;
    if (isEnd && this.received === 0) throw new Failure(fault('it has no data'));
    if (!isEnd) this.inflate(source, start, end, event);
    else if (source === memory) this.inflateLast(start, end, event);
    else {
      this.inflate(source, start, end, event);
      this.inflate(TAIL, 0, TAIL.length, event);
    }
    if (isEnd) this.context.messageEnded();
    if (isEnd || this.filled > 0 || (event & EVENT_FRAME_END) !== 0) this.pass(event);
  }

  /** Drops the message in progress, and gives back what zlib holds. */
  close(): void {
    this.context.close();
  }

  /** With the tail laid behind it, over what follows in the chunk: one call of zlib less, which is 0.2 µs. */
  private inflateLast(start: number, end: number, event: number): void {
    const tailEnd = end + TAIL.length;
    const behind = memory.slice(end, tailEnd);
    memory.set(TAIL, end);
    try {
      this.inflate(memory, start, tailEnd, event);
    } finally {
      memory.set(behind, end);
    }
  }

  private inflate(source: Bytes, start: number, end: number, event: number): void {
    const { maxMessage } = this.options;
    const stream = this.stream();
    for (let next = start; ; ) {
      // One byte more than may come shows that too much does.
      const room = Math.min(INFLATED_BYTES - this.filled, maxMessage + 1 - this.length, this.most);
      next = this.run(stream, source, next, end, room);
      this.filled += stream.made;
      this.length += stream.made;
      if (this.length > maxMessage) throw new Failure(this.tooBig());
      if (this.filled === INFLATED_BYTES) this.pass(event & ~(EVENT_END | EVENT_FRAME_END));
      if (stream.made === room) continue;
      if (next === end) return;
      // A block with BFINAL ended the stream; what follows is another one (RFC 7692 §7.2.3.4).
      stream.reset();
    }
  }

  private stream(): Zlib {
    try {
      return this.context.stream;
    } catch (cause) {
      throw new Failure(fault((cause as Error).message, cause));
    }
  }

  private run(stream: Zlib, source: Bytes, start: number, end: number, room: number): number {
    try {
      return stream.run(Z_SYNC_FLUSH, source, start, end, memory, INFLATED + this.filled, room);
    } catch (cause) {
      throw new Failure(fault((cause as Error).message, cause));
    }
  }

  /** Passes on what lies in INFLATED. */
  private pass(event: number): void {
    const { filled } = this;
    const isEnd = (event & EVENT_END) !== 0;
    let flags = event & (EVENT_OPCODE | EVENT_FRAME_END | EVENT_END);
    if (!this.hasBegun) flags |= EVENT_START;
    if ((event & EVENT_OPCODE) === OP_TEXT && this.checksText) {
      const ascii = core.takeInflated(this.record, INFLATED, filled, isEnd);
      if (ascii < 0) throw new Failure(new WsimdError(FRAME_FAULTS[FAULT_UTF8]!));
      flags |= ascii;
    }
    this.filled = 0;
    this.hasBegun = !isEnd;
    if (isEnd) {
      this.received = 0;
      this.length = 0;
    }
    this.tell(INFLATED, INFLATED + filled, flags);
  }

  private tooBig(): WsimdError {
    const { maxMessage, sizeOption } = this.options;
    const detail = `it inflates to at least ${this.length} bytes, and ${sizeOption} is ${maxMessage}`;
    return new WsimdError(FRAME_FAULTS[FAULT_MESSAGE_TOO_BIG]!, detail, undefined, this.length);
  }
}

function fault(detail: string, cause?: unknown): WsimdError {
  return new WsimdError(CONNECTION_FAULTS.inflate, detail, cause);
}
