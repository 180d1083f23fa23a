// `npm run test:package`: the packed package as those have it who install it, with TypeScript, with bundlers, on Workers and in
// pages. It installs what it needs, prints a table, and ends with `N passed, N failed`.

import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { installTools, makeStage } from './stage.mjs';

const HELP = `npm run test:package -- [options]

Packs the built repository, installs the tarball into an empty project, and checks it from there: nothing of the sources is used.

  --only text  only the checks whose names contain this
  --help`;

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, help: { type: 'boolean', default: false } },
});
if (values.help) {
  console.log(HELP);
  process.exit();
}

const SUBJECTS = ['tarball', 'types', 'node', 'workers', 'pages', 'shaking'];

const started = performance.now();
const secondsSince = (begin) => ((performance.now() - begin) / 1000).toFixed(1);
installTools();
const stage = await makeStage();
const table = new Table({ head: ['check', 'seconds', '', 'note'], style: { head: [], border: [] }, wordWrap: false });
/** @type {string[]} */
const failures = [];
let count = 0;
try {
  for (const subject of SUBJECTS) {
    const { checks } = await import(`./${subject}.mjs`);
    for (const [name, run] of checks(stage)) {
      const title = `${subject}: ${name}`;
      if (!title.includes(values.only)) continue;
      const begun = performance.now();
      let verdict = '✓';
      let note = '';
      try {
        note = (await run()) ?? '';
      } catch (error) {
        verdict = '✗';
        failures.push(`${title}\n${error instanceof Error ? error.stack : error}`);
      }
      count += 1;
      table.push([title, secondsSince(begun), verdict, note]);
    }
  }
} finally {
  stage.close();
}
console.log(table.toString());
for (const failure of failures) console.log(`\n${failure}`);
console.log(`\non Node.js ${process.version}, ${secondsSince(started)} s`);
console.log(`${count - failures.length} passed, ${failures.length} failed`);
process.exitCode = count === 0 || failures.length > 0 ? 1 : 0;
