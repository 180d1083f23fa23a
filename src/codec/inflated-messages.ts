// A compressed message (RFC 7692 §6.2) → the pieces of the message that it stands for, as if they had come so: inflated into wasm
// memory, validated there if they are text, and passed on. Nothing is kept of the compressed data, unless so much comes of it
// that the event loop has its turn in between. It does not know what becomes of the pieces.

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
import type { Bytes } from '../base/bytes';
import { CONNECTION_FAULTS, WsimdError } from '../base/faults';
import { FRAME_FAULTS } from '../base/frame-faults';
import { messageOf } from '../base/thrown';
import { Context, type ContextSettings } from '../deflate/context';
import { Z_SYNC_FLUSH, type Zlib } from '../deflate/zlib';
import type { DecoderOptions } from './contract';
import { core } from './memory';
import { presentLevel } from './shared';

/** A constant of this file's own: see deflater.ts. */
const SYNC_FLUSH = Z_SYNC_FLUSH;

/** DEFLATE itself has no references beyond the window of these. */
const LARGEST_BITS = 15;

/**
 * So much is inflated for one connection in one turn of the event loop: 1 MiB takes 0.6 ms at the best ratio, and 3 to 8 ms of
 * JSON. What a peer sent may stand for a thousand times its size.
 */
export const TURN_BYTES = 1_048_576;

/**
 * What the sender left out at the end of a message: "Append 4 octets of 0x00 0x00 0xff 0xff to the tail end" (RFC 7692 §7.2.2).
 */
const TAIL: Bytes = Uint8Array.of(0x00, 0x00, 0xff, 0xff);

/** Whoever delivers events, and can leave what follows to another turn of the event loop. */
export interface Turns {
  /** Enough was done in this turn: nothing is delivered behind the event in progress. */
  fallBehind(): void;
  /** Whether whoever was told has paused it meanwhile. */
  readonly isPaused: boolean;
}

/** The next piece, from `start` to `end` of wasm memory, with the flags that it would have on the tape. */
type Tell = (start: number, end: number, event: number) => void;

export class Compressed {
  /** Whether the message in progress may inflate to `maxMessage` bytes only. */
  isLimited = true;
  private readonly context: Context;
  /** The most that zlib may write in one call: it accepts references back to where that begins, and a window further. */
  private readonly most: number;
  private readonly checksText: boolean;
  /**
   * Of the message in progress: bytes that came, that it has inflated to, those of them that lie in wasm memory; whether a piece
   * has been told.
   */
  private received = 0;
  private length = 0;
  private filled = 0;
  private hasBegun = false;
  /** Bytes that were inflated in this turn. */
  private spent = 0;
  /** What this turn had no room for, the tail included. */
  private rest: Bytes | undefined;
  private restEvent = 0;
  private restTail = 0;
  private isReleased = false;

  constructor(
    private readonly record: number,
    private readonly options: DecoderOptions,
    inflation: ContextSettings,
    private readonly tell: Tell,
    private readonly turns: Turns | undefined,
  ) {
    this.context = new Context('inflate', inflation);
    const { windowBits } = inflation.options;
    this.most = windowBits === LARGEST_BITS ? INFLATED_BYTES : 1 << (windowBits - 2);
    this.checksText = !options.isUtf8Unchecked;
  }

  /** Whether the data that came last is not inflated as far as it goes: `goOn` has to be called before more is taken. */
  get isUnfinished(): boolean {
    return this.rest !== undefined;
  }

  /** Whether data of a message has come that is not complete. */
  get isInMessage(): boolean {
    return this.received > 0;
  }

  /** Another turn begins. */
  beginTurn(): void {
    this.spent = 0;
  }

  /** The next piece of compressed data. Throws what is thrown by whoever is told, or what is wrong with the data. */
  add(source: Bytes, start: number, end: number, event: number): void {
    const isEnd = (event & EVENT_END) !== 0;
    this.received += end - start;
    if (isEnd && this.received === 0) throw fault('it has no data');
    if (!isEnd) this.inflate(source, start, end, event);
    else if (source === core.bytes) this.inflateLast(start, end, event);
    else {
      this.inflate(source, start, end, event);
      if (this.rest === undefined) this.inflate(TAIL, 0, TAIL.length, event, TAIL.length);
      else {
        this.rest = withTail(this.rest);
        this.restTail = TAIL.length;
      }
    }
    this.tookOn(event);
  }

  /** Takes what is left of the last piece, there must be something, or a part of it again. Throws as `take` does. */
  goOn(): void {
    const { rest, restEvent, restTail } = this;
    this.rest = undefined;
    this.inflate(rest!, 0, rest!.length, restEvent, restTail);
    this.tookOn(restEvent);
  }

  /** Drops the message in progress, and gives back what zlib holds. */
  release(): void {
    this.rest = undefined;
    this.isReleased = true;
    this.context.release();
  }

  /** The piece is inflated, or as much of it as this turn has time for. */
  private tookOn(event: number): void {
    if (this.isReleased) return;
    // In front of the handler, which may throw.
    if (this.hasSpent()) this.turns!.fallBehind();
    if (this.rest !== undefined) return;
    const isEnd = (event & EVENT_END) !== 0;
    if (isEnd) this.context.messageEnded();
    if (isEnd || this.filled > 0 || (event & EVENT_FRAME_END) !== 0) this.pass(event);
  }

  /** With the tail laid behind it, over what follows in the chunk: one call of zlib less, which is 0.2 µs. */
  private inflateLast(start: number, end: number, event: number): void {
    const tailEnd = end + TAIL.length;
    const behind = core.bytes.slice(end, tailEnd);
    core.bytes.set(TAIL, end);
    try {
      this.inflate(core.bytes, start, tailEnd, event, TAIL.length);
    } finally {
      core.bytes.set(behind, end);
    }
  }

  /** The last bytes up to `end`, so many, are the tail. */
  private inflate(source: Bytes, start: number, end: number, event: number, tailBytes = 0): void {
    const maxMessage = this.isLimited ? this.options.maxMessage : Number.POSITIVE_INFINITY;
    const stream = this.stream();
    const { inflated } = presentLevel();
    for (let next = start; ; ) {
      // One byte more than may come shows that too much does.
      const room = Math.min(INFLATED_BYTES - this.filled, maxMessage + 1 - this.length, this.most);
      next = this.run(stream, source, next, end, inflated + this.filled, room);
      this.filled += stream.made;
      this.length += stream.made;
      this.spent += stream.made;
      if (this.length > maxMessage) throw this.tooBig();
      const isFull = stream.made === room;
      if (!isFull && next < end) {
        // A block with BFINAL ended the stream; what follows is another one (RFC 7692 §7.2.3.4).
        stream.reset();
        // Or only the tail, where the sender appended no byte to its last block, as it should: by itself the tail would begin a
        // block that the next message would have to complete. The npm package `ws` passes over it, too.
        if (end - next === tailBytes) return;
      }
      const isUnfinished = isFull || next < end;
      const isSpent = isUnfinished && this.hasSpent();
      // Nothing stays in wasm memory from one turn to the next.
      if (this.filled === INFLATED_BYTES || isSpent) this.pass(event & ~(EVENT_END | EVENT_FRAME_END));
      // Whoever takes the message in pieces may have ended all, or paused.
      if (this.isReleased) return;
      if (isSpent || (isUnfinished && this.turns?.isPaused)) {
        this.rest = source.slice(next, end);
        this.restEvent = event;
        this.restTail = tailBytes;
        return;
      }
      if (!isUnfinished) return;
    }
  }

  /** Whether this turn has had its share: without anybody who could go on in another one, there is no end to it. */
  private hasSpent(): boolean {
    return this.turns !== undefined && this.spent >= TURN_BYTES;
  }

  private stream(): Zlib {
    try {
      return this.context.stream;
    } catch (cause) {
      throw fault(messageOf(cause), cause);
    }
  }

  private run(stream: Zlib, source: Bytes, start: number, end: number, target: number, room: number): number {
    try {
      return stream.run(SYNC_FLUSH, source, start, end, core.bytes, target, room);
    } catch (cause) {
      throw fault(messageOf(cause), cause);
    }
  }

  /** Passes on what lies in wasm memory. */
  private pass(event: number): void {
    const { filled } = this;
    const { inflated } = presentLevel();
    const isEnd = (event & EVENT_END) !== 0;
    let flags = event & (EVENT_OPCODE | EVENT_FRAME_END | EVENT_END);
    if (!this.hasBegun) flags |= EVENT_START;
    if ((event & EVENT_OPCODE) === OP_TEXT && this.checksText) {
      const ascii = core.takeInflated(this.record, inflated, filled, isEnd);
      if (ascii < 0) throw new WsimdError(FRAME_FAULTS[FAULT_UTF8]!);
      flags |= ascii;
    }
    this.filled = 0;
    this.hasBegun = !isEnd;
    if (isEnd) {
      this.received = 0;
      this.length = 0;
    }
    this.tell(inflated, inflated + filled, flags);
  }

  private tooBig(): WsimdError {
    const { maxMessage, sizeOption } = this.options;
    const detail = `it inflates to at least ${this.length} bytes, and ${sizeOption} is ${maxMessage}`;
    return new WsimdError(FRAME_FAULTS[FAULT_MESSAGE_TOO_BIG]!, detail, undefined, this.length);
  }
}

function withTail(data: Bytes): Bytes {
  const whole = new Uint8Array(data.length + TAIL.length);
  whole.set(data);
  whole.set(TAIL, data.length);
  return whole;
}

function fault(detail: string, cause?: unknown): WsimdError {
  return new WsimdError(CONNECTION_FAULTS.inflate, detail, cause);
}
