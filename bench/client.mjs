// The process that is measured: one library, one connection, one row, alone. It owns the order of things (connect, verify,
// warm up, one measurement per round, close) and must not know other libraries. It runs unchanged on every runtime.
//
//   client.mjs LIBRARY URL    LIBRARY names a file in clients/, the URL's path a row
//
// When it is warm it prints a line, `ready`. Each line it reads is a number of seconds; it measures for that long and prints
// the measurement as one line of JSON. When its standard input ends, and be it because the process that started it was
// killed, it closes the connection and ends with status 0. What goes wrong it says on standard error and ends with status 1.

/** @import { Connect, Measurement } from './traffic.mjs' */

import process from 'node:process';
import { createInterface } from 'node:readline';
import { payloadData, VARIANTS } from './payloads.mjs';
import { rowByName } from './rows.mjs';
import { HIGH_WATER_MARK, Traffic } from './traffic.mjs';

/** Compared byte by byte before anything is timed: this much payload, within these numbers of messages. */
const VERIFIED_BYTES = 4 * 1024 * 1024;
const FEWEST_VERIFIED = 2 * VARIANTS;
const MOST_VERIFIED = 4000;

/** Shorter, and ws still spends three times as much per 16 KiB message as it does later on: its heap has yet to grow. */
const WARM_UP_SECONDS = 0.8;
const WARM_UP_PHASE_SECONDS = 0.1;

const [library, url] = process.argv.slice(2);
if (library === undefined || url === undefined) throw new Error('usage: client.mjs LIBRARY URL');

/** @type {{ connect: Connect }} */
const { connect } = await import(`./clients/${library}.mjs`);
const row = rowByName(new URL(url).pathname.slice(1));
let isClosing = false;

const connection = connect(
  url,
  {
    onOpen: () => warmUp().then(obey, (error) => fail(String(error))),
    onMessage: (data, isBinary) => traffic.onMessage(data, isBinary),
    onDrain: () => traffic.onDrain(),
    onClose: (code, reason) => (isClosing ? process.exit() : fail(`closed in mid-row: ${code} ${reason}`)),
    onFailure: fail,
  },
  HIGH_WATER_MARK,
);
const traffic = new Traffic(row, payloadData(row), connection);

/** @returns {Promise<Measurement>} of the last phase */
async function warmUp() {
  const verified = Math.min(Math.max(VERIFIED_BYTES / row.bytes, FEWEST_VERIFIED), MOST_VERIFIED);
  let last = await traffic.runPhase(verified, true);
  const end = performance.now() + WARM_UP_SECONDS * 1000;
  while (performance.now() < end) last = await traffic.runPhase(messagesIn(WARM_UP_PHASE_SECONDS, last), false);
  return last;
}

/** @param {Measurement} last */
function obey(last) {
  const input = createInterface({ input: process.stdin });
  input.on('line', async (seconds) => {
    try {
      last = await traffic.runPhase(messagesIn(Number(seconds), last), false);
    } catch (error) {
      fail(String(error));
    }
    console.log(JSON.stringify(last));
  });
  input.on('close', () => {
    isClosing = true;
    connection.close();
  });
  console.log('ready');
}

/**
 * By the rate of the phase before, so that every library, fast or slow, is measured for the same time on any machine.
 * @param {number} seconds
 * @param {Measurement} last
 */
function messagesIn(seconds, last) {
  return Math.max(1, Math.round((last.messages / last.wallMicroseconds) * seconds * 1e6));
}

/**
 * @param {string} complaint
 * @returns {never}
 */
function fail(complaint) {
  console.error(`${library}, ${row.name}: ${complaint}`);
  process.exit(1);
}
