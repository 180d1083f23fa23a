// From figures to what is printed: a table of figures per group, and one of ratios. This file must not know how figures came
// about.

/** @import { ShownGroup } from '../groups.mjs' */
/** @import { RowResult, Summary } from './summary.mjs' */

import Table from 'cli-table3';
import { geometricMean } from 'simple-statistics';
import { rowByName } from '../rows.mjs';

/** Below this share of its core, the client was waiting: the rate is then that of the pair, or of the wire. */
const BUSY = 0.9;

export const PLAIN = '°';

/** What every terminal has, and no line of a table goes beyond. */
export const WIDEST_TABLE = 120;

export const LEGEND = [
  'CPU is user + system time of the client process. Figures are the median of the rounds ± median absolute deviation.',
  `~ the client was busy less than ${BUSY * 100} % of the time: the rate is then that of the pair of processes.`,
  `${PLAIN} the client sends uncompressed what the others compress.`,
].join('\n');

/**
 * One Node per table: the peers NAME@26 are compared with each other, NAME with those on the Node at hand.
 * @param {string[]} peers
 * @returns {string[][]}
 */
export function byNode(peers) {
  const nodes = new Set(peers.map(nodeOf));
  return [...nodes].map((node) => peers.filter((peer) => nodeOf(peer) === node));
}

/**
 * @param {string} peer
 * @returns {string} such as `@26`; empty for the Node at hand
 */
export function nodeOf(peer) {
  const at = peer.indexOf('@');
  return at < 0 ? '' : peer.slice(at);
}

/**
 * @param {ShownGroup} group
 * @param {RowResult[]} results of the group
 * @param {string[]} peers
 */
export function figuresTable(group, results, peers) {
  return tablesThatFit([
    [group.rateUnit ? `${group.unit} | ${group.rateUnit}` : group.unit, ...peers],
    ...results.map((result) => [result.row, ...peers.map((peer) => figuresCell(group, result, peer))]),
  ]);
}

/**
 * What else a group has to say of its rows.
 * @param {ShownGroup} group
 * @param {RowResult[]} results of the group
 * @param {string[]} peers
 * @returns {string} empty where there is nothing to say
 */
export function detailTable({ detail }, results, peers) {
  const lines = results.map((result) => [result.row, ...peers.map((peer) => detailText(detail, result, peer))]);
  const telling = lines.filter(([, ...cells]) => cells.some((cell) => cell !== ''));
  return telling.length === 0 ? '' : tablesThatFit([[detail?.title ?? '', ...peers], ...telling]);
}

/**
 * @param {import('../groups.mjs').Detail | undefined} detail
 * @param {RowResult} result
 * @param {string} peer
 */
export function detailText(detail, { row, rounds }, peer) {
  return (detail?.of(rowByName(row), rounds[peer] ?? []) ?? []).map(significant).join(' … ');
}

/**
 * @param {ShownGroup} group
 * @param {RowResult} result
 * @param {string} peer
 */
function figuresCell(group, result, peer) {
  const { row, rounds, summaries } = result;
  const summary = summaries[peer];
  if (summary === undefined) return peer in rounds ? 'FAILED' : '';
  const figure = `${figureText(result, peer)} ${spreadText(summary).padStart(4)}`;
  return group.rate === undefined ? figure : `${figure} ${rateText(group.rate(summary, rowByName(row)), summary)}`;
}

/**
 * @param {RowResult} result
 * @param {string} peer that has a figure
 */
export function figureText(result, peer) {
  return significant(result.summaries[peer]?.figure ?? 0) + plainMark(result, peer);
}

/** @param {Summary} summary */
export function spreadText({ spread }) {
  return `±${Math.round(spread * 100)}%`;
}

/**
 * @param {RowResult} result
 * @param {string} peer
 */
export function plainMark({ rounds }, peer) {
  return rounds[peer]?.some(({ isPlain }) => isPlain) ? PLAIN : '';
}

/**
 * @param {number} rate
 * @param {Summary} summary
 */
function rateText(rate, { busy }) {
  const compact = rate.toLocaleString('en', { notation: 'compact', maximumSignificantDigits: 3 });
  return `${busy < BUSY ? '~' : ''}${compact}`.padStart(6);
}

/**
 * How many times the cost of `subject` each other peer has.
 * @param {RowResult[]} results
 * @param {string[]} peers
 * @param {string} subject
 */
export function ratiosTable(results, peers, subject) {
  const others = peers.filter((peer) => peer !== subject);
  return tablesThatFit([
    [`÷ ${subject}`, ...others],
    ...results.map((result) => [
      result.row,
      ...others.map((peer) => ratioText(ratioOf(result, peer, subject)) + plainMark(result, peer)),
    ]),
    ['geometric mean', ...others.map((peer) => ratioText(meanRatio(results, peer, subject)))],
  ]);
}

/**
 * @param {RowResult} result
 * @param {string} peer
 * @param {string} subject
 * @returns {number | undefined} undefined where one of them has no figure, or 0: memory need not grow
 */
export function ratioOf({ summaries }, peer, subject) {
  const theirs = summaries[peer]?.figure ?? 0;
  const ours = summaries[subject]?.figure ?? 0;
  return theirs > 0 && ours > 0 ? theirs / ours : undefined;
}

/**
 * Of the rows in which the two did the same: sending uncompressed is another thing than compressing.
 * @param {RowResult[]} results
 * @param {string} peer
 * @param {string} subject
 */
export function meanRatio(results, peer, subject) {
  const ratios = results.flatMap((result) =>
    plainMark(result, peer) === '' ? (ratioOf(result, peer, subject) ?? []) : [],
  );
  return ratios.length === 0 ? undefined : geometricMean(ratios);
}

/** @param {number | undefined} ratio */
function ratioText(ratio) {
  return ratio === undefined ? '' : `${significant(ratio)}×`;
}

/** @param {RowResult} result */
export function rowLine(result) {
  const { row, rounds, summaries } = result;
  const figures = Object.keys(rounds).map(
    (peer) => `${peer} ${summaries[peer] === undefined ? 'FAILED' : figureText(result, peer)}`,
  );
  return `${row}: ${figures.join(', ')} ${rowByName(row).unit}`;
}

/**
 * One table, or several of as many columns as fit, each with the first column again.
 * @param {string[][]} lines of cells, the head first; no character of them is wider than others
 * @returns {string}
 */
export function tablesThatFit(lines) {
  const [head = []] = lines;
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  /** With a space on either side and a line in front. */
  const taken = (/** @type {number} */ column) => (widths[column] ?? 0) + 3;
  /** @type {number[][]} */
  const groups = [];
  let room = 0;
  for (let column = 1; column < head.length; column++) {
    if (groups.length === 0 || room < taken(column)) {
      groups.push([0]);
      // The line behind the last column.
      room = WIDEST_TABLE - 1 - taken(0);
    }
    groups.at(-1)?.push(column);
    room -= taken(column);
  }
  return groups
    .map((columns) => plainTable(lines.map((cells) => columns.map((column) => cells[column] ?? ''))))
    .join('\n');
}

/** @param {string[][]} lines */
function plainTable([head = [], ...lines]) {
  const table = new Table({
    head,
    colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  });
  table.push(...lines);
  return table.toString();
}

/**
 * Three significant digits, never in exponential form.
 * @param {number} value
 */
export function significant(value) {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value === 0 ? '0' : value.toPrecision(3);
}

/**
 * @param {number} relative
 * @returns {string} two digits that count, for a third would be noise
 */
export function relativeText(relative) {
  if (relative === 0) return '0';
  return relative >= 10 ? significant(relative) : relative.toPrecision(2);
}
