// The kind of fault: proof of life by pongs alone. No pong overtakes what is on its way in front of it, in either direction:
// bytes that arrive, and bytes that the peer's TCP takes, are signs of life.

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { record } from '../support/event-log';
import { BINARY, frame, PING, PONG } from '../support/raw-peer';
import { rawServer, SCHEMES, type Scheme } from '../support/servers';

const MiB = 1024 * 1024;
const LARGE = new Uint8Array(24 * MiB);

async function beating(scheme: Scheme) {
  const server = await rawServer(scheme);
  const connection = server.client();
  connection.maxPackageSize = 64 * MiB;
  connection.maxSendBufferSize = 64 * MiB;
  connection.websocketPingInterval = 0.1;
  connection.websocketPingTimeout = 0.4;
  const log = record(connection);
  connection.connect();
  const peer = await server.acceptedPeer();
  await log.until('open 101');
  return { connection, log, peer };
}

describe.each(SCHEMES)('over %s, a heartbeat', (scheme) => {
  it('believes in a peer whose large message arrives slowly, and that cannot answer meanwhile', async () => {
    const { connection, log, peer } = await beating(scheme);
    const bytes = frame(BINARY, new Uint8Array(1_500_000));
    for (let at = 0; at < bytes.length; at += 100_000) {
      peer.write(bytes.subarray(at, at + 100_000));
      await sleep(80);
    }
    await log.until('message <1500000 bytes>');
    expect(log.errors).toEqual([]);
    // From then on it is silent, and answers nothing.
    await log.until('close 1006');
    expect(log.events.slice(2)).toEqual(['message <1500000 bytes>', 'error DEAD_PEER', 'close 1006']);
    connection.destroy();
  });

  it('believes in a peer that takes our large message slowly, and then answers the pings behind it', async () => {
    const { connection, log, peer } = await beating(scheme);
    connection.send(LARGE);
    const begin = performance.now();
    // As fast as it can would be over before a time-out: a MiB in 80 ms.
    const head = await peer.read(14);
    expect(head[0]).toBe(BINARY);
    for (let left = LARGE.length; left > 0; left -= MiB) {
      await peer.read(Math.min(left, MiB));
      await sleep(80);
    }
    expect(performance.now() - begin).toBeGreaterThan(1000);
    expect(log.errors).toEqual([]);
    const { payload } = await peer.readFrameOf(PING);
    peer.write(frame(PONG, payload));
    await log.until(({ events }) => events.some((event) => event.startsWith('pong')));
    expect(log.errors).toEqual([]);
    connection.destroy();
  });

  it('does not take for a sign of life that the kernel accepts what is sent to a peer that reads nothing', async () => {
    const { connection, log } = await beating(scheme);
    const sender = setInterval(() => connection.send('a little'), 20);
    await log.until('close 1006');
    clearInterval(sender);
    expect(log.events.slice(2)).toEqual(['error DEAD_PEER', 'close 1006']);
  });

  it('gives up a peer that stops in the midst of our large message', async () => {
    const { connection, log, peer } = await beating(scheme);
    connection.send(LARGE);
    await peer.read(MiB);
    await log.until('close 1006');
    expect(log.events.slice(2)).toEqual(['error DEAD_PEER', 'close 1006']);
    expect(connection.bytesWritten).toBeLessThan(LARGE.length);
  });
});
