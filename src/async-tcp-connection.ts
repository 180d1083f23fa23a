// The callback face: one object, plain settable callbacks, many connections over its life, modelled on Workerman's
// AsyncTcpConnection (its names, units and return values). It owns the callbacks and the timer of a reconnect; the settings
// are in settings.ts, everything about a single connection is in connection.ts.

import { CONTROL_MAX, OP_BINARY, OP_TEXT } from '../assembly/layout';
import { type BinaryData, type Bytes, viewOf } from './binary';
import { closeBody } from './close-body';
import { Connection } from './connection';
import type { CloseEvent, ConnectionEvents } from './connection-events';
import { CONNECTION_FAULTS, ERROR_KIND, type ErrorKind, WsimdError } from './faults';
import { checkProtocols } from './handshake/request';
import type { HandshakeResponse } from './handshake/response-parser';
import { keepName } from './keep-name';
import { checkSeconds, describe } from './options';
import { reportException } from './report';
import { Settings } from './settings';
import { STATUS, type StatusName } from './state';
import type { SocketOptions } from './transport';
import { basicAuthorization, type ParsedUrl, parseUrl } from './url';
import { Ws } from './ws';

type Callback<Arguments extends unknown[]> = ((connection: AsyncTcpConnection, ...rest: Arguments) => void) | null;

const utf8 = new TextEncoder();

let lastId = 0;

/** What a connection tells its face: one object instead of a closure for each event. Defined where the private members are. */
let Events: new (face: AsyncTcpConnection) => ConnectionEvents;

/**
 * A WebSocket client that can be connected again and again.
 *
 * Settings may be changed at any time; those of the handshake hold from the next `connect()` on. A wrong one throws a
 * TypeError or RangeError that names it, where it is set. Everything that happens later is told by a callback and never
 * thrown.
 */
export class AsyncTcpConnection extends Settings {
  /** What `onError` gets as its number; CONNECT_FAIL and SEND_FAIL are Workerman's. */
  static readonly CONNECT_FAIL = ERROR_KIND.CONNECT_FAIL;
  static readonly SEND_FAIL = ERROR_KIND.SEND_FAIL;
  static readonly HANDSHAKE_FAIL = ERROR_KIND.HANDSHAKE_FAIL;
  static readonly PROTOCOL_ERROR = ERROR_KIND.PROTOCOL_ERROR;
  static readonly TIMEOUT = ERROR_KIND.TIMEOUT;
  static readonly DEAD_PEER = ERROR_KIND.DEAD_PEER;
  static readonly TLS_FAIL = ERROR_KIND.TLS_FAIL;
  static readonly CALLBACK_EXCEPTION = ERROR_KIND.CALLBACK_EXCEPTION;

  /** 1, 2, … in this process. */
  readonly id: number = ++lastId;
  /** The user's own bag, kept across reconnects. */
  context: Record<string, unknown> = {};

  /** TCP (and TLS) is up, the handshake request is about to be sent; again at every reconnect. */
  onConnect: Callback<[]> = null;
  /** The handshake is done. `String(response)` is the head as received. What was queued is sent after this returns. */
  onWebSocketConnect: Callback<[response: HandshakeResponse]> = null;
  /** One whole message: a string for text, bytes of your own for binary. */
  onMessage: Callback<[data: string | Uint8Array, isBinary: boolean]> = null;
  /** A ping came. Setting this turns the automatic pong off: answer with `pong(payload)` (RFC 6455 §5.5.2). */
  onWebSocketPing: Callback<[payload: Uint8Array]> = null;
  onWebSocketPong: Callback<[payload: Uint8Array]> = null;
  /** The peer's close frame, which the library answers; 1005 stands for a frame without a code. */
  onWebSocketClose: Callback<[code: number, reason: string]> = null;
  /** The connection is gone, whatever the cause: exactly once per connection. The place for `reConnect()`. */
  onClose: Callback<[event: CloseEvent]> = null;
  /**
   * Something went wrong. `code` is one of the constants of this class, `message` a sentence, `cause` the error itself: a
   * WsimdError (its `code` names the fault), a HandshakeError with the server's response, or what a callback threw.
   */
  onError: Callback<[code: ErrorKind, message: string, cause: unknown]> = null;
  /** maxSendBufferSize bytes are waiting; once, until `onBufferDrain`. */
  onBufferFull: Callback<[]> = null;
  /** After `onBufferFull`: nothing is waiting any more. */
  onBufferDrain: Callback<[]> = null;

  readonly #url: ParsedUrl;
  readonly #options: SocketOptions;
  readonly #events: ConnectionEvents = new Events(this);
  #connection = new Connection(this.#events);
  #reconnectTimer: ReturnType<typeof setTimeout> | undefined;
  #isBufferFull = false;
  #lastLatency: number | undefined;

  /**
   * @param url `ws://…` or `wss://…`; anything else is refused with a TypeError
   * @param options passed to the runtime's own connect: `ca`, `cert`, `key`, `passphrase`, `servername`,
   *   `rejectUnauthorized`, `checkServerIdentity`, `localAddress`, `lookup`, `family` … as in Node's net and tls
   */
  constructor(url: string | URL, options: SocketOptions = {}) {
    super();
    this.#url = parseUrl(url);
    if (typeof options !== 'object' || options === null) {
      throw new TypeError(`options must be an object, not ${describe(options)}.`);
    }
    this.#options = { ...options };
    if (this.#url.secure) this.transport = 'ssl';
  }

  /** The last round trip of a heartbeat, in seconds; undefined before the first. */
  get latency(): number | undefined {
    return this.#lastLatency;
  }

  /** Begins to connect and returns at once; does nothing while a connection is there or on its way. */
  connect(): void {
    if (this.#isActive()) return;
    // A connection in its last second gives way: its onClose comes first, and may connect by itself.
    this.#connection.destroy();
    if (this.#isActive()) return;
    this.cancelReconnect();
    if (this.#connection.state === 'closed') this.#connection = new Connection(this.#events);
    this.#dial();
  }

  /**
   * Connects again in so many seconds (fractions allowed); default at once. The object keeps everything that was set.
   * `close()`, `destroy()` and `cancelReconnect()` call it off.
   */
  reConnect(seconds = 0): void {
    if (seconds !== 0) checkSeconds('reConnect(seconds)', seconds);
    this.cancelReconnect();
    this.#reconnectTimer = setTimeout(() => this.#reconnectNow(), seconds * 1000);
  }

  cancelReconnect(): void {
    clearTimeout(this.#reconnectTimer);
    this.#reconnectTimer = undefined;
  }

  /**
   * Sends one message: a string as `websocketType` says, bytes as binary. The bytes are copied before it returns.
   *
   * @returns true: accepted and on its way this tick; null: kept, before the handshake is done or behind a slow peer;
   *   false: dropped, because the connection is closed, or with `onError(SEND_FAIL)` because maxSendBufferSize is reached
   */
  send(data: string | BinaryData): boolean | null {
    const connection = this.#connection;
    const { state } = connection;
    const bytes = typeof data === 'string' ? undefined : viewOf(data);
    if (typeof data !== 'string' && bytes === undefined) {
      throw new TypeError(`send() takes a string, an ArrayBuffer or a view of one, not ${describe(data)}.`);
    }
    if (state === 'closing' || state === 'ending' || state === 'closed') return false;
    if (connection.isStalled && connection.unsentBytes >= this.maxSendBufferSize) {
      this.#tellError(new WsimdError(CONNECTION_FAULTS.sendBufferFull, `${this.maxSendBufferSize}`));
      return false;
    }
    if (bytes !== undefined) connection.send(bytes, OP_BINARY);
    else connection.send(data as string, this.websocketType === Ws.BINARY_TYPE_BLOB ? OP_TEXT : OP_BINARY);
    if (!connection.isStalled) return true;
    if (!this.#isBufferFull && connection.unsentBytes >= this.maxSendBufferSize) {
      this.#isBufferFull = true;
      this.#call(this.onBufferFull);
    }
    return null;
  }

  /** Sends a ping (RFC 6455 §5.5.2) of at most 125 bytes; nothing happens unless the connection is open. */
  ping(payload: string | BinaryData = ''): void {
    this.#connection.ping(controlPayload('ping', payload));
  }

  /**
   * Sends a pong (RFC 6455 §5.5.3) of at most 125 bytes; nothing happens unless the connection is open. Behind a peer that
   * does not read only the latest waits.
   */
  pong(payload: string | BinaryData = ''): void {
    this.#connection.pong(controlPayload('pong', payload));
  }

  /**
   * Begins the closing handshake with a status (default 1000) and a reason (RFC 6455 §7.1.2), or sends a last message and
   * then does so. It ends within closeTimeout. A connection on its way is given up, a reconnect is called off.
   */
  close(code?: number, reason?: string): void;
  close(data: string | BinaryData): void;
  close(first: number | string | BinaryData = 1000, reason?: string): void {
    const body = typeof first === 'number' ? closeBody(first, reason) : closeBody(1000);
    if (typeof first !== 'number') this.send(first);
    this.cancelReconnect();
    this.#connection.close(body);
  }

  /** Ends the connection now; what is unsent is dropped, a reconnect is called off. */
  destroy(): void {
    this.cancelReconnect();
    this.#connection.destroy();
  }

  /**
   * Stops delivery at once, even of messages already read, and stops reading: TCP makes the peer wait. If the peer goes
   * meanwhile, the state is CLOSING; what it had sent is still delivered after `resumeRecv()`, and then `onClose` comes.
   */
  pauseRecv(): void {
    this.#connection.pause();
  }

  /** Goes on where `pauseRecv()` stopped. */
  resumeRecv(): void {
    this.#connection.resume();
  }

  /** The state as Workerman's number (INITIAL 0, CONNECTING 1, ESTABLISHED 2, ENDING 4, CLOSING 8, CLOSED 16) or name. */
  getStatus(asNumber?: true): number;
  getStatus(asNumber: false): StatusName;
  getStatus(asNumber = true): number | StatusName {
    const { name, number } = STATUS[this.#connection.state];
    return asNumber ? number : name;
  }

  #isActive(): boolean {
    const { state } = this.#connection;
    return state === 'dialing' || state === 'handshaking' || state === 'open';
  }

  #dial(): void {
    const url = this.#url;
    const protocols = this.websocketClientProtocol;
    this.#connection.setHeartbeat(this.#heartbeatTimes());
    this.#connection.dial({
      target: {
        secure: this.transport === 'ssl',
        hostname: url.hostname,
        port: url.port,
        options: this.#options,
      },
      request: {
        path: url.path,
        host: url.host,
        origin: this.websocketOrigin,
        protocols: protocols === undefined ? [] : checkProtocols(protocols),
        authorization: url.username === '' ? undefined : basicAuthorization(url.username, url.password),
        headers: this.headers,
      },
      connectTimeout: this.connectTimeout,
      closeTimeout: this.closeTimeout,
      lingerTimeout: this.lingerTimeout,
      maxMessage: this.maxPackageSize,
      sizeOption: 'maxPackageSize',
      maxFragments: this.maxFragments,
      isBinaryLent: this.binaryDelivery === 'borrow',
    });
  }

  /** The timer has no caller to throw to: settings that have become invalid end the attempt like any other failure. */
  #reconnectNow(): void {
    this.#reconnectTimer = undefined;
    try {
      this.connect();
    } catch (cause) {
      const error = new WsimdError(CONNECTION_FAULTS.connect, (cause as Error).message, cause);
      this.#tellError(error);
      this.#call(this.onClose, { code: 1006, reason: '', wasClean: false, error });
    }
  }

  protected override heartbeatChanged(): void {
    this.#connection.setHeartbeat(this.#heartbeatTimes());
  }

  #heartbeatTimes(): readonly [every: number, timeout: number] | undefined {
    const { websocketPingInterval: every, websocketPingTimeout: timeout } = this;
    return every === undefined ? undefined : [every, timeout ?? every];
  }

  static {
    Events = class implements ConnectionEvents {
      constructor(private readonly face: AsyncTcpConnection) {}

      onConnect(): void {
        this.face.#call(this.face.onConnect);
      }

      onOpen(response: HandshakeResponse): void {
        this.face.#call(this.face.onWebSocketConnect, response);
      }

      onMessage(data: string | Bytes, isBinary: boolean): void {
        // Not through `call`: the decoder catches for a whole batch at once, see onException.
        this.face.onMessage?.(this.face, data, isBinary);
      }

      onPing(payload: Bytes): void {
        if (this.face.onWebSocketPing) this.face.#call(this.face.onWebSocketPing, payload);
        else this.face.#connection.pong(payload);
      }

      onPong(payload: Bytes, roundTrip: number | undefined): void {
        if (roundTrip !== undefined) this.face.#lastLatency = roundTrip;
        this.face.#call(this.face.onWebSocketPong, payload);
      }

      onCloseFrame(code: number, reason: string): void {
        this.face.#call(this.face.onWebSocketClose, code, reason);
      }

      onDrain(): void {
        if (!this.face.#isBufferFull) return;
        this.face.#isBufferFull = false;
        this.face.#call(this.face.onBufferDrain);
      }

      onError(error: WsimdError): void {
        this.face.#tellError(error);
      }

      onException(error: unknown): void {
        this.face.#tellException(error);
      }

      onClose(event: CloseEvent): void {
        this.face.#isBufferFull = false;
        this.face.#call(this.face.onClose, event);
      }
    };
  }

  /** Calls a user's callback: what it throws goes to onError and harms nothing else. */
  #call<Arguments extends unknown[]>(callback: Callback<Arguments>, ...rest: Arguments): void {
    try {
      callback?.(this, ...rest);
    } catch (error) {
      this.#tellException(error);
    }
  }

  #tellException(cause: unknown): void {
    if (!this.onError) {
      reportException(cause);
      return;
    }
    const detail = cause instanceof Error ? cause.message : String(cause);
    this.#tellError(new WsimdError(CONNECTION_FAULTS.callback, detail, cause));
  }

  #tellError(error: WsimdError): void {
    const cause = error.kind === ERROR_KIND.CALLBACK_EXCEPTION ? error.cause : error;
    try {
      this.onError?.(this, error.kind, error.message, cause);
    } catch (exception) {
      reportException(exception);
    }
  }
}
keepName(AsyncTcpConnection, 'AsyncTcpConnection');

function controlPayload(name: string, payload: string | BinaryData): Uint8Array {
  const bytes = typeof payload === 'string' ? utf8.encode(payload) : viewOf(payload);
  if (bytes === undefined) {
    throw new TypeError(`${name}() takes a string, an ArrayBuffer or a view of one, not ${describe(payload)}.`);
  }
  if (bytes.length > CONTROL_MAX) {
    throw new RangeError(`${name}() takes at most ${CONTROL_MAX} bytes (RFC 6455 §5.5); these are ${bytes.length}.`);
  }
  return bytes;
}
