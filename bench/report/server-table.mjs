// What a server of the user's own was measured with, as a table. This file must not know how figures came about.

/** @import { UrlRun } from '../runner/own-server.mjs' */

import { RELATIVE_ERROR } from '../load/histogram.mjs';
import { significant, tablesThatFit } from './tables.mjs';

export const SERVER_LEGEND = [
  'A latency is from the call of send until the message is back, with an error of less than ' +
    `${(RELATIVE_ERROR * 100).toFixed(1)} %; p99: 99 of 100 took no longer.`,
  'CPU is user + system time of the whole client process, what measures included. Nothing is pinned to a core.',
].join('\n');

/**
 * @param {UrlRun} run
 * @returns {string}
 */
export function serverTable({ results }) {
  const lines = Object.entries(results).flatMap(([peer, loads]) =>
    loads.map(({ title, p50, p99, perSecond, cpuMicroseconds }) => [
      title,
      peer,
      ...[p50, p99, perSecond, cpuMicroseconds].map(significant),
    ]),
  );
  // What is compared stands together: one load, all clients.
  const titles = [...new Set(lines.map(([title]) => title))];
  lines.sort(([one], [another]) => titles.indexOf(one) - titles.indexOf(another));
  return tablesThatFit([['echo of', 'client', 'p50, µs', 'p99, µs', 'messages/s', 'CPU, µs per message'], ...lines]);
}
