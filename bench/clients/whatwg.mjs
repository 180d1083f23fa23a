// Any WebSocket class of the WHATWG's kind behind the interface of traffic.mjs: what browsers, undici and the runtimes
// themselves have in common. It must not know whose class it is, nor rows or measurements.

/** @import { Deflate } from '../rows.mjs' */
/** @import { Connect } from '../runner/measured/traffic.mjs' */

import { setTimeout } from 'node:timers';

/**
 * The WHATWG's interface has no event that says that what was sent has gone; a program can only look at `bufferedAmount` now
 * and then. Once per millisecond, the shortest time a timer has, and not once per turn of the loop by setImmediate: a client
 * that waits for the kernel must sleep meanwhile, as those do that have a drain event. Otherwise the row would measure the
 * looking.
 */
const LOOK_AGAIN_MILLISECONDS = 1;

/**
 * @param {(url: string, perMessageDeflate: Deflate | false) => WebSocket} open those whose class leaves no choice of
 *   compression offer it always, and what is agreed on is up to the source
 * @returns {Connect}
 */
export function adapt(open) {
  return (url, handlers, highWaterMark, perMessageDeflate = false) => {
    const socket = open(url, perMessageDeflate);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => handlers.onOpen();
    socket.onmessage = ({ data }) => {
      if (typeof data === 'string') handlers.onMessage(data, false);
      else handlers.onMessage(new Uint8Array(data), true);
    };
    socket.onclose = ({ code, reason }) => handlers.onClose(code, reason);
    // Which of them says more than 'error', and where, is the runtime's choice.
    socket.onerror = (event) => {
      const { message, error } = /** @type {{ message?: string, error?: unknown }} */ (event);
      handlers.onFailure(message || String(error ?? 'an error event without a word'));
    };

    const lookAgain = () => {
      if (socket.bufferedAmount === 0) handlers.onDrain?.();
      else setTimeout(lookAgain, LOOK_AGAIN_MILLISECONDS);
    };

    return {
      send(data) {
        socket.send(/** @type {string | Uint8Array<ArrayBuffer>} */ (data));
        if (socket.bufferedAmount < highWaterMark) return true;
        setTimeout(lookAgain, LOOK_AGAIN_MILLISECONDS);
        return false;
      },
      close: () => socket.close(1000),
    };
  };
}
