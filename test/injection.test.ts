// Faults injected into every call out of the library, one at a time: whatever throws or enters it again there, nobody gets another's
// bytes, no bystander is disturbed, nothing is left. What is injected and how it is judged is in injection/.

import { appendFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import type { Kind } from './injection/calls';
import { campaign, describe as describeFinding, type Plan } from './injection/campaign';
import { DEEP_ACTIONS } from './injection/depths';
import { loadLibrary } from './injection/library';
import { actionsFor, type Scenario } from './injection/play';
import { SCENARIOS } from './injection/scenarios/all';
import { callbackContext, callbackPlain } from './injection/scenarios/callback';
import { dropInPlain } from './injection/scenarios/drop-in';
import { webPlain } from './injection/scenarios/web';

const load = (): ReturnType<typeof loadLibrary> => {
  vi.resetModules();
  return loadLibrary();
};

const {
  /** Every so many-th play: half of them are 6,000, and take about a minute of CPU. */
  INJECTION_STRIDE = '2',
  /** After so many findings a scenario is given up. */
  INJECTION_FINDINGS = '10',
  /** A file that gets a line of JSON for each scenario. */
  INJECTION_REPORT,
  /** The one play, as a finding names it. */
  INJECTION,
  /** 'behind': bystanders receive by themselves, see company.ts. */
  INJECTION_DELIVERS,
} = process.env;

const plan: Omit<Plan, 'actions'> = {
  load,
  most: Number(INJECTION_FINDINGS),
  stride: Number(INJECTION_STRIDE),
  only: INJECTION,
  delivers: INJECTION_DELIVERS === 'behind' ? 'behind' : 'within',
};

/** Nothing may be wrong in any play, and there must have been some. */
async function expectNothing(scenario: Scenario, actions: Plan['actions']): Promise<void> {
  const start = process.cpuUsage();
  const { plays, injected, findings } = await campaign([scenario], { ...plan, actions });
  const { user, system } = process.cpuUsage(start);
  // Of CPU: other tests may run beside these.
  const milliseconds = Math.round((user + system) / 1000);
  const line = JSON.stringify({ scenario: scenario.name, plays, injected, milliseconds, findings });
  if (INJECTION_REPORT !== undefined) appendFileSync(INJECTION_REPORT, `${line}\n`);
  expect(findings.map(describeFinding)).toEqual([]);
  expect(injected).toBeGreaterThan(0);
}

describe('A fault at each call out of the library', () => {
  const cases = SCENARIOS.map((scenario) => [scenario.name, scenario] as const);
  it.each(cases)('%s', { timeout: 600_000 }, (_, scenario) => expectNothing(scenario, actionsFor));
});

describe('The stack runs out inside of the library', () => {
  // The calls of one callback each: the stack is as deep there as in all others.
  it.each(
    [callbackPlain, callbackContext, webPlain, dropInPlain].map((scenario) => [scenario.name, scenario] as const),
  )('in a callback of: %s', { timeout: 600_000 }, (_, scenario) => {
    let callbacks = 0;
    const isTenth = (kind: Kind): boolean => {
      if (kind === 'callback') callbacks += 1;
      return kind === 'callback' && callbacks === 10;
    };
    return expectNothing(scenario, (kind) => (isTenth(kind) ? DEEP_ACTIONS : []));
  });
});
