// The rows of the benchmark, as data. This file owns what is measured (which programs meet, over what, direction, kind of
// payload, sizes, how many messages are in flight, how many connections) and must not know who is measured, how, or how
// long: the client finds the number of messages by itself.

/**
 * @typedef {'receive' | 'send' | 'echo' | 'tls' | 'fragments' | 'connections' | 'opening' | 'memory' | 'codec' | 'deflate'} Group
 */
/** @typedef {'receive' | 'send' | 'echo'} Direction as the client sees it; of a codec, decoding and encoding */
/** @typedef {'text' | 'korean' | 'binary' | 'json'} Kind */
/** @typedef {'µs of CPU per message' | 'µs of CPU per connection' | 'KiB per idle connection' | 'MiB of peak growth'} Unit */

/**
 * By the names that ws has for them.
 * @typedef {object} Deflate
 * @property {boolean} serverNoContextTakeover
 * @property {boolean} clientNoContextTakeover
 * @property {number} threshold bytes from which on messages are compressed
 */

/**
 * @typedef {object} Row
 * @property {string} name also the path of the URL under which the source serves the row
 * @property {Group} group
 * @property {'source.mjs' | 'crowd-source.mjs' | undefined} source the program at the other end; codecs have none
 * @property {'client.mjs' | 'crowd.mjs' | 'peak.mjs' | 'codec.mjs'} client the program that is measured
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

const SIZES = [
  { label: '16', bytes: 16, inFlight: 16 },
  { label: '1k', bytes: KIB, inFlight: 16 },
  { label: '16k', bytes: 16 * KIB, inFlight: 16 },
  { label: '64k', bytes: 64 * KIB, inFlight: 16 },
  { label: '1m', bytes: KIB * KIB, inFlight: 4 },
];
const LARGEST_OVER_TLS = 16 * KIB;

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
};

/** @type {Row[]} */
const traffic = DIRECTIONS.flatMap((direction) =>
  SIZES.flatMap(({ label, bytes, inFlight }) =>
    KINDS.map((kind) => ({
      ...ORDINARY,
      name: `${direction}-${label}-${kind}`,
      group: direction,
      direction,
      kind,
      bytes,
      inFlight: direction === 'echo' ? inFlight : ORDINARY.inFlight,
    })),
  ),
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

/** @type {Row[]} */
const codecs = ONE_WAY.flatMap((direction) =>
  SIZES.flatMap(({ label, bytes }) =>
    KINDS.map((kind) => ({
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
  ...codecs,
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
