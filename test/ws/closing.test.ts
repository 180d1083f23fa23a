// The end of a connection of the `ws` face, as the documentation of the npm package has it, and its listeners: what two logs
// cannot say, since both might be wrong in the same way.

import { once } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { type CloseEvent, type Event, WebSocket } from '../../src/index';
import { CLOSE, closeFrame, frame, statusOf, TEXT } from '../support/raw-peer';
import { wsServer } from '../support/servers';
import { closeOf, openClient, wsClient } from '../support/ws-clients';

describe('a close of ours', () => {
  test('sends its status and its reason, and ends with those of the server', async () => {
    const { client, peer } = await openClient();
    const closed = once(client, 'close');
    client.close(4001, 'enough');
    expect(client.readyState).toBe(WebSocket.CLOSING);
    const sent = await peer.readFrameOf(CLOSE);
    expect(statusOf(sent)).toBe(4001);
    expect(String(sent.payload.subarray(2))).toBe('enough');
    peer.write(closeFrame(4002, 'well then'));
    await peer.end();
    peer.socket.end();
    expect(await closed).toEqual([4002, Buffer.from('well then')]);
    expect(client.readyState).toBe(WebSocket.CLOSED);
  });

  test('sends what was sent before it', async () => {
    const server = await wsServer('ws');
    const socket = server.nextSocket();
    const client = wsClient(server.url);
    await once(client, 'open');
    const received: number[] = [];
    const end = await socket;
    end.on('message', (data: Buffer) => received.push(data.length));
    for (let i = 0; i < 20; i++) client.send(Buffer.alloc(100_000 + i));
    client.close(1000);
    await once(end, 'close');
    expect(received).toEqual(Array.from({ length: 20 }, (_, i) => 100_000 + i));
  });

  test('waits for the server as long as closeTimeout says', async () => {
    const { client, peer } = await openClient({ closeTimeout: 200 } as never);
    const begun = performance.now();
    client.close();
    await peer.readFrameOf(CLOSE);
    const [code] = await once(client, 'close');
    expect(code).toBe(1006);
    expect(performance.now() - begun).toBeGreaterThan(180);
  });

  test('refuses what must not be sent, and stays open', async () => {
    const { client } = await openClient();
    for (const status of [999, 1004, 1005, 1006, 1015, 1016, 2999, 5000]) {
      expect(() => client.close(status), String(status)).toThrow(TypeError);
    }
    expect(() => client.close(1000, 'x'.repeat(124))).toThrow(RangeError);
    expect(client.readyState).toBe(WebSocket.OPEN);
  });
});

describe('an end by the server', () => {
  test('is answered with its own status', async () => {
    const { client, peer } = await openClient();
    const closed = once(client, 'close');
    peer.write(closeFrame(1001, 'restart'));
    expect(statusOf(await peer.readFrameOf(CLOSE))).toBe(1001);
    peer.socket.end();
    expect(await closed).toEqual([1001, Buffer.from('restart')]);
  });

  test('without a status is 1005, without a close frame 1006', async () => {
    const first = await openClient();
    first.peer.write(frame(CLOSE));
    first.peer.socket.end();
    expect((await once(first.client, 'close'))[0]).toBe(1005);
    const second = await openClient();
    second.peer.socket.end();
    expect((await once(second.client, 'close'))[0]).toBe(1006);
  });

  test('with a reset is no error: it is told by close alone', async () => {
    const { client, peer } = await openClient();
    const onError = vi.fn();
    client.on('error', onError);
    peer.socket.resetAndDestroy();
    expect((await once(client, 'close'))[0]).toBe(1006);
    expect(onError).not.toHaveBeenCalled();
  });

  test('keeps its reason when the bytes it came in are gone', async () => {
    const { client, peer } = await openClient();
    const closed = once(client, 'close');
    peer.write(frame(TEXT, 'x'.repeat(1000)), closeFrame(1000, 'a reason'));
    await peer.end();
    peer.socket.end();
    const [, reason] = (await closed) as [number, Buffer];
    expect(String(reason)).toBe('a reason');
  });
});

describe('terminate', () => {
  test('ends a connection whose server is silent at once', async () => {
    const { client } = await openClient();
    client.close();
    client.terminate();
    expect((await once(client, 'close'))[0]).toBe(1006);
  });

  test('before it is open is an error, and the end', async () => {
    const server = await wsServer('ws');
    const client = wsClient(server.url);
    const failed = once(client, 'error');
    const closed = closeOf(client);
    client.terminate();
    expect(client.readyState).toBe(WebSocket.CLOSING);
    expect((await failed)[0].message).toBe('WebSocket was closed before the connection was established');
    expect(await closed).toBe(1006);
  });
});

describe('a message that comes too late', () => {
  test('is refused by an exception before it is open', async () => {
    const server = await wsServer('ws');
    const client = wsClient(server.url);
    expect(() => client.send('early')).toThrow('WebSocket is not open: readyState 0 (CONNECTING)');
    await once(client, 'open');
    client.send('in time');
  });

  test('is refused by its callback when it is closed, and counted', async () => {
    const { client, peer } = await openClient();
    peer.write(closeFrame(1000));
    peer.socket.end();
    await once(client, 'close');
    const error = await new Promise<Error | undefined>((resolve) => client.send('12345', resolve));
    expect(error?.message).toBe('WebSocket is not open: readyState 3 (CLOSED)');
    expect(client.bufferedAmount).toBe(5);
  });
});

describe('events', () => {
  test('of close have a code, a reason, and whether it was clean', async () => {
    const { client, peer } = await openClient();
    const event = new Promise<CloseEvent>((resolve) => client.addEventListener('close', resolve));
    peer.write(closeFrame(1001, 'bye'));
    await peer.readFrameOf(CLOSE);
    peer.socket.end();
    const { code, reason, wasClean, type, target } = await event;
    expect({ code, reason, wasClean, type }).toEqual({ code: 1001, reason: 'bye', wasClean: true, type: 'close' });
    expect(target).toBe(client);
  });

  test('of a connection that broke were not clean', async () => {
    const { client, peer } = await openClient();
    const event = new Promise<CloseEvent>((resolve) => client.addEventListener('close', resolve));
    peer.socket.destroy();
    expect(await event).toMatchObject({ code: 1006, wasClean: false });
  });

  test('are told to those who listen when they happen', async () => {
    const { client, peer } = await openClient();
    const told: string[] = [];
    const removed = (): void => void told.push('removed');
    client.addEventListener('message', removed);
    client.addEventListener('message', () => told.push('once'), { once: true });
    client.onmessage = () => told.push('replaced');
    client.onmessage = () => told.push('attribute');
    client.addEventListener('message', { handleEvent: ({ type }: Event) => told.push(`object ${type}`) });
    client.removeEventListener('message', removed);
    peer.write(frame(TEXT, 'a'), frame(TEXT, 'b'));
    await expect.poll(() => told.length).toBe(5);
    expect(told).toEqual(['once', 'attribute', 'object message', 'attribute', 'object message']);
  });
});
