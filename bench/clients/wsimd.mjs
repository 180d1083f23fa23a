// This library's callback API behind the interface of traffic.mjs. It must not know rows or measurements.

/** @import { Connect } from '../runner/measured/traffic.mjs' */

import { AsyncTcpConnection, Ws } from 'wsimd';

export const connect = connectWith({});

/**
 * @param {{ binaryDelivery?: string }} settings of each connection
 * @param {{ level?: number }} [zlibDeflateOptions] where messages are compressed
 * @returns {Connect}
 */
export function connectWith(settings, zlibDeflateOptions) {
  return (url, handlers, highWaterMark, perMessageDeflate = false) => {
    const connection = Object.assign(new AsyncTcpConnection(url), settings);
    let isFull = false;
    connection.websocketType = Ws.BINARY_TYPE_BLOB;
    connection.perMessageDeflate = perMessageDeflate && { ...perMessageDeflate, zlibDeflateOptions };
    connection.maxSendBufferSize = highWaterMark;
    connection.onWebSocketConnect = handlers.onOpen;
    connection.onMessage = (_connection, data, isBinary) => handlers.onMessage(data, isBinary);
    const { onDrain } = handlers;
    if (onDrain !== undefined) {
      connection.onBufferFull = () => {
        isFull = true;
      };
      connection.onBufferDrain = () => {
        isFull = false;
        onDrain();
      };
    }
    connection.onClose = (_connection, { code, reason }) => handlers.onClose(code, reason);
    connection.onError = (_connection, code, message) => handlers.onFailure(`${code}: ${message}`);
    connection.connect();

    return {
      send(data) {
        // `null` alone says that the message waits behind others, not that there are too many: onBufferFull says that, and
        // only after it does onBufferDrain come.
        if (connection.send(data) === false) handlers.onFailure('a message was dropped');
        return !isFull;
      },
      close: () => connection.close(),
    };
  };
}
