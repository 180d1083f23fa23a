// MQTT.js against the broker aedes, MQTT over WebSocket: MQTT.js takes ws as a dependency, wants its stream, and asks for the
// subprotocol mqtt.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { Aedes } from 'aedes';
import mqtt from 'mqtt';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { check, checkOverride, end, listen, next } from './check.mjs';

await checkOverride('mqtt');

const broker = await Aedes.createBroker();
const http = createServer();
const sockets = new WebSocketServer({
  server: http,
  handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : false),
});
/** @type {import('node:http').IncomingHttpHeaders} */
let headers = {};
sockets.on('connection', (socket, request) => {
  headers = request.headers;
  broker.handle(createWebSocketStream(socket), request);
});
const url = `ws://127.0.0.1:${await listen(http)}`;
const connect = (options = {}) => mqtt.connectAsync(url, { reconnectPeriod: 20, ...options });

for (const qos of /** @type {const} */ ([0, 1, 2])) {
  await check(`20 messages of QoS ${qos} arrive in order`, async () => {
    const client = await connect();
    await client.subscribeAsync(`house/${qos}`, { qos });
    const all = next((done) => {
      /** @type {string[]} */
      const texts = [];
      client.on('message', (topic, payload, packet) => {
        texts.push(`${topic} ${packet.qos} ${payload}`);
        if (texts.length === 20) done(texts);
      });
    });
    const indices = Array.from({ length: 20 }, (_, index) => index);
    await Promise.all(indices.map((index) => client.publishAsync(`house/${qos}`, `wärme ${index}`, { qos })));
    assert.deepEqual(await all, [indices.map((index) => `house/${qos} ${qos} wärme ${index}`)]);
    await client.endAsync();
  });
}

await check('a retained message is there for one who comes later', async () => {
  const client = await connect();
  await client.publishAsync('house/retained', 'still here', { qos: 1, retain: true });
  await client.endAsync();
  const later = await connect();
  const message = next((on) => later.once('message', on));
  await later.subscribeAsync('house/retained');
  const [, payload, packet] = await message;
  assert.equal(payload.toString(), 'still here');
  assert.equal(packet.retain, true);
  await later.endAsync();
});

await check('a binary payload of 1 MiB comes back byte for byte', async () => {
  const client = await connect();
  await client.subscribeAsync('house/large', { qos: 1 });
  const large = Buffer.alloc(1024 * 1024);
  for (let index = 0; index < large.length; index++) large[index] = (index * 31) ^ (index >> 8);
  const message = next((on) => client.once('message', on));
  await client.publishAsync('house/large', large, { qos: 1 });
  assert.ok(large.equals((await message)[1]));
  await client.endAsync();
});

await check('headers and the subprotocol of wsOptions are in the request', async () => {
  const client = await connect({ wsOptions: { headers: { 'x-house': 'blue' } } });
  assert.equal(headers['x-house'], 'blue');
  assert.equal(headers['sec-websocket-protocol'], 'mqtt');
  await client.endAsync();
});

await check('the will of a client that is cut off is published', async () => {
  const will = { topic: 'house/will', payload: Buffer.from('gone'), qos: /** @type {const} */ (1), retain: false };
  const watcher = await connect();
  await watcher.subscribeAsync('house/will');
  const message = next((on) => watcher.once('message', on));
  const client = await connect({ will, reconnectPeriod: 0 });
  client.stream.destroy();
  assert.equal((await message)[1].toString(), 'gone');
  await client.endAsync(true);
  await watcher.endAsync();
});

await check('after a cut it reconnects, subscribes again, and sends what was published meanwhile', async () => {
  const client = await connect();
  await client.subscribeAsync('house/again', { qos: 1 });
  const closed = next((on) => client.once('close', on));
  const back = next((on) => client.once('connect', on));
  for (const socket of sockets.clients) socket.terminate();
  await closed;
  /** @type {string[]} */
  const got = [];
  broker.on('publish', ({ topic, payload }) => {
    if (topic === 'house/again') got.push(payload.toString());
  });
  const published = client.publishAsync('house/again', 'while down', { qos: 1 });
  await back;
  await published;
  const message = next((on) => client.once('message', on));
  await client.publishAsync('house/again', 'back', { qos: 1 });
  assert.equal((await message)[1].toString(), 'back');
  assert.equal(got[0], 'while down');
  await client.endAsync();
});

await check('nobody listening is an error event', async () => {
  const nobody = createServer();
  const free = await listen(nobody);
  await new Promise((resolve) => nobody.close(resolve));
  const client = mqtt.connect(`ws://127.0.0.1:${free}`, { reconnectPeriod: 0 });
  const [error] = await next((on) => client.once('error', on));
  assert.equal(error.code, 'ECONNREFUSED');
  await client.endAsync(true);
});

await new Promise((resolve) => broker.close(resolve));
sockets.close();
http.close();
end();
