// The other end of a codec: what source.mjs is for a socket, in the same process and without one. Behind it stands what
// traffic.mjs calls a connection, so that a codec is driven and checked exactly as a client is. This file must not know
// codecs.

/** @import { Codec, Decoder, OnMessage } from './codec.mjs' */
/** @import { Row } from '../../rows.mjs' */

import { setImmediate } from 'node:timers';
import { PlainDecoder, PlainEncoder } from '../../codecs/plain.mjs';
import { Exchange } from '../../source/exchange.mjs';
import { payloadBytes } from '../../wire/payloads.mjs';
import { prepareBlock } from '../../wire/server-frames.mjs';

/** What Node reads from a socket at a time. */
export const CHUNK_BYTES = 64 * 1024;

/** Decoding: told { messages }, it feeds as many, in chunks that end anywhere in a frame. */
export class FrameSource {
  #block;
  #decoder;
  #bytesLeft = 0;

  /**
   * @param {Row} row
   * @param {Decoder} decoder
   */
  constructor(row, decoder) {
    this.#block = prepareBlock(row, payloadBytes(row));
    this.#decoder = decoder;
  }

  /** @param {string | Uint8Array} control */
  send(control) {
    this.#bytesLeft = JSON.parse(String(control)).messages * this.#block.messageLength;
    this.#feedBlock();
    return true;
  }

  close() {}

  #feedBlock = () => {
    const { bytes } = this.#block;
    const last = Math.min(bytes.length, this.#bytesLeft);
    this.#bytesLeft -= last;
    // Only now and then a turn of the event loop, for what a codec defers to it.
    if (this.#bytesLeft > 0) setImmediate(this.#feedBlock);
    for (let start = 0; start < last; start += CHUNK_BYTES) {
      this.#decoder.feed(bytes.subarray(start, Math.min(start + CHUNK_BYTES, last)));
    }
  };
}

/** Encoding: told { messages, verify }, it takes as many, and answers with what it has seen. */
export class FrameSink {
  #row;
  #onMessage;
  #headerLength;
  #encoder;
  #messages = 0;
  #messagesLeft = 0;
  #bytes = 0;
  /** @type {Exchange | undefined} of a phase that verifies */
  #exchange;
  #report = '';

  /**
   * @param {Row} row
   * @param {Codec['createEncoder']} createEncoder
   * @param {OnMessage} onMessage of its answers
   */
  constructor(row, createEncoder, onMessage) {
    this.#row = row;
    this.#onMessage = onMessage;
    this.#headerLength = new PlainEncoder().message(new Uint8Array(row.bytes)).length - row.bytes;
    this.#encoder = createEncoder((bytes) => {
      this.#bytes += bytes.length;
      this.#exchange?.feed(bytes, bytes.length);
    }, row.bytes);
  }

  /** @param {string | Uint8Array} data */
  send(data) {
    if (this.#messagesLeft === 0) {
      this.#begin(String(data));
      return true;
    }
    this.#encoder.encode(data);
    if (--this.#messagesLeft === 0) this.#end();
    return true;
  }

  close() {}

  /** @param {string} control */
  #begin(control) {
    const { messages, verify } = JSON.parse(control);
    this.#messages = messages;
    this.#messagesLeft = messages;
    this.#bytes = 0;
    this.#exchange = undefined;
    if (!verify) return;
    // The source's own checks, of each header, each key and each byte.
    const payloads = payloadBytes(this.#row);
    this.#exchange = new Exchange(this.#row, payloads, prepareBlock(this.#row, payloads), this.#socket());
    const opening = new PlainEncoder().message(control);
    this.#exchange.feed(opening, opening.length);
  }

  /** As much of a socket as an exchange uses; it writes one thing, its report. */
  #socket() {
    const reader = new PlainDecoder(
      (report) => {
        this.#report = String(report);
      },
      () => {},
    );
    const socket = { on() {}, cork() {}, uncork() {}, write: (/** @type {Uint8Array} */ frame) => reader.feed(frame) };
    return /** @type {import('node:net').Socket} */ (/** @type {unknown} */ (socket));
  }

  #end() {
    const messages = this.#messages;
    const bytes = this.#bytes - messages * this.#headerLength;
    const report = this.#exchange === undefined ? JSON.stringify({ messages, bytes }) : this.#report;
    this.#report = '';
    this.#onMessage(report, false);
  }
}
