// The drop-in for the client of the npm package `ws`: its class, with the names, arguments, events and errors that programs
// know, over a connection of this library. It owns the surface and the order of its events; what becomes of the arguments
// until a connection is open is in opening.ts.

import { EventEmitter } from 'node:events';
import { FIN_BIT, OP_BINARY, OP_PING, OP_PONG, OP_TEXT } from '../../assembly/layout';
import type { Bytes } from '../binary';
import { Connection } from '../connection/connection';
import type { ConnectionEnd, ConnectionEvents } from '../connection/events';
import type { KeySource } from '../connection/outbox';
import type { WsimdError } from '../faults';
import { keepName } from '../keep-name';
import { refuseServer, type WebSocketServer } from './client-only';
import { closeFrameBody, dataOf, EMPTY, isBlob, lengthOf, receivedAs } from './data';
import { streamDestroyed, wsError } from './errors';
import {
  addEventListener,
  attribute,
  CLEANLY,
  callHandler,
  HANDLER,
  type Handler,
  removeEventListener,
  setAttribute,
  ToldMessage,
} from './event-target';
import { Opening, type OpeningOwner } from './opening';
import type { ClientOptions } from './options';
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
  Told,
  VerifyClientCallbackAsync,
  VerifyClientCallbackSync,
  WebSocketEventMap,
} from './types';

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;
const STATES = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'] as const;
const BINARY_TYPES: readonly string[] = ['nodebuffer', 'arraybuffer', 'fragments', 'blob'];

/** Before it is over a program may not send: a handshake that was given up is told with this sentence. */
const CLOSED_EARLY = 'WebSocket was closed before the connection was established';

// A method's type: whoever expects an error may say so.
type Done = { bivariant(error?: Error): void }['bivariant'];

type Listener<Type extends keyof WebSocketEventMap> =
  | ((event: WebSocketEventMap[Type]) => void)
  | { handleEvent(event: WebSocketEventMap[Type]): void };

/** What a connection tells its face, and an opening asks of it. Defined where the private members are. */
let Inside: new (face: WebSocket) => Insider;
/** The same where events wait for a turn of the event loop of their own. */
let PatientInside: typeof Inside;

interface Insider extends ConnectionEvents, OpeningOwner {
  readonly face: WebSocket;
  onControl(event: 'ping' | 'pong', payload: Bytes): void;
}

const emitPlainly = EventEmitter.prototype.emit;

/** The emitter's own table, which Node.js, Bun and Deno have by this name. */
interface Table {
  readonly _events: Readonly<Record<string, unknown>> | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: what a user's own events bring
type Anything = (this: WebSocket, ...values: any[]) => void;

// What EventEmitter does, with types.
export interface WebSocket {
  on<Name extends keyof Told>(event: Name, listener: (this: WebSocket, ...values: Told[Name]) => void): this;
  on(event: string | symbol, listener: Anything): this;
  once<Name extends keyof Told>(event: Name, listener: (this: WebSocket, ...values: Told[Name]) => void): this;
  once(event: string | symbol, listener: Anything): this;
  off<Name extends keyof Told>(event: Name, listener: (this: WebSocket, ...values: Told[Name]) => void): this;
  off(event: string | symbol, listener: Anything): this;
  addListener<Name extends keyof Told>(event: Name, listener: (this: WebSocket, ...values: Told[Name]) => void): this;
  addListener(event: string | symbol, listener: Anything): this;
  removeListener<Name extends keyof Told>(
    event: Name,
    listener: (this: WebSocket, ...values: Told[Name]) => void,
  ): this;
  removeListener(event: string | symbol, listener: Anything): this;
  prependListener<Name extends keyof Told>(
    event: Name,
    listener: (this: WebSocket, ...values: Told[Name]) => void,
  ): this;
  prependListener(event: string | symbol, listener: Anything): this;
  prependOnceListener<Name extends keyof Told>(
    event: Name,
    listener: (this: WebSocket, ...values: Told[Name]) => void,
  ): this;
  prependOnceListener(event: string | symbol, listener: Anything): this;
}

/**
 * A WebSocket connection with the interface of the npm package `ws` (version 8): an EventEmitter, and event listeners besides.
 *
 * Events: 'open'; 'message' (data, isBinary); 'ping' and 'pong' (data); 'close' (code, reason as a Buffer); 'error' (error);
 * 'upgrade' (response); 'unexpected-response' (request, response); 'redirect' (url, request).
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: see above
export class WebSocket extends EventEmitter {
  declare static readonly CONNECTING: 0;
  declare static readonly OPEN: 1;
  declare static readonly CLOSING: 2;
  declare static readonly CLOSED: 3;
  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSING: 2;
  declare readonly CLOSED: 3;

  readonly #inside: ConnectionEvents & OpeningOwner;
  #opening: Opening | undefined;
  #connection: Connection | undefined;
  #url = '';
  #protocol = '';
  #binaryType: BinaryType = 'nodebuffer';
  /** There will be no connection, and 'error' says so in a moment. */
  #isFailing = false;
  /** 'close' has been told, or is being told. */
  #isClosed = false;
  /** Our own call ends the connection: what comes of it is told behind that call, or not at all. */
  #isEnding = false;
  #isDropping = false;
  #isPaused = false;
  /** A fragment was sent that is not the last. */
  #isFragmenting = false;
  /** Bytes that were sent when it was too late. */
  #lateBytes = 0;
  #answersPings = true;
  #mask: ((mask: Buffer) => void) | undefined;
  /** @internal Whether both close frames were exchanged. */
  [CLEANLY] = false;

  /**
   * @param address `ws:`, `wss:`, `http:`, `https:` or `ws+unix:`
   * @param protocols one subprotocol or several; or the options
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
    const wanted = isList && protocols !== undefined ? protocols : (given?.protocols ?? []);
    const { autoPong = true, allowSynchronousEvents = true, generateMask } = given ?? {};
    this.#inside = allowSynchronousEvents ? new Inside(this) : new PatientInside(this);
    this.#answersPings = Boolean(autoPong);
    this.#mask = generateMask;
    this.#opening = new Opening(this.#inside, address, Array.isArray(wanted) ? wanted : [wanted as string], given);
  }

  /** 'nodebuffer' (default), 'arraybuffer', 'blob' or 'fragments'; anything else is passed over. */
  get binaryType(): BinaryType {
    return this.#binaryType;
  }

  set binaryType(type: BinaryType) {
    if (BINARY_TYPES.includes(type)) this.#binaryType = type;
  }

  /** Bytes that wait for a slow peer, their frames included, and those that were sent when it was too late. */
  get bufferedAmount(): number {
    const { sender } = this.#connection ?? {};
    return (sender?.isStalled && this.readyState !== CONNECTING ? sender.size : 0) + this.#lateBytes;
  }

  /** The extensions in use: none. */
  get extensions(): string {
    return '';
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** The subprotocol that the server chose, '' if none. */
  get protocol(): string {
    return this.#protocol;
  }

  /** CONNECTING 0, OPEN 1, CLOSING 2, CLOSED 3. */
  get readyState(): 0 | 1 | 2 | 3 {
    if (this.#isClosed) return CLOSED;
    if (this.#isFailing) return CLOSING;
    switch (this.#connection?.state) {
      case undefined:
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

  /** The address, that of the last redirect if there was one. */
  get url(): string {
    return this.#url;
  }

  /** @internal The runtime's socket, of an open connection: programs reach for it. */
  get _socket(): unknown {
    return this.#connection?.socket ?? null;
  }

  get onopen(): ((event: Event) => void) | null {
    return attribute(this, 'open') as ((event: Event) => void) | null;
  }

  set onopen(listener: ((event: Event) => void) | null) {
    setAttribute(this, 'open', listener);
  }

  get onerror(): ((event: ErrorEvent) => void) | null {
    return attribute(this, 'error') as ((event: ErrorEvent) => void) | null;
  }

  set onerror(listener: ((event: ErrorEvent) => void) | null) {
    setAttribute(this, 'error', listener);
  }

  get onclose(): ((event: CloseEvent) => void) | null {
    return attribute(this, 'close') as ((event: CloseEvent) => void) | null;
  }

  set onclose(listener: ((event: CloseEvent) => void) | null) {
    setAttribute(this, 'close', listener);
  }

  get onmessage(): ((event: MessageEvent) => void) | null {
    return attribute(this, 'message') as ((event: MessageEvent) => void) | null;
  }

  set onmessage(listener: ((event: MessageEvent) => void) | null) {
    setAttribute(this, 'message', listener);
  }

  /** Adds an event listener, once; types other than these four are passed over. `once`: it is called once. */
  addEventListener<Type extends keyof WebSocketEventMap>(
    type: Type,
    listener: Listener<Type>,
    options: EventListenerOptions = {},
  ): void {
    addEventListener(this, type, listener, options);
  }

  removeEventListener<Type extends keyof WebSocketEventMap>(type: Type, listener: Listener<Type>): void {
    removeEventListener(this, type, listener);
  }

  /**
   * Begins the closing handshake, with a status and a reason of at most 123 bytes; an attempt is given up with an error.
   *
   * @throws TypeError for a status that must not be sent, RangeError for a reason that is too long
   */
  close(code?: number, reason?: string | Uint8Array): void {
    const { readyState } = this;
    if (readyState === CONNECTING) this.#giveUp();
    else if (readyState === OPEN) this.#connection!.close(closeFrameBody(code, reason));
  }

  /** Ends the connection now; what is unsent is lost. */
  terminate(): void {
    const { readyState } = this;
    if (readyState === CONNECTING) this.#giveUp();
    else if (readyState !== CLOSED && this.#connection !== undefined) {
      this.#isEnding = true;
      this.#connection.destroy();
      this.#isEnding = false;
    }
  }

  /** Stops delivery, and reading. */
  pause(): void {
    if (this.readyState === CONNECTING || this.readyState === CLOSED) return;
    this.#isPaused = true;
    this.#connection?.pause();
  }

  resume(): void {
    if (this.readyState === CONNECTING || this.readyState === CLOSED) return;
    this.#isPaused = false;
    this.#connection?.resume();
  }

  /**
   * Sends a message, or a fragment of one. Bytes are copied before it returns, except those of a Blob.
   *
   * @param done called when the runtime has taken the message, or with an error if it never does
   * @throws Error while the state is CONNECTING, TypeError for what is no data
   */
  send(data: BufferLike, done?: Done): void;
  send(data: BufferLike, options: SendOptions, done?: Done): void;
  send(data: BufferLike, options?: SendOptions | Done, done?: Done): void {
    const connection = this.#connection;
    const isPlain = options === undefined && done === undefined && typeof data === 'string' && !this.#isFragmenting;
    if (isPlain && connection?.state === 'open') connection.sender.text(data, OP_TEXT | FIN_BIT);
    else this.#send(data, options, done);
  }

  /** Sends a ping of at most 125 bytes (RFC 6455 §5.5.2); see `send`. `mask` is passed over: a client masks always. */
  ping(data?: unknown, mask?: boolean | Done, done?: Done): void {
    this.#sendControl(OP_PING, data, mask, done);
  }

  /** Sends a pong of at most 125 bytes (RFC 6455 §5.5.3); see `ping`. */
  pong(data?: unknown, mask?: boolean | Done, done?: Done): void {
    this.#sendControl(OP_PONG, data, mask, done);
  }

  #send(data: unknown, how: SendOptions | Done | undefined, last: Done | undefined): void {
    this.#refuseEarly();
    const done = typeof how === 'function' ? how : last;
    const value = typeof data === 'number' ? data.toString() : data;
    if (this.readyState !== OPEN) {
      this.#sendTooLate(value, done);
      return;
    }
    const { binary, fin } = { binary: typeof value !== 'string', fin: true, ...(typeof how === 'function' ? {} : how) };
    const bytes = typeof value === 'string' || isBlob(value) ? undefined : dataOf(value || EMPTY);
    const opcode = this.#isFragmenting ? 0 : binary ? OP_BINARY : OP_TEXT;
    const first = opcode | (fin ? FIN_BIT : 0);
    this.#isFragmenting = !fin;
    const { sender } = this.#connection!;
    if (bytes !== undefined) sender.bytes(bytes, first);
    else if (typeof value === 'string') sender.text(value, first);
    else {
      this.#sendBlob(value as Blob, first, done);
      return;
    }
    if (done !== undefined) this.#whenWritten(done);
  }

  #sendControl(opcode: number, data: unknown, mask: boolean | Done | undefined, last: Done | undefined): void {
    this.#refuseEarly();
    const done = typeof data === 'function' ? (data as Done) : typeof mask === 'function' ? mask : last;
    const value = typeof data === 'function' ? undefined : typeof data === 'number' ? data.toString() : data;
    if (this.readyState !== OPEN) {
      this.#sendTooLate(value, done);
      return;
    }
    const blob = isBlob(value) ? value : undefined;
    const bytes = blob === undefined ? dataOf(value || EMPTY) : EMPTY;
    if ((blob?.size ?? bytes.length) > 125) {
      throw new RangeError('The data size must not be greater than 125 bytes');
    }
    if (blob !== undefined) {
      this.#sendBlob(blob, opcode | FIN_BIT, done);
      return;
    }
    this.#connection!.sender.bytes(bytes, opcode | FIN_BIT);
    if (done !== undefined) this.#whenWritten(done);
  }

  #sendBlob(blob: Blob, first: number, done: Done | undefined): void {
    const connection = this.#connection!;
    let unread: unknown;
    connection.sender.blob(blob, first, (cause) => {
      unread = cause;
      // Nothing follows what is missing.
      connection.sender.dropQueue();
      connection.endStream();
      this.#isFailing = true;
      process.nextTick(() => this.#tell('error', cause));
    });
    connection.sender.whenWritten((isWritten) => {
      if (done === undefined) return;
      const error = new Error('The socket was closed while the blob was being read');
      process.nextTick(done, unread ?? (isWritten ? undefined : error));
    });
  }

  #whenWritten(done: Done): void {
    this.#connection!.sender.whenWritten((isWritten) => {
      process.nextTick(done, isWritten ? undefined : streamDestroyed());
    });
  }

  #refuseEarly(): void {
    if (this.readyState === CONNECTING) throw new Error('WebSocket is not open: readyState 0 (CONNECTING)');
  }

  #sendTooLate(value: unknown, done: Done | undefined): void {
    const { readyState } = this;
    if (value) this.#lateBytes += lengthOf(value);
    if (done === undefined) return;
    process.nextTick(done, new Error(`WebSocket is not open: readyState ${readyState} (${STATES[readyState]})`));
  }

  #giveUp(): void {
    const error = new Error(CLOSED_EARLY);
    this.#isFailing = true;
    this.#opening?.abort();
    process.nextTick(() => this.#failed(error));
  }

  #failed(error: Error): void {
    if (this.#isClosed) return;
    this.#isFailing = true;
    this.#tell('error', error);
    this.#closed(1006, EMPTY);
  }

  #closed(code: number, reason: Buffer): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#opening = undefined;
    this.#tell('close', code, reason);
  }

  /** What a listener throws ends no connection: it is an uncaught exception, as it would be elsewhere. */
  #tell(event: string, ...values: unknown[]): void {
    try {
      this.emit(event, ...values);
    } catch (error) {
      throwLater(error);
    }
  }

  #received(bytes: Bytes): unknown {
    return this.#binaryType === 'nodebuffer' ? bytes : receivedAs(bytes, this.#binaryType);
  }

  // A listener of one kind follows the other seldom: the decoder makes at once what the last one wanted.

  #bufferOf(text: string | Bytes): Buffer {
    if (typeof text !== 'string') return text as Buffer;
    this.#connection!.textAs = 'bytes';
    return Buffer.from(text);
  }

  #textOf(text: string | Bytes): string {
    if (typeof text === 'string') return text;
    this.#connection!.textAs = 'string';
    return (text as Buffer).toString();
  }

  static {
    Inside = class implements Insider {
      constructor(readonly face: WebSocket) {}

      // Of the opening.

      get isConnecting(): boolean {
        return this.face.readyState === CONNECTING;
      }

      emit(event: string, ...values: unknown[]): boolean {
        return this.face.emit(event, ...values);
      }

      listenerCount(event: string): number {
        return this.face.listenerCount(event);
      }

      addressed(href: string): void {
        this.face.#url = href;
      }

      connection(): Connection {
        this.face.#connection = new Connection(this);
        if (this.face.#mask !== undefined) this.face.#connection.sender.keysFrom(this.face.#mask as KeySource);
        return this.face.#connection;
      }

      drop(): void {
        const connection = this.face.#connection;
        this.face.#connection = undefined;
        this.face.#isDropping = true;
        connection?.destroy();
        this.face.#isDropping = false;
      }

      failing(): void {
        this.face.#isFailing = true;
      }

      failed(error: Error): void {
        this.face.#failed(error);
      }

      // Of the connection.

      onConnect(): void {}

      onOpen({ protocol }: { readonly protocol: string }): void {
        this.face.#protocol = protocol;
        this.face.#opening = undefined;
        this.face.#tell('open');
      }

      /** Whoever listens alone is called without the emitter: that is a third of what a short message costs. */
      onMessage(data: string | Bytes, isBinary: boolean): void {
        const { face } = this;
        const listener = (face as unknown as Table)._events?.message;
        if (typeof listener !== 'function' || face.emit !== emitPlainly) {
          face.emit('message', isBinary ? face.#received(data as Bytes) : face.#bufferOf(data), isBinary);
          return;
        }
        const handler = (listener as { [HANDLER]?: Handler })[HANDLER];
        if (handler === undefined) {
          listener.call(face, isBinary ? face.#received(data as Bytes) : face.#bufferOf(data), isBinary);
          return;
        }
        const event = new ToldMessage(isBinary ? face.#received(data as Bytes) : face.#textOf(data), face);
        if (typeof handler === 'function') handler.call(face, event as never);
        else callHandler(handler, face, event);
      }

      onPing(payload: Bytes): void {
        const { face } = this;
        if (face.#answersPings && face.readyState === OPEN) face.#connection!.pong(payload);
        this.onControl('ping', payload);
      }

      onPong(payload: Bytes): void {
        this.onControl('pong', payload);
      }

      onControl(event: 'ping' | 'pong', payload: Bytes): void {
        this.face.emit(event, payload);
      }

      onCloseFrame(): void {}

      onDrain(): void {}

      onError(error: WsimdError): void {
        this.face.#isFailing = true;
        this.face.#tell('error', wsError(error));
      }

      onException(error: unknown): void {
        throwLater(error);
      }

      onClose({ code, reason, reasonBytes, wasClean }: ConnectionEnd): void {
        const { face } = this;
        if (face.#isDropping) return;
        face[CLEANLY] = wasClean;
        const tell = (): void => face.#closed(code, (reasonBytes as Buffer | undefined) ?? Buffer.from(reason));
        if (face.#isEnding) process.nextTick(tell);
        else tell();
      }
    };

    PatientInside = class extends Inside {
      override onMessage(data: string | Bytes, isBinary: boolean): void {
        this.wait(() => super.onMessage(data, isBinary));
      }

      override onControl(event: 'ping' | 'pong', payload: Bytes): void {
        this.wait(() => super.onControl(event, payload));
      }

      /** `tell` in a turn of the event loop of its own, behind which delivery goes on. */
      private wait(tell: () => void): void {
        const { face } = this;
        const connection = face.#connection!;
        connection.pause();
        setImmediate(() => {
          try {
            tell();
          } finally {
            if (!face.#isPaused) connection.resume();
          }
        });
      }
    };
  }
}

type MakeStream = typeof createWebSocketStream;
type ServerClass = typeof WebSocketServer;
type ServerInstance = WebSocketServer;

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
  export type WebSocketServer = ServerInstance;
  export const Server: ServerClass;
  export type Server = ServerInstance;
}
keepName(WebSocket, 'WebSocket');

function throwLater(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}

for (const [number, name] of STATES.entries()) {
  const constant = { enumerable: true, value: number };
  Object.defineProperty(WebSocket, name, constant);
  Object.defineProperty(WebSocket.prototype, name, constant);
}
const ATTRIBUTES = ['onopen', 'onerror', 'onclose', 'onmessage'];
const PROPERTIES = ['binaryType', 'bufferedAmount', 'extensions', 'isPaused', 'protocol', 'readyState', 'url'];
for (const name of [...ATTRIBUTES, ...PROPERTIES])
  Object.defineProperty(WebSocket.prototype, name, { enumerable: true });
