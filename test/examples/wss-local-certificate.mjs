// A wss:// client that shows a certificate of its own to a server whose certificate a private authority has signed. All three are
// files in PEM; `passphrase` would open a key that is encrypted. In Workerman these are `local_cert`, `local_pk` and `cafile`.
//
//   node wss-local-certificate.mjs wss://127.0.0.1:1234 authority.pem certificate.pem key.pem

import { readFileSync } from 'node:fs';
import { AsyncTcpConnection } from 'wsimd';

const [url, ca, cert, key] = process.argv.slice(2);

const connection = new AsyncTcpConnection(url, {
  ca: readFileSync(ca),
  cert: readFileSync(cert),
  key: readFileSync(key),
});
connection.onWebSocketConnect = (connection) => connection.send('hello');
connection.onMessage = (connection, data) => {
  console.log(`recv: ${data}`);
  connection.close();
};
connection.onError = (_connection, _code, message) => console.log(`error: ${message}`);
connection.onClose = (_connection, { code }) => console.log(`closed: ${code}`);
connection.connect();
