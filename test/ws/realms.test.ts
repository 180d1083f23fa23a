// Values of another realm, and of classes in the place of the runtime's, on the `ws` face.

import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { WebSocket } from '../../src/index';
import { BLOBS, FOREIGN_BYTES, replaceBlob, UnreadableBlob } from '../support/foreign-values';
import { BINARY, CLOSE, frame, PING, PONG } from '../support/raw-peer';
import { echoServer } from '../support/servers';
import { openClient, wsClient } from '../support/ws-clients';

describe.each(FOREIGN_BYTES)('%s of another realm', (_, make) => {
  test('is bytes in messages, pings and pongs', async () => {
    const { client, peer } = await openClient();
    client.send(make() as Uint8Array);
    client.ping(make());
    client.pong(make());
    for (const first of [BINARY, PING, PONG]) {
      const got = await peer.readFrame();
      expect([got.first, [...got.payload]]).toEqual([first, [1, 2, 3]]);
    }
  });
});

test('a Uint8Array of another realm is a close reason', async () => {
  const { client, peer } = await openClient();
  client.close(1000, FOREIGN_BYTES.find(([name]) => name === 'a Uint8Array')![1]() as Uint8Array);
  const { first, payload } = await peer.readFrame();
  expect([first, [...payload]]).toEqual([CLOSE, [3, 232, 1, 2, 3]]);
});

test('bytes that were transferred are one clear error everywhere', async () => {
  const { client, peer } = await openClient();
  const buffer = new ArrayBuffer(3);
  const all = [buffer, new Uint8Array(buffer), Buffer.from(buffer), new DataView(buffer)];
  structuredClone(buffer, { transfer: [buffer] });
  for (const data of all) {
    for (const call of [() => client.send(data), () => client.ping(data), () => client.pong(data)]) {
      expect(call).toThrow(new TypeError('The ArrayBuffer is detached: its bytes were transferred.'));
    }
  }
  expect(() => client.close(1000, all[1] as Uint8Array)).toThrow(/^The ArrayBuffer is detached/);
  client.close(1000, new Uint8Array(0));
  expect((await peer.readFrame()).first).toBe(CLOSE);
});

test.each(BLOBS)('a Blob is sent as bytes: %s', async (_, make) => {
  const blob = make();
  replaceBlob(class Blob {});
  const { client, peer } = await openClient();
  client.send(blob);
  const { first, payload } = await peer.readFrame();
  expect([first, [...payload]]).toEqual([BINARY, [1, 2, 3]]);
});

test('a Blob that cannot be read is an error, that of Buffer.from as in ws', async () => {
  const { client } = await openClient();
  expect(() => client.send(new UnreadableBlob() as unknown as Blob)).toThrow(TypeError);
});

test('a received Blob can be read where the global class is another', async () => {
  replaceBlob(class Blob {});
  const { client, peer } = await openClient();
  client.binaryType = 'blob' as never;
  const told = once(client, 'message');
  peer.write(frame(BINARY, Uint8Array.of(1, 2, 3)));
  const [blob] = (await told) as [Blob];
  expect([...new Uint8Array(await blob.arrayBuffer())]).toEqual([1, 2, 3]);
});

test('a URL of another class is taken by its text', async () => {
  const server = await echoServer('ws');
  const client = wsClient({ toString: () => `${server.url}/path` } as never);
  await once(client, 'open');
  expect(client.url).toBe(`${server.url}/path`);
});

test('the prototype of each event is that of its class, whatever it is made of', async () => {
  const { client, peer } = await openClient();
  const events: object[] = [];
  for (const type of ['message', 'close'] as const) client.addEventListener(type, (event) => events.push(event));
  const closed = once(client, 'close');
  peer.write(frame(BINARY, 'a'), frame(CLOSE, Buffer.of(3, 232)));
  peer.socket.end();
  await closed;
  expect(events.map((event) => event.constructor.name)).toEqual(['MessageEvent', 'CloseEvent']);
  for (const event of events) expect(Object.getPrototypeOf(event)).toBe(event.constructor.prototype);
  const Message = events[0]!.constructor as new (type: string, init?: object) => { type: string; data: unknown };
  const made = new Message('mine', { data: 1 });
  expect([made.type, made.data, new Message('a').data, made instanceof Message]).toEqual(['mine', 1, null, true]);
  expect(Object.getPrototypeOf(made)).toBe(Message.prototype);
  expect(() => (Message as unknown as () => void)()).toThrow(TypeError);
  expect(WebSocket.name).toBe('WebSocket');
});
