// Latencies, as many as there are, in little memory: a histogram whose buckets grow with what they hold. It must not know what was
// measured.
//
// Log-linear: each power of two is divided into 64 buckets of equal width, and the middle of a bucket stands for all in it. So what
// is read differs from what was recorded by 1/128 at most, that is by less than 0.8 %.

const BITS_PER_POWER = 6;
/** Of the upper half of a double: sign, exponent, and 20 bits of the fraction. */
const FRACTION_BITS = 20;
const SHIFT = FRACTION_BITS - BITS_PER_POWER;

/** What is less counts as this, and what is more as that. */
export const LEAST = 2 ** -10;
export const MOST = 2 ** 40;

/** The largest part of a value by which what is read can differ from it, between LEAST and MOST. */
export const RELATIVE_ERROR = 1 / 2 ** (BITS_PER_POWER + 1);

const view = new DataView(new ArrayBuffer(8));
const FIRST = numberOf(LEAST);
const BUCKETS = numberOf(MOST) - FIRST + 1;

export class Histogram {
  count = 0;
  #buckets = new Float64Array(BUCKETS);

  /** @param {number} value in any unit */
  record(value) {
    const bucket = numberOf(Math.min(Math.max(value, LEAST), MOST)) - FIRST;
    this.#buckets[bucket] = /** @type {number} */ (this.#buckets[bucket]) + 1;
    this.count++;
  }

  /**
   * @param {number} part such as 0.99
   * @returns {number} so large at most are so many of the values; NaN: there are none
   */
  quantile(part) {
    let left = Math.max(1, Math.ceil(this.count * part));
    const bucket = this.#buckets.findIndex((count) => {
      left -= count;
      return left <= 0;
    });
    return bucket < 0 ? Number.NaN : middleOf(bucket + FIRST);
  }
}

/**
 * A double is its power of two and a fraction of it: its first bits are the number of its bucket.
 * @param {number} value
 */
function numberOf(value) {
  view.setFloat64(0, value);
  return view.getUint32(0) >>> SHIFT;
}

/** @param {number} number */
function middleOf(number) {
  return (startOf(number) + startOf(number + 1)) / 2;
}

/** @param {number} number */
function startOf(number) {
  view.setUint32(0, number << SHIFT);
  view.setUint32(4, 0);
  return view.getFloat64(0);
}
