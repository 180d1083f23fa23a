// What the npm package `ws` has and a client has not: the names are there, so that programs load, and each says in one
// sentence where to find it.

import { nameClass } from '../base/public-class';

const SERVERS = 'wsimd is a WebSocket client: servers are made with the npm package ws.';
const PARTS = 'wsimd has no such part of the npm package ws: frames are read and written by wsimd/framing.';

export class WebSocketServer {
  /** @throws Error that says where servers are to be found */
  constructor(_options?: unknown, _listening?: () => void) {
    throw new Error(SERVERS);
  }
}

/** `Receiver` in programs. */
export class NoReceiver {
  /** @throws Error that says what there is in its place */
  constructor() {
    throw new Error(PARTS);
  }
}

/** `Sender` in programs. */
export class NoSender {
  /** @throws Error that says what there is in its place */
  constructor() {
    throw new Error(PARTS);
  }
}

export class PerMessageDeflate {
  static readonly extensionName = 'permessage-deflate';

  /** @throws Error that says what there is in its place */
  constructor() {
    throw new Error(PARTS);
  }
}

/** `new WebSocket(null)`, by which a server makes its ends of connections. */
export function refuseServer(): never {
  throw new Error(SERVERS);
}

nameClass(WebSocketServer, 'WebSocketServer');
nameClass(NoReceiver, 'Receiver');
nameClass(NoSender, 'Sender');
nameClass(PerMessageDeflate, 'PerMessageDeflate');
