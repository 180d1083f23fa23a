// A conversation with any server: lines that are typed are sent, messages are printed. This file owns what is typed and not
// sent yet, what is said when a connection is lost, and how it all ends. Lines wait here rather than in the library, which
// drops what it holds when an attempt fails.

/** @import { AsyncTcpConnection, ConnectionCloseEvent, HandshakeResponse } from 'wsimd' */

import { Terminal } from './terminal.mjs';

const PING_SECONDS = 20;
const RECONNECT_SECONDS = 1;

/** After the end of the input: when nothing has arrived for so long, nothing more is expected. */
const SILENCE_MILLISECONDS = 500;

/** A pipe is not read on while more lines than these wait. */
const MOST_WAITING = 1000;

/** Of a binary message, this much is shown. */
const MOST_BYTES_SHOWN = 64;

export class Conversation {
  /** @type {Promise<number>} the status of the process */
  ended;

  #connection;
  #terminal;
  /** @type {string[]} */
  #waiting = [];
  #isFull = false;
  #wasConnected = false;
  #isLeaving = false;
  /** @type {NodeJS.Timeout | undefined} */
  #silence;
  /** @type {(status: number) => void} */
  #resolve = () => {};

  /**
   * Begins at once.
   * @param {AsyncTcpConnection} connection not yet connected
   * @param {boolean} showRoundTrips of the pings
   * @throws TypeError if the URL makes no valid request
   */
  constructor(connection, showRoundTrips) {
    this.#connection = connection;
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    connection.websocketPingInterval = PING_SECONDS;
    connection.onWebSocketConnect = (_connection, response) => this.#onConnect(response);
    connection.onMessage = (_connection, data) => this.#onMessage(data);
    if (showRoundTrips) connection.onWebSocketPong = () => this.#onPong();
    connection.onBufferFull = () => {
      this.#isFull = true;
    };
    connection.onBufferDrain = () => {
      this.#isFull = false;
      this.#sendWaiting();
    };
    connection.onClose = (_connection, event) => this.#onClose(event);
    connection.connect();
    this.#terminal = new Terminal({
      onLine: (line) => this.#onLine(line),
      onEnd: () => this.#onInputEnd(),
      onInterrupt: () => this.#leave(),
    });
  }

  /** @param {HandshakeResponse} response */
  #onConnect(response) {
    const head = String(response).trimEnd().replaceAll('\r\n', '\n  ');
    this.#terminal.say(this.#wasConnected ? '✓ connected again' : `← ${head}\n`);
    this.#wasConnected = true;
    this.#sendWaiting();
  }

  /** @param {string | Uint8Array} data */
  #onMessage(data) {
    this.#terminal.say(`← ${typeof data === 'string' ? data : hexadecimal(data)}`);
    this.#expectSilence();
  }

  #onPong() {
    const { latency } = this.#connection;
    if (latency !== undefined) this.#terminal.say(`← pong, round trip ${(latency * 1000).toFixed(1)} ms`);
  }

  /** @param {ConnectionCloseEvent} event */
  #onClose(event) {
    clearTimeout(this.#silence);
    this.#isFull = false;
    if (this.#isLeaving) {
      this.#terminal.say(event.wasClean ? `✓ closed with ${event.code}` : `✗ ${reasonOf(event)}`);
      this.#end(0);
    } else if (!this.#wasConnected) {
      this.#terminal.say(`✗ ${reasonOf(event)}`, console.error);
      this.#end(1);
    } else if (this.#terminal.hasEnded && this.#waiting.length === 0) {
      // Answers may be missing, unless the server itself said that there are no more.
      this.#terminal.say(`✗ ${reasonOf(event)}`);
      this.#end(event.wasClean ? 0 : 1);
    } else {
      this.#terminal.say(`✗ ${reasonOf(event)} Once more in ${RECONNECT_SECONDS} s.`);
      this.#connection.reConnect(RECONNECT_SECONDS);
    }
  }

  /** @param {string} line */
  #onLine(line) {
    this.#waiting.push(line);
    this.#sendWaiting();
    const isFirst = this.#waiting.length === 1;
    if (isFirst && this.#wasConnected && !this.#isOpen()) this.#terminal.say('  (kept for the next connection)');
    if (this.#waiting.length > MOST_WAITING) this.#terminal.pause();
  }

  #sendWaiting() {
    while (this.#isOpen() && !this.#isFull) {
      const [line] = this.#waiting;
      if (line === undefined || this.#connection.send(line) === false) break;
      this.#waiting.shift();
      this.#terminal.showSent(line);
    }
    if (this.#waiting.length > 0) return;
    this.#terminal.resume();
    this.#expectSilence();
  }

  #onInputEnd() {
    if (this.#isOpen()) this.#expectSilence();
    else if (this.#wasConnected && this.#waiting.length === 0) this.#leave();
  }

  /** Waits for the last answers, anew with each of them, once there is nothing left to send. */
  #expectSilence() {
    if (!this.#terminal.hasEnded || this.#waiting.length > 0 || this.#isFull || !this.#isOpen()) return;
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#leave(), SILENCE_MILLISECONDS);
  }

  #leave() {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    clearTimeout(this.#silence);
    this.#terminal.close();
    if (this.#waiting.length > 0) this.#terminal.say(`✗ lines not sent: ${this.#waiting.length}`);
    const isBetweenConnections = this.#connection.getStatus(false) === 'CLOSED';
    this.#connection.close();
    if (isBetweenConnections) this.#end(0);
  }

  /** @param {number} status */
  #end(status) {
    this.#isLeaving = true;
    this.#terminal.close();
    this.#resolve(status);
  }

  #isOpen() {
    return this.#connection.getStatus(false) === 'ESTABLISHED';
  }
}

/** @param {Uint8Array} data */
function hexadecimal(data) {
  const shown = Buffer.from(data.subarray(0, MOST_BYTES_SHOWN)).toString('hex');
  return `${data.length} bytes: ${shown}${data.length > MOST_BYTES_SHOWN ? '…' : ''}`;
}

/** @param {ConnectionCloseEvent} event */
function reasonOf({ code, reason, error }) {
  if (error !== undefined) return error.message;
  if (code === 1006) return 'The attempt was given up.';
  return `The server closed the connection: ${code}${reason && ` "${reason}"`}.`;
}
