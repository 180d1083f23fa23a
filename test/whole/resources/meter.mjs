// What a piece of work costs the process that does it: memory at its peak, above what was there before, and CPU time; and what it
// leaves behind. It knows nothing of WebSocket.

import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * @typedef {object} Costs
 * @property {number} peakRss bytes of resident memory at the peak, above those at the beginning
 * @property {number} peakBuffers bytes of ArrayBuffers and other memory outside of the heap, likewise, of all samples
 * @property {number} cpu seconds of CPU time, system and user
 */

setFlagsFromString('--expose-gc');

/** @type {() => void} */
export const collectGarbage = runInNewContext('gc');

export class Meter {
  #rss;
  #buffers;
  #peakBuffers = 0;
  #cpu;

  /** Begins. What is measured has been done once before, in small: code and caches are no part of its costs. */
  constructor() {
    collectGarbage();
    this.#rss = process.memoryUsage.rss();
    this.#buffers = process.memoryUsage().external;
    this.#cpu = process.cpuUsage();
  }

  /** A look at what is held right now. */
  sample() {
    this.#peakBuffers = Math.max(this.#peakBuffers, process.memoryUsage().external - this.#buffers);
  }

  /** @returns {Costs} */
  read() {
    this.sample();
    const { user, system } = process.cpuUsage(this.#cpu);
    return { peakRss: peakRss() - this.#rss, peakBuffers: this.#peakBuffers, cpu: (user + system) / 1e6 };
  }
}

/**
 * The most memory that was ever resident, in bytes. On Linux the `maxRSS` of getrusage begins with that of the process that
 * started this one, so its own count is read where it is kept.
 */
function peakRss() {
  const status = process.platform === 'linux' ? readFileSync('/proc/self/status', 'latin1') : '';
  const kibibytes = /^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS;
  return Number(kibibytes) * 1024;
}

/** So many looks in a row, in milliseconds after each other, have to find that no more was given back. */
const LOOKS = 10;
const PAUSE = 10;

/**
 * What is held, as soon as it falls no more. Threads of V8's own give back buffers and pages of what was collected, sooner or
 * later: at once, a measure of 24 MB more was one of 40 MB less on a machine that had much to do.
 *
 * @param {() => number} read
 * @param {number} little less than this is noise
 */
async function settled(read, little) {
  let least = Number.POSITIVE_INFINITY;
  for (let looks = 0; looks < LOOKS; looks += 1) {
    collectGarbage();
    await setTimeout(PAUSE);
    const bytes = read();
    if (bytes < least - little) looks = 0;
    least = Math.min(least, bytes);
  }
  return least;
}

/** Bytes on the heap and in buffers, without what is garbage. */
export const settledBytes = () =>
  settled(() => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  }, 1024);

/** Bytes of memory that is resident, likewise. */
export const settledRss = () => settled(() => process.memoryUsage.rss(), 256 * 1024);

/** @param {object} results */
export function report(results) {
  console.log(JSON.stringify(results));
}
