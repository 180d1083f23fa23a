// The rows of the benchmark, as data. This file owns what is measured (direction, kind of payload, size, how many messages
// are in flight) and must not know who is measured, how, or how long: the client finds the number of messages by itself.

/** @typedef {'receive' | 'send' | 'echo'} Direction as the client sees it */
/** @typedef {'text' | 'korean' | 'binary'} Kind */

/**
 * @typedef {object} Row
 * @property {string} name also the path of the URL under which the source serves the row
 * @property {Direction} direction
 * @property {Kind} kind
 * @property {number} bytes of one payload, in UTF-8
 * @property {number} inFlight messages sent and not yet answered, at most; without limit in rows that are not echoed
 */

const KIB = 1024;

/** @type {Direction[]} */
const DIRECTIONS = ['receive', 'send', 'echo'];

/** @type {Kind[]} */
const KINDS = ['text', 'korean', 'binary'];

const SIZES = [
  { label: '16', bytes: 16, inFlight: 16 },
  { label: '1k', bytes: KIB, inFlight: 16 },
  { label: '16k', bytes: 16 * KIB, inFlight: 16 },
  { label: '1m', bytes: KIB * KIB, inFlight: 4 },
];

/** @type {Row[]} */
export const rows = [
  ...DIRECTIONS.flatMap((direction) =>
    SIZES.flatMap(({ label, bytes, inFlight }) =>
      KINDS.map((kind) => ({
        name: `${direction}-${label}-${kind}`,
        direction,
        kind,
        bytes,
        inFlight: direction === 'echo' ? inFlight : Number.POSITIVE_INFINITY,
      })),
    ),
  ),
  { name: 'echo-32-text-1-in-flight', direction: 'echo', kind: 'text', bytes: 32, inFlight: 1 },
  { name: 'echo-32-text-100-in-flight', direction: 'echo', kind: 'text', bytes: 32, inFlight: 100 },
];

/**
 * @param {string} name
 * @returns {Row}
 */
export function rowByName(name) {
  const row = rows.find((candidate) => candidate.name === name);
  if (row === undefined) throw new Error(`no row is called ${JSON.stringify(name)}`);
  return row;
}
