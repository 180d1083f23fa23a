// nats.ws, which knows only globalThis.WebSocket, against a server that speaks the first commands of NATS.

import assert from 'node:assert/strict';
import { connect, StringCodec } from 'nats.ws';
import { check, end, playBoth } from './check.mjs';
import { serve } from './echo-server.mjs';

const words = StringCodec();

/**
 * Subjects with a wildcard at the end at most. UNSUB after a number of messages is left to the client, which counts them, too.
 */
async function natsServer() {
  /** @type {Set<{ socket: import('ws').WebSocket, subject: string, id: string }>} */
  const subscriptions = new Set();
  const server = await serve((socket) => {
    let buffer = Buffer.alloc(0);
    const say = (text, payload = Buffer.alloc(0)) =>
      socket.send(Buffer.concat([Buffer.from(text), payload]), { binary: true });
    socket.on('close', () => {
      for (const subscription of subscriptions) if (subscription.socket === socket) subscriptions.delete(subscription);
    });
    socket.on('message', (data) => {
      buffer = Buffer.concat([buffer, /** @type {Buffer} */ (data)]);
      for (let line = buffer.indexOf('\r\n'); line >= 0; line = buffer.indexOf('\r\n')) {
        const [verb, ...values] = buffer.subarray(0, line).toString().split(' ');
        let over = line + 2;
        if (verb === 'PING') say('PONG\r\n');
        else if (verb === 'SUB') subscriptions.add({ socket, subject: values[0], id: values.at(-1) ?? '' });
        else if (verb === 'UNSUB' && values.length === 1) {
          for (const subscription of subscriptions) {
            if (subscription.socket === socket && subscription.id === values[0]) subscriptions.delete(subscription);
          }
        } else if (verb === 'PUB') {
          const length = Number(values.at(-1));
          over += length + 2;
          if (buffer.length < over) return;
          const payload = Buffer.from(buffer.subarray(line + 2, over));
          const to = values.length === 3 ? `${values[1]} ` : '';
          for (const subscription of subscriptions) {
            const { subject, id } = subscription;
            const matches =
              subject === values[0] || (subject.endsWith('.*') && values[0].startsWith(subject.slice(0, -1)));
            if (!matches) continue;
            const head = Buffer.from(`MSG ${values[0]} ${id} ${to}${length}\r\n`);
            subscription.socket.send(Buffer.concat([head, payload]), { binary: true });
          }
        }
        buffer = buffer.subarray(over);
      }
    });
    const info = {
      server_id: 'S',
      version: '2.10.0',
      proto: 1,
      max_payload: 8 * 2 ** 20,
      headers: false,
      client_id: 1,
    };
    say(`INFO ${JSON.stringify(info)}\r\n`);
  });
  return { ...server, subscriptions };
}

/**
 * @param {string} name
 * @param {any} WebSocketClass
 */
async function play(name, WebSocketClass) {
  globalThis.WebSocket = WebSocketClass;
  const server = await natsServer();
  const open = (options = {}) => connect({ servers: server.url, reconnectTimeWait: 20, ...options });

  await check(`${name}: 1,000 messages arrive in order`, async () => {
    const client = await open();
    const subscription = client.subscribe('count', { max: 1000 });
    for (let index = 0; index < 1000; index++) client.publish('count', words.encode(`nö ${index}`));
    let expected = 0;
    for await (const { data } of subscription) assert.equal(words.decode(data), `nö ${expected++}`);
    assert.equal(expected, 1000);
    await client.close();
  });

  await check(`${name}: a request is answered`, async () => {
    const client = await open();
    client.subscribe('upper', {
      callback: (_, message) => message.respond(words.encode(words.decode(message.data).toUpperCase())),
    });
    const answer = await client.request('upper', words.encode('grüße'), { timeout: 5000 });
    assert.equal(words.decode(answer.data), 'GRÜSSE');
    await client.close();
  });

  await check(`${name}: a payload of 1 MiB is whole`, async () => {
    const client = await open();
    const subscription = client.subscribe('large', { max: 1 });
    const large = Uint8Array.from({ length: 2 ** 20 }, (_, index) => (index * 7) ^ (index >> 8));
    client.publish('large', large);
    for await (const { data } of subscription) assert.ok(Buffer.from(data).equals(large));
    await client.close();
  });

  await check(`${name}: after a cut it reconnects and subscribes again`, async () => {
    const client = await open();
    const subscription = client.subscribe('again', { max: 1 });
    await client.flush();
    const reconnected = (async () => {
      for await (const { type } of client.status()) if (type === 'reconnect') return;
    })();
    server.cut();
    await reconnected;
    client.publish('again', words.encode('back'));
    for await (const { data } of subscription) assert.equal(words.decode(data), 'back');
    await client.close();
  });

  await check(`${name}: drain() sends everything before it closes`, async () => {
    const [sender, receiver] = [await open(), await open()];
    const subscription = receiver.subscribe('drain', { max: 500 });
    await receiver.flush();
    for (let index = 0; index < 500; index++) sender.publish('drain', words.encode('x'.repeat(1000)));
    await sender.drain();
    let count = 0;
    for await (const _ of subscription) count += 1;
    assert.equal(count, 500);
    await receiver.close();
  });

  await server.stop();
}

await playBoth(play);
end();
