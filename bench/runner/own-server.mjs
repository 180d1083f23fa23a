// A run against a server of the user's own: whether it echoes at all, and then the loads, one client after the other, each in a
// process of its own. It owns what is said when that cannot be done, and must not know the loads, nor how a result is shown.

/** @import { Candidate, Peer } from './peers.mjs' */
/** @import { UrlResult } from './measured/url.mjs' */

import { AsyncTcpConnection } from 'wsimd';
import { connect } from '../clients/wsimd.mjs';
import { echoLoads, SILENCE_SECONDS, WARM_UP_SECONDS } from '../load/echo-loads.mjs';
import { LoadedServer, LoadFault } from '../load/load.mjs';
import { counted, spoken } from './estimate.mjs';
import { HIGH_WATER_MARK } from './measured/traffic.mjs';
import { Process } from './processes.mjs';

/** For what is in flight at the end of a load, and a process's own start. */
const PATIENCE_SECONDS = 60;
/** Of each client, besides its loads. */
const START_SECONDS = 0.3;

/**
 * @typedef {object} UrlRun
 * @property {string} date when it began, as ISO 8601 has it
 * @property {string} url
 * @property {number} seconds of each load
 * @property {string[]} absences a sentence for each client that is not there
 * @property {Record<string, UrlResult[]>} results by client
 * @property {string[]} failures a sentence for each client that did not get to the end
 */

/**
 * @param {{ url: string, candidates: Candidate[], seconds: number, insecure: boolean }} options
 * @returns {Promise<UrlRun | string>} the string: a sentence that says why there is nothing to measure
 */
export async function measureServer({ url, candidates, seconds, insecure }) {
  // For this process and those that it starts: Node and Bun read it, Deno does not.
  if (insecure) process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  const why = await whyNot(url);
  if (why !== undefined) return why;
  const loads = echoLoads(seconds);
  /** @type {UrlRun} */
  const run = { date: new Date().toISOString(), url, seconds, absences: [], results: {}, failures: [] };
  const taking = candidates.flatMap(({ name, find }) => {
    const peer = find();
    const command = typeof peer === 'string' ? undefined : peer.drive?.('url.mjs', url, String(seconds));
    if (typeof peer !== 'string' && command !== undefined) return [{ peer, command }];
    const why = typeof peer === 'string' ? peer : 'it knows no other server than that of the benchmark.';
    run.absences.push(`${name} is left out: ${why}`);
    return [];
  });
  const estimated = taking.length * (START_SECONDS + loads.length * (WARM_UP_SECONDS + seconds));
  console.error(`${loads.length} loads with ${counted(taking.length, 'client')}: about ${spoken(estimated)}`);
  for (const { peer, command } of taking) await measureWith(peer, command, run, loads.length);
  return run;
}

/**
 * @param {Peer} peer
 * @param {string[]} command
 * @param {UrlRun} run
 * @param {number} loads
 */
async function measureWith(peer, command, run, loads) {
  const client = new Process(peer.name, command, undefined, peer.environment);
  /** @type {UrlResult[]} */
  const results = [];
  run.results[peer.name] = results;
  try {
    while (results.length < loads) {
      const answer = JSON.parse(await client.readLine(PATIENCE_SECONDS + run.seconds));
      if ('failure' in answer) throw new Error(`${peer.name}: ${answer.failure}`);
      results.push(answer);
    }
    await client.stop();
  } catch (error) {
    run.failures.push(/** @type {Error} */ (error).message);
    client.kill();
  }
}

/**
 * With this library, which says what is wrong: each message of the loads once, compared whole.
 * @param {string} url
 * @returns {Promise<string | undefined>} a sentence; undefined: the server echoes
 */
async function whyNot(url) {
  const server = new LoadedServer((handlers) => connect(url, handlers, HIGH_WATER_MARK), SILENCE_SECONDS);
  try {
    for (const { payload } of echoLoads(0)) await server.check(payload);
    return undefined;
  } catch (error) {
    if (!(error instanceof LoadFault)) throw error;
    return sentenceOf(url, error);
  } finally {
    await server.close();
  }
}

/**
 * @param {string} url
 * @param {LoadFault} fault
 */
function sentenceOf(url, { kind, message }) {
  // The client puts the number of the kind in front of what this library says.
  const [, number, words = message] = /^(\d+): (.*)$/s.exec(message) ?? [];
  if (Number(number) === AsyncTcpConnection.HANDSHAKE_FAIL) return `There is no WebSocket server at ${url}: ${words}`;
  return kind === 'refused' ? `There is no connection to ${url}: ${words}` : `${url}: ${words}`;
}
