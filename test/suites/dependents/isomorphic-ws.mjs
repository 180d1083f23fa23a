// isomorphic-ws, which hands on its peer ws as it is, for import and for require.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import Imported from 'isomorphic-ws';
import { WebSocketServer } from 'ws';
import { check, checkOverride, end, listen, next } from './check.mjs';

await checkOverride('isomorphic-ws');

const http = createServer();
const sockets = new WebSocketServer({ server: http, handleProtocols: () => 'b' });
sockets.on('connection', (socket, request) => {
  socket.on('message', (data, isBinary) => {
    if (!isBinary && data.toString() === 'headers') socket.send(JSON.stringify(request.headers));
    else if (!isBinary && data.toString() === 'leave') socket.close(4001, 'as you wish');
    else socket.send(data, { binary: isBinary });
  });
});
const url = `ws://127.0.0.1:${await listen(http)}`;

for (const [way, WebSocket] of [
  ['import', Imported],
  ['require', createRequire(import.meta.url)('isomorphic-ws')],
]) {
  await check(`${way}: the class has the constants, itself and createWebSocketStream on it`, () => {
    assert.equal(WebSocket.OPEN, 1);
    assert.equal(WebSocket.WebSocket, WebSocket);
    assert.equal(typeof WebSocket.createWebSocketStream, 'function');
    assert.equal(WebSocket.name, 'WebSocket');
  });

  await check(`${way}: the properties and events of the web`, async () => {
    const socket = new WebSocket(url, ['a', 'b']);
    socket.binaryType = 'arraybuffer';
    await next((on) => {
      socket.onopen = on;
    });
    assert.equal(socket.protocol, 'b');
    assert.equal(socket.readyState, WebSocket.OPEN);
    let message = next((on) => {
      socket.onmessage = on;
    });
    socket.send('text');
    assert.equal((await message)[0].data, 'text');
    message = next((on) => {
      socket.onmessage = on;
    });
    socket.send(new Uint8Array([1, 2, 3]));
    const [{ data }] = await message;
    assert.ok(data instanceof ArrayBuffer);
    assert.deepEqual([...new Uint8Array(data)], [1, 2, 3]);
    const closed = next((on) => {
      socket.onclose = on;
    });
    socket.send('leave');
    const [{ code, reason, wasClean }] = await closed;
    assert.deepEqual({ code, reason, wasClean }, { code: 4001, reason: 'as you wish', wasClean: true });
  });

  await check(`${way}: the events of Node, headers and ping`, async () => {
    const socket = new WebSocket(url, 'b', { headers: { 'x-one': 'two' } });
    await next((on) => socket.once('open', on));
    const message = next((on) => socket.once('message', on));
    socket.send('headers');
    const [data, isBinary] = await message;
    assert.equal(isBinary, false);
    assert.ok(Buffer.isBuffer(data));
    assert.equal(JSON.parse(data.toString())['x-one'], 'two');
    const pong = next((on) => socket.once('pong', on));
    socket.ping('beat');
    assert.equal((await pong)[0].toString(), 'beat');
    const closed = next((on) => socket.once('close', on));
    socket.close(1000, 'done');
    const [code, reason] = await closed;
    assert.equal(code, 1000);
    assert.equal(reason.toString(), 'done');
  });

  await check(`${way}: nobody listening is an error and a close with 1006`, async () => {
    const nobody = createServer();
    const free = await listen(nobody);
    await new Promise((resolve) => nobody.close(resolve));
    const socket = new WebSocket(`ws://127.0.0.1:${free}`);
    const closed = next((on) => socket.addEventListener('close', on));
    const [{ error }] = await next((on) => socket.addEventListener('error', on));
    assert.equal(error.code, 'ECONNREFUSED');
    assert.equal((await closed)[0].code, 1006);
  });
}

http.close();
end();
