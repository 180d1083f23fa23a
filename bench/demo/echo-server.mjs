// The other end of the tour: an echo server on the npm package ws, in a process of its own, so that neither side's work is
// counted as the other's. It owns the listening socket and must not know what is sent to it.
//
// It prints one line, its port. For the line `drop` it cuts every connection off, without a close frame. It ends when its
// standard input does, that is, no later than the process that started it.

import { createInterface } from 'node:readline';
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });

server.on('listening', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(port);
});

server.on('connection', (client, { socket }) => {
  client.on('message', (data, isBinary) => {
    // What came in one read goes back in one write: ws by itself makes a system call per message.
    socket.cork();
    client.send(data, { binary: isBinary });
    process.nextTick(() => socket.uncork());
  });
});

const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  if (line === 'drop') for (const client of server.clients) client.terminate();
});
input.on('close', () => process.exit());
