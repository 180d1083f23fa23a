// From measurements to what is printed: medians, spreads, tables. This file must not know how measurements came about.

/** @import { Measurement } from './traffic.mjs' */

import Table from 'cli-table3';
import { geometricMean, median, medianAbsoluteDeviation } from 'simple-statistics';

/** Below this share of its core, the client was waiting: the rate is then that of the pair, or of the wire. */
const BUSY = 0.9;

/**
 * @typedef {object} Summary
 * @property {number} cpuMicroseconds per message, user and system; the median of the rounds
 * @property {number} spread of these: their median absolute deviation, as a part of the median
 * @property {number} messagesPerSecond
 * @property {number} busy CPU time over wall time
 */

/**
 * @typedef {object} RowResult
 * @property {string} row
 * @property {Record<string, Measurement[]>} rounds by peer
 * @property {Record<string, Summary>} summaries by peer; a peer that failed has none
 */

/**
 * @param {string} row
 * @param {Record<string, Measurement[]>} rounds
 * @returns {RowResult}
 */
export function summarize(row, rounds) {
  const summaries = Object.entries(rounds).map(([peer, measurements]) => [peer, summaryOf(measurements)]);
  return { row, rounds, summaries: Object.fromEntries(summaries) };
}

/**
 * @param {Measurement[]} rounds
 * @returns {Summary}
 */
function summaryOf(rounds) {
  const cpu = rounds.map((round) => cpuOf(round) / round.messages);
  return {
    cpuMicroseconds: median(cpu),
    spread: medianAbsoluteDeviation(cpu) / median(cpu),
    messagesPerSecond: median(rounds.map((round) => (round.messages / round.wallMicroseconds) * 1e6)),
    busy: median(rounds.map((round) => cpuOf(round) / round.wallMicroseconds)),
  };
}

/** @param {Measurement} measurement */
function cpuOf({ userMicroseconds, systemMicroseconds }) {
  return userMicroseconds + systemMicroseconds;
}

/**
 * @param {RowResult[]} results
 * @param {string[]} peers
 */
export function figuresTable(results, peers) {
  const table = plainTable(['µs of CPU per message | messages/s', ...peers]);
  for (const { row, summaries } of results) {
    table.push([row, ...peers.map((peer) => figuresCell(summaries[peer]))]);
  }
  return table.toString();
}

export const LEGEND = [
  'CPU: user + system time of the client process per message, median of the rounds ± median absolute deviation.',
  `~ the client was busy less than ${BUSY * 100} % of the time: the rate is then that of the pair of processes.`,
].join('\n');

/** @param {Summary | undefined} summary */
function figuresCell(summary) {
  if (summary === undefined) return 'FAILED';
  const cpu = significant(summary.cpuMicroseconds).padStart(6);
  const spread = `±${(summary.spread * 100).toFixed(0)}%`.padStart(4);
  const rate = `${summary.busy < BUSY ? '~' : ''}${grouped(summary.messagesPerSecond)}`.padStart(10);
  return `${cpu} ${spread} ${rate}`;
}

/**
 * How many times the CPU of `subject` each other peer needs per message.
 * @param {RowResult[]} results
 * @param {string[]} peers
 * @param {string} subject
 */
export function ratiosTable(results, peers, subject) {
  const others = peers.filter((peer) => peer !== subject);
  const table = plainTable([`CPU per message ÷ ${subject}`, ...others]);
  /** @type {number[][]} */
  const columns = others.map(() => []);
  for (const { row, summaries } of results) {
    const cells = others.map((peer, column) => {
      const ours = summaries[subject];
      const theirs = summaries[peer];
      if (ours === undefined || theirs === undefined) return '–';
      const ratio = theirs.cpuMicroseconds / ours.cpuMicroseconds;
      columns[column]?.push(ratio);
      return `${significant(ratio)}×`;
    });
    table.push([row, ...cells]);
  }
  const means = columns.map((ratios) => (ratios.length === 0 ? '–' : `${significant(geometricMean(ratios))}×`));
  table.push(['geometric mean', ...means]);
  return table.toString();
}

/** @param {RowResult} result */
export function rowLine({ row, summaries }) {
  const figures = Object.entries(summaries).map(
    ([peer, { cpuMicroseconds }]) => `${peer} ${significant(cpuMicroseconds)}`,
  );
  return `${row}: ${figures.length > 0 ? `${figures.join(', ')} µs` : 'FAILED'}`;
}

/** @param {string[]} head */
function plainTable(head) {
  return new Table({
    head,
    colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  });
}

/**
 * Three significant digits, never in exponential form.
 * @param {number} value
 */
function significant(value) {
  return value >= 100 ? grouped(value) : value.toPrecision(3);
}

/** @param {number} value */
function grouped(value) {
  return Math.round(value).toLocaleString('en');
}
