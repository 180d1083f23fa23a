// One row, all peers, all rounds. This file owns who takes turns and when, and must not know the command line or what is made
// of the measurements.
//
// Each peer gets a process of its own for the whole row, so that it is warm when it is measured and its start is not paid for
// in every round. Only one is at work at a time: A B C A B C …, so that what slows the machine for a while slows all alike.

/** @import { Pinning } from './pinning.mjs' */
/** @import { Peer } from './peers.mjs' */
/** @import { Row } from './rows.mjs' */
/** @import { Measurement } from './traffic.mjs' */

import { fileURLToPath } from 'node:url';
import { sourceCoreFor } from './pinning.mjs';
import { Process } from './processes.mjs';

const SOURCE = fileURLToPath(new URL('source.mjs', import.meta.url));

/** For a start, and for verification and warm-up of the slowest client on a slow machine. */
const START_SECONDS = 60;
/** A round may take this many times as long as it should, for its length is estimated from the one before. */
const PATIENCE = 20;

/**
 * @typedef {object} Plan
 * @property {Peer[]} peers
 * @property {number} rounds
 * @property {number} seconds
 * @property {Pinning | undefined} pinning
 * @property {() => void} onRun after each measurement, taken or failed
 * @property {(complaint: string) => void} onFailure of one process; it takes no further part in the row
 */

/**
 * @param {Row} row
 * @param {Plan} plan
 * @returns {Promise<Record<string, Measurement[]>>} by name, of the peers that did not fail
 */
export async function runRounds(row, plan) {
  const sourceCore = plan.pinning && sourceCoreFor(plan.pinning, row);
  const source = new Process('the source', [process.execPath, SOURCE], sourceCore, {});
  const { port } = JSON.parse(await source.readLine(START_SECONDS));
  const url = `ws://127.0.0.1:${port}/${row.name}`;

  /** @type {Map<Peer, { client: Process, measurements: Measurement[] }>} */
  const running = new Map();
  for (const peer of plan.peers) {
    const client = new Process(peer.name, [...peer.command, url], plan.pinning?.clientCore, peer.environment);
    running.set(peer, { client, measurements: [] });
    await attempt(client, () => client.readLine(START_SECONDS));
  }
  for (let round = 0; round < plan.rounds; round++) {
    for (const { client, measurements } of running.values()) {
      await attempt(client, async () => {
        client.writeLine(String(plan.seconds));
        measurements.push(JSON.parse(await client.readLine(START_SECONDS + plan.seconds * PATIENCE)));
      });
      plan.onRun();
    }
  }
  for (const { client } of running.values()) await attempt(client, () => client.stop());
  await attempt(source, () => source.stop());
  return Object.fromEntries([...running].map(([peer, { measurements }]) => [peer.name, measurements]));

  /**
   * @param {Process} participant the row goes on without it when the step fails
   * @param {() => Promise<unknown>} step
   */
  async function attempt(participant, step) {
    try {
      await step();
    } catch (error) {
      plan.onFailure(`${row.name}, ${/** @type {Error} */ (error).message}`);
      participant.kill();
      for (const [peer, { client }] of running) if (client === participant) running.delete(peer);
    }
  }
}
