// A wss:// client. The certificate of the server is verified against what Node.js trusts; NODE_EXTRA_CA_CERTS adds an authority.
// In Workerman this is `ws://host:443` with `transport = 'ssl'`, which works here as well.
//
//   node wss.mjs wss://example.org/ws

import { AsyncTcpConnection } from 'wsimd';

const connection = new AsyncTcpConnection(process.argv[2] ?? 'wss://127.0.0.1:1234');
connection.onWebSocketConnect = (connection) => connection.send('hello');
connection.onMessage = (connection, data) => {
  console.log(`recv: ${data}`);
  connection.close();
};
connection.onError = (_connection, _code, message) => console.log(`error: ${message}`);
connection.onClose = (_connection, { code }) => console.log(`closed: ${code}`);
connection.connect();
