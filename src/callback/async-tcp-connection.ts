// The callback face: one object, plain settable callbacks, many connections over its life, modelled on Workerman's
// AsyncTcpConnection (its names, units and return values). It owns the methods and the present connection; settings,
// callbacks and reconnecting have files of their own, everything about a single connection is in connection.ts.

import type { Bytes } from '../base/bytes';
import { CONNECTION_FAULTS, ERROR_KIND, WsimdError } from '../base/faults';
import { keepName } from '../base/keep-name';
import { messageOf } from '../base/thrown';
import { closeBody } from '../codec/close-body';
import { Connection } from '../connection/connection';
import {
  type ConnectionCloseEvent,
  type ConnectionEnd,
  type ConnectionEvents,
  type Destination,
  PATIENT,
} from '../connection/contract';
import { checkProtocols } from '../handshake/request';
import type { HandshakeResponse } from '../handshake/response-parser';
import { checkSeconds } from '../options/checks';
import { offersOf } from '../options/per-message-deflate';
import { type Provided, provide } from '../options/providers';
import { type ConnectionOptions, socketOptions } from '../options/socket-options';
import { basicAuthorization, type ParsedUrl, parseUrl } from '../options/url';
import type { DialOptions } from '../transport/contract';
import type { NormalPolicy } from './backoff';
import { diagnostics } from './diagnostics';
import { pipe } from './pipe';
import { type Plan, Reconnector, type ReconnectorHandlers } from './reconnector';
import { type SendData, Sending } from './sending';
import type { Headers } from './settings';
import { type Statistics, statistics } from './statistics';

let lastId = 0;
const live = new Map<number, AsyncTcpConnection>();

/** What a connection tells its face: one object instead of a closure for each event. Defined where the private members are. */
let Events: new (face: AsyncTcpConnection) => ConnectionEvents & ReconnectorHandlers;

/**
 * A WebSocket client that can be connected again and again.
 *
 * Settings may be changed at any time; those of the handshake hold from the next attempt on. A wrong one throws a
 * TypeError or RangeError that names it, where it is set. Everything that happens later is told by a callback and never
 * thrown.
 */
export class AsyncTcpConnection extends Sending {
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

  /** 1, 2, … in this process. */
  readonly id: number = ++lastId;
  /** The user's own bag, kept across reconnects. */
  context: Record<string, unknown> = {};

  readonly #urlOption: ParsedUrl | (() => string | URL | PromiseLike<string | URL>);
  readonly #options: DialOptions;
  readonly #events: ConnectionEvents & ReconnectorHandlers = new Events(this);
  readonly #reconnector = new Reconnector(this.#events);
  #connection = new Connection(this.#events);
  /** Of the present connection or the last one. */
  #url: ParsedUrl | undefined;
  /** Whether the user wants a connection: not from `close()`, `end()` or `destroy()` on. */
  #isWanted = false;

  /**
   * @param url `ws://…`, `wss://…` or `ws+unix:/socket:/path`, anything else is refused with a TypeError; or a function that
   *   returns or promises one, called at every attempt
   * @param options Node's own names (`ca`, `cert`, `key`, `servername`, `checkServerIdentity`, `localAddress`, `lookup`, `family` …),
   *   `signal`, and Workerman's contexts `socket` and `ssl`; what is unknown, wrong or contradictory throws a TypeError or RangeError
   */
  constructor(url: string | URL | (() => string | URL | PromiseLike<string | URL>), options: ConnectionOptions = {}) {
    super();
    if (typeof url !== 'function') this.#url = parseUrl(url);
    this.#urlOption = this.#url ?? (url as () => string);
    this.#options = socketOptions(options);
    if (this.#url?.secure) this.transport = 'ssl';
  }

  /**
   * Begins to connect and returns at once; does nothing unless the state is INITIAL, CLOSING or CLOSED. A connection that
   * is being closed gives way: its `onClose` comes first.
   */
  connect(): void {
    if (this.#connection.state !== 'ending') this.#begin(0);
  }

  /**
   * Connects again in so many seconds (fractions allowed); default at once. The object keeps everything that was set.
   * `close()`, `end()`, `destroy()`, `connect()` and `cancelReconnect()` call it off.
   */
  reConnect(seconds = 0): void {
    if (seconds !== 0) checkSeconds('reConnect(seconds)', seconds);
    this.#reconnector.schedule(seconds);
  }

  /** Calls off a reconnect that waits, of `reConnect()` or of the policy. */
  cancelReconnect(): void {
    this.#reconnector.cancel();
  }

  /**
   * Begins the closing handshake with a status (default 1000) and a reason (RFC 6455 §7.1.2), or sends a last message and
   * then does so. It ends within closeTimeout. A connection on its way is given up, a reconnect is called off.
   */
  close(code?: number, reason?: string): void;
  close(data: SendData): void;
  close(first: number | SendData = 1000, reason?: string): void {
    const body = typeof first === 'number' ? closeBody(first, reason) : closeBody(1000);
    if (typeof first !== 'number') this.send(first);
    this.#unwant();
    this.#connection.close(body);
  }

  /**
   * Sends a last message, if there is one, flushes what waits within closeTimeout, and ends TCP without a closing handshake; the
   * peer has lingerTimeout to do the same. A connection on its way does so when it is open. A reconnect is called off.
   */
  end(data?: SendData): void {
    if (data !== undefined) this.send(data);
    this.#unwant();
    this.#connection.endStream();
  }

  /** Ends the connection now; what is unsent is dropped, a reconnect is called off. */
  destroy(): void {
    this.#unwant();
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
    pipe(this, destination);
    return destination;
  }

  /** @internal */
  protected override get present(): Connection {
    return this.#connection;
  }

  /** @internal */
  protected override get presentUrl(): ParsedUrl | undefined {
    return this.#url;
  }

  /** @internal */
  protected override heartbeatChanged(): void {
    this.#connection.setHeartbeat(this.#heartbeatTimes());
  }

  #isActive(): boolean {
    const { state } = this.#connection;
    return state === 'dialing' || state === 'handshaking' || state === 'open';
  }

  #unwant(): void {
    this.#isWanted = false;
    this.#reconnector.cancel();
  }

  #begin(attempt: number): void {
    if (this.#isActive()) return;
    // A connection that is being closed gives way, and nothing comes back by itself behind it. Its onClose may connect.
    this.#isWanted = false;
    this.#connection.destroy();
    if (this.#isActive()) return;
    this.#reconnector.cancel();
    if (this.#connection.state === 'closed') {
      this.retire();
      this.#connection = new Connection(this.#events);
    }
    this.#reconnector.begun(attempt);
    this.#isWanted = true;
    this.#dial();
    live.set(this.id, this);
  }

  #dial(): void {
    const { signal, transport, ...options } = this.#options;
    const secure = this.transport === 'ssl';
    const provided = provide(this.#urlOption, this.headers, this.websocketClientProtocol);
    const destination = (provided: Provided<Headers>): Destination => this.#destination(provided, options, secure);
    this.#connection.setHeartbeat(this.#heartbeatTimes());
    this.#connection.dial(
      {
        connectTimeout: this.connectTimeout,
        closeTimeout: this.closeTimeout,
        lingerTimeout: this.lingerTimeout,
        signal,
        transport,
        closing: PATIENT,
        decoding: {
          maxMessage: this.maxPackageSize,
          sizeOption: 'maxPackageSize',
          maxFragments: this.maxFragments,
          isBinaryLent: this.binaryDelivery === 'borrow',
          isNodeBuffer: false,
          isUtf8Unchecked: false,
        },
        offers: offersOf(this.perMessageDeflate, 'perMessageDeflate'),
      },
      provided instanceof Promise ? provided.then(destination) : destination(provided),
    );
  }

  #destination({ url, headers, protocols }: Provided<Headers>, options: DialOptions, secure: boolean): Destination {
    this.#url = url;
    const proxy = this.proxyTarget();
    if (proxy !== undefined && url.socketPath !== undefined) {
      throw new TypeError('A ws+unix: URL names a socket file, which no proxy leads to.');
    }
    return {
      target: {
        secure: secure || url.secure,
        hostname: url.hostname,
        port: url.port,
        socketPath: url.socketPath,
        options,
        proxy,
      },
      request: {
        path: url.path,
        host: url.host,
        origin: this.websocketOrigin,
        protocols: protocols === undefined ? [] : checkProtocols(protocols),
        authorization: url.username === '' ? undefined : basicAuthorization(url.username, url.password),
        headers,
      },
    };
  }

  /** The timer has no caller to throw to: settings that have become invalid end the attempt like any other failure. */
  #reconnect(attempt: number): void {
    try {
      this.#begin(attempt);
    } catch (cause) {
      const error = new WsimdError(CONNECTION_FAULTS.connect, messageOf(cause), cause);
      this.tellError(error);
      const { decisions } = this.#reconnector;
      this.#tellClosed({ code: 1006, reason: '', wasClean: false, error, attempt, willReconnect: false });
      const isDecided = decisions !== this.#reconnector.decisions;
      if (this.reconnectPolicy !== undefined && !isDecided) this.call(this.onReconnectFailed);
    }
  }

  #heartbeatTimes(): readonly [every: number, timeout: number] | undefined {
    const { websocketPingInterval: every, websocketPingTimeout: timeout } = this;
    return every === undefined ? undefined : [every, timeout ?? every];
  }

  /** Tells the end of a connection, and what the policy makes of it. */
  #closed(end: ConnectionEnd): void {
    const { reconnectPolicy: policy } = this;
    const reconnector = this.#reconnector;
    const attempt = reconnector.ended(typeof policy === 'object' ? policy.minUptime : undefined);
    const { decisions, isScheduled } = reconnector;
    // Whoever called reConnect() in onError has decided already.
    const isAsked = policy !== undefined && this.#isWanted && !isScheduled;
    const plan = isAsked ? this.#plan(policy, { ...end, attempt }) : undefined;
    this.#tellClosed({ ...end, attempt, willReconnect: isScheduled || typeof plan === 'object' });
    // Whoever called connect(), reConnect(), close() … in onClose has decided by himself.
    if (decisions !== reconnector.decisions || plan === undefined) return;
    if (plan === 'give up') {
      this.call(this.onReconnectFailed);
      return;
    }
    const { delay } = plan;
    reconnector.schedule(delay);
    if (diagnostics.reconnect.isWatched) diagnostics.reconnect.tell({ connection: this, attempt: plan.attempt, delay });
    this.call(this.onReconnect, plan.attempt, delay);
  }

  #tellClosed(event: ConnectionCloseEvent): void {
    if (diagnostics.close.isWatched) diagnostics.close.tell({ connection: this, event });
    this.call(this.onClose, event);
  }

  #plan(policy: NormalPolicy, event: ConnectionEnd & { readonly attempt: number }): Plan {
    try {
      return this.#reconnector.plan(policy, event);
    } catch (error) {
      this.tellException(error);
      return 'give up';
    }
  }

  static {
    Events = class implements ConnectionEvents, ReconnectorHandlers {
      constructor(private readonly face: AsyncTcpConnection) {}

      /** Whoever watches may have ended it: nothing is told behind onClose. */
      private isOver(): boolean {
        return this.face.#connection.state === 'closed';
      }

      onConnect(): void {
        this.face.call(this.face.onConnect);
      }

      onOpen(response: HandshakeResponse): void {
        this.face.#reconnector.opened();
        if (diagnostics.open.isWatched) diagnostics.open.tell({ connection: this.face, response });
        if (!this.isOver()) this.face.call(this.face.onWebSocketConnect, response);
      }

      onMessage(data: string | Bytes, isBinary: boolean): void {
        statistics.total_request += 1;
        // Not through `call`: the decoder catches for a whole batch at once, see onException.
        this.face.onMessage?.(this.face, data, isBinary);
      }

      onPing(payload: Bytes): void {
        if (diagnostics.ping.isWatched) diagnostics.ping.tell({ connection: this.face, payload });
        if (this.isOver()) return;
        if (this.face.onWebSocketPing) this.face.call(this.face.onWebSocketPing, payload);
        else this.face.#connection.pong(payload);
      }

      onPong(payload: Bytes, roundTrip: number | undefined): void {
        if (roundTrip !== undefined) this.face.measured(roundTrip);
        if (diagnostics.pong.isWatched) diagnostics.pong.tell({ connection: this.face, payload, roundTrip });
        if (!this.isOver()) this.face.call(this.face.onWebSocketPong, payload);
      }

      onCloseFrame(code: number, reason: string): void {
        this.face.call(this.face.onWebSocketClose, code, reason);
      }

      onDrain(): void {
        this.face.relieved();
      }

      onError(error: WsimdError): void {
        this.face.tellError(error);
      }

      onDue(attempt: number): void {
        this.face.#reconnect(attempt);
      }

      onException(error: unknown): void {
        this.face.tellException(error);
      }

      onClose(event: ConnectionEnd): void {
        this.face.forgetFull();
        live.delete(this.face.id);
        this.face.#closed(event);
      }
    };
  }
}
keepName(AsyncTcpConnection, 'AsyncTcpConnection');
