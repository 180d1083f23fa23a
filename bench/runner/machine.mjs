// Under what circumstances the figures came about: figures from two machines, or two days, do not compare. This file must not
// know the figures.

/** @import { Pinning } from './pinning.mjs' */
/** @import { Peer } from './peers.mjs' */

import { cpus, loadavg, platform, release } from 'node:os';

/**
 * @param {Peer[]} peers
 * @param {Pinning | undefined} pinning
 */
export function describeMachine(peers, pinning) {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    system: `${platform()} ${release()}`,
    node: process.version,
    versions: Object.fromEntries(peers.map((peer) => [peer.name, peer.versions])),
    pinning: pinning ?? null,
    loadAverage: currentLoad(),
  };
}

export function currentLoad() {
  return loadavg().map((load) => Math.round(load * 100) / 100);
}
