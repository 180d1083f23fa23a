// The receiving half of the codec: one wasm call turns a chunk into events, which are delivered one by one, or kept while
// their receiver pauses. Sans-I/O: it does not know where bytes come from.
//
// All decoders of the thread share one window and one tape, and handlers run while the tape is being read. So a handler
// may do anything: pause or stop its own decoder (nothing further is delivered; what is unread is kept until `resume`),
// throw (the rest still arrives), feed this decoder (queued) or another one (its own level; see memory.ts).

import {
  EVENT_END,
  NESTED_WINDOW_BYTES,
  OP_BINARY,
  OP_CLOSE,
  OP_TEXT,
  RECORD_COMPRESSED,
  RECORD_DEFLATES,
  RECORD_FRAME,
  RECORD_INFLATED_TEXT,
  RECORD_MAX_FRAGMENTS,
  RECORD_MAX_MESSAGE,
  RECORD_MESSAGE,
  RECORD_REMAINING,
  RECORD_ROLE,
  RECORD_STAGE,
  RECORD_TEXT,
  RECORD_UNCHECKED,
  RECORD_WANTS_FRAMES,
  ROLE_CLIENT,
  ROLE_SERVER,
  STAGE_PAYLOAD,
  TEXT_ASCII,
} from '../../assembly/layout';
import type { Bytes } from '../binary';
import { core } from '../core';
import { CONNECTION_FAULTS, WsimdError } from '../faults';
import { type DecoderHandlers, type DecoderOptions, EventReader } from './event-reader';
import {
  leaseRecord,
  bytes as memory,
  readUint64,
  releaseRecord,
  shortWindow,
  WINDOW,
  window,
  windowTape,
  withLevel,
  words,
  writeUint64,
} from './memory';
import { copyOfChunk } from './owned';
import { Failure } from './pieces';
import { beginRuns, endRuns } from './run';
import { Unread } from './unread';

/** Binary payload of which less is missing passes through the window like all else: reading it apart is one more read. */
const APART_BYTES = 65_536;

/** Binary payload in a chunk that has to be copied: so much of it goes to its message without passing through wasm memory. */
const DIRECT_BYTES = 4_096;

export class Decoder {
  private readonly record: number;
  private readonly events: EventReader;
  private state: 'flowing' | 'paused' | 'failed' | 'stopped' = 'flowing';
  private isBusy = false;
  private unread: Unread | undefined;
  /** Bytes that came while this decoder was paused or busy. */
  private queue: Bytes[] = [];
  /** What `target` returned, if it was not the window. */
  private apart: Bytes | undefined;
  /** A message has just been completed there. */
  private followsLarge = false;
  /** Whoever is masked, or wants frames, has to be looked at. */
  private readonly mayBeApart: boolean;

  /** Throws WS_ERR_TOO_MANY_CONNECTIONS. Whoever makes a decoder stops it: it holds a record of wasm memory. */
  constructor(
    options: DecoderOptions,
    private readonly handlers: DecoderHandlers,
  ) {
    this.record = leaseRecord();
    this.events = new EventReader(this.record, options, handlers);
    this.mayBeApart = options.role === 'client' && handlers.onFrame === undefined;
    memory[this.record + RECORD_ROLE] = options.role === 'server' ? ROLE_SERVER : ROLE_CLIENT;
    memory[this.record + RECORD_TEXT + TEXT_ASCII] = 1;
    memory[this.record + RECORD_INFLATED_TEXT + TEXT_ASCII] = 1;
    memory[this.record + RECORD_UNCHECKED] = options.isUtf8Unchecked ? 1 : 0;
    memory[this.record + RECORD_DEFLATES] = options.inflation === undefined ? 0 : 1;
    memory[this.record + RECORD_WANTS_FRAMES] = handlers.onFrame === undefined ? 0 : 1;
    writeUint64(this.record + RECORD_MAX_MESSAGE, options.maxMessage);
    words[(this.record + RECORD_MAX_FRAGMENTS) >> 2] = options.maxFragments;
  }

  /**
   * Where the next bytes should be put, to be fed from there: the read window or a part of it, or the very place in a large
   * binary message where they belong. Whoever puts them elsewhere feeds them from elsewhere.
   */
  target(): Bytes {
    this.apart = undefined;
    const { followsLarge } = this;
    this.followsLarge = false;
    const missing = this.missingUnseen();
    if (missing < APART_BYTES) return followsLarge ? shortWindow : window;
    const room = this.events.room(missing);
    // Little has arrived, so little more is believed in.
    if (room === undefined || room.length < APART_BYTES) return window;
    this.apart = room;
    return room;
  }

  /** Decodes `end - start` bytes. They may lie where `target` said: then they are not copied. */
  feed(bytes: Uint8Array, start = 0, end = bytes.length): void {
    if (this.state === 'stopped' || this.state === 'failed') return;
    if (this.isBusy || this.state === 'paused' || this.hasUnread) {
      this.queue.push(copyOfChunk(bytes, start, end));
      return;
    }
    this.isBusy = true;
    if (bytes === window || bytes === shortWindow) this.decode(WINDOW + start, end - start, windowTape);
    else if (bytes === this.apart) this.skip(undefined, 0, end);
    else this.decodeCopy(bytes as Bytes, start, end);
    this.isBusy = false;
    if (this.queue.length > 0) this.readOn();
  }

  /**
   * What text messages are told as: valid UTF-8 in either case. Holds from the next message on of which nothing was told. Text
   * that is not validated is bytes, whatever this says.
   */
  get textAs(): 'string' | 'bytes' {
    return this.events.isTextBytes ? 'bytes' : 'string';
  }

  set textAs(kind: 'string' | 'bytes') {
    this.events.isTextBytes = kind === 'bytes' || this.isUnchecked();
  }

  /**
   * Whether binary messages are told as lists of their fragments, to `onFragments`. Holds from the next message on of which
   * nothing was told; in those that this chunk has brought already, fragments that followed each other may be one.
   */
  get tellsFragments(): boolean {
    return this.events.tellsFragments;
  }

  set tellsFragments(tells: boolean) {
    this.events.tellsFragments = tells;
    // A message in progress stays a list: the reader of events takes the flag back behind it.
    if (tells && this.state !== 'stopped') memory[this.record + RECORD_WANTS_FRAMES] = 1;
  }

  /** Whether a pause holds back something that was fed. */
  get hasUnread(): boolean {
    return this.unread !== undefined || this.queue.length > 0;
  }

  /** Bytes that were fed and not delivered: held back by a pause, or of a message that is not whole. */
  get unreadBytes(): number {
    let size = this.events.gatheredBytes;
    if (this.unread !== undefined) size += this.unread.size;
    for (const bytes of this.queue) size += bytes.length;
    return size;
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
    this.forget();
    releaseRecord(this.record);
  }

  private decodeCopy(bytes: Bytes, start: number, end: number): void {
    withLevel(({ window, tape }) => {
      for (let at = start; at < end && (this.state === 'flowing' || this.state === 'paused'); ) {
        if (this.state === 'paused') {
          this.queue.unshift(copyOfChunk(bytes, at, end));
          return;
        }
        const missing = Math.min(this.missingUnseen(), end - at);
        if (missing >= DIRECT_BYTES) {
          this.skip(bytes, at, at + missing);
          at += missing;
          continue;
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
      this.fail(trap);
      return;
    }
    const end = tape + count * 2;
    const next = this.read(words, tape, end, memory);
    if (this.state === 'paused' && next < end) this.unread = new Unread(next, end, at + length);
  }

  /** Whether text is not validated: then it need not be looked at. */
  private isUnchecked(): boolean {
    return memory[this.record + RECORD_UNCHECKED] !== 0;
  }

  /** How much is missing of a data frame whose bytes nobody has to look at; 0 where there is none. */
  private missingUnseen(): number {
    const { record } = this;
    if (memory[record + RECORD_STAGE] !== STAGE_PAYLOAD) return 0;
    const kind = memory[record + RECORD_MESSAGE];
    if (kind !== OP_BINARY && !(this.isUnchecked() && kind === OP_TEXT)) return 0;
    if (this.state !== 'flowing' || this.hasUnread || !this.mayBeApart) return 0;
    if (memory[record + RECORD_COMPRESSED] !== 0) return 0;
    return memory[record + RECORD_FRAME]! & OP_CLOSE ? 0 : readUint64(record + RECORD_REMAINING);
  }

  /** Payload that need not pass through wasm memory; without `source` it is in its place already. */
  private skip(source: Bytes | undefined, start: number, end: number): void {
    try {
      const event = core.skip(this.record, end - start);
      this.followsLarge = (event & EVENT_END) !== 0;
      if (source === undefined) this.events.written(end - start, event);
      else this.events.take(source, start, end, event, true);
    } catch (error) {
      this.caught(error);
    }
  }

  /** Delivers what a pause or a busy moment put aside. */
  private readOn(): void {
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
    const runEnd = source === memory && beginRuns() ? end : 0;
    while (at < end && this.state === 'flowing') {
      try {
        do {
          at += 2;
          this.events.deliver(source, tape, at - 2, runEnd);
        } while (at < end && this.state === 'flowing');
      } catch (error) {
        this.caught(error);
      }
    }
    if (runEnd !== 0) endRuns();
    return at;
  }

  /** A handler threw: its own affair. Or the codec did. */
  private caught(error: unknown): void {
    if (error instanceof Failure) this.fail(error.reason);
    else this.handlers.onException(error);
  }

  /** The codec itself cannot go on. The handlers are owed the same care as if a tape told them. */
  private fail(reason: unknown): void {
    this.state = 'failed';
    this.forget();
    try {
      this.handlers.onFault(reason instanceof WsimdError ? reason : failureOf(reason));
    } catch (exception) {
      this.handlers.onException(exception);
    }
  }

  private forget(): void {
    this.queue = [];
    this.unread = undefined;
    this.apart = undefined;
    this.events.forget();
  }
}

function failureOf(reason: unknown): WsimdError {
  const isTrap = reason instanceof WebAssembly.RuntimeError;
  const fault = isTrap ? CONNECTION_FAULTS.internal : CONNECTION_FAULTS.messageUnheld;
  return new WsimdError(fault, (reason as Error).message, reason);
}
