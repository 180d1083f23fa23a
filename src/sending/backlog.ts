// Frames that have to wait behind a write that the transport holds. They gather in further blocks of wasm memory while there are
// many, else on the heap, and leave chunk by chunk. It does not know who writes them.

import { BLOCK_BYTES } from '../../assembly/layout';
import { Queue } from '../base/queue';
import type { LargeFrame } from '../codec/encoder';
import { isOfMemory, written } from '../codec/memory';
import { leaseRoom, releaseRoom } from '../codec/rooms';
import { leaseSpareBlock, releaseBlock } from '../codec/shared';

/** Frames on the heap are gathered in chunks that grow to this size; a larger frame has its own. */
const CHUNK_BYTES = 65_536;
const FIRST_CHUNK_BYTES = 1_024;

export class Backlog {
  /** Bytes of all chunks. */
  size = 0;
  /** How much of the last chunk is filled. */
  filled = 0;
  private readonly chunks = new Queue<Uint8Array>();
  /**
   * The address of the last chunk, while it is a block that may be filled further; else 0. (To ask a view for its `buffer` is a call
   * of the runtime's: a tenth of what a message of 16 bytes cost behind TLS.)
   */
  private block = 0;

  get isEmpty(): boolean {
    return this.chunks.isEmpty;
  }

  /** Where a frame of at most `room` bytes may be written without another copy, `fill` follows; 0: nowhere. */
  reserve(room: number): number {
    if (this.block !== 0 && this.filled + room <= BLOCK_BYTES) return this.block + this.filled;
    const block = leaseSpareBlock();
    if (block === 0) return 0;
    this.push(written(block, BLOCK_BYTES), 0);
    this.block = block;
    return block;
  }

  /** `size` more bytes are there where `reserve` said. */
  fill(size: number): void {
    this.filled += size;
    this.size += size;
  }

  /**
   * Sees to it that a frame of at most `room` bytes has a place on the heap: before it is written to where all connections write.
   */
  prepare(room: number): void {
    const { last } = this.chunks;
    if (last !== undefined && this.block === 0 && this.filled + room <= last.length) return;
    const size = Math.min(Math.max(FIRST_CHUNK_BYTES, this.size), CHUNK_BYTES);
    const needed = Math.max(size, room);
    this.push(needed < CHUNK_BYTES ? new Uint8Array(needed) : leaseRoom(needed).subarray(0, needed), 0);
  }

  /** Copies a frame to the place that `prepare` has made. */
  gather(frame: Uint8Array): void {
    this.chunks.last!.set(frame, this.filled);
    this.fill(frame.length);
  }

  /** Writes what is left of a frame to the heap. */
  gatherLarge(frame: LargeFrame): void {
    const { remaining } = frame;
    const room = leaseRoom(remaining);
    frame.writeTo(room);
    this.push(room, remaining);
  }

  /** Puts a chunk, filled up to `filled`, behind the others. */
  push(chunk: Uint8Array, filled: number): void {
    this.sealLast();
    this.chunks.push(chunk);
    this.filled = filled;
    this.size += filled;
  }

  /** Takes the first chunk, or so many bytes of it; undefined: there is none. `most` is at least BLOCK_BYTES. */
  shift(most: number): Uint8Array | undefined {
    for (;;) {
      if (this.chunks.length === 1) this.sealLast();
      const chunk = this.chunks.shift();
      if (chunk === undefined) return undefined;
      this.size -= Math.min(chunk.length, most);
      if (chunk.length > most) return this.cut(chunk, most);
      if (chunk.length > 0) return chunk;
      // A frame had a place in it, and was not written.
      reuse(chunk);
    }
  }

  /** The room of a chunk that has left may serve again, unless the rest of what was in it is still to leave. */
  left(chunk: Uint8Array): void {
    if (isOfMemory(chunk) || this.chunks.first?.buffer !== chunk.buffer) reuse(chunk);
  }

  /** Gives back all rooms but that of `held`, which somebody else still reads from. */
  drop(held: Uint8Array | undefined): void {
    for (const chunk of this.takeAll()) if (isOfMemory(chunk) || chunk.buffer !== held?.buffer) reuse(chunk);
  }

  /** What all chunks hold; they stay. */
  get content(): readonly Uint8Array[] {
    const chunks = this.chunks.all;
    return chunks.map((chunk, i) => (i === chunks.length - 1 ? chunk.subarray(0, this.filled) : chunk));
  }

  /** Takes all chunks. */
  takeAll(): readonly Uint8Array[] {
    this.sealLast();
    this.size = 0;
    this.filled = 0;
    return this.chunks.takeAll();
  }

  /** Takes all chunks of another one, behind its own. */
  takeOver(other: Backlog): void {
    if (other.isEmpty) return;
    for (const chunk of other.takeAll()) this.push(chunk, chunk.length);
  }

  private cut(chunk: Uint8Array, most: number): Uint8Array {
    const rest = chunk.subarray(most);
    if (this.chunks.isEmpty) this.filled = rest.length;
    this.chunks.putBack(rest);
    return chunk.subarray(0, most);
  }

  /** Cuts the last chunk to its content; nothing is added to it any more. */
  private sealLast(): void {
    const { last } = this.chunks;
    this.block = 0;
    if (last !== undefined) this.chunks.replaceLast(last.subarray(0, this.filled));
  }
}

/** A chunk that has left, or was a block of this tick's frames: its room may serve again. */
export function reuse(chunk: Uint8Array): void {
  if (isOfMemory(chunk)) releaseBlock(chunk.byteOffset);
  else if (chunk.buffer.byteLength >= CHUNK_BYTES) releaseRoom(new Uint8Array(chunk.buffer as ArrayBuffer));
}
