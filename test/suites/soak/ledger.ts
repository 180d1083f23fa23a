// The ledger of one direction of one life: what was accepted for sending, and what arrived. What arrives has to be a prefix
// of what was accepted: in order, each message exactly once, byte for byte and in the same kind of frame. It does not know
// who sends and who receives, nor why a life ended; whether the prefix has to be all of it is for others to say.

import { describeData, type Message } from './messages';

export class Ledger {
  /** In the order in which they have to arrive. */
  private readonly accepted: Message[] = [];
  /** Accepted while there was no connection yet; see `release`. */
  private readonly queued: Message[] = [];
  private isHolding = false;
  private isBroken = false;
  arrivedCount = 0;
  acceptedBytes = 0;
  arrivedBytes = 0;

  /** @param violate is told, in a sentence, what must not be; at most once */
  constructor(
    private readonly name: string,
    private readonly violate: (sentence: string) => void,
  ) {}

  get acceptedCount(): number {
    return this.accepted.length + this.queued.length;
  }

  get isComplete(): boolean {
    return this.arrivedCount === this.acceptedCount;
  }

  /** From here on messages wait: what is accepted after `beginRelease` overtakes them. */
  hold(): void {
    this.isHolding = true;
  }

  /** The connection is open: messages are sent from here on, in front of those that waited. */
  beginRelease(): void {
    this.isHolding = false;
  }

  /** "What was queued is sent after" onWebSocketConnect. */
  endRelease(): void {
    this.accepted.push(...this.queued.splice(0));
  }

  /** To be called before the message is handed over: whoever takes it may call back. */
  accept(message: Message): void {
    (this.isHolding ? this.queued : this.accepted).push(message);
    this.acceptedBytes += message.bytes.length;
  }

  /** It was refused after all. */
  withdraw(message: Message): void {
    const list = this.queued.includes(message) ? this.queued : this.accepted;
    list.splice(list.lastIndexOf(message), 1);
    this.acceptedBytes -= message.bytes.length;
  }

  /** Returns the message that it is; undefined if it must not be. */
  arrive(data: string | Uint8Array, isBinary: boolean): Message | undefined {
    if (this.isBroken) return undefined;
    const expected = this.accepted[this.arrivedCount];
    if (expected === undefined || !isSame(expected, data, isBinary)) {
      this.isBroken = true;
      this.violate(`${this.name}: number ${this.arrivedCount + 1} is ${this.explain(data, isBinary)}`);
      return undefined;
    }
    this.arrivedCount += 1;
    this.arrivedBytes += expected.bytes.length;
    return expected;
  }

  /** All that was accepted has to be there by now. */
  expectComplete(when: string): void {
    this.expectCount(this.acceptedCount, when);
  }

  /** So many have to be there by now. */
  expectCount(count: number, when: string): void {
    if (this.isBroken || this.arrivedCount === count) return;
    this.isBroken = true;
    this.violate(`${this.name}: ${this.arrivedCount} messages of ${count} had arrived ${when}`);
  }

  private explain(data: string | Uint8Array, isBinary: boolean): string {
    const what = `${isBinary ? 'binary' : 'text'} ${describeData(data)}`;
    const index = this.accepted.findIndex((message) => isSame(message, data, isBinary));
    if (index < 0) return `nothing that was sent, but ${what}`;
    return index < this.arrivedCount
      ? `number ${index + 1} once more, ${what}`
      : `number ${index + 1}, which skips some, ${what}`;
  }
}

function isSame(message: Message, data: string | Uint8Array, isBinary: boolean): boolean {
  if (message.isBinary !== isBinary) return false;
  // A server of the npm package `ws` hands out texts as bytes, too.
  return typeof data === 'string' ? !isBinary && data === message.text : message.bytes.equals(data);
}
