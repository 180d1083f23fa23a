// All plays of a scenario: first one in which nothing is done, which counts the calls out of it; then for each of these one with
// each action. After a play with a fault the library is loaded anew, for what is wrong in it would be found again and again.

import type { NamedAction } from './actions';
import type { Kind } from './calls';
import { Company, type Delivery, turns } from './company';
import { replaceGlobals, type Watched } from './globals';
import type { Library } from './library';
import { play, type Scenario, type World } from './play';
import type { Watchdog } from './watchdog';

export interface Finding {
  readonly scenario: string;
  readonly at: number;
  readonly kind: Kind | 'none';
  readonly action: string;
  readonly faults: readonly string[];
}

export interface Tally {
  plays: number;
  /** Those of them in which something was done. */
  injected: number;
  readonly findings: Finding[];
}

export interface Plan {
  /** Loads the library, anew at each call where that is possible. */
  readonly load: () => Promise<Library>;
  /** Findings after which a scenario is given up. */
  readonly most: number;
  /** Of all plays of a scenario every so many-th; the actions take turns. */
  readonly stride: number;
  readonly delivers: Delivery;
  /** What is done at a call of this kind. */
  readonly actions: (kind: Kind) => readonly NamedAction[];
  /** Plays that one only: `number action`. */
  readonly only?: string | undefined;
  /** Is told the name of each play before it begins. */
  readonly watchdog?: Pick<Watchdog, 'begin' | 'end'>;
}

/** Plays the scenarios one after the other. */
export async function campaign(scenarios: readonly Scenario[], plan: Plan): Promise<Tally> {
  const tally: Tally = { plays: 0, injected: 0, findings: [] };
  const watched: Watched = { calls: undefined, kinds: new Set() };
  const globals = replaceGlobals(watched);
  try {
    const open = async (): Promise<World> => {
      const modules = await plan.load();
      return { modules, company: await Company.open(modules, plan.delivers), watched, globals };
    };
    for (const scenario of scenarios) await all(scenario, plan, tally, open);
  } finally {
    globals.restore();
  }
  return tally;
}

async function all(scenario: Scenario, plan: Plan, tally: Tally, open: () => Promise<World>): Promise<void> {
  let world = await open();
  let found = 0;
  const one = async (at: number, action?: NamedAction): Promise<readonly Kind[]> => {
    plan.watchdog?.begin(`${scenario.name}, call ${at}: ${action?.name ?? 'nothing'}`);
    const { kinds, actedIn, faults } = await play(world, scenario, action && [{ at, action }]);
    tally.plays += 1;
    if (actedIn.length > 0) tally.injected += 1;
    if (faults.length > 0) {
      found += 1;
      tally.findings.push({
        scenario: scenario.name,
        at,
        kind: actedIn[0] ?? 'none',
        action: action?.name ?? 'nothing',
        faults,
      });
      await world.company.close();
      world = await open();
    }
    return kinds;
  };
  const kinds = await one(0);
  let number = 0;
  for (const [index, kind] of kinds.entries()) {
    for (const action of plan.actions(kind)) {
      number += 1;
      const isWanted =
        plan.only === undefined ? number % plan.stride === 0 : plan.only === `${index + 1} ${action.name}`;
      if (!isWanted || found >= plan.most) continue;
      await one(index + 1, action);
    }
  }
  await world.company.close();
  await turns(2);
  plan.watchdog?.end();
}

/** All that it takes to see it again. */
export function describe({ scenario, at, kind, action, faults }: Finding): string {
  return `${scenario}, call ${at} (${kind}): ${action}
again: INJECTION='${at} ${action}' npm test -- injection -t '${scenario}'
${faults.map((fault) => `    ${fault}`).join('\n')}`;
}
