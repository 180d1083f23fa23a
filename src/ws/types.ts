// The types that programs written for the npm package `ws` name, as @types/ws has them. Those of servers are there so that
// such programs compile; what they describe is not. They go in a circle with websocket.ts and options.ts, as they must: the
// class has them in its namespace, an event names the class as its target, and an option of the class gets the class.

import type { ClientRequest, Server as HttpServer, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { WebSocketServer } from './client-only';
import type { WebSocket } from './websocket';

/** A message as 'message' tells it: text as a Buffer too, binary as `binaryType` says. */
export type RawData = Buffer | ArrayBuffer | Buffer[];

/** A message as an event listener gets it. */
export type Data = string | Buffer | ArrayBuffer | Buffer[];

export type CertMeta = string | string[] | Buffer | Buffer[];

/** What can be sent. */
export type BufferLike =
  | string
  | Buffer
  | DataView
  | number
  | ArrayBufferView
  | Uint8Array
  | ArrayBuffer
  | SharedArrayBuffer
  | Blob
  // biome-ignore lint/suspicious/noExplicitAny: as in @types/ws
  | readonly any[]
  | readonly number[]
  | { valueOf(): ArrayBuffer }
  | { valueOf(): SharedArrayBuffer }
  | { valueOf(): Uint8Array }
  | { valueOf(): readonly number[] }
  | { valueOf(): string }
  | { [Symbol.toPrimitive](hint: string): string };

export interface SendOptions {
  /** Whether it may be compressed, where that was agreed (RFC 7692); default true. */
  compress?: boolean | undefined;
  /** Whether the message is binary; default: whether `data` is not a string. */
  binary?: boolean | undefined;
  /** Whether this is the last fragment of its message; default true. */
  fin?: boolean | undefined;
  /** Passed over: a client masks all its frames (RFC 6455 §5.1). */
  mask?: boolean | undefined;
}

export interface PerMessageDeflateOptions {
  serverNoContextTakeover?: boolean | undefined;
  clientNoContextTakeover?: boolean | undefined;
  serverMaxWindowBits?: number | undefined;
  clientMaxWindowBits?: number | undefined;
  zlibDeflateOptions?: object | undefined;
  zlibInflateOptions?: object | undefined;
  threshold?: number | undefined;
  concurrencyLimit?: number | undefined;
}

export type BinaryType = 'nodebuffer' | 'arraybuffer' | 'blob' | 'fragments';

/** Called with the request; it ends it when it has set its headers. */
export type FinishRequestCallback = (request: ClientRequest, websocket: WebSocket) => void;

/** What the EventEmitter tells. */
export interface Told {
  open: [];
  message: [data: RawData, isBinary: boolean];
  ping: [data: Buffer];
  pong: [data: Buffer];
  close: [code: number, reason: Buffer];
  error: [error: Error];
  upgrade: [response: IncomingMessage];
  'unexpected-response': [request: ClientRequest, response: IncomingMessage];
  redirect: [url: string, request: ClientRequest];
}

// What event listeners get.

export interface Event {
  type: string;
  target: WebSocket;
}

export interface ErrorEvent extends Event {
  // biome-ignore lint/suspicious/noExplicitAny: as in @types/ws
  error: any;
  message: string;
}

export interface CloseEvent extends Event {
  wasClean: boolean;
  code: number;
  reason: string;
}

export interface MessageEvent extends Event {
  data: Data;
}

export interface WebSocketEventMap {
  open: Event;
  error: ErrorEvent;
  close: CloseEvent;
  message: MessageEvent;
}

export interface EventListenerOptions {
  once?: boolean | undefined;
}

// Programs name these types of servers.

export type VerifyClientCallbackSync<Request extends IncomingMessage = IncomingMessage> = (info: {
  origin: string;
  secure: boolean;
  req: Request;
}) => boolean;

export type VerifyClientCallbackAsync<Request extends IncomingMessage = IncomingMessage> = (
  info: { origin: string; secure: boolean; req: Request },
  callback: (res: boolean, code?: number, message?: string, headers?: OutgoingHttpHeaders) => void,
) => void;

export interface ServerOptions<
  Socket extends typeof WebSocket = typeof WebSocket,
  Request extends typeof IncomingMessage = typeof IncomingMessage,
> {
  host?: string | undefined;
  port?: number | undefined;
  backlog?: number | undefined;
  server?: HttpServer<Request> | HttpsServer<Request> | undefined;
  verifyClient?:
    | VerifyClientCallbackAsync<InstanceType<Request>>
    | VerifyClientCallbackSync<InstanceType<Request>>
    | undefined;
  handleProtocols?: ((protocols: Set<string>, request: InstanceType<Request>) => string | false) | undefined;
  path?: string | undefined;
  noServer?: boolean | undefined;
  allowSynchronousEvents?: boolean | undefined;
  autoPong?: boolean | undefined;
  clientTracking?: boolean | undefined;
  perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined;
  maxPayload?: number | undefined;
  maxBufferedChunks?: number | undefined;
  maxFragments?: number | undefined;
  skipUTF8Validation?: boolean | undefined;
  WebSocket?: Socket | undefined;
}

export interface AddressInfo {
  address: string;
  family: string;
  port: number;
}

export type Server<
  Socket extends typeof WebSocket = typeof WebSocket,
  Request extends typeof IncomingMessage = typeof IncomingMessage,
> = WebSocketServer<Socket, Request>;
