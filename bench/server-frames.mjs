// What the source sends: server frames (RFC 6455, section 5.2), made by hand and in advance. This file owns their bytes and
// must not know sockets or rows in progress.

/** @import { Row } from './rows.mjs' */

export const TEXT_FRAME = 0x81;
export const BINARY_FRAME = 0x82;
export const CLOSE_FRAME = 0x88;

/** Large enough that one write fills the socket, small enough to stay in the processor's cache. */
const BLOCK_BYTES = 1024 * 1024;

/**
 * @typedef {object} Block many frames of one length, back to back; frame i carries payload i % payloads.length
 * @property {Buffer} bytes
 * @property {number} frames
 * @property {number} frameLength
 */

/**
 * @param {Row} row
 * @returns {number} the first byte of each of the row's frames: FIN and the opcode
 */
export function firstByteOf(row) {
  return row.kind === 'binary' ? BINARY_FRAME : TEXT_FRAME;
}

/**
 * @param {Row} row
 * @param {Uint8Array[]} payloads all of one length
 * @returns {Block}
 */
export function prepareBlock(row, payloads) {
  const cycle = Buffer.concat(payloads.map((payload) => serverFrame(firstByteOf(row), payload)));
  const cycles = Math.max(1, Math.floor(BLOCK_BYTES / cycle.length));
  return {
    bytes: Buffer.concat(Array(cycles).fill(cycle)),
    frames: cycles * payloads.length,
    frameLength: cycle.length / payloads.length,
  };
}

/**
 * @param {number} firstByte
 * @param {Uint8Array} payload
 */
export function serverFrame(firstByte, payload) {
  return Buffer.concat([serverHeader(firstByte, payload.length), payload]);
}

/**
 * @param {number} code
 * @param {string} reason ASCII; a control frame holds 125 bytes, two of them the code
 */
export function serverCloseFrame(code, reason) {
  const text = Buffer.from(reason.slice(0, 123));
  const status = Buffer.alloc(2);
  status.writeUInt16BE(code);
  return serverFrame(CLOSE_FRAME, Buffer.concat([status, text]));
}

/**
 * @param {number} firstByte
 * @param {number} length
 */
function serverHeader(firstByte, length) {
  if (length <= 125) return Buffer.from([firstByte, length]);
  if (length <= 0xffff) return Buffer.from([firstByte, 126, length >> 8, length & 0xff]);
  const header = Buffer.alloc(10);
  header[0] = firstByte;
  header[1] = 127;
  header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}
