// One connection's messages, from the client's side: what is sent and when, what has arrived and whether it is right. It owns
// the sending discipline and the checks, the same for every library, and must not know which one it drives, nor how long to
// measure. It runs unchanged on every runtime.
//
// The sending discipline. Messages are sent in batches of BATCH_BYTES of payload, one batch per turn of the event loop, as a
// program does that has much to send and must stay responsive. Once the library holds HIGH_WATER_MARK bytes that the kernel
// has not taken, nothing more is sent until the library says that they are gone. An echo is sent when the answer to an
// earlier one comes in, so that `inFlight` messages are under way.

/** @import { Deflate, Row } from '../../rows.mjs' */

import { Buffer } from 'node:buffer';
import { setImmediate } from 'node:timers';
import { Stopwatch } from './stopwatch.mjs';

/**
 * What client.mjs needs of a library; each file in clients/ exports `connect` and provides it.
 * @typedef {object} Connection
 * @property {(data: string | Uint8Array) => boolean} send false: taken, but nothing more until onDrain
 * @property {() => void} close the closing handshake; then onClose
 */

/**
 * @typedef {object} Handlers
 * @property {() => void} onOpen
 * @property {(data: string | Uint8Array, isBinary: boolean) => void} onMessage a text message comes as a string
 * @property {(() => void) | undefined} [onDrain] undefined: so few messages are sent that none has to wait for others
 * @property {(code: number, reason: string) => void} onClose
 * @property {(message: string) => void} onFailure what the library calls an error
 */

/**
 * Without its last parameter, or with false, compression is not offered, if there is a choice.
 * @typedef {(url: string, handlers: Handlers, highWaterMark: number, perMessageDeflate?: Deflate | false) => Connection} Connect
 */

/**
 * @typedef {object} Measurement
 * @property {number} messages
 * @property {number} userMicroseconds CPU time of the whole process, as the operating system counts it
 * @property {number} systemMicroseconds
 * @property {number} wallMicroseconds
 * @property {boolean} [isPlain] what was sent was not compressed, in a row where both ends had agreed on that
 * @property {number} [bytesPerMessage] payload of the frames that the source got, in such a row
 * @property {number} [bytes] of memory for all of the messages (or connections), in rows that measure that instead of time
 */

export const HIGH_WATER_MARK = 1024 * 1024;
export const BATCH_BYTES = 256 * 1024;

/** Sums stay in 30 bits: a small integer on every engine, so that the checks allocate nothing. */
const SUM_MASK = 0x3fff_ffff;

export class Traffic {
  #row;
  #payloads;
  /** @type {Connection} */
  #connection;

  #messages = 0;
  #verify = false;
  #sent = 0;
  #nextPayload = 0;
  #awaitsDrain = false;
  #received = 0;
  #sum = 0;

  #stopwatch = new Stopwatch();
  /** @type {(measurement: Measurement) => void} */
  #resolve = () => {};
  /** @type {(error: Error) => void} */
  #reject = () => {};

  /**
   * @param {Row} row
   * @param {(string | Uint8Array)[]} payloads
   * @param {Connection} connection
   */
  constructor(row, payloads, connection) {
    this.#row = row;
    this.#payloads = payloads;
    this.#connection = connection;
  }

  /**
   * @param {number} messages
   * @param {boolean} verify compare all of each message, on both sides
   * @returns {Promise<Measurement>}
   */
  runPhase(messages, verify) {
    this.#messages = messages;
    this.#verify = verify;
    this.#sent = 0;
    this.#nextPayload = 0;
    this.#awaitsDrain = false;
    this.#received = 0;
    this.#sum = 0;
    const finished = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#stopwatch = new Stopwatch();
    this.#connection.send(JSON.stringify({ messages, verify }));
    if (this.#row.direction !== 'receive') this.#pump();
    return finished;
  }

  onDrain() {
    if (!this.#awaitsDrain) return;
    this.#awaitsDrain = false;
    this.#pump();
  }

  /**
   * @param {string | Uint8Array} data
   * @param {boolean} isBinary
   */
  onMessage(data, isBinary) {
    if (this.#row.direction === 'send') {
      this.#onReport(data);
      return;
    }
    if (this.#verify) this.#compare(data, isBinary);
    this.#sum = (this.#sum + sample(data)) & SUM_MASK;
    this.#received++;
    if (this.#row.direction === 'echo') this.#pump();
    if (this.#received === this.#messages) this.#finish(this.#checkSum());
  }

  #pump = () => {
    let budget = BATCH_BYTES;
    while (this.#sent < this.#messages && this.#sent - this.#received < this.#row.inFlight && !this.#awaitsDrain) {
      if (budget <= 0) {
        setImmediate(this.#pump);
        return;
      }
      const payload = /** @type {string | Uint8Array} */ (this.#payloads[this.#nextPayload]);
      this.#nextPayload = (this.#nextPayload + 1) % this.#payloads.length;
      this.#sent++;
      budget -= this.#row.bytes;
      this.#awaitsDrain = !this.#connection.send(payload);
    }
  };

  /** @param {string | Uint8Array} data */
  #onReport(data) {
    const { messages, bytes } = JSON.parse(String(data));
    const isRight = messages === this.#messages && bytes === messages * this.#row.bytes;
    this.#finish(isRight ? '' : `of ${this.#messages} messages, ${messages} (${bytes} bytes) arrived`);
  }

  /**
   * @param {string | Uint8Array} data
   * @param {boolean} isBinary
   */
  #compare(data, isBinary) {
    const payload = /** @type {string | Uint8Array} */ (this.#payloads[this.#received % this.#payloads.length]);
    const isRight =
      typeof payload === 'string'
        ? !isBinary && data === payload
        : isBinary && data instanceof Uint8Array && Buffer.compare(data, payload) === 0;
    if (!isRight) this.#reject(new Error(`message ${this.#received} differs from what was sent`));
  }

  /** @returns {string} what is wrong with the sum over the phase; empty when nothing is */
  #checkSum() {
    const variants = this.#payloads.length;
    let expected = 0;
    for (const [variant, payload] of this.#payloads.entries()) {
      const times = Math.ceil((this.#messages - variant) / variants);
      expected += (times * sample(payload)) % (SUM_MASK + 1);
    }
    const sum = expected & SUM_MASK;
    return this.#sum === sum ? '' : `the sum over ${this.#messages} messages is ${this.#sum}, not ${sum}`;
  }

  /** @param {string} complaint */
  #finish(complaint) {
    const measurement = this.#stopwatch.stop(this.#messages);
    if (complaint === '') this.#resolve(measurement);
    else this.#reject(new Error(complaint));
  }
}

/**
 * The length and one character or byte from the middle: enough to notice a wrong message, and a reason for a library not to
 * hand out strings whose work is still to be done.
 * @param {string | Uint8Array} data
 * @returns {number}
 */
function sample(data) {
  const middle = data.length >> 1;
  return data.length + (typeof data === 'string' ? data.charCodeAt(middle) : /** @type {number} */ (data[middle]));
}
