// The public class of the callback face: one object, plain settable callbacks, many connections over its life, modelled on
// Workerman's AsyncTcpConnection (its names, units and return values). It documents, checks what is set and delegates: the work
// is in session.ts.

import { socketOptions } from '#socket-options';
import type { BinaryData } from '../base/bytes';
import { ERROR_KIND, type ErrorKind, type WsimdError } from '../base/faults';
import { nameClass } from '../base/public-class';
import { showAs } from '../base/shown';
import { closeBody } from '../codec/close-body';
import type { Messages } from '../connection/diagnostics';
import { checkHeaders, checkOrigin, checkProtocols } from '../handshake/request';
import type { HandshakeResponse } from '../handshake/response-parser';
import {
  type BinaryDelivery,
  checkBytes,
  checkCount,
  checkDelivery,
  checkSeconds,
  checkSwitch,
  DAY,
  HOUR,
} from '../options/checks';
import type { PerMessageDeflateSetting } from '../options/per-message-deflate';
import type { ConnectionOptions } from '../options/socket-options';
import { checkPolicy, type NormalPolicy, type ReconnectPolicyOption } from './backoff';
import {
  CALLBACKS,
  type Callback,
  type Callbacks,
  type CalledMessageCallback,
  checkCallback,
  type MessageCallback,
  type MessageListener,
  noRareCallbacks,
  type RareCallbacks,
  type StartCallback,
} from './callbacks';
import type { ConnectionCloseEvent } from './close-event';
import { CookieKeeper, type Cookies, checkCookies } from './cookies';
import type { EventName, Listener } from './listeners';
import { iteratorOf, type MessagesOptions } from './message-queue';
import { type CheckedPolicy, checkSendQueue, type SendQueuePolicy } from './offline-queue';
import { pipe } from './pipe';
import type { Protocols, Provider } from './providers';
import { proxyIn, withAuthorization, withHeaders, withPassword, withProxy, withUsername } from './proxy';
import { checkRedirects } from './redirects';
import { parseUrls, type Urls } from './round';
import type { SendData, SendOptions } from './sending';
import { CallbackSession } from './session';
import { checkTransport, checkType, defaults, type Headers } from './settings';
import type { StreamSource } from './stream-source';
import { STATUS, type Statistics, type StatusName, statistics, type WebsocketType } from './workerman';

let lastId = 0;
const live = new Map<number, AsyncTcpConnection>();

// What is set and what is got may differ in type, and a subclass may have a field of that name, by an interface only.
export interface AsyncTcpConnection {
  /** One whole message: a string for text, bytes of your own for binary; for TypeScript, too, `isBinary` tells which of them. */
  get onMessage(): CalledMessageCallback<AsyncTcpConnection> | null;
  set onMessage(callback: MessageCallback<AsyncTcpConnection>);
}

/** Shared by all that have none of these. */
const NO_RARE: RareCallbacks<AsyncTcpConnection> = noRareCallbacks();

/**
 * A WebSocket client that can be connected again and again.
 *
 * Settings may be changed at any time; those of the handshake hold from the next attempt on. A wrong one throws a
 * TypeError or RangeError that names it, where it is set. Everything that happens later is told by a callback and never
 * thrown.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: what the interface has is there, see `accessors`.
export class AsyncTcpConnection implements Callbacks<AsyncTcpConnection> {
  /** What `onError` gets as its number; CONNECT_FAIL and SEND_FAIL are Workerman's. */
  static readonly CONNECT_FAIL = ERROR_KIND.CONNECT_FAIL;
  static readonly SEND_FAIL = ERROR_KIND.SEND_FAIL;
  static readonly HANDSHAKE_FAIL = ERROR_KIND.HANDSHAKE_FAIL;
  static readonly PROTOCOL_ERROR = ERROR_KIND.PROTOCOL_ERROR;
  static readonly TIMEOUT = ERROR_KIND.TIMEOUT;
  static readonly DEAD_PEER = ERROR_KIND.DEAD_PEER;
  static readonly TLS_FAIL = ERROR_KIND.TLS_FAIL;
  static readonly CALLBACK_EXCEPTION = ERROR_KIND.CALLBACK_EXCEPTION;
  static readonly PROXY_FAIL = ERROR_KIND.PROXY_FAIL;
  static readonly ABORTED = ERROR_KIND.ABORTED;

  /** Counters of this thread: connections that are there now, messages received, exceptions of callbacks, sends dropped. */
  static get statistics(): Statistics {
    statistics.connection_count = live.size;
    return statistics;
  }

  /** The connections that are on their way or open, by their ids. */
  static get connections(): ReadonlyMap<number, AsyncTcpConnection> {
    return live;
  }

  /** `maxSendBufferSize` of connections made from here on, in bytes; 1 MiB. */
  static get defaultMaxSendBufferSize(): number {
    return defaults.maxSendBufferSize;
  }

  static set defaultMaxSendBufferSize(value: number) {
    defaults.maxSendBufferSize = checkBytes('defaultMaxSendBufferSize', value);
  }

  /** `maxPackageSize` of connections made from here on, in bytes; 10 MiB. */
  static get defaultMaxPackageSize(): number {
    return defaults.maxPackageSize;
  }

  static set defaultMaxPackageSize(value: number) {
    defaults.maxPackageSize = checkBytes('defaultMaxPackageSize', value);
  }

  /** 1, 2, … in this process. */
  readonly id: number = ++lastId;
  #context: Record<string, unknown> | undefined;

  readonly #session: CallbackSession<AsyncTcpConnection>;
  // What most programs set are fields; an object has the others, of whoever has set one of them.
  #rare = NO_RARE;
  #onConnect: Callback<AsyncTcpConnection, []> = null;
  #onWebSocketConnect: Callback<AsyncTcpConnection, [response: HandshakeResponse]> = null;
  #onMessage: Callback<AsyncTcpConnection, [data: string | Uint8Array, isBinary: boolean]> = null;
  #onMessageStart: StartCallback<AsyncTcpConnection> = null;
  #onClose: Callback<AsyncTcpConnection, [event: ConnectionCloseEvent]> = null;
  #onError: Callback<AsyncTcpConnection, [code: ErrorKind, message: string, cause: unknown]> = null;

  /**
   * @param url `ws://…`, `wss://…` or `ws+unix:/socket:/path`, anything else is refused with a TypeError; or a list of them, which
   *   are tried in turn until one is open: each is an attempt of its own, which begins at once when the one before has failed, and
   *   all that fail together are one round, which `attempt` counts and the policy follows; behind an open connection the next round
   *   begins at its URL. Or a function that returns or promises a URL or a list, called at every round: where it is one URL, at
   *   every attempt
   * @param options Node's own names (`ca`, `cert`, `key`, `servername`, `checkServerIdentity`, `localAddress`, `lookup`, `family`
   *   …), `signal`, and Workerman's contexts `socket` and `ssl`; what is unknown, wrong or contradictory throws a TypeError or
   *   RangeError
   */
  constructor(url: Urls | (() => Urls | PromiseLike<Urls>), options: ConnectionOptions = {}) {
    const urlOption = typeof url === 'function' ? url : parseUrls(url);
    this.#session = new CallbackSession<AsyncTcpConnection>(this, live, urlOption, socketOptions(options));
  }

  /** What is printed of one. */
  static #shown(connection: AsyncTcpConnection): object {
    const { id, context } = connection;
    return {
      id,
      url: connection.#session.shownUrl,
      state: connection.getStatus(false),
      peer: connection.getRemoteAddress() || undefined,
      bytesToSend: connection.getSendBufferQueueSize() || undefined,
      bytesToDeliver: connection.getRecvBufferQueueSize() || undefined,
      reconnectIsScheduled: connection.#session.isReconnectScheduled || undefined,
      callbacks: CALLBACKS.filter((name) => connection[name] !== null),
      listeners: connection.#session.listeners?.counts,
      context: Object.keys(context).length === 0 ? undefined : context,
    };
  }

  static {
    showAs(AsyncTcpConnection, AsyncTcpConnection.#shown, ['id', 'context']);
  }

  /** The user's own bag, kept across reconnects. */
  get context(): Record<string, unknown> {
    this.#context ??= {};
    return this.#context;
  }

  set context(value: Record<string, unknown>) {
    this.#context = value;
  }

  // Life.

  /**
   * Begins to connect and returns at once; does nothing unless the state is INITIAL, CLOSING or CLOSED. A connection that
   * is being closed gives way: its `onClose` comes first.
   */
  connect(): void {
    this.#session.connect();
  }

  /**
   * Connects again in so many seconds (fractions allowed, at most a day); default at once. The object keeps everything that was set.
   * `close()`, `end()`, `destroy()`, `connect()` and `cancelReconnect()` call it off.
   */
  reConnect(seconds = 0): void {
    checkSeconds('reConnect(seconds)', seconds, DAY, true);
    this.#session.reconnectIn(seconds);
  }

  /** Calls off a reconnect that waits, of `reConnect()` or of the policy. */
  cancelReconnect(): void {
    this.#session.cancelReconnect();
  }

  /**
   * Begins the closing handshake with a status (default 1000) and a reason (RFC 6455 §7.1.2), or sends a last message and
   * then does so. It ends within closeTimeout, once what was sent before has left: a source of `sendStream()` may take its
   * time. A connection on its way is given up, a reconnect is called off.
   */
  close(code?: number, reason?: string): void;
  close(data: SendData): void;
  close(first: number | SendData = 1000, reason?: string): void {
    const body = typeof first === 'number' ? closeBody(first, reason) : closeBody(1000);
    if (typeof first !== 'number') this.send(first);
    this.#session.close(body);
  }

  /**
   * Sends a last message, if there is one, flushes what waits within closeTimeout, and ends TCP without a closing handshake; the
   * peer has lingerTimeout to do the same. A connection on its way does so when it is open. A reconnect is called off.
   */
  end(data?: SendData): void {
    if (data !== undefined) this.send(data);
    this.#session.end();
  }

  /** Ends the connection now; what is unsent is dropped, a reconnect is called off. */
  destroy(): void {
    this.#session.destroy();
  }

  /**
   * Stops delivery at once, even of messages already read, and stops reading: TCP makes the peer wait. (In a long pause up to
   * 64 KiB or one read are taken into memory, to see whether the peer is still there.) If the peer goes
   * meanwhile, the state is CLOSING; what it had sent is still delivered after `resumeRecv()`, and then `onClose` comes. It holds
   * until `resumeRecv()`, for connections too that follow this one. A closing handshake of ours is not held up.
   */
  pauseRecv(): void {
    this.#session.pause();
  }

  /** Goes on where `pauseRecv()` stopped. */
  resumeRecv(): void {
    this.#session.resume();
  }

  /**
   * The process may end though this connection is open, on its way or about to come back: from here on, over reconnects too, until
   * `ref()`. Nobody is told then. (A name that is being resolved, or TCP that is being connected, is the runtime's and keeps the
   * process for as long as that lasts.) Where a runtime has no such thing, nothing happens. Returns the connection.
   */
  unref(): this {
    this.#session.ref(false);
    return this;
  }

  /**
   * The process stays alive for this connection while it is on its way, open (paused or not), closing or about to come back, which
   * is the default. Timers of the heartbeat keep no process. Returns the connection.
   */
  ref(): this {
    this.#session.ref(true);
    return this;
  }

  /**
   * Forwards every message to another connection, as it came, at the pace of the slower one: while the destination's send
   * buffer is full, this connection is not read. When this one closes, so does the destination, and the other way round when
   * there is something to forward. It sets `onMessage` here; `onClose` here, and `onBufferFull`, `onBufferDrain` and `onClose`
   * there, keep what was set before. For both directions, pipe both, once; whichever closes then closes the other, and calls off
   * its policy.
   *
   * @returns the destination
   */
  pipe(destination: AsyncTcpConnection): AsyncTcpConnection {
    pipe<AsyncTcpConnection>(this, destination, destination.#session.isFull());
    return destination;
  }

  // Awaiting: promises of these may be left alone, and are no unhandled rejections.

  /**
   * The server's answer, once a connection is open: the present one, or the next. While attempts follow each other, of the policy or
   * of `reConnect()`, it waits; so it does before `connect()`. It rejects with the reason, a WsimdError or HandshakeError, once the
   * connection is closed for good, which is when no attempt follows: not by the policy, not by what `onClose` calls. From then on it
   * is a promise that has rejected, until `connect()` or `reConnect()`. What comes along with the answer is told a turn of the event
   * loop later, so that whoever awaits this has the time to ask for messages.
   */
  get opened(): Promise<HandshakeResponse> {
    return this.#session.awaited.opened;
  }

  /**
   * What `onClose` was told last, once the connection is closed for good: no attempt follows (see `opened`). It never rejects. Behind
   * `connect()` or `reConnect()` it is a new one.
   */
  get closed(): Promise<ConnectionCloseEvent> {
    return this.#session.awaited.closed;
  }

  /**
   * The messages from here on, for a loop: `for await (const message of connection.messages({ queue: 16 }))`. A string for text, bytes
   * of your own for binary, whatever `binaryDelivery` says. It goes on over reconnects. As soon as `queue` messages wait (default
   * 64), the connection is not read until half of them are taken. `onMessage` and other loops get every message, too.
   *
   * The loop ends when the connection is closed for good by `close()`, `end()`, `destroy()` or a close frame of the peer with 1000,
   * 1001 or no code; where it was lost for good, it throws the reason: the error, or WS_ERR_CLOSED for another code of the peer.
   * What waits comes first. To leave the loop closes the connection with 1000, and calls off a reconnect; the loop is left when that
   * connection is gone.
   *
   * @throws TypeError, RangeError for an option that is none, or is no whole number from 1 on
   */
  messages(options: MessagesOptions = {}): AsyncIterableIterator<string | Uint8Array> {
    return iteratorOf(this.#session.awaited.messages(options));
  }

  /** `messages()` without options: `for await (const message of connection)`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<string | Uint8Array> {
    return this.messages();
  }

  /**
   * For `await using`: `close()`, and resolves when that connection is gone; at once if there is none. A reconnect is called off. It is
   * there where the runtime has the symbol.
   */
  declare [Symbol.asyncDispose]: () => Promise<void>;
  /** For `using`: `destroy()`. It is there where the runtime has the symbol. */
  declare [Symbol.dispose]: () => void;

  static {
    const { prototype } = AsyncTcpConnection;
    const define = (symbol: symbol | undefined, value: (this: AsyncTcpConnection) => unknown): void => {
      if (symbol !== undefined) Object.defineProperty(prototype, symbol, { value, writable: true, configurable: true });
    };
    define(Symbol.asyncDispose, function () {
      return this.#session.awaited.close();
    });
    define(Symbol.dispose, function () {
      this.destroy();
    });
  }

  // Sending.

  /**
   * Sends one message: a string as `websocketType` says, bytes as binary. Bytes are copied before it returns, except those
   * of a Blob, which are read first; what is sent behind a Blob follows it.
   *
   * What `true` or `null` was said for leaves once, or is told once, by `onUnsent`; or it had begun to leave when the connection was
   * lost, and `onClose` counts it (`event.unconfirmed`).
   *
   * @returns true: accepted and on its way this tick; null: kept, while there is no open connection but one may come (see
   *   `sendQueue`), behind a Blob or a long message that is being compressed, or behind a slow peer; false: dropped, because the
   *   connection is closed, or with `onError(SEND_FAIL)` because a limit is reached
   */
  send(data: SendData, options?: SendOptions): boolean | null {
    return this.#session.send(data, options);
  }

  /**
   * Sends one message, and resolves when the runtime has taken all of it to send.
   *
   * @throws (rejects with) a WsimdError if the message is dropped, or the connection is gone before the message has left
   */
  sendAsync(data: SendData, options?: SendOptions): Promise<void> {
    return this.#session.sendAsync(data, options);
  }

  /**
   * Sends one message that need not fit into memory: its chunks, strings or bytes, go as fragments (RFC 6455 §5.4) as the source has
   * them, and the next one is asked for when the peer has made room. The message is text or binary as `binary` says, else as `send()`
   * would send its first chunk; text may be in bytes, if they are valid UTF-8 together. Before the handshake is done it waits for
   * that; what is sent behind it follows it (`send()` says null meanwhile), and pings and pongs pass. It is compressed where that was
   * agreed, whatever the threshold. Leave bytes as they are until the next chunk is asked for. Resolves when the runtime has
   * taken all of it.
   *
   * @throws (rejects with) a TypeError for what is no source; what the source throws, or a TypeError for a chunk that cannot be sent:
   *   if a part of the message has left by then, that ends the connection with 1011, and `onError` is told; a WsimdError if the
   *   connection is closing, closed, or gone before all of it has left. The source is let go then (`return()`, or `cancel()`), if
   *   anything was asked of it.
   */
  sendStream(source: StreamSource, options?: SendOptions): Promise<void> {
    return this.#session.sendStream(source, options);
  }

  /** Calls `send`, and what that sends leaves as one write, at once (of more than 128 KiB, as several). */
  cork(send: (connection: this) => void): void {
    try {
      send(this);
    } finally {
      this.#session.connection.sender.flush();
    }
  }

  /**
   * Sends a ping (RFC 6455 §5.5.2) of at most 125 bytes, and resolves with its round trip in seconds, once its pong has come, or
   * one to a ping behind it, which answers it, too (§5.5.3). Default: a payload of its own; where several pings have the same one,
   * the first pong is taken for that of the first. Whoever does not want to know leaves the promise alone.
   *
   * @throws (rejects with) a WsimdError: WS_ERR_NOT_OPEN unless the connection is open, WS_ERR_SEND_BUFFER_FULL if
   *   maxSendBufferSize bytes are waiting; then no ping is sent. WS_ERR_NO_PONG if the connection goes first, or if 256 more pings
   *   have been sent meanwhile. A TypeError or RangeError for a payload that cannot be sent is thrown at once
   */
  ping(payload?: string | BinaryData): Promise<number> {
    return this.#session.ping(payload);
  }

  /**
   * Sends a pong (RFC 6455 §5.5.3) of at most 125 bytes; nothing happens unless the connection is open. Behind a peer that
   * does not read only the latest waits.
   */
  pong(payload: string | BinaryData = ''): void {
    this.#session.pong(payload);
  }

  // Listeners.

  /**
   * Tells a listener, too, what the callback of an event is told, with the same arguments: `on('message', (connection, data) => …)`
   * beside `onMessage`, so that several parts of a program can listen. Events have the names of the callbacks without their "on".
   * The callback is called first, then the listeners in the order in which they were added; one that listens already is not added
   * again, as in EventTarget. Who is added or removed while an event is told, is so from the next one on. Where one of them ends the
   * connection by `destroy()`, the others hear `close` and nothing behind it. What a listener throws, or its promise rejects with,
   * reaches `onError` and the listeners of `error` as CALLBACK_EXCEPTION. A listener of `webSocketPing` does not turn the automatic
   * pong off. Returns the connection.
   *
   * @throws TypeError for an event that there is not, and for a listener that is no function
   */
  on(event: 'message', listener: MessageListener<AsyncTcpConnection>): this;
  on<Event extends EventName>(event: Event, listener: Listener<AsyncTcpConnection, Event>): this;
  on(event: string, listener: unknown): this {
    this.#session.listen(event, listener);
    return this;
  }

  /**
   * Tells a listener no more; nothing happens if it does not listen. Returns the connection.
   *
   * @throws TypeError for an event that there is not
   */
  off(event: 'message', listener: MessageListener<AsyncTcpConnection>): this;
  off<Event extends EventName>(event: Event, listener: Listener<AsyncTcpConnection, Event>): this;
  off(event: string, listener: unknown): this {
    this.#session.unlisten(event, listener);
    return this;
  }

  // Callbacks: null, the default, or a function; anything else throws a TypeError where it is set. They are accessors of the
  // prototype, which a field or a method of a subclass covers. For TypeScript they are properties: it would forbid the field.

  /** TCP is up (and the proxy and TLS, if there are any), the request is about to be sent; again at every redirect and reconnect. */
  declare onConnect: Callback<AsyncTcpConnection, []>;
  /** The handshake is done. `String(response)` is the head as received. What was queued is sent after this returns. */
  declare onWebSocketConnect: Callback<AsyncTcpConnection, [response: HandshakeResponse]>;
  /**
   * A message begins, however it comes: whatever has `write()`, `end()` and `abort()`, or is a WritableStream, gets it in pieces as
   * they arrive, and neither `onMessage` nor `maxPackageSize` is for it (`maxFragments` is). Return nothing, and it comes by
   * `onMessage`. Text is validated as ever (RFC 6455 §8.1), and pieces have whole characters. While a promise of the sink's is not
   * settled, or the stream is full, nothing is told and nothing is read, as in a pause. `abort(error)` says that the message will
   * not be complete: the connection is gone, the peer broke a rule, or our close frame has left, behind which nothing is heard.
   * What the sink throws or rejects with is told by `onError`; the rest of that message is passed over. A callback that is set
   * later, or set to null, holds from the next message on of which nothing has come. It must not be an async function.
   */
  declare onMessageStart: StartCallback<AsyncTcpConnection>;
  /** A ping came. Setting this turns the automatic pong off: answer with `pong(payload)` (RFC 6455 §5.5.2). */
  declare onWebSocketPing: Callback<AsyncTcpConnection, [payload: Uint8Array]>;
  /** A pong came; `latency` is up to date if it answers a ping of the heartbeat. */
  declare onWebSocketPong: Callback<AsyncTcpConnection, [payload: Uint8Array]>;
  /** The peer's close frame, which the library answers; 1005 stands for a frame without a code. */
  declare onWebSocketClose: Callback<AsyncTcpConnection, [code: number, reason: string]>;
  /** The connection is gone, whatever the cause: exactly once per connection. The place for `reConnect()`. */
  declare onClose: Callback<AsyncTcpConnection, [event: ConnectionCloseEvent]>;
  /**
   * Something went wrong. `code` is one of the constants of this class, `message` a sentence, `cause` the error itself: a
   * WsimdError (its `code` names the fault), a HandshakeError with the server's response, or what a callback threw. Callbacks may
   * be async functions: what their promises reject with is told here as CALLBACK_EXCEPTION, when it happens. What this one throws or
   * rejects with is reported by `reportError` or on the console.
   */
  declare onError: Callback<AsyncTcpConnection, [code: ErrorKind, message: string, cause: unknown]>;
  /** maxSendBufferSize bytes are waiting; once, until `onBufferDrain`. */
  declare onBufferFull: Callback<AsyncTcpConnection, []>;
  /**
   * After each `onBufferFull`, once: nothing is waiting any more. If the connection goes meanwhile, what waited goes with it, and
   * this comes when the next one is open; or, where none follows, behind `onClose`, in a turn of its own, and `send()` says false.
   */
  declare onBufferDrain: Callback<AsyncTcpConnection, []>;
  /** The policy has set its timer: the attempt of this number begins in `delay` seconds. `cancelReconnect()` stops it. */
  declare onReconnect: Callback<AsyncTcpConnection, [attempt: number, delay: number]>;
  /** The policy has given up: `maxRetries` is reached, or another attempt would end as this one did. */
  declare onReconnectFailed: Callback<AsyncTcpConnection, []>;
  /**
   * Messages for which `send()` had said true or null will not be sent: the data of each, in order, a string for text and bytes, or
   * the Blob, for binary; not a byte of them has left. Each is told once. `cause` says why: WS_ERR_NOT_SENT (no connection follows:
   * its `cause` is what ended the last one, if something did), WS_ERR_SEND_QUEUE_FULL or WS_ERR_SEND_QUEUE_AGE. Without this
   * callback `onError(SEND_FAIL)` tells how many they were, and how many bytes. Messages of `sendAsync()` are told by its promise.
   */
  declare onUnsent: Callback<
    AsyncTcpConnection,
    [messages: readonly (string | Uint8Array | Blob)[], cause: WsimdError]
  >;

  static {
    /** The accessors' `this`, which the literal cannot know. */
    const connectionOf = (self: unknown): AsyncTcpConnection => self as AsyncTcpConnection;
    const accessors: Callbacks<AsyncTcpConnection> = {
      get onConnect() {
        return connectionOf(this).#onConnect;
      },
      set onConnect(callback) {
        connectionOf(this).#onConnect = checkCallback('onConnect', callback);
      },
      get onWebSocketConnect() {
        return connectionOf(this).#onWebSocketConnect;
      },
      set onWebSocketConnect(callback) {
        connectionOf(this).#onWebSocketConnect = checkCallback('onWebSocketConnect', callback);
      },
      get onMessage() {
        return connectionOf(this).#onMessage;
      },
      set onMessage(callback) {
        connectionOf(this).#onMessage = checkCallback('onMessage', callback);
      },
      get onMessageStart() {
        return connectionOf(this).#onMessageStart;
      },
      set onMessageStart(callback) {
        connectionOf(this).#onMessageStart = checkCallback('onMessageStart', callback);
        connectionOf(this).#session.askStarts();
      },
      get onWebSocketPing() {
        return connectionOf(this).#rare.onWebSocketPing;
      },
      set onWebSocketPing(callback) {
        connectionOf(this).#setRare('onWebSocketPing', checkCallback('onWebSocketPing', callback));
      },
      get onWebSocketPong() {
        return connectionOf(this).#rare.onWebSocketPong;
      },
      set onWebSocketPong(callback) {
        connectionOf(this).#setRare('onWebSocketPong', checkCallback('onWebSocketPong', callback));
      },
      get onWebSocketClose() {
        return connectionOf(this).#rare.onWebSocketClose;
      },
      set onWebSocketClose(callback) {
        connectionOf(this).#setRare('onWebSocketClose', checkCallback('onWebSocketClose', callback));
      },
      get onClose() {
        return connectionOf(this).#onClose;
      },
      set onClose(callback) {
        connectionOf(this).#onClose = checkCallback('onClose', callback);
      },
      get onError() {
        return connectionOf(this).#onError;
      },
      set onError(callback) {
        connectionOf(this).#onError = checkCallback('onError', callback);
      },
      get onBufferFull() {
        return connectionOf(this).#rare.onBufferFull;
      },
      set onBufferFull(callback) {
        connectionOf(this).#setRare('onBufferFull', checkCallback('onBufferFull', callback));
      },
      get onBufferDrain() {
        return connectionOf(this).#rare.onBufferDrain;
      },
      set onBufferDrain(callback) {
        connectionOf(this).#setRare('onBufferDrain', checkCallback('onBufferDrain', callback));
      },
      get onReconnect() {
        return connectionOf(this).#rare.onReconnect;
      },
      set onReconnect(callback) {
        connectionOf(this).#setRare('onReconnect', checkCallback('onReconnect', callback));
      },
      get onReconnectFailed() {
        return connectionOf(this).#rare.onReconnectFailed;
      },
      set onReconnectFailed(callback) {
        connectionOf(this).#setRare('onReconnectFailed', checkCallback('onReconnectFailed', callback));
      },
      get onUnsent() {
        return connectionOf(this).#rare.onUnsent;
      },
      set onUnsent(callback) {
        connectionOf(this).#setRare('onUnsent', checkCallback('onUnsent', callback));
      },
    };
    Object.defineProperties(AsyncTcpConnection.prototype, Object.getOwnPropertyDescriptors(accessors));
  }

  #setRare<Name extends keyof typeof NO_RARE>(name: Name, callback: (typeof NO_RARE)[Name]): void {
    if (this.#rare === NO_RARE) this.#rare = noRareCallbacks();
    this.#rare[name] = callback;
  }

  // Settings.

  /** 'tcp', or 'ssl' for TLS; `wss:` presets it. Workerman's way to say wss is `ws://host:443` with 'ssl'. */
  get transport(): 'tcp' | 'ssl' {
    return this.#session.settings.transport;
  }

  set transport(value: 'tcp' | 'ssl') {
    this.#session.settings.transport = checkTransport(value);
  }

  /**
   * Extra headers of the handshake, default none; `Host`, `Origin` and `Authorization` replace the library's own. A value
   * is a string, a number, or a list of strings for several lines. Or a function that returns or promises them, called at
   * every attempt, since tokens expire. TypeError for what does not fit into a header.
   */
  get headers(): Provider<Headers> {
    return this.#session.settings.headers;
  }

  set headers(value: Provider<Headers>) {
    if (typeof value !== 'function') checkHeaders(value);
    this.#session.settings.headers = value;
  }

  /** The Origin header (RFC 6455 §10.2), default none. */
  get websocketOrigin(): string | undefined {
    return this.#session.settings.websocketOrigin;
  }

  set websocketOrigin(value: string | undefined) {
    if (value !== undefined) checkOrigin(value);
    this.#session.settings.websocketOrigin = value;
  }

  /**
   * The subprotocol, or several in order of preference (RFC 6455 §1.9), default none. The server must choose one. Or a
   * function that returns or promises them, called at every attempt.
   */
  get websocketClientProtocol(): Provider<Protocols | undefined> {
    return this.#session.settings.websocketClientProtocol;
  }

  set websocketClientProtocol(value: Provider<Protocols | undefined>) {
    if (value !== undefined && typeof value !== 'function') checkProtocols(value);
    this.#session.settings.websocketClientProtocol = value;
  }

  /** How strings are sent: `Ws.BINARY_TYPE_BLOB` (default) as text, `Ws.BINARY_TYPE_ARRAYBUFFER` as binary. */
  get websocketType(): WebsocketType {
    return this.#session.settings.websocketType;
  }

  set websocketType(value: WebsocketType) {
    this.#session.settings.websocketType = checkType(value);
  }

  /** Seconds between two pings, fractions allowed, at most an hour; default undefined: none. */
  get websocketPingInterval(): number | undefined {
    return this.#session.settings.websocketPingInterval;
  }

  set websocketPingInterval(value: number | undefined) {
    this.#session.settings.websocketPingInterval =
      value === undefined ? undefined : checkSeconds('websocketPingInterval', value, HOUR);
    this.#session.heartbeatChanged();
  }

  /** Seconds to wait for a pong before the peer counts as dead, at most an hour; default: the interval. */
  get websocketPingTimeout(): number | undefined {
    return this.#session.settings.websocketPingTimeout;
  }

  set websocketPingTimeout(value: number | undefined) {
    this.#session.settings.websocketPingTimeout =
      value === undefined ? undefined : checkSeconds('websocketPingTimeout', value, HOUR);
    this.#session.heartbeatChanged();
  }

  /** Bytes that may wait to be sent before `send()` drops messages; default 1 MiB. */
  get maxSendBufferSize(): number {
    return this.#session.settings.maxSendBufferSize;
  }

  set maxSendBufferSize(value: number) {
    this.#session.settings.maxSendBufferSize = checkBytes('maxSendBufferSize', value);
  }

  /**
   * What becomes of messages that are sent while there is no open connection but one may come: before the first handshake, and while
   * a policy or `reConnect()` is at work. They are kept, in order, and so are those that a connection had accepted and of which
   * nothing had left when it was gone; the next connection sends them, behind what `onWebSocketConnect` sends. Bounds: see
   * SendQueuePolicy; default `{}`, which is as much as `maxSendBufferSize`. False: nothing is kept, and `send()` says false while there
   * is no open connection. A message is put on the wire at most once.
   */
  get sendQueue(): CheckedPolicy | false {
    return this.#session.settings.sendQueue;
  }

  set sendQueue(value: SendQueuePolicy | false) {
    this.#session.settings.sendQueue = checkSendQueue(value);
    this.#session.sendQueueChanged();
  }

  /** The largest message that is accepted, in bytes; default 10 MiB. A larger one ends the connection with 1009. */
  get maxPackageSize(): number {
    return this.#session.settings.maxPackageSize;
  }

  set maxPackageSize(value: number) {
    this.#session.settings.maxPackageSize = checkBytes('maxPackageSize', value);
  }

  /**
   * The most fragments that one message may have, empty ones included; default 131,072. One more ends the connection with
   * 1008. A fragment costs its bytes and nothing else, so the limit only stops what no program sends.
   */
  get maxFragments(): number {
    return this.#session.settings.maxFragments;
  }

  set maxFragments(value: number) {
    this.#session.settings.maxFragments = checkCount('maxFragments', value);
  }

  /**
   * How binary messages are handed to `onMessage`; holds from the next `connect()` on. `'own'` (default): bytes of your own, to
   * keep as long as you like; behind the `buffer` of one of up to 16 KiB lie others, of other connections too, as with Node's own
   * small Buffers: use `byteOffset` and `byteLength`, or `slice()`. `'borrow'`: a view of memory that is used again as soon as
   * `onMessage` returns, which saves the copy (16 KiB: half of the CPU time). Read it, or copy what you need; a view that is kept
   * shows other messages later, of other connections too, and whatever is behind its `buffer` belongs to the library: do not
   * write there, nor transfer it.
   */
  get binaryDelivery(): BinaryDelivery {
    return this.#session.settings.binaryDelivery;
  }

  set binaryDelivery(value: BinaryDelivery) {
    this.#session.settings.binaryDelivery = checkDelivery('binaryDelivery', value);
  }

  /**
   * Whether compression is offered to the server (permessage-deflate, RFC 7692), and how; holds from the next attempt on. Default
   * false: it costs memory, and more CPU than it saves unless the network is the limit. `true`, or options by the npm package
   * `ws`' names, or a list of them in the order of preference. Then every message is compressed unless `send` is told otherwise.
   * `maxPackageSize` limits what a message inflates to.
   */
  get perMessageDeflate(): PerMessageDeflateSetting {
    return this.#session.settings.perMessageDeflate;
  }

  set perMessageDeflate(value: PerMessageDeflateSetting) {
    this.#session.settings.compress(value);
  }

  /** Seconds for providers, proxy, DNS, TCP, TLS and handshake together, at most an hour; default 10. */
  get connectTimeout(): number {
    return this.#session.settings.connectTimeout;
  }

  set connectTimeout(value: number) {
    this.#session.settings.connectTimeout = checkSeconds('connectTimeout', value, HOUR);
  }

  /** Seconds to wait for the peer's close frame after ours, at most an hour; default 5. */
  get closeTimeout(): number {
    return this.#session.settings.closeTimeout;
  }

  set closeTimeout(value: number) {
    this.#session.settings.closeTimeout = checkSeconds('closeTimeout', value, HOUR);
  }

  /** Seconds to wait for the peer to end TCP once no frame follows, at most an hour; default 1. */
  get lingerTimeout(): number {
    return this.#session.settings.lingerTimeout;
  }

  set lingerTimeout(value: number) {
    this.#session.settings.lingerTimeout = checkSeconds('lingerTimeout', value, HOUR);
  }

  /**
   * How a connection that is lost, or was never made, comes back by itself; default undefined: it does not, and `onClose` may
   * call `reConnect()`. `{}` means full jitter from 1 s on, doubled up to 30 s; see ReconnectPolicy. Or a function of the
   * attempt (1, 2, …) that returns seconds, or a negative number to give up. Not after `close()`, `end()` or `destroy()`.
   */
  get reconnectPolicy(): NormalPolicy | undefined {
    return this.#session.settings.reconnectPolicy;
  }

  set reconnectPolicy(value: ReconnectPolicyOption | undefined) {
    this.#session.settings.reconnectPolicy = value === undefined ? undefined : checkPolicy(value);
  }

  /**
   * Whether an answer 301, 302, 303, 307 or 308 leads the attempt to its Location (RFC 9110 §15.4); default false. `true` means at
   * most 10 times, or a number from 1 to 10 says how often; one more is an error. It is the same attempt, within one
   * `connectTimeout`. The Location may be relative, and http: and https: in it mean ws: and wss:; from wss: nothing leads to ws:. To
   * another host or port no credentials go: `Authorization`, `Cookie`, `Host` and `Proxy-Authorization` of `headers`, what the URL
   * has of them, and certificate, key, session and server name of the options are left out from there on. The next attempt begins
   * at the URL that was given.
   */
  get followRedirects(): boolean | number {
    return this.#session.settings.followRedirects;
  }

  set followRedirects(value: boolean | number) {
    this.#session.settings.followRedirects = checkRedirects(value);
  }

  /**
   * A jar of cookies, default none: it is asked for the Cookie header of each request, redirects included, which stands behind a
   * Cookie of `headers`, and told the Set-Cookie lines of each answer, before the next request. What its `get` throws or rejects with
   * ends the attempt as a provider's exception does; what its `set` does is `onError(CALLBACK_EXCEPTION)`.
   */
  get cookies(): Cookies | undefined {
    return this.#session.settings.cookies?.jar;
  }

  set cookies(value: Cookies | undefined) {
    const jar = checkCookies(value);
    const { settings } = this.#session;
    // What the same jar has not finished yet is still waited for.
    if (settings.cookies?.jar !== jar) settings.cookies = jar && new CookieKeeper(jar);
  }

  /**
   * The HTTP proxy to go through (CONNECT, RFC 9110 §9.3.6), for ws: and for wss:, default none: `'host:port'`, or a URL of
   * scheme `http:` or `https:` (TLS to the proxy itself; see the option `proxyTls`), with a user name and a password if wanted.
   * The proxy resolves the name of the server. If it fails, `onError(PROXY_FAIL)` says why; there is never a direct connection.
   */
  get proxyHttp(): string | URL | undefined {
    return proxyIn(this.#session.settings.proxy, 'proxyHttp');
  }

  set proxyHttp(value: string | URL | undefined) {
    const { settings } = this.#session;
    settings.proxy = withProxy(settings.proxy, 'proxyHttp', value);
  }

  /**
   * The SOCKS5 proxy to go through (RFC 1928), for ws: and for wss:, default none: `'host:port'`, or a URL of scheme `socks5:`
   * or `socks5h:`, with a user name and a password if wanted. The proxy resolves the name of the server, whatever the scheme.
   * If it fails, `onError(PROXY_FAIL)` says why; there is never a direct connection.
   */
  get proxySocks5(): string | URL | undefined {
    return proxyIn(this.#session.settings.proxy, 'proxySocks5');
  }

  set proxySocks5(value: string | URL | undefined) {
    const { settings } = this.#session;
    settings.proxy = withProxy(settings.proxy, 'proxySocks5', value);
  }

  /**
   * The value of the Proxy-Authorization header for `proxyHttp` (RFC 9110 §11.7.2), as it stands: `'Basic …'`, `'Bearer …'`.
   * Default: Basic, with the user name and password of the URL, if it has them. It goes to the proxy only.
   */
  get proxyAuthorization(): string | undefined {
    return this.#session.settings.proxy.authorization;
  }

  set proxyAuthorization(value: string | undefined) {
    const { settings } = this.#session;
    settings.proxy = withAuthorization(settings.proxy, value);
  }

  /**
   * Headers for an HTTP proxy, sent with CONNECT and to the proxy only; default none. As `headers`, but without Host and those of
   * the handshake. Proxy-Authorization in it stands in place of the URL's; beside `proxyAuthorization` it is a TypeError.
   */
  get proxyHeaders(): Headers | undefined {
    return this.#session.settings.proxy.headers;
  }

  set proxyHeaders(value: Headers | undefined) {
    const { settings } = this.#session;
    settings.proxy = withHeaders(settings.proxy, value);
  }

  /**
   * Whether variables of the environment name the proxy, where none is set here; default false. HTTP_PROXY is for ws:, HTTPS_PROXY
   * for wss:, ALL_PROXY for both where that one is not set; in lower case they count first. What NO_PROXY lists goes directly:
   * hosts, domains, addresses and ranges of them, by commas or blanks (loopback only if it is listed). They are read at every
   * attempt and every redirect; one that is no proxy is `onError(PROXY_FAIL)`.
   */
  get proxyFromEnvironment(): boolean {
    return this.#session.settings.proxyFromEnvironment;
  }

  set proxyFromEnvironment(value: boolean) {
    this.#session.settings.proxyFromEnvironment = checkSwitch('proxyFromEnvironment', value);
  }

  /** The user name for `proxySocks5`, 1 to 255 bytes in UTF-8 (RFC 1929 §2). Default: that of the URL, if it has one. */
  get proxySocks5Username(): string | undefined {
    return this.#session.settings.proxy.username;
  }

  set proxySocks5Username(value: string | undefined) {
    const { settings } = this.#session;
    settings.proxy = withUsername(settings.proxy, value);
  }

  /** The password for `proxySocks5`, 1 to 255 bytes in UTF-8 (RFC 1929 §2). Default: that of the URL, if it has one. */
  get proxySocks5Password(): string | undefined {
    return this.#session.settings.proxy.password;
  }

  set proxySocks5Password(value: string | undefined) {
    const { settings } = this.#session;
    settings.proxy = withPassword(settings.proxy, value);
  }

  // Questions.

  /** The last round trip of a heartbeat, in seconds; undefined before the first. */
  get latency(): number | undefined {
    return this.#session.latency;
  }

  /** Bytes received over all connections of this object, handshakes included (TLS not). */
  get bytesRead(): number {
    return this.#session.bytesRead;
  }

  /** Bytes that the runtime has taken to send, over all connections of this object, handshakes included (TLS not). */
  get bytesWritten(): number {
    return this.#session.bytesWritten;
  }

  /** The state as Workerman's number (INITIAL 0, CONNECTING 1, ESTABLISHED 2, ENDING 4, CLOSING 8, CLOSED 16) or name. */
  getStatus(asNumber?: true): number;
  getStatus(asNumber: false): StatusName;
  getStatus(asNumber = true): number | StatusName {
    const { name, number } = STATUS[this.#session.connection.state];
    return asNumber ? number : name;
  }

  /** The peer's address (the proxy's, if there is one); '' unless the connection is open. */
  getRemoteIp(): string {
    return this.#session.connection.endpoints.remoteAddress ?? '';
  }

  /** The peer's port; 0 unless the connection is open. */
  getRemotePort(): number {
    return this.#session.connection.endpoints.remotePort ?? 0;
  }

  /** The peer's address and port, `'192.0.2.1:443'` or `'[2001:db8::1]:443'`; '' unless the connection is open. */
  getRemoteAddress(): string {
    return joined(this.getRemoteIp(), this.getRemotePort());
  }

  /** The host name of the URL, or of where a redirect has led; '' before the first attempt if a function provides it. */
  getRemoteHost(): string {
    return this.#session.url?.hostname ?? '';
  }

  /** Path and query of the URL, or of where a redirect has led; '' before the first attempt if a function provides it. */
  getRemoteURI(): string {
    return this.#session.url?.path ?? '';
  }

  /** Our own address; '' unless the connection is open. */
  getLocalIp(): string {
    return this.#session.connection.endpoints.localAddress ?? '';
  }

  /** Our own port; 0 unless the connection is open. */
  getLocalPort(): number {
    return this.#session.connection.endpoints.localPort ?? 0;
  }

  /** Our own address and port; '' unless the connection is open. */
  getLocalAddress(): string {
    return joined(this.getLocalIp(), this.getLocalPort());
  }

  /** Whether the peer is connected by IPv4. */
  isIpV4(): boolean {
    return this.getRemoteIp().includes('.');
  }

  /** Whether the peer is connected by IPv6. */
  isIpV6(): boolean {
    return this.getRemoteIp().includes(':');
  }

  /** Bytes that wait to be sent, frame headers included. */
  getSendBufferQueueSize(): number {
    return this.#session.unsentBytes;
  }

  /** Bytes that were received and not delivered: of a message that is not whole, or behind `pauseRecv()`. */
  getRecvBufferQueueSize(): number {
    return this.#session.connection.unreadBytes;
  }

  /** Whether nothing waits to be sent. */
  bufferIsEmpty(): boolean {
    return this.#session.unsentBytes === 0;
  }
}
nameClass(AsyncTcpConnection, 'AsyncTcpConnection');

/**
 * What the subscribers of each diagnostics channel get; the channels are called `wsimd:open`, `wsimd:close`, … They tell of every
 * face: `connection` is an AsyncTcpConnection where `face` is 'callback'.
 */
export type DiagnosticMessages = Messages<AsyncTcpConnection>;

function joined(ip: string, port: number): string {
  return port === 0 ? ip : ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}
