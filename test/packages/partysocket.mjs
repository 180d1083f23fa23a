// partysocket, given the class of its connections, and with the global one that it takes by itself.

import assert from 'node:assert/strict';
import { WebSocket } from 'application-ws';
import Reconnecting from 'partysocket/ws';
import { check, checkGiven, end, next, skip, webClass } from './check.mjs';
import { playReturning, returningServer } from './returning.mjs';

await checkGiven();
await playReturning('ws', Reconnecting, WebSocket);
const web = await webClass();
if (web) {
  await playReturning('the web class', Reconnecting, web);
  await check('without a class it takes globalThis.WebSocket', async () => {
    globalThis.WebSocket = web;
    const server = await returningServer();
    const socket = new Reconnecting(server.url);
    socket.send('global');
    const [{ data }] = await next((on) => socket.addEventListener('message', on));
    assert.equal(data, 'global');
    socket.close();
    await server.stop();
  });
} else skip('the web class', 'wsimd has no export ./web yet');
end();
