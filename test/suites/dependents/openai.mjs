// The realtime client of openai, to which ws is a peer, against a TLS server in the place of OpenAI's: bearer token, options of
// the user's that are those of ws, JSON events both ways.

import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import { createCA, createCert } from 'mkcert';
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { check, checkOverride, end, next } from './check.mjs';
import { serve } from './echo-server.mjs';

await checkOverride('openai');

const names = { organization: 'wsimd', countryCode: 'DE', state: 'Berlin', locality: 'Berlin' };
const authority = await createCA({ ...names, validity: 1 });
const certificate = await createCert({ ca: authority, domains: ['127.0.0.1'], validity: 1 });
/** @type {import('node:http').IncomingMessage | undefined} */
let request;
const server = await serve(
  (socket, asked) => {
    request = asked;
    socket.send(JSON.stringify({ type: 'session.created', event_id: '1', session: {} }));
    socket.on('message', (data) => {
      const event = JSON.parse(data.toString());
      if (event.type === 'response.create') {
        for (let index = 0; index < 500; index++) {
          const delta = `wörd ${index} `;
          socket.send(JSON.stringify({ type: 'response.output_text.delta', delta }));
        }
        socket.send(JSON.stringify({ type: 'response.done' }));
      } else if (event.type === 'input_audio_buffer.append') {
        socket.send(JSON.stringify({ type: 'input_audio_buffer.committed', item_id: String(event.audio.length) }));
      } else if (event.type === 'session.update') {
        socket.send(
          JSON.stringify({ type: 'error', error: { type: 'invalid_request_error', message: 'no such voice' } }),
        );
      } else socket.send('{ not JSON');
    });
  },
  { http: createServer(certificate), secure: true },
);
const client = new OpenAI({ apiKey: 'sk-test', baseURL: `https://127.0.0.1:${server.port}/v1` });
const open = (options = {}) =>
  new OpenAIRealtimeWS({ model: 'gpt-realtime', options: { ca: authority.cert, ...options } }, client);
const close = async (realtime) => {
  const closed = next((on) => realtime.socket.once('close', on));
  realtime.close({ code: 1000, reason: 'done' });
  const [code, reason] = await closed;
  assert.deepEqual([code, reason.toString()], [1000, 'done']);
};

await check('it connects over TLS with the token, the model and headers of the user', async () => {
  const realtime = open({ headers: { 'x-more': 'yes' } });
  const [event] = await next((on) => realtime.once('session.created', on));
  assert.equal(event.event_id, '1');
  assert.equal(request?.headers.authorization, 'Bearer sk-test');
  assert.equal(request?.headers['x-more'], 'yes');
  assert.equal(request?.url, '/v1/realtime?model=gpt-realtime');
  await close(realtime);
});

await check('500 deltas of a response arrive in order', async () => {
  const realtime = open();
  await next((on) => realtime.socket.once('open', on));
  let text = '';
  realtime.on('response.output_text.delta', ({ delta }) => {
    text += delta;
  });
  const done = next((on) => realtime.once('response.done', on));
  realtime.send({ type: 'response.create' });
  await done;
  assert.equal(text, Array.from({ length: 500 }, (_, index) => `wörd ${index} `).join(''));
  await close(realtime);
});

await check('1 MiB of audio arrives', async () => {
  const realtime = open();
  await next((on) => realtime.socket.once('open', on));
  const committed = next((on) => realtime.once('input_audio_buffer.committed', on));
  realtime.send({ type: 'input_audio_buffer.append', audio: 'A'.repeat(2 ** 20) });
  assert.equal((await committed)[0].item_id, String(2 ** 20));
  await close(realtime);
});

await check('errors of the service, and what is not JSON, are error events', async () => {
  const realtime = open();
  await next((on) => realtime.socket.once('open', on));
  let failed = next((on) => realtime.once('error', on));
  realtime.send({ type: 'session.update', session: { type: 'realtime' } });
  assert.match((await failed)[0].message, /no such voice/);
  failed = next((on) => realtime.once('error', on));
  realtime.send({ type: 'response.cancel' });
  assert.match((await failed)[0].message, /could not parse/);
  await close(realtime);
});

await check('a certificate of an unknown authority is an error event', async () => {
  const realtime = new OpenAIRealtimeWS({ model: 'gpt-realtime' }, client);
  const [error] = await next((on) => realtime.once('error', on));
  assert.match(error.message, /certificate/);
});

await check('a send before the connection is open is an error event, as ws throws', async () => {
  const realtime = open();
  const failed = next((on) => realtime.once('error', on));
  realtime.send({ type: 'response.create' });
  const [error] = await failed;
  assert.match(error.message, /could not send data/);
  assert.equal(error.cause.message, 'WebSocket is not open: readyState 0 (CONNECTING)');
  await next((on) => realtime.once('session.created', on));
  await close(realtime);
});

await server.stop();
end();
