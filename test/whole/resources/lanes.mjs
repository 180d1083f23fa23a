// Cycles of something, numbered from 1, on some lanes at once; and what keeps the process alive behind them. It knows no
// connection.

import { setTimeout } from 'node:timers/promises';

const LANES = 20;

/**
 * @param {(number: number) => Promise<void>} cycle
 * @returns {(until: number) => Promise<void>} goes on until that many are done, and nothing of them is kept
 */
export function lanes(cycle) {
  let next = 0;
  return async (until) => {
    await Promise.all(
      Array.from({ length: LANES }, async () => {
        while (next < until) {
          next += 1;
          await cycle(next);
        }
      }),
    );
    // The last sockets take a moment.
    for (let i = 0; i < 500 && kept().length > 0; i += 1) await setTimeout(10);
  };
}

/** What keeps the process alive, without its standard streams. */
export function kept() {
  return process.getActiveResourcesInfo().filter((name) => !/Pipe|TTY|Signal/.test(name));
}
