// Payloads → DEFLATE data as permessage-deflate sends it (RFC 7692 §7.2.1): with a sync flush behind each, of which the last four
// bytes are left out at the end of a message. It knows no frames.

import type { Bytes } from '../base/bytes';
import { nextTurn } from '../runtime/tasks';
import { Context, type ContextSettings } from './context';
import { Z_NO_FLUSH, Z_SYNC_FLUSH, type Zlib } from './zlib';

/**
 * The default: on JSON it costs 1.3 times as much as level 2 and saves 3 % more; level 6, zlib's own, costs 1.7 times as much as
 * this one (2 KiB) or twice (64 KiB), for 6 % less.
 */
export const LEVEL = 4;

// Constants of this file's own. Where a loader of modules reads what is imported by calls, as those of tests do, and swallows what
// they throw, these are undefined at the end of the stack; zlib's handle ends the process for that.
const NO_FLUSH = Z_NO_FLUSH;
const SYNC_FLUSH = Z_SYNC_FLUSH;

/** What fits here needs no other memory; a stream that is full is copied out. */
const ROOM_BYTES = 131_072;
/** "an empty DEFLATE block with no compression", less its header (RFC 7692 §7.2.1). */
const TAIL_BYTES = 4;
/** As much is compressed in one turn of the event loop, in about a millisecond. */
export const TURN_BYTES = 65_536;
/** A stored block of no bytes, but for its tail (RFC 7692 §7.2.3.6): what stands for nothing where zlib has nothing to say. */
const NOTHING: Bytes = Uint8Array.of(0);

/**
 * Of all deflaters, each of which has it for a moment (codec/shared.ts): what is there is copied before anything else is called.
 */
let room: Bytes | undefined;

/** What came out so far. */
class Output {
  private readonly full: Bytes[] = [];
  private filled = 0;

  fill(stream: Zlib, flush: number, input: Uint8Array, from: number, end: number): void {
    room ??= new Uint8Array(ROOM_BYTES);
    for (let next = from; ; ) {
      next = stream.run(flush, input, next, end, room, this.filled, ROOM_BYTES - this.filled);
      this.filled += stream.made;
      if (this.filled < ROOM_BYTES) return;
      this.putAside();
    }
  }

  /** Others may use the room from here on. */
  putAside(): void {
    if (this.filled > 0) this.full.push(room!.slice(0, this.filled));
    this.filled = 0;
  }

  /** All of it but the last `less` bytes; lent until the next output begins. */
  whole(less: number): Bytes {
    if (this.full.length === 0) return room!.subarray(0, this.filled - less);
    this.putAside();
    const whole = new Uint8Array(this.full.reduce((size, { length }) => size + length, 0));
    let at = 0;
    for (const part of this.full) {
      whole.set(part, at);
      at += part.length;
    }
    return whole.subarray(0, whole.length - less);
  }

  get isEmpty(): boolean {
    return this.filled === 0 && this.full.length === 0;
  }
}

export class Deflater {
  private readonly context: Context;
  private isClosed = false;

  constructor(settings: ContextSettings) {
    this.context = new Context('deflate', settings);
  }

  /** The next payload of a message, and `isLast`, its last. What is returned is lent until the next call of any deflater. */
  deflate(payload: Uint8Array, isLast: boolean): Bytes {
    const output = new Output();
    output.fill(this.context.stream, SYNC_FLUSH, payload, 0, payload.length);
    return this.finished(output, isLast);
  }

  /** The same, a part in each turn of the event loop. Undefined: it was closed meanwhile. Nothing else may come in between. */
  async deflateInTurns(payload: Uint8Array, isLast: boolean): Promise<Bytes | undefined> {
    const output = new Output();
    for (let at = 0; at < payload.length; at += TURN_BYTES) {
      await nextTurn();
      if (this.isClosed) return undefined;
      const end = Math.min(at + TURN_BYTES, payload.length);
      output.fill(this.context.stream, end < payload.length ? NO_FLUSH : SYNC_FLUSH, payload, at, end);
      output.putAside();
    }
    return this.finished(output, isLast);
  }

  /** Refers to nothing of what came before. */
  beginAnew(): void {
    this.context.stream.reset();
  }

  release(): void {
    this.isClosed = true;
    this.context.release();
  }

  private finished(output: Output, isLast: boolean): Bytes {
    if (isLast) this.context.messageEnded();
    if (output.isEmpty) return isLast ? NOTHING : NOTHING.subarray(1);
    return output.whole(isLast ? TAIL_BYTES : 0);
  }
}
