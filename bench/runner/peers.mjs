// Who is measured: each peer is a command per row, and what belongs beside its figures: whose versions they are. A peer that
// is not there (another runtime, a compiler) says so in one sentence. This file must not know processes or measurements.

/** @import { Row } from '../rows.mjs' */
/** @import { Compiled } from './compiled.mjs' */
/** @import { Runtime } from './runtimes.mjs' */

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { AsyncTcpConnection } from 'wsimd';
import { programOf } from './compiled.mjs';
import { beast, gorilla, libwebsockets } from './native.mjs';
import { findBun, findDeno, findNode, ownRuntime } from './runtimes.mjs';

/**
 * @typedef {object} Peer
 * @property {string} name
 * @property {string} versions such as `ws 8.23.0 on Node 26.10.0`
 * @property {Record<string, string | undefined>} environment undefined: removed from what is inherited
 * @property {(row: Row, target: string) => string[] | undefined} command that runs the row against this URL (codecs: the
 *   row's name); undefined: the peer takes no part in it
 * @property {(program: string, ...words: string[]) => string[] | undefined} [drive] the command that has another program of
 *   measured/ drive this client; undefined: no such program can
 */

/**
 * @typedef {object} Candidate
 * @property {string} name
 * @property {boolean} byDefault
 * @property {boolean} onNode or on the runtime that its name has behind an at sign: it is compared with those there
 * @property {() => Peer | string} find the peer, or a sentence that says why there is none
 */

/** The peer that the others are compared with. */
export const SUBJECT = 'wsimd';

/**
 * What runs on Node, on the one at hand and on others.
 * @typedef {object} Library
 * @property {string} name
 * @property {string[]} packages
 * @property {string | undefined} [client] the file in clients/ that drives it in rows with a connection
 * @property {string} [program] runs rows with a connection instead of the row's own
 * @property {string | undefined} [codec] what codec.mjs calls it
 * @property {(row: Row) => boolean} [takes] some rows only
 * @property {Record<string, string | undefined>} [environment]
 * @property {(runtime: Runtime) => string | undefined} [absence] why it cannot run there
 */

/** @param {Row} row */
function isPlainRow(row) {
  return ['client.mjs', 'live-heap.mjs', 'start.mjs'].includes(row.client) && !row.secure;
}

/**
 * For those that do not offer permessage-deflate, and the floor, which is that of bytes.
 * @param {Row} row
 */
function isUncompressed(row) {
  return row.perMessageDeflate === undefined;
}

/**
 * For those whose permessage-deflate knows no context takeover, in either direction.
 * @param {Row} row
 */
function isWithoutContext({ perMessageDeflate }) {
  return (
    perMessageDeflate === undefined ||
    (perMessageDeflate.serverNoContextTakeover && perMessageDeflate.clientNoContextTakeover)
  );
}

/** @type {Library[]} */
const libraries = [
  { name: SUBJECT, packages: ['wsimd'], client: 'wsimd', codec: 'wsimd' },
  {
    name: 'wsimd-borrow',
    packages: ['wsimd'],
    client: 'wsimd-borrow',
    // Borrowed is only what is received, and only bytes: the other rows would be those of the peer above once more.
    takes: (row) => row.kind === 'binary' && row.direction !== 'send',
    absence: () =>
      'binaryDelivery' in AsyncTcpConnection.prototype ? undefined : 'this build has no property binaryDelivery.',
  },
  {
    name: 'wsimd-level-6',
    packages: ['wsimd'],
    client: 'wsimd-level-6',
    // What is received was compressed by the source, the same for all.
    takes: (row) => row.group === 'deflate' && row.direction === 'send',
  },
  // The other faces, on rows of the callback API's own.
  { name: 'wsimd-ws', packages: ['wsimd'], client: 'wsimd-ws', takes: isPlainRow },
  { name: 'wsimd-web', packages: ['wsimd'], client: 'wsimd-web', takes: isPlainRow },
  {
    // Which add-on is called is the choice of ws: on a Node that checks UTF-8 or masks by itself, it calls Node instead.
    name: 'ws+native',
    packages: ['ws', 'bufferutil', 'utf-8-validate'],
    client: 'ws',
    codec: 'ws',
    environment: { WS_NO_BUFFER_UTIL: undefined, WS_NO_UTF_8_VALIDATE: undefined },
  },
  {
    name: 'ws',
    packages: ['ws'],
    client: 'ws',
    codec: 'ws',
    environment: { WS_NO_BUFFER_UTIL: '1', WS_NO_UTF_8_VALIDATE: '1' },
  },
  { name: 'undici', packages: ['undici'], client: 'undici' },
  {
    name: 'builtin',
    packages: [],
    client: 'builtin',
    absence: (runtime) =>
      runtime === ownRuntime && globalThis.WebSocket === undefined
        ? `${runtime.name} has no WebSocket unless a flag asks for it.`
        : undefined,
  },
];

/**
 * What the others are measured by: a codec as one writes it without WebAssembly, and the least that a row can cost.
 * @type {Library[]}
 */
const yardsticks = [
  { name: 'plain', packages: [], codec: 'plain' },
  {
    name: 'floor',
    packages: [],
    client: 'floor',
    program: 'floor.mjs',
    codec: 'floor',
    takes: (row) => ['codec', 'start'].includes(row.group) || (row.client === 'client.mjs' && isUncompressed(row)),
  },
];

const OTHER_NODES = [
  { major: '22', byDefault: false },
  { major: '24', byDefault: false },
  { major: '26', byDefault: true },
];

/**
 * This library on the runtimes that have a WebSocket of their own, and that one beside it: `npm run bench -- --runtimes`.
 * @type {Candidate[]}
 */
export const onOtherRuntimes = /** @type {const} */ ([
  ['bun', findBun],
  ['deno', findDeno],
]).flatMap(([runtime, find]) =>
  ['wsimd', 'wsimd-web', 'builtin', 'floor'].map((client) => {
    const name = `${client}@${runtime}`;
    const packages = client.startsWith('wsimd') ? ['wsimd'] : [];
    // The other floors are those of Node's sockets.
    const takes = (/** @type {Row} */ row) => client !== 'floor' || row.group === 'start';
    return { name, byDefault: false, onNode: true, find: () => runOn({ name, packages, client, takes }, find()) };
  }),
);

/** @type {Candidate[]} */
export const candidates = [
  ...libraries.flatMap(onEachNode),
  { name: 'bun', byDefault: true, onNode: false, find: () => ownWebSocketOf('bun', findBun()) },
  { name: 'deno', byDefault: true, onNode: false, find: () => ownWebSocketOf('deno', findDeno(), isUncompressed) },
  native('beast', beast),
  // On a socket that reads ahead, which is not part of Beast; without that, each message takes a system call or two.
  native('beast+read-ahead', beast, { environment: { BEAST_READ_AHEAD: '1' } }),
  native('gorilla', gorilla, { takes: isWithoutContext }),
  native('libwebsockets', libwebsockets),
  ...yardsticks.flatMap(onEachNode),
  ...onOtherRuntimes,
];

/**
 * @param {Library} entry
 * @returns {Candidate[]}
 */
function onEachNode(entry) {
  const onOwn = { name: entry.name, byDefault: true, onNode: true, find: () => runOn(entry, ownRuntime) };
  const onOthers = OTHER_NODES.map(({ major, byDefault }) => {
    const name = `${entry.name}@${major}`;
    // What the add-ons are worth is shown on the Node at hand; on the others only the codec goes without them.
    const there = entry.name === 'ws' ? { ...entry, name, client: undefined } : { ...entry, name };
    return { name, byDefault, onNode: true, find: () => runOn(there, findNode(major)) };
  });
  return [onOwn, ...onOthers];
}

/** @param {string} file in measured/ */
function measured(file) {
  return fileURLToPath(new URL(`measured/${file}`, import.meta.url));
}

/**
 * @param {Library} library
 * @param {Runtime | undefined} runtime
 * @returns {Peer | string}
 */
function runOn({ name, packages, client, program, codec, takes, environment = {}, absence }, runtime) {
  if (runtime === undefined) return notInstalled();
  const why = absence?.(runtime);
  if (why !== undefined) return why;
  return {
    name,
    versions: [...packages.map(versionOf), runtime.name].join(', '),
    environment,
    drive: (file, ...words) =>
      client === undefined || client === 'floor' ? undefined : [...runtime.command, measured(file), client, ...words],
    command(row, target) {
      if (takes?.(row) === false) return undefined;
      const subject = row.group === 'codec' ? codec : client;
      if (subject === undefined) return undefined;
      const file = row.client === 'client.mjs' ? (program ?? row.client) : row.client;
      return [...runtime.command, measured(file), subject, target];
    },
  };
}

/**
 * @param {string} name
 * @param {Runtime | undefined} runtime
 * @param {(row: Row) => boolean} [takes]
 * @returns {Peer | string}
 */
function ownWebSocketOf(name, runtime, takes) {
  return runOn({ name, packages: [], client: 'builtin', ...(takes && { takes }) }, runtime);
}

/**
 * @param {string} name
 * @param {Compiled} compiled
 * @param {{ environment?: Record<string, string>, takes?: (row: Row) => boolean }} [differences] `takes`: of the rows with one connection without TLS
 * @returns {Candidate}
 */
function native(name, compiled, { environment = {}, takes = () => true } = {}) {
  return { name, byDefault: true, onNode: false, find };

  /** @returns {Peer | string} */
  function find() {
    const program = programOf(compiled);
    if ('why' in program) return program.why;
    return {
      name,
      versions: program.version,
      environment,
      command: (row, target) =>
        row.client === 'client.mjs' && !row.secure && takes(row)
          ? [program.path, target, JSON.stringify(row)]
          : undefined,
    };
  }
}

function notInstalled() {
  return '`npm run runtimes` would install this runtime.';
}

/** @param {string} name */
function versionOf(name) {
  return `${name} ${createRequire(import.meta.url)(`${name}/package.json`).version}`;
}
