// What the test files of the injection have in common: how they are set up from the environment, that nothing may be found, and
// how many faults they have to have injected: 5,000 in all files together. It knows neither scenarios nor actions.

import { appendFileSync } from 'node:fs';
import { afterAll, expect, it, vi } from 'vitest';
import { campaign, describe as describeFinding, type Plan } from './campaign';
import { loadLibrary } from './library';
import type { Scenario } from './play';
import { takeGlobalTimers } from './replaceable';
import { Watchdog } from './watchdog';

/** Half of the plays, 6,000, take 70 s of CPU on Node.js 20, in four files that run side by side. */
const DEFAULT_STRIDE = '2';

const {
  /** Every so many-th play. */
  INJECTION_STRIDE = DEFAULT_STRIDE,
  /** After so many findings a scenario is given up. */
  INJECTION_FINDINGS = '10',
  /** A file that gets a line of JSON for each scenario. */
  INJECTION_REPORT,
  /** The one play, as a finding names it. */
  INJECTION,
  /** 'behind': bystanders receive by themselves, see company.ts. */
  INJECTION_DELIVERS,
  /** Anything: each play is named on stderr before it begins. */
  INJECTION_TRACE,
} = process.env;

export const watchdog = new Watchdog(INJECTION_TRACE !== undefined);
afterAll(() => watchdog.close());

const plan: Omit<Plan, 'actions'> = {
  load: () => {
    vi.resetModules();
    takeGlobalTimers();
    return loadLibrary();
  },
  most: Number(INJECTION_FINDINGS),
  stride: Number(INJECTION_STRIDE),
  only: INJECTION,
  watchdog,
  delivers: INJECTION_DELIVERS === 'behind' ? 'behind' : 'within',
};

/** Of this file's tests. */
let injected = 0;

export function noteInjected(count: number): void {
  injected += count;
}

/** Nothing may be wrong in any play, and there must have been some. */
async function expectNothing(scenario: Scenario, actions: Plan['actions']): Promise<void> {
  const start = process.cpuUsage();
  const tally = await campaign([scenario], { ...plan, actions });
  const { user, system } = process.cpuUsage(start);
  // Of CPU: other tests may run beside these.
  const milliseconds = Math.round((user + system) / 1000);
  const line = JSON.stringify({ scenario: scenario.name, ...tally, milliseconds });
  if (INJECTION_REPORT !== undefined) appendFileSync(INJECTION_REPORT, `${line}\n`);
  expect(tally.findings.map(describeFinding)).toEqual([]);
  expect(tally.injected).toBeGreaterThan(0);
  noteInjected(tally.injected);
}

/** A test for each scenario, all of whose plays it makes. */
export function itPlays(scenarios: readonly Scenario[], actions: () => Plan['actions']): void {
  const cases = scenarios.map((scenario) => [scenario.name, scenario] as const);
  it.each(cases)('%s', { timeout: 600_000 }, (_, scenario) => expectNothing(scenario, actions()));
}

/** The last test of a file: so many faults were injected by those before it, unless only some plays were asked for. */
export function itInjected(least: number): void {
  it.runIf(INJECTION === undefined && INJECTION_STRIDE === DEFAULT_STRIDE)(`has injected ${least} faults`, () =>
    expect(injected).toBeGreaterThanOrEqual(least),
  );
}
