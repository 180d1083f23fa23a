// What a WebSocket client's codec looks like when it is written by hand in JavaScript, and with care: no copy that can
// be avoided, TextDecoder and TextEncoder for text, masking by words of 32 bits, masking keys from a pool. It must not
// know sockets, rows or measurements. It knows all frames a server may send, so that it does the work of a codec that
// is of use.

/** @import { Decoder, Encoder, OnBytes, OnMessage } from '../runner/measured/codec.mjs' */

import { randomFillSync } from 'node:crypto';

const FIN = 0x80;
const RESERVED = 0x70;
const MASKED = 0x80;
const CONTINUATION = 0x0;
const TEXT = 0x1;
const BINARY = 0x2;
const CLOSE = 0x8;
const LONGEST_HEADER = 14;

/** @type {(onMessage: OnMessage) => Decoder} */
export function createDecoder(onMessage) {
  return new PlainDecoder(onMessage, () => {});
}

/** @type {(onBytes: OnBytes) => Encoder} */
export function createEncoder(onBytes) {
  const encoder = new PlainEncoder();
  return { encode: (data) => onBytes(encoder.message(data)) };
}

export class PlainDecoder {
  #onMessage;
  #onControlFrame;
  #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  #header = new Uint8Array(LONGEST_HEADER);
  #headerView = new DataView(this.#header.buffer);
  #held = 0;
  #headerLength = 2;
  #isInPayload = false;
  #length = 0;
  /** What has come of a payload that no chunk holds as a whole. */
  #payload = new Uint8Array(0);
  #filled = 0;

  /** Of the message that has begun and not ended. */
  #opcode = CONTINUATION;
  /** @type {Uint8Array[]} */
  #fragments = [];

  /**
   * @param {OnMessage} onMessage
   * @param {(opcode: number, payload: Uint8Array) => void} onControlFrame
   */
  constructor(onMessage, onControlFrame) {
    this.#onMessage = onMessage;
    this.#onControlFrame = onControlFrame;
  }

  /** @param {Uint8Array} chunk that may be used anew afterwards */
  feed(chunk) {
    let at = 0;
    for (;;) {
      if (!this.#isInPayload) {
        at = this.#readHeader(chunk, at);
        if (!this.#isInPayload) return;
      }
      if (this.#filled === 0 && chunk.length - at >= this.#length) {
        const payload = chunk.subarray(at, at + this.#length);
        at += this.#length;
        this.#isInPayload = false;
        this.#onFrame(payload, false);
        continue;
      }
      if (at === chunk.length) return;
      if (this.#filled === 0) this.#payload = new Uint8Array(this.#length);
      const end = Math.min(chunk.length, at + this.#length - this.#filled);
      this.#payload.set(chunk.subarray(at, end), this.#filled);
      this.#filled += end - at;
      at = end;
      if (this.#filled < this.#length) return;
      this.#filled = 0;
      this.#isInPayload = false;
      this.#onFrame(this.#payload, true);
    }
  }

  /**
   * @param {Uint8Array} chunk
   * @param {number} at
   */
  #readHeader(chunk, at) {
    const header = this.#header;
    while (at < chunk.length) {
      header[this.#held++] = /** @type {number} */ (chunk[at++]);
      if (this.#held === 2) this.#headerLength = headerLengthOf(/** @type {number} */ (header[1]));
      if (this.#held >= 2 && this.#held === this.#headerLength) {
        this.#held = 0;
        this.#isInPayload = true;
        this.#length = lengthIn(this.#headerView);
        return at;
      }
    }
    return at;
  }

  /**
   * @param {Uint8Array} payload
   * @param {boolean} isOwn false: part of the chunk
   */
  #onFrame(payload, isOwn) {
    const first = /** @type {number} */ (this.#header[0]);
    const opcode = first & 0xf;
    const isLast = (first & FIN) !== 0;
    if ((first & RESERVED) !== 0) throw new Error('a reserved bit is set');
    if (opcode >= CLOSE) {
      this.#onControlFrame(opcode, payload);
      return;
    }
    if ((opcode === CONTINUATION) !== (this.#opcode !== CONTINUATION) || opcode > BINARY) {
      throw new Error(`opcode ${opcode} at the wrong time`);
    }
    if (opcode !== CONTINUATION) {
      if (isLast) {
        this.#deliver(opcode, payload, isOwn);
        return;
      }
      this.#opcode = opcode;
    }
    this.#fragments.push(isOwn ? payload : payload.slice());
    if (!isLast) return;
    const fragments = this.#fragments;
    const messageOpcode = this.#opcode;
    this.#fragments = [];
    this.#opcode = CONTINUATION;
    this.#deliver(messageOpcode, Buffer.concat(fragments), true);
  }

  /**
   * @param {number} opcode
   * @param {Uint8Array} payload
   * @param {boolean} isOwn
   */
  #deliver(opcode, payload, isOwn) {
    if (opcode === TEXT) this.#onMessage(this.#utf8.decode(payload), false);
    else this.#onMessage(isOwn ? payload : payload.slice(), true);
  }
}

// The payload has a place that is a multiple of four, for masking by words; key and header are written in front of it.
const PAYLOAD_AT = 16;
const KEY_WORD_AT = 3;
const FIRST_ROOM = 64 * 1024;
const KEYS_IN_POOL = 2048;

export class PlainEncoder {
  #utf8 = new TextEncoder();
  #keys = new Int32Array(KEYS_IN_POOL);
  #nextKey = KEYS_IN_POOL;
  #bytes = new Uint8Array(0);
  #words = new Int32Array(0);
  #view = new DataView(new ArrayBuffer(0));

  constructor() {
    this.#makeRoom(FIRST_ROOM);
  }

  /**
   * @param {string | Uint8Array} data
   * @returns {Uint8Array} valid until the next call
   */
  message(data) {
    return this.frame(FIN | (typeof data === 'string' ? TEXT : BINARY), data);
  }

  /**
   * @param {number} firstByte
   * @param {string | Uint8Array} data
   * @returns {Uint8Array} valid until the next call
   */
  frame(firstByte, data) {
    // One character takes three bytes at most.
    this.#makeRoom(PAYLOAD_AT + (typeof data === 'string' ? data.length * 3 : data.length));
    let length = data.length;
    if (typeof data === 'string') length = this.#utf8.encodeInto(data, this.#bytes.subarray(PAYLOAD_AT)).written;
    else this.#bytes.set(data, PAYLOAD_AT);
    this.#mask(length);
    return this.#bytes.subarray(this.#writeHeader(firstByte, length), PAYLOAD_AT + length);
  }

  /** @param {number} bytes */
  #makeRoom(bytes) {
    if (bytes <= this.#bytes.length) return;
    // In whole words: the last one is masked whole too, whatever of it is payload.
    const buffer = new ArrayBuffer((bytes + 3) & ~3);
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Int32Array(buffer);
    this.#view = new DataView(buffer);
  }

  /** @param {number} length */
  #mask(length) {
    if (this.#nextKey === KEYS_IN_POOL) {
      randomFillSync(this.#keys);
      this.#nextKey = 0;
    }
    const key = /** @type {number} */ (this.#keys[this.#nextKey++]);
    const words = this.#words;
    const end = (PAYLOAD_AT + length + 3) >> 2;
    words[KEY_WORD_AT] = key;
    for (let at = PAYLOAD_AT >> 2; at < end; at++) words[at] = /** @type {number} */ (words[at]) ^ key;
  }

  /**
   * @param {number} firstByte
   * @param {number} length
   * @returns {number} where it starts
   */
  #writeHeader(firstByte, length) {
    const view = this.#view;
    const start = PAYLOAD_AT - (length <= 125 ? 6 : length <= 0xffff ? 8 : LONGEST_HEADER);
    view.setUint8(start, firstByte);
    if (length <= 125) {
      view.setUint8(start + 1, MASKED | length);
    } else if (length <= 0xffff) {
      view.setUint8(start + 1, MASKED | 126);
      view.setUint16(start + 2, length);
    } else {
      view.setUint8(start + 1, MASKED | 127);
      view.setBigUint64(start + 2, BigInt(length));
    }
    return start;
  }
}

/** @param {number} secondByte */
function headerLengthOf(secondByte) {
  if ((secondByte & MASKED) !== 0) throw new Error('a server must not mask');
  return secondByte === 127 ? 10 : secondByte === 126 ? 4 : 2;
}

/** @param {DataView} view of a whole header */
function lengthIn(view) {
  const length = view.getUint8(1);
  if (length === 127) return Number(view.getBigUint64(2));
  return length === 126 ? view.getUint16(2) : length;
}
