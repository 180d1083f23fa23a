// The receiving half of the codec: one wasm call turns a chunk into events, which are delivered one by one, or kept while
// their receiver pauses. Sans-I/O: it does not know where bytes come from.
//
// All decoders of the thread share one window and one tape, and handlers run while the tape is being read. So a handler
// may do anything: pause or stop its own decoder (nothing further is delivered; what is unread is kept until `resume`),
// throw (the rest still arrives), feed this decoder (queued) or another one (its own level; see shared.ts). What goes wrong
// in the codec itself, in front of the handler, ends this decoder with a fault, and no other.

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
  TAPE,
  TEXT_ASCII,
  WINDOW,
} from '../../assembly/layout';
import { isError } from '../base/brands';
import type { Bytes } from '../base/bytes';
import { CONNECTION_FAULTS, WsimdError } from '../base/faults';
import { Queue } from '../base/queue';
import { messageOf } from '../base/thrown';
import type { ContextSettings } from '../deflate/context';
import { queueSoon, queueTask } from '../runtime/tasks';
import type { DecoderHandlers, DecoderOptions } from './contract';
import { EventReader } from './event-reader';
import { copyOfChunk } from './heap';
import type { Turns } from './inflated-messages';
import { core, readUint64, requireCore, writeUint64 } from './memory';
import { beginRuns, endRuns, isTransferred } from './runs';
import { bringBack, feeds, leaseRecord, presentLevel, putAside, releaseRecord } from './shared';
import type { StreamedMessages } from './streamed-messages';
import { Unread } from './unread';

/** Binary payload of which less is missing passes through the window like all else: reading it apart is one more read. */
const APART_BYTES = 65_536;

/** Binary payload in a chunk that has to be copied: so much of it goes to its message without passing through wasm memory. */
const DIRECT_BYTES = 4_096;

/** 'behind': what has come is more than is delivered in one turn of the event loop. */
type State = 'flowing' | 'behind' | 'paused' | 'failed' | 'stopped';

export class FrameDecoder implements Turns {
  private readonly record: number;
  private readonly events: EventReader;
  private state: State = 'flowing';
  private isBusy = false;
  private isToldBehind = false;
  private unread: Unread | undefined;
  /** Bytes that came while this decoder was paused or busy; undefined: none ever did. */
  private queue: Queue<Bytes> | undefined;
  private queuedBytes = 0;
  /** What `target` returned, if it was not the window. */
  private apart: Bytes | undefined;
  /** A message has just been completed there. */
  private followsLarge = false;
  /** Whoever is masked, or wants frames, has to be looked at. */
  private readonly mayBeApart: boolean;

  /**
   * Throws WS_ERR_TOO_MANY_CONNECTIONS, and what `requireCore` throws. Whoever makes a decoder stops it: it holds a record of wasm
   * memory.
   * @param options kept as they are: connections of one owner may share them
   * @param inflation how messages are inflated (RFC 7692); undefined: none may be compressed
   */
  constructor(
    options: DecoderOptions,
    private readonly handlers: DecoderHandlers,
    inflation?: ContextSettings,
  ) {
    requireCore();
    this.record = leaseRecord();
    this.events = new EventReader(this.record, options, handlers, handlers.onBehind && this, inflation);
    this.mayBeApart = options.role === 'client' && handlers.onFrame === undefined;
    core.bytes[this.record + RECORD_ROLE] = options.role === 'server' ? ROLE_SERVER : ROLE_CLIENT;
    core.bytes[this.record + RECORD_TEXT + TEXT_ASCII] = 1;
    core.bytes[this.record + RECORD_INFLATED_TEXT + TEXT_ASCII] = 1;
    core.bytes[this.record + RECORD_UNCHECKED] = options.isUtf8Unchecked ? 1 : 0;
    core.bytes[this.record + RECORD_DEFLATES] = inflation === undefined ? 0 : 1;
    core.bytes[this.record + RECORD_WANTS_FRAMES] = handlers.onFrame === undefined ? 0 : 1;
    writeUint64(this.record + RECORD_MAX_MESSAGE, options.maxMessage);
    core.words[(this.record + RECORD_MAX_FRAGMENTS) >> 2] = options.maxFragments;
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
    if (missing < APART_BYTES) return followsLarge ? core.shortWindow : core.window;
    const room = this.events.room(missing);
    // Little has arrived, so little more is believed in.
    if (room === undefined || room.length < APART_BYTES) return core.window;
    this.apart = room;
    return room;
  }

  /**
   * Decodes `end - start` bytes. They may lie where `target` said: then they are not copied. What `target` said holds no longer.
   * Throws nothing but what comes of a stack at its end.
   */
  feed(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const { state, apart } = this;
    if (state === 'stopped' || state === 'failed') return;
    this.apart = undefined;
    if (this.isBusy || state !== 'flowing' || this.hasUnread) {
      this.queue ??= new Queue();
      this.queue.push(copyOfChunk(bytes, start, end));
      this.queuedBytes += end - start;
      return;
    }
    this.enter(bytes as Bytes, start, end, apart);
    if (this.isBehind()) this.readOnLater();
  }

  /** Another read has overwritten what the window still held for this decoder. */
  lose(): void {
    this.fail(new WsimdError(CONNECTION_FAULTS.internal, 'another read took the place of its bytes'));
  }

  /** The chunk, or without one what was kept, on a level of its own. */
  private enter(bytes: Bytes | undefined, start: number, end: number, apart: Bytes | undefined): void {
    const { depth, window: windowReader } = feeds;
    const isWindow = bytes === core.window || bytes === core.shortWindow;
    if (isWindow) windowReader?.lose();
    const aside = putAside(depth);
    feeds.depth = depth + 1;
    this.isBusy = true;
    try {
      this.events.beginTurn();
      if (bytes === undefined) this.readKept();
      else if (isWindow && depth === 0) {
        feeds.window = this;
        this.decode(WINDOW + start, end - start, TAPE >> 2);
      } else if (bytes === apart) this.skip(undefined, 0, end);
      else this.decodeCopy(bytes, start, end, false);
      // A handler may have fed this decoder.
      if (bytes !== undefined) this.readKept();
    } catch (error) {
      this.fail(error);
    } finally {
      feeds.depth = depth;
      feeds.window = windowReader;
      this.isBusy = false;
      if (this.state === 'stopped') releaseRecord(this.record);
      if (aside !== undefined) bringBack(aside);
    }
  }

  /**
   * What text messages are told as: valid UTF-8 in either case. Holds from the next message on of which nothing was told. Text
   * that is not validated is bytes, whatever this says.
   */
  get textAs(): 'string' | 'bytes' {
    return this.events.isTextBytes ? 'bytes' : 'string';
  }

  set textAs(kind: 'string' | 'bytes') {
    // Behind the end the record may be another decoder's.
    if (this.state !== 'stopped') this.events.isTextBytes = kind === 'bytes' || this.isUnchecked();
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
    if (tells && this.state !== 'stopped') core.bytes[this.record + RECORD_WANTS_FRAMES] = 1;
  }

  /**
   * Whether `onMessageStart` is asked, where a message begins, who takes it in pieces; undefined: it is not. Holds from the next
   * message on of which nothing was told; what this chunk has brought already is refused all the same if it is too large for
   * `onMessage`. (Whoever wants it brings the class along: programs without it are smaller by that.)
   */
  askStarts(Streams: typeof StreamedMessages | undefined): void {
    // Behind the end the record may be another decoder's.
    if (this.state !== 'stopped') this.events.askStarts(Streams);
  }

  /** Whether something that was fed is held back: by a pause, or for another turn of the event loop. */
  get hasUnread(): boolean {
    return this.unread !== undefined || this.queue?.isEmpty === false || this.events.isUnfinished;
  }

  /** Bytes that were fed and not delivered: held back by a pause, or of a message that is not whole. */
  get unreadBytes(): number {
    let size = this.events.gatheredBytes;
    if (this.unread !== undefined) size += this.unread.size;
    return size + this.queuedBytes;
  }

  /** Nothing is delivered from here on until `resume`. */
  pause(): void {
    if (this.state === 'flowing' || this.state === 'behind') this.state = 'paused';
  }

  /** Delivery goes on with what was kept, soon but not within this call. */
  resume(): void {
    if (this.state !== 'paused') return;
    if (this.events.isUnfinished) {
      // What inflates has its share of a turn, however often it is paused.
      this.state = 'behind';
      this.readOnLater();
      return;
    }
    this.state = 'flowing';
    queueSoon(() => this.readOn());
  }

  get isPaused(): boolean {
    return this.state === 'paused';
  }

  /** What the event reader says when it has done enough. */
  fallBehind(): void {
    if (this.state === 'flowing') this.state = 'behind';
  }

  /** Ends this decoder: nothing is delivered any more, from this very moment. */
  stop(): void {
    if (this.state === 'stopped') return;
    this.state = 'stopped';
    try {
      this.forget();
    } finally {
      // Not while it is being read with: whoever got it next would find this decoder's state in it.
      if (!this.isBusy) releaseRecord(this.record);
    }
  }

  /** @param isOwn nobody else writes to these bytes, so that what is left of them can be kept as it is */
  private decodeCopy(bytes: Bytes, start: number, end: number, isOwn: boolean): void {
    const { window: place, tape } = presentLevel();
    for (let at = start; at < end; ) {
      if (this.state !== 'flowing') {
        if (this.isOver()) return;
        this.queue ??= new Queue();
        this.queue.putBack(isOwn ? bytes.subarray(at, end) : copyOfChunk(bytes, at, end));
        this.queuedBytes += end - at;
        return;
      }
      const missing = Math.min(this.missingUnseen(), end - at);
      if (missing >= DIRECT_BYTES) {
        this.skip(bytes, at, at + missing);
        at += missing;
        continue;
      }
      const next = Math.min(at + NESTED_WINDOW_BYTES, end);
      core.bytes.set(bytes.subarray(at, next), place);
      this.decode(place, next - at, tape);
      at = next;
    }
  }

  private isOver(): boolean {
    return this.state === 'stopped' || this.state === 'failed';
  }

  /** The one wasm call of a chunk. `tape` is an index into `words`. */
  private decode(at: number, length: number, tape: number): void {
    const count = core.decode(this.record, at, length, tape << 2);
    const end = tape + count * 2;
    const next = this.read(core.words, tape, end, core.bytes);
    if (next < end && !this.isOver()) this.unread = new Unread(next, end, at + length);
  }

  /** Whether text is not validated: then it need not be looked at. */
  private isUnchecked(): boolean {
    return core.bytes[this.record + RECORD_UNCHECKED] !== 0;
  }

  /** How much is missing of a data frame whose bytes nobody has to look at; 0 where there is none. */
  private missingUnseen(): number {
    const { record } = this;
    if (core.bytes[record + RECORD_STAGE] !== STAGE_PAYLOAD) return 0;
    const kind = core.bytes[record + RECORD_MESSAGE];
    if (kind !== OP_BINARY && !(this.isUnchecked() && kind === OP_TEXT)) return 0;
    if (this.state !== 'flowing' || this.hasUnread || !this.mayBeApart || this.events.mayStream) return 0;
    if (core.bytes[record + RECORD_COMPRESSED] !== 0) return 0;
    return core.bytes[record + RECORD_FRAME]! & OP_CLOSE ? 0 : readUint64(record + RECORD_REMAINING);
  }

  /** Payload that need not pass through wasm memory; without `source` it is in its place already. */
  private skip(source: Bytes | undefined, start: number, end: number): void {
    this.events.isTold = false;
    try {
      const event = core.skip(this.record, end - start);
      this.followsLarge = (event & EVENT_END) !== 0;
      if (source === undefined) this.events.written(end - start, event);
      else this.events.addPiece(source, start, end, event, true);
    } catch (error) {
      this.caught(error);
    }
  }

  /** What was kept is delivered from now on, or, if that is too much for one turn of the event loop, as much of it. */
  private readOn(): void {
    if (this.isBusy || this.state !== 'flowing') return;
    if (this.hasUnread) this.enter(undefined, 0, 0, undefined);
    if (this.isBehind()) this.readOnLater();
    else if (!this.isOver()) this.tellBehind(false);
  }

  private tellBehind(isBehind: boolean): void {
    if (this.isToldBehind === isBehind) return;
    this.isToldBehind = isBehind;
    this.handlers.onBehind?.(isBehind);
  }

  private isBehind(): boolean {
    return this.state === 'behind';
  }

  /** This turn has had its share: what follows is for another one. */
  private readOnLater(): void {
    this.tellBehind(true);
    queueTask(() => {
      if (this.state !== 'behind') return;
      this.state = 'flowing';
      this.readOn();
    });
  }

  /** Delivers what a pause, a busy moment or a turn put aside. */
  private readKept(): void {
    if (this.state !== 'paused' && this.events.isUnfinished) this.goOn();
    while (this.state === 'flowing') {
      const { unread } = this;
      if (unread !== undefined) {
        unread.next = this.read(unread.tape, unread.next, unread.tape.length, unread.bytes);
        if (unread.next === unread.tape.length) this.unread = undefined;
        continue;
      }
      const bytes = this.queue?.shift();
      if (bytes === undefined) break;
      this.queuedBytes -= bytes.length;
      this.decodeCopy(bytes, 0, bytes.length, true);
    }
  }

  private goOn(): void {
    this.events.isTold = false;
    try {
      this.events.goOn();
    } catch (error) {
      this.caught(error);
    }
  }

  /** Delivers events until the end or until a handler pauses or stops this decoder; returns the first unread index. */
  private read(tape: Int32Array, start: number, end: number, source: Bytes): number {
    let at = start;
    const runEnd = source === core.bytes ? beginRuns(end) : 0;
    try {
      while (at < end && this.state === 'flowing') {
        try {
          do {
            at += 2;
            this.events.isTold = false;
            this.events.deliver(source, tape, at - 2, runEnd);
          } while (at < end && this.state === 'flowing');
        } catch (error) {
          if (!this.events.isTold && runEnd !== 0 && isTransferred()) at -= 2;
          else this.caught(error);
        }
      }
    } finally {
      if (runEnd !== 0) endRuns();
    }
    return at;
  }

  /** A handler threw: its own affair. Or the codec did, in front of it. */
  private caught(error: unknown): void {
    if (this.events.isTold) this.handlers.onException(error);
    else this.fail(error);
  }

  /** The codec itself cannot go on. The handlers are owed the same care as if a tape told them. */
  private fail(reason: unknown): void {
    if (this.isOver()) return;
    this.state = 'failed';
    this.forget();
    try {
      this.handlers.onFault(reason instanceof WsimdError ? reason : failureOf(reason));
    } catch (exception) {
      this.handlers.onException(exception);
    }
  }

  private forget(): void {
    this.queue?.takeAll();
    this.queuedBytes = 0;
    this.unread = undefined;
    this.apart = undefined;
    this.events.forget();
  }
}

function failureOf(reason: unknown): WsimdError {
  // A trap of wasm, whose class may be that of another realm.
  const isTrap = isError(reason) && reason.name === 'RuntimeError';
  const fault = isTrap ? CONNECTION_FAULTS.internal : CONNECTION_FAULTS.messageUnheld;
  return new WsimdError(fault, messageOf(reason), reason);
}
