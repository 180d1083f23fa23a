// A server that goes and comes back on one port, and the checks that reconnecting-websocket and partysocket have in common: the
// second is a descendant of the first. What is their own stays in their scripts.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { check, listen, next } from './check.mjs';

/** An echo server with the list of what it has got; `stop` cuts all connections, `start` listens on the same port again. */
export async function returningServer() {
  /** @type {string[]} */
  const got = [];
  let port = 0;
  let http = createServer();
  const self = {
    got,
    sockets: new WebSocketServer({ noServer: true }),
    url: '',
    async start() {
      http = createServer();
      self.sockets = new WebSocketServer({ server: http });
      self.sockets.on('connection', (socket) => {
        socket.on('message', (data, isBinary) => {
          got.push(isBinary ? data.toString('hex') : data.toString());
          socket.send(data, { binary: isBinary });
        });
      });
      port = await listen(http, port);
      self.url = `ws://127.0.0.1:${port}`;
    },
    async stop() {
      const closed = new Promise((resolve) => http.close(resolve));
      for (const socket of self.sockets.clients) socket.terminate();
      await closed;
    },
  };
  await self.start();
  return self;
}

/**
 * @param {string} name
 * @param {any} Reconnecting the class of the package
 * @param {unknown} WebSocket the class given to it
 */
export async function playReturning(name, Reconnecting, WebSocket) {
  const options = {
    WebSocket,
    minReconnectionDelay: 20,
    maxReconnectionDelay: 50,
    minUptime: 0,
    connectionTimeout: 5000,
  };
  const heard = (socket, event) => next((on) => socket.addEventListener(event, on, { once: true }));
  const server = await returningServer();

  await check(`${name}: text and binary messages come back`, async () => {
    const socket = new Reconnecting(server.url, [], options);
    socket.binaryType = 'arraybuffer';
    await heard(socket, 'open');
    let message = heard(socket, 'message');
    socket.send('häß 🙂');
    assert.equal((await message)[0].data, 'häß 🙂');
    message = heard(socket, 'message');
    socket.send(new Uint8Array([1, 2, 255]));
    assert.deepEqual([...new Uint8Array((await message)[0].data)], [1, 2, 255]);
    const closed = heard(socket, 'close');
    socket.close(1000, 'done');
    await closed;
  });

  await check(`${name}: it comes back after the server was down, and sends what was queued, in order`, async () => {
    const socket = new Reconnecting(server.url, [], options);
    await heard(socket, 'open');
    const closed = heard(socket, 'close');
    await server.stop();
    await closed;
    server.got.length = 0;
    for (let index = 0; index < 50; index++) socket.send(`queued ${index}`);
    const refused = heard(socket, 'error');
    await refused;
    const opened = heard(socket, 'open');
    const last = next((on) => {
      socket.addEventListener('message', ({ data }) => {
        if (data === 'queued 49') on();
      });
    });
    await server.start();
    await opened;
    await last;
    assert.deepEqual(
      server.got,
      Array.from({ length: 50 }, (_, index) => `queued ${index}`),
    );
    const over = heard(socket, 'close');
    socket.close();
    await over;
  });

  await check(`${name}: messages before the first connection wait for it`, async () => {
    const socket = new Reconnecting(async () => server.url, [], options);
    socket.send('early');
    assert.equal((await heard(socket, 'message'))[0].data, 'early');
    const over = heard(socket, 'close');
    socket.close();
    await over;
  });

  await check(`${name}: reconnect() closes and opens again`, async () => {
    const socket = new Reconnecting(server.url, [], options);
    await heard(socket, 'open');
    const opened = heard(socket, 'open');
    socket.reconnect(4000, 'once more');
    await opened;
    const message = heard(socket, 'message');
    socket.send('again');
    assert.equal((await message)[0].data, 'again');
    const over = heard(socket, 'close');
    socket.close();
    await over;
  });

  await check(`${name}: the server's code and reason are in the close event`, async () => {
    const socket = new Reconnecting(server.url, [], { ...options, maxRetries: 0 });
    await heard(socket, 'open');
    const closed = heard(socket, 'close');
    for (const peer of server.sockets.clients) peer.close(4321, 'no more');
    const [{ code, reason }] = await closed;
    assert.deepEqual({ code, reason }, { code: 4321, reason: 'no more' });
    socket.close();
  });

  await server.stop();
}
