// What a WebSocket of the WHATWG face tells, written down in order, one line for each event: tests compare the whole list.

import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { EventLog } from './event-log';
import type { RawPeer } from './raw-peer';
import { type RawTestServer, rawServer } from './servers';
import { Untyped, type WebSocket, type WebSocketInit } from './web-classes';

const TYPES = ['open', 'message', 'error', 'close'] as const;

/** `open`, `message hello`, `message <3 bytes>`, `error`, `close 1000 true bye`. */
export function lineOf(event: Event): string {
  if (event.type === 'message') {
    const { data } = event as MessageEvent;
    if (typeof data === 'string') return `message ${data.slice(0, 40)}`;
    return data instanceof ArrayBuffer ? `message <${data.byteLength} bytes>` : `message Blob of ${data.size}`;
  }
  if (event.type === 'close') {
    const { code, wasClean, reason } = event as CloseEvent;
    return `close ${code} ${wasClean} ${reason}`.trim();
  }
  return event.type;
}

/** Writes down all that it tells from now on. */
export function logOf(webSocket: WebSocket, line: (event: Event) => string = lineOf): EventLog {
  const log = new EventLog();
  for (const type of TYPES) webSocket.addEventListener(type, (event: Event) => log.write(line(event)));
  return log;
}

/** A WebSocket, on its way; closed after the test. */
export function connecting(url: string, protocols?: string | string[] | WebSocketInit): WebSocket {
  const webSocket = protocols === undefined ? new Untyped(url) : new Untyped(url, protocols);
  onTestFinished(() => webSocket.close());
  return webSocket;
}

/** One that is open. */
export async function opened(url: string, protocols?: string | string[] | WebSocketInit): Promise<WebSocket> {
  const webSocket = connecting(url, protocols);
  await once(webSocket, 'open');
  return webSocket;
}

/** One that is open, and the server's end of it, which is a script. */
export async function pair(): Promise<{ webSocket: WebSocket; peer: RawPeer; server: RawTestServer }> {
  const server = await rawServer('ws');
  const [webSocket, peer] = await Promise.all([opened(server.url), server.acceptedPeer()]);
  return { webSocket, peer, server };
}

/** The data of the next message. */
export async function nextData(webSocket: WebSocket): Promise<unknown> {
  const [event] = (await once(webSocket, 'message')) as [MessageEvent];
  return event.data;
}
