// Faults injected into the calls out of the library, several in one play: injection/ does each by itself, and this what one of
// them leaves behind for the next.

import fc from 'fast-check';
import { REENTRIES, THROWS } from '../../injection/actions';
import type { Kind } from '../../injection/calls';
import { Company } from '../../injection/company';
import { replaceGlobals, type Watched } from '../../injection/globals';
import { loadLibrary } from '../../injection/library';
import { play } from '../../injection/play';
import { SCENARIOS } from '../../injection/scenarios/all';
import { asyncClaim, expect, type Property } from './property';

interface Faults {
  readonly scenario: string;
  /** Names of actions, and the numbers of the calls that they are done at. */
  readonly injections: readonly { readonly at: number; readonly action: string }[];
}

const ACTIONS = [...THROWS, ...REENTRIES];

/** Few scenarios have as many calls; what is above is not done. */
const MOST_CALLS = 90;

const cases: fc.Arbitrary<Faults> = fc.record({
  scenario: fc.constantFrom(...SCENARIOS.map(({ name }) => name)),
  injections: fc.array(
    fc.record({
      at: fc.integer({ min: 1, max: MOST_CALLS }),
      action: fc.constantFrom(...ACTIONS.map(({ name }) => name)),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});

async function injectedFaults({ scenario: name, injections }: Faults): Promise<void> {
  const scenario = SCENARIOS.find((each) => each.name === name)!;
  const watched: Watched = { calls: undefined, kinds: new Set<Kind>() };
  const globals = replaceGlobals(watched);
  try {
    const modules = await loadLibrary();
    const company = await Company.open(modules, 'within');
    const chosen = injections.map(({ at, action }) => ({ at, action: ACTIONS.find((each) => each.name === action)! }));
    const { faults } = await play({ modules, company, watched, globals }, scenario, chosen);
    await company.close();
    expect(faults.length === 0, faults.join('\n'));
  } finally {
    globals.restore();
  }
}

export const injection: Property<Faults> = asyncClaim(
  {
    name: 'injection',
    sentence: 'Whatever throws or comes back in at some calls out of the library, nobody gets another’s bytes.',
    runs: 20,
  },
  cases,
  injectedFaults,
);
