// Pipelined echoes for a few seconds: a thousand messages are always under way, and each echo lets the next one go, which
// is all the back-pressure there is to it. This file owns the messages, the comparison and the figures; it takes over
// onMessage of a connection that is open.

/** @import { AsyncTcpConnection } from 'wsimd' */
/** @import { LiveLine } from './live-line.mjs' */

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

export const IN_FLIGHT = 1000;
export const MESSAGE_BYTES = 32;

/** Different messages, sent in turn: more than are under way, so that one lost, doubled or out of order shows. */
const VARIANTS = 1024;

/** For the echoes that are under way at the end. */
const DEADLINE_SECONDS = 10;

/**
 * @typedef {object} Moment
 * @property {number} sent
 * @property {number} received
 * @property {number} cpu microseconds of CPU, user and system, that this process has taken
 * @property {number} wall milliseconds on the clock
 */

export class Throughput {
  #connection;
  #messages = Array.from({ length: VARIANTS }, () => randomBytes(MESSAGE_BYTES / 2).toString('hex'));
  #sent = 0;
  #received = 0;
  #isOver = false;
  #complaint = '';

  /** @param {AsyncTcpConnection} connection */
  constructor(connection) {
    this.#connection = connection;
  }

  /**
   * @param {number} seconds
   * @param {LiveLine} line
   * @returns {Promise<Figures>} of all of it
   * @throws when an echo is wrong or missing
   */
  async run(seconds, line) {
    this.#connection.onMessage = (_connection, data) => this.#onEcho(data);
    const start = this.#now();
    for (let i = 0; i < IN_FLIGHT; i++) this.#send();
    let last = start;
    for (let rounds = Math.round(seconds / line.seconds); rounds > 0; rounds--) {
      await sleep(line.seconds * 1000);
      const now = this.#now();
      line.show(String(new Figures(last, now)));
      last = now;
      this.#check();
    }
    this.#isOver = true;
    await this.#lastEcho();
    line.end();
    return new Figures(start, this.#now());
  }

  #send() {
    const message = /** @type {string} */ (this.#messages[this.#sent % VARIANTS]);
    this.#sent++;
    if (this.#connection.send(message) === false) this.#complaint ||= `message ${this.#sent} was not accepted.`;
  }

  /** @param {string | Uint8Array} data */
  #onEcho(data) {
    if (data !== this.#messages[this.#received % VARIANTS]) {
      this.#complaint ||= `echo ${this.#received + 1} differs from what was sent.`;
    }
    this.#received++;
    if (!this.#isOver) this.#send();
  }

  async #lastEcho() {
    const deadline = performance.now() + DEADLINE_SECONDS * 1000;
    while (this.#received < this.#sent && performance.now() < deadline) await sleep(1);
    if (this.#received !== this.#sent) this.#complaint ||= `${this.#received} of ${this.#sent} echoes came back.`;
    this.#check();
  }

  #check() {
    if (this.#complaint !== '') throw new Error(this.#complaint);
  }

  /** @returns {Moment} */
  #now() {
    const { user, system } = process.cpuUsage();
    return { sent: this.#sent, received: this.#received, cpu: user + system, wall: performance.now() };
  }
}

/** What happened between two moments. A message counts when its echo is back. */
export class Figures {
  /**
   * @param {Moment} from
   * @param {Moment} to
   */
  constructor(from, to) {
    const seconds = (to.wall - from.wall) / 1000;
    const megabytes = MESSAGE_BYTES / 1e6;
    this.messages = to.received - from.received;
    this.messagesPerSecond = this.messages / seconds;
    this.megabytesOutPerSecond = ((to.sent - from.sent) * megabytes) / seconds;
    this.megabytesInPerSecond = (this.messages * megabytes) / seconds;
    this.cpuPerMessage = (to.cpu - from.cpu) / this.messages;
    /** Share of one core. */
    this.busy = (to.cpu - from.cpu) / (seconds * 1e6);
  }

  toString() {
    const rate = grouped(this.messagesPerSecond).padStart(7);
    const out = this.megabytesOutPerSecond.toFixed(1).padStart(4);
    const back = this.megabytesInPerSecond.toFixed(1).padStart(4);
    return `${rate} messages/s   → ${out} MB/s   ← ${back} MB/s   ${this.cpuPerMessage.toFixed(2)} µs CPU per message`;
  }
}

/** @param {number} value */
export function grouped(value) {
  return Math.round(value).toLocaleString('en');
}
