// A wss:// client that shows a certificate of its own to a server whose certificate a private authority has signed. All three are
// files in PEM, read at every attempt; `passphrase` would open a key that is encrypted. By Node's names: `{ ca, cert, key }`,
// with their content.
//
//   node wss-local-certificate.mjs wss://127.0.0.1:1234 authority.pem certificate.pem key.pem

import { AsyncTcpConnection } from 'wsimd';

const [url, cafile, local_cert, local_pk] = process.argv.slice(2);

const connection = new AsyncTcpConnection(url, { ssl: { cafile, local_cert, local_pk } });
connection.onWebSocketConnect = (connection) => connection.send('hello');
connection.onMessage = (connection, data) => {
  console.log(`recv: ${data}`);
  connection.close();
};
connection.onError = (_connection, _code, message) => console.log(`error: ${message}`);
connection.onClose = (_connection, { code }) => console.log(`closed: ${code}`);
connection.connect();
