// The JavaScript client of Phoenix channels, given the class of its connections.

import assert from 'node:assert/strict';
import { Socket } from 'phoenix';
import { check, end, next, playBoth } from './check.mjs';
import { phoenixServer } from './phoenix-server.mjs';

/**
 * @param {string} name
 * @param {unknown} transport
 */
async function play(name, transport) {
  const server = await phoenixServer({ welcome: 'häß' });
  const options = { transport, reconnectAfterMs: () => 20, rejoinAfterMs: () => 20, timeout: 4000 };
  const open = async (more = {}) => {
    const socket = new Socket(`${server.url}/socket`, { ...options, ...more });
    const opened = next((on) => socket.onOpen(on));
    socket.connect();
    await opened;
    return socket;
  };
  const answer = (push) => new Promise((resolve, reject) => push.receive('ok', resolve).receive('error', reject));
  const close = (socket) => new Promise((resolve) => socket.disconnect(resolve));

  await check(`${name}: a channel is joined, and a push is answered`, async () => {
    const socket = await open();
    const channel = socket.channel('room:1');
    assert.deepEqual(await answer(channel.join()), { welcome: 'häß' });
    assert.deepEqual(await answer(channel.push('echo', { text: 'ü 🙂' })), { text: 'ü 🙂' });
    await close(socket);
  });

  await check(`${name}: a join that is refused is an error`, async () => {
    const socket = await open();
    await assert.rejects(answer(socket.channel('closed:1').join()), { reason: 'no entry' });
    await close(socket);
  });

  await check(`${name}: a broadcast comes to all of the topic`, async () => {
    const sockets = [await open(), await open()];
    const channels = sockets.map((socket) => socket.channel('room:2'));
    await Promise.all(channels.map((channel) => answer(channel.join())));
    const heard = channels.map((channel) => next((on) => channel.on('shout', on)));
    channels[0].push('shout', { text: 'all of you' });
    for (const [payload] of await Promise.all(heard)) assert.deepEqual(payload, { text: 'all of you' });
    await Promise.all(sockets.map(close));
  });

  await check(`${name}: binary pushes and broadcasts are whole`, async () => {
    const socket = await open();
    const channel = socket.channel('room:3');
    await answer(channel.join());
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index);
    assert.deepEqual(new Uint8Array(await answer(channel.push('echo', bytes.buffer))), bytes);
    const shout = next((on) => channel.on('shout', on));
    channel.push('shout', bytes.buffer);
    assert.deepEqual(new Uint8Array((await shout)[0]), bytes);
    await close(socket);
  });

  await check(`${name}: heartbeats go out`, async () => {
    const socket = await open({ heartbeatIntervalMs: 10 });
    const before = server.heartbeats();
    while (server.heartbeats() < before + 3) await new Promise((resolve) => setTimeout(resolve, 5));
    await close(socket);
  });

  await check(`${name}: after a cut it comes back, joins again, and sends what was pushed meanwhile`, async () => {
    const socket = await open();
    const channel = socket.channel('room:4');
    await answer(channel.join());
    const closed = next((on) => socket.onClose(on));
    server.cut();
    await closed;
    assert.deepEqual(await answer(channel.push('echo', { while: 'down' })), { while: 'down' });
    await close(socket);
  });

  await server.stop();
}

await playBoth(play);
end();
