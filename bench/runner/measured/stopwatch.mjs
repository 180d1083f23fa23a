// What a measurement is made of: CPU time of the whole process, as the operating system counts it, and time on the
// wall. This file must not know what is measured. It runs unchanged on every runtime.

/** @import { Measurement } from './traffic.mjs' */

import process from 'node:process';

/** Runs from its construction on. */
export class Stopwatch {
  #wall = performance.now();
  #cpu = process.cpuUsage();

  /**
   * @param {number} messages
   * @returns {Measurement}
   */
  stop(messages) {
    const { user, system } = process.cpuUsage(this.#cpu);
    const wallMicroseconds = (performance.now() - this.#wall) * 1000;
    return { messages, userMicroseconds: user, systemMicroseconds: system, wallMicroseconds };
  }
}
