// What one connection has to send. The frames of a tick gather in one block of wasm memory and leave as one write; while
// the transport holds a write, frames gather in the backlog behind it. It knows frames and bytes, not what they mean.

import { BLOCK_BYTES, FIN_BIT, OP_PONG } from '../../assembly/layout';
import { frameRoom, LargeFrame, SMALLEST_PIECE, textRoom, writeFrame, writeTextFrame } from '../codec/encoder';
import { isOfMemory, leaseBlock, releaseBlock, STAGING, useKey, written } from '../codec/memory';
import type { Transport } from '../transport';
import { Backlog, reuse } from './backlog';
import { flushAll, flushSoon } from './flush-queue';
import { type Done, Receipts } from './receipts';

/** From this size on a frame may be in two blocks, so that full blocks leave: messages of 64 KiB cost 24 µs, 40 in one each. */
const DIVIDED_BYTES = 32_768;

/** What was sent before there was a transport. */
export interface Gathered {
  readonly chunks: readonly Uint8Array[];
  readonly receipts: Receipts | undefined;
}

/** Makes the four bytes of a masking key. */
export type KeySource = () => Uint8Array;

/** Not a closure: there may be thousands of idle connections. */
export interface OutboxOwner {
  /** Frames had to wait, and no longer do. */
  onRelief(): void;
}

export class Outbox {
  /** Bytes that the transport has taken over, for good. */
  written = 0;
  private transport: Transport | undefined;
  /** The leased block, or 0; how much of it is filled. */
  private block = 0;
  private used = 0;
  /** Bytes that the transport holds by reference. */
  private heldBytes = 0;
  private heldChunk: Uint8Array | undefined;
  /** Behind the held write, or in front of the first one. */
  private readonly backlog = new Backlog();
  /** At most one pong waits, the latest: "a Pong frame for only the most recently processed Ping" (RFC 6455 §5.5.3). */
  private waitingPong: Uint8Array | undefined;
  private isDirty = false;
  private receipts: Receipts | undefined;
  private keySource: KeySource | undefined;

  constructor(private readonly owner?: OutboxOwner) {}

  /** Bytes accepted that the runtime has not taken over. */
  get size(): number {
    return this.used + this.heldBytes + this.backlog.size;
  }

  /** Whether frames have to wait: there is no transport yet, or it holds a write. */
  get isStalled(): boolean {
    return this.transport === undefined || this.heldBytes > 0 || !this.backlog.isEmpty;
  }

  /** From here on frames leave at once. Returns those gathered before, which leave when they are handed to `append`. */
  open(transport: Transport): Gathered {
    const { receipts } = this;
    this.receipts = undefined;
    this.transport = transport;
    return { chunks: this.backlog.takeAll(), receipts };
  }

  /** Frames that `open` returned go behind those sent meanwhile. */
  append({ chunks, receipts }: Gathered): void {
    if (chunks.length === 0) return;
    if (receipts !== undefined) {
      this.receipts ??= new Receipts();
      this.receipts.append(receipts, this.written + this.size);
    }
    for (const chunk of chunks) this.backlog.push(chunk, chunk.length);
    this.markDirty();
  }

  /** Calls `done` when all that was accepted so far is written, or the transport goes first; at once if nothing waits. */
  whenWritten(done: Done): void {
    if (this.size === 0) {
      done(true);
      return;
    }
    this.receipts ??= new Receipts();
    this.receipts.at(this.written + this.size, done);
  }

  /** Masking keys come from `source`, not from a cryptographic generator (RFC 6455 §5.3): whoever asks for it is to blame. */
  keysFrom(source: KeySource): void {
    this.keySource = source;
  }

  /** A frame with a text as its payload; `first` is the header's first byte. */
  text(text: string, first: number): void {
    if (this.keySource !== undefined) this.nextKeyFrom(this.keySource);
    const room = textRoom(text);
    if (this.isDivided(room)) {
      this.large(LargeFrame.ofText(text, first, true));
      return;
    }
    const at = this.reserve(room);
    this.commit(at, writeTextFrame(text, at, first, true));
  }

  /** A frame with a copy of these bytes as its payload. */
  bytes(payload: Uint8Array, first: number): void {
    if (this.keySource !== undefined) this.nextKeyFrom(this.keySource);
    const room = frameRoom(payload.length);
    if (this.isDivided(room)) {
      this.large(LargeFrame.ofBytes(payload, first, true));
      return;
    }
    const at = this.reserve(room);
    this.commit(at, writeFrame(payload, at, first, true));
  }

  /** A pong; behind a stalled write it replaces the one that waits there. Returns whether it did. */
  pong(payload: Uint8Array): boolean {
    if (!this.isStalled) {
      this.bytes(payload, OP_PONG | FIN_BIT);
      return false;
    }
    const isSecond = this.waitingPong !== undefined;
    this.waitingPong = payload;
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
    // Not within this call: whoever is told may send on any connection, and one of them may be looking for a block.
    if (wasStalled && !this.isStalled) queueMicrotask(() => this.relieve());
  }

  /** The held write is finished. */
  drained(): void {
    if (this.heldChunk !== undefined) reuse(this.heldChunk);
    this.heldChunk = undefined;
    this.count(this.heldBytes);
    this.heldBytes = 0;
    this.write();
    this.relieve();
  }

  /** The transport is gone: gives back what is leased. */
  stop(): void {
    if (this.block !== 0) releaseBlock(this.block);
    if (this.heldChunk !== undefined && isOfMemory(this.heldChunk)) reuse(this.heldChunk);
    this.backlog.takeAll().forEach(reuse);
    this.block = 0;
    this.used = 0;
    this.heldChunk = undefined;
    this.heldBytes = 0;
    this.waitingPong = undefined;
    this.transport = undefined;
    this.receipts?.abandon();
    this.receipts = undefined;
  }

  private nextKeyFrom(source: KeySource): void {
    useKey(source());
  }

  private write(): void {
    this.isDirty = false;
    const transport = this.transport;
    if (transport === undefined) return;
    if (this.used > 0 && this.heldBytes === 0) {
      const { block, used } = this;
      this.block = 0;
      this.used = 0;
      this.pass(written(block, used), transport);
    }
    while (this.heldBytes === 0 && !this.backlog.isEmpty) this.pass(this.backlog.shift(), transport);
  }

  private pass(bytes: Uint8Array, transport: Transport): void {
    if (transport.write(bytes)) {
      this.count(bytes.length);
      reuse(bytes);
      return;
    }
    this.heldChunk = bytes;
    this.heldBytes = bytes.length;
  }

  private count(bytes: number): void {
    this.written += bytes;
    this.receipts?.reach(this.written);
  }

  private relieve(): void {
    if (this.isStalled) return;
    this.sendWaitingPong();
    this.owner?.onRelief();
  }

  private sendWaitingPong(): void {
    const pong = this.waitingPong;
    this.waitingPong = undefined;
    if (pong !== undefined) this.bytes(pong, OP_PONG | FIN_BIT);
  }

  /** Whether a frame of at most `room` bytes is written in pieces. */
  private isDivided(room: number): boolean {
    return room > BLOCK_BYTES || (room >= DIVIDED_BYTES && this.filled + room > BLOCK_BYTES);
  }

  /** How much of the block is filled that `reserve` would choose, if it is filled at all. */
  private get filled(): number {
    return this.isStalled ? this.backlog.filled : this.used;
  }

  /** Where a frame of at most `room` bytes may be written: in a block if it can leave from there, else in STAGING. */
  private reserve(room: number): number {
    if (this.isStalled) return this.reserveBehind(room);
    if (this.used + room > BLOCK_BYTES) {
      this.flush();
      if (this.isStalled) return this.reserveBehind(room);
    }
    if (this.block === 0) this.block = leaseOrEvict();
    return this.block === 0 ? STAGING : this.block + this.used;
  }

  /** The same behind a write that is held: in a block of its own it need not be copied to the heap. */
  private reserveBehind(room: number): number {
    return (this.transport === undefined ? 0 : this.backlog.reserve(room)) || STAGING;
  }

  /** The frame of `size` bytes at `at`, where `reserve` said, is complete. */
  private commit(at: number, size: number): void {
    if (at === STAGING) this.backlog.gather(written(STAGING, size));
    else this.fill(size);
    this.markDirty();
  }

  /** `size` more bytes of the block that `reserve` chose are filled. */
  private fill(size: number): void {
    if (this.isStalled) this.backlog.fill(size);
    else this.used += size;
  }

  private large(frame: LargeFrame): void {
    while (frame.remaining > 0) {
      const at = this.reserve(Math.min(frame.remaining, SMALLEST_PIECE));
      if (at === STAGING) {
        this.backlog.gatherLarge(frame);
        break;
      }
      this.fill(frame.write(at, BLOCK_BYTES - this.filled));
      if (frame.remaining > 0 && !this.isStalled) this.flush();
    }
    this.markDirty();
  }

  private markDirty(): void {
    if (this.isDirty || this.transport === undefined) return;
    this.isDirty = true;
    flushSoon(this);
  }
}

/** A block for this tick's frames. If all are taken, other connections write theirs earlier than at the end of the tick. */
function leaseOrEvict(): number {
  const block = leaseBlock();
  if (block !== 0) return block;
  flushAll();
  return leaseBlock();
}
