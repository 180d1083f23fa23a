// A logarithmic axis: where it begins and ends, where its ticks are, how long a bar is. This file must not know what is drawn.

/** As a part of the axis: the bar of the least figure is to be seen too. */
const SHORTEST_BAR = 0.04;
/** With more decades than this, a tick at each; with fewer, at 1, 2 and 5 of each. */
const DECADES_WITH_STEPS = 2.5;

export class LogScale {
  #first;
  #last;

  /** @param {number[]} values greater than 0, at least one */
  constructor(values) {
    const least = Math.min(...values);
    this.#last = steps(least / 10, Math.max(...values) * 10).find((step) => step >= Math.max(...values)) ?? 1;
    const below = steps(least / 100, least).reverse();
    this.#first = below.find((step) => part(least, step, this.#last) >= SHORTEST_BAR) ?? least / 100;
  }

  /**
   * @param {number} value
   * @returns {number} its place on the axis, from 0 to 1; what is less than the axis has is at its begin
   */
  at(value) {
    return value <= this.#first ? 0 : part(value, this.#first, this.#last);
  }

  /** @returns {number[]} */
  ticks() {
    const all = steps(this.#first, this.#last);
    const decades = all.filter(isDecade);
    return Math.log10(this.#last / this.#first) > DECADES_WITH_STEPS ? decades : all;
  }
}

/**
 * @param {number} value
 * @param {number} first
 * @param {number} last
 */
function part(value, first, last) {
  return Math.log(value / first) / Math.log(last / first);
}

/**
 * @param {number} from
 * @param {number} to
 * @returns {number[]} 1, 2 and 5 times the powers of ten within these
 */
function steps(from, to) {
  const found = [];
  for (let power = Math.floor(Math.log10(from)); power <= Math.log10(to); power++) {
    // Read from text, they are the numbers nearest to the decimals; multiplied, they would be 0.30000000000000004.
    for (const digit of [1, 2, 5]) found.push(Number(`${digit}e${power}`));
  }
  return found.filter((step) => step >= from && step <= to);
}

/** @param {number} step */
function isDecade(step) {
  return Number.isInteger(Math.log10(step));
}
