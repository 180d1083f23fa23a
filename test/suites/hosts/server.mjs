// The servers of the contract, made of ws, in a process of their own. It prints where they are, and ends with its input.

import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer as createNet } from 'node:net';
import { createCA, createCert } from 'mkcert';
import { WebSocketServer } from 'ws';

const plain = new WebSocketServer({ noServer: true });
const deflating = new WebSocketServer({ noServer: true, perMessageDeflate: { threshold: 0 } });

/** What begins with an exclamation mark is a wish; all else comes back. @type {Record<string, (talk: Talk) => void>} */
const WISHES = {
  '!ping': ({ socket }) => {
    socket.once('pong', (payload) => socket.send(`pong: ${payload}`));
    socket.ping('핑');
  },
  '!close': ({ socket }) => socket.close(4002, '그만'),
  '!header': ({ socket, request, word }) => socket.send(String(request.headers[word])),
  '!received': ({ socket, request }) => socket.send(String(request.socket.bytesRead)),
};

/** @typedef {{ socket: import('ws').WebSocket, request: import('node:http').IncomingMessage, word: string }} Talk */

for (const server of [plain, deflating]) {
  server.on('connection', (socket, request) => {
    // Clients of programs that are stopped go without a word.
    socket.on('error', () => {});
    socket.on('message', (data, isBinary) => {
      const [wish = '', word = ''] = isBinary ? [] : String(data).slice(0, 100).split(' ');
      if (Object.hasOwn(WISHES, wish)) WISHES[wish]?.({ socket, request, word });
      else socket.send(data, { binary: isBinary });
    });
  });
}

const authority = { organization: 'wsimd', countryCode: 'KR', state: 'Seoul', locality: 'Seoul', validity: 2 };
const ca = await createCA(authority);
const certificate = await createCert({ ca, domains: ['localhost', '127.0.0.1'], validity: 1 });

/** @param {import('node:http').Server | import('node:https').Server} server @returns {Promise<number>} */
async function listen(server) {
  server.on('upgrade', (request, socket, head) => {
    const target = request.url?.startsWith('/deflate') ? deflating : plain;
    target.handleUpgrade(request, socket, head, (client) => target.emit('connection', client, request));
  });
  return portOf(server);
}

/** @param {import('node:net').Server} server @returns {Promise<number>} */
async function portOf(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port;
}

const closed = createNet();
const port = await portOf(closed);
closed.close();
const place = {
  ws: `ws://127.0.0.1:${await listen(createHttp())}`,
  wss: `wss://127.0.0.1:${await listen(createHttps(certificate))}`,
  ca: ca.cert,
  closed: `ws://127.0.0.1:${port}`,
};
console.log(JSON.stringify(place));
process.stdin.resume().on('end', () => process.exit());
