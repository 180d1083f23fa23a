// One case on a line of its own: the server at its far end, the client at its near one, and what is told.

import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { FAR, Line } from './line.mjs';

/**
 * @typedef {object} Told
 * @property {string} event
 * @property {number} at milliseconds of the machine's clock
 * @property {number} [code]
 * @property {string} [message]
 * @property {boolean} [isDead] whether it is the heartbeat's verdict
 * @property {string | number} [data]
 * @property {number} [latency] seconds
 * @property {boolean} [wasClean]
 * @property {boolean} [willReconnect]
 */

/** Milliseconds that an event may take: none is as late, however slow the machine. */
const PATIENCE = 60_000;

const pathOf = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));

/** @returns {number} the same clock that the client's events have */
export const now = () => performance.timeOrigin + performance.now();

export class Play {
  /** All that was told. @type {Told[]} */
  told = [];
  #seen = 0;
  /** @type {(() => void) | undefined} */
  #wake;

  /** @param {Line} line */
  constructor(line) {
    this.line = line;
  }

  /** Starts both ends. @param {object} settings of the client's connection */
  async open(settings) {
    this.server = this.line.node('far', pathOf('server.mjs'), FAR);
    const [{ port }] = await /** @type {Promise<any[]>} */ (once(this.server, 'message'));
    this.client = this.line.node('near', pathOf('client.mjs'));
    this.client.on('message', (/** @type {Told} */ told) => {
      this.told.push(told);
      this.#wake?.();
    });
    await this.next('ready');
    this.order('open', { url: `ws://${FAR}:${port}/`, ...settings });
    await this.next('open');
  }

  /** @param {string} order @param {unknown} [argument] */
  order(order, argument) {
    this.client?.send({ order, argument });
  }

  /**
   * The next event of this kind behind those that were asked for already; what came before it is passed over.
   *
   * @param {string} event
   * @returns {Promise<Told>}
   */
  async next(event) {
    const end = now() + PATIENCE;
    for (;;) {
      while (this.#seen < this.told.length) {
        const told = /** @type {Told} */ (this.told[this.#seen]);
        this.#seen += 1;
        if (told.event === event) return told;
        if (told.event === 'close')
          throw new Error(`closed instead of ${event}: ${JSON.stringify(this.told.slice(-3))}`);
      }
      if (now() > end) throw new Error(`no ${event} came, but ${JSON.stringify(this.told.slice(-3))}`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, 1_000, undefined);
        this.#wake = () => {
          clearTimeout(timer);
          resolve(undefined);
        };
      });
    }
  }

  close() {
    this.client?.kill('SIGKILL');
    this.server?.kill('SIGKILL');
  }
}
