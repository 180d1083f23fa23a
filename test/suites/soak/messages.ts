// What the soak sends: messages of every kind and size, each with its number in front, so that no two of a life are alike
// unless they are too short for a number. It keeps the original of each: received bytes are compared with all of them, which
// sees more than a checksum would.

import { Random } from './random';

/** The largest payload: more than a send block, less than a window of the library. */
export const LARGEST = 300 * 1024;

const KINDS = ['ascii', 'korean', 'mixed', 'binary'] as const;
type Kind = (typeof KINDS)[number];

/** Where the length of a header changes, where a block, a chunk or a short path of the library ends. */
const EDGES = [0, 1, 2, 15, 16, 17, 24, 25, 124, 125, 126, 127, 1024, 65_535, 65_536, 65_537, 131_072];

export interface Message {
  /** What `send()` is given if it is a text. */
  readonly text: string | undefined;
  /** What is to arrive at the other end. */
  readonly bytes: Buffer;
  /** In which kind of frame. */
  readonly isBinary: boolean;
}

const filler = new Random(6455);
const characters = (count: number, draw: () => readonly number[]): string =>
  Array.from({ length: count }, () => String.fromCodePoint(...draw())).join('');

/**
 * Nothing in these repeats, so a piece that is lost or out of place always shows. Every pair of code units is a whole: a
 * surrogate is never cut off from its other half.
 */
const TEXTS = {
  ascii: characters(LARGEST, () => [filler.between(0x20, 0x7e)]),
  korean: characters(LARGEST / 3, () => [filler.between(0xac00, 0xd7a3)]),
  mixed: characters(LARGEST / 4, () =>
    filler.chance(0.5) ? [filler.between(0x1f300, 0x1f9ff)] : [filler.between(0, 0x7f), filler.between(0xa0, 0x7ff)],
  ),
};
const BYTES = Buffer.from(Uint32Array.from({ length: LARGEST / 4 }, () => filler.next()).buffer);
const BYTES_PER_UNIT = { ascii: 1, korean: 3, mixed: 2 };

export class MessageSource {
  private count = 0;

  /**
   * @param name first letter of every message of this side
   * @param largest about how large a message may be, in bytes
   * @param stringsAreBinary whether texts go as binary frames
   */
  constructor(
    private readonly name: string,
    private readonly random: Random,
    private readonly largest: number,
    private readonly stringsAreBinary = false,
  ) {}

  next(): Message {
    return this.make(this.random.chance(0.15) ? this.edge() : this.random.scaled(1, this.largest));
  }

  /** A message of about so many bytes. */
  make(size: number): Message {
    this.count += 1;
    const kind = this.random.pick(KINDS);
    return kind === 'binary' ? this.binary(size) : this.text(kind, size);
  }

  private edge(): number {
    return this.random.pick(EDGES.filter((size) => size <= this.largest));
  }

  private binary(size: number): Message {
    const at = this.random.between(0, BYTES.length - size);
    const bytes = Buffer.from(BYTES.subarray(at, at + size));
    bytes.write(`${this.name}${this.count}:`, 'latin1');
    return { text: undefined, bytes, isBinary: true };
  }

  private text(kind: Exclude<Kind, 'binary'>, size: number): Message {
    const number = `${this.name}${this.count}:`.slice(0, size);
    const pairs = Math.floor(Math.min((size - number.length) / BYTES_PER_UNIT[kind], TEXTS[kind].length) / 2);
    const at = 2 * this.random.between(0, TEXTS[kind].length / 2 - pairs);
    const text = number + TEXTS[kind].slice(at, at + 2 * pairs);
    return { text, bytes: Buffer.from(text), isBinary: this.stringsAreBinary };
  }
}

/** Which message it is, for people. */
export function describeData(data: string | Uint8Array): string {
  const head = typeof data === 'string' ? data.slice(0, 16) : Buffer.from(data.subarray(0, 16)).toString('latin1');
  return `${JSON.stringify(head)} (${typeof data === 'string' ? 'text' : 'bytes'}, length ${data.length})`;
}
