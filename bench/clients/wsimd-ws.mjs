// This library's drop-in for the npm package `ws` behind the interface of ../traffic.mjs, with an event listener, which gets
// text as the string that a reader of text wants. It must not know rows or measurements.

/** @import { Connect } from '../traffic.mjs' */

import { WebSocket } from 'wsimd';

/** @type {Connect} */
export function connect(url, handlers, highWaterMark) {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  socket.onopen = () => handlers.onOpen();
  socket.onmessage = ({ data }) =>
    handlers.onMessage(/** @type {string | Uint8Array} */ (data), typeof data !== 'string');
  socket.onclose = ({ code, reason }) => handlers.onClose(code, reason);
  socket.onerror = ({ message }) => handlers.onFailure(message);

  return {
    send(data) {
      if (socket.bufferedAmount < highWaterMark) {
        socket.send(data);
        return true;
      }
      // Messages are written in order: once this one has gone to the kernel, so have those before it.
      socket.send(data, (error) => {
        if (error) handlers.onFailure(error.message);
        else handlers.onDrain();
      });
      return false;
    },
    close: () => socket.close(),
  };
}
