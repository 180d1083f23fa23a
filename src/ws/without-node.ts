// What the drop-in for `ws` is where there is no node:http, which it is made of: the names are there, so that programs load, and
// each says in one sentence what there is in its place.

import { nameClass } from '../base/public-class';

const NEEDS_NODE =
  'The drop-in for ws needs Node.js, Bun or Deno; here there are AsyncTcpConnection of wsimd and WebSocket of wsimd/web.';

export class WebSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;

  /** @throws Error that says what there is in its place */
  constructor() {
    throw new Error(NEEDS_NODE);
  }
}
nameClass(WebSocket, 'WebSocket');

/** @throws Error that says what there is in its place */
export function createWebSocketStream(): never {
  throw new Error(NEEDS_NODE);
}
