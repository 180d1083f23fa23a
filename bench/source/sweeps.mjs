// The pace of the rows with many connections, on the source's side: sweeps in lock-step. It owns when what is written to the
// connections of one client process, and must not know how they came about.
//
// A sweep writes row.perRead messages to each connection, in one write each. The next sweep begins when all of the last one
// has been delivered to the client's program. So no connection ever has more than one write waiting, none is read together
// with another, and what the client reads is row.perRead messages at a time, with 1 connection as with 10,000.
//
// The client says so in a file: one byte, the number of sweeps modulo 256, in which the source looks without a pause. Sent as
// a message it would cost the client as much as a read does, which with one connection would double the figure. Spacing the
// writes in time instead, without any word from the client, does not work: of messages 15 µs apart every third was read
// together with another, of messages 60 µs apart still every sixth, and the client slept in between.
//
// How many connections are ready at once is not equal, and cannot be: with 1 connection the client sleeps before each read, and
// pays for waking; with 100 and more it hardly ever does.
//
// What a sweep costs the client besides is that one byte: 1–2 µs, a write to a file that wakes nobody.

/** @import { Socket } from 'node:net' */
/** @import { Row } from '../rows.mjs' */

import { openSync, readSync } from 'node:fs';
import { payloadBytes } from '../wire/payloads.mjs';
import { prepareBlock } from '../wire/server-frames.mjs';

export class Sweeps {
  /** @type {Set<Socket>} */
  sockets = new Set();

  #perRead;
  #block;
  #acknowledgements;
  #delivered = Buffer.alloc(1);
  #written = 0;
  #left = 0;
  #nextMessage = 0;

  /**
   * @param {Row} row
   * @param {string} acknowledgements path of the file
   */
  constructor(row, acknowledgements) {
    this.#perRead = row.perRead;
    this.#block = prepareBlock(row, payloadBytes(row));
    this.#acknowledgements = openSync(acknowledgements, 'r');
  }

  /** @param {number} sweeps each phase begins with the row's first payload */
  begin(sweeps) {
    this.#left = sweeps;
    this.#nextMessage = 0;
    this.#run();
  }

  #run = () => {
    readSync(this.#acknowledgements, this.#delivered, 0, 1, 0);
    if (this.#delivered[0] === this.#written % 256) {
      if (this.#left === 0) return;
      this.#sweep();
    }
    setImmediate(this.#run);
  };

  #sweep() {
    const { bytes, messages, messageLength } = this.#block;
    if (this.#nextMessage + this.#perRead > messages) this.#nextMessage = 0;
    const start = this.#nextMessage * messageLength;
    this.#nextMessage += this.#perRead;
    const part = bytes.subarray(start, this.#nextMessage * messageLength);
    for (const socket of this.sockets) socket.write(part);
    this.#written++;
    this.#left--;
  }
}
