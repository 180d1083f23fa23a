// Values of another realm, and of classes in the place of the runtime's, on AsyncTcpConnection.

import { describe, expect, it } from 'vitest';
import { AsyncTcpConnection } from '../../src/index';
import { BLOBS, BlobLike, FOREIGN_BYTES, foreign, replaceBlob, UnreadableBlob } from '../support/foreign-values';
import { BINARY, PING, PONG, type RawPeer } from '../support/raw-peer';
import { rawServer } from '../support/servers';

async function openConnection(): Promise<{ connection: AsyncTcpConnection; peer: RawPeer }> {
  const server = await rawServer('ws');
  const connection = server.client();
  const opened = new Promise<void>((resolve) => {
    connection.onWebSocketConnect = () => resolve();
  });
  connection.connect();
  const peer = await server.acceptedPeer();
  await opened;
  return { connection, peer };
}

describe.each(FOREIGN_BYTES)('%s of another realm', (_, make) => {
  it('is bytes in messages, pings and pongs', async () => {
    const { connection, peer } = await openConnection();
    expect(connection.send(make() as Uint8Array)).toBe(true);
    connection.ping(make() as Uint8Array);
    connection.pong(make() as Uint8Array);
    for (const first of [BINARY, PING, PONG]) {
      const got = await peer.readFrame();
      expect([got.first, [...got.payload]]).toEqual([first, [1, 2, 3]]);
    }
  });
});

it('bytes that were transferred are one clear error everywhere', async () => {
  const { connection } = await openConnection();
  const bytes = new Uint8Array(3);
  structuredClone(bytes, { transfer: [bytes.buffer] });
  for (const data of [bytes, bytes.buffer]) {
    for (const call of [() => connection.send(data), () => connection.ping(data), () => connection.pong(data)]) {
      expect(call).toThrow(new TypeError('The ArrayBuffer is detached: its bytes were transferred.'));
    }
    await expect((async () => connection.sendAsync(data))()).rejects.toThrow(/^The ArrayBuffer is detached/);
  }
});

it.each(BLOBS)('a Blob is sent as bytes: %s', async (_, make) => {
  const blob = make();
  replaceBlob(class Blob {});
  const { connection, peer } = await openConnection();
  connection.send(blob);
  const { first, payload } = await peer.readFrame();
  expect([first, [...payload]]).toEqual([BINARY, [1, 2, 3]]);
});

it('a Blob that cannot be read is an error', async () => {
  const { connection } = await openConnection();
  expect(() => connection.send(new UnreadableBlob() as unknown as Blob)).toThrow(/^A Blob without arrayBuffer/);
});

it('a Blob whose bytes are none is told, and what is behind it is sent', async () => {
  const { connection, peer } = await openConnection();
  const errors: unknown[] = [];
  connection.onError = (_connection, code, message) => errors.push(code, message);
  connection.send(Object.assign(new BlobLike(), { arrayBuffer: async () => 'no bytes' }) as unknown as Blob);
  connection.send(Uint8Array.of(4));
  expect([...(await peer.readFrame()).payload]).toEqual([4]);
  expect(errors).toEqual([AsyncTcpConnection.SEND_FAIL, expect.stringContaining('gave no ArrayBuffer')]);
});

it('a promise of another realm, and one where the global class is another, is waited for', async () => {
  const server = await rawServer('ws');
  const { Promise: Own } = globalThis;
  const connection = new AsyncTcpConnection(() =>
    foreign<(url: string) => Promise<string>>('async (url) => url')(server.url),
  );
  globalThis.Promise = class extends Own<unknown> {} as typeof Promise;
  try {
    connection.connect();
  } finally {
    globalThis.Promise = Own;
  }
  await server.acceptedPeer();
  connection.destroy();
});

it('a URL of another class is taken as a proxy', () => {
  const connection = new AsyncTcpConnection('ws://h/');
  const url = { href: 'http://h:1/', protocol: 'http:', searchParams: {}, toString: () => 'http://h:1/' };
  connection.proxyHttp = url as unknown as string;
  expect(String(connection.proxyHttp)).toBe('http://h:1/');
  expect(() => {
    connection.proxyHttp = {} as string;
  }).toThrow(TypeError);
});
