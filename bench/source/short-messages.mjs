// What a client tells a source in so many words: text messages of at most 125 bytes, and the close frame. It owns their bytes
// and must not know what they mean.

import { byteAt, FrameReader } from '../wire/frame-reader.mjs';
import { CLOSE_FRAME, TEXT_FRAME } from '../wire/server-frames.mjs';

const LONGEST = 125;

/**
 * @typedef {object} ShortMessageHandler
 * @property {(text: string) => void} onText
 * @property {() => void} onCloseFrame
 */

export class ShortMessages {
  #handler;
  #reader = new FrameReader(this);
  #firstByte = 0;
  /** @type {number[]} */
  #payload = [];

  /** @param {ShortMessageHandler} handler */
  constructor(handler) {
    this.#handler = handler;
  }

  /** @param {Uint8Array} chunk */
  feed(chunk) {
    this.#reader.feed(chunk, chunk.length);
  }

  /**
   * @param {number} firstByte
   * @param {number} length
   */
  onFrame(firstByte, length) {
    if ((firstByte !== TEXT_FRAME && firstByte !== CLOSE_FRAME) || length > LONGEST) {
      throw new Error(`not a short message: first byte ${firstByte}, ${length} bytes`);
    }
    this.#firstByte = firstByte;
    this.#payload = [];
  }

  /**
   * @param {Uint8Array} chunk
   * @param {number} start
   * @param {number} end
   * @param {number} position
   */
  onPayload(chunk, start, end, position) {
    const key = this.#reader.key;
    for (let at = start; at < end; at++) {
      this.#payload.push(byteAt(chunk, at) ^ byteAt(key, (position + at - start) & 3));
    }
  }

  onFrameEnd() {
    if (this.#firstByte === CLOSE_FRAME) this.#handler.onCloseFrame();
    else this.#handler.onText(Buffer.from(this.#payload).toString());
  }
}
