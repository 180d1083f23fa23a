// Who waits until what was sent so far has left: each for a position in the stream of bytes. It does not know who writes.

import type { WsimdError } from '../base/faults';
import { Queue } from '../base/queue';

/** What was waited for in front of something that was dropped with it. */
export type Slow = 'blob' | 'compression' | 'stream';

/**
 * Called once: whether the bytes have left, or never will, in front of what they waited then, and why, if that is known. It must not
 * throw, nor send.
 */
export type Done = (isWritten: boolean, waitedFor?: Slow, cause?: WsimdError) => void;

/** Several who wait for the same; undefined: nobody does. */
export function together(receipts: readonly Done[]): Done | undefined {
  if (receipts.length <= 1) return receipts[0];
  return (...told) => {
    for (const done of receipts) done(...told);
  };
}

interface Receipt {
  readonly until: number;
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

  /** Takes those out who wait for one of these positions. */
  take(positions: ReadonlySet<number>): ReadonlyMap<number, readonly Done[]> {
    const taken = new Map<number, Done[]>();
    for (const receipt of this.waiting.takeAll()) {
      const { until, done } = receipt;
      if (positions.has(until)) taken.set(until, [...(taken.get(until) ?? []), done]);
      else this.waiting.push(receipt);
    }
    return taken;
  }

  /** Nothing leaves any more. */
  abandon(): void {
    for (const { done } of this.waiting.takeAll()) done(false);
  }
}
