// The floor under the codec rows: memcpy of the same bytes, and nothing else. Decoding, chunk by chunk, as they come
// from the socket: no header is looked at, no text validated, no string or array made. Encoding, message by message:
// one call that copies a frame which was masked in advance, as if masking cost no more than a copy does. What hands out
// views of the bytes it was given, instead of copying them, can be below it.

/** @import { Row } from '../rows.mjs' */
/** @import { Measurement } from '../runner/measured/traffic.mjs' */

import { CHUNK_BYTES, FrameSource } from '../runner/measured/in-memory.mjs';
import { Stopwatch } from '../runner/measured/stopwatch.mjs';
import { payloadBytes, payloadData } from '../wire/payloads.mjs';
import { prepareBlock } from '../wire/server-frames.mjs';
import { PlainEncoder } from './plain.mjs';

/** @param {Row} row */
export function createPhases(row) {
  return row.direction === 'receive' ? new DecodingFloor(row) : new EncodingFloor(row);
}

class DecodingFloor {
  #source;
  #messageLength;
  #target = Buffer.alloc(CHUNK_BYTES);
  #bytesLeft = 0;
  #verify = false;
  #resolve = () => {};

  /** @param {Row} row */
  constructor(row) {
    this.#messageLength = prepareBlock(row, payloadBytes(row)).messageLength;
    this.#source = new FrameSource(row, { feed: (chunk) => this.#copy(chunk) });
  }

  /**
   * @param {number} messages
   * @param {boolean} verify
   * @returns {Promise<Measurement>}
   */
  async runPhase(messages, verify) {
    const stopwatch = new Stopwatch();
    this.#bytesLeft = messages * this.#messageLength;
    this.#verify = verify;
    await new Promise((resolve) => {
      this.#resolve = () => resolve(undefined);
      this.#source.send(JSON.stringify({ messages }));
    });
    return stopwatch.stop(messages);
  }

  /** @param {Buffer} chunk */
  #copy(chunk) {
    const target = this.#target;
    target.set(chunk);
    if (this.#verify && target.compare(chunk, 0, chunk.length, 0, chunk.length) !== 0)
      throw new Error('a copy differs');
    this.#bytesLeft -= chunk.length;
    if (this.#bytesLeft === 0) this.#resolve();
  }
}

class EncodingFloor {
  #frames;
  #target;

  /** @param {Row} row */
  constructor(row) {
    const encoder = new PlainEncoder();
    this.#frames = payloadData(row).map((data) => Buffer.from(encoder.message(data)));
    this.#target = Buffer.alloc(Math.max(...this.#frames.map((frame) => frame.length)));
  }

  /**
   * @param {number} messages
   * @param {boolean} verify
   * @returns {Promise<Measurement>}
   */
  async runPhase(messages, verify) {
    const frames = this.#frames;
    const target = this.#target;
    const stopwatch = new Stopwatch();
    for (let message = 0; message < messages; message++) {
      const frame = /** @type {Buffer} */ (frames[message % frames.length]);
      target.set(frame);
      if (verify && !target.equals(frame)) throw new Error('a copy differs');
    }
    return stopwatch.stop(messages);
  }
}
