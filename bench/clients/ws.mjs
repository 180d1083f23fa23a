// The npm package `ws` behind the interface of traffic.mjs, as its users run it fastest: bytes as the Buffers it
// hands over, and text made into the string that a reader of text wants. It must not know rows or measurements.

/** @import { Connect } from '../runner/measured/traffic.mjs' */

import { createRequire } from 'node:module';
import process from 'node:process';
import WebSocket from 'ws';
import { sendingOver } from './ws-sending.mjs';

// When its add-on does not load, ws says nothing, and the add-on itself falls back to JavaScript in silence too. Figures that
// are called native must not come from there.
if (process.env.WS_NO_BUFFER_UTIL === undefined) {
  const { mask } = createRequire(import.meta.url)('bufferutil');
  if (!String(mask).includes('[native code]')) throw new Error('bufferutil has no native code on this machine');
}

/** @type {Connect} */
export function connect(url, handlers, highWaterMark, perMessageDeflate = false) {
  const socket = new WebSocket(url, { perMessageDeflate });
  socket.on('open', handlers.onOpen);
  socket.on('message', (data, isBinary) => {
    // With the default binaryType, data is one Buffer.
    const bytes = /** @type {Buffer} */ (data);
    handlers.onMessage(isBinary ? bytes : bytes.toString(), isBinary);
  });
  socket.on('close', (code, reason) => handlers.onClose(code, reason.toString()));
  socket.on('error', (error) => handlers.onFailure(error.message));

  return sendingOver(socket, handlers, highWaterMark);
}
