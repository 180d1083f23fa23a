// `npm run hosts`: one contract (contract/cases.ts) in the hosts that other people's programs are, from the packed package as a
// dependency of an empty project. It installs the runners, prints a table, and ends with `N passed, N failed`.

import { parseArgs } from 'node:util';
import { programs } from './hosts.mjs';
import { report } from './report.mjs';
import { installRunners, makeStage, run } from './stage.mjs';

/**
 * @typedef {import('./contract/play').Result} Result
 * @typedef {{ results: Result[], impossible?: string | undefined }} Row
 */

const HELP = `npm run hosts -- [options]

Packs the built repository, installs the tarball into an empty project, and plays one contract in runners of tests, in contexts and
threads, under flags and limits, and where globals are missing. It wants Node.js 26, which \`npm run runtimes\` installs.

  --host text  only the hosts whose names contain this
  --markdown   the table for a page
  --help`;

const { values: options } = parseArgs({
  options: {
    host: { type: 'string', default: '' },
    markdown: { type: 'boolean', default: false },
    help: { type: 'boolean' },
  },
});
if (options.help) {
  console.log(HELP);
  process.exit();
}

/** Seconds that a program may take, and for each host that it plays. */
const PATIENCE = 60;
const MORE_PATIENCE = 15;
const AT_A_TIME = 2;

const started = performance.now();
const chosen = programs().filter(({ rows }) => rows.some((row) => row.includes(options.host)));
installRunners();
const stage = await makeStage();
/** @type {Map<string, Row>} */
const rows = new Map();
try {
  for (const { rows: names } of chosen) for (const name of names) rows.set(name, { results: [] });
  const waiting = [...chosen];
  const work = async () => {
    for (let program = waiting.shift(); program; program = waiting.shift()) await play(program);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
} finally {
  stage.close();
}
const failures = report(rows, options.markdown, Math.round((performance.now() - started) / 1000));
process.exitCode = failures > 0 ? 1 : 0;

/** @param {import('./hosts.mjs').Program} program */
async function play({ command, rows: names, title, impossible }) {
  if (impossible !== undefined) {
    for (const name of names) Object.assign(/** @type {Row} */ (rows.get(name)), { impossible });
    return;
  }
  const { ended, output, results } = await run(stage, command, PATIENCE + names.length * MORE_PATIENCE);
  for (const name of names) {
    const row = /** @type {Row} */ (rows.get(name));
    const own = results.get(names.length > 1 ? name : 'results') ?? results.get(name);
    const label = (/** @type {string} */ text) => (title === undefined ? text : `${title}: ${text}`);
    for (const result of own ?? []) row.results.push({ ...result, name: label(result.name) });
    const isWell = ended === '0' && own !== undefined;
    row.results.push({
      about: 'end',
      name: label('it ends by itself, and well'),
      verdict: isWell ? 'passed' : 'failed',
      ...(isWell ? {} : { reason: `${ended}${own === undefined ? ', without results' : ''}: ${output.slice(-3_000)}` }),
    });
  }
}
