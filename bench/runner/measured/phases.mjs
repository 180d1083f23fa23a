// One connection's measurements, or one codec's: verify, warm up, then what lines.mjs asks for. It owns the number of
// messages of each phase and must not know what a phase does. It runs unchanged on every runtime.

/** @import { Row } from '../../rows.mjs' */
/** @import { Measurement } from './traffic.mjs' */

import { variantsOf } from '../../wire/payloads.mjs';
import { answerLines } from './lines.mjs';

/** Compared byte by byte before anything is timed: this much payload, within these numbers of messages. */
const VERIFIED_BYTES = 4 * 1024 * 1024;
const FEWEST_TURNS_VERIFIED = 2;
const MOST_VERIFIED = 4000;

/** Shorter, and ws still spends three times as much per 16 KiB message as later on: its heap has yet to grow. */
const WARM_UP_SECONDS = 0.8;
const WARM_UP_PHASE_SECONDS = 0.1;

/** Of a time that a round has to have at least. */
const NEARLY = 0.9;

/**
 * @param {Row} row
 * @param {(messages: number, verify: boolean) => Promise<Measurement>} runPhase
 * @returns {Promise<void>} when standard input has ended
 */
export async function servePhases(row, runPhase) {
  let last = await runPhase(messagesToVerify(row), true);
  const end = performance.now() + WARM_UP_SECONDS * 1000;
  while (performance.now() < end) last = await runPhase(messagesIn(WARM_UP_PHASE_SECONDS, last), false);
  await answerLines(async (seconds) => {
    // By the rate of a phase that was slower the round may end too early, but by its own it does not.
    do last = await runPhase(messagesIn(Math.max(seconds, row.fewestSeconds), last), false);
    while (last.wallMicroseconds < NEARLY * row.fewestSeconds * 1e6);
    return last;
  });
}

/** @param {Row} row */
function messagesToVerify(row) {
  return Math.min(Math.max(VERIFIED_BYTES / row.bytes, FEWEST_TURNS_VERIFIED * variantsOf(row)), MOST_VERIFIED);
}

/**
 * By the rate of the phase before, so that every library, fast or slow, is measured for the same time on any machine.
 * @param {number} seconds
 * @param {Measurement} last
 */
function messagesIn(seconds, last) {
  return Math.max(1, Math.round((last.messages / last.wallMicroseconds) * seconds * 1e6));
}
