// `npm run conformance`: the command line of the run. It owns which cases are played by which client and what is printed when;
// it must not know sockets or frames. See case.ts for what a case is and cases/ for what they are.

import { parseArgs } from 'node:util';
import { showProgress } from '../../../bench/runner/progress.mjs';
import type { Case } from './case';
import { CATEGORIES } from './cases';
import { type ClientProgram, PROGRAMS } from './clients';
import { playAll } from './play';
import { failures, lateOf, sum, table } from './table';

const HELP = `npm run conformance -- [options]

  --only TEXT      only cases whose id or category contains this text
  --client NAME    the library under test: ${PROGRAMS.map(({ name }) => name).join(' or ')} (wsimd)
  --list           print the cases and play none
  --help`;

interface Choice {
  readonly cases: readonly Case[];
  readonly program: ClientProgram;
  readonly isList: boolean;
}

await run(readCommandLine());

async function run({ cases, program, isList }: Choice): Promise<void> {
  if (isList) {
    for (const { id, section, says } of cases) console.log(`${id}  §${section}  ${says}`);
    return;
  }
  const progress = process.stderr.isTTY ? showProgress(cases.length) : undefined;
  progress?.beginRow('');
  const start = performance.now();
  const verdicts = await playAll(program, cases, {
    onVerdict: ({ testCase }) => {
      progress?.beginRow(testCase.id);
      progress?.countRun();
    },
  });
  progress?.end();
  const seconds = (performance.now() - start) / 1000;

  const isFailed = verdicts.some(({ differences }) => differences.length > 0);
  if (isFailed) console.log(failures(verdicts));
  console.log(table(CATEGORIES, verdicts));
  console.log(`${program.name}: ${cases.length} cases in ${seconds.toFixed(1)} s; small ones are played side by side.`);
  const late = lateOf(verdicts);
  if (late > 0) console.log(`${late} failed only by refusing later than at the first byte that shows the fault.`);
  console.log(sum(verdicts));
  process.exitCode = isFailed ? 1 : 0;
}

function readCommandLine(): Choice {
  const { only, client, list, help } = parse();
  if (help) {
    console.log(HELP);
    process.exit();
  }
  const program = PROGRAMS.find(({ name }) => name === client);
  if (program === undefined) refuse(`there is no client ${client}`);
  const wanted = (text: string): boolean => text.toLowerCase().includes(only.toLowerCase());
  const cases = CATEGORIES.flatMap(({ name, cases }) => cases.filter(({ id }) => wanted(id) || wanted(name)));
  if (cases.length === 0) refuse(`no case's id or category contains ${only}`);
  return { cases, program, isList: list };
}

function parse() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', default: '' },
        client: { type: 'string', default: 'wsimd' },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    // An unknown option, or a text where none belongs: the message names it.
    return refuse((error as Error).message);
  }
}

function refuse(why: string): never {
  console.error(`${why}\n\n${HELP}`);
  process.exit(2);
}
