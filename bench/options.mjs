// The command line of `npm run bench`: what it may say, and what it says wrong. This file must not know how anything it asks
// for is done.

/** @import { Row } from './rows.mjs' */
/** @import { Candidate } from './runner/peers.mjs' */

import { parseArgs } from 'node:util';
import { rows as allRows } from './rows.mjs';
import { candidates, onOtherRuntimes } from './runner/peers.mjs';

/**
 * @typedef {object} Options
 * @property {Row[]} rows
 * @property {Candidate[]} candidates
 * @property {number} rounds
 * @property {number} seconds
 * @property {string | undefined} json
 * @property {string | undefined} charts
 * @property {string[]} from
 * @property {string | undefined} url of a server of the user's own, which is measured instead of rows
 * @property {boolean} insecure
 */

/** The default of `--runtimes`. */
const SMALL_ROWS = allRows
  .filter(({ group, bytes }) => (group === 'receive' || group === 'send') && bytes <= 1024)
  .map(({ name }) => name)
  .join();

/** The rows that show which way a change goes, and what measures them in less than two minutes. */
export const QUICK = {
  rows: [
    ...['receive-16-text', 'receive-200-russian', 'receive-1k-text', 'receive-1k-binary', 'receive-16k-binary'],
    ...['receive-1m-text', 'send-16-text', 'send-200-text', 'send-1k-korean', 'send-1k-binary'],
    ...['echo-32-text-1-in-flight', 'echo-32-text-100-in-flight', 'tls-receive-16-text', 'receive-200-json-deflate'],
    ...['opening-ws', 'memory-idle-2000', 'live-heap-1k-text'],
  ].join(),
  peers: 'wsimd,ws,floor',
  rounds: '3',
  seconds: '0.1',
};
const USUAL = { rounds: '5', seconds: '0.2' };
/** Of each load on a server of the user's own. */
const OWN_SERVER = { rounds: '1', seconds: '2', peers: 'wsimd' };
const GO_WITH_URL = ['url', 'insecure', 'peers', 'seconds', 'json'];

const HELP = `npm run bench -- [options]

  --rows a,b       only rows of these groups and of these names, or whose names contain these
  --peers a,b      only these clients; all: also those that are not measured unless they are named
  --runtimes       wsimd on Bun and Deno, beside the WebSocket of each; rows: receive and send, up to 1 KiB
  --quick          ${QUICK.rows.split(',').length} rows that steer, with ${QUICK.peers.replaceAll(',', ', ')}: ${QUICK.rounds} rounds of ${QUICK.seconds} s, less than two minutes in all
  --url ws://…     measure a server of your own, which has to echo: latency with one message in flight, throughput with 100,
                   with ${OWN_SERVER.peers} if --peers names no others, ${OWN_SERVER.seconds} s each if --seconds does not say so
  --insecure       with --url wss://…: take any certificate
  --rounds N       rounds per row, the clients taking turns (${USUAL.rounds})
  --seconds S      measured time of one round (${USUAL.seconds})
  --json FILE      write all measurements there
  --charts DIR     write charts (SVG) there, relative to ws, and a page with all figures
  --from FILE      measure nothing: tables and charts again from what --json wrote. May be given several times; of a row
                   and client that several files have, the last counts
  --help

Groups, and their rows:
${listOfRows()}

Clients: ${namesOf(candidates.filter(({ byDefault }) => byDefault))}
  only when named: ${namesOf(candidates.filter(({ byDefault }) => !byDefault))}`;

/**
 * Ends the process where there is nothing to be done.
 * @returns {Options}
 */
export function readCommandLine() {
  const values = parse();
  if (values.help) {
    console.log(HELP);
    process.exit();
  }
  const { url, insecure } = values;
  const defaults = url !== undefined ? OWN_SERVER : values.quick ? QUICK : USUAL;
  const { rounds, seconds, peers, rows } = { ...USUAL, ...defaults, ...given(values) };
  const chosen = {
    rows: rowsNamed(rows ?? (values.runtimes ? SMALL_ROWS : '')),
    candidates: values.runtimes ? onOtherRuntimes : candidatesNamed(peers),
    rounds: Number(rounds),
    seconds: Number(seconds),
    json: values.json,
    charts: values.charts,
    from: values.from,
    url,
    insecure,
  };
  if (url === undefined && insecure) refuse('--insecure is of use with --url only');
  if (url !== undefined) checkUrl(url, values);
  if (chosen.rows.length === 0) refuse(`no such row: ${rows}`);
  if (!Number.isInteger(chosen.rounds) || chosen.rounds < 1) refuse(`--rounds ${rounds}`);
  if (!(chosen.seconds > 0)) refuse(`--seconds ${seconds}`);
  if (chosen.from.length > 0 && chosen.json !== undefined) refuse('--from measures nothing that --json could write');
  return chosen;
}

function parse() {
  try {
    return parseArgs({
      options: {
        rows: { type: 'string' },
        peers: { type: 'string' },
        runtimes: { type: 'boolean', default: false },
        url: { type: 'string' },
        insecure: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        json: { type: 'string' },
        charts: { type: 'string' },
        from: { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    // What a user can get wrong here, Node calls a TypeError.
    if (error instanceof TypeError) refuse(error.message);
    throw error;
  }
}

/**
 * @param {string} url
 * @param {Record<string, unknown>} values of the command line
 */
function checkUrl(url, values) {
  if (!URL.canParse(url) || !/^wss?:$/.test(new URL(url).protocol)) refuse(`no ws:// or wss:// URL: ${url}`);
  const others = Object.entries(values)
    .filter(([name, value]) => !GO_WITH_URL.includes(name) && value !== undefined && value !== false)
    .filter(([, value]) => !Array.isArray(value) || value.length > 0)
    .map(([name]) => `--${name}`);
  if (others.length > 0) refuse(`--url does not go with ${others.join(', ')}`);
}

/**
 * @param {{ rows?: string | undefined, peers?: string | undefined, rounds?: string | undefined, seconds?: string | undefined }} values
 * @returns {{ rows?: string, peers?: string, rounds?: string, seconds?: string }} those that the command line has
 */
function given({ rows, peers, rounds, seconds }) {
  const named = Object.entries({ rows, peers, rounds, seconds }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(named);
}

/**
 * @param {string} list
 * @returns {Row[]}
 */
function rowsNamed(list) {
  const names = new Set(allRows.flatMap(({ name, group }) => [name, group]));
  return allRows.filter(({ name, group }) =>
    list.split(',').some((part) => (names.has(part) ? part === name || part === group : name.includes(part))),
  );
}

/**
 * @param {string | undefined} list
 * @returns {Candidate[]}
 */
function candidatesNamed(list) {
  if (list === undefined) return candidates.filter(({ byDefault }) => byDefault);
  if (list === 'all') return candidates;
  const names = list.split(',');
  const unknown = names.filter((name) => !candidates.some((candidate) => candidate.name === name));
  if (unknown.length > 0) refuse(`no such client: ${unknown}`);
  return candidates.filter(({ name }) => names.includes(name));
}

function listOfRows() {
  const groups = [...new Set(allRows.map((row) => row.group))];
  return groups.map((group) => `  ${group}: ${namesOf(allRows.filter((row) => row.group === group))}`).join('\n');
}

/** @param {{ name: string }[]} some */
function namesOf(some) {
  return some.map(({ name }) => name).join(' ');
}

/**
 * @param {string} why
 * @returns {never}
 */
function refuse(why) {
  console.error(`${why}\n\n${HELP}`);
  process.exit(2);
}
