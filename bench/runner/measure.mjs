// One run: the chosen peers as far as they are there, row by row, and all that belongs beside the figures. This file must
// not know the command line's words, nor how a result is shown.

/** @import { Options } from '../options.mjs' */
/** @import { Peer } from './peers.mjs' */
/** @import { RowResult } from '../report/summary.mjs' */

import { summarize } from '../report/summary.mjs';
import { rowLine } from '../report/tables.mjs';
import { estimate } from './estimate.mjs';
import { currentLoad, describeMachine } from './machine.mjs';
import { choosePinning } from './pinning.mjs';
import { showProgress } from './progress.mjs';
import { runRounds, stepsOf } from './rounds.mjs';
import { Workspace } from './workspace.mjs';

/**
 * What --json writes and --from reads.
 * @typedef {object} Run
 * @property {string} [date] when it began, as ISO 8601 has it; older files have none
 * @property {ReturnType<typeof describeMachine>} machine
 * @property {number[]} loadAfter
 * @property {number} rounds
 * @property {number} seconds
 * @property {string[]} absences a sentence for each peer that is not there
 * @property {RowResult[]} results
 * @property {string[]} failures
 */

/**
 * @param {Options} options
 * @returns {Promise<Run>}
 */
export async function measure({ rows, candidates, rounds, seconds }) {
  /** @type {Peer[]} */
  const peers = [];
  /** @type {string[]} */
  const absences = [];
  for (const { name, find } of candidates) {
    const found = find();
    if (typeof found === 'string') absences.push(`${name} is left out: ${found}`);
    else if (rows.some((row) => found.command(row, '') !== undefined)) peers.push(found);
  }
  for (const absence of absences) console.error(absence);
  const played = rows.filter((row) => stepsOf(row, { peers, rounds }) > 0);
  console.error(estimate({ rows: played, peers, rounds, seconds }));

  const date = new Date().toISOString();
  const pinning = choosePinning();
  const machine = describeMachine(peers, pinning);
  const workspace = new Workspace();
  const progress = showProgress(played.reduce((steps, row) => steps + stepsOf(row, { peers, rounds }), 0));
  /** @type {string[]} */
  const failures = [];
  /** @type {RowResult[]} */
  const results = [];
  try {
    for (const row of played) {
      progress.beginRow(row.name);
      const measurements = await runRounds(row, {
        peers,
        rounds,
        seconds,
        pinning,
        workspace,
        onStep: progress.countRun,
        onFailure: (complaint) => failures.push(complaint),
      });
      const result = summarize(row, measurements);
      progress.endRow(rowLine(result));
      results.push(result);
    }
  } finally {
    progress.end();
  }
  return { date, machine, loadAfter: currentLoad(), rounds, seconds, absences, results, failures };
}
