// Random numbers from a seed: the same seed, the same numbers. It knows nothing of what they are used for.

export class Random {
  private state: number;

  constructor(readonly seed: number) {
    this.state = seed >>> 0;
  }

  /** A whole number of 32 bits: a counter in steps of the golden ratio, stirred until neighbours have nothing in common. */
  next(): number {
    this.state = (this.state + 0x9e3779b9) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  }

  /** From 0 up to, but not including, 1. */
  unit(): number {
    return this.next() / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** A whole number; both ends may come. */
  between(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  /** A whole number from `low`, at least 1, to `high`, of each order of magnitude as often as of any other. */
  scaled(low: number, high: number): number {
    return Math.floor(low * ((high + 1) / low) ** this.unit());
  }

  pick<T>(list: readonly T[]): T {
    return list[this.between(0, list.length - 1)]!;
  }

  /** Another one that goes its own way: what one side draws does not depend on how often another side drew. */
  fork(): Random {
    return new Random(this.next());
  }
}
