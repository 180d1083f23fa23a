// What the source sends: server frames (RFC 6455, section 5.2), made by hand and in advance. This file owns their bytes and
// must not know sockets or rows in progress.

/** @import { Row } from '../rows.mjs' */

const FIN = 0x80;
const CONTINUATION = 0x0;
export const TEXT_FRAME = FIN | 0x1;
export const BINARY_FRAME = FIN | 0x2;
export const CLOSE_FRAME = FIN | 0x8;

/** Large enough that one write fills the socket, small enough to stay in the processor's cache. */
export const BLOCK_BYTES = 1024 * 1024;

/**
 * @typedef {object} Block many messages, back to back; message i carries payload i % payloads.length
 * @property {Buffer} bytes
 * @property {number} messages
 * @property {(message: number) => number} startOf where it begins; of one more than there are: where the last one ends
 */

/** @typedef {Block & { messageLength: number }} EvenBlock all messages are of this length on the wire */

/**
 * @param {Row} row
 * @returns {number} the first byte of each of the row's messages, in one frame: FIN and the opcode
 */
export function firstByteOf(row) {
  return row.kind === 'binary' ? BINARY_FRAME : TEXT_FRAME;
}

/**
 * @param {Row} row
 * @param {Uint8Array[]} payloads all of one length
 * @returns {EvenBlock}
 */
export function prepareBlock(row, payloads) {
  const cycle = Buffer.concat(payloads.map((payload) => serverMessage(row, payload)));
  const cycles = Math.max(1, Math.floor(BLOCK_BYTES / cycle.length));
  const messageLength = cycle.length / payloads.length;
  return {
    bytes: Buffer.concat(Array(cycles).fill(cycle)),
    messages: cycles * payloads.length,
    messageLength,
    startOf: (message) => message * messageLength,
  };
}

/**
 * @param {Row} row
 * @param {Uint8Array} payload
 * @returns {Buffer} in one frame, or in the fragments that the row asks for (RFC 6455, section 5.4)
 */
export function serverMessage(row, payload) {
  const firstByte = firstByteOf(row);
  const { fragmentBytes } = row;
  if (fragmentBytes === undefined) return serverFrame(firstByte, payload);
  const frames = [];
  for (let start = 0; start < payload.length; start += fragmentBytes) {
    const end = start + fragmentBytes;
    const opcode = start === 0 ? firstByte & ~FIN : CONTINUATION;
    frames.push(serverFrame(end < payload.length ? opcode : opcode | FIN, payload.subarray(start, end)));
  }
  return Buffer.concat(frames);
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
