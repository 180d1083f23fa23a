// `npm run bench`: what is printed and written, and the exit status. It must not know processes, sockets or libraries. See
// rows.mjs for what is measured, runner/measured/client.mjs for how, and options.mjs for the command line.

/** @import { Run } from './runner/measure.mjs' */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { charts, groups } from './groups.mjs';
import { readCommandLine } from './options.mjs';
import { chart } from './report/chart.mjs';
import { circumstances } from './report/circumstances.mjs';
import { resultsPage } from './report/page.mjs';
import { relativeToWs } from './report/relative.mjs';
import { SERVER_LEGEND, serverTable } from './report/server-table.mjs';
import { merge } from './report/summary.mjs';
import { byNode, detailTable, figuresTable, LEGEND, nodeOf, ratiosTable } from './report/tables.mjs';
import { rowByName } from './rows.mjs';
import { measure } from './runner/measure.mjs';
import { measureServer } from './runner/own-server.mjs';
import { candidates, SUBJECT } from './runner/peers.mjs';

// Node's answer to an interrupt leaves no time to tidy up; an exit does.
process.once('SIGINT', () => process.exit(130));

const options = readCommandLine();
if (options.url !== undefined) process.exit(await runOnServer({ ...options, url: options.url }));
/** @type {Run[]} */
const runs =
  options.from.length > 0
    ? options.from.map((file) => JSON.parse(readFileSync(file, 'utf8')))
    : [await measure(options)];
const chosenRows = new Set(options.rows.map(({ name }) => name));
const results = merge(runs.map((run) => run.results)).filter(({ row }) => chosenRows.has(row));
const failures = runs.flatMap((run) => run.failures);
const peers = candidates.map(({ name }) => name).filter((name) => results.some(({ rounds }) => name in rounds));

for (const run of runs) printCircumstances(run);
for (const group of groups) {
  const ofGroup = results.filter(({ row }) => group.has(rowByName(row)));
  if (ofGroup.length === 0) continue;
  printTables(group, ofGroup);
}
console.log(`\n${LEGEND}`);
for (const failure of failures) console.error(`\nFAILED ${failure}`);
if (options.charts !== undefined) writeCharts(options.charts);
if (options.json !== undefined) {
  for (const run of runs) writeFileSync(options.json, `${JSON.stringify(run, null, 2)}\n`);
}
// One peer's failure in one row does not end the run, but it decides the status.
process.exitCode = failures.length > 0 ? 1 : 0;

/**
 * @param {import('./options.mjs').Options & { url: string }} chosen
 * @returns {Promise<number>} the status of the process
 */
async function runOnServer(chosen) {
  const run = await measureServer(chosen);
  if (typeof run === 'string') {
    console.error(run);
    return 1;
  }
  for (const absence of run.absences) console.log(absence);
  if (Object.values(run.results).some((results) => results.length > 0)) {
    console.log(`${serverTable(run)}\n\n${SERVER_LEGEND}`);
  }
  for (const failure of run.failures) console.error(`\nFAILED ${failure}`);
  if (chosen.json !== undefined) writeFileSync(chosen.json, `${JSON.stringify(run, null, 2)}\n`);
  return run.failures.length > 0 ? 1 : 0;
}

/** @param {Run} run */
function printCircumstances(run) {
  for (const sentence of circumstances(run, Object.keys(run.machine.versions))) console.log(sentence);
  for (const absence of run.absences) console.log(absence);
}

/**
 * @param {import('./groups.mjs').ShownGroup} group
 * @param {import('./report/summary.mjs').RowResult[]} ofGroup
 */
function printTables(group, ofGroup) {
  console.log(`\n${group.title}`);
  const present = peers.filter((peer) => ofGroup.some(({ rounds }) => peer in rounds));
  for (const names of byNode(present)) console.log(figuresTable(group, ofGroup, names));
  // What does not run on Node is compared with the subject on each of them.
  const notOnNode = present.filter((peer) => candidates.some(({ name, onNode }) => name === peer && !onNode));
  for (const names of byNode(present.filter((peer) => !notOnNode.includes(peer)))) {
    const subject = SUBJECT + nodeOf(names[0] ?? '');
    const compared = [...names, ...notOnNode];
    if (names.includes(subject) && compared.length > 1) console.log(ratiosTable(ofGroup, compared, subject));
  }
  const details = detailTable(group, ofGroup, present);
  if (details !== '') console.log(details);
}

/**
 * The charts, and a page with them and with the figures of all rows.
 * @param {string} directory
 */
function writeCharts(directory) {
  mkdirSync(directory, { recursive: true });
  const written = charts.flatMap((shown) => {
    const ofChart = results.filter(({ row }) => shown.has(rowByName(row)));
    const shownPeers = peers.filter((peer) => shown.peers?.includes(peer) ?? true);
    // What is drawn are ratios to ws: a run without it has tables only.
    if (!ofChart.some((result) => shownPeers.some((peer) => relativeToWs(result, peer) !== undefined))) return [];
    writeFileSync(join(directory, `${shown.name}.svg`), chart(shown, ofChart, shownPeers, runsWith(ofChart)));
    return [shown];
  });
  if (written.length === 0)
    console.error('\nThere is no chart: what it shows is relative to ws, which was not measured.');
  writeFileSync(join(directory, 'README.md'), resultsPage(written, results, peers, runs));
}

/** @param {import('./report/summary.mjs').RowResult[]} some */
function runsWith(some) {
  return runs.filter((run) => run.results.some(({ row }) => some.some((result) => result.row === row)));
}
