// `npm run fuzz`: the command line of the long run. It owns options, complaints and the exit status.

import { parseArgs } from 'node:util';
import type { Property } from './property';
import { HIGHEST_SEED, randomSeed, run } from './runner';

interface Options {
  readonly seconds: number;
  readonly seed: number;
  readonly properties: readonly Property[];
}

/** What was typed is wrong. */
class UsageError extends Error {}

function helpOf(properties: readonly Property[]): string {
  const width = Math.max(...properties.map(({ name }) => name.length)) + 2;
  return `npm run fuzz -- [options]

  --seconds N   how long (60); every property has a first round, however long that takes
  --seed S      of the first round, to see a failure again (random)
  --only NAME   one property
  --help

${properties.map(({ name, sentence }) => `  ${name.padEnd(width)}${sentence}`).join('\n')}`;
}

/** Returns the exit status: 0, 1 if a property failed, 2 if the command line is wrong. */
export async function main(
  commandLine: readonly string[],
  properties: readonly Property[],
  print: (text: string) => void,
): Promise<number> {
  const help = helpOf(properties);
  let options: Options | undefined;
  try {
    options = readOptions(commandLine, properties);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    print(`${error.message}\n\n${help}`);
    return 2;
  }
  if (options === undefined) {
    print(help);
    return 0;
  }
  print(`seed ${options.seed}, ${options.seconds} s`);
  return (await run(options.properties, { ...options, print })) > 0 ? 1 : 0;
}

/** Undefined: help is wanted. */
function readOptions(commandLine: readonly string[], properties: readonly Property[]): Options | undefined {
  const { values, tokens } = parseArgs({
    args: [...commandLine],
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string' },
      only: { type: 'string' },
      help: { type: 'boolean' },
    },
    // Its own complaints are about code; these are about what was typed.
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === 'positional') throw new UsageError(`"${token.value}" is not an option.`);
    if (token.kind !== 'option') continue;
    if (!['seconds', 'seed', 'only', 'help'].includes(token.name)) {
      throw new UsageError(`There is no option ${token.rawName}.`);
    }
    if (token.name !== 'help' && token.value === undefined) throw new UsageError(`${token.rawName} needs a value.`);
    if (token.name === 'help' && token.value !== undefined) throw new UsageError('--help takes no value.');
  }
  if (values.help === true) return undefined;
  const { seconds, seed, only } = values as { seconds: string; seed?: string; only?: string };
  const chosen = only === undefined ? properties : properties.filter(({ name }) => name === only);
  if (chosen.length === 0) throw new UsageError(`There is no property "${only}".`);
  return {
    seconds: numberOf('--seconds', seconds, /^\d+(\.\d+)?$/, 86_400),
    seed: seed === undefined ? randomSeed() : numberOf('--seed', seed, /^\d+$/, HIGHEST_SEED),
    properties: chosen,
  };
}

function numberOf(option: string, text: string, form: RegExp, highest: number): number {
  const isWhole = !form.test('0.5');
  if (form.test(text) && Number(text) <= highest) return Number(text);
  throw new UsageError(`${option} must be a ${isWhole ? 'whole ' : ''}number from 0 to ${highest}; it is "${text}".`);
}
