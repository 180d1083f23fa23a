// The process that asks what a start costs: it has processes of one library started and ended, one after the other, and a
// measurement is the median of a few. It owns how many, and must not know what they do (started.mjs). It runs unchanged on every
// runtime, and is told and answers what lines.mjs says; whatever the number of seconds, a measurement is STARTS processes.
//
//   start.mjs LIBRARY TARGET    LIBRARY names a file in clients/, or is `floor`; TARGET is the name of a row or its URL

/** @import { Measurement } from './traffic.mjs' */

import process from 'node:process';
import { FreshProcess } from './fresh-process.mjs';
import { answerLines } from './lines.mjs';

const STARTS = 5;

const started = new FreshProcess('started.mjs', process.argv.slice(2));

// The first of all finds nothing in the file system's cache.
await started.measure();
await answerLines(medianStart);
process.exit();

/** @returns {Promise<Measurement>} */
async function medianStart() {
  /** @type {Measurement[]} */
  const measurements = [];
  for (let count = 0; count < STARTS; count++) measurements.push(await started.measure());
  measurements.sort((one, another) => cpuOf(one) - cpuOf(another));
  return /** @type {Measurement} */ (measurements[STARTS >> 1]);
}

/** @param {Measurement} measurement */
function cpuOf({ userMicroseconds, systemMicroseconds }) {
  return userMicroseconds + systemMicroseconds;
}
