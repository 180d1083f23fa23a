// DEFLATE data bit by bit (RFC 1951 §3.1.1), of input that is cut anywhere: whoever asks for bits that are not there yet asks
// again when there is more. No byte is taken before a bit of it is needed, for what follows a stream is not its own.

import type { HuffmanCode } from './huffman';

/** What is decoded of a code: more bits are needed, or it stands for nothing. */
export const WAITS = -1;
export const MEANINGLESS = -2;

const NOTHING = new Uint8Array(0);

export class BitInput {
  private input: Uint8Array = NOTHING;
  /** The next byte of the input. */
  at = 0;
  end = 0;
  /** Bits that were taken from the input and not used yet: the first is the lowest. */
  private hold = 0;
  private count = 0;

  open(input: Uint8Array, start: number, end: number): void {
    this.input = input;
    this.at = start;
    this.end = end;
  }

  /** Whoever lent it may use it again. */
  release(): void {
    this.input = NOTHING;
  }

  /** Forgets the bits of the stream before. */
  reset(): void {
    this.hold = 0;
    this.count = 0;
  }

  /** Whether so many bits are there, up to 32. */
  has(count: number): boolean {
    while (this.count < count) {
      if (this.at === this.end) return false;
      this.hold |= this.input[this.at]! << this.count;
      this.at += 1;
      this.count += 8;
    }
    return true;
  }

  /** So many bits, fewer than 32, that are there. */
  bits(count: number): number {
    const value = this.hold & ((1 << count) - 1);
    this.hold >>>= count;
    this.count -= count;
    return value;
  }

  /** 32 bits that are there, as two halves of 16, the first one first. */
  takeHalves(): [number, number] {
    const { hold } = this;
    this.reset();
    return [hold & 0xffff, hold >>> 16];
  }

  /** "skip any remaining bits in current partially processed byte" (RFC 1951 §3.2.3). */
  skipToByte(): void {
    this.bits(this.count & 7);
  }

  /** Takes bytes, at a byte, to where they are wanted. */
  copy(count: number, output: Uint8Array, to: number): void {
    output.set(this.input.subarray(this.at, this.at + count), to);
    this.at += count;
  }

  /** The symbol of the next code; nothing is used unless it is all there. */
  decode({ counts, symbols, longest }: HuffmanCode): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= longest; length += 1) {
      if (this.count < length && !this.has(length)) return WAITS;
      code |= (this.hold >>> (length - 1)) & 1;
      const count = counts[length]!;
      if (code - first < count) {
        this.hold >>>= length;
        this.count -= length;
        return symbols[index + code - first]!;
      }
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    return MEANINGLESS;
  }
}
