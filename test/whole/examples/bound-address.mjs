// A client that connects from an address and port of its own choice, on a machine that has several. By Node's names:
// `{ localAddress, localPort }`.
//
//   node bound-address.mjs ws://127.0.0.1:1234 127.0.0.1 2333

import { AsyncTcpConnection } from 'wsimd';

const [url, address, port] = process.argv.slice(2);

const connection = new AsyncTcpConnection(url, { socket: { bindto: `${address}:${port}` } });
connection.onWebSocketConnect = (connection) => {
  console.log(`connected from ${connection.getLocalAddress()} to ${connection.getRemoteAddress()}`);
  connection.close();
};
connection.onError = (_connection, _code, message) => console.log(`error: ${message}`);
connection.onClose = (_connection, { code }) => console.log(`closed: ${code}`);
connection.connect();
