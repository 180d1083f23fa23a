// What waits behind a Blob or behind compression in the `ws` face, beside the npm package: what its callbacks are told when the
// connection ends, and how much of it `bufferedAmount` counts.

import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as theirs from 'ws';
import { WebSocket } from '../../src/index';
import { wsServer } from '../support/servers';

/** A Blob that is never read. */
function slowBlob(size: number): Blob {
  const blob = new Blob(['x'.repeat(size)]);
  return Object.defineProperty(blob, 'arrayBuffer', { value: () => new Promise(() => {}) });
}

/** As it is read when everything else has happened. */
function laterBlob(size: number, later: Promise<unknown>): Blob {
  const blob = new Blob(['x'.repeat(size)]);
  const { arrayBuffer } = Blob.prototype;
  return Object.defineProperty(blob, 'arrayBuffer', { value: () => later.then(() => arrayBuffer.call(blob)) });
}

/** Sends all of them; what their callbacks are told, when all have been. */
async function toldOf(client: WebSocket, all: readonly unknown[]): Promise<unknown[]> {
  const told: unknown[] = [];
  const sent = all.map(
    (data) =>
      new Promise<void>((resolve) => {
        client.send(data as string, (error) => {
          told.push(error?.message);
          resolve();
        });
      }),
  );
  await Promise.all(sent);
  return told;
}

describe.each([
  ['wsimd', WebSocket],
  ['ws', theirs.WebSocket as unknown as typeof WebSocket],
])('%s', (_, Class) => {
  async function open(options: object): Promise<WebSocket> {
    const { url } = await wsServer('ws', () => {}, { perMessageDeflate: true });
    const client = new Class(url, options);
    onTestFinished(() => client.terminate());
    client.on('error', () => {});
    await once(client, 'open');
    return client;
  }

  test('all that waits behind a Blob gets the error of the Blob', async () => {
    const client = await open({ perMessageDeflate: false });
    const closed = once(client, 'close');
    const told = toldOf(client, [laterBlob(10, closed), 'text', Buffer.alloc(3)]);
    client.terminate();
    expect(await told).toEqual(Array(3).fill('The socket was closed while the blob was being read'));
  });

  test('all that waits behind compression gets the error of that', async () => {
    const client = await open({ perMessageDeflate: { threshold: 0 } });
    const told = toldOf(client, [Buffer.alloc(4 * 2 ** 20, 'long'), 'text', Buffer.alloc(3)]);
    client.terminate();
    expect(await told).toEqual(Array(3).fill('The socket was closed while data was being compressed'));
  });

  test('bufferedAmount counts what waits behind a Blob', async () => {
    const client = await open({ perMessageDeflate: false });
    client.send(slowBlob(100));
    expect(client.bufferedAmount).toBe(100);
    client.send('text');
    client.send(Buffer.alloc(5));
    expect(client.bufferedAmount).toBe(109);
  });

  test('bufferedAmount counts what waits behind compression', async () => {
    const client = await open({ perMessageDeflate: { threshold: 0 } });
    const length = 4 * 2 ** 20;
    client.send(Buffer.alloc(length, 'long'));
    client.send('text');
    expect(client.bufferedAmount).toBe(length + 4);
    await expect.poll(() => client.bufferedAmount, { timeout: 10_000 }).toBe(0);
  });
});
