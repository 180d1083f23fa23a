// How rows are shown together: the groups, each a table and a chart, their titles and what a second figure beside the first
// says. This file must not know how figures are come by.

/** @import { Direction, Row } from './rows.mjs' */
/** @import { Summary } from './report/summary.mjs' */

/**
 * @typedef {object} ShownGroup
 * @property {string} name also that of the chart's file
 * @property {string} title
 * @property {string} unit of the figure; fewer is better
 * @property {(row: Row) => boolean} has
 * @property {string} [rateUnit]
 * @property {(summary: Summary, row: Row) => number} [rate] the second figure; more is better
 */

const PER_MESSAGE = { unit: 'µs of CPU per message', rateUnit: 'messages/s', rate: perSecond };

const IN_MEMORY = { unit: 'µs of CPU per message', rateUnit: 'GB/s', rate: gigabytesPerSecond };

/** @type {ShownGroup[]} */
export const groups = [
  { name: 'receive', title: 'Receiving messages', has: inGroup('receive'), ...PER_MESSAGE },
  { name: 'send', title: 'Sending messages', has: inGroup('send'), ...PER_MESSAGE },
  { name: 'echo', title: 'Sending a message and receiving its echo', has: inGroup('echo'), ...PER_MESSAGE },
  { name: 'tls', title: 'Receiving and sending over TLS', has: inGroup('tls'), ...PER_MESSAGE },
  { name: 'fragments', title: 'Receiving fragmented messages', has: inGroup('fragments'), ...PER_MESSAGE },
  { name: 'deflate', title: 'JSON with permessage-deflate', has: inGroup('deflate'), ...PER_MESSAGE },
  { name: 'connections', title: 'Receiving on many connections', has: inGroup('connections'), ...PER_MESSAGE },
  {
    name: 'opening',
    title: 'Opening connections',
    unit: 'µs of CPU per connection',
    has: inGroup('opening'),
    rateUnit: 'connections/s',
    rate: perSecond,
  },
  // Two groups, since connections and gigabytes have no unit in common.
  {
    name: 'memory-idle',
    title: 'Memory of idle connections',
    unit: 'KiB per idle connection',
    has: (row) => row.unit === 'KiB per idle connection',
  },
  {
    name: 'memory-peak',
    title: 'Memory while 1 GiB arrives and nothing of it is kept',
    unit: 'MiB of peak growth',
    has: (row) => row.unit === 'MiB of peak growth',
  },
  // Two groups, for one chart of both would be two screens high.
  { name: 'codec-decode', title: 'Decoding in memory, without a socket', has: isCodec('receive'), ...IN_MEMORY },
  { name: 'codec-encode', title: 'Encoding in memory, without a socket', has: isCodec('send'), ...IN_MEMORY },
];

/** @param {string} group */
function inGroup(group) {
  return (/** @type {Row} */ row) => row.group === group;
}

/** @param {Direction} direction */
function isCodec(direction) {
  return (/** @type {Row} */ row) => row.group === 'codec' && row.direction === direction;
}

/** @param {Summary} summary */
function perSecond({ perSecond: rate }) {
  return rate;
}

/**
 * @param {Summary} summary
 * @param {Row} row
 */
function gigabytesPerSecond({ figure }, { bytes }) {
  // Bytes per microsecond are megabytes per second.
  return bytes / figure / 1000;
}
