// The process that is measured: one library, one connection, one row, alone. It owns the order of things (connect, verify,
// warm up, one measurement per round, close) and must not know other libraries. It runs unchanged on every runtime.
//
//   client.mjs LIBRARY URL    LIBRARY names a file in clients/, the URL's path a row
//
// What it is told and answers is in lines.mjs. When its standard input ends it closes the connection and ends with status 0.
// What goes wrong it says on standard error and ends with status 1.

/** @import { Connect } from './traffic.mjs' */

import process from 'node:process';
import { rowByName } from '../../rows.mjs';
import { payloadData } from '../../wire/payloads.mjs';
import { servePhases } from './phases.mjs';
import { HIGH_WATER_MARK, Traffic } from './traffic.mjs';

const [library, url] = process.argv.slice(2);
if (library === undefined || url === undefined) throw new Error('usage: client.mjs LIBRARY URL');

/** @type {{ connect: Connect }} */
const { connect } = await import(`../../clients/${library}.mjs`);
const row = rowByName(new URL(url).pathname.slice(1));
let isClosing = false;

const connection = connect(
  url,
  {
    onOpen: () => run().catch((error) => fail(String(error))),
    onMessage: (data, isBinary) => traffic.onMessage(data, isBinary),
    onDrain: () => traffic.onDrain(),
    onClose: (code, reason) => (isClosing ? process.exit() : fail(`closed in mid-row: ${code} ${reason}`)),
    onFailure: fail,
  },
  HIGH_WATER_MARK,
  row.perMessageDeflate,
);
const traffic = new Traffic(row, payloadData(row), connection);

async function run() {
  await servePhases(row, (messages, verify) => traffic.runPhase(messages, verify));
  isClosing = true;
  connection.close();
}

/**
 * @param {string} complaint
 * @returns {never}
 */
function fail(complaint) {
  console.error(`${library}, ${row.name}: ${complaint}`);
  process.exit(1);
}
