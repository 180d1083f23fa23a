// What the hosts made of the contract: a table, the reasons of what one of them cannot do, and the failures in full.

import Table from 'cli-table3';

/** By what it is about. */
const COLUMNS = ['import', 'framing', 'callback', 'drop-in', 'its events', 'web', 'stream', 'left', 'end'];

/**
 * Prints it; the last line is the sum.
 *
 * @param {ReadonlyMap<string, import('./run.mjs').Row>} rows
 * @param {boolean} isMarkdown
 * @param {number} seconds
 * @returns {number} of failures
 */
export function report(rows, isMarkdown, seconds) {
  /** @type {string[]} */
  const failures = [];
  /** @type {Map<string, number>} */
  const reasons = new Map();
  const noteOf = (/** @type {string} */ reason) => {
    if (!reasons.has(reason)) reasons.set(reason, reasons.size + 1);
    return `(${reasons.get(reason)})`;
  };
  let passed = 0;
  let skipped = 0;
  const lines = [...rows].map(([host, { results, impossible }]) => {
    if (impossible !== undefined) {
      skipped += 1;
      return [host, noteOf(impossible), ...COLUMNS.slice(1).map(() => '')];
    }
    const cells = COLUMNS.map((about) => {
      const own = results.filter((result) => result.about === about);
      if (own.length === 0) return '';
      const played = own.filter(({ verdict }) => verdict !== 'impossible');
      const good = played.filter(({ verdict }) => verdict === 'passed');
      passed += good.length;
      for (const { name, verdict, reason = '' } of own) {
        if (verdict === 'failed') failures.push(`${host}: ${about}, ${name}: ${reason}`);
        if (verdict === 'impossible') noteOf(reason);
      }
      return good.length === played.length ? `${good.length} ✓` : `${good.length}/${played.length} ✗`;
    });
    return [host, ...cells];
  });
  if (isMarkdown) {
    console.log(`| host | ${COLUMNS.join(' | ')} |\n| --- |${COLUMNS.map(() => ' --- |').join('')}`);
    for (const line of lines) console.log(`| ${line.join(' | ')} |`);
  } else {
    const table = new Table({ head: ['host', ...COLUMNS], style: { head: [], border: [] } });
    table.push(...lines);
    console.log(table.toString());
  }
  for (const [reason, number] of reasons) console.log(`(${number}) ${reason}`);
  for (const failure of failures) console.log(`\n${failure}`);
  console.log(`\n${rows.size} hosts, ${seconds} s`);
  console.log(`${passed} passed, ${failures.length} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  return failures.length;
}
