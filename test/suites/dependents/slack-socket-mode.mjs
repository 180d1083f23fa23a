// Slack's socket mode against a server in the place of Slack's: a call over HTTP tells the URL of the connection, and all
// connections may go through an http.Agent of the user's.

import assert from 'node:assert/strict';
import { Agent, createServer } from 'node:http';
import { LogLevel, SocketModeClient } from '@slack/socket-mode';
import { check, checkOverride, end, next } from './check.mjs';
import { serve } from './echo-server.mjs';

await checkOverride('@slack/socket-mode');

const http = createServer((_, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ ok: true, url: `${server.url}/link?ticket=1` }));
});
/** @type {unknown[]} */
const acknowledged = [];
/** @type {() => void} */
let onAcknowledged = () => {};
let pongs = 0;
/** @type {() => void} */
let onPong = () => {};
const server = await serve(
  (socket) => {
    socket.on('message', (data) => {
      acknowledged.push(JSON.parse(data.toString()));
      onAcknowledged();
    });
    socket.on('pong', () => {
      pongs += 1;
      onPong();
    });
    socket.send(JSON.stringify({ type: 'hello', num_connections: 1 }));
  },
  { http },
);
const say = (message) => {
  for (const socket of server.sockets.clients) socket.send(JSON.stringify(message));
};

class CountingAgent extends Agent {
  upgrades = 0;

  /** @param {...any} values */
  addRequest(...values) {
    if (values[0].getHeader('upgrade')) this.upgrades += 1;
    // @ts-expect-error It is not among the documented methods.
    return super.addRequest(...values);
  }
}

const silent = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};
const create = (clientOptions = {}, more = {}) => {
  const slackApiUrl = `http://127.0.0.1:${server.port}/api/`;
  return new SocketModeClient({
    appToken: 'xapp-1',
    logger: silent,
    clientOptions: { slackApiUrl, ...clientOptions },
    ...more,
  });
};

for (const [how, agent] of [
  ['by itself', undefined],
  ['through an agent', new CountingAgent()],
]) {
  await check(`it connects ${how}, takes an event and acknowledges it`, async () => {
    const client = create({ agent });
    await client.start();
    const event = next((on) => client.once('interactive', on));
    say({ type: 'interactive', envelope_id: 'e1', payload: { text: 'häß' }, accepts_response_payload: true });
    const [{ body, ack }] = await event;
    assert.equal(body.text, 'häß');
    acknowledged.length = 0;
    const arrived = next((on) => {
      onAcknowledged = on;
    });
    await ack({ seen: true });
    await arrived;
    assert.deepEqual(acknowledged, [{ envelope_id: 'e1', payload: { seen: true } }]);
    await client.disconnect();
    if (agent) assert.equal(agent.upgrades, 1);
  });
}

await check("it answers the server's pings", async () => {
  const client = create();
  await client.start();
  const answered = next((on) => {
    onPong = on;
  });
  for (const socket of server.sockets.clients) socket.ping('Ping from applink');
  await answered;
  assert.equal(pongs, 1);
  await client.disconnect();
});

await check('after a cut it fetches another URL and connects again', async () => {
  const client = create({}, { clientPingTimeout: 20 });
  await client.start();
  const connected = next((on) => client.once('connected', on));
  server.cut();
  await connected;
  await client.disconnect();
});

await check('when Slack says disconnect it connects again', async () => {
  const client = create({}, { clientPingTimeout: 20 });
  await client.start();
  const connected = next((on) => client.once('connected', on));
  say({ type: 'disconnect', reason: 'refresh_requested' });
  await connected;
  await client.disconnect();
});

await server.stop();
end();
