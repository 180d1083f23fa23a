// socket.io-client against socket.io: its engine.io-client takes ws as a dependency, and hands it options of its own.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { check, checkOverride, end, listen, next } from './check.mjs';

await checkOverride('socket.io-client', 'engine.io-client');

const http = createServer();
const server = new Server(http, { maxHttpBufferSize: 4 * 1024 * 1024 });
const port = await listen(http);
const url = `http://127.0.0.1:${port}`;

server.on('connection', (socket) => {
  socket.on('echo', (...values) => {
    const acknowledge = values.pop();
    acknowledge(...values);
  });
  socket.on('join', async (room, acknowledge) => {
    await socket.join(room);
    acknowledge();
  });
  socket.on('tell', (room, text) => server.to(room).emit('told', text));
  socket.on('ask', async (question, acknowledge) =>
    acknowledge(await socket.timeout(5000).emitWithAck('answer', question)),
  );
  socket.on('headers', (acknowledge) => acknowledge(socket.handshake.headers));
  socket.on('drop', () => socket.conn.close());
  socket.on('cut', () => socket.conn.transport.socket.terminate());
});

const only = { transports: ['websocket'], reconnectionDelay: 10, reconnectionDelayMax: 50, forceNew: true };
const connected = (client) => (client.connected ? Promise.resolve() : next((on) => client.once('connect', on)));

await check('a client that knows only websocket connects', async () => {
  const client = io(url, only);
  await connected(client);
  assert.equal(client.io.engine.transport.name, 'websocket');
  client.close();
});

await check('a client that starts with polling is upgraded to websocket', async () => {
  const client = io(url, { ...only, transports: ['polling', 'websocket'] });
  const upgraded = next((on) => client.io.on('open', () => client.io.engine.once('upgrade', on)));
  await connected(client);
  const [transport] = await upgraded;
  assert.equal(transport.name, 'websocket');
  assert.deepEqual(await client.emitWithAck('echo', 'after the upgrade'), 'after the upgrade');
  client.close();
});

await check('acknowledgements go both ways', async () => {
  const client = io(url, only);
  client.on('answer', (question, acknowledge) => acknowledge(`${question}!`));
  assert.equal(await client.emitWithAck('ask', 'häß 🙂'), 'häß 🙂!');
  client.close();
});

await check('500 acknowledgements that are in flight together arrive, each its own', async () => {
  const client = io(url, only);
  const answers = await Promise.all(Array.from({ length: 500 }, (_, index) => client.emitWithAck('echo', { index })));
  assert.deepEqual(
    answers.map(({ index }) => index),
    answers.map((_, index) => index),
  );
  client.close();
});

await check('binary values of many shapes and 1 MiB come back', async () => {
  const client = io(url, only);
  const large = Buffer.alloc(1024 * 1024, 'wsimd');
  const back = await client.emitWithAck('echo', { small: Buffer.from([1, 2, 3]), empty: Buffer.alloc(0), large });
  assert.deepEqual(back.small, Buffer.from([1, 2, 3]));
  assert.equal(back.empty.length, 0);
  assert.ok(large.equals(back.large));
  const view = await client.emitWithAck('echo', new Uint8Array([9, 8, 7, 6]).subarray(1, 3));
  assert.deepEqual([...new Uint8Array(view)], [8, 7]);
  client.close();
});

await check('a room gets what is told to it, and nobody else', async () => {
  const [inside, outside] = [io(url, only), io(url, only)];
  await inside.emitWithAck('join', 'kitchen');
  await connected(outside);
  let wrong = 0;
  outside.on('told', () => {
    wrong += 1;
  });
  const told = next((on) => inside.once('told', on));
  outside.emit('tell', 'kitchen', 'tea');
  assert.deepEqual(await told, ['tea']);
  await outside.emitWithAck('echo', 'anything that comes behind it');
  assert.equal(wrong, 0);
  inside.close();
  outside.close();
});

await check('extraHeaders are in the request', async () => {
  const client = io(url, { ...only, extraHeaders: { 'x-tenant': 'blue', authorization: 'Bearer 123' } });
  const headers = await client.emitWithAck('headers');
  assert.equal(headers['x-tenant'], 'blue');
  assert.equal(headers.authorization, 'Bearer 123');
  assert.equal(headers.upgrade, 'websocket');
  client.close();
});

for (const [way, reason] of [
  ['drop', 'transport close'],
  ['cut', 'transport close'],
]) {
  await check(`it reconnects by itself after the server's ${way}`, async () => {
    const client = io(url, only);
    await connected(client);
    const before = client.id;
    const lost = next((on) => client.once('disconnect', on));
    client.emit(way);
    assert.equal((await lost)[0], reason);
    client.emit('echo', 'kept while down', () => {});
    await connected(client);
    assert.notEqual(client.id, before);
    assert.equal(await client.emitWithAck('echo', 'back'), 'back');
    client.close();
  });
}

await check('perMessageDeflate that both sides ask for leaves messages whole, agreed on or not', async () => {
  const other = createServer();
  const deflating = new Server(other, { perMessageDeflate: { threshold: 100 } });
  deflating.on('connection', (socket) => socket.on('echo', (text, acknowledge) => acknowledge(text)));
  const client = io(`http://127.0.0.1:${await listen(other)}`, { ...only, perMessageDeflate: { threshold: 100 } });
  const text = 'again and '.repeat(5000);
  assert.equal(await client.emitWithAck('echo', text), text);
  client.close();
  await deflating.close();
});

await check('nobody listening is a connect_error, and the client that is closed tries no more', async () => {
  const nobody = createServer();
  const free = await listen(nobody);
  await new Promise((resolve) => nobody.close(resolve));
  const client = io(`http://127.0.0.1:${free}`, only);
  const [error] = await next((on) => client.once('connect_error', on));
  assert.equal(error.message, 'websocket error');
  client.close();
});

await server.close();
end();
