// How messages are sent with the npm package `ws`, and with whatever has its methods.

/** @import { Connect } from '../runner/measured/traffic.mjs' */

/**
 * @param {import('ws').WebSocket | import('wsimd').WebSocket} socket
 * @param {Parameters<Connect>[1]} handlers
 * @param {number} highWaterMark
 * @returns {ReturnType<Connect>}
 */
export function sendingOver(socket, handlers, highWaterMark) {
  return {
    send(data) {
      if (socket.bufferedAmount < highWaterMark) {
        socket.send(data);
        return true;
      }
      // Messages are written in order: once this one has gone to the kernel, so have those before it.
      socket.send(data, (error) => {
        if (error) handlers.onFailure(error.message);
        else handlers.onDrain?.();
      });
      return false;
    },
    close: () => socket.close(),
  };
}
