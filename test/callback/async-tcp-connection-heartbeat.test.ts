// Pings and pongs of an AsyncTcpConnection, in both directions, against a server that answers and one that does not.

import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { record } from '../support/event-log';
import { frame, PING, PONG, TEXT } from '../support/raw-peer';
import { rawServer, wsServer } from '../support/servers';

describe('websocketPingInterval', () => {
  it('pings at its interval, and tells each pong and the latency', async () => {
    const server = await wsServer('ws');
    const connection = server.client();
    connection.websocketPingInterval = 0.05;
    const log = record(connection);
    expect(connection.latency).toBeUndefined();
    connection.connect();
    const socket = await server.nextSocket();
    const pings: Buffer[] = [];
    const times: number[] = [];
    socket.on('ping', (payload) => {
      pings.push(payload);
      times.push(performance.now());
    });
    await log.until(({ events }) => events.filter((event) => event.startsWith('pong')).length === 4);
    expect(new Set(pings.map(String)).size).toBe(4);
    // Timers may be late, but the next one is not: four pings take at least three intervals, less one delay.
    expect(times[3]! - times[0]!).toBeGreaterThan(100);
    expect(connection.latency).toBeGreaterThan(0);
    expect(connection.latency).toBeLessThan(1);
    expect(log.errors).toEqual([]);
  });

  it('begins, changes and ends while the connection is open', async () => {
    const server = await wsServer('ws');
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    const socket = await server.nextSocket();
    await log.until('open 101');
    connection.websocketPingInterval = 60;
    connection.websocketPingInterval = 0.01;
    await once(socket, 'ping');
    connection.websocketPingInterval = undefined;
    connection.websocketPingTimeout = 1;
    connection.send('no ping behind this');
    await once(socket, 'message');
    socket.once('ping', () => log.write('a late ping'));
    // An absence has no event to wait for: five intervals.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(log.events).not.toContain('a late ping');
  });

  it('begins anew with each connection', async () => {
    const server = await wsServer('ws', (socket) => socket.once('ping', () => socket.terminate()), { autoPong: false });
    const connection = server.client();
    connection.websocketPingInterval = 0.02;
    const log = record(connection, {
      onClose: () => log.closings.length < 3 && connection.reConnect(),
    });
    connection.connect();
    await log.until('close 1006', 3);
    expect(log.events).toEqual(Array(3).fill(['connect', 'open 101', 'close 1006']).flat());
  });
});

describe('a peer that answers no ping', () => {
  it('counts as dead after websocketPingTimeout', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    connection.websocketPingInterval = 0.02;
    connection.websocketPingTimeout = 0.1;
    const log = record(connection);
    connection.connect();
    const peer = await server.acceptedPeer();
    await log.until('open 101');
    const start = performance.now();
    await log.until('close 1006');
    expect(performance.now() - start).toBeGreaterThan(100);
    expect(log.events).toEqual(['connect', 'open 101', 'error DEAD_PEER', 'close 1006']);
    expect(log.errors[0]!.message).toContain('websocketPingTimeout');
    expect((await peer.readFrame()).first).toBe(PING);
  });

  it('is given one interval where websocketPingTimeout is not set', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    connection.websocketPingInterval = 0.05;
    const log = record(connection);
    connection.connect();
    await server.acceptedPeer();
    await log.until('close 1006');
    expect(log.events).toEqual(['connect', 'open 101', 'error DEAD_PEER', 'close 1006']);
  });

  it('is not blamed for pongs that pauseRecv() leaves unread', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    connection.websocketPingInterval = 0.02;
    connection.websocketPingTimeout = 0.2;
    const log = record(connection);
    connection.connect();
    const peer = await server.acceptedPeer();
    const { payload } = await peer.readFrameOf(PING);
    connection.pauseRecv();
    peer.write(frame(PONG, payload));
    // An absence has no event to wait for: more than the time-out.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(log.events).toEqual(['connect', 'open 101']);
    connection.resumeRecv();
    await log.until(({ events }) => events.some((event) => event.startsWith('pong')));
    expect(log.errors).toEqual([]);
  });

  it('is sent no pings in a pause: they might meet a peer that is gone, and nobody would read the pongs', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    connection.websocketPingInterval = 0.02;
    const log = record(connection, { onWebSocketConnect: () => connection.pauseRecv() });
    connection.connect();
    const peer = await server.acceptedPeer();
    await log.until('open 101');
    const before = connection.bytesWritten;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(connection.bytesWritten).toBe(before);
    expect(log.errors).toEqual([]);
    connection.resumeRecv();
    expect((await peer.readFrame()).first).toBe(PING);
  });
});

describe('pongs', () => {
  it('that nobody asked for are told, measure nothing, and keep a connection alive', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    connection.websocketPingInterval = 0.03;
    const log = record(connection);
    connection.connect();
    const peer = await server.acceptedPeer();
    for (let i = 0; i < 5; i += 1) {
      await peer.readFrameOf(PING);
      peer.write(frame(PONG, 'hello'));
    }
    await log.until('pong hello', 5);
    expect(log.events).toEqual(['connect', 'open 101', ...Array(5).fill('pong hello')]);
    expect(connection.latency).toBeUndefined();
  });

  it('answer pings by themselves, with the same payload', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    record(connection);
    connection.connect();
    const peer = await server.peer();
    await peer.accept(frame(PING, ''), frame(PING, 'x'.repeat(125)));
    expect((await peer.readFrame()).payload.toString()).toBe('');
    peer.write(frame(PING, Buffer.of(0, 255)));
    const frames = [await peer.readFrame(), await peer.readFrame()];
    expect(frames.map(({ first }) => first)).toEqual([PONG, PONG]);
    expect(frames.map(({ payload }) => payload.toString('latin1'))).toEqual(['x'.repeat(125), '\0\xff']);
  });

  it('are left to pong() once onWebSocketPing is set', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    const log = record(connection, {
      onWebSocketPing: (_, payload) => {
        if (payload.length === 0) connection.pong('by hand');
      },
    });
    connection.connect();
    const peer = await server.peer();
    await peer.accept(frame(PING, 'not answered'), frame(PING, ''), frame(TEXT, 'end'));
    await log.until('message end');
    connection.send('nothing else was sent');
    const frames = [await peer.readFrame(), await peer.readFrame()];
    expect(frames.map(({ payload }) => payload.toString())).toEqual(['by hand', 'nothing else was sent']);
    connection.onWebSocketPing = null;
    peer.write(frame(PING, 'answered again'));
    expect((await peer.readFrame()).payload.toString()).toBe('answered again');
  });
});

describe('ping() and pong()', () => {
  it('send control frames with a payload, text or bytes', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    record(connection, {
      onWebSocketConnect: () => {
        connection.ping();
        connection.ping('다람쥐');
        connection.pong(Uint8Array.of(1, 2, 3).subarray(1));
        connection.ping(new ArrayBuffer(125));
      },
    });
    connection.connect();
    const peer = await server.acceptedPeer();
    const frames = [];
    for (let i = 0; i < 4; i += 1) frames.push(await peer.readFrame());
    expect(frames.map(({ first, payload }) => [first, payload.toString('latin1')])).toEqual([
      [PING, 'ping 1'],
      [PING, Buffer.from('다람쥐').toString('latin1')],
      [PONG, '\x02\x03'],
      [PING, '\0'.repeat(125)],
    ]);
  });

  it('do nothing unless the connection is open', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    connection.ping('too early');
    connection.connect();
    connection.pong('too early');
    connection.send('first');
    const peer = await server.acceptedPeer();
    expect((await peer.readFrame()).payload.toString()).toBe('first');
    connection.destroy();
    connection.ping('too late');
    connection.pong('too late');
    await expect(peer.read(1)).rejects.toThrow('ended');
  });
});
