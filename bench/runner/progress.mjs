// What is seen while a run lasts, on standard error only: a bar on a terminal, elsewhere a line per row. This file must not
// know what a result is.

import cliProgress from 'cli-progress';

/** A start takes longer than a measurement: the time left is estimated from this many of them, a few rows with both. */
const STEPS_LOOKED_BACK = 200;

/**
 * @typedef {object} Progress
 * @property {(row: string) => void} beginRow
 * @property {() => void} countRun
 * @property {(line: string) => void} endRow
 * @property {() => void} end
 */

/**
 * @param {number} steps
 * @returns {Progress}
 */
export function showProgress(steps) {
  return process.stderr.isTTY ? bar(steps) : lines();
}

/**
 * @param {number} steps
 * @returns {Progress}
 */
function bar(steps) {
  const format = '{bar} {value}/{total}  {eta_formatted} left  {row}';
  const single = new cliProgress.SingleBar({ format, stream: process.stderr, etaBuffer: STEPS_LOOKED_BACK });
  single.start(steps, 0, { row: '' });
  return {
    beginRow: (row) => single.update({ row }),
    countRun: () => single.increment(),
    endRow: () => {},
    end: () => single.stop(),
  };
}

/** @returns {Progress} */
function lines() {
  return {
    beginRow: () => {},
    countRun: () => {},
    endRow: (line) => console.error(line),
    end: () => {},
  };
}
