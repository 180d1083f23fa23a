// rpc-websockets, JSON-RPC 2.0, against its own server: the package is installed twice, since its server needs the real ws.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Client } from 'rpc-websockets';
import { Server } from 'rpc-websockets-server';
import { check, checkOverride, end, next } from './check.mjs';

await checkOverride('rpc-websockets');

const server = new Server({ host: '127.0.0.1', port: 0 });
await once(server, 'listening');
const { port } = server.wss.address();
const url = `ws://127.0.0.1:${port}`;
/** @type {unknown[]} */
const notified = [];
server.register('sum', ([one, other]) => one + other);
server.register('greet', ({ name }) => `hello ${name}`);
server.register('wrong', () => {
  throw new Error('it went wrong');
});
server.register('note', (parameters) => {
  notified.push(parameters);
});
server.register('secret', () => 'treasure').protected();
server.setAuth((parameters) => parameters.password === 'open sesame');
server.event('tick');

const options = { reconnect_interval: 20, max_reconnects: 100 };
const open = async (more = {}) => {
  const client = new Client(url, { ...options, ...more });
  await once(client, 'open');
  return client;
};
const close = async (client) => {
  const closed = once(client, 'close');
  client.close();
  await closed;
};

await check('calls with positional and named parameters are answered', async () => {
  const client = await open();
  assert.equal(await client.call('sum', [2, 3]), 5);
  assert.equal(await client.call('greet', { name: 'Zoë' }), 'hello Zoë');
  await close(client);
});

await check('300 calls in flight together are each answered', async () => {
  const client = await open();
  const sums = await Promise.all(Array.from({ length: 300 }, (_, index) => client.call('sum', [index, 1])));
  assert.deepEqual(
    sums,
    Array.from({ length: 300 }, (_, index) => index + 1),
  );
  await close(client);
});

await check('errors have code and message', async () => {
  const client = await open();
  await assert.rejects(client.call('nothing'), { code: -32601, message: 'Method not found' });
  await assert.rejects(client.call('wrong'), (error) => /it went wrong/.test(JSON.stringify(error) + error.message));
  await close(client);
});

await check('a notification arrives and is not answered', async () => {
  const client = await open();
  await client.notify('note', [1, 'two']);
  assert.equal(await client.call('sum', [0, 0]), 0);
  assert.deepEqual(notified, [[1, 'two']]);
  await close(client);
});

await check('a subscription gets events until it is ended', async () => {
  const client = await open();
  const tick = next((on) => client.once('tick', on));
  await client.subscribe('tick');
  server.emit('tick', 7, 'seven');
  assert.deepEqual(await tick, [7, 'seven']);
  await client.unsubscribe('tick');
  let more = 0;
  client.on('tick', () => {
    more += 1;
  });
  server.emit('tick', 8);
  await client.call('sum', [0, 0]);
  assert.equal(more, 0);
  await close(client);
});

await check('a protected method is refused until login', async () => {
  const client = await open();
  await assert.rejects(client.call('secret'), { code: -32605 });
  await client.login({ password: 'open sesame' });
  assert.equal(await client.call('secret'), 'treasure');
  await close(client);
});

await check('it reconnects when the server cuts the connection', async () => {
  const client = await open();
  const closed = once(client, 'close');
  const opened = closed.then(() => once(client, 'open'));
  for (const socket of server.wss.clients) socket.terminate();
  const [code] = await closed;
  assert.equal(code, 1006);
  await opened;
  assert.equal(await client.call('sum', [20, 22]), 42);
  await close(client);
});

await check('the server closing with a code is a close event with it', async () => {
  const client = await open({ reconnect: false });
  const closed = once(client, 'close');
  for (const socket of server.wss.clients) socket.close(4000, 'closing time');
  const [code, reason] = await closed;
  assert.equal(code, 4000);
  assert.equal(String(reason), 'closing time');
});

await server.close();
end();
