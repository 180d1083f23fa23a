// What the tests of the `ws` face share: a client that is open to a server, cleaned up behind the test.

import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { type ClientOptions, WebSocket } from '../../src/index';
import type { RawPeer } from './raw-peer';
import { rawServer } from './servers';

/** A client of the `ws` face, without compression; ended behind the test. */
export function wsClient(url: string, protocols: string | string[] = [], options: ClientOptions = {}): WebSocket {
  const client = new WebSocket(url, protocols, { perMessageDeflate: false, ...options });
  onTestFinished(() => {
    client.on('error', () => {});
    client.terminate();
  });
  return client;
}

/** A client that is open, and the raw peer that holds its other end. */
export async function openClient(options: ClientOptions = {}): Promise<{ client: WebSocket; peer: RawPeer }> {
  const server = await rawServer('ws');
  const client = wsClient(server.url, [], options);
  const peer = await server.peer();
  const opened = once(client, 'open');
  await peer.accept();
  await opened;
  return { client, peer };
}

/** What 'message' tells, so many times. */
export async function messagesOf(client: WebSocket, count: number): Promise<unknown[]> {
  const messages: unknown[] = [];
  return new Promise((resolve, reject) => {
    client.on('message', (data) => {
      messages.push(data);
      if (messages.length === count) resolve(messages);
    });
    client.once('close', () => reject(new Error(`Closed behind ${messages.length} messages of ${count}.`)));
  });
}

/** The status of 'close', whatever errors are told before. */
export function closeOf(client: WebSocket): Promise<number> {
  return new Promise((resolve) => client.once('close', resolve));
}
