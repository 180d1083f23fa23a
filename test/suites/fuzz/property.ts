// What a property is: a name, a sentence and a claim about every case of an arbitrary. And how a case is written, so that
// the one that failed can be pasted into a test. It knows nothing of what is claimed.

import fc from 'fast-check';

export interface Property<Case = unknown> {
  /** One word, for the command line. */
  readonly name: string;
  readonly sentence: string;
  /** How many cases take a few tenths of a second. */
  readonly runs: number;
  readonly property: fc.IRawProperty<[Case]>;
  /** Throws unless the case is as the sentence says: for a case that was found and is to be kept. */
  holds(found: Case): unknown;
}

type About = Pick<Property, 'name' | 'sentence' | 'runs'>;

export function claim<Case>(
  { name, sentence, runs }: About,
  cases: fc.Arbitrary<Case>,
  holds: (found: Case) => void,
): Property<Case> {
  return { name, sentence, runs, property: fc.property(cases, holds), holds };
}

export function asyncClaim<Case>(
  { name, sentence, runs }: About,
  cases: fc.Arbitrary<Case>,
  holds: (found: Case) => Promise<void>,
): Property<Case> {
  return { name, sentence, runs, property: fc.asyncProperty(cases, holds), holds };
}

/** The log must be the expected one from line `from` on. Lines may be megabytes long: the error shows where they part. */
export function expectSame(told: readonly string[], expected: readonly string[], from = 0, where = ''): void {
  const lines = Math.max(told.length, expected.length);
  for (let index = from; index < lines; index += 1) {
    if (told[index] === expected[index]) continue;
    throw new Error(`line ${index + 1}${where}: ${excerpts(told[index], expected[index])}`);
  }
}

export function expect(condition: boolean, complaint: string): asserts condition {
  if (!condition) throw new Error(complaint);
}

/** How much of a line an error shows, around the place where two of them part. */
const EXCERPT = 60;

function excerpts(told = 'nothing', expected = 'nothing'): string {
  let at = 0;
  while (at < told.length && told[at] === expected[at]) at += 1;
  const start = Math.max(0, at - EXCERPT / 2);
  const [one, other] = [told, expected].map((line) => {
    const end = start + EXCERPT;
    return `${start > 0 ? '…' : ''}${line.slice(start, end)}${line.length > end ? '…' : ''}`;
  });
  return `told ${one}, expected ${other}`;
}

/** The value as TypeScript. */
export function asSource(value: unknown): string {
  if (value instanceof Uint8Array) return `Buffer.from('${Buffer.from(value).toString('hex')}', 'hex')`;
  if (Array.isArray(value)) return `[${value.map(asSource).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  return `{ ${Object.entries(value)
    .map(([name, part]) => `${name}: ${asSource(part)}`)
    .join(', ')} }`;
}
