// How a block "compressed with dynamic Huffman codes" describes its codes (RFC 1951 §3.2.7), as it comes, in input cut anywhere.
// It knows nothing of what is compressed with them.

import { type BitInput, WAITS } from './bit-input';
import { dataError } from './data-error';
import { HuffmanCode } from './huffman';

export const END_OF_BLOCK = 256;
/** Symbols that stand for something; the fixed codes have more (RFC 1951 §3.2.6). */
export const MOST_LITERALS = 286;
export const MOST_DISTANCES = 30;

/** The order in which the lengths of the codes of lengths come. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/** "Copy the previous code length"; above it only lengths of 0 are repeated. */
const REPEAT_PREVIOUS = 16;
/** How often the symbols from there on repeat a length, at least, and how many bits say how much more. */
const REPEAT_BASES = [3, 3, 11];
const REPEAT_EXTRA = [2, 3, 7];

/** What comes next. */
const COUNTS = 0;
const LENGTHS_OF_LENGTHS = 1;
const LENGTHS = 2;

export class BlockCodes {
  readonly literals = new HuffmanCode(MOST_LITERALS);
  readonly distances = new HuffmanCode(MOST_DISTANCES);
  private next = COUNTS;
  private literalCount = 0;
  private distanceCount = 0;
  private lengthCount = 0;
  /** Lengths that are known, of those that come next. */
  private known = 0;
  private readonly lengths = new Uint8Array(MOST_LITERALS + MOST_DISTANCES);
  private readonly lengthCode = new HuffmanCode(ORDER.length);
  /** Whose extra bits are to come. */
  private symbol = WAITS;

  /** The next block is another one. */
  reset(): void {
    this.next = COUNTS;
  }

  /** Whether the codes are known; otherwise it needs more input. @throws Error of zlib's words if they cannot be */
  read(bits: BitInput): boolean {
    if (this.next === COUNTS && !this.readCounts(bits)) return false;
    if (this.next === LENGTHS_OF_LENGTHS && !this.readLengthsOfLengths(bits)) return false;
    if (!this.readLengths(bits)) return false;
    this.next = COUNTS;
    const { lengths, literalCount } = this;
    if (lengths[END_OF_BLOCK] === 0) throw dataError('invalid code -- missing end-of-block');
    if (!isUsable(this.literals, lengths, 0, literalCount)) throw dataError('invalid literal/lengths set');
    if (!isUsable(this.distances, lengths, literalCount, literalCount + this.distanceCount)) {
      throw dataError('invalid distances set');
    }
    return true;
  }

  private readCounts(bits: BitInput): boolean {
    if (!bits.has(14)) return false;
    this.literalCount = bits.bits(5) + END_OF_BLOCK + 1;
    this.distanceCount = bits.bits(5) + 1;
    this.lengthCount = bits.bits(4) + 4;
    if (this.literalCount > MOST_LITERALS || this.distanceCount > MOST_DISTANCES) {
      throw dataError('too many length or distance symbols');
    }
    this.known = 0;
    this.lengths.fill(0, 0, ORDER.length);
    this.next = LENGTHS_OF_LENGTHS;
    return true;
  }

  private readLengthsOfLengths(bits: BitInput): boolean {
    for (; this.known < this.lengthCount; this.known += 1) {
      if (!bits.has(3)) return false;
      this.lengths[ORDER[this.known]!] = bits.bits(3);
    }
    if (this.lengthCode.build(this.lengths, 0, ORDER.length) !== 0) throw dataError('invalid code lengths set');
    this.known = 0;
    this.symbol = WAITS;
    this.next = LENGTHS;
    return true;
  }

  private readLengths(bits: BitInput): boolean {
    const { lengths } = this;
    const all = this.literalCount + this.distanceCount;
    while (this.known < all) {
      if (this.symbol === WAITS) this.symbol = bits.decode(this.lengthCode);
      if (this.symbol === WAITS) return false;
      let length = this.symbol;
      let count = 1;
      if (length >= REPEAT_PREVIOUS) {
        const extra = REPEAT_EXTRA[length - REPEAT_PREVIOUS]!;
        if (!bits.has(extra)) return false;
        count = REPEAT_BASES[length - REPEAT_PREVIOUS]! + bits.bits(extra);
        const repeatsNothing = length === REPEAT_PREVIOUS && this.known === 0;
        if (repeatsNothing || this.known + count > all) throw dataError('invalid bit length repeat');
        length = length === REPEAT_PREVIOUS ? lengths[this.known - 1]! : 0;
      }
      lengths.fill(length, this.known, this.known + count);
      this.known += count;
      this.symbol = WAITS;
    }
    return true;
  }
}

/** A single code of one bit is allowed although it has no counterpart (RFC 1951 §3.2.7), and no code at all, as in zlib. */
function isUsable(code: HuffmanCode, lengths: Uint8Array, start: number, end: number): boolean {
  const unused = code.build(lengths, start, end);
  return unused === 0 || (unused > 0 && code.longest === 1);
}
