// The Huffman codes of DEFLATE (RFC 1951 §3.2.2): from the lengths of the codes to what each stands for. It reads no bits.

/** "The Huffman codes ... have lengths of at most 15 bits" (RFC 1951 §3.2.7). */
const MOST_BITS = 15;

export class HuffmanCode {
  /** How many codes there are of each length, and what they stand for, in the order of the codes. */
  readonly counts = new Uint16Array(MOST_BITS + 1);
  readonly symbols: Uint16Array;
  /** Bits of the longest code; 1 where there is none, so that a bit of data shows that it means nothing. */
  longest = 1;
  private readonly next = new Uint16Array(MOST_BITS + 2);

  constructor(mostSymbols: number) {
    this.symbols = new Uint16Array(mostSymbols);
  }

  /**
   * Takes the lengths of the codes of symbols 0, 1, … from `start` to `end`; 0 is a symbol that does not occur. Returns how many
   * codes of the longest length stand for nothing: fewer than none, and the lengths cannot be (RFC 1951 §3.2.2).
   */
  build(lengths: Uint8Array, start: number, end: number): number {
    const { counts, symbols, next } = this;
    counts.fill(0);
    for (let at = start; at < end; at += 1) counts[lengths[at]!]! += 1;
    counts[0] = 0;
    this.longest = 1;
    next[1] = 0;
    let left = 1;
    for (let length = 1; length <= MOST_BITS; length += 1) {
      const count = counts[length]!;
      left = left * 2 - count;
      if (left < 0) return left;
      next[length + 1] = next[length]! + count;
      if (count > 0) this.longest = length;
    }
    for (let at = start; at < end; at += 1) {
      const length = lengths[at]!;
      if (length === 0) continue;
      symbols[next[length]!] = at - start;
      next[length]! += 1;
    }
    return left;
  }
}

/** The codes of a block "compressed with fixed Huffman codes" (RFC 1951 §3.2.6). */
export class FixedCodes {
  readonly literals = new HuffmanCode(288);
  readonly distances = new HuffmanCode(32);

  constructor() {
    const lengths = new Uint8Array(288).fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280);
    this.literals.build(lengths, 0, 288);
    this.distances.build(new Uint8Array(32).fill(5), 0, 32);
  }
}
