// The realtime client of Supabase, given the class of its connections, against a server of Phoenix channels.

import assert from 'node:assert/strict';
import { RealtimeClient } from '@supabase/realtime-js';
import { check, end, next, playBoth } from './check.mjs';
import { phoenixServer } from './phoenix-server.mjs';

/**
 * @param {string} name
 * @param {any} transport
 */
async function play(name, transport) {
  const server = await phoenixServer({ postgres_changes: [] });
  const connect = () =>
    new RealtimeClient(`${server.url}/realtime/v1`, {
      transport,
      params: { apikey: 'anon' },
      reconnectAfterMs: () => 20,
    });
  const subscribed = (channel) => next((on) => channel.subscribe((status) => status === 'SUBSCRIBED' && on()));

  await check(`${name}: a channel is subscribed, and broadcasts of objects and of bytes come back`, async () => {
    const client = connect();
    const channel = client.channel('room', { config: { broadcast: { self: true } } });
    const text = next((on) => channel.on('broadcast', { event: 'text' }, on));
    const bytes = next((on) => channel.on('broadcast', { event: 'bytes' }, on));
    await subscribed(channel);
    await channel.send({ type: 'broadcast', event: 'text', payload: { word: 'grüße 🙂' } });
    assert.deepEqual((await text)[0].payload, { word: 'grüße 🙂' });
    await channel.send({ type: 'broadcast', event: 'bytes', payload: new Uint8Array([1, 2, 255]).buffer });
    assert.deepEqual([...new Uint8Array((await bytes)[0].payload)], [1, 2, 255]);
    await client.removeAllChannels();
    await client.disconnect();
  });

  await check(`${name}: after a cut the channel is joined again`, async () => {
    const client = connect();
    const channel = client.channel('again', { config: { broadcast: { self: true } } });
    await subscribed(channel);
    const again = next((on) => server.sockets.once('connection', on));
    server.cut();
    await again;
    const text = next((on) => channel.on('broadcast', { event: 'text' }, on));
    while (!(client.isConnected() && channel.state === 'joined'))
      await new Promise((resolve) => setTimeout(resolve, 10));
    await channel.send({ type: 'broadcast', event: 'text', payload: { back: true } });
    assert.deepEqual((await text)[0].payload, { back: true });
    await client.removeAllChannels();
    await client.disconnect();
  });

  await server.stop();
}

await playBoth(play);
end();
