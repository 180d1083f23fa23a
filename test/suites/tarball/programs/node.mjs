// The conversation on Node.js, which has the drop-in for ws besides: `node.mjs <url>` prints ok.

import WebSocket, { createWebSocketStream, WebSocket as Named } from 'wsimd';
import { expectEcho, say, talk } from './talk.mjs';

const url = process.argv[2];
await talk(url);

const socket = new WebSocket(url);
const received = [];
socket.on('open', () => say(socket));
socket.on('message', (data, isBinary) => {
  if (received.push(isBinary ? new Uint8Array(data) : String(data)) === 2) socket.close(1000);
});
socket.on('close', (code) => {
  received.push(code);
  expectEcho('WebSocket of wsimd', received);
  if (Named !== WebSocket || typeof createWebSocketStream !== 'function')
    throw new Error('The names of ws are not there.');
  console.log('ok');
});
