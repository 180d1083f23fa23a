// One measurement of what an open but idle connection costs in memory: a process of its own, started by crowd.mjs, that opens
// connections of one library, prints the measurement as one line of JSON, closes them and ends. It must not know other
// libraries. It runs unchanged on every runtime.
//
//   idle-memory.mjs LIBRARY URL    LIBRARY names a file in clients/, the URL's path a row
//
// A process of its own, because one that has had ten thousand connections before keeps their memory and lets the next ones
// have it: ws then took a third less than it needs.
//
// Counted is the memory that the operating system holds for the process: what lives in JavaScript, in WebAssembly and in
// native code alike, but not the kernel's socket buffers; in rows of the heap, what is in use of JavaScript's alone. It is counted
// from EARLIER_CONNECTIONS on, which stay open.

/** @import { Connect, Measurement } from './traffic.mjs' */

import process from 'node:process';
import { isOfHeap, rowByName } from '../../rows.mjs';
import { payloadData } from '../../wire/payloads.mjs';
import { CrowdConnections } from './crowd-connections.mjs';
import { settledMemory } from './settled-memory.mjs';

/**
 * The young generation of V8 grows by some 40 MB, to its full size, during the first two to three thousand handshakes, and
 * stays so when all are closed again. It is the price of having been busy, and no connection's.
 */
const EARLIER_CONNECTIONS = 4000;

const [library = '', url = ''] = process.argv.slice(2);
/** @type {{ connect: Connect }} */
const { connect } = await import(`../../clients/${library}.mjs`);
const row = rowByName(new URL(url).pathname.slice(1));
const [payload] = payloadData(row);

const crowd = new CrowdConnections(connect, url, fail);
const wallAtStart = performance.now();
await gather(EARLIER_CONNECTIONS);
const quantity = isOfHeap(row) ? 'heapUsed' : 'rss';
const before = (await settledMemory())[quantity];
await gather(row.connections);
const bytes = (await settledMemory())[quantity] - before;
await crowd.closeAll();
const { user, system } = process.cpuUsage();
/** @type {Measurement} */
const measurement = {
  messages: row.connections,
  bytes,
  userMicroseconds: user,
  systemMicroseconds: system,
  wallMicroseconds: (performance.now() - wallAtStart) * 1000,
};
console.log(JSON.stringify(measurement));
process.exit();

/**
 * Each connection sends one message and receives one, so that what a library gets only then is there.
 * @param {number} count
 */
async function gather(count) {
  let answered = 0;
  let onAllAnswered = () => {};
  const allAnswered = new Promise((resolve) => {
    onAllAnswered = () => resolve(undefined);
  });
  /** @param {string | Uint8Array} data */
  const onMessage = (data) => {
    if (data !== payload) fail(`another message came than was sent: ${data}`);
    if (++answered === count) onAllAnswered();
  };
  const earlier = crowd.open.length;
  await crowd.openAll(count, () => onMessage);
  for (const connection of crowd.open.slice(earlier)) connection.send('an answer, please');
  await allAnswered;
}

/**
 * @param {string} complaint
 * @returns {never}
 */
function fail(complaint) {
  console.error(`${library}, ${url}: ${complaint}`);
  process.exit(1);
}
