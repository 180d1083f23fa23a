// What is seen while a run lasts, on standard error only: a bar on a terminal, elsewhere a line per row. This file must not
// know what a result is.

import cliProgress from 'cli-progress';

/**
 * @typedef {object} Progress
 * @property {(row: string) => void} beginRow
 * @property {() => void} countRun
 * @property {(line: string) => void} endRow
 * @property {() => void} end
 */

/**
 * @param {number} runs
 * @returns {Progress}
 */
export function showProgress(runs) {
  return process.stderr.isTTY ? bar(runs) : lines();
}

/**
 * @param {number} runs
 * @returns {Progress}
 */
function bar(runs) {
  const format = '{bar} {value}/{total}  {eta_formatted} left  {row}';
  const single = new cliProgress.SingleBar({ format, stream: process.stderr });
  single.start(runs, 0, { row: '' });
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
