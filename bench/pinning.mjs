// Which core the client gets and which the source, so that neither takes time from the other. This file must not know what
// runs on them.

import { spawnSync } from 'node:child_process';

/**
 * @typedef {object} Pinning
 * @property {number} sourceCore
 * @property {number} clientCore
 */

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
