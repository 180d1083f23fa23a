// Who is measured: each peer is a command that runs one row, and the packages whose versions belong beside its figures. This
// file must not know rows or processes. A peer that is no Node program brings its own command, which does what client.mjs says.

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Peer
 * @property {string} name
 * @property {string[]} command completed with the URL
 * @property {Record<string, string | undefined>} environment undefined: removed from what is inherited
 * @property {string[]} packages
 */

/** The peer that the others are compared with. */
export const SUBJECT = 'wsimd';

const CLIENT = fileURLToPath(new URL('client.mjs', import.meta.url));

/** @type {Peer[]} */
export const peers = [
  {
    name: SUBJECT,
    command: [process.execPath, CLIENT, 'wsimd'],
    environment: {},
    packages: ['wsimd'],
  },
  {
    // Which add-on is called is the choice of ws: on a Node that checks UTF-8 or masks by itself, it calls Node instead.
    name: 'ws+native',
    command: [process.execPath, CLIENT, 'ws'],
    environment: { WS_NO_BUFFER_UTIL: undefined, WS_NO_UTF_8_VALIDATE: undefined },
    packages: ['ws', 'bufferutil', 'utf-8-validate'],
  },
  {
    name: 'ws',
    command: [process.execPath, CLIENT, 'ws'],
    environment: { WS_NO_BUFFER_UTIL: '1', WS_NO_UTF_8_VALIDATE: '1' },
    packages: ['ws'],
  },
];

/**
 * @param {Peer} peer
 * @returns {string} such as `ws 8.23.0, bufferutil 4.1.0`
 */
export function versionsOf(peer) {
  const require = createRequire(import.meta.url);
  return peer.packages.map((name) => `${name} ${require(`${name}/package.json`).version}`).join(', ');
}
