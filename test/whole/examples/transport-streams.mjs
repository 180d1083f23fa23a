// A byte pipe of a pair of WHATWG streams, as many runtimes have their sockets: here those of Node.js, turned into such.

import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { AsyncTcpConnection, overStreams } from 'wsimd';

/** @type {import('wsimd').Connect} */
const transport = ({ hostname, port }, handlers) => {
  const socket = connect({ host: hostname, port, allowHalfOpen: true });
  const { readable, writable } = Duplex.toWeb(socket);
  const opened = new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return overStreams({ readable, writable, opened: opened.then(() => undefined), socket }, handlers);
};

const connection = new AsyncTcpConnection(process.argv[2] ?? 'ws://127.0.0.1:1234', { transport });
connection.onWebSocketConnect = (connection) => connection.send('hello over streams');
connection.onMessage = (connection, data) => {
  console.log(data);
  connection.close();
};
connection.onError = (_, _code, message) => console.log(message);
connection.onClose = (_, { code, wasClean }) => console.log(`closed: ${code}, ${wasClean ? 'clean' : 'not clean'}`);
connection.connect();
