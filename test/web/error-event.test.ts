// What an error event says besides the standard: why, as those of Node.js, Bun and Deno do. That each failure has its sentence is
// shown by base/mistakes.test.ts.

import { expect, it, onTestFinished } from 'vitest';
import { WsimdError } from '../../src/index';
import { WebSocket, WebSocketStream } from '../../src/web';
import { closedPort, echoServer } from '../support/servers';

interface Told extends Event {
  readonly message: string;
  readonly error: WsimdError;
  readonly filename: string;
  readonly lineno: number;
  readonly colno: number;
}

const errorOf = (socket: WebSocket): Promise<Told> =>
  new Promise((resolve) => socket.addEventListener('error', (event) => resolve(event as Told)));

it('has message, and error with code and cause, and is an Event', async () => {
  const event = await errorOf(new WebSocket(`ws://127.0.0.1:${await closedPort()}`));
  expect(event).toBeInstanceOf(Event);
  expect([event.type, event.bubbles, event.cancelable]).toEqual(['error', false, false]);
  expect(event.error).toBeInstanceOf(WsimdError);
  expect(event.error).toMatchObject({ code: 'WS_ERR_CONNECT', phase: 'TCP', cause: { code: 'ECONNREFUSED' } });
  expect(event.message).toBe(event.error.message);
  expect([event.filename, event.lineno, event.colno]).toEqual(['', 0, 0]);
  for (const name of ['message', 'error', 'filename', 'lineno', 'colno']) expect(name in event).toBe(true);
  if ('ErrorEvent' in globalThis) expect(event).toBeInstanceOf(ErrorEvent);
});

it.each(['at once', 'in a while'])('says that the program gave up itself, %s', async (when) => {
  const { url } = await echoServer('ws');
  const socket = new WebSocket(url);
  const told = errorOf(socket);
  if (when === 'in a while') await new Promise((resolve) => setImmediate(resolve));
  socket.close();
  const { message, error } = await told;
  expect(message).toBe('The attempt was given up, since close() was called before the connection was open.');
  expect(error.code).toBe('WS_ERR_ABORTED');
});

it('says so while another one is in front of it', async () => {
  const { url } = await echoServer('ws');
  const [first, second] = [new WebSocket(url), new WebSocket(url)];
  onTestFinished(() => first.close());
  const told = errorOf(second);
  second.close();
  expect((await told).error.code).toBe('WS_ERR_ABORTED');
});

it('says which port is blocked', async () => {
  const { message, error } = await errorOf(new WebSocket('ws://127.0.0.1:25'));
  expect(message).toBe('The server could not be reached: the web does not connect to port 25 (Fetch §2.9).');
  expect(error.code).toBe('WS_ERR_CONNECT');
  const stream = new WebSocketStream('ws://127.0.0.1:25');
  stream.closed.catch(() => {});
  await expect(stream.opened).rejects.toMatchObject({ cause: { message } });
});
