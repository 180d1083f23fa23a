// The drop-in for the client of the npm package `ws`: its class, with the names and arguments that programs know. What it does is
// elsewhere: session.ts has its life, sending.ts what it sends, opening.ts its beginning, listening.ts its listeners.

import { Buffer } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { defineConstants, enumerate, nameClass } from '../base/public-class';
import { showAs, withoutSecrets } from '../base/shown';
import { CLOSED, CLOSING, CONNECTING, OPEN, type ReadyState, STATE_NAMES } from '../connection/ready-state';
import { type FirstByte, PING, PONG } from '../sending/first-byte';
import type { KeySource } from '../sending/outbox';
import { refuseServer, type WebSocketServer } from './client-only';
import { closeFrameBody } from './data';
import { CLEANLY } from './events';
import { CHANGED, Listening } from './listening';
import { Opening } from './opening';
import type { ClientOptions } from './options';
import { PatientSession } from './patient-session';
import { DropInSending, type SendCallback } from './sending';
import { DropInSession } from './session';
import type { createWebSocketStream } from './stream';
import type {
  AddressInfo,
  BinaryType,
  BufferLike,
  CertMeta,
  CloseEvent,
  Data,
  ErrorEvent,
  Event,
  EventListenerOptions,
  FinishRequestCallback,
  MessageEvent,
  PerMessageDeflateOptions,
  RawData,
  SendOptions,
  ServerOptions,
  VerifyClientCallbackAsync,
  VerifyClientCallbackSync,
  WebSocketEventMap,
} from './types';

const BINARY_TYPES: readonly string[] = ['nodebuffer', 'arraybuffer', 'fragments', 'blob'];

// A method's type: whoever expects an error may say so.
type UserCallback = { bivariant(error?: Error): void }['bivariant'];
/** As @types/ws has it for pings and pongs: programs do not ask whether there is an error. */
type ControlCallback = (error: Error) => void;

/**
 * A WebSocket connection with the interface of the npm package `ws` (version 8): an EventEmitter, and event listeners besides.
 *
 * Events: 'open'; 'message' (data, isBinary); 'ping' and 'pong' (data); 'close' (code, reason as a Buffer); 'error' (error);
 * 'upgrade' (response); 'unexpected-response' (request, response); 'redirect' (url, request).
 */
export class WebSocket extends Listening {
  declare static readonly CONNECTING: 0;
  declare static readonly OPEN: 1;
  declare static readonly CLOSING: 2;
  declare static readonly CLOSED: 3;
  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSING: 2;
  declare readonly CLOSED: 3;

  readonly #session: DropInSession;
  readonly #sending: DropInSending;

  /**
   * @param address `ws:`, `wss:`, `http:`, `https:` or `ws+unix:`; behind it one subprotocol or several may stand, and the
   *   options
   * @throws SyntaxError for an address or a subprotocol, RangeError for a version of the protocol, and what node:http refuses
   */
  constructor(address: string | URL, options?: ClientOptions);
  constructor(address: string | URL, protocols?: string | string[], options?: ClientOptions);
  constructor(address: null);
  constructor(address: string | URL | null, protocols?: string | string[] | ClientOptions, options?: ClientOptions) {
    super();
    if (address === null) refuseServer();
    const isList = typeof protocols !== 'object' || protocols === null || Array.isArray(protocols);
    const given = isList ? options : (protocols as ClientOptions);
    const wanted =
      isList && protocols !== undefined ? protocols : given?.protocols === undefined ? [] : given.protocols;
    // As in ws, whoever gives undefined gives something: it takes the place of a default.
    const { autoPong, allowSynchronousEvents, generateMask } = {
      autoPong: true,
      allowSynchronousEvents: true,
      ...given,
    };
    // This one alone has its default again where it is used.
    const isSynchronous = allowSynchronousEvents === undefined || Boolean(allowSynchronousEvents);
    const Kind = isSynchronous ? DropInSession : PatientSession;
    this.#session = new Kind(this, Boolean(autoPong), keySourceOf(generateMask));
    this.#sending = new DropInSending(this.#session);
    const list = Array.isArray(wanted) ? wanted : [wanted as string];
    const opening = new Opening(this.#session, address, list, given);
    this.#session.opening = opening;
    opening.begin();
  }

  /** 'nodebuffer' (default), 'arraybuffer', 'blob' or 'fragments'; anything else is passed over. */
  get binaryType(): BinaryType {
    return this.#session.binaryType;
  }

  set binaryType(type: BinaryType) {
    if (BINARY_TYPES.includes(type)) this.#session.binaryType = type;
  }

  /** Bytes that wait for a slow peer, their frames included, and those that were sent when it was too late. */
  get bufferedAmount(): number {
    return this.#sending.bufferedAmount;
  }

  /** The names of the extensions in use: 'permessage-deflate', or ''. */
  get extensions(): string {
    return this.#session.extensions;
  }

  get isPaused(): boolean {
    return this.#session.isPaused;
  }

  /** The subprotocol that the server chose, '' if none. */
  get protocol(): string {
    return this.#session.protocol;
  }

  /** CONNECTING 0, OPEN 1, CLOSING 2, CLOSED 3. */
  get readyState(): ReadyState {
    return this.#session.readyState;
  }

  /** The address, that of the last redirect if there was one. */
  get url(): string {
    return this.#session.url;
  }

  /** @internal The runtime's socket, of an open connection: programs reach for it. */
  get _socket(): unknown {
    return this.#session.connection?.socket ?? null;
  }

  /** @internal */
  override get [CLEANLY](): boolean {
    return this.#session.isClosedCleanly;
  }

  /** @internal */
  override [CHANGED](): void {
    this.#session.listenersChanged();
  }

  /**
   * Begins the closing handshake, with a status and a reason of at most 123 bytes; an attempt is given up with an error.
   *
   * @throws TypeError for a status that must not be sent, RangeError for a reason that is too long
   */
  close(code?: number, reason?: string | Uint8Array): void {
    const session = this.#session;
    const { readyState } = session;
    if (readyState === CONNECTING) session.giveUp();
    else if (readyState === OPEN) session.connection!.close(closeFrameBody(code, reason));
  }

  /** Ends the connection now; what is unsent is lost. */
  terminate(): void {
    const session = this.#session;
    if (session.readyState === CONNECTING) session.giveUp();
    else session.terminate();
  }

  /** Stops delivery, and reading. */
  pause(): void {
    this.#flow(true);
  }

  resume(): void {
    this.#flow(false);
  }

  /**
   * Sends a message, or a fragment of one. Bytes are copied before it returns, except those of a Blob.
   *
   * @param done called when the runtime has taken the message, or with an error if it never does
   * @throws Error while the state is CONNECTING, TypeError for what is no data
   */
  send(data: BufferLike, done?: UserCallback): void;
  send(data: BufferLike, options: SendOptions, done?: UserCallback): void;
  send(data: BufferLike, options?: SendOptions | UserCallback, done?: UserCallback): void {
    const { connection } = this.#session;
    const isPlain = options === undefined && done === undefined && typeof data === 'string';
    if (isPlain && connection?.state === 'open' && !connection.sender.isFragmenting) {
      connection.sender.text(data, connection.sender.whole(false, true));
    } else if (typeof options === 'function') this.#sending.message(data, {}, options as SendCallback);
    else this.#sending.message(data, options ?? {}, done as SendCallback | undefined);
  }

  /** Sends a ping of at most 125 bytes (RFC 6455 §5.5.2); see `send`. `mask` is passed over: a client masks always. */
  ping(data?: unknown, mask?: boolean | ControlCallback, done?: ControlCallback): void {
    this.#control(PING, data, mask, done);
  }

  /** Sends a pong of at most 125 bytes (RFC 6455 §5.5.3); see `ping`. */
  pong(data?: unknown, mask?: boolean | ControlCallback, done?: ControlCallback): void {
    this.#control(PONG, data, mask, done);
  }

  #control(
    first: FirstByte,
    data: unknown,
    mask: boolean | ControlCallback | undefined,
    last: ControlCallback | undefined,
  ): void {
    const isCallback = typeof data === 'function';
    const done = isCallback ? data : typeof mask === 'function' ? mask : last;
    this.#sending.control(first, isCallback ? undefined : data, done as SendCallback | undefined);
  }

  #flow(isPaused: boolean): void {
    const session = this.#session;
    if (session.readyState === CONNECTING || session.readyState === CLOSED) return;
    session.isPaused = isPaused;
    if (isPaused) session.connection?.pause();
    else session.connection?.resume();
  }
}

type MakeStream = typeof createWebSocketStream;
type ServerClass = typeof WebSocketServer;
type ServerInstance<Socket extends SocketClass, Request extends RequestClass> = WebSocketServer<Socket, Request>;
type SocketClass = typeof WebSocket;
type RequestClass = typeof IncomingMessage;

/** The names by which programs know its types; in CommonJS those of the values are there, too. */
export declare namespace WebSocket {
  export type {
    AddressInfo,
    CertMeta,
    ClientOptions,
    CloseEvent,
    Data,
    ErrorEvent,
    Event,
    EventListenerOptions,
    FinishRequestCallback,
    MessageEvent,
    PerMessageDeflateOptions,
    RawData,
    ServerOptions,
    VerifyClientCallbackAsync,
    VerifyClientCallbackSync,
    WebSocketEventMap,
  };
  export const createWebSocketStream: MakeStream;
  export const WebSocketServer: ServerClass;
  export type WebSocketServer<
    Socket extends SocketClass = SocketClass,
    Request extends RequestClass = RequestClass,
  > = ServerInstance<Socket, Request>;
  export const Server: ServerClass;
  export type Server<
    Socket extends SocketClass = SocketClass,
    Request extends RequestClass = RequestClass,
  > = ServerInstance<Socket, Request>;
}
nameClass(WebSocket, 'WebSocket');
showAs(
  WebSocket,
  (socket) => ({
    url: withoutSecrets(socket.url),
    readyState: STATE_NAMES[socket.readyState],
    protocol: socket.protocol,
    extensions: socket.extensions,
    binaryType: socket.binaryType,
    bufferedAmount: socket.bufferedAmount,
    isPaused: socket.isPaused,
    listeners: socket.eventNames(),
  }),
  ['_events', '_eventsCount', '_maxListeners'],
);

defineConstants(WebSocket, { CONNECTING, OPEN, CLOSING, CLOSED });
enumerate(WebSocket.prototype, [
  ...['binaryType', 'bufferedAmount', 'extensions', 'isPaused', 'protocol', 'readyState', 'url'],
]);
// Programs that wrap the class look for these in its own prototype.
for (const name of ['onopen', 'onerror', 'onclose', 'onmessage']) {
  Object.defineProperty(WebSocket.prototype, name, Object.getOwnPropertyDescriptor(Listening.prototype, name)!);
}

function keySourceOf(generateMask: ClientOptions['generateMask']): KeySource | undefined {
  if (generateMask === undefined) return undefined;
  return () => {
    const key = Buffer.alloc(4);
    generateMask(key);
    return key;
  };
}
