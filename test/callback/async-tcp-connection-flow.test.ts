// Back-pressure in both directions, and what a server sees of the frames: a peer that does not read, pauses at any moment,
// one write per tick, masks that never repeat.

import { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { record } from '../support/event-log';
import { BINARY, CLOSE, closeFrame, frame, PING, PONG, TEXT } from '../support/raw-peer';
import { rawServer, SCHEMES, wsServer } from '../support/servers';

const KiB = 1024;

describe.each(SCHEMES)('over %s, a server that does not read', (scheme) => {
  it('makes send() return null, then false with onBufferFull once; what was accepted arrives when it reads', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    connection.maxSendBufferSize = 256 * KiB;
    const log = record(connection);
    connection.connect();
    const peer = await server.acceptedPeer();
    await log.until('open 101');

    const results: (boolean | null)[] = [];
    while (results.at(-1) !== false) {
      const message = new Uint8Array(64 * KiB).fill(results.length);
      results.push(connection.send(message));
    }
    results.push(connection.send('too much'), connection.send(''));
    const letters = results.map((result) => (result === null ? 'n' : String(result)[0])).join('');
    expect(letters).toMatch(/^t+n+f{3}$/);
    expect(log.events).toEqual(['connect', 'open 101', 'full', ...Array(3).fill('error SEND_FAIL')]);
    expect(log.errors[0]!.message).toContain(`maxSendBufferSize`);
    expect(log.errors[0]!.message).toContain(`${256 * KiB}`);

    for (let i = 0; i < results.length - 3; i += 1) {
      const { first, payload } = await peer.readFrame();
      expect([first, payload.length]).toEqual([BINARY, 64 * KiB]);
      expect(payload.every((byte) => byte === (i & 0xff))).toBe(true);
    }
    await log.until('drain');
    expect(connection.send('after the drain')).toBe(true);
    expect((await peer.readFrame()).payload.toString()).toBe('after the drain');
    expect(log.events.slice(-2)).toEqual(['error SEND_FAIL', 'drain']);
  });

  it('gets only the latest of the pongs it asked for, and then onBufferDrain comes all the same', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    const peer = await server.acceptedPeer();
    await log.until('open 101');
    const large = new Uint8Array(16 * KiB * KiB);
    expect(connection.send(large)).toBeNull();
    peer.write(...['first', 'second', 'latest'].map((text) => frame(PING, text)), frame(TEXT, 'after the pings'));
    await log.until('message after the pings');
    expect(log.events).toEqual(['connect', 'open 101', 'full', 'message after the pings']);
    await peer.read(large.length + 14);
    const pong = await peer.readFrame();
    expect([pong.first, pong.payload.toString()]).toEqual([PONG, 'latest']);
    await log.until('drain');
    connection.send('next');
    expect((await peer.readFrame()).payload.toString()).toBe('next');
  });
});

describe.each(SCHEMES)('over %s, a queue that fills before the handshake is done', (scheme) => {
  it('tells onBufferFull in front of what is dropped, though the limit is less than what one tick gathers', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    connection.maxSendBufferSize = 16 * KiB;
    const log = record(connection);
    connection.connect();
    await server.acceptedPeer();
    await log.until('open 101');
    const message = new Uint8Array(1000);
    while (!log.events.includes('error SEND_FAIL')) {
      for (let i = 0; i < 60; i += 1) connection.send(message);
      await setImmediate();
    }
    expect(log.events.slice(2, 4)).toEqual(['full', 'error SEND_FAIL']);
    expect(log.events.filter((line) => line === 'full')).toHaveLength(1);
    connection.destroy();
  });

  it('tells onBufferFull once, drops what does not fit, and drains when the connection is open', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    connection.maxSendBufferSize = 100;
    const log = record(connection);
    connection.connect();
    expect(connection.send('x'.repeat(60))).toBeNull();
    expect(connection.send('x'.repeat(60))).toBeNull();
    expect(log.events).toEqual(['full']);
    expect(connection.send('too much')).toBe(false);
    const peer = await server.acceptedPeer();
    for (let i = 0; i < 2; i += 1) expect((await peer.readFrame()).payload.toString()).toBe('x'.repeat(60));
    await log.until('drain');
    expect(log.events).toEqual(['full', 'error SEND_FAIL', 'connect', 'open 101', 'drain']);
    expect(connection.send('after the drain')).toBe(true);
  });
});

describe.each(SCHEMES)('over %s, pauseRecv()', (scheme) => {
  it('inside onMessage stops delivery at once, in the middle of a segment', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    const log = record(connection, {
      onMessage: (_, data) => data === 'one' && connection.pauseRecv(),
    });
    connection.connect();
    const peer = await server.peer();
    await peer.accept(frame(TEXT, 'one'), frame(TEXT, 'two'), frame(PING, 'not answered yet'), frame(TEXT, 'three'));
    await log.until('message one');
    peer.write(frame(TEXT, 'four'), closeFrame(1000));
    for (let i = 0; i < 10; i += 1) await setImmediate();
    log.write('resumed');
    connection.resumeRecv();
    expect((await peer.readFrame()).payload.toString()).toBe('not answered yet');
    await peer.readFrameOf(CLOSE);
    peer.socket.end();
    await log.until('close 1000');
    expect(log.events.join()).toBe(
      'connect,open 101,message one,resumed,message two,message three,message four,close frame 1000,close 1000',
    );
  });

  it('before the connection is open holds the first message back', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    connection.pauseRecv();
    const peer = await server.peer();
    await peer.accept(frame(TEXT, 'one'));
    await log.until('open 101');
    for (let i = 0; i < 10; i += 1) await setImmediate();
    log.write('resumed');
    connection.resumeRecv();
    await log.until('message one');
    expect(log.events).toEqual(['connect', 'open 101', 'resumed', 'message one']);
  });

  it('makes the server wait', async () => {
    let socketIsHeld = false;
    const server = await wsServer(scheme, (socket) => {
      const message = new Uint8Array(KiB * KiB);
      for (let i = 0; i < 32; i += 1) socket.send(message);
      socketIsHeld = socket.bufferedAmount > 0;
    });
    const connection = server.client();
    const log = record(connection, { onMessage: () => log.messages.length === 1 && connection.pauseRecv() });
    connection.connect();
    const socket = await server.nextSocket();
    await log.until(({ messages }) => messages.length === 1);
    for (let i = 0; i < 100; i += 1) await setImmediate();
    expect(socketIsHeld).toBe(true);
    expect(socket.bufferedAmount).toBeGreaterThan(0);
    connection.resumeRecv();
    await log.until(({ messages }) => messages.length === 32);
    expect(socket.bufferedAmount).toBe(0);
  });

  it('loses and reorders nothing in 10,000 messages, whenever it comes', async () => {
    const texts = Array.from({ length: 10_000 }, (_, i) => `${i} ${'다람쥐 '.repeat(i % 97)}`);
    const server = await wsServer(scheme, (socket) => {
      for (const [i, text] of texts.entries()) {
        if (i % 10 === 0) socket.ping();
        if (i % 7 === 0) {
          socket.send(text.slice(0, i % 11), { fin: false });
          socket.send(text.slice(i % 11), { fin: true });
        } else {
          socket.send(text);
        }
      }
      socket.close(4000, 'all sent');
    });
    const connection = server.client();
    let isPaused = false;
    const resume = (): void => {
      isPaused = false;
      connection.resumeRecv();
    };
    // A generator of its own, so that a failure can be repeated.
    let state = 1;
    const random = (): number => {
      state = (Math.imul(state, 48_271) >>> 0) % 0x7fffffff;
      return state / 0x7fffffff;
    };
    let pauses = 0;
    const log = record(connection, {
      onMessage: () => {
        expect(isPaused).toBe(false);
        if (random() > 0.05) return;
        pauses += 1;
        isPaused = true;
        connection.pauseRecv();
        const choice = random();
        if (choice < 0.2) resume();
        else if (choice < 0.4) queueMicrotask(resume);
        else setImmediate().then(resume);
      },
    });
    connection.connect();
    await log.until('close 4000');
    expect(pauses).toBeGreaterThan(300);
    expect(log.messages).toEqual(texts);
    expect(log.errors).toEqual([]);
    expect(log.closings[0]).toMatchObject({ code: 4000, reason: 'all sent', wasClean: true });
  });

  it('keeps what came before the end, although the server has gone', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    const log = record(connection, { onMessage: () => log.messages.length === 1 && connection.pauseRecv() });
    connection.connect();
    const peer = await server.peer();
    const count = 1000;
    await peer.accept(...Array.from({ length: count }, (_, i) => frame(TEXT, `${i} ${'x'.repeat(100)}`)));
    await log.until(({ messages }) => messages.length === 1);
    peer.write(frame(TEXT, 'the last'), closeFrame(1001));
    await new Promise<void>((resolve) => peer.socket.end(resolve));
    for (let i = 0; i < 20; i += 1) await setImmediate();
    expect(log.messages).toHaveLength(1);
    connection.resumeRecv();
    await log.until(({ closings }) => closings.length === 1);
    expect(log.messages).toHaveLength(count + 1);
    expect(log.messages.at(-1)).toBe('the last');
    expect(log.closings[0]).toMatchObject({ code: 1001, wasClean: true, error: undefined });
  });
});

describe.each(SCHEMES)('over %s, the frames', (scheme) => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('of one tick leave as one write', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    const peer = await server.acceptedPeer();
    await log.until('open 101');
    const write = vi.spyOn(Socket.prototype, 'write');
    for (let i = 0; i < 500; i += 1) connection.send(`message ${i}`);
    connection.ping('p');
    connection.send(new Uint8Array(1000));
    expect(write).not.toHaveBeenCalled();
    for (let i = 0; i < 502; i += 1) await peer.readFrame();
    expect(write).toHaveBeenCalledTimes(1);
  });

  it('sent in answer to one segment leave as one write, and with that segment', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    const log = record(connection, { onMessage: (_, data) => connection.send(data) });
    connection.connect();
    const peer = await server.acceptedPeer();
    await log.until('open 101');
    const write = vi.spyOn(Socket.prototype, 'write');
    peer.write(...Array.from({ length: 100 }, (_, i) => frame(TEXT, `${i}`)));
    for (let i = 0; i < 100; i += 1) expect((await peer.readFrame()).payload.toString()).toBe(`${i}`);
    // The other one is the server's.
    expect(write).toHaveBeenCalledTimes(2);
  });

  it('are masked, each with a key of its own, in the shortest form of their length', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    const sizes = [0, 1, 125, 126, 65_535, 65_536, 300_000];
    const small = 5000;
    connection.maxSendBufferSize = 64 * KiB * KiB;
    record(connection, {
      onWebSocketConnect: () => {
        for (const size of sizes) connection.send(new Uint8Array(size));
        for (let i = 0; i < small; i += 1) connection.send('same');
      },
    });
    connection.connect();
    const peer = await server.acceptedPeer();
    const keys = new Set<string>();
    for (const size of sizes) {
      const { isMasked, key, masked, payload } = await peer.readFrame();
      expect(isMasked).toBe(true);
      expect(payload.equals(Buffer.alloc(size))).toBe(true);
      // Zeros, masked, are the key over and over.
      expect(masked.equals(Buffer.alloc(size, key))).toBe(true);
      keys.add(key.toString('hex'));
    }
    for (let i = 0; i < small; i += 1) {
      const { first, isMasked, key, payload } = await peer.readFrame();
      expect([first, isMasked, payload.toString()]).toEqual([TEXT, true, 'same']);
      keys.add(key.toString('hex'));
    }
    expect(keys).not.toContain('00000000');
    // Of 5,007 random keys two are alike once in 340 runs; three pairs never.
    expect(keys.size).toBeGreaterThan(small + sizes.length - 3);
  });
});
