// `npm run bench`: the command line and the order of the runs. It owns which rows and peers are run, and what is
// printed when; it must not know processes, sockets or libraries. See rows.mjs for what is measured and client.mjs for how.

/** @import { RowResult } from './report.mjs' */

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { currentLoad, describeMachine } from './machine.mjs';
import { peers as allPeers, SUBJECT } from './peers.mjs';
import { choosePinning } from './pinning.mjs';
import { showProgress } from './progress.mjs';
import { figuresTable, LEGEND, ratiosTable, rowLine, summarize } from './report.mjs';
import { runRounds } from './rounds.mjs';
import { rows as allRows } from './rows.mjs';

const HELP = `npm run bench -- [options]

  --rows a,b       only rows whose name contains one of these
  --peers a,b      only these of ${allPeers.map((peer) => peer.name).join(', ')}
  --rounds N       rounds per row, the peers taking turns (5)
  --seconds S      measured time of one round (0.2)
  --json FILE      write all measurements there
  --help

Rows: ${allRows.map((row) => row.name).join(' ')}`;

const options = readCommandLine();
const pinning = choosePinning();
const machine = describeMachine(options.peers, pinning);
const progress = showProgress(options.rows.length * options.peers.length * options.rounds);
/** @type {string[]} */
const failures = [];
/** @type {RowResult[]} */
const results = [];

for (const row of options.rows) {
  progress.beginRow(row.name);
  const rounds = await runRounds(row, {
    ...options,
    pinning,
    onRun: progress.countRun,
    onFailure: (complaint) => failures.push(complaint),
  });
  const result = summarize(row.name, rounds);
  progress.endRow(rowLine(result));
  results.push(result);
}
progress.end();

print();
if (options.json !== undefined) {
  const { rounds, seconds } = options;
  writeFileSync(options.json, `${JSON.stringify({ machine, rounds, seconds, results, failures }, null, 2)}\n`);
}
// One peer's failure in one row does not end the run, but it decides the status.
process.exitCode = failures.length > 0 ? 1 : 0;

function print() {
  const names = options.peers.map((peer) => peer.name);
  const placement = pinning
    ? `client on core ${pinning.clientCore}, source on core ${pinning.sourceCore}, for echoes both on ${pinning.clientCore}`
    : 'not pinned';
  console.log(`${machine.processor}, ${machine.cores} cores, ${machine.system}, Node ${machine.node}; ${placement}`);
  console.log(
    `${options.rounds} rounds of ${options.seconds} s; load ${machine.loadAverage} before, ${currentLoad()} after`,
  );
  for (const [peer, versions] of Object.entries(machine.versions)) console.log(`  ${peer}: ${versions}`);
  console.log(`\n${figuresTable(results, names)}\n${LEGEND}`);
  for (const failure of failures) console.error(`\nFAILED ${failure}`);
  if (names.includes(SUBJECT) && names.length > 1) console.log(`\n${ratiosTable(results, names, SUBJECT)}`);
}

function readCommandLine() {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '' },
      peers: { type: 'string', default: allPeers.map((peer) => peer.name).join() },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '0.2' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    process.exit();
  }
  const parts = values.rows.split(',');
  const names = values.peers.split(',');
  const unknown = names.filter((name) => !allPeers.some((peer) => peer.name === name));
  const chosen = {
    rows: allRows.filter((row) => parts.some((part) => row.name.includes(part))),
    peers: allPeers.filter((peer) => names.includes(peer.name)),
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    json: values.json,
  };
  if (unknown.length > 0) refuse(`no such peer: ${unknown}`);
  if (chosen.rows.length === 0) refuse(`no row's name contains ${values.rows}`);
  if (!Number.isInteger(chosen.rounds) || chosen.rounds < 1) refuse(`--rounds ${values.rounds}`);
  if (!(chosen.seconds > 0)) refuse(`--seconds ${values.seconds}`);
  return chosen;
}

/**
 * @param {string} why
 * @returns {never}
 */
function refuse(why) {
  console.error(`${why}\n\n${HELP}`);
  process.exit(2);
}
