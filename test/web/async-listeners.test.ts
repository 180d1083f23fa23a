// Listeners that are async functions: what their promises reject with is nobody's, as on a page.

import { expect, it, vi } from 'vitest';
import { WebSocket } from '../../src/web';
import { frame, TEXT } from '../support/raw-peer';
import { rawServer } from '../support/servers';
import { unheard } from '../support/unheard';

it.each(['onmessage', 'addEventListener'] as const)(
  'by %s: the process hears of it, and nobody else',
  async (listen) => {
    const nobodys = unheard();
    const server = await rawServer('ws');
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}`);
    const listener = async (): Promise<never> => {
      throw new Error('of a listener');
    };
    if (listen === 'onmessage') socket.onmessage = listener;
    else socket.addEventListener('message', listener);
    let errors = 0;
    socket.onerror = () => (errors += 1);
    (await server.acceptedPeer()).write(frame(TEXT, 'one'), frame(TEXT, 'two'));
    await vi.waitFor(() => expect(nobodys).toEqual([new Error('of a listener'), new Error('of a listener')]));
    expect([errors, socket.readyState]).toEqual([0, WebSocket.OPEN]);
    socket.onerror = null;
  },
);
