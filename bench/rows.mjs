// The rows of the benchmark, as data. This file owns what is measured (which programs meet, over what, direction, kind of
// payload, sizes, how many messages are in flight, how many connections) and must not know who is measured, how, or how
// long: the client finds the number of messages by itself.

/**
 * @typedef {'receive' | 'send' | 'echo' | 'tls' | 'fragments' | 'connections' | 'opening' | 'memory' | 'codec' | 'deflate'
 *   | 'live-heap' | 'start'} Group
 */
/** @typedef {'receive' | 'send' | 'echo'} Direction as the client sees it; of a codec, decoding and encoding */
/** @typedef {'text' | 'korean' | 'russian' | 'french' | 'emoji' | 'binary' | 'json'} Kind */
/**
 * @typedef {'µs of CPU per message' | 'µs of CPU per connection' | 'KiB per idle connection'
 *   | 'KiB of heap per idle connection' | 'MiB of peak growth' | 'ms of CPU per process'} Unit
 */

/**
 * By the names that ws has for them.
 * @typedef {object} Deflate
 * @property {boolean} serverNoContextTakeover
 * @property {boolean} clientNoContextTakeover
 * @property {number} threshold bytes from which on messages are compressed
 */

/** @typedef {'client.mjs' | 'live-heap.mjs' | 'crowd.mjs' | 'peak.mjs' | 'start.mjs' | 'codec.mjs'} Program in measured/ */

/**
 * @typedef {object} Row
 * @property {string} name also the path of the URL under which the source serves the row
 * @property {Group} group
 * @property {'source.mjs' | 'crowd-source.mjs' | undefined} source the program at the other end; codecs have none
 * @property {Program} client the program that is measured
 * @property {Unit} unit
 * @property {Direction} direction
 * @property {Kind} kind
 * @property {number} bytes of one payload, in UTF-8
 * @property {number} inFlight messages sent and not yet answered, at most; without limit in rows that are not echoed
 * @property {boolean} secure over TLS
 * @property {Deflate | undefined} perMessageDeflate what the two ends agree on (RFC 7692); undefined: nothing is compressed
 * @property {number | undefined} fragmentBytes payload of each frame of a message; undefined: a message is one frame
 * @property {number} connections that are open at the same time
 * @property {number} perRead messages that each connection gets in one write of the source
 * @property {number} fewestSeconds a round measures for so long at least, whatever the command line says
 */

const KIB = 1024;

/** @type {Direction[]} */
const DIRECTIONS = ['receive', 'send', 'echo'];
/** @type {Direction[]} */
const ONE_WAY = ['receive', 'send'];

/** @type {Kind[]} */
const KINDS = ['text', 'korean', 'binary'];
/** @type {Kind[]} */
const PLAIN_KINDS = ['text', 'binary'];
/** @type {Kind[]} */
const SHORT_TEXTS = ['text', 'korean'];
/**
 * Characters of two bytes nearly throughout, of two bytes now and then, and of four bytes now and then: Korean has those of three.
 * @type {Kind[]}
 */
const LANGUAGES = ['russian', 'french', 'emoji'];

const SIZES = ['16', '1k', '16k', '64k', '1m'].map(sized);
const LARGEST_OVER_TLS = 16 * KIB;

/**
 * The other rows that receive or send: what small messages are about (their text), and how text goes from a size that fits into
 * a cache to one that does not.
 */
const OTHERS = [
  { label: '64', directions: ONE_WAY, kinds: SHORT_TEXTS },
  { label: '200', directions: ONE_WAY, kinds: [...SHORT_TEXTS, ...LANGUAGES] },
  { label: '1k', directions: ONE_WAY, kinds: LANGUAGES },
  { label: '64k', directions: ONE_WAY.slice(0, 1), kinds: LANGUAGES },
  ...['256k', '512k', '768k'].map((label) => ({
    label,
    directions: ONE_WAY.slice(0, 1),
    kinds: PLAIN_KINDS.slice(0, 1),
  })),
];

/** What is not said otherwise: one connection, plain text messages over TCP, received as fast as they come. */
const ORDINARY = {
  source: /** @type {const} */ ('source.mjs'),
  client: /** @type {const} */ ('client.mjs'),
  unit: /** @type {const} */ ('µs of CPU per message'),
  direction: /** @type {const} */ ('receive'),
  kind: /** @type {const} */ ('text'),
  bytes: 32,
  inFlight: Number.POSITIVE_INFINITY,
  secure: false,
  perMessageDeflate: undefined,
  fragmentBytes: undefined,
  connections: 1,
  perRead: 1,
  fewestSeconds: 0,
};

/** @type {Row[]} */
const traffic = DIRECTIONS.flatMap((direction) =>
  [
    ...SIZES.flatMap((size) => KINDS.map((kind) => ({ size, kind }))),
    ...OTHERS.filter(({ directions }) => directions.includes(direction)).flatMap(({ label, kinds }) =>
      kinds.map((kind) => ({ size: sized(label), kind })),
    ),
  ]
    // A stable order: by size, and within a size as above.
    .sort((one, another) => one.size.bytes - another.size.bytes)
    .map(({ size: { label, bytes, inFlight }, kind }) => ({
      ...ORDINARY,
      name: `${direction}-${label}-${kind}`,
      group: direction,
      direction,
      kind,
      bytes,
      inFlight: direction === 'echo' ? inFlight : ORDINARY.inFlight,
    })),
);

/** @type {Row[]} */
const smallEchoes = [1, 100].map((inFlight) => ({
  ...ORDINARY,
  name: `echo-32-text-${inFlight}-in-flight`,
  group: 'echo',
  direction: 'echo',
  inFlight,
}));

/** @type {Row[]} */
const tls = ONE_WAY.flatMap((direction) =>
  SIZES.filter(({ bytes }) => bytes <= LARGEST_OVER_TLS).flatMap(({ label, bytes }) =>
    PLAIN_KINDS.map((kind) => ({
      ...ORDINARY,
      name: `tls-${direction}-${label}-${kind}`,
      group: /** @type {const} */ ('tls'),
      direction,
      kind,
      bytes,
      secure: true,
    })),
  ),
);

/** @type {Row[]} */
const fragments = [
  { label: '1k-in-64', bytes: KIB, fragmentBytes: 64, kinds: PLAIN_KINDS.slice(0, 1) },
  { label: '16k-in-1k', bytes: 16 * KIB, fragmentBytes: KIB, kinds: PLAIN_KINDS },
  { label: '1m-in-64k', bytes: KIB * KIB, fragmentBytes: 64 * KIB, kinds: PLAIN_KINDS },
].flatMap(({ label, bytes, fragmentBytes, kinds }) =>
  kinds.map((kind) => ({
    ...ORDINARY,
    name: `fragments-${label}-${kind}`,
    group: /** @type {const} */ ('fragments'),
    kind,
    bytes,
    fragmentBytes,
  })),
);

const CROWD = {
  ...ORDINARY,
  source: /** @type {const} */ ('crowd-source.mjs'),
  client: /** @type {const} */ ('crowd.mjs'),
};

/** @type {Row[]} */
const crowds = [1, 64].flatMap((perRead) =>
  [1, 100, 2000, 10_000].map((connections) => ({
    ...CROWD,
    name: `connections-${connections}-${perRead}-per-read`,
    group: /** @type {const} */ ('connections'),
    connections,
    perRead,
  })),
);

/** @type {Row[]} */
const openings = ['ws', 'wss'].map((scheme) => ({
  ...CROWD,
  name: `opening-${scheme}`,
  group: 'opening',
  unit: 'µs of CPU per connection',
  secure: scheme === 'wss',
  // Those in flight take up to 0.2 s over TLS; a measurement of one such turn varied by 44 %.
  fewestSeconds: 1,
}));

/** @type {Row[]} */
const memory = [
  ...[2000, 10_000].map((connections) => ({
    ...CROWD,
    name: `memory-idle-${connections}`,
    group: /** @type {const} */ ('memory'),
    unit: /** @type {const} */ ('KiB per idle connection'),
    connections,
  })),
  {
    ...CROWD,
    name: 'memory-idle-heap-2000',
    group: 'memory',
    unit: 'KiB of heap per idle connection',
    connections: 2000,
  },
  ...SIZES.filter(({ label }) => ['64k', '1m'].includes(label)).map(({ label, bytes }) => ({
    ...ORDINARY,
    name: `memory-peak-${label}-binary`,
    group: /** @type {const} */ ('memory'),
    client: /** @type {const} */ ('peak.mjs'),
    unit: /** @type {const} */ ('MiB of peak growth'),
    kind: /** @type {const} */ ('binary'),
    bytes,
  })),
];

// Longer than other rounds, so that a collection of the whole heap is in most of them where there are any, and not in one of five.
/** @type {Row[]} */
const liveHeap = ['1k', '16k', '1m'].map(sized).flatMap(({ label, bytes }) =>
  PLAIN_KINDS.map((kind) => ({
    ...ORDINARY,
    name: `live-heap-${label}-${kind}`,
    group: /** @type {const} */ ('live-heap'),
    client: /** @type {const} */ ('live-heap.mjs'),
    kind,
    bytes,
    fewestSeconds: 0.5,
  })),
);

/** @type {Row[]} */
const starts = [
  { name: 'start-import', source: undefined },
  { name: 'start-first-message', source: CROWD.source },
].map((each) => ({
  ...ORDINARY,
  ...each,
  group: 'start',
  client: 'start.mjs',
  unit: 'ms of CPU per process',
}));

/** @type {Row[]} */
const codecs = ONE_WAY.flatMap((direction) =>
  SIZES.flatMap(({ label, bytes }) =>
    (label === '1k' ? [...KINDS, ...LANGUAGES] : KINDS).map((kind) => ({
      ...ORDINARY,
      name: `codec-${direction === 'receive' ? 'decode' : 'encode'}-${label}-${kind}`,
      group: /** @type {const} */ ('codec'),
      source: undefined,
      client: /** @type {const} */ ('codec.mjs'),
      direction,
      kind,
      bytes,
    })),
  ),
);

// Without a threshold, which most clients have at about 1 KiB where each message is compressed by itself.
/** @type {Row[]} */
const deflate = [
  { suffix: '', isByItself: false },
  { suffix: '-no-context', isByItself: true },
].flatMap(({ suffix, isByItself }) =>
  DIRECTIONS.flatMap((direction) =>
    [
      { label: '200', bytes: 200 },
      { label: '2k', bytes: 2 * KIB },
      { label: '64k', bytes: 64 * KIB },
    ].map(({ label, bytes }) => ({
      ...ORDINARY,
      name: `${direction}-${label}-json-deflate${suffix}`,
      group: /** @type {const} */ ('deflate'),
      direction,
      kind: /** @type {const} */ ('json'),
      bytes,
      inFlight: direction === 'echo' ? 16 : ORDINARY.inFlight,
      perMessageDeflate: { serverNoContextTakeover: isByItself, clientNoContextTakeover: isByItself, threshold: 0 },
    })),
  ),
);

/** @type {Row[]} */
export const rows = [
  ...traffic,
  ...smallEchoes,
  ...tls,
  ...fragments,
  ...deflate,
  ...crowds,
  ...openings,
  ...memory,
  ...liveHeap,
  ...starts,
  ...codecs,
];

/**
 * Whether the row counts what is in use of JavaScript's heap, of all the memory that a process has.
 * @param {Row} row
 */
export function isOfHeap({ unit }) {
  return unit === 'KiB of heap per idle connection';
}

/**
 * @param {string} name
 * @returns {Row}
 */
export function rowByName(name) {
  const row = rows.find((candidate) => candidate.name === name);
  if (row === undefined) throw new Error(`no row is called ${JSON.stringify(name)}`);
  return row;
}

/**
 * @param {string} label such as `200`, `16k` or `1m`
 * @returns {{ label: string, bytes: number, inFlight: number }} `inFlight`: of echoes
 */
function sized(label) {
  const units = /** @type {Record<string, number>} */ ({ k: KIB, m: KIB * KIB });
  const bytes = Number.parseInt(label, 10) * (units[label.slice(-1)] ?? 1);
  return { label, bytes, inFlight: bytes < KIB * KIB ? 16 : 4 };
}
