// When, where and with whom figures came about, in sentences: figures from two machines, or two days, do not compare. The same
// words are beneath a chart, over a table and at the head of what a run prints. This file must not know the figures.

/** @import { Run } from '../runner/measure.mjs' */

const LONG_DATE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

/**
 * @param {Run} run
 * @param {string[]} peers whose versions are of interest
 * @returns {string[]} sentences
 */
export function circumstances(run, peers) {
  const { processor, cores, system, node } = run.machine;
  const day = run.date === undefined ? 'On a day that was not noted' : LONG_DATE.format(new Date(run.date));
  return [
    `${day}; ${processor}, ${cores} cores, ${system}, Node ${node.replace('v', '')}; ${placementOf(run)}.`,
    `${versionsOf(run, peers).join(', ')}.`,
    `Medians of ${run.rounds} rounds of ${run.seconds} s, in which the clients took turns; load of the machine ` +
      `${run.machine.loadAverage[0]} before and ${run.loadAfter[0]} after.`,
  ];
}

/** @param {Run} run */
function placementOf({ machine: { pinning } }) {
  return pinning
    ? `client on core ${pinning.clientCore}, source on core ${pinning.sourceCore}, for echoes both on one`
    : 'no process pinned to a core';
}

/**
 * @param {Run} run
 * @param {string[]} peers
 * @returns {string[]} each package and runtime once
 */
function versionsOf({ machine: { versions } }, peers) {
  return [...new Set(peers.flatMap((peer) => versions[peer]?.split(', ') ?? []))];
}
