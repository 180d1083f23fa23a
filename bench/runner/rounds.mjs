// One row, all peers that take part in it, all rounds. This file owns who takes turns and when, and must not know the command
// line or what is made of the measurements.
//
// Each peer gets a process of its own for the whole row, so that it is warm when it is measured and its start is not paid for
// in every round. Only one is at work at a time: A B C A B C …, so that what slows the machine for a while slows all alike.

/** @import { Pinning } from './pinning.mjs' */
/** @import { Peer } from './peers.mjs' */
/** @import { Row } from '../rows.mjs' */
/** @import { Rounds } from '../report/summary.mjs' */
/** @import { Measurement } from './measured/traffic.mjs' */
/** @import { Environment, Workspace } from './workspace.mjs' */

import { fileURLToPath } from 'node:url';
import { sourceCoreFor } from './pinning.mjs';
import { Process } from './processes.mjs';

/** For a start, verification and warm-up of the slowest client on a slow machine, with ten thousand connections. */
const START_SECONDS = 180;
/** A round may take this many times as long as it should, for its length is estimated from the one before. */
const PATIENCE = 20;

/**
 * @typedef {object} Plan
 * @property {Peer[]} peers
 * @property {number} rounds
 * @property {number} seconds
 * @property {Pinning | undefined} pinning
 * @property {Workspace} workspace
 * @property {() => void} onStep after each start and each measurement, taken or failed
 * @property {(complaint: string) => void} onFailure of one process; it takes no further part in the row
 */

/**
 * @param {Row} row
 * @param {Pick<Plan, 'peers' | 'rounds'>} plan
 * @returns {number} how often the row calls `onStep`
 */
export function stepsOf(row, { peers, rounds }) {
  return participants(row, peers, '').length * (1 + rounds);
}

/**
 * @param {Row} row
 * @param {Plan} plan
 * @returns {Promise<Rounds>}
 */
export async function runRounds(row, plan) {
  const environments = await plan.workspace.environments(row);
  const source = startSource(row, plan, environments.source);
  const target = source === undefined ? row.name : await urlOf(row, source);

  /** @type {Map<string, { client: Process, measurements: Measurement[], notes: Partial<Measurement> }>} */
  const running = new Map();
  const taking = participants(row, plan.peers, target);
  for (const { peer, command } of taking) {
    const environment = { ...environments.client, ...peer.environment };
    const client = new Process(peer.name, command, plan.pinning?.clientCore, environment);
    const notes = {};
    running.set(peer.name, { client, measurements: [], notes });
    await attempt(peer.name, client, 1 + plan.rounds, async () => {
      await client.readLine(START_SECONDS);
      if (row.perMessageDeflate && source) Object.assign(notes, await notesOf(source));
    });
  }
  for (let round = 0; round < plan.rounds; round++) {
    for (const [name, { client, measurements, notes }] of running) {
      await attempt(name, client, plan.rounds - round, async () => {
        client.writeLine(String(plan.seconds));
        const measurement = JSON.parse(await client.readLine(START_SECONDS + plan.seconds * PATIENCE));
        measurements.push({ ...measurement, ...notes });
      });
    }
  }
  for (const [name, { client }] of running) await attempt(name, client, 0, () => client.stop());
  if (source !== undefined) await attempt('', source, 0, () => source.stop());
  return Object.fromEntries(taking.map(({ peer: { name } }) => [name, running.get(name)?.measurements ?? []]));

  /**
   * @param {string} name of the peer, which takes no further part in the row when the step fails
   * @param {Process} participant
   * @param {number} stepsLeft of the peer, this one included: those that a failure leaves out are counted at once
   * @param {() => Promise<unknown>} step
   */
  async function attempt(name, participant, stepsLeft, step) {
    let stepsDone = Math.min(stepsLeft, 1);
    try {
      await step();
    } catch (error) {
      plan.onFailure(`${row.name}, ${/** @type {Error} */ (error).message}`);
      participant.kill();
      running.delete(name);
      stepsDone = stepsLeft;
    }
    for (let count = 0; count < stepsDone; count++) plan.onStep();
  }
}

/**
 * @param {Row} row
 * @param {Peer[]} peers
 * @param {string} target
 * @returns {{ peer: Peer, command: string[] }[]}
 */
function participants(row, peers, target) {
  return peers.flatMap((peer) => {
    const command = peer.command(row, target);
    return command === undefined ? [] : [{ peer, command }];
  });
}

/**
 * @param {Row} row
 * @param {Plan} plan
 * @param {Environment} environment
 * @returns {Process | undefined} undefined: the row has no other end
 */
function startSource(row, { pinning }, environment) {
  if (row.source === undefined) return undefined;
  const program = fileURLToPath(new URL(`../source/${row.source}`, import.meta.url));
  return new Process('the source', [process.execPath, program], pinning && sourceCoreFor(pinning, row), environment);
}

/**
 * What the source has seen of the client that connected last, and the client itself does not know.
 * @param {Process} source
 * @returns {Promise<Partial<Measurement>>}
 */
async function notesOf(source) {
  source.writeLine('');
  return JSON.parse(await source.readLine(START_SECONDS));
}

/**
 * @param {Row} row
 * @param {Process} source that has just been started
 */
async function urlOf(row, source) {
  const { port, securePort } = JSON.parse(await source.readLine(START_SECONDS));
  return row.secure ? `wss://127.0.0.1:${securePort}/${row.name}` : `ws://127.0.0.1:${port}/${row.name}`;
}
