// Which core the client gets and which the source. This file must not know what runs on them.
//
// Where bytes flow one way, each has a core of its own, so that neither takes time from the other. Where messages are echoed,
// the two take turns, and share a core: on two, each turn begins with waking a core that sleeps, which on a virtual machine
// costs more than a hundred small messages, is charged to whoever writes, and varied by 40 % from round to round.

import { spawnSync } from 'node:child_process';

/**
 * @typedef {object} Pinning
 * @property {number} sourceCore
 * @property {number} clientCore
 */

/** @import { Row } from '../rows.mjs' */

/**
 * @param {Pinning} pinning
 * @param {Row} row
 * @returns {number}
 */
export function sourceCoreFor(pinning, row) {
  return row.direction === 'echo' ? pinning.clientCore : pinning.sourceCore;
}

/**
 * @returns {Pinning | undefined} undefined where there is no `taskset` or only one core
 */
export function choosePinning() {
  // Not the numbers from 0: a container may own any cores of its machine. taskset prints "…: 0,3-5".
  const { status, stdout } = spawnSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' });
  if (status !== 0) return undefined;
  const cores = stdout.slice(stdout.lastIndexOf(':') + 1).match(/\d+/g) ?? [];
  const sourceCore = Number(cores.at(0));
  const clientCore = Number(cores.at(-1));
  return cores.length > 1 ? { sourceCore, clientCore } : undefined;
}
