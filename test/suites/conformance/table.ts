// What the run prints when it is over: a row for each category, the failures with both sides, and the sum. It must not know
// how verdicts came about.

import Table from 'cli-table3';
import type { Category } from './case';
import { isOnlyLate } from './judge';
import type { Verdict } from './play';

export function table(categories: readonly Category[], verdicts: readonly Verdict[]): string {
  const head = ['category', 'RFC 6455', 'cases', 'passed', 'failed', 'time'];
  const table = new Table({
    head,
    colAligns: head.map((_, column) => (column < 2 ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  });
  for (const { name, cases } of categories) {
    const ofCategory = verdicts.filter(({ testCase }) => cases.includes(testCase));
    if (ofCategory.length === 0) continue;
    table.push([name, sectionsOf(ofCategory), ...countsOf(ofCategory)]);
  }
  table.push(['all', '', ...countsOf(verdicts)]);
  return table.toString();
}

export function failures(verdicts: readonly Verdict[]): string {
  return verdicts
    .filter(({ differences }) => differences.length > 0)
    .map(({ testCase: { id, says, section }, differences }) => {
      const lines = differences.flatMap(({ what, expected, actual }) => [
        `  ${what}`,
        `    expected  ${expected}`,
        `    actual    ${actual}`,
      ]);
      return [`FAILED ${id} (§${section})`, `  ${says}`, ...lines, ''].join('\n');
    })
    .join('\n');
}

export function sum(verdicts: readonly Verdict[]): string {
  const failed = failedOf(verdicts);
  return `${verdicts.length - failed} passed, ${failed} failed`;
}

/** How many cases failed for no other reason than that the refusal waited for more bytes than show the fault. */
export function lateOf(verdicts: readonly Verdict[]): number {
  return verdicts.filter(({ differences }) => isOnlyLate(differences)).length;
}

function countsOf(verdicts: readonly Verdict[]): string[] {
  const failed = failedOf(verdicts);
  const milliseconds = verdicts.reduce((sum, verdict) => sum + verdict.milliseconds, 0);
  return [`${verdicts.length}`, `${verdicts.length - failed}`, `${failed}`, `${(milliseconds / 1000).toFixed(1)} s`];
}

function failedOf(verdicts: readonly Verdict[]): number {
  return verdicts.filter(({ differences }) => differences.length > 0).length;
}

function sectionsOf(verdicts: readonly Verdict[]): string {
  const sections = new Set(verdicts.map(({ testCase }) => testCase.section));
  return [...sections]
    .sort((one, other) => one.localeCompare(other, 'en', { numeric: true }))
    .map((section) => `§${section}`)
    .join(', ');
}
