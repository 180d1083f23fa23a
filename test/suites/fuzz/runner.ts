// The long run: round after round over the properties, each round with a seed of its own, until the time is over. It owns
// seeds, time and what is printed; it must not know what the properties claim.

import Table from 'cli-table3';
import fc from 'fast-check';
import { asSource, type Property } from './property';

/** fast-check takes seeds of 32 bits with a sign; without one they are easier to type. */
export const HIGHEST_SEED = 0x7fffffff;

export const randomSeed = (): number => Math.floor(Math.random() * HIGHEST_SEED);

export interface Run {
  readonly seconds: number;
  /** Of the first round; each further round has the next one. */
  readonly seed: number;
  readonly print: (text: string) => void;
  /** Milliseconds, from anywhere. */
  readonly now?: () => number;
}

interface Outcome {
  readonly name: string;
  cases: number;
  hasFailed: boolean;
}

/** Every property has one whole round at least; one that failed is not run again. Returns how many failed. */
export async function run(
  properties: readonly Property[],
  { seconds, seed, print, now = () => performance.now() }: Run,
): Promise<number> {
  const end = now() + seconds * 1000;
  const outcomes: Outcome[] = properties.map(({ name }) => ({ name, cases: 0, hasFailed: false }));
  for (let round = 0; round === 0 || (now() < end && outcomes.some((each) => !each.hasFailed)); round += 1) {
    for (const [index, property] of properties.entries()) {
      const outcome = outcomes[index]!;
      if (outcome.hasFailed || (round > 0 && now() >= end)) continue;
      const { cases, failure } = await attempt(property, property.runs, (seed + round) % (HIGHEST_SEED + 1));
      outcome.cases += cases;
      outcome.hasFailed = failure !== undefined;
      if (failure !== undefined) print(`\n${failure}\n`);
    }
  }
  print(summary(outcomes));
  return outcomes.filter(({ hasFailed }) => hasFailed).length;
}

/** One round of one property. A failure is told with all that it takes to see it again. */
export async function attempt(
  { name, sentence, property }: Property,
  runs: number,
  seed = randomSeed(),
): Promise<{ readonly cases: number; readonly failure?: string }> {
  const details = await fc.check(property, { seed, numRuns: runs });
  if (!details.failed) return { cases: details.numRuns };
  const { counterexample, counterexamplePath, errorInstance, numRuns, numShrinks } = details;
  const failure = `FAILED ${name}: ${sentence}
seed ${seed}, path ${counterexamplePath}, shrunk ${numShrinks} times
again: npm run fuzz -- --seed ${seed} --only ${name}
in a test:
    await PROPERTIES.find(({ name }) => name === '${name}')!.holds(${asSource(counterexample?.[0])});
${errorInstance instanceof Error ? errorInstance.stack : errorInstance}`;
  return { cases: numRuns, failure };
}

function summary(outcomes: readonly Outcome[]): string {
  const table = new Table({
    head: ['property', 'cases', ''],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'right'],
  });
  for (const { name, cases, hasFailed } of outcomes) {
    table.push([name, cases.toLocaleString('en'), hasFailed ? 'FAILED' : 'passed']);
  }
  const failed = outcomes.filter(({ hasFailed }) => hasFailed).length;
  return `${table}\n${outcomes.length - failed} passed, ${failed} failed`;
}
