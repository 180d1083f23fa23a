// Reads client frames out of a stream of chunks: headers and nothing else. It owns the position in the stream and must not
// know what a payload means; whoever it reports to looks at the payload bytes, still masked, where they lie.
//
// It runs in the source's process, where it must not become the limit: a 16-byte message costs it some ten nanoseconds.

const MASKED = 0x80;
const LONGEST_HEADER = 14;

/**
 * @typedef {object} FrameHandler
 * @property {(firstByte: number, length: number) => void} onFrame
 * @property {(chunk: Uint8Array, start: number, end: number, position: number) => void} onPayload bytes start…end of the
 *   chunk are the payload's from `position` on; masked with `key[position & 3]` onwards
 * @property {() => void} onFrameEnd
 */

export class FrameReader {
  /** The masking key of the frame that is being read. */
  key = new Uint8Array(4);

  #handler;
  #header = new Uint8Array(LONGEST_HEADER);
  #headerHeld = 0;
  #insideFrame = false;
  #firstByte = 0;
  #length = 0;
  #position = 0;

  /** @param {FrameHandler} handler */
  constructor(handler) {
    this.#handler = handler;
  }

  /**
   * @param {Uint8Array} chunk
   * @param {number} size of what the chunk holds
   */
  feed(chunk, size) {
    let at = 0;
    while (at < size) {
      if (!this.#insideFrame) {
        at = this.#readHeader(chunk, at, size);
        if (!this.#insideFrame) return;
        this.#handler.onFrame(this.#firstByte, this.#length);
      }
      const end = Math.min(size, at + this.#length - this.#position);
      this.#handler.onPayload(chunk, at, end, this.#position);
      this.#position += end - at;
      at = end;
      if (this.#position === this.#length) {
        this.#insideFrame = false;
        this.#handler.onFrameEnd();
      }
    }
  }

  /**
   * @param {Uint8Array} chunk
   * @param {number} at
   * @param {number} size
   * @returns {number} where the header ends, or `size` when the chunk ends first
   */
  #readHeader(chunk, at, size) {
    if (this.#headerHeld === 0 && size - at >= LONGEST_HEADER) {
      this.#decodeHeader(chunk, at);
      return at + headerLength(byteAt(chunk, at + 1));
    }
    const header = this.#header;
    for (let next = at; next < size; next++) {
      header[this.#headerHeld++] = byteAt(chunk, next);
      if (this.#headerHeld >= 2 && this.#headerHeld === headerLength(byteAt(header, 1))) {
        this.#headerHeld = 0;
        this.#decodeHeader(header, 0);
        return next + 1;
      }
    }
    return size;
  }

  /**
   * @param {Uint8Array} bytes
   * @param {number} at
   */
  #decodeHeader(bytes, at) {
    const byte = (/** @type {number} */ offset) => byteAt(bytes, at + offset);
    const secondByte = byte(1);
    // RFC 6455, section 5.1: a server must close the connection upon receiving a frame that is not masked.
    if ((secondByte & MASKED) === 0) throw new Error('a client frame is not masked');
    let length = secondByte & 0x7f;
    if (length === 126) {
      length = byte(2) * 256 + byte(3);
      if (length < 126) throw new Error(`length ${length} in 16-bit form`);
    } else if (length === 127) {
      length = 0;
      for (let offset = 2; offset < 10; offset++) length = length * 256 + byte(offset);
      if (length < 65_536) throw new Error(`length ${length} in 64-bit form`);
    }
    const keyAt = headerLength(secondByte) - 4;
    for (let index = 0; index < 4; index++) this.key[index] = byte(keyAt + index);
    this.#firstByte = byte(0);
    this.#length = length;
    this.#position = 0;
    this.#insideFrame = true;
  }
}

/**
 * @param {number} secondByte
 * @returns {number} bytes of the whole header, masking key included
 */
function headerLength(secondByte) {
  const length = secondByte & 0x7f;
  if (length === 127) return 14;
  return length === 126 ? 8 : 6;
}

/**
 * A byte that is known to be there.
 * @param {Uint8Array} bytes
 * @param {number} index
 */
export function byteAt(bytes, index) {
  return /** @type {number} */ (bytes[index]);
}
