// Who waits until what was sent so far has left: each for a position in the stream of bytes. It does not know who writes.

interface Receipt {
  until: number;
  readonly resolve: () => void;
  readonly reject: () => void;
}

export class Receipts {
  /** In the order of their positions. */
  private waiting: Receipt[] = [];

  /** Resolves when so many bytes have left; rejects, with nothing, if they never do. */
  at(until: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ until, resolve, reject });
    });
  }

  /** So many bytes have left. */
  reach(position: number): void {
    let count = 0;
    while (count < this.waiting.length && this.waiting[count]!.until <= position) count += 1;
    for (const { resolve } of this.waiting.splice(0, count)) resolve();
  }

  /** Takes over those whose bytes come behind `position`. */
  append(later: Receipts, position: number): void {
    for (const receipt of later.waiting) {
      receipt.until += position;
      this.waiting.push(receipt);
    }
    later.waiting = [];
  }

  /** Nothing leaves any more. */
  abandon(): void {
    for (const { reject } of this.waiting.splice(0)) reject();
  }
}
