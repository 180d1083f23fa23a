// The process that is measured in rows that ask how much memory a stream of large messages needs at its peak: one library, one
// connection, alone. It owns when memory is looked at, and must not know other libraries. It runs unchanged on every runtime,
// and is told and answers what lines.mjs says; whatever the number of seconds, a measurement is STREAM_BYTES of messages.
//
//   peak.mjs LIBRARY URL    LIBRARY names a file in clients/, the URL's path a row
//
// The consumer keeps nothing: what grows is what the library holds, and what the runtime has not collected yet. Each
// measurement is the highest memory seen during it, above what the process had when the connection was open and warm, before
// the first of them. Not the operating system's own high-water mark: that is one for the whole life of a process.

/** @import { Connect, Measurement } from './traffic.mjs' */

import process from 'node:process';
import { rowByName } from '../../rows.mjs';
import { payloadData, VARIANTS } from '../../wire/payloads.mjs';
import { answerLines } from './lines.mjs';
import { settledMemory } from './settled-memory.mjs';
import { HIGH_WATER_MARK, Traffic } from './traffic.mjs';

const STREAM_BYTES = 1024 ** 3;
/** Whole messages are compared in these, one turn of the payloads: enough to load the code, too few to fill the heap. */
const WARM_UP_MESSAGES = VARIANTS;
/** Between two looks at the memory: a sixteenth of what a row is about, and 10 ms of CPU for all looks together. */
const LOOK_EVERY_BYTES = 2 * 1024 * 1024;

const [library, url] = process.argv.slice(2);
if (library === undefined || url === undefined) throw new Error('usage: peak.mjs LIBRARY URL');

/** @type {{ connect: Connect }} */
const { connect } = await import(`../../clients/${library}.mjs`);
const row = rowByName(new URL(url).pathname.slice(1));
const messagesPerLook = Math.ceil(LOOK_EVERY_BYTES / row.bytes);
let isClosing = false;
let messagesToLook = messagesPerLook;
let peak = 0;

const connection = connect(
  url,
  {
    onOpen: () => run().catch((error) => fail(String(error))),
    onMessage(data, isBinary) {
      traffic.onMessage(data, isBinary);
      if (--messagesToLook > 0) return;
      messagesToLook = messagesPerLook;
      look();
    },
    onDrain: () => traffic.onDrain(),
    onClose: (code, reason) => (isClosing ? process.exit() : fail(`closed in mid-row: ${code} ${reason}`)),
    onFailure: fail,
  },
  HIGH_WATER_MARK,
);
const traffic = new Traffic(row, payloadData(row), connection);

async function run() {
  await traffic.runPhase(WARM_UP_MESSAGES, true);
  const { rss: before } = await settledMemory();
  await answerLines(() => measure(before));
  isClosing = true;
  connection.close();
}

/**
 * @param {number} before
 * @returns {Promise<Measurement>}
 */
async function measure(before) {
  peak = 0;
  look();
  const measurement = await traffic.runPhase(STREAM_BYTES / row.bytes, false);
  look();
  return { ...measurement, messages: 1, bytes: peak - before };
}

function look() {
  peak = Math.max(peak, process.memoryUsage.rss());
}

/**
 * @param {string} complaint
 * @returns {never}
 */
function fail(complaint) {
  console.error(`${library}, ${row.name}: ${complaint}`);
  process.exit(1);
}
