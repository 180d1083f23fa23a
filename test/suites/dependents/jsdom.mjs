// window.WebSocket of jsdom, which is a class of its own around a connection of ws: cookies, origin and user agent go through it.

import assert from 'node:assert/strict';
import { JSDOM } from 'jsdom';
import { check, checkOverride, end, next } from './check.mjs';
import { serve } from './echo-server.mjs';

await checkOverride('jsdom');

/** @type {import('node:http').IncomingHttpHeaders} */
let headers = {};
/** @type {(values: [number, string]) => void} */
let onLeft = () => {};
const server = await serve(
  (socket, request) => {
    headers = request.headers;
    socket.on('message', (data, isBinary) => {
      if (data.toString() === 'leave') socket.close(4002, 'auf Wiedersehen ü');
      else socket.send(data, { binary: isBinary });
    });
    socket.on('close', (code, reason) => onLeft([code, reason.toString()]));
  },
  { handleProtocols: (offered) => [...offered].at(-1) ?? false },
);
server.sockets.on('headers', (lines) => lines.push('Set-Cookie: fresh=biscuit', 'Set-Cookie: second=one'));
const page = `http://127.0.0.1:${server.port}/page`;
const heard = (socket, event) => next((on) => socket.addEventListener(event, on, { once: true }));

await check('text comes back, with the events of the window', async () => {
  const { window } = new JSDOM('', { url: page });
  const socket = new window.WebSocket(server.url, ['first', 'second']);
  assert.equal(socket.readyState, 0);
  await heard(socket, 'open');
  assert.equal(socket.readyState, 1);
  assert.equal(socket.protocol, 'second');
  const message = heard(socket, 'message');
  socket.send('grüße 🙂');
  const [event] = await message;
  assert.ok(event instanceof window.MessageEvent);
  assert.equal(event.data, 'grüße 🙂');
  assert.equal(event.origin, server.url);
  const closed = heard(socket, 'close');
  socket.close(3000, 'done');
  const [{ code, reason, wasClean }] = await closed;
  assert.deepEqual({ code, reason, wasClean }, { code: 3000, reason: 'done', wasClean: true });
  window.close();
});

await check('binary messages as Blob and as ArrayBuffer of the window', async () => {
  const { window } = new JSDOM('', { url: page, runScripts: 'outside-only' });
  const socket = new window.WebSocket(server.url);
  await heard(socket, 'open');
  let message = heard(socket, 'message');
  socket.send(new window.Uint8Array([1, 2, 3]));
  const [{ data: blob }] = await message;
  assert.ok(blob instanceof window.Blob);
  assert.equal(blob.size, 3);
  socket.binaryType = 'arraybuffer';
  message = heard(socket, 'message');
  socket.send(blob);
  const [{ data }] = await message;
  assert.ok(data instanceof window.ArrayBuffer);
  assert.deepEqual([...new Uint8Array(data)], [1, 2, 3]);
  assert.equal(socket.bufferedAmount, 0);
  const closed = heard(socket, 'close');
  socket.close();
  assert.equal((await closed)[0].code, 1005);
  window.close();
});

await check('cookies, origin and user agent go out, and cookies of the answer come in', async () => {
  const { window } = new JSDOM('', { url: page });
  window.document.cookie = 'flavour=oat';
  const socket = new window.WebSocket(server.url);
  await heard(socket, 'open');
  assert.equal(headers.cookie, 'flavour=oat');
  assert.equal(headers.origin, `http://127.0.0.1:${server.port}`);
  assert.match(headers['user-agent'] ?? '', /jsdom/);
  assert.equal(window.document.cookie, 'flavour=oat; fresh=biscuit; second=one');
  const closed = heard(socket, 'close');
  socket.close();
  await closed;
  window.close();
});

await check("the server's close code and reason are in the event", async () => {
  const { window } = new JSDOM('', { url: page });
  const socket = new window.WebSocket(server.url);
  await heard(socket, 'open');
  const closed = heard(socket, 'close');
  socket.send('leave');
  const [{ code, reason }] = await closed;
  assert.deepEqual({ code, reason }, { code: 4002, reason: 'auf Wiedersehen ü' });
  window.close();
});

await check('a window that closes leaves with 1001', async () => {
  const { window } = new JSDOM('', { url: page });
  const socket = new window.WebSocket(server.url);
  await heard(socket, 'open');
  const left = next((on) => {
    onLeft = on;
  });
  window.close();
  assert.deepEqual(await left, [[1001, '']]);
});

await check('close() while it connects is an error and a close with 1006', async () => {
  const { window } = new JSDOM('', { url: page });
  const socket = new window.WebSocket(server.url);
  await new Promise((resolve) => setImmediate(resolve));
  const [failed, closed] = [heard(socket, 'error'), heard(socket, 'close')];
  socket.close();
  await failed;
  assert.equal((await closed)[0].code, 1006);
  window.close();
});

await check('nobody listening is an error and a close that is not clean', async () => {
  const nobody = await serve(() => {});
  await nobody.stop();
  const { window } = new JSDOM('', { url: page });
  const socket = new window.WebSocket(nobody.url);
  const [failed, closed] = [heard(socket, 'error'), heard(socket, 'close')];
  await failed;
  const [{ code, wasClean }] = await closed;
  assert.deepEqual({ code, wasClean }, { code: 1006, wasClean: false });
  window.close();
});

await server.stop();
end();
