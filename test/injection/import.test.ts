// Allocators that are replaced around the import of the library: where one fails within it, the import says so, and nothing else
// is wrong. Each import is in a process of its own, see injection/import-child.ts.

import { beforeAll, expect, it } from 'vitest';
import { ChildProgram, reportOf } from '../support/child-program';
import { bundled } from './bundled';

interface Report {
  readonly calls: number;
  readonly acted: number;
  readonly threw: boolean;
  readonly faults: readonly string[];
}

let program: string;

beforeAll(async () => {
  program = await bundled('import-child.ts');
});

const run = (how: string, at = 0): Promise<Report> => reportOf(new ChildProgram([program, how, String(at)]));

it.each(['fail', 'again'])('each allocation within the import: %s', { timeout: 120_000 }, async (how) => {
  const { calls, ...others } = await run(how);
  expect(others).toEqual({ acted: 0, threw: false, faults: [] });
  expect(calls).toBeGreaterThan(0);
  let failures = 0;
  for (let at = 1; at <= calls; at += 1) {
    const { acted, threw, faults } = await run(how, at);
    expect([at, acted, faults]).toEqual([at, 1, []]);
    if (threw) failures += 1;
  }
  // Not every one: a failure that nobody minds leaves a library that works, which has been tried then.
  expect(failures > 0).toBe(how === 'fail');
});

it('allocators that are replaced behind the import', { timeout: 120_000 }, async () => {
  const { acted, faults } = await run('behind');
  expect(faults).toEqual([]);
  expect(acted).toBeGreaterThan(50);
});
