// The source's half of one connection, after the upgrade. It owns the phases and the checks on what the client sends, and
// must not know processes, HTTP or statistics.
//
// The client opens each phase with a small text message, { messages, verify }. Then, by the row's direction:
//   receive  the source pushes that many prepared messages;
//   send     the source swallows that many and answers with one text message that says what it saw;
//   echo     the source answers each message with the prepared one of the same number. It does not unmask and copy: the
//            bytes are the same, since every message is checked against the payload which that one carries.
// A phase with `verify` has each payload byte unmasked and compared; in the others each header and the first bytes are. Of
// messages that are compressed those are inflated and compared that a phase with `verify` has, and the last of each other phase.
// What does not match throws, and source.mjs tells the client why with a close frame.

/** @import { Row } from '../rows.mjs' */
/** @import { Block } from '../wire/server-frames.mjs' */

import { byteAt, FrameReader } from '../wire/frame-reader.mjs';
import { compressed, RSV1 } from '../wire/permessage-deflate.mjs';
import { CLOSE_FRAME, firstByteOf, serverCloseFrame, serverFrame, TEXT_FRAME } from '../wire/server-frames.mjs';
import { Inflation } from './inflation.mjs';

/** Of each payload, in the phases that do not verify all of it. */
const SAMPLED_BYTES = 8;
const LONGEST_CONTROL = 125;
/** To refer to nothing of what came before is right in every context. */
const NO_HISTORY = new Uint8Array(0);

export class Exchange {
  /** In a row with permessage-deflate: whether no message of the last phase was compressed. */
  isPlain = false;
  /** Of the payloads of frames, compressed or not, in the phase that verifies: it has as many messages with every client. */
  bytesPerMessage = 0;

  #row;
  #payloads;
  #block;
  #socket;
  #reader = new FrameReader(this);
  /** @type {Inflation | undefined} */
  #inflation;

  // What comes in.
  #expected = 0;
  #seen = 0;
  #bytesSeen = 0;
  #verify = false;
  #previousKey = -1;
  #controlByte = 0;
  #isCompressed = false;
  #compressed = 0;
  #bytesOnWire = 0;
  /** Whether the payload of this frame is to be kept. */
  #collects = false;
  /** @type {number[]} */
  #collected = [];

  // What goes out.
  #owed = 0;
  #nextMessage = 0;
  #socketIsFull = false;

  /**
   * @param {Row} row
   * @param {Uint8Array[]} payloads
   * @param {Block} block
   * @param {import('node:net').Socket} socket
   */
  constructor(row, payloads, block, socket) {
    this.#row = row;
    this.#payloads = payloads;
    this.#block = block;
    this.#socket = socket;
    if (row.perMessageDeflate) this.#inflation = new Inflation(row, payloads);
    socket.on('drain', () => {
      this.#socketIsFull = false;
      this.#push();
    });
  }

  /**
   * @param {Uint8Array} chunk
   * @param {number} size
   */
  feed(chunk, size) {
    this.#reader.feed(chunk, size);
    // Once per chunk, not once per message: the answers to what came together leave together.
    this.#push();
  }

  /**
   * @param {number} firstByte
   * @param {number} length
   */
  onFrame(firstByte, length) {
    this.#isCompressed = this.#inflation !== undefined && (firstByte & RSV1) !== 0;
    const plainByte = this.#isCompressed ? firstByte & ~RSV1 : firstByte;
    if (this.#expected === 0) {
      this.#onControlFrame(plainByte, length);
      return;
    }
    if (plainByte !== firstByteOf(this.#row) || (length !== this.#row.bytes && !this.#isCompressed)) {
      throw new Error(`message ${this.#seen}: first byte ${firstByte}, ${length} bytes`);
    }
    this.#bytesOnWire += length;
    if (this.#verify) this.#checkKey();
    if (!this.#isCompressed) return;
    this.#compressed++;
    this.#collects = this.#verify || this.#seen + 1 === this.#expected;
    this.#collected = [];
  }

  /**
   * @param {Uint8Array} chunk
   * @param {number} start
   * @param {number} end
   * @param {number} position
   */
  onPayload(chunk, start, end, position) {
    const key = this.#reader.key;
    if (this.#collects) {
      for (let at = start; at < end; at++)
        this.#collected.push(byteAt(chunk, at) ^ byteAt(key, (position + at - start) & 3));
    }
    if (this.#expected === 0 || this.#isCompressed) return;
    const payload = /** @type {Uint8Array} */ (this.#payloads[this.#seen % this.#payloads.length]);
    const checked = this.#verify ? end : Math.min(end, start + SAMPLED_BYTES - position);
    for (let at = start, offset = position; at < checked; at++, offset++) {
      if ((byteAt(chunk, at) ^ byteAt(key, offset & 3)) !== payload[offset]) {
        throw new Error(`message ${this.#seen} differs at byte ${offset}`);
      }
    }
  }

  onFrameEnd() {
    if (this.#expected === 0) {
      this.#onControlEnd();
      return;
    }
    if (this.#isCompressed && this.#collects) this.#inflation?.check(Buffer.from(this.#collected), this.#seen);
    this.#collects = false;
    this.#seen++;
    this.#bytesSeen += this.#row.bytes;
    if (this.#row.direction === 'echo') this.#owed++;
    if (this.#seen < this.#expected) return;
    this.#expected = 0;
    if (this.#inflation !== undefined) this.#checkCompressed(this.#inflation);
    if (this.#row.direction === 'send') {
      this.#socket.write(this.#reportFrame());
    }
  }

  /** Compressed where that was agreed on: not all clients expect messages there that are not (see libwebsockets.c). */
  #reportFrame() {
    const report = Buffer.from(JSON.stringify({ messages: this.#seen, bytes: this.#bytesSeen }));
    return this.#inflation === undefined
      ? serverFrame(TEXT_FRAME, report)
      : serverFrame(TEXT_FRAME | RSV1, compressed(report, NO_HISTORY));
  }

  /** @param {Inflation} inflation */
  #checkCompressed(inflation) {
    this.isPlain = this.#compressed === 0;
    if (this.#verify) this.bytesPerMessage = this.#bytesOnWire / this.#seen;
    if (this.#compressed === this.#seen) inflation.payloadsEnded(this.#seen);
    else if (!this.isPlain) throw new Error(`of ${this.#seen} messages, ${this.#compressed} were compressed`);
    this.#compressed = 0;
  }

  /** RFC 6455, section 5.3: a fresh key for each frame. A client that saves this work must not win by it. */
  #checkKey() {
    const key = this.#reader.key.reduce((word, byte) => word * 256 + byte, 0);
    if (key === this.#previousKey) throw new Error(`message ${this.#seen} has the masking key of the one before`);
    this.#previousKey = key;
  }

  /**
   * @param {number} firstByte
   * @param {number} length
   */
  #onControlFrame(firstByte, length) {
    if ((firstByte !== TEXT_FRAME && firstByte !== CLOSE_FRAME) || length > LONGEST_CONTROL) {
      throw new Error(`between phases: first byte ${firstByte}, ${length} bytes`);
    }
    this.#controlByte = firstByte;
    this.#collects = true;
    this.#collected = [];
  }

  #onControlEnd() {
    this.#collects = false;
    if (this.#controlByte === CLOSE_FRAME) {
      this.#socket.end(serverCloseFrame(1000, ''));
      return;
    }
    const received = Buffer.from(this.#collected);
    const control = this.#isCompressed && this.#inflation ? this.#inflation.inflateOther(received) : received;
    const { messages, verify } = JSON.parse(control.toString());
    this.#seen = 0;
    this.#bytesSeen = 0;
    this.#bytesOnWire = 0;
    this.#verify = verify;
    this.#nextMessage = 0;
    if (this.#row.direction === 'receive') this.#owed = messages;
    else this.#expected = messages;
  }

  /** Writes what is owed, as far as the socket takes it. */
  #push() {
    const { bytes, messages, startOf } = this.#block;
    // At the end of the block an answer is in two parts. They leave as one: a client that got them apart would answer them
    // apart, and so on, so that after a while each message travelled alone.
    this.#socket.cork();
    while (this.#owed > 0 && !this.#socketIsFull) {
      const first = this.#nextMessage;
      const last = Math.min(first + this.#owed, messages);
      this.#owed -= last - first;
      this.#nextMessage = last === messages ? 0 : last;
      this.#socketIsFull = !this.#socket.write(bytes.subarray(startOf(first), startOf(last)));
    }
    this.#socket.uncork();
  }
}
