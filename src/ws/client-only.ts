// What the npm package `ws` has and a client has not: the names are there, so that programs load, and each says in one
// sentence where to find it.

import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { nameClass } from '../base/public-class';
import type { AddressInfo, ServerOptions } from './types';
import type { WebSocket } from './websocket';

const SERVERS = 'wsimd is a WebSocket client: servers are made with the npm package ws.';
const PARTS = 'wsimd has no such part of the npm package ws: frames are read and written by wsimd/framing.';

/** What a server's emitter tells. */
interface ServerEvents<Socket extends typeof WebSocket, Request extends typeof IncomingMessage> {
  connection: [websocket: InstanceType<Socket>, request: InstanceType<Request>];
  error: [error: Error];
  headers: [headers: string[], request: InstanceType<Request>];
  close: [];
  listening: [];
  wsClientError: [error: Error, socket: Duplex, request: InstanceType<Request>];
}

// biome-ignore lint/suspicious/noExplicitAny: what a user's own events bring
type Anything<Self> = (this: Self, ...values: any[]) => void;

/** The members of a server, for programs that name its type. */
export interface WebSocketServer<
  Socket extends typeof WebSocket = typeof WebSocket,
  Request extends typeof IncomingMessage = typeof IncomingMessage,
> extends EventEmitter {
  options: ServerOptions<Socket, Request>;
  path: string;
  clients: Set<InstanceType<Socket>>;
  address(): AddressInfo | string | null;
  close(done?: (error?: Error) => void): void;
  handleUpgrade(
    request: InstanceType<Request>,
    socket: Duplex,
    upgradeHead: Buffer,
    callback: (client: InstanceType<Socket>, request: InstanceType<Request>) => void,
  ): void;
  shouldHandle(request: InstanceType<Request>): boolean | Promise<boolean>;
  on<Name extends keyof ServerEvents<Socket, Request>>(
    event: Name,
    listener: (this: this, ...values: ServerEvents<Socket, Request>[Name]) => void,
  ): this;
  on(event: string | symbol, listener: Anything<this>): this;
  once<Name extends keyof ServerEvents<Socket, Request>>(
    event: Name,
    listener: (this: this, ...values: ServerEvents<Socket, Request>[Name]) => void,
  ): this;
  once(event: string | symbol, listener: Anything<this>): this;
  off<Name extends keyof ServerEvents<Socket, Request>>(
    event: Name,
    listener: (this: this, ...values: ServerEvents<Socket, Request>[Name]) => void,
  ): this;
  off(event: string | symbol, listener: Anything<this>): this;
  addListener<Name extends keyof ServerEvents<Socket, Request>>(
    event: Name,
    listener: (this: this, ...values: ServerEvents<Socket, Request>[Name]) => void,
  ): this;
  addListener(event: string | symbol, listener: Anything<this>): this;
  removeListener<Name extends keyof ServerEvents<Socket, Request>>(
    event: Name,
    listener: (this: this, ...values: ServerEvents<Socket, Request>[Name]) => void,
  ): this;
  removeListener(event: string | symbol, listener: Anything<this>): this;
}

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: what it has, it has for programs to compile
export class WebSocketServer<
  Socket extends typeof WebSocket = typeof WebSocket,
  Request extends typeof IncomingMessage = typeof IncomingMessage,
> {
  /** @throws Error that says where servers are to be found */
  constructor(_options?: ServerOptions<Socket, Request>, _listening?: () => void) {
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
