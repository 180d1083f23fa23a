// The process that is measured in rows with many connections: one library, one row, alone. It owns the order of things and
// the choice of what a measurement is, and must not know other libraries. It runs unchanged on every runtime, and is told and
// answers what lines.mjs says.
//
//   crowd.mjs LIBRARY URL    LIBRARY names a file in clients/, the URL's path a row

/** @import { Connect, Measurement } from './traffic.mjs' */

import process from 'node:process';
import { rowByName } from '../../rows.mjs';
import { AcknowledgementFile } from './acknowledgement-file.mjs';
import { CrowdConnections } from './crowd-connections.mjs';
import { CrowdSweeps } from './crowd-sweeps.mjs';
import { FreshProcess } from './fresh-process.mjs';
import { answerLines } from './lines.mjs';
import { Openings } from './openings.mjs';

const [library = '', url = ''] = process.argv.slice(2);
if (url === '') throw new Error('usage: crowd.mjs LIBRARY URL');

/** @type {{ connect: Connect }} */
const { connect } = await import(`../../clients/${library}.mjs`);
const row = rowByName(new URL(url).pathname.slice(1));

try {
  const work = startWork();
  await work.warmUp();
  await answerLines((seconds) => work.measure(Math.max(seconds, row.fewestSeconds)));
} catch (error) {
  fail(String(error));
}
process.exit();

/** @returns {{ warmUp: () => Promise<void>, measure: (seconds: number) => Promise<Measurement> }} */
function startWork() {
  if (row.group === 'memory') return new FreshProcess('idle-memory.mjs', [library, url]);
  if (row.group === 'opening') return new Openings(new CrowdConnections(connect, url, fail));
  const acknowledgements = new AcknowledgementFile();
  const ownUrl = `${url}?${encodeURIComponent(acknowledgements.path)}`;
  return new CrowdSweeps(row, new CrowdConnections(connect, ownUrl, fail), acknowledgements);
}

/**
 * @param {string} complaint
 * @returns {never}
 */
function fail(complaint) {
  console.error(`${library}, ${row.name}: ${complaint}`);
  process.exit(1);
}
