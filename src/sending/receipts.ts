// Who waits until what was sent so far has left: each for a position in the stream of bytes. It does not know who writes.

import { Queue } from '../base/queue';

/** What was waited for in front of something that was dropped with it. */
export type Slow = 'blob' | 'compression';

/** Called once: whether the bytes have left, or never will, and in front of which they waited then. It must not throw, nor send. */
export type Done = (isWritten: boolean, waitedFor?: Slow) => void;

interface Receipt {
  until: number;
  readonly done: Done;
}

export class Receipts {
  /** In the order of their positions. */
  private readonly waiting = new Queue<Receipt>();

  /** Calls `done` when so many bytes have left, or never will. */
  at(until: number, done: Done): void {
    this.waiting.push({ until, done });
  }

  /** So many bytes have left. */
  reach(position: number): void {
    for (let { first } = this.waiting; first !== undefined && first.until <= position; first = this.waiting.first) {
      this.waiting.shift();
      first.done(true);
    }
  }

  /** Takes over those whose bytes come behind `position`. */
  append(later: Receipts, position: number): void {
    for (const receipt of later.waiting.takeAll()) {
      receipt.until += position;
      this.waiting.push(receipt);
    }
  }

  /** Nothing leaves any more. */
  abandon(): void {
    for (const { done } of this.waiting.takeAll()) done(false);
  }
}
