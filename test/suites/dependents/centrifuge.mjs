// The client of Centrifugo, given the class of its connections, against a server that speaks its JSON protocol.

import assert from 'node:assert/strict';
import { Centrifuge } from 'centrifuge';
import { check, end, next, playBoth } from './check.mjs';
import { serve } from './echo-server.mjs';

async function centrifugo() {
  /** @type {Map<import('ws').WebSocket, Set<string>>} */
  const channels = new Map();
  let connections = 0;
  return serve((socket) => {
    channels.set(socket, new Set());
    socket.on('close', () => channels.delete(socket));
    const answer = ({ id, connect, subscribe, publish, rpc }) => {
      if (connect) {
        connections += 1;
        return { id, connect: { client: `c${connections}`, version: '1', ping: 25, pong: true, data: connect.data } };
      }
      if (subscribe) {
        channels.get(socket)?.add(subscribe.channel);
        return { id, subscribe: {} };
      }
      if (publish) {
        const push = JSON.stringify({ push: { channel: publish.channel, pub: { data: publish.data } } });
        for (const [other, subscribed] of channels) if (subscribed.has(publish.channel)) other.send(push);
        return { id, publish: {} };
      }
      if (rpc?.method === 'echo') return { id, rpc: { data: rpc.data } };
      if (rpc) return { id, error: { code: 104, message: 'method not found' } };
      return { id, unsubscribe: {} };
    };
    socket.on('message', (data) => {
      const commands = data
        .toString()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
      const answers = commands.filter(({ id }) => id).map((command) => JSON.stringify(answer(command)));
      if (answers.length > 0) socket.send(answers.join('\n'));
    });
  });
}

/**
 * @param {string} name
 * @param {any} websocket
 */
async function play(name, websocket) {
  const server = await centrifugo();
  const open = async () => {
    const client = new Centrifuge(server.url, { websocket, minReconnectDelay: 20, maxReconnectDelay: 50 });
    client.connect();
    await client.ready(10_000);
    return client;
  };
  const close = async (client) => {
    const disconnected = next((on) => client.once('disconnected', on));
    client.disconnect();
    await disconnected;
  };

  await check(`${name}: 200 calls in flight together are answered, and an unknown one is an error`, async () => {
    const client = await open();
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => client.rpc('echo', { index, text: 'ü' })),
    );
    assert.deepEqual(
      answers.map(({ data }) => data.index),
      answers.map((_, index) => index),
    );
    await assert.rejects(client.rpc('nothing', {}), { code: 104, message: 'method not found' });
    await close(client);
  });

  await check(`${name}: publications come to the subscribers of the channel`, async () => {
    const [one, other] = [await open(), await open()];
    const subscription = other.newSubscription('news');
    const subscribed = next((on) => subscription.on('subscribed', on));
    const publication = next((on) => subscription.on('publication', on));
    subscription.subscribe();
    await subscribed;
    await one.publish('news', { headline: 'grüße 🙂' });
    assert.deepEqual((await publication)[0].data, { headline: 'grüße 🙂' });
    await close(one);
    await close(other);
  });

  await check(`${name}: after a cut it reconnects and subscribes again`, async () => {
    const client = await open();
    const subscription = client.newSubscription('again');
    let subscribed = next((on) => subscription.once('subscribed', on));
    subscription.subscribe();
    await subscribed;
    const connecting = next((on) => client.once('connecting', on));
    subscribed = next((on) => subscription.once('subscribed', on));
    server.cut();
    assert.equal((await connecting)[0].code, 1);
    await subscribed;
    const publication = next((on) => subscription.on('publication', on));
    await client.publish('again', 'back');
    assert.equal((await publication)[0].data, 'back');
    await close(client);
  });

  await check(`${name}: a close code that forbids to come back ends the client, with the reason`, async () => {
    const client = await open();
    const disconnected = next((on) => client.once('disconnected', on));
    for (const socket of server.sockets.clients) socket.close(3501, 'bad request');
    const [{ code, reason }] = await disconnected;
    assert.deepEqual({ code, reason }, { code: 3501, reason: 'bad request' });
  });

  await server.stop();
}

await playBoth(play);
end();
