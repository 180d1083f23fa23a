// What the runtimes made of the contract: a table, the reasons of what one of them cannot do, and the failures in full.

import Table from 'cli-table3';

/**
 * Prints it; the last line is the sum.
 *
 * @param {import('./run.mjs').Played[]} played
 * @returns {number} of failures
 */
export function report(played) {
  const names = [...new Set(played.flatMap(({ results }) => results.map(({ name }) => name)))];
  const table = new Table({
    head: ['', ...played.map(({ name }) => name.replaceAll(' ', '\n'))],
    style: { head: [], border: [] },
  });
  /** @type {Map<string, number>} */
  const reasons = new Map();
  /** @type {string[]} */
  const failures = [];
  for (const name of names) {
    const cells = played.map((runtime) => {
      const { verdict, reason = '' } = runtime.results.find((result) => result.name === name) ?? {};
      if (verdict === 'failed') failures.push(`${runtime.name}, ${name}: ${reason}`);
      if (verdict !== 'impossible') return verdict === 'passed' ? '✓' : verdict === 'failed' ? '✗' : '';
      if (!reasons.has(reason)) reasons.set(reason, reasons.size + 1);
      return `(${reasons.get(reason)})`;
    });
    table.push([name, ...cells]);
  }
  console.log(table.toString());
  for (const [reason, number] of reasons) console.log(`(${number}) ${reason}`);
  for (const failure of failures) console.log(`\n${failure}`);
  const count = played.reduce((sum, { results }) => sum + results.length, 0);
  console.log(`\n${count - failures.length} passed, ${failures.length} failed`);
  return failures.length;
}
