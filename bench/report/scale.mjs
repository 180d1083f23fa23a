// The axis of a chart: linear and from 0, so that a bar of half the length is half of what it stands for. This file owns where
// the axis ends and where its ticks are, and must not know what is drawn.

/** More ticks than these would be numbers that run into each other. */
const MOST_TICKS = 8;

export class LinearScale {
  #step;
  #steps;

  /** @param {number[]} values of which none is less than 0, and one at least is greater */
  constructor(values) {
    const greatest = Math.max(...values);
    this.#step = stepFor(greatest);
    this.#steps = Math.ceil(greatest / this.#step);
  }

  /**
   * @param {number} value
   * @returns {number} its place on the axis, where 0 is at 0 and the end is at 1
   */
  at(value) {
    return value / (this.#step * this.#steps);
  }

  /** @returns {number[]} from 0 to the end of the axis */
  ticks() {
    // A multiple of 0.1 is not always the number that its decimals say: 3 × 0.1 is not 0.3.
    return Array.from({ length: this.#steps + 1 }, (_, index) => Number((index * this.#step).toPrecision(12)));
  }
}

/**
 * @param {number} greatest
 * @returns {number} 1, 2 or 5 times a power of ten
 */
function stepFor(greatest) {
  for (let power = Math.floor(Math.log10(greatest)) - 1; ; power++) {
    const step = [1, 2, 5].map((digit) => Number(`${digit}e${power}`)).find((size) => greatest / size < MOST_TICKS);
    if (step !== undefined) return step;
  }
}
