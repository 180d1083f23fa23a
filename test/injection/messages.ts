// Messages that say whose they are: each byte names its connection and its number there. And what was sent in one direction of
// one connection, held against what arrives. It knows no library.

export interface Message {
  readonly isBinary: boolean;
  readonly bytes: Buffer;
}

/** The `number`-th message of a direction, of `size` bytes or a few more. Every fifth is no ASCII. */
export function numbered(name: string, number: number, size: number, isBinary: boolean): Message {
  const unit = number % 5 === 4 ? `${name}·${number};` : `${name}.${number};`;
  const length = Buffer.byteLength(unit);
  // To write 140,000 bytes of a string that repeats takes 1.2 ms, to fill a buffer with it 13 µs.
  return { isBinary, bytes: Buffer.alloc(length * Math.max(1, Math.ceil(size / length)), unit) };
}

/** As much of a message as says what is wrong with it. */
const EXCERPT = 48;

/** One direction of one connection. */
export class Ledger {
  /** What is wrong with what arrived; the first few say enough. */
  readonly complaints: string[] = [];
  /** How far a message may overtake another: a send out of the midst of a send has no order. */
  slack = 0;
  /** Messages may be lost, where that is told; none may be another. */
  mayLose = false;
  private readonly pending: Message[] = [];
  private count = 0;
  private arrived = 0;

  /** @param name of the connection, and where it goes */
  constructor(readonly name: string) {}

  /** The next message to be sent. */
  next(size: number, isBinary: boolean): Message {
    this.count += 1;
    const message = numbered(this.name, this.count, size, isBinary);
    this.pending.push(message);
    return message;
  }

  /** It was refused. */
  withdraw(message: Message): void {
    const at = this.pending.lastIndexOf(message);
    if (at >= 0) this.pending.splice(at, 1);
  }

  /** The client says that this one has not left: then it has not arrived, nor will it. */
  unsent(bytes: Uint8Array, isBinary: boolean): void {
    const isIt = (message: Message): boolean =>
      message.isBinary === isBinary && Buffer.compare(message.bytes, bytes) === 0;
    const at = this.pending.findIndex(isIt);
    if (at >= 0) this.pending.splice(at, 1);
    else this.complaints.push(`${this.name}: told as unsent, and was not waiting: ${excerpt(bytes)}`);
  }

  /** The next one that arrived. */
  arrive(bytes: Uint8Array, isBinary: boolean): void {
    this.arrived += 1;
    const reach = this.mayLose ? this.pending.length : this.slack;
    for (let at = 0; at <= reach && at < this.pending.length; at += 1) {
      const { isBinary: wasBinary, bytes: sent } = this.pending[at]!;
      if (wasBinary !== isBinary || Buffer.compare(sent, bytes) !== 0) continue;
      this.pending.splice(this.mayLose ? 0 : at, this.mayLose ? at + 1 : 1);
      return;
    }
    const expected = this.pending.shift();
    if (this.complaints.length > 2) return;
    const told = `${isBinary ? 'binary' : 'text'} ${excerpt(bytes)}`;
    const wanted =
      expected === undefined ? 'nothing' : `${expected.isBinary ? 'binary' : 'text'} ${excerpt(expected.bytes)}`;
    this.complaints.push(`${this.name}, message ${this.arrived}: got ${told}, was sent ${wanted}`);
  }

  /** Messages that have not arrived. */
  get missing(): number {
    return this.pending.length;
  }

  get firstMissing(): string {
    return this.pending.length === 0 ? '' : excerpt(this.pending[0]!.bytes);
  }
}

function excerpt(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, EXCERPT)).toString();
  return `"${text}${bytes.length > EXCERPT ? '…' : ''}" (${bytes.length} bytes)`;
}
