// How long a run will take, before it begins. This file owns what each kind of row costs besides the seconds that are measured,
// as it was on two cores of a server of 2021, and must not know processes.

/** @import { Row } from '../rows.mjs' */
/** @import { Peer } from './peers.mjs' */

import { stepsOf } from './rounds.mjs';

/** Of the source and the client of a row, once for the row and once for each client of it. */
const SOURCE_SECONDS = 0.15;
/** A client's start, its verification and its warm-up, by the program that is measured. */
const START_SECONDS = {
  'client.mjs': 1.2,
  'live-heap.mjs': 1.5,
  'codec.mjs': 1.2,
  'peak.mjs': 0.7,
  'start.mjs': 0.3,
  'crowd.mjs': 0.2,
};
/** What crowd.mjs does besides: its warm-up, and opening and closing connections. */
const OPENING_WARM_UP_SECONDS = 2.1;
const CROWD_WARM_UP_SECONDS = 0.9;
const SETTLING_SECONDS = 0.3;
const CONNECTION_SECONDS = 0.000_5;
/** Those that are opened before others are counted, in memory-idle, and the time that memory is given to settle. */
const EARLIER_CONNECTIONS = 4000;
const SETTLED_TWICE_SECONDS = 1.2;
/** 1 GiB over the loopback device. */
const STREAM_SECONDS = 0.6;
/** Five processes of a library, one after the other. */
const STARTS_SECONDS = 0.7;

/**
 * @param {{ rows: Row[], peers: Peer[], rounds: number, seconds: number }} plan
 * @returns {string} such as `15 rows, 3 clients, 3 rounds: about 1 min 40 s`
 */
export function estimate(plan) {
  const { rows, peers, rounds } = plan;
  const counts = [counted(rows.length, 'row'), counted(peers.length, 'client'), counted(rounds, 'round')];
  return `${counts.join(', ')}: about ${spoken(secondsOf(plan))}`;
}

/**
 * @param {{ rows: Row[], peers: Peer[], rounds: number, seconds: number }} plan
 * @returns {number}
 */
export function secondsOf({ rows, peers, rounds, seconds }) {
  return rows.reduce((sum, row) => {
    const taking = stepsOf(row, { peers, rounds }) / (1 + rounds);
    const ofOne = startSeconds(row) + rounds * roundSeconds(row, Math.max(seconds, row.fewestSeconds));
    return sum + (taking > 0 ? SOURCE_SECONDS + taking * ofOne : 0);
  }, 0);
}

/** @param {Row} row */
function startSeconds({ client, group, connections }) {
  const start = START_SECONDS[client];
  if (group === 'opening') return start + OPENING_WARM_UP_SECONDS;
  return group === 'connections' ? start + CROWD_WARM_UP_SECONDS + connections * CONNECTION_SECONDS : start;
}

/**
 * @param {Row} row
 * @param {number} seconds that are measured
 */
function roundSeconds({ client, unit, group, connections }, seconds) {
  if (client === 'start.mjs') return STARTS_SECONDS;
  if (client === 'peak.mjs') return STREAM_SECONDS;
  if (unit.endsWith('per idle connection'))
    return SETTLED_TWICE_SECONDS + (EARLIER_CONNECTIONS + connections) * CONNECTION_SECONDS;
  return group === 'connections' ? SETTLING_SECONDS + seconds + connections * CONNECTION_SECONDS : seconds;
}

/**
 * @param {number} count
 * @param {string} noun
 */
export function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** @param {number} seconds */
export function spoken(seconds) {
  if (seconds < 100) return `${Math.max(1, Math.round(seconds))} s`;
  // To ten seconds, and of hours to the minute: it is no more exact.
  const tens = Math.round(seconds / 10) * 10;
  if (tens < 3600) return tens % 60 === 0 ? `${tens / 60} min` : `${Math.floor(tens / 60)} min ${tens % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
