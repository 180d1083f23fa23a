// What one connection has to send. The frames of a tick gather in one block of wasm memory and leave as one write; while
// the transport holds a write, frames gather in the backlog behind it. It knows frames and bytes, not what they mean.
//
// A transport's `write` may be a user's stream: it may throw, send on this connection or on others, close them. So each frame is
// made in this order (codec/shared.ts): first whatever calls out, until there is room for the frame and a key for it; then the
// frame, in one go; and a frame that leaves piece by piece keeps its place, since what is sent meanwhile goes behind it.

import { BLOCK_BYTES, STAGING } from '../../assembly/layout';
import { lengthOf, plainView } from '../base/bytes';
import {
  frameRoom,
  LargeFrame,
  SMALLEST_PIECE,
  takenAway,
  textRoom,
  writeFrame,
  writeTextFrame,
} from '../codec/encoder';
import { isOfMemory, written } from '../codec/memory';
import { hasKey, keyAt, leaseBlock, nextKey, refillKeys, releaseBlock } from '../codec/shared';
import { requireStack } from '../runtime/stack';
import { utf8Length } from '../runtime/strings';
import { now, queueSoon } from '../runtime/tasks';
import type { Transport } from '../transport/contract';
import { Backlog, reuse } from './backlog';
import { PONG } from './first-byte';
import { flushAll, flushSoon, outboxOpened, outboxStopped } from './flush-queue';
import { type Done, Receipts } from './receipts';

/** From this size on a frame may be in two blocks, so that full blocks leave: messages of 64 KiB cost 24 µs, 40 in one each. */
const DIVIDED_BYTES = 32_768;

/**
 * What waits in one piece leaves in so many bytes at a time, at most, and a piece that leaves within so many milliseconds is
 * followed by one of twice the size, any other by one of half of it. On a slow line a frame of some MiB would show no progress
 * until its end, and the pings behind it would wait for it; on a fast one 1 MiB in pieces of 128 KiB cost a tenth more.
 */
const LEAST_PIECE_BYTES = 131_072;
const MOST_PIECE_BYTES = 1_048_576;
const FAST_PIECE_TIME = 20;

/** Of frames that leave piece by piece, each a large one. */
interface Divided {
  /** The one that leaves now; undefined: none does. */
  frame: LargeFrame | undefined;
  /** What is sent meanwhile. */
  behind: Backlog | undefined;
  /**
   * Where they lie in the stream of bytes, in its order: they alone are in more than one write. Those that have left are taken out
   * when another one is sent.
   */
  spans: readonly Span[];
  /** Where the last frame ends, if it is a large one and others were sent while it was written; 0: there is nothing behind it. */
  end: number;
}

function noneDivided(): Divided {
  return { frame: undefined, behind: undefined, spans: [], end: 0 };
}

/** Shared by all that have sent none, and not to be changed. */
const NONE_DIVIDED: Readonly<Divided> = noneDivided();

/** Whoever keeps what a frame was made of, until it has left. */
export interface Originals {
  /** So many bytes have left. */
  reach(position: number): void;
}

/** Makes the four bytes of a masking key. */
export type KeySource = () => Uint8Array;

/** Not closures: there may be thousands of idle connections. */
export interface OutboxOwner {
  /** Frames had to wait, and no longer do. */
  onDrained(): void;
  /**
   * Something went wrong with what was accepted: nothing leaves any more. Told at most once, behind the call in which it
   * happened.
   */
  onBroken(cause: unknown): void;
}

export class Outbox {
  /** Bytes that the transport has taken over, for good. */
  bytesWritten = 0;
  private transport: Transport | undefined;
  /** The leased block, or 0; how much of it is filled. */
  private block = 0;
  private used = 0;
  /** Bytes that the transport holds by reference. */
  private heldBytes = 0;
  private heldChunk: Uint8Array | undefined;
  /** Since when, in milliseconds. */
  private heldSince = 0;
  /** Bytes that the transport is being given. */
  private givenBytes = 0;
  private pieceBytes = LEAST_PIECE_BYTES;
  /**
   * Bytes that the transport has taken after it had held them, while others waited: then the peer's TCP has taken some, and not
   * only the kernel, or a TLS socket, which holds everything for a moment.
   */
  bytesMadeWay = 0;
  /** Behind the held write; undefined: nothing ever had to wait. */
  private lazyBacklog: Backlog | undefined;
  /** Frames that leave piece by piece. */
  private divided = NONE_DIVIDED;
  /** At most one pong waits, the latest: "a Pong frame for only the most recently processed Ping" (RFC 6455 §5.5.3). */
  private waitingPong: Uint8Array | undefined;
  private isDirty = false;
  /**
   * Up to where the block may be filled without more ado: it is leased, its flush is scheduled, nothing waits in front of it and
   * keys are the library's own. -1: one of these is to be seen to first. As long as it is not, no frame has to wait (`isStalled`).
   */
  private fillTo = -1;
  /** The transport is being called. */
  private isWriting = false;
  /** Nothing leaves any more: it was stopped, or something went wrong. */
  private isOver = false;
  private receipts: Receipts | undefined;
  private keySource: KeySource | undefined;
  /** Told of what has left; undefined: nobody wants to know. */
  originals: Originals | undefined;

  constructor(private readonly owner?: OutboxOwner) {}

  /** Bytes accepted that the runtime has not taken over. */
  get size(): number {
    return this.used + this.heldBytes + (this.lazyBacklog?.size ?? 0) + (this.divided.behind?.size ?? 0);
  }

  /** Those that leave piece by piece, to be changed: its own. */
  private get ownDivided(): Divided {
    if (this.divided === NONE_DIVIDED) this.divided = noneDivided();
    return this.divided;
  }

  private get backlog(): Backlog {
    this.lazyBacklog ??= new Backlog();
    return this.lazyBacklog;
  }

  private get hasBacklog(): boolean {
    return this.lazyBacklog?.isEmpty === false;
  }

  /** Whether frames have to wait: there is no transport, it holds a write, or another frame is on its way. */
  get isStalled(): boolean {
    return this.fillTo < 0 && (this.isHeldUp || this.divided.behind !== undefined);
  }

  /** Whether a frame that leaves in pieces has to wait, too. */
  private get isHeldUp(): boolean {
    return this.transport === undefined || this.heldBytes > 0 || this.hasBacklog || this.isOver;
  }

  /** Where the next frame begins in the stream of bytes. */
  get position(): number {
    return this.bytesWritten + this.givenBytes + this.size + (this.divided.frame?.remaining ?? 0);
  }

  /**
   * From here on frames leave.
   *
   * @param held what the transport holds already, in front of them
   */
  open(transport: Transport, held?: Uint8Array): void {
    if (this.transport === undefined) outboxOpened();
    this.transport = transport;
    if (held !== undefined) this.hold(held);
  }

  /**
   * The frames of which the transport was given nothing, as they would have left; `stop` follows. Of a frame that has begun to leave
   * the rest is of no use to anybody.
   */
  takeUnsent(): Unsent {
    const { receipts } = this;
    const { frame } = this.divided;
    const given = this.bytesWritten + this.heldBytes + this.givenBytes;
    const begun = this.divided.spans.find(({ start, end }) => start < given && given < end);
    const parts = [...(this.block === 0 ? [] : [written(this.block, this.used)]), ...(this.lazyBacklog?.content ?? [])];
    if (frame?.isWhole) {
      const room = new Uint8Array(frame.remaining);
      frame.writeTo(room);
      parts.push(room);
    }
    parts.push(...(this.divided.behind?.content ?? []));
    const rest = begun === undefined ? 0 : begun.end - given - (frame?.remaining ?? 0);
    return { start: begun?.end ?? given, bytes: joinedBehind(rest, parts), receipts };
  }

  /**
   * Calls `done` when all that was accepted so far is written, or what is in front of this position, or the transport goes first; at
   * once if nothing waits.
   */
  whenWritten(done: Done, position = this.position): void {
    if (this.isOver || this.size === 0) {
      done(!this.isOver);
      return;
    }
    this.receipts ??= new Receipts();
    this.receipts.at(position, done);
  }

  /** Where the last frame ends in the stream of bytes, whatever follows it. */
  get endOfLast(): number {
    return this.divided.end || this.position;
  }

  /** Masking keys come from `source`, not from a cryptographic generator (RFC 6455 §5.3): whoever asks for it is to blame. */
  keysFrom(source: KeySource): void {
    this.keySource = source;
    this.fillTo = -1;
  }

  /**
   * Calls out for whatever a frame of at most `room` bytes, BLOCK_BYTES or less, may need, so that a call of `bytes` right behind
   * this one does not, if it gets what is returned. Throws what goes wrong; then nothing was sent.
   */
  prepare(room: number): OwnKey {
    const key = this.ownKey();
    if (this.reserve(room) === STAGING) this.makeRoom(room);
    return key;
  }

  /**
   * A frame with a text as its payload; `first` is the header's first byte. True: it leaves at the end of the tick; false: see
   * `isStalled`. Throws what goes wrong; then it was not sent.
   */
  text(text: string, first: number): boolean {
    const room = textRoom(text);
    if (this.used + room <= this.fillTo && hasKey()) {
      this.used += writeTextFrame(text, this.block + this.used, first, nextKey());
      return true;
    }
    this.textBy(text, first, room);
    return false;
  }

  private textBy(text: string, first: number, room: number): void {
    const key = this.ownKey();
    if (this.isDivided(room)) {
      refillKeys();
      this.large(LargeFrame.ofText(text, first, addressOf(key)));
      return;
    }
    const at = this.reserve(room);
    if (at === STAGING && !this.makeRoom(frameRoom(utf8Length(text)))) return;
    this.commit(at, writeTextFrame(text, at, first, addressOf(key)));
  }

  /** A frame with a copy of these bytes as its payload. Returns and throws as `text` does. */
  bytes(payload: Uint8Array, first: number): boolean {
    const length = lengthOf(payload);
    const room = frameRoom(length);
    if (this.used + room <= this.fillTo && hasKey()) {
      this.used += writeFrame(payload, length, this.block + this.used, first, nextKey());
      return true;
    }
    this.bytesBy(payload, first, this.ownKey());
    return false;
  }

  /** The same with a key that `prepare` has returned. */
  bytesBy(payload: Uint8Array, first: number, key: OwnKey): void {
    const length = lengthOf(payload);
    const room = frameRoom(length);
    if (this.isDivided(room)) {
      refillKeys();
      this.large(LargeFrame.ofBytes(payload, first, addressOf(key)));
      return;
    }
    const at = this.reserve(room);
    if (at === STAGING && !this.makeRoom(room)) return;
    // To make room others were called, which may have taken the bytes away.
    if (lengthOf(payload) !== length) throw takenAway();
    this.commit(at, writeFrame(payload, length, at, first, addressOf(key)));
  }

  /** A pong; behind a stalled write it replaces the one that waits there. Returns whether it did. */
  pong(payload: Uint8Array): boolean {
    if (!this.isStalled) {
      this.bytes(payload, PONG);
      return false;
    }
    const isSecond = this.waitingPong !== undefined;
    // A copy: the caller's bytes are his own again.
    this.waitingPong = plainView(payload).slice();
    return isSecond;
  }

  /** The last frame, a close frame: "MUST NOT send any more" after it (RFC 6455 §5.5.1), so a pong that is owed goes first. */
  last(payload: Uint8Array, first: number): void {
    this.sendWaitingPong();
    this.bytes(payload, first);
  }

  /** One write for all that was gathered. */
  flush(): void {
    const wasStalled = this.isStalled;
    this.write();
    if (this.isStalled) return;
    // Not within this call: whoever is told may send on any connection, and one of them may be looking for a block.
    if (wasStalled) queueSoon(() => this.tellDrained());
    else this.sendWaitingPong();
  }

  /** The held write is finished. */
  onWritten(): void {
    if (this.isOver || this.heldChunk === undefined) return;
    const { heldChunk } = this;
    this.heldChunk = undefined;
    this.heldBytes = 0;
    if (this.hasBacklog) this.madeWay(heldChunk.length);
    this.leftBehind(heldChunk);
    this.count(heldChunk.length);
    this.write();
    this.tellDrained();
  }

  /** The transport is gone: gives back what is leased. */
  stop(): void {
    const { block, heldChunk } = this;
    this.isOver = true;
    this.fillTo = -1;
    this.block = 0;
    this.used = 0;
    this.heldChunk = undefined;
    this.heldBytes = 0;
    this.waitingPong = undefined;
    const wasOpen = this.transport !== undefined;
    this.transport = undefined;
    if (block !== 0) releaseBlock(block);
    if (heldChunk !== undefined && isOfMemory(heldChunk)) reuse(heldChunk);
    this.lazyBacklog?.drop(heldChunk);
    this.divided.behind?.drop(heldChunk);
    if (wasOpen) outboxStopped();
    this.receipts?.abandon();
    this.receipts = undefined;
  }

  /** Its room may serve again. */
  private leftBehind(chunk: Uint8Array): void {
    if (this.lazyBacklog === undefined) reuse(chunk);
    else this.lazyBacklog.left(chunk);
  }

  /** Where frames go that cannot leave at once. */
  private get waiting(): Backlog {
    return this.divided.behind ?? this.backlog;
  }

  private write(): void {
    this.isDirty = false;
    // What is sent within a call of the transport leaves behind it.
    if (this.isWriting) return;
    this.isWriting = true;
    try {
      while (this.transport !== undefined && this.heldBytes === 0 && !this.isOver) {
        const chunk = this.nextChunk();
        if (chunk === undefined) break;
        this.handOver(chunk, this.transport);
      }
    } finally {
      this.isWriting = false;
    }
  }

  /** Takes what leaves next. */
  private nextChunk(): Uint8Array | undefined {
    const { block, used } = this;
    if (used === 0) return this.lazyBacklog?.shift(this.pieceBytes);
    this.block = 0;
    this.used = 0;
    // It may have been filled from within the call of the transport before.
    this.fillTo = -1;
    return written(block, used);
  }

  private handOver(chunk: Uint8Array, transport: Transport): void {
    let isTaken = false;
    this.givenBytes = chunk.length;
    try {
      isTaken = transport.write(chunk);
    } catch (error) {
      this.breakOff(error);
    }
    this.givenBytes = 0;
    if (this.transport === undefined) {
      // It was stopped meanwhile, and has given back all but this.
      if (isOfMemory(chunk)) reuse(chunk);
    } else if (isTaken) {
      this.count(chunk.length);
      this.leftBehind(chunk);
    } else {
      this.hold(chunk);
      // What the transport has sent in this call has a block, and waits from now on.
      this.fillTo = -1;
    }
  }

  private hold(chunk: Uint8Array): void {
    this.heldChunk = chunk;
    this.heldBytes = chunk.length;
    this.heldSince = now();
  }

  private madeWay(bytes: number): void {
    this.bytesMadeWay += bytes;
    const isFast = now() - this.heldSince < FAST_PIECE_TIME;
    this.pieceBytes = isFast
      ? Math.min(this.pieceBytes * 2, MOST_PIECE_BYTES)
      : Math.max(this.pieceBytes / 2, LEAST_PIECE_BYTES);
  }

  /** Nothing leaves any more. What is leased is given back by `stop`, which follows. */
  private breakOff(cause: unknown): void {
    if (this.isOver) return;
    this.isOver = true;
    this.fillTo = -1;
    queueSoon(() => this.owner?.onBroken(cause));
  }

  private count(bytes: number): void {
    this.bytesWritten += bytes;
    this.originals?.reach(this.bytesWritten);
    this.receipts?.reach(this.bytesWritten);
  }

  private tellDrained(): void {
    if (this.isStalled || this.isOver) return;
    this.sendWaitingPong();
    this.owner?.onDrained();
  }

  /** Nobody asked for it at this moment: what goes wrong with it is nobody's to catch. */
  private sendWaitingPong(): void {
    const pong = this.waitingPong;
    this.waitingPong = undefined;
    if (pong === undefined) return;
    try {
      this.bytes(pong, PONG);
    } catch (error) {
      this.breakOff(error);
    }
  }

  /** Whether a frame of at most `room` bytes is written in pieces. */
  private isDivided(room: number): boolean {
    return room > BLOCK_BYTES || (room >= DIVIDED_BYTES && this.filled + room > BLOCK_BYTES);
  }

  /** How much of the block is filled that `reserve` would choose, if it is filled at all. */
  private get filled(): number {
    return this.isStalled ? this.waiting.filled : this.used;
  }

  /**
   * Where a frame of at most `room` bytes may be written: in a block if it can leave from there, else in STAGING. All that this
   * needs has been called when it returns: it is written at once.
   */
  private reserve(room: number): number {
    for (;;) {
      this.markDirty();
      const at = this.isStalled ? this.reserveBehind(room) : this.reserveInBlock(room);
      // Random bytes are called for, once for thousands of keys, and whoever makes them may send.
      if (at !== 0 && !refillKeys()) return at;
    }
  }

  /** 0: others were called, and all may be otherwise. */
  private reserveInBlock(room: number): number {
    if (this.used + room > BLOCK_BYTES) {
      // Within a call of the transport: it leaves behind the block.
      if (this.isWriting) return this.reserveBehind(room);
      this.flush();
      return 0;
    }
    if (this.block !== 0) return this.block + this.used;
    this.block = leaseBlock();
    if (this.block !== 0) return this.block;
    // All are taken: other connections write theirs earlier than at the end of the tick.
    flushAll();
    this.markDirty();
    if (this.isStalled) return 0;
    if (this.block === 0) this.block = leaseBlock();
    if (this.block === 0) return STAGING;
    return this.used === 0 ? this.block : 0;
  }

  /** The same behind a write that is held: in a block of its own it need not be copied to the heap. */
  private reserveBehind(room: number): number {
    this.fillTo = -1;
    return (this.transport === undefined || this.isOver ? 0 : this.waiting.reserve(room)) || STAGING;
  }

  /** On the heap, for what is in STAGING next. False: nothing leaves any more. */
  private makeRoom(room: number): boolean {
    if (!this.isOver) this.waiting.prepare(room);
    return !this.isOver;
  }

  /** The frame of `size` bytes at `at`, where `reserve` said, is complete. */
  private commit(at: number, size: number): void {
    if (this.divided.end !== 0) this.ownDivided.end = 0;
    if (at === STAGING) this.waiting.gather(written(STAGING, size));
    else if (this.isStalled) this.waiting.fill(size);
    else {
      this.used += size;
      if (this.keySource === undefined && this.isDirty) this.fillTo = BLOCK_BYTES;
    }
  }

  /** What the user's own source of keys makes for the next frame, if there is one. */
  private ownKey(): OwnKey {
    return this.keySource === undefined ? undefined : keyOf(this.keySource());
  }

  private large(frame: LargeFrame): void {
    if (this.isOver) return;
    // Half of it in the stream would be the end of the connection.
    requireStack();
    this.markDirty();
    const { position } = this;
    const underway = this.divided.spans.filter(({ end }) => end > this.bytesWritten);
    const end = position + frame.remaining;
    this.ownDivided.spans = [...underway, { start: position, end }];
    if (this.divided.behind !== undefined) {
      // The transport was called with a piece of another frame, and its code sends this one.
      this.divided.behind.gatherLarge(frame);
      return;
    }
    const { remaining } = frame;
    const behind = new Backlog();
    this.fillTo = -1;
    this.ownDivided.behind = behind;
    this.ownDivided.frame = frame;
    try {
      this.divide(frame);
    } catch (error) {
      // As long as nothing of it is on its way, it was simply not sent.
      if (frame.remaining === remaining) {
        this.ownDivided.spans = this.divided.spans.filter(({ start }) => start !== position);
        throw error;
      }
      this.breakOff(error);
    } finally {
      this.ownDivided.behind = undefined;
      this.ownDivided.frame = undefined;
      this.ownDivided.end = behind.isEmpty ? 0 : end;
      if (!behind.isEmpty) this.backlog.takeOver(behind);
      this.markDirty();
    }
  }

  /** Writes a frame piece by piece: each block leaves when it is full. */
  private divide(frame: LargeFrame): void {
    while (frame.remaining > 0 && !this.isOver) {
      const least = Math.min(frame.remaining, SMALLEST_PIECE);
      if (this.isHeldUp || this.isWriting) {
        this.divideBehind(frame, least);
        continue;
      }
      if (this.used + least > BLOCK_BYTES) {
        this.write();
        continue;
      }
      if (this.block === 0) this.block = leaseBlock();
      if (this.block === 0) {
        flushAll();
        if (this.block === 0) this.block = leaseBlock();
        if (this.block === 0) this.backlog.gatherLarge(frame);
        continue;
      }
      this.used += frame.write(this.block + this.used, BLOCK_BYTES - this.used);
      if (frame.remaining > 0) this.write();
    }
  }

  /** The next piece, or all of them, where it has to wait. */
  private divideBehind(frame: LargeFrame, least: number): void {
    const at = this.transport === undefined ? 0 : this.backlog.reserve(least);
    if (at === 0) this.backlog.gatherLarge(frame);
    else this.backlog.fill(frame.write(at, BLOCK_BYTES - this.backlog.filled));
  }

  private markDirty(): void {
    if (this.isDirty || this.transport === undefined) return;
    flushSoon(this);
    this.isDirty = true;
  }
}

/** A part of the stream of bytes. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** Frames that did not leave, and who waits for them. */
interface Unsent {
  /** Where they begin in the stream of bytes. */
  readonly start: number;
  readonly bytes: Uint8Array;
  readonly receipts: Receipts | undefined;
}

/** All that follows so many bytes. */
function joinedBehind(count: number, parts: readonly Uint8Array[]): Uint8Array {
  let skipped = count;
  const wanted = parts.map((part) => {
    const behind = part.subarray(Math.min(skipped, part.length));
    skipped -= part.length - behind.length;
    return behind;
  });
  const bytes = new Uint8Array(wanted.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of wanted) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A masking key of the user's, as a number; undefined: keys are the library's own. */
type OwnKey = number | undefined;

function keyOf(key: Uint8Array): number {
  return key[0]! | (key[1]! << 8) | (key[2]! << 16) | (key[3]! << 24);
}

function addressOf(key: OwnKey): number {
  return key === undefined ? nextKey() : keyAt(key);
}
