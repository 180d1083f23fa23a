// One line that changes while it is watched: rewritten in place on a terminal, elsewhere a new line each time, and less
// often. It knows nothing of what it shows.

/**
 * @typedef {object} LiveLine
 * @property {number} seconds between two updates
 * @property {(text: string) => void} show
 * @property {() => void} end leaves the last text standing
 */

const ERASE_TO_END_OF_LINE = '\x1b[K';

/** @returns {LiveLine} */
export function liveLine() {
  const { stdout } = process;
  if (!stdout.isTTY) return { seconds: 1, show: (text) => console.log(text), end: () => {} };
  return {
    seconds: 0.2,
    // Two columns for the indentation of the step, one for the cursor: a line that wraps could not be rewritten.
    show: (text) => stdout.write(`\r  ${text.slice(0, (stdout.columns || 80) - 3)}${ERASE_TO_END_OF_LINE}`),
    end: () => stdout.write('\n'),
  };
}
