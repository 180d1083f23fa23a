// Listeners that are async functions: what their promises reject with is nobody's, as with `ws`, unless a program has asked
// EventEmitter to capture it.

import { EventEmitter } from 'node:events';
import { afterEach, expect, it, vi } from 'vitest';
import WsWebSocket, { WebSocketServer } from 'ws';
import { WebSocket } from '../../src/index';
import { unheard } from '../support/unheard';

afterEach(() => {
  EventEmitter.captureRejections = false;
});

/** Where the rejection of a listener of messages went, of the second message as of the first. */
async function whereabouts(
  Class: typeof WsWebSocket,
  listen: 'on' | 'onmessage' | 'addEventListener',
  behindMaking = (): void => {},
): Promise<{ nobodys: unknown[]; told: unknown[] }> {
  const nobodys = unheard();
  const told: unknown[] = [];
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (peer) => {
    peer.send('one');
    peer.send('two');
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const socket = new Class(`ws://127.0.0.1:${(server.address() as { port: number }).port}`);
  behindMaking();
  socket.on('error', (error) => told.push(error.message));
  let count = 0;
  const listener = async (): Promise<never> => {
    count += 1;
    throw new Error(`rejection ${count}`);
  };
  if (listen === 'on') socket.on('message', listener);
  else if (listen === 'onmessage') socket.onmessage = listener;
  else socket.addEventListener('message', listener);
  await vi.waitFor(() => expect(nobodys.length + told.length).toBe(2));
  socket.terminate();
  server.close();
  return { nobodys: nobodys.map((reason) => (reason as Error).message), told };
}

it.each(['on', 'onmessage', 'addEventListener'] as const)('by %s: nobody’s', async (listen) => {
  const nobodys = ['rejection 1', 'rejection 2'];
  expect(await whereabouts(WsWebSocket, listen)).toEqual({ nobodys, told: [] });
  expect(await whereabouts(WebSocket as never, listen)).toEqual({ nobodys, told: [] });
});

it.each(['on', 'onmessage', 'addEventListener'] as const)(
  'by %s, where EventEmitter captures rejections: as with ws',
  async (listen) => {
    EventEmitter.captureRejections = true;
    const expected = await whereabouts(WsWebSocket, listen);
    expect(expected.told.length).toBe(listen === 'on' ? 2 : 0);
    expect(await whereabouts(WebSocket as never, listen)).toEqual(expected);
  },
);

it('what EventEmitter does when the socket is made holds, whatever it does later', async () => {
  const behindMaking = (): void => {
    EventEmitter.captureRejections = !EventEmitter.captureRejections;
  };
  for (const captures of [true, false]) {
    EventEmitter.captureRejections = captures;
    const expected = await whereabouts(WsWebSocket, 'on', behindMaking);
    expect(expected.told.length).toBe(captures ? 2 : 0);
    EventEmitter.captureRejections = captures;
    expect(await whereabouts(WebSocket as never, 'on', behindMaking)).toEqual(expected);
  }
});
