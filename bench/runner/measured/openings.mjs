// The rows that count connection set-ups, from the client's side: what a measurement is. It must not know which library it
// drives, nor how one connection is opened.
//
// A set-up is what it takes from a URL to an open connection and back: TCP, TLS in the secure row, the upgrade, and the
// closing handshake as soon as the connection is open. A session that a library resumes is one that its users' would resume
// too. The source closes TCP first: see crowd-source.mjs for why ports do not run out.

/** @import { CrowdConnections } from './crowd-connections.mjs' */
/** @import { Measurement } from './traffic.mjs' */

import process from 'node:process';

const WARM_UP_SECONDS = 2;

export class Openings {
  #connections;

  /** @param {CrowdConnections} connections */
  constructor(connections) {
    this.#connections = connections;
  }

  async warmUp() {
    await this.measure(WARM_UP_SECONDS);
  }

  /**
   * Until the last of those that were begun in this time has ended.
   * @param {number} seconds
   * @returns {Promise<Measurement>}
   */
  async measure(seconds) {
    const wallAtStart = performance.now();
    const cpuAtStart = process.cpuUsage();
    const end = wallAtStart + seconds * 1000;
    const messages = await this.#connections.openAndCloseWhile(() => performance.now() < end);
    const { user, system } = process.cpuUsage(cpuAtStart);
    const wallMicroseconds = (performance.now() - wallAtStart) * 1000;
    return { messages, userMicroseconds: user, systemMicroseconds: system, wallMicroseconds };
  }
}
