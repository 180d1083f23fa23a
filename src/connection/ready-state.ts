// The states of a WebSocket as programs know them (WebSockets §3, and the npm package ws), and which of them a connection is in.

import type { State } from './state';

export const CONNECTING = 0;
export const OPEN = 1;
export const CLOSING = 2;
export const CLOSED = 3;

export type ReadyState = typeof CONNECTING | typeof OPEN | typeof CLOSING | typeof CLOSED;

/** CLOSED is never among them: that is when the end has been told, which only whoever tells it knows. */
export function readyStateOf(state: State): ReadyState {
  switch (state) {
    case 'initial':
    case 'dialing':
    case 'handshaking':
      return CONNECTING;
    case 'open':
      return OPEN;
    default:
      return CLOSING;
  }
}

/** Their names, by the numbers. */
export const STATE_NAMES = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'] as const;
