// @stomp/stompjs, whose user makes its connections, against a broker that speaks the first frames of STOMP 1.2.

import assert from 'node:assert/strict';
import { Client, ReconnectionTimeMode } from '@stomp/stompjs';
import { check, end, next, playBoth } from './check.mjs';
import { serve } from './echo-server.mjs';

/** One message holds one frame here, as stompjs sends them. */
async function broker() {
  /** @type {Set<{ socket: import('ws').WebSocket, destination: string, id: string }>} */
  const subscriptions = new Set();
  let messages = 0;
  const server = await serve(
    (socket) => {
      const say = (command, headers, body = '') => {
        const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
        return `${command}\n${lines.join('')}content-length:${Buffer.byteLength(body)}\n\n${body}\0`;
      };
      socket.on('close', () => {
        for (const subscription of subscriptions)
          if (subscription.socket === socket) subscriptions.delete(subscription);
      });
      socket.on('message', (data, isBinary) => {
        const text = data.toString();
        if (text === '\n') return;
        const middle = text.indexOf('\n\n');
        const [command, ...lines] = text.slice(0, middle).split('\n');
        const headers = Object.fromEntries(
          lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
        );
        const body = text.slice(middle + 2, -1);
        if (command === 'CONNECT') {
          if (headers.passcode === 'wrong') {
            socket.send(say('ERROR', { message: 'bad credentials' }));
            return socket.close(1002, 'bad credentials');
          }
          socket.send(say('CONNECTED', { version: '1.2', 'heart-beat': '0,0' }));
        } else if (command === 'SUBSCRIBE')
          subscriptions.add({ socket, destination: headers.destination, id: headers.id });
        else if (command === 'UNSUBSCRIBE') {
          for (const subscription of subscriptions) {
            if (subscription.socket === socket && subscription.id === headers.id) subscriptions.delete(subscription);
          }
        } else if (command === 'SEND') {
          for (const subscription of subscriptions) {
            if (subscription.destination !== headers.destination) continue;
            messages += 1;
            const { destination, id } = subscription;
            const frame = say(
              'MESSAGE',
              { destination, subscription: id, 'message-id': messages, kind: headers.kind ?? '' },
              body,
            );
            subscription.socket.send(isBinary ? Buffer.from(frame) : frame);
          }
        }
        if (headers.receipt) socket.send(say('RECEIPT', { 'receipt-id': headers.receipt }));
      });
    },
    { handleProtocols: (offered) => (offered.has('v12.stomp') ? 'v12.stomp' : false) },
  );
  return server;
}

/**
 * @param {string} name
 * @param {any} WebSocketClass
 */
async function play(name, WebSocketClass) {
  const server = await broker();
  /** @type {any} */
  let last;
  const open = async (more = {}) => {
    const client = new Client({
      webSocketFactory: () => {
        last = new WebSocketClass(server.url, ['v12.stomp', 'v11.stomp']);
        return last;
      },
      reconnectDelay: 20,
      reconnectTimeMode: ReconnectionTimeMode.LINEAR,
      heartbeatIncoming: 0,
      heartbeatOutgoing: 0,
      ...more,
    });
    const connected = next((on) => {
      client.onConnect = on;
    });
    client.activate();
    await connected;
    return client;
  };
  const receipt = (client, id) => next((on) => client.watchForReceipt(id, on));

  await check(`${name}: it connects with the subprotocol, and messages come to a subscription`, async () => {
    const client = await open();
    assert.equal(last.protocol, 'v12.stomp');
    const message = next((on) => client.subscribe('/queue/a', on));
    client.publish({ destination: '/queue/a', body: 'grüße 🙂', headers: { kind: 'warm' } });
    const [{ body, headers }] = await message;
    assert.equal(body, 'grüße 🙂');
    assert.equal(headers.kind, 'warm');
    await client.deactivate();
  });

  await check(`${name}: a binary body is whole`, async () => {
    const client = await open();
    const message = next((on) => client.subscribe('/queue/b', on));
    const binaryBody = new TextEncoder().encode('bytes ü '.repeat(10_000));
    client.publish({ destination: '/queue/b', binaryBody });
    assert.deepEqual((await message)[0].binaryBody, binaryBody);
    await client.deactivate();
  });

  await check(`${name}: receipts, and no message after unsubscribe`, async () => {
    const client = await open();
    let count = 0;
    const subscription = client.subscribe('/queue/c', () => {
      count += 1;
    });
    subscription.unsubscribe();
    const sent = receipt(client, 'r1');
    client.publish({ destination: '/queue/c', body: 'x', headers: { receipt: 'r1' } });
    await sent;
    assert.equal(count, 0);
    await client.deactivate();
  });

  await check(`${name}: an ERROR of the broker and its close code arrive`, async () => {
    const refused = new Client({
      webSocketFactory: () => new WebSocketClass(server.url, ['v12.stomp']),
      connectHeaders: { login: 'a', passcode: 'wrong' },
      reconnectDelay: 0,
    });
    const failed = next((on) => {
      refused.onStompError = on;
    });
    const closed = next((on) => {
      refused.onWebSocketClose = on;
    });
    refused.activate();
    assert.equal((await failed)[0].headers.message, 'bad credentials');
    assert.equal((await closed)[0].code, 1002);
    await refused.deactivate();
  });

  await check(`${name}: after a cut it connects again`, async () => {
    const client = await open();
    const closed = next((on) => {
      client.onWebSocketClose = on;
    });
    const connected = next((on) => {
      client.onConnect = on;
    });
    server.cut();
    assert.equal((await closed)[0].code, 1006);
    await connected;
    const message = next((on) => client.subscribe('/queue/d', on));
    client.publish({ destination: '/queue/d', body: 'back' });
    assert.equal((await message)[0].body, 'back');
    await client.deactivate();
  });

  await check(`${name}: forceDisconnect() throws the connection away, and another takes its place`, async () => {
    const client = await open({ discardWebsocketOnCommFailure: true });
    const connected = next((on) => {
      client.onConnect = on;
    });
    client.forceDisconnect();
    await connected;
    await client.deactivate();
  });

  await server.stop();
}

await playBoth(play);
end();
