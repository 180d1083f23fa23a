// obs-websocket-js, which takes ws through isomorphic-ws, in JSON and in MessagePack, against a server in the place of OBS's.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { decode, encode } from '@msgpack/msgpack';
import { OBSWebSocket as OnJson } from 'obs-websocket-js/json';
import { OBSWebSocket as OnMessagePack } from 'obs-websocket-js/msgpack';
import { check, checkOverride, end, next } from './check.mjs';
import { serve } from './echo-server.mjs';

await checkOverride('obs-websocket-js', 'isomorphic-ws');

const [challenge, salt, password] = ['challenge', 'salt', 'supersecret'];
const hash = (text) => createHash('sha256').update(text).digest('base64');
const authentication = hash(hash(password + salt) + challenge);
const server = await serve(
  (socket) => {
    const packed = socket.protocol === 'obswebsocket.msgpack';
    const say = (op, d) => socket.send(packed ? encode({ op, d }) : JSON.stringify({ op, d }));
    socket.on('message', (data) => {
      const { op, d } = packed ? decode(/** @type {Buffer} */ (data)) : JSON.parse(data.toString());
      if (op === 1) {
        if (d.authentication === authentication) return say(2, { negotiatedRpcVersion: 1 });
        return socket.close(4009, 'Authentication failed.');
      }
      const { requestType, requestId, requestData } = d;
      const known = requestType === 'BroadcastCustomEvent' || requestType === 'GetVersion';
      const requestStatus = known ? { result: true, code: 100 } : { result: false, code: 204, comment: 'unknown' };
      say(7, { requestType, requestId, requestStatus, responseData: { echo: requestData ?? null } });
      if (requestType === 'BroadcastCustomEvent')
        say(5, { eventType: 'CustomEvent', eventIntent: 1, eventData: requestData.eventData });
    });
    say(0, { obsWebSocketVersion: '5.0.0', rpcVersion: 1, authentication: { challenge, salt } });
  },
  { handleProtocols: (offered) => [...offered][0] ?? false },
);

for (const [name, Obs] of /** @type {const} */ ([
  ['JSON', OnJson],
  ['MessagePack', OnMessagePack],
])) {
  await check(`${name}: it identifies itself, calls, and gets an event`, async () => {
    const obs = new Obs();
    assert.equal((await obs.connect(server.url, password)).negotiatedRpcVersion, 1);
    const event = next((on) => obs.once('CustomEvent', on));
    const eventData = { text: 'grüße 🙂', long: 'x'.repeat(100_000) };
    await obs.call('BroadcastCustomEvent', { eventData });
    assert.deepEqual((await event)[0], eventData);
    await assert.rejects(obs.call('Nothing'), { code: 204, message: 'unknown' });
    await obs.disconnect();
  });

  await check(`${name}: a wrong password is an error with the close code and reason`, async () => {
    await assert.rejects(new Obs().connect(server.url, 'wrong'), { code: 4009, message: 'Authentication failed.' });
  });

  await check(`${name}: a cut is an event with 1006, and it connects again when it is told to`, async () => {
    const obs = new Obs();
    await obs.connect(server.url, password);
    const closed = next((on) => obs.once('ConnectionClosed', on));
    server.cut();
    assert.equal((await closed)[0].code, 1006);
    await obs.connect(server.url, password);
    await obs.call('GetVersion');
    await obs.disconnect();
  });
}

await server.stop();
end();
