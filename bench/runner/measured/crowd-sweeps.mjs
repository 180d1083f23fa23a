// The rows with many connections that receive, from the client's side: what a measurement is, and how a sweep is acknowledged
// (sweeps.mjs says why so). It must not know how connections are opened, nor which library it drives.

/** @import { AcknowledgementFile } from './acknowledgement-file.mjs' */
/** @import { CrowdConnections } from './crowd-connections.mjs' */
/** @import { Row } from '../../rows.mjs' */
/** @import { Connection, Measurement } from './traffic.mjs' */

import { payloadData, VARIANTS } from '../../wire/payloads.mjs';
import { Traffic } from './traffic.mjs';

/** In each measurement, after the connections have been opened and before the clock runs. */
const SETTLING_SECONDS = 0.3;
const SETTLING_PHASE_SECONDS = 0.1;
/** What client.mjs warms up for. */
const FIRST_SETTLING_SECONDS = 0.8;

export class CrowdSweeps {
  #row;
  #connections;
  #acknowledgements;
  #payloads;
  /** All connections as one, whose messages are counted and summed. */
  #traffic;
  /** While it is there, each connection's messages are compared, one by one. @type {Traffic[] | undefined} */
  #verifiers;
  #sweepMessages;
  #leftOfSweep;

  /**
   * @param {Row} row
   * @param {CrowdConnections} connections
   * @param {AcknowledgementFile} acknowledgements
   */
  constructor(row, connections, acknowledgements) {
    this.#row = row;
    this.#connections = connections;
    this.#acknowledgements = acknowledgements;
    this.#payloads = payloadData(row);
    this.#traffic = new Traffic(
      row,
      this.#payloads,
      this.#whole((messages) => this.#begin(messages)),
    );
    this.#sweepMessages = row.connections * row.perRead;
    this.#leftOfSweep = this.#sweepMessages;
  }

  async warmUp() {
    await this.#measure(SETTLING_PHASE_SECONDS, FIRST_SETTLING_SECONDS);
  }

  /**
   * @param {number} seconds
   * @returns {Promise<Measurement>}
   */
  measure(seconds) {
    return this.#measure(seconds, SETTLING_SECONDS);
  }

  /**
   * Opens the connections and closes them again. A source that kept those of all peers open would run out of open files, and
   * the peers that wait would keep its memory.
   * @param {number} seconds
   * @param {number} settlingSeconds
   * @returns {Promise<Measurement>}
   */
  async #measure(seconds, settlingSeconds) {
    await this.#connections.openAll(this.#row.connections, (index) => (data, isBinary) => {
      const traffic = this.#verifiers?.[index] ?? this.#traffic;
      traffic.onMessage(data, isBinary);
      if (--this.#leftOfSweep > 0) return;
      this.#leftOfSweep = this.#sweepMessages;
      this.#acknowledgements.add();
    });
    await this.#verify();
    const end = performance.now() + settlingSeconds * 1000;
    let last = await this.#traffic.runPhase(VARIANTS * this.#sweepMessages, false);
    while (performance.now() < end) {
      last = await this.#traffic.runPhase(this.#messagesIn(SETTLING_PHASE_SECONDS, last), false);
    }
    last = await this.#traffic.runPhase(this.#messagesIn(seconds, last), false);
    await this.#connections.closeAll();
    return last;
  }

  /** Whole messages on each connection: that none is lost, doubled, or delivered on another. */
  async #verify() {
    const { connections, perRead } = this.#row;
    const messages = VARIANTS * perRead;
    const verifiers = Array.from({ length: connections }, () => {
      return new Traffic(
        this.#row,
        this.#payloads,
        this.#whole(() => {}),
      );
    });
    this.#verifiers = verifiers;
    const outcomes = verifiers.map((verifier) => verifier.runPhase(messages, true));
    this.#begin(messages * connections);
    await Promise.all(outcomes);
    this.#verifiers = undefined;
  }

  /** @param {number} messages on all connections together */
  #begin(messages) {
    const [first] = this.#connections.open;
    first?.send(String(messages / this.#sweepMessages));
  }

  /**
   * @param {(messages: number) => void} begin
   * @returns {Connection} what Traffic takes for one
   */
  #whole(begin) {
    return {
      send(data) {
        begin(JSON.parse(String(data)).messages);
        return true;
      },
      close() {},
    };
  }

  /**
   * In whole turns of the payloads: in a sweep, all connections get the same ones.
   * @param {number} seconds
   * @param {Measurement} last
   */
  #messagesIn(seconds, last) {
    const turn = VARIANTS * this.#sweepMessages;
    const messages = (last.messages / last.wallMicroseconds) * seconds * 1e6;
    return turn * Math.max(1, Math.round(messages / turn));
  }
}
