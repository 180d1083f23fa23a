// What a reader calls a row, a client and a unit who has not read this benchmark's sources. The names for the command line are
// those of rows.mjs and peers.mjs. This file must not know figures.

/** @import { Kind, Row, Unit } from '../rows.mjs' */

import { isOfHeap } from '../rows.mjs';

const KIB = 1024;

/** @type {Record<Kind, string>} */
const KINDS = {
  text: 'text',
  korean: 'Korean text',
  russian: 'Russian text',
  french: 'French text',
  emoji: 'text with emoji',
  binary: 'binary',
  json: 'JSON',
};

/** @type {Record<Unit, string>} */
const SHORT_UNITS = {
  'µs of CPU per message': 'µs',
  'µs of CPU per connection': 'µs',
  'KiB per idle connection': 'KiB',
  'KiB of heap per idle connection': 'KiB',
  'MiB of peak growth': 'MiB',
  'ms of CPU per process': 'ms',
};

/** @type {Record<string, string>} */
const LIBRARIES = {
  'wsimd-borrow': 'wsimd, borrowed bytes',
  'wsimd-level-6': 'wsimd, level 6 as ws',
  'wsimd-ws': 'wsimd in place of ws',
  'wsimd-web': 'wsimd/web',
  'ws+native': 'ws',
  ws: 'ws without add-ons',
  bun: 'Bun’s WebSocket',
  deno: 'Deno’s WebSocket',
  beast: 'Boost.Beast (C++)',
  'beast+read-ahead': 'Boost.Beast, reading ahead',
  gorilla: 'gorilla/websocket (Go)',
  libwebsockets: 'libwebsockets (C)',
  plain: 'plain JavaScript',
  floor: 'the bytes alone',
};

/** @type {Record<string, string>} */
const RUNTIMES = { bun: 'Bun', deno: 'Deno' };

/**
 * @param {Row} row
 * @returns {string} such as `receive 16-byte text`
 */
export function rowTitle(row) {
  switch (row.group) {
    case 'connections':
      return `receive ${messageOf(row)} on ${connectionsOf(row)}, ${row.perRead === 1 ? 'one' : row.perRead} at a time`;
    case 'opening':
      return `open a connection and close it${row.secure ? ', over TLS' : ''}`;
    case 'memory':
      if (row.unit === 'MiB of peak growth') return `memory while 1 GiB of ${messageOf(row)} messages arrives`;
      return `${isOfHeap(row) ? 'heap' : 'memory'} of an idle connection, one of ${row.connections.toLocaleString('en')}`;
    case 'live-heap':
      return `receive ${messageOf(row)}, with half a million live objects`;
    case 'start':
      return row.source === undefined ? 'import, and end' : 'import, connect, receive a message, close and end';
    case 'codec':
      return `${row.direction === 'receive' ? 'decode' : 'encode'} ${messageOf(row)}`;
    default:
      return [`${row.direction} ${messageOf(row)}`, ...conditionsOf(row)].join(', ');
  }
}

/** @param {Row} row */
function messageOf({ bytes, kind }) {
  return `${sizeOf(bytes)} ${KINDS[kind]}`;
}

/** @param {number} bytes */
function sizeOf(bytes) {
  if (bytes < KIB) return `${bytes}-byte`;
  return bytes < KIB * KIB ? `${bytes / KIB} KiB` : `${bytes / KIB / KIB} MiB`;
}

/** @param {Row} row */
function connectionsOf({ connections }) {
  return connections === 1 ? '1 connection' : `${connections.toLocaleString('en')} connections`;
}

/** @param {Row} row */
function conditionsOf({ direction, inFlight, secure, fragmentBytes, perMessageDeflate }) {
  return [
    direction === 'echo' ? (inFlight === 1 ? 'one at a time' : `${inFlight} in flight`) : '',
    secure ? 'over TLS' : '',
    fragmentBytes === undefined ? '' : `in ${sizeOf(fragmentBytes)} fragments`,
    perMessageDeflate === undefined ? '' : compressionOf(perMessageDeflate),
  ].filter(Boolean);
}

/** @param {NonNullable<Row['perMessageDeflate']>} perMessageDeflate */
function compressionOf({ serverNoContextTakeover }) {
  return serverNoContextTakeover ? 'compressed each by itself' : 'compressed';
}

/**
 * @param {string} peer such as `ws+native@26`
 * @returns {string} such as `ws on Node 26`
 */
export function peerTitle(peer) {
  const [library = '', runtime] = peer.split('@');
  const place = runtime === undefined ? 'Node' : (RUNTIMES[runtime] ?? `Node ${runtime}`);
  if (library === 'builtin') return `${place}’s WebSocket`;
  const name = LIBRARIES[library] ?? library;
  return runtime === undefined ? name : `${name} on ${place}`;
}

/** @param {Unit} unit */
export function shortUnit(unit) {
  return SHORT_UNITS[unit];
}
