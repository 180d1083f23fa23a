// What a measured process is told and answers: when it is warm it prints a line, `ready`; each line it reads is a number of
// seconds to measure for, and is answered with the measurement as one line of JSON; it ends when its standard input does, be
// it because the process that started it was killed. This file owns that and must not know what is measured. It runs
// unchanged on every runtime.

/** @import { Measurement } from './traffic.mjs' */

import process from 'node:process';
import { createInterface } from 'node:readline';

/**
 * @param {(seconds: number) => Promise<Measurement>} measure
 * @returns {Promise<void>} when the input has ended and nothing is being measured any more
 */
export async function answerLines(measure) {
  const input = createInterface({ input: process.stdin });
  console.log('ready');
  for await (const line of input) console.log(JSON.stringify(await measure(Number(line))));
}
