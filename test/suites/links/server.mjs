// The server at the far end of a line, made of ws. It says where it listens, and does what messages ask for.

import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ host: process.argv[2], port: 0, perMessageDeflate: false });
server.on('listening', () => {
  process.send?.({ port: /** @type {import('node:net').AddressInfo} */ (server.address()).port });
});
server.on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', (data, isBinary) => {
    if (isBinary) return socket.send(`got ${/** @type {Buffer} */ (data).length}`);
    const [wish, number] = String(data).split(' ');
    if (wish === 'send') socket.send(Buffer.alloc(Number(number), 7));
    else socket.send(String(data));
  });
});
process.on('disconnect', () => process.exit());
