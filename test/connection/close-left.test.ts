// The kinds of fault: deadlines that start too early, and what is queued is taken for sent. closeTimeout begins when our close
// frame has left, and an end is clean only if it did.

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { WebSocket } from '../../src/index';
import { WebSocket as WhatwgWebSocket } from '../../src/web';
import { record } from '../support/event-log';
import { closeFrame, type RawPeer } from '../support/raw-peer';
import { rawServer, SCHEMES, trust } from '../support/servers';

const MiB = 1024 * 1024;
/** More than the kernels of both ends take. */
const LARGE = new Uint8Array(24 * MiB);

/** Reads so many bytes, a MiB in so many milliseconds. */
async function readSlowly(peer: RawPeer, bytes: number, pause: number): Promise<void> {
  for (let left = bytes; left > 0; left -= MiB) {
    await peer.read(Math.min(left, MiB));
    await sleep(pause);
  }
}

describe.each(SCHEMES)('over %s, closeTimeout', (scheme) => {
  async function opened() {
    const server = await rawServer(scheme);
    const connection = server.client();
    connection.maxSendBufferSize = 64 * MiB;
    connection.closeTimeout = 0.5;
    const log = record(connection);
    connection.connect();
    const peer = await server.acceptedPeer();
    await log.until('open 101');
    return { connection, log, peer };
  }

  it('does not pass while what is in front of the close frame flows, however long that takes', async () => {
    const { connection, log, peer } = await opened();
    connection.send(LARGE);
    connection.close(4000, 'behind it');
    const begin = performance.now();
    await readSlowly(peer, 14 + LARGE.length, 50);
    expect(performance.now() - begin).toBeGreaterThan(1000);
    const { payload } = await peer.readFrame();
    expect(payload.readUInt16BE(0)).toBe(4000);
    peer.write(closeFrame(4000, 'behind it'));
    await log.until(({ closings }) => closings.length > 0);
    expect(log.closings).toMatchObject([{ code: 4000, reason: 'behind it', wasClean: true, error: undefined }]);
  });

  it('passes when nothing of it has left for so long', async () => {
    const { connection, log } = await opened();
    connection.send(LARGE);
    connection.close(4000);
    await log.until(({ closings }) => closings.length > 0);
    expect(log.closings).toMatchObject([{ code: 1006, wasClean: false, error: { code: 'WS_ERR_CLOSE_TIMEOUT' } }]);
  });

  it('of end() does not pass either while what was sent flows', async () => {
    const { connection, log, peer } = await opened();
    connection.send(LARGE);
    connection.end();
    await readSlowly(peer, 14 + LARGE.length, 50);
    await expect(peer.read(1)).rejects.toThrow('ended');
    peer.socket.end();
    await log.until(({ closings }) => closings.length > 0);
    expect(connection.bytesWritten).toBeGreaterThan(LARGE.length);
  });
});

describe('an end is clean only if our close frame left', () => {
  /** The peer closes while 24 MiB wait for it, reads nothing, and goes. */
  async function closesAndGoes(peer: RawPeer): Promise<void> {
    await sleep(50);
    peer.write(closeFrame(4567));
    await sleep(100);
    peer.socket.destroy();
  }

  it('for the callback class', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    connection.maxSendBufferSize = 64 * MiB;
    const log = record(connection, { onWebSocketConnect: () => void connection.send(LARGE) });
    connection.connect();
    await closesAndGoes(await server.acceptedPeer());
    await log.until(({ closings }) => closings.length > 0);
    expect(log.closings).toMatchObject([{ code: 4567, wasClean: false }]);
  });

  it('for the drop-in', async () => {
    const server = await rawServer('ws');
    const socket = new WebSocket(server.url, await trust('ws'));
    socket.onopen = () => socket.send(LARGE);
    socket.onerror = () => {};
    const closed = new Promise((resolve) => {
      socket.onclose = ({ code, wasClean }) => resolve({ code, wasClean });
    });
    await closesAndGoes(await server.acceptedPeer());
    expect(await closed).toEqual({ code: 4567, wasClean: false });
  });

  it('for wsimd/web', async () => {
    const server = await rawServer('ws');
    const socket = new WhatwgWebSocket(server.url);
    socket.onopen = () => socket.send(LARGE);
    const closed = new Promise((resolve) => {
      socket.onclose = ({ code, wasClean }) => resolve({ code, wasClean });
    });
    await closesAndGoes(await server.acceptedPeer());
    expect(await closed).toEqual({ code: 4567, wasClean: false });
  });

  it('and it is when it did, whoever began', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    const peer = await server.acceptedPeer();
    await log.until('open 101');
    peer.write(closeFrame(4001));
    await peer.readFrame();
    peer.socket.end();
    await log.until(({ closings }) => closings.length > 0);
    expect(log.closings).toMatchObject([{ code: 4001, wasClean: true, error: undefined }]);
  });
});
