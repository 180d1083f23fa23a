// Nothing that reached the machine before the peer went is lost: neither to a pause, nor to a write that meets a reset.

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { AsyncTcpConnection, WebSocket } from '../../src/index';
import { record } from '../support/event-log';
import { closeFrame, frame, TEXT } from '../support/raw-peer';
import { rawServer, SCHEMES, type Scheme, trust } from '../support/servers';

const MESSAGES = Array.from({ length: 10 }, (_, i) => `m${i}`);

/** What the peer leaves behind before it goes with a reset, which what it has not read makes of its end. */
const LAST = [...MESSAGES.map((text) => frame(TEXT, text)), closeFrame(4001, 'gone')];

async function paused(scheme: Scheme) {
  const server = await rawServer(scheme);
  const connection = new AsyncTcpConnection(server.url, await trust(scheme));
  const log = record(connection, { onWebSocketConnect: () => connection.pauseRecv() });
  connection.connect();
  const peer = await server.acceptedPeer();
  await log.until('open 101');
  return { connection, log, peer };
}

/** Writes until the kernel has said that the peer has gone. */
async function writeUntilLost(write: () => unknown, isLost: () => boolean): Promise<void> {
  while (!isLost()) {
    write();
    await sleep(5);
  }
}

describe.each(SCHEMES)('over %s, a write that meets a reset', (scheme) => {
  it('loses nothing that a pause has left in the kernel', async () => {
    const { connection, log, peer } = await paused(scheme);
    peer.write(...LAST);
    await sleep(20);
    peer.socket.destroy();
    await writeUntilLost(
      () => connection.send('x'),
      () => connection.getStatus(false) !== 'ESTABLISHED',
    );
    expect(log.messages).toEqual([]);
    connection.resumeRecv();
    await log.until(({ closings }) => closings.length > 0);
    expect(log.messages).toEqual(MESSAGES);
    expect(log.closings).toMatchObject([{ code: 4001, reason: 'gone', wasClean: false }]);
  });

  it('loses nothing that a turn of the event loop has not read yet', async () => {
    const server = await rawServer(scheme);
    const connection = new AsyncTcpConnection(server.url, await trust(scheme));
    const log = record(connection);
    connection.connect();
    const peer = await server.acceptedPeer();
    await log.until('open 101');
    connection.send('unread by the peer');
    await sleep(20);
    // What it had received was not read, so the peer's kernel resets. All of it in one turn of the event loop, behind its reads.
    setImmediate(() => {
      peer.write(...LAST);
      peer.socket.once('close', () => {
        connection.send('one');
        queueMicrotask(() => connection.send('two'));
      });
      peer.socket.destroy();
    });
    await log.until(({ closings }) => closings.length > 0);
    expect(log.messages).toEqual(MESSAGES);
    expect(log.closings).toMatchObject([{ code: 4001, reason: 'gone' }]);
  });

  it('is told by the drop-in, too, behind what was read', async () => {
    const server = await rawServer(scheme);
    const socket = new WebSocket(server.url, await trust(scheme));
    const events: string[] = [];
    socket.on('open', () => socket.pause());
    socket.on('message', (data) => events.push(String(data)));
    socket.on('error', () => {});
    const isOpen = new Promise((resolve) => socket.once('open', resolve));
    const peer = await server.acceptedPeer();
    await isOpen;
    peer.write(...LAST);
    await sleep(20);
    peer.socket.destroy();
    let isFailed = false;
    const closed = new Promise((resolve) => socket.on('close', (code) => resolve(code)));
    await writeUntilLost(
      () => socket.send('x', (error) => (isFailed = error !== undefined && error !== null)),
      () => isFailed || socket.readyState !== WebSocket.OPEN,
    );
    socket.resume();
    expect(await closed).toBe(4001);
    expect(events).toEqual(MESSAGES);
  });
});
