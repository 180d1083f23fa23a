// What floor.mjs does in a phase: bytes counted that come in, frames copied that go out. It must not know processes,
// nor how the connection was opened.

/** @import { Socket } from 'node:net' */
/** @import { Row } from '../../rows.mjs' */
/** @import { Measurement } from './traffic.mjs' */

import { PlainDecoder, PlainEncoder } from '../../codecs/plain.mjs';
import { payloadBytes, payloadData } from '../../wire/payloads.mjs';
import { CLOSE_FRAME, prepareBlock } from '../../wire/server-frames.mjs';
import { Stopwatch } from './stopwatch.mjs';
import { BATCH_BYTES } from './traffic.mjs';

/** One write: two segments of the loopback device (65,483 bytes each), the size at which large frames cost least. */
const WRITE_BYTES = 130_944;

const encoder = new PlainEncoder();

/**
 * @param {Row} row
 * @param {Socket} socket
 */
export function floorTraffic(row, socket) {
  if (row.direction === 'echo') return new FloorEchoing(row, socket);
  return row.direction === 'receive' ? new FloorReceiving(row, socket) : new FloorSending(row, socket);
}

export function closeFrame() {
  return copyOf(encoder.frame(CLOSE_FRAME, ''));
}

/**
 * @param {number} messages
 * @param {boolean} verify
 */
function controlFrame(messages, verify) {
  return copyOf(encoder.message(JSON.stringify({ messages, verify })));
}

/** @param {Uint8Array} frame of an encoder that will use its memory again */
function copyOf(frame) {
  return Buffer.from(frame);
}

/**
 * The lengths of messages are known, so that their number tells how many bytes must come; when they have, and not one
 * more, the phase is over. In a phase that verifies they are compared with what the source prepared.
 */
class FloorReceiving {
  #block;
  #socket;
  #verify = false;
  #bytesLeft = 0;
  #position = 0;
  #resolve = () => {};

  /**
   * @param {Row} row
   * @param {Socket} socket
   */
  constructor(row, socket) {
    this.#block = prepareBlock(row, payloadBytes(row));
    this.#socket = socket;
  }

  /**
   * @param {number} messages
   * @param {boolean} verify
   * @returns {Promise<Measurement>}
   */
  async runPhase(messages, verify) {
    const stopwatch = new Stopwatch();
    this.#verify = verify;
    this.#bytesLeft = messages * this.#block.messageLength;
    this.#position = 0;
    this.#socket.write(controlFrame(messages, verify));
    await new Promise((resolve) => {
      this.#resolve = () => resolve(undefined);
    });
    return stopwatch.stop(messages);
  }

  /**
   * @param {Uint8Array} chunk
   * @param {number} size
   */
  onRead(chunk, size) {
    if (this.#verify) this.#compare(chunk, size);
    this.#bytesLeft -= size;
    if (this.#bytesLeft < 0) throw new Error(`${-this.#bytesLeft} bytes more than were asked for`);
    if (this.#bytesLeft === 0) this.#resolve();
  }

  /**
   * @param {Uint8Array} chunk
   * @param {number} size
   */
  #compare(chunk, size) {
    const { bytes } = this.#block;
    for (let at = 0; at < size; ) {
      const length = Math.min(size - at, bytes.length - this.#position);
      if (bytes.compare(chunk, at, at + length, this.#position, this.#position + length) !== 0) {
        throw new Error('what arrived differs from what was sent');
      }
      at += length;
      this.#position = (this.#position + length) % bytes.length;
    }
  }
}

/**
 * Frames masked in advance, each message a copy of one into the batch that is sent. The next batch is filled when the
 * kernel has taken the one before, for there is one buffer. The source checks what arrives, and reports.
 */
class FloorSending {
  #row;
  #socket;
  #frames;
  #batch;
  #batchMessages;
  #decoder;
  /** @type {(report: string) => void} */
  #onReport = () => {};

  /**
   * @param {Row} row
   * @param {Socket} socket
   */
  constructor(row, socket) {
    this.#row = row;
    this.#socket = socket;
    this.#frames = maskedFrames(row);
    this.#batchMessages = Math.ceil(BATCH_BYTES / row.bytes);
    this.#batch = new Uint8Array(this.#batchMessages * Math.max(...this.#frames.map((frame) => frame.length)));
    this.#decoder = new PlainDecoder(
      (report) => this.#onReport(String(report)),
      (_opcode, payload) => {
        throw new Error(`the source closes: ${Buffer.from(payload).toString('utf8', 2)}`);
      },
    );
  }

  /**
   * @param {number} messages
   * @param {boolean} verify
   * @returns {Promise<Measurement>}
   */
  async runPhase(messages, verify) {
    const stopwatch = new Stopwatch();
    const report = new Promise((resolve) => {
      this.#onReport = resolve;
    });
    this.#socket.write(controlFrame(messages, verify));
    for (let sent = 0; sent < messages; ) {
      const next = Math.min(messages, sent + this.#batchMessages);
      await this.#write(this.#fill(sent, next));
      sent = next;
    }
    const expected = JSON.stringify({ messages, bytes: messages * this.#row.bytes });
    if ((await report) !== expected) throw new Error(`not ${expected} but ${await report} arrived`);
    return stopwatch.stop(messages);
  }

  /**
   * @param {Uint8Array} chunk
   * @param {number} size
   */
  onRead(chunk, size) {
    this.#decoder.feed(chunk.subarray(0, size));
  }

  /**
   * @param {number} first message
   * @param {number} end
   */
  #fill(first, end) {
    let length = 0;
    for (let message = first; message < end; message++) {
      const frame = /** @type {Uint8Array} */ (this.#frames[message % this.#frames.length]);
      this.#batch.set(frame, length);
      length += frame.length;
    }
    return this.#batch.subarray(0, length);
  }

  /** @param {Uint8Array} bytes that may be written over when they have gone */
  #write(bytes) {
    return new Promise((resolve) => writeTo(this.#socket, bytes, () => resolve(undefined)));
  }
}

/**
 * As many messages in flight as the row has. The lengths of the answers are known, so that their bytes tell how many have come;
 * for each there is a copy of a frame that was masked in advance. A copy has its place until its answer is there: the kernel has
 * taken it by then.
 */
class FloorEchoing {
  #row;
  #socket;
  #frames;
  #frameLength;
  #places;
  #receiving;
  #messageLength;
  #sent = 0;
  #messages = 0;
  #bytesSeen = 0;

  /**
   * @param {Row} row
   * @param {Socket} socket
   */
  constructor(row, socket) {
    this.#row = row;
    this.#socket = socket;
    this.#frames = maskedFrames(row);
    this.#frameLength = Math.max(...this.#frames.map((frame) => frame.length));
    this.#places = new Uint8Array(row.inFlight * this.#frameLength);
    this.#receiving = new FloorReceiving(row, socket);
    this.#messageLength = prepareBlock(row, payloadBytes(row)).messageLength;
  }

  /**
   * @param {number} messages
   * @param {boolean} verify
   * @returns {Promise<Measurement>}
   */
  runPhase(messages, verify) {
    this.#messages = messages;
    this.#sent = 0;
    this.#bytesSeen = 0;
    const measurement = this.#receiving.runPhase(messages, verify);
    this.#sendUntil(this.#row.inFlight);
    return measurement;
  }

  /**
   * @param {Uint8Array} chunk
   * @param {number} size
   */
  onRead(chunk, size) {
    this.#bytesSeen += size;
    this.#sendUntil(Math.floor(this.#bytesSeen / this.#messageLength) + this.#row.inFlight);
    this.#receiving.onRead(chunk, size);
  }

  /** @param {number} end the first message that is not to be sent yet */
  #sendUntil(end) {
    const { inFlight } = this.#row;
    const last = Math.min(end, this.#messages);
    while (this.#sent < last) {
      const place = this.#sent % inFlight;
      const count = Math.min(last - this.#sent, inFlight - place);
      for (let index = 0; index < count; index++) {
        const frame = /** @type {Uint8Array} */ (this.#frames[this.#sent++ % this.#frames.length]);
        this.#places.set(frame, (place + index) * this.#frameLength);
      }
      writeTo(this.#socket, this.#places.subarray(place * this.#frameLength, (place + count) * this.#frameLength));
    }
  }
}

/** @param {Row} row */
function maskedFrames(row) {
  return payloadData(row).map((data) => copyOf(encoder.message(data)));
}

/**
 * @param {Socket} socket
 * @param {Uint8Array} bytes
 * @param {() => void} [onTaken] by the kernel
 */
function writeTo(socket, bytes, onTaken) {
  let at = 0;
  for (; at + WRITE_BYTES < bytes.length; at += WRITE_BYTES) socket.write(bytes.subarray(at, at + WRITE_BYTES));
  socket.write(bytes.subarray(at), onTaken);
}
