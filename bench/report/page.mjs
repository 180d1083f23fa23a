// The page beside the charts, in Markdown: the circumstances, each chart, and the figures of all rows that were measured. Where
// another client needs less than this library stands in the same line as what the library needs of what `ws` needs, so that
// neither is read without the other. This file must not know how a chart is drawn.

/** @import { ShownChart, ShownGroup } from '../groups.mjs' */
/** @import { Run } from '../runner/measure.mjs' */
/** @import { RowResult } from './summary.mjs' */

import { groups } from '../groups.mjs';
import { rowByName } from '../rows.mjs';
import { circumstances } from './circumstances.mjs';
import { peerTitle, rowTitle } from './names.mjs';
import { peersBelow, relativeTo, relativeToWs } from './relative.mjs';
import { detailText, figureText, PLAIN, relativeText, spreadText } from './tables.mjs';

const LESS = 'less than wsimd';

/**
 * @param {ShownChart[]} charts that were written beside the page
 * @param {RowResult[]} results
 * @param {string[]} peers in the order of the columns
 * @param {Run[]} runs that the results are from
 * @returns {string}
 */
export function resultsPage(charts, results, peers, runs) {
  const ofGroups = groups.flatMap((group) => {
    const ofGroup = results.filter(({ row }) => group.has(rowByName(row)));
    return ofGroup.length === 0 ? [] : [table(group, ofGroup, peers)];
  });
  return [
    '# Results',
    'Written by `npm run bench -- --charts DIR`. Figures from two machines, or from two days, do not compare.',
    ...runs.map((run) => circumstances(run, peers).join(' ')),
    balance(results, peers),
    ...charts.map(({ name, title }) => `![${title}](${name}.svg)`),
    '## All figures',
    'A figure is the median of the rounds ± their median absolute deviation. _wsimd ÷ ws_: what wsimd needs for each 1 ' +
      'that `ws` needs. _Less than wsimd_: who needs less in this row, and how much for each 1 that wsimd needs; it is about ' +
      `other clients on the same machine, not about the library's own other ways. ${PLAIN}: sends uncompressed what the ` +
      'others compress, and is not compared.',
    ...ofGroups,
  ]
    .join('\n\n')
    .concat('\n');
}

/**
 * @param {RowResult[]} results
 * @param {string[]} peers
 * @returns {string} what is won, and what is lost
 */
function balance(results, peers) {
  const relatives = results.flatMap((result) => relativeToWs(result, 'wsimd') ?? []);
  const lost = results.filter((result) => peersBelow(result, peers).length > 0).length;
  return [
    `wsimd needs less than \`ws\` in ${relatives.filter((relative) => relative < 1).length} of ${relatives.length} rows.`,
    `In ${lost} of ${results.length} another client needs less than wsimd.`,
  ].join(' ');
}

/**
 * @param {ShownGroup} group
 * @param {RowResult[]} results
 * @param {string[]} peers
 */
function table({ title, unit, detail }, results, peers) {
  const columns = peers.filter((peer) => results.some(({ rounds }) => peer in rounds));
  const head = [unit, ...columns.map(peerTitle), 'wsimd ÷ ws', LESS];
  const lines = results.map((result) => [
    rowTitle(rowByName(result.row)),
    ...columns.map((peer) => cell(result, peer)),
    relativeCell(relativeToWs(result, 'wsimd')),
    peersBelow(result, peers)
      .map((peer) => `${peerTitle(peer)} ${relativeCell(relativeTo(result, peer, 'wsimd'))}`)
      .join(', ') || '–',
  ]);
  const details = results
    .map((result) => [
      rowTitle(rowByName(result.row)),
      ...columns.map((peer) => detailText(detail, result, peer) || '–'),
    ])
    .filter(([, ...cells]) => cells.some((cell) => cell !== '–'));
  const tables = [aligned([head, ...lines])];
  // The last column of a table has words.
  if (detail !== undefined && details.length > 0)
    tables.push(aligned([[detail.title, ...columns.map(peerTitle)], ...details]));
  return [`### ${title}`, ...tables].join('\n\n');
}

/**
 * @param {string[][]} lines of cells, the head first; all columns but the first and LESS have figures
 * @returns {string} a table that can be read as it is, and that the formatter leaves as it is
 */
function aligned(lines) {
  const [head = [], ...others] = lines;
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const isText = widths.map((_, column) => column === 0 || head[column] === LESS);
  const rules = widths.map((width, column) => (isText[column] ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  const padded = [head, rules, ...others].map((cells) =>
    cells.map((cell, column) =>
      isText[column] ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    ),
  );
  return padded.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/**
 * @param {RowResult} result
 * @param {string} peer
 */
function cell(result, peer) {
  const summary = result.summaries[peer];
  if (summary === undefined) return peer in result.rounds ? 'failed' : '–';
  return `${figureText(result, peer)} ${spreadText(summary)}`;
}

/** @param {number | undefined} relative */
function relativeCell(relative) {
  return relative === undefined ? '–' : relativeText(relative);
}
