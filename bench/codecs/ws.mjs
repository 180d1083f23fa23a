// The Receiver and Sender of the npm package `ws`, set up as its WebSocket sets them up, behind the interface of
// codec.mjs. It must not know rows or measurements.

/** @import { Decoder, Encoder, OnBytes, OnMessage } from '../runner/measured/codec.mjs' */

import * as ws from 'ws';
// Fails if figures that are called native would not be.
import '../clients/ws.mjs';

// Public, but without types in @types/ws.
const { Receiver, Sender } = /** @type {any} */ (ws);

/** @type {(onMessage: OnMessage) => Decoder} */
export function createDecoder(onMessage) {
  const receiver = new Receiver({ isServer: false, allowSynchronousEvents: true, skipUTF8Validation: false });
  receiver.on('message', (/** @type {Buffer} */ data, /** @type {boolean} */ isBinary) => {
    onMessage(isBinary ? data : data.toString(), isBinary);
  });
  receiver.on('error', (/** @type {Error} */ error) => {
    throw error;
  });
  return { feed: (chunk) => receiver.write(chunk) };
}

/** @type {(onBytes: OnBytes) => Encoder} */
export function createEncoder(onBytes) {
  // As much of a socket as Sender uses.
  const sender = new Sender({ cork() {}, uncork() {}, write: onBytes });
  return {
    encode: (data) => sender.send(data, { binary: typeof data !== 'string', mask: true, compress: false, fin: true }),
  };
}
