// Two servers that talk with each other through this program: every message of the one goes to the other, at the pace of the
// slower one, and when one of them closes, so does the other.
//
//   node pipe.mjs ws://127.0.0.1:1234 ws://127.0.0.1:5678

import { AsyncTcpConnection } from 'wsimd';

const [oneUrl, otherUrl] = process.argv.slice(2);

const one = new AsyncTcpConnection(oneUrl);
const other = new AsyncTcpConnection(otherUrl);
for (const connection of [one, other]) {
  connection.onWebSocketConnect = (connection) => console.log(`connected to ${connection.getRemoteURI()}`);
  connection.onError = (_connection, _code, message) => console.log(`error: ${message}`);
  connection.onClose = (connection, { code }) => console.log(`closed ${connection.getRemoteURI()}: ${code}`);
}
one.pipe(other);
other.pipe(one);
one.connect();
other.connect();
