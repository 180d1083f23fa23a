// What the source sends in rows with permessage-deflate (RFC 7692): messages that are compressed once, in advance, and can be
// replayed without end. This file owns why they can, and must not know sockets or rows in progress.
//
// The first message refers to nothing, so that whatever came before, the block can follow it: each phase begins with it, and so
// does the block's own repetition. With context takeover the first turn of the payloads refers to what there is of the block by
// then. In the second each message finds a whole window before it, which is the same from there on at every turn: the payloads of
// a turn are more than a window. So that turn is repeated.

/** @import { Row } from '../rows.mjs' */
/** @import { Block } from './server-frames.mjs' */

import { compressed, historyOf, RSV1 } from './permessage-deflate.mjs';
import { BLOCK_BYTES, firstByteOf, serverFrame } from './server-frames.mjs';

const NOTHING = new Uint8Array(0);

/**
 * @param {Row} row
 * @param {Uint8Array[]} payloads
 * @returns {Block}
 */
export function prepareCompressedBlock(row, payloads) {
  const first = compressedTurn(row, payloads, 0);
  const steady = compressedTurn(row, payloads, payloads.length);
  const turns = Math.max(1, Math.floor(BLOCK_BYTES / Buffer.concat(steady).length));
  const frames = [...first, ...Array(turns).fill(steady).flat()];
  const starts = [0];
  let end = 0;
  for (const { length } of frames) {
    end += length;
    starts.push(end);
  }
  return {
    bytes: Buffer.concat(frames),
    messages: frames.length,
    startOf: (message) => /** @type {number} */ (starts[message]),
  };
}

/**
 * @param {Row} row
 * @param {Uint8Array[]} payloads
 * @param {number} start number of its first message
 * @returns {Buffer[]} a frame for each payload
 */
function compressedTurn(row, payloads, start) {
  const isByItself = row.perMessageDeflate?.serverNoContextTakeover;
  return payloads.map((payload, index) => {
    const history = isByItself ? NOTHING : historyOf(payloads, start + index, NOTHING);
    return serverFrame(firstByteOf(row) | RSV1, compressed(payload, history));
  });
}
