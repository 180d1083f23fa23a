// Messages of the `ws` face, as the documentation of the npm package has them: what two logs cannot say, since both might be
// wrong in the same way, or since it is random, or a matter of amounts.

import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { createWebSocketStream, WebSocket } from '../../src/index';
import { BINARY, CLOSE, type ClientFrame, frame, PING, PONG, TEXT } from '../support/raw-peer';
import { echoServer, wsServer } from '../support/servers';
import { messagesOf, openClient, wsClient } from '../support/ws-clients';

describe('what is sent', () => {
  test('is masked with a key that is another for each frame', async () => {
    const { client, peer } = await openClient();
    for (let i = 0; i < 20; i++) client.send('the same');
    const frames: ClientFrame[] = [];
    for (let i = 0; i < 20; i++) frames.push(await peer.readFrame());
    expect(frames.every(({ isMasked, payload }) => isMasked && String(payload) === 'the same')).toBe(true);
    expect(new Set(frames.map(({ key }) => key.toString('hex'))).size).toBe(20);
  });

  test('is text for a string and binary for bytes, unless it is told otherwise', async () => {
    const { client, peer } = await openClient();
    client.send('a');
    client.send(Buffer.from('b'));
    client.send('c', { binary: true });
    client.send(Buffer.from('d'), { binary: false });
    const firsts: number[] = [];
    for (let i = 0; i < 4; i++) firsts.push((await peer.readFrame()).first);
    expect(firsts).toEqual([TEXT, BINARY, BINARY, TEXT]);
  });

  test('is what the bytes were when it was sent', async () => {
    const { client, peer } = await openClient();
    const bytes = Buffer.from('before');
    client.send(bytes);
    bytes.fill('x');
    expect(String((await peer.readFrame()).payload)).toBe('before');
  });

  test('does not change what it was made of', async () => {
    const { client, peer } = await openClient();
    const bytes = Buffer.alloc(100_000, 7);
    client.send(bytes);
    await peer.readFrame();
    expect(bytes.equals(Buffer.alloc(100_000, 7))).toBe(true);
  });

  test('comes back from an echo as it went, in order', async () => {
    const server = await echoServer('ws');
    const client = wsClient(server.url);
    await once(client, 'open');
    const sent = Array.from({ length: 3000 }, (_, i) => (i % 2 === 0 ? `text ${i} ☂` : Buffer.alloc(i, i)));
    const received = messagesOf(client, sent.length);
    for (const data of sent) client.send(data);
    const pairs = (await received).map((data, i) => (data as Buffer).equals(Buffer.from(sent[i]!)));
    expect(pairs).toEqual(sent.map(() => true));
  });

  test('is counted in bufferedAmount while the peer does not read, and no longer when it did', async () => {
    const { client, peer } = await openClient();
    expect(client.bufferedAmount).toBe(0);
    const size = 30_000_000;
    let isDone = false;
    client.send(Buffer.alloc(size), () => {
      isDone = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(client.bufferedAmount).toBeGreaterThan(size / 2);
    expect(client.bufferedAmount).toBeLessThanOrEqual(size + 14);
    expect(isDone).toBe(false);
    expect((await peer.readFrame()).payload).toHaveLength(size);
    await expect.poll(() => isDone, { timeout: 10_000 }).toBe(true);
    expect(client.bufferedAmount).toBe(0);
  });

  test('calls back in the order of the sends', async () => {
    const { client, peer } = await openClient();
    const order: number[] = [];
    for (let i = 0; i < 100; i++) client.send(`${i}`, () => order.push(i));
    for (let i = 0; i < 100; i++) await peer.readFrame();
    await expect.poll(() => order.length).toBe(100);
    expect(order).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  test('leaves as fragments of one message when fin is false', async () => {
    const server = await wsServer('ws');
    const socket = server.nextSocket();
    const client = wsClient(server.url);
    await once(client, 'open');
    const message = once(await socket, 'message');
    client.send('one, ', { fin: false });
    client.send('two, ', { fin: false });
    client.send('three', { fin: true });
    const [data, isBinary] = await message;
    expect(String(data)).toBe('one, two, three');
    expect(isBinary).toBe(false);
  });
});

describe('what is received', () => {
  test('is a Buffer and whether it is binary, for text too', async () => {
    const { client, peer } = await openClient();
    const told: unknown[][] = [];
    client.on('message', (...values) => told.push(values));
    peer.write(frame(TEXT, 'text'), frame(BINARY, 'bytes'));
    await expect.poll(() => told.length).toBe(2);
    expect(told).toEqual([
      [Buffer.from('text'), false],
      [Buffer.from('bytes'), true],
    ]);
    expect(told.every(([data]) => Buffer.isBuffer(data))).toBe(true);
  });

  test('is a string in a message event of text', async () => {
    const { client, peer } = await openClient();
    const event = new Promise<unknown>((resolve) => {
      client.onmessage = ({ data }) => resolve(data);
    });
    peer.write(frame(TEXT, 'text ☂'));
    expect(await event).toBe('text ☂');
  });

  test('is an ArrayBuffer of exactly its bytes, if that is wanted', async () => {
    const { client, peer } = await openClient();
    client.binaryType = 'arraybuffer';
    const received = messagesOf(client, 2);
    peer.write(frame(BINARY, 'one'), frame(BINARY, 'other'));
    const [one, other] = (await received) as ArrayBuffer[];
    expect(one).toBeInstanceOf(ArrayBuffer);
    expect([one!.byteLength, other!.byteLength]).toEqual([3, 5]);
    expect(Buffer.from(other!).toString()).toBe('other');
  });

  test('stays what it is while more comes', async () => {
    const { client, peer } = await openClient();
    const count = 500;
    const received = messagesOf(client, count);
    for (let i = 0; i < count; i++) peer.write(frame(BINARY, `message ${i} `.repeat(20)));
    const messages = (await received) as Buffer[];
    expect(messages.map(String)).toEqual(Array.from({ length: count }, (_, i) => `message ${i} `.repeat(20)));
  });

  test('waits while it is paused, and is whole and in order when it goes on', async () => {
    const { client, peer } = await openClient();
    const received: string[] = [];
    client.on('message', (data) => {
      received.push(String(data));
      if (received.length % 10 !== 0) return;
      client.pause();
      expect(client.isPaused).toBe(true);
      setImmediate(() => client.resume());
    });
    for (let i = 0; i < 100; i++) peer.write(frame(TEXT, `${i}`));
    await expect.poll(() => received.length, { timeout: 10_000 }).toBe(100);
    expect(received).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`));
  });

  test('may be 100 MiB at most by default, by its header alone', async () => {
    const { client, peer } = await openClient();
    const failed = once(client, 'error');
    const limit = Buffer.of(BINARY, 127, 0, 0, 0, 0, 6, 64, 0, 1);
    peer.write(limit);
    const [error] = await failed;
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', message: 'Max payload size exceeded' });
    expect((await peer.readFrameOf(CLOSE)).payload.readUInt16BE(0)).toBe(1009);
  });
});

describe('pings', () => {
  test('are answered with their own bytes', async () => {
    const { peer } = await openClient();
    peer.write(frame(PING, 'are you there?'));
    const { first, payload } = await peer.readFrame();
    expect([first, String(payload)]).toEqual([PONG, 'are you there?']);
  });

  test('are answered once only if the program does it', async () => {
    const { client, peer } = await openClient({ autoPong: false });
    client.on('ping', (data) => client.pong(data));
    peer.write(frame(PING, '1'), frame(PING, '2'));
    expect([String((await peer.readFrame()).payload), String((await peer.readFrame()).payload)]).toEqual(['1', '2']);
    client.close();
    expect((await peer.readFrame()).first).toBe(CLOSE);
  });

  test('of ours are answered by any server', async () => {
    const server = await wsServer('ws');
    const client = wsClient(server.url);
    await once(client, 'open');
    client.ping('heartbeat');
    const [data] = await once(client, 'pong');
    expect(String(data)).toBe('heartbeat');
  });
});

describe('a stream', () => {
  test('carries many bytes both ways, at the pace of its reader', async () => {
    const server = await echoServer('ws');
    const client = wsClient(server.url);
    const stream = createWebSocketStream(client, { highWaterMark: 20_000 });
    const sent = Array.from({ length: 200 }, (_, i) => Buffer.alloc(10_000 + i, i));
    let length = 0;
    const total = sent.reduce((sum, chunk) => sum + chunk.length, 0);
    const chunks: Buffer[] = [];
    void (async () => {
      for (const chunk of sent) if (!stream.write(chunk)) await once(stream, 'drain');
    })();
    for await (const chunk of stream) {
      chunks.push(chunk);
      length += chunk.length;
      if (chunks.length % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      if (length === total) stream.end();
    }
    expect(Buffer.concat(chunks).equals(Buffer.concat(sent))).toBe(true);
    expect(client.readyState).toBe(WebSocket.CLOSED);
  });

  test('fails with what its connection fails with', async () => {
    const { client, peer } = await openClient();
    const stream = createWebSocketStream(client);
    const failed = once(stream, 'error');
    stream.resume();
    peer.write(frame(0x83));
    await peer.end();
    peer.socket.end();
    expect((await failed)[0]).toMatchObject({ code: 'WS_ERR_INVALID_OPCODE' });
    expect(stream.destroyed).toBe(true);
  });
});
