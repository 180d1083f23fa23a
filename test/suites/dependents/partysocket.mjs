// partysocket, given the class of its connections, and with the global one that it takes by itself.

import assert from 'node:assert/strict';
import Reconnecting from 'partysocket/ws';
import { check, end, next, playBoth, webClass } from './check.mjs';
import { playReturning, returningServer } from './returning.mjs';

await playBoth((name, Class) => playReturning(name, Reconnecting, Class));
await check('without a class it takes globalThis.WebSocket', async () => {
  globalThis.WebSocket = await webClass();
  const server = await returningServer();
  const socket = new Reconnecting(server.url);
  socket.send('global');
  const [{ data }] = await next((on) => socket.addEventListener('message', on));
  assert.equal(data, 'global');
  socket.close();
  await server.stop();
});
end();
