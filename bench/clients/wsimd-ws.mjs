// This library's drop-in for the npm package `ws` behind the interface of traffic.mjs, with an event listener, which gets
// text as the string that a reader of text wants. It must not know rows or measurements.

/** @import { Connect } from '../runner/measured/traffic.mjs' */

import { WebSocket } from 'wsimd';
import { sendingOver } from './ws-sending.mjs';

/** @type {Connect} */
export function connect(url, handlers, highWaterMark, perMessageDeflate = false) {
  const socket = new WebSocket(url, { perMessageDeflate });
  socket.onopen = () => handlers.onOpen();
  socket.onmessage = ({ data }) =>
    handlers.onMessage(/** @type {string | Uint8Array} */ (data), typeof data !== 'string');
  socket.onclose = ({ code, reason }) => handlers.onClose(code, reason);
  socket.onerror = ({ message }) => handlers.onFailure(message);

  return sendingOver(socket, handlers, highWaterMark);
}
