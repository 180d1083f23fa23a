// The differences from `ws` that wsimd has on purpose, each with its reason. The tests hold them to the letter: a difference
// that is gone, or has become another one, fails.

export interface Owned {
  /** The name of the script that shows it. */
  readonly script: string;
  readonly reason: string;
  /** Lines that only `ws` has (`-`) and that only wsimd has (`+`), in order. */
  readonly lines: readonly string[];
}

export const owned: readonly Owned[] = [];
