// How rows are shown together: the groups, each a table with its title and what a second figure beside the first says; and the
// charts, each of a few rows. This file must not know how figures are come by.

/** @import { Direction, Kind, Row } from './rows.mjs' */
/** @import { Measurement } from './runner/measured/traffic.mjs' */
/** @import { Summary } from './report/summary.mjs' */

import { figureOf } from './report/summary.mjs';
import { isOfHeap } from './rows.mjs';

/**
 * @typedef {object} ShownGroup
 * @property {string} name
 * @property {string} title
 * @property {string} unit of the figure; fewer is better
 * @property {(row: Row) => boolean} has
 * @property {string} [rateUnit]
 * @property {(summary: Summary, row: Row) => number} [rate] the second figure; more is better
 * @property {Detail} [detail] what else there is to say of some of its rows
 */

/**
 * @typedef {object} Detail
 * @property {string} title
 * @property {(row: Row, rounds: Measurement[]) => number[]} of none where there is nothing to say; two are from … to
 */

const PER_MESSAGE = { unit: 'µs of CPU per message', rateUnit: 'messages/s', rate: perSecond };

/** @type {Detail} */
const BYTES_SENT = { title: 'bytes per message sent', of: (_row, rounds) => bytesSent(rounds) };

/** @type {Detail} */
const LEAST_AND_MOST = { title: 'least and most of the rounds', of: leastAndMost };

const IN_MEMORY = { unit: 'µs of CPU per message', rateUnit: 'GB/s', rate: gigabytesPerSecond };

/** @type {ShownGroup[]} */
export const groups = [
  { name: 'receive', title: 'Receiving messages', has: inGroup('receive'), ...PER_MESSAGE },
  { name: 'send', title: 'Sending messages', has: inGroup('send'), ...PER_MESSAGE },
  { name: 'echo', title: 'Sending a message and receiving its echo', has: inGroup('echo'), ...PER_MESSAGE },
  { name: 'tls', title: 'Receiving and sending over TLS', has: inGroup('tls'), ...PER_MESSAGE },
  { name: 'fragments', title: 'Receiving fragmented messages', has: inGroup('fragments'), ...PER_MESSAGE },
  {
    name: 'deflate',
    title: 'JSON with permessage-deflate',
    has: inGroup('deflate'),
    ...PER_MESSAGE,
    detail: BYTES_SENT,
  },
  { name: 'connections', title: 'Receiving on many connections', has: inGroup('connections'), ...PER_MESSAGE },
  {
    name: 'opening',
    title: 'Opening connections',
    unit: 'µs of CPU per connection',
    has: inGroup('opening'),
    rateUnit: 'connections/s',
    rate: perSecond,
  },
  // Groups of their own, since they have no unit in common.
  {
    name: 'memory-idle',
    title: 'Memory of idle connections',
    unit: 'KiB per idle connection',
    has: (row) => row.unit === 'KiB per idle connection',
  },
  {
    name: 'memory-idle-heap',
    title: 'JavaScript’s heap of idle connections, of the memory above',
    unit: 'KiB of heap per idle connection',
    has: isOfHeap,
  },
  {
    name: 'memory-peak',
    title: 'Memory while 1 GiB arrives and nothing of it is kept',
    unit: 'MiB of peak growth',
    has: (row) => row.unit === 'MiB of peak growth',
  },
  {
    name: 'live-heap',
    title: 'Receiving messages in a program with half a million live objects',
    has: inGroup('live-heap'),
    ...PER_MESSAGE,
    detail: LEAST_AND_MOST,
  },
  { name: 'start', title: 'Starting a process', unit: 'ms of CPU per process', has: inGroup('start') },
  // Two groups, for one chart of both would be two screens high.
  { name: 'codec-decode', title: 'Decoding in memory, without a socket', has: isCodec('receive'), ...IN_MEMORY },
  { name: 'codec-encode', title: 'Encoding in memory, without a socket', has: isCodec('send'), ...IN_MEMORY },
];

/**
 * @typedef {object} ShownChart
 * @property {string} name that of its file
 * @property {string} title
 * @property {string} quantity of which less is better
 * @property {(row: Row) => boolean} has
 * @property {string[]} [peers] those that are shown; all that were measured where nothing is said
 */

const KIB = 1024;
const CPU_PER_MESSAGE = 'CPU time per message';

/** A size between two others says nothing that they do not say. */
const SIZES_IN_CHARTS = [16, KIB, 16 * KIB, KIB * KIB];
const SIZES_OF_CODEC = [16, KIB, 16 * KIB];
const SIZES_OVER_TLS = [16, 16 * KIB];
/** The other languages have a chart of their own. @type {Kind[]} */
const KINDS_IN_CHARTS = ['text', 'korean', 'binary'];
/** @type {Kind[]} */
const LANGUAGES = ['russian', 'french', 'korean', 'emoji'];

/** For who has a minute: large and small, in and out, and where others are ahead too. */
const OVERVIEW = [
  'receive-16-text',
  'receive-1k-text',
  'receive-1k-binary',
  'receive-1m-text',
  'send-16-text',
  'send-1k-text',
  'echo-32-text-1-in-flight',
  'echo-32-text-100-in-flight',
  'tls-receive-16-text',
  'receive-2k-json-deflate',
  'opening-wss',
];

/**
 * Which rows a chart has depends on their kind alone, never on who is ahead in them: a reader looks for what he does himself. The
 * tables have all rows.
 * @type {ShownChart[]}
 */
export const charts = [
  {
    name: 'overview',
    title: 'Clients on one connection, at a glance',
    quantity: 'CPU time per message, or per connection opened',
    has: ({ name }) => OVERVIEW.includes(name),
    peers: ['wsimd', 'ws+native', 'ws', 'undici', 'builtin', 'bun', 'deno'],
  },
  {
    name: 'receive',
    title: 'Receiving messages',
    quantity: CPU_PER_MESSAGE,
    has: ({ group, bytes, kind }) =>
      group === 'receive' && SIZES_IN_CHARTS.includes(bytes) && KINDS_IN_CHARTS.includes(kind),
  },
  {
    name: 'send',
    title: 'Sending messages',
    quantity: CPU_PER_MESSAGE,
    has: ({ group, bytes, kind }) =>
      group === 'send' && SIZES_IN_CHARTS.includes(bytes) && KINDS_IN_CHARTS.includes(kind),
  },
  {
    name: 'languages',
    title: 'Receiving and sending text in several languages',
    quantity: CPU_PER_MESSAGE,
    has: ({ group, bytes, kind }) => ['receive', 'send'].includes(group) && bytes === KIB && LANGUAGES.includes(kind),
  },
  {
    name: 'echo',
    title: 'Sending a message and receiving its echo',
    quantity: CPU_PER_MESSAGE,
    has: ({ group, bytes, kind }) => group === 'echo' && [32, KIB, 16 * KIB].includes(bytes) && kind !== 'korean',
  },
  { name: 'fragments', title: 'Receiving fragmented messages', quantity: CPU_PER_MESSAGE, has: inGroup('fragments') },
  {
    name: 'deflate',
    title: 'JSON with permessage-deflate',
    quantity: CPU_PER_MESSAGE,
    has: ({ perMessageDeflate }) => perMessageDeflate?.serverNoContextTakeover === false,
  },
  {
    name: 'tls',
    title: 'Receiving and sending over TLS',
    quantity: CPU_PER_MESSAGE,
    has: ({ group, bytes }) => group === 'tls' && SIZES_OVER_TLS.includes(bytes),
  },
  {
    name: 'connections',
    title: 'Many connections, and opening them',
    quantity: 'CPU time per message, or per connection opened',
    has: ({ group, connections }) =>
      group === 'opening' || (group === 'connections' && [1, 2000].includes(connections)),
  },
  {
    name: 'memory',
    title: 'Memory',
    quantity: 'Memory of a connection, or what a stream adds at its peak',
    has: ({ group, connections }) => group === 'memory' && connections <= 2000,
  },
  {
    name: 'live-heap',
    title: 'Receiving messages in a program with half a million live objects',
    quantity: CPU_PER_MESSAGE,
    has: inGroup('live-heap'),
  },
  { name: 'start', title: 'Starting a process', quantity: 'CPU time of the process', has: inGroup('start') },
  {
    name: 'codec',
    title: 'Decoding and encoding in memory, without a socket',
    quantity: CPU_PER_MESSAGE,
    has: ({ group, bytes, kind }) =>
      group === 'codec' && SIZES_OF_CODEC.includes(bytes) && KINDS_IN_CHARTS.includes(kind),
  },
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

/** @param {Measurement[]} rounds */
function bytesSent(rounds) {
  return rounds.flatMap(({ bytesPerMessage }) => bytesPerMessage ?? []).slice(0, 1);
}

/**
 * @param {Row} row
 * @param {Measurement[]} rounds
 */
function leastAndMost(row, rounds) {
  const figures = rounds.map((round) => figureOf(row, round));
  return rounds.length === 0 ? [] : [Math.min(...figures), Math.max(...figures)];
}
