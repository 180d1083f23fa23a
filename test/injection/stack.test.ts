// The same with stacks of other sizes, each in a process of its own: it runs out at other places, and nobody gets another's
// bytes.

import { beforeAll, expect, it } from 'vitest';
import { ChildProgram, reportOf } from '../support/child-program';
import { bundled } from './bundled';

/** KB, up to what Node.js 20 has by itself. With 70 it does not start. */
const SIZES: readonly number[] = Array.from({ length: 20 }, (_, place) => 100 + Math.round((place * 884) / 19));

/** Side by side, as many as there are cores where these tests run. */
const AT_ONCE = 2;

interface Report {
  readonly plays: number;
  readonly injected: number;
  readonly findings: readonly string[];
}

let program: string;

beforeAll(async () => {
  program = await bundled('stack-child.ts');
});

it('is right with each size of the stack', { timeout: 120_000 }, async () => {
  let injected = 0;
  for (let at = 0; at < SIZES.length; at += AT_ONCE) {
    const reports = SIZES.slice(at, at + AT_ONCE).map(async (size) => {
      const child = new ChildProgram([`--stack-size=${size}`, program, String(size)]);
      const report = await reportOf<Report>(child);
      expect([size, report.findings]).toEqual([size, []]);
      injected += report.injected;
    });
    await Promise.all(reports);
  }
  expect(injected).toBeGreaterThanOrEqual(SIZES.length);
});
