// What has to wait because a Blob in front of it is still being read: messages, and what follows the last one. Everything
// keeps its order. It knows no frames.

interface Turn {
  readonly blob: Blob | undefined;
  readonly size: number;
  /** `bytes` are the Blob's. */
  readonly take: (bytes: Uint8Array) => void;
  /** The Blob could not be read, or, without a cause, the queue was cleared. */
  readonly drop: (cause?: unknown) => void;
}

const NO_BYTES = new Uint8Array(0);

export class SendQueue {
  /** Bytes of all that waits. */
  size = 0;
  private readonly turns: Turn[] = [];
  private isCleared = false;

  /** @param onEmpty nothing waits any more */
  constructor(private readonly onEmpty: () => void) {}

  /** `drop` is called in place of `take` if it never comes to that. */
  push(size: number, take: (bytes: Uint8Array) => void, drop: (cause?: unknown) => void = () => {}, blob?: Blob): void {
    this.size += size;
    this.turns.push({ blob, size, take, drop });
    if (this.turns.length === 1) void this.run();
  }

  /** Drops all that waits. */
  clear(): void {
    this.isCleared = true;
    this.size = 0;
    for (const { drop } of this.turns.splice(0)) drop();
  }

  private async run(): Promise<void> {
    for (let next = this.turns[0]; next !== undefined; next = this.turns[0]) {
      const { blob, size, take, drop } = next;
      const bytes = blob === undefined ? NO_BYTES : await blob.arrayBuffer().then(viewOf, (cause) => ({ cause }));
      if (this.isCleared) return;
      this.turns.shift();
      this.size -= size;
      if (bytes instanceof Uint8Array) take(bytes);
      else drop(bytes.cause);
      if (this.isCleared) return;
    }
    this.onEmpty();
  }
}

function viewOf(buffer: ArrayBuffer): Uint8Array {
  return new Uint8Array(buffer);
}
