// Events that a pause left unread, moved to the heap: others use the window and its tape meanwhile. It does not read them.

import type { Bytes } from '../base/bytes';
import { core } from './memory';

export class Unread {
  readonly bytes: Bytes;
  /** Its addresses are relative to `bytes`. */
  readonly tape: Int32Array;
  next = 0;

  /** The entries of `words` from `next` to `end`, there must be one, with their bytes in the chunk that ends at `chunkEnd`. */
  constructor(next: number, end: number, chunkEnd: number) {
    this.tape = core.words.slice(next, end);
    const start = this.tape[0]!;
    for (let i = 0; i < this.tape.length; i += 2) this.tape[i]! -= start;
    this.bytes = core.bytes.slice(start, chunkEnd);
  }

  /** Bytes from the next entry on. */
  get size(): number {
    return this.bytes.length - this.tape[this.next]!;
  }
}
