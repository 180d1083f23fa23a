// `npm run links`: heartbeats over lines that lose packets, are slow, and go down and up, between namespaces of this machine's
// network. Where these cannot be made, its cases are skipped with a sentence. It prints a table, and ends with the sum.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { findPrograms } from '../../support/debian.mjs';
import { CASES } from './cases.mjs';
import { Line, WANTED } from './line.mjs';
import { Play } from './play.mjs';

const HELP = `npm run links -- [options]

Two namespaces of the network with a veth between them, a server of ws at one end and a client at the other, for each case. It
wants to be root on Linux; ip, tc and nft are unpacked from Debian's packages where they are not installed.

  --only text  only the cases whose names contain this
  --help`;

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, help: { type: 'boolean', default: false } },
});
if (values.help) {
  console.log(HELP);
  process.exit();
}

/** What a case may need, tried once. @type {Readonly<Record<string, (line: Line) => void>>} */
const PROBES = {
  line: (line) => line.slow(1_000),
  loss: (line) => line.lose('numgen inc mod 100 == 99'),
  delay: (line) => line.netem('delay', '1ms'),
};

/** They do nothing but wait. */
const AT_A_TIME = 5;

const started = performance.now();
const directory = mkdtempSync(join(tmpdir(), 'wsimd-links-'));
const table = new Table({ head: ['case', 'seconds', '', 'note'], style: { head: [], border: [] } });
/** @type {string[]} */
const failures = [];
/** Why cases are skipped. @type {Set<string>} */
const reasons = new Set();
let passed = 0;
let skipped = 0;
try {
  const programs = findPrograms(WANTED, directory);
  const chosen = Object.entries(CASES).filter(([name]) => name.includes(values.only));
  const impossible = new Map(Object.entries(PROBES).map(([need, probe]) => [need, whyNot(programs, probe)]));
  const waiting = [...chosen];
  const rows = new Map(chosen.map(([name]) => [name, /** @type {string[]} */ ([])]));
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [name, { needs = [], run }] = next;
      const why = ['line', ...needs].map((need) => impossible.get(need)).find((reason) => reason !== undefined);
      rows.set(name, why === undefined ? await play(name, run, programs) : skip(why));
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  for (const [name, cells] of rows) table.push([name, ...cells]);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
console.log(table.toString());
for (const [at, reason] of [...reasons].entries()) console.log(`(${at + 1}) This machine cannot do it: ${reason}`);
for (const failure of failures) console.log(`\n${failure}`);
console.log(`\n${((performance.now() - started) / 1000).toFixed(0)} s`);
console.log(`${passed} passed, ${failures.length} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failures.length > 0 || passed + skipped === 0 ? 1 : 0;

/**
 * Why this machine cannot do that.
 *
 * @param {import('../../support/debian.mjs').Programs} programs
 * @param {(line: Line) => void} probe
 * @returns {string | undefined}
 */
function whyNot(programs, probe) {
  const line = new Line(programs);
  try {
    line.make();
    probe(line);
    return undefined;
  } catch (error) {
    return /** @type {Error} */ (error).message;
  } finally {
    line.close();
  }
}

/** @param {string} why @returns {string[]} */
function skip(why) {
  skipped += 1;
  reasons.add(why);
  return ['', '–', `skipped: (${[...reasons].indexOf(why) + 1})`];
}

/**
 * @param {string} name
 * @param {(play: Play) => Promise<string | undefined>} run
 * @param {import('../../support/debian.mjs').Programs} programs
 * @returns {Promise<string[]>} cells of the table
 */
async function play(name, run, programs) {
  const begun = performance.now();
  const seconds = () => ((performance.now() - begun) / 1000).toFixed(1);
  const line = new Line(programs);
  const play = new Play(line);
  try {
    line.make();
    const note = await run(play);
    passed += 1;
    return [seconds(), '✓', note ?? ''];
  } catch (error) {
    failures.push(`${name}\n${error instanceof Error ? error.stack : error}`);
    return [seconds(), '✗', ''];
  } finally {
    play.close();
    line.close();
  }
}
