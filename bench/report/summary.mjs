// From measurements to figures: what a measurement counts, medians, spreads, and the results of several runs put together.
// This file must not know how measurements came about, nor how figures are shown.

/** @import { Row } from '../rows.mjs' */
/** @import { Measurement } from '../runner/measured/traffic.mjs' */

import { median, medianAbsoluteDeviation } from 'simple-statistics';
import { rowByName, rows } from '../rows.mjs';

/**
 * @typedef {object} Summary
 * @property {number} figure in the row's unit; the median of the rounds
 * @property {number} spread of it: the median absolute deviation, as a part of the median
 * @property {number} perSecond messages or connections
 * @property {number} busy CPU time over wall time
 */

/** @typedef {Record<string, Measurement[]>} Rounds by peer; a peer that failed has none */

/**
 * @typedef {object} RowResult
 * @property {string} row
 * @property {Rounds} rounds
 * @property {Record<string, Summary>} summaries by peer; a peer that failed has none
 */

const KIB = 1024;

/** Of the quantity that a measurement counts, CPU time in microseconds or memory in bytes. */
const UNIT_SIZES = {
  'µs of CPU per message': 1,
  'µs of CPU per connection': 1,
  'KiB per idle connection': KIB,
  'KiB of heap per idle connection': KIB,
  'MiB of peak growth': KIB * KIB,
  'ms of CPU per process': 1000,
};

/**
 * @param {Row} row
 * @param {Rounds} rounds
 * @returns {RowResult}
 */
export function summarize(row, rounds) {
  const summaries = Object.entries(rounds)
    .filter(([, measurements]) => measurements.length > 0)
    .map(([peer, measurements]) => [peer, summaryOf(row, measurements)]);
  return { row: row.name, rounds, summaries: Object.fromEntries(summaries) };
}

/**
 * @param {Row} row
 * @param {Measurement[]} rounds
 * @returns {Summary}
 */
function summaryOf(row, rounds) {
  const figures = rounds.map((round) => figureOf(row, round));
  const figure = median(figures);
  return {
    figure,
    spread: figure === 0 ? 0 : medianAbsoluteDeviation(figures) / figure,
    perSecond: median(rounds.map((round) => (round.messages / round.wallMicroseconds) * 1e6)),
    busy: median(rounds.map((round) => cpuOf(round) / round.wallMicroseconds)),
  };
}

/**
 * @param {Row} row
 * @param {Measurement} round
 * @returns {number} in the row's unit
 */
export function figureOf({ unit }, round) {
  return amountOf(round) / round.messages / UNIT_SIZES[unit];
}

/**
 * A process that gave memory back while it was watched needed none for what it did; less than none means nothing.
 * @param {Measurement} measurement
 */
function amountOf(measurement) {
  return Math.max(0, measurement.bytes ?? cpuOf(measurement));
}

/** @param {Measurement} measurement */
function cpuOf({ userMicroseconds, systemMicroseconds }) {
  return userMicroseconds + systemMicroseconds;
}

/**
 * Several runs as one: what the last of them says about a row and a peer counts.
 * @param {Pick<RowResult, 'row' | 'rounds'>[][]} runs
 * @returns {RowResult[]} in the order of rows.mjs
 */
export function merge(runs) {
  /** @type {Map<string, Rounds>} */
  const merged = new Map();
  for (const { row, rounds } of runs.flat()) merged.set(rowByName(row).name, { ...merged.get(row), ...rounds });
  return rows.flatMap((row) => {
    const rounds = merged.get(row.name);
    return rounds === undefined ? [] : [summarize(row, rounds)];
  });
}
