// The client at the near end of a line: a connection that is told what to do, and tells what happens to it, with the time.

import { AsyncTcpConnection } from 'wsimd';

/** @param {string} event @param {object} [more] */
const tell = (event, more = {}) => process.send?.({ event, at: performance.timeOrigin + performance.now(), ...more });

/** @type {AsyncTcpConnection} */
let connection;

/** @type {Record<string, (argument: any) => unknown>} */
const ORDERS = {
  open({ url, ...settings }) {
    connection = new AsyncTcpConnection(url);
    Object.assign(connection, { connectTimeout: 60, maxPackageSize: 2 ** 26, maxSendBufferSize: 2 ** 26, ...settings });
    connection.onWebSocketConnect = () => tell('open');
    connection.onWebSocketPong = () => tell('pong', { latency: connection.latency });
    connection.onMessage = (_, data) => tell('message', { data: typeof data === 'string' ? data : data.length });
    connection.onError = (_, code, message) => {
      tell('error', { message, isDead: code === AsyncTcpConnection.DEAD_PEER });
    };
    connection.onClose = (_, { code, wasClean, willReconnect }) => tell('close', { code, wasClean, willReconnect });
    connection.connect();
  },
  text: (text) => connection.send(text),
  bytes: (length) => connection.send(new Uint8Array(length)),
  close: () => connection.close(1000),
};

process.on('message', (/** @type {any} */ { order, argument }) => void ORDERS[order]?.(argument));
process.on('disconnect', () => process.exit());
tell('ready');
