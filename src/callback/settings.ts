// What a user may set on a connection: every setting is checked where it is assigned, so that a wrong one throws there and
// names itself. It knows no connection; whoever extends it reads the settings when an attempt begins.

import { checkHeaders, checkOrigin, checkProtocols, type HeaderValue } from '../handshake/request';
import {
  type BinaryDelivery,
  checkBytes,
  checkCount,
  checkDelivery,
  checkSeconds,
  DEFAULT_MAX_FRAGMENTS,
  DEFAULT_MAX_MESSAGE,
} from '../options/checks';
import { offersOf, type PerMessageDeflateSetting } from '../options/per-message-deflate';
import type { Protocols, Provider } from '../options/providers';
import { checkPolicy, type NormalPolicy, type ReconnectPolicyOption } from './backoff';
import { ProxySettings } from './proxy-settings';
import { type WebsocketType, Ws } from './ws';

export type Headers = Readonly<Record<string, HeaderValue>>;

const NO_HEADERS: Headers = {};

let defaultMaxSendBufferSize = 1024 * 1024;
let defaultMaxPackageSize = DEFAULT_MAX_MESSAGE;

export abstract class Settings extends ProxySettings {
  #transport: 'tcp' | 'ssl' = 'tcp';
  #headers: Provider<Headers> = NO_HEADERS;
  #websocketOrigin: string | undefined;
  #websocketClientProtocol: Provider<Protocols | undefined>;
  #websocketType: WebsocketType = Ws.BINARY_TYPE_BLOB;
  #websocketPingInterval: number | undefined;
  #websocketPingTimeout: number | undefined;
  #maxSendBufferSize = defaultMaxSendBufferSize;
  #maxPackageSize = defaultMaxPackageSize;
  #maxFragments = DEFAULT_MAX_FRAGMENTS;
  #binaryDelivery: BinaryDelivery = 'own';
  #perMessageDeflate: PerMessageDeflateSetting = false;
  #connectTimeout = 10;
  #closeTimeout = 5;
  #lingerTimeout = 1;
  #reconnectPolicy: NormalPolicy | undefined;

  /** 'tcp', or 'ssl' for TLS; `wss:` presets it. Workerman's way to say wss is `ws://host:443` with 'ssl'. */
  get transport(): 'tcp' | 'ssl' {
    return this.#transport;
  }

  set transport(value: 'tcp' | 'ssl') {
    if (value !== 'tcp' && value !== 'ssl') throw new TypeError('transport must be "tcp" or "ssl".');
    this.#transport = value;
  }

  /**
   * Extra headers of the handshake, default none; `Host`, `Origin` and `Authorization` replace the library's own. A value
   * is a string, a number, or a list of strings for several lines. Or a function that returns or promises them, called at
   * every attempt, since tokens expire. TypeError for what does not fit into a header.
   */
  get headers(): Provider<Headers> {
    return this.#headers;
  }

  set headers(value: Provider<Headers>) {
    if (typeof value !== 'function') checkHeaders(value);
    this.#headers = value;
  }

  /** The Origin header (RFC 6455 §10.2), default none. */
  get websocketOrigin(): string | undefined {
    return this.#websocketOrigin;
  }

  set websocketOrigin(value: string | undefined) {
    if (value !== undefined) checkOrigin(value);
    this.#websocketOrigin = value;
  }

  /**
   * The subprotocol, or several in order of preference (RFC 6455 §1.9), default none. The server must choose one. Or a
   * function that returns or promises them, called at every attempt.
   */
  get websocketClientProtocol(): Provider<Protocols | undefined> {
    return this.#websocketClientProtocol;
  }

  set websocketClientProtocol(value: Provider<Protocols | undefined>) {
    if (value !== undefined && typeof value !== 'function') checkProtocols(value);
    this.#websocketClientProtocol = value;
  }

  /** How strings are sent: `Ws.BINARY_TYPE_BLOB` (default) as text, `Ws.BINARY_TYPE_ARRAYBUFFER` as binary. */
  get websocketType(): WebsocketType {
    return this.#websocketType;
  }

  set websocketType(value: WebsocketType) {
    if (value !== Ws.BINARY_TYPE_BLOB && value !== Ws.BINARY_TYPE_ARRAYBUFFER) {
      throw new TypeError('websocketType must be Ws.BINARY_TYPE_BLOB or Ws.BINARY_TYPE_ARRAYBUFFER.');
    }
    this.#websocketType = value;
  }

  /** Seconds between two pings, fractions allowed; default undefined: none. */
  get websocketPingInterval(): number | undefined {
    return this.#websocketPingInterval;
  }

  set websocketPingInterval(value: number | undefined) {
    this.#websocketPingInterval = value === undefined ? undefined : checkSeconds('websocketPingInterval', value);
    this.heartbeatChanged();
  }

  /** Seconds to wait for a pong before the peer counts as dead; default: the interval. */
  get websocketPingTimeout(): number | undefined {
    return this.#websocketPingTimeout;
  }

  set websocketPingTimeout(value: number | undefined) {
    this.#websocketPingTimeout = value === undefined ? undefined : checkSeconds('websocketPingTimeout', value);
    this.heartbeatChanged();
  }

  /** Bytes that may wait to be sent before `send()` drops messages; default 1 MiB. */
  get maxSendBufferSize(): number {
    return this.#maxSendBufferSize;
  }

  set maxSendBufferSize(value: number) {
    this.#maxSendBufferSize = checkBytes('maxSendBufferSize', value);
  }

  /** The largest message that is accepted, in bytes; default 10 MiB. A larger one ends the connection with 1009. */
  get maxPackageSize(): number {
    return this.#maxPackageSize;
  }

  set maxPackageSize(value: number) {
    this.#maxPackageSize = checkBytes('maxPackageSize', value);
  }

  /**
   * The most fragments that one message may have, empty ones included; default 131,072. One more ends the connection with
   * 1008. A fragment costs its bytes and nothing else, so the limit only stops what no program sends.
   */
  get maxFragments(): number {
    return this.#maxFragments;
  }

  set maxFragments(value: number) {
    this.#maxFragments = checkCount('maxFragments', value);
  }

  /**
   * How binary messages are handed to `onMessage`; holds from the next `connect()` on. `'own'` (default): bytes of your own, to
   * keep as long as you like; behind the `buffer` of one of up to 16 KiB lie others, of other connections too, as with Node's own small
   * Buffers: use `byteOffset` and `byteLength`, or `slice()`. `'borrow'`: a view of memory that is used again as soon as `onMessage` returns, which saves the
   * copy (16 KiB: half of the CPU time). Read it, or copy what you need; a view that is kept shows other messages later, of
   * other connections too, and whatever is behind its `buffer` belongs to the library: do not write there, nor transfer it.
   */
  get binaryDelivery(): BinaryDelivery {
    return this.#binaryDelivery;
  }

  set binaryDelivery(value: BinaryDelivery) {
    this.#binaryDelivery = checkDelivery('binaryDelivery', value);
  }

  /**
   * Whether compression is offered to the server (permessage-deflate, RFC 7692), and how; holds from the next attempt on. Default
   * false: it costs memory, and more CPU than it saves unless the network is the limit. `true`, or options by the npm package `ws`'
   * names, or a list of them in the order of preference. Then every message is compressed unless `send` is told otherwise;
   * what is sent before the connection is open is not. `maxPackageSize` limits what a message inflates to.
   */
  get perMessageDeflate(): PerMessageDeflateSetting {
    return this.#perMessageDeflate;
  }

  set perMessageDeflate(value: PerMessageDeflateSetting) {
    offersOf(value, 'perMessageDeflate');
    this.#perMessageDeflate = value;
  }

  /** Seconds for providers, proxy, DNS, TCP, TLS and handshake together; default 10. */
  get connectTimeout(): number {
    return this.#connectTimeout;
  }

  set connectTimeout(value: number) {
    this.#connectTimeout = checkSeconds('connectTimeout', value);
  }

  /** Seconds to wait for the peer's close frame after ours; default 5. */
  get closeTimeout(): number {
    return this.#closeTimeout;
  }

  set closeTimeout(value: number) {
    this.#closeTimeout = checkSeconds('closeTimeout', value);
  }

  /** Seconds to wait for the peer to end TCP once no frame follows; default 1. */
  get lingerTimeout(): number {
    return this.#lingerTimeout;
  }

  set lingerTimeout(value: number) {
    this.#lingerTimeout = checkSeconds('lingerTimeout', value);
  }

  /**
   * How a connection that is lost, or was never made, comes back by itself; default undefined: it does not, and `onClose` may
   * call `reConnect()`. `{}` means full jitter from 1 s on, doubled up to 30 s; see ReconnectPolicy. Or a function of the
   * attempt (1, 2, …) that returns seconds, or a negative number to give up. Not after `close()`, `end()` or `destroy()`.
   */
  get reconnectPolicy(): NormalPolicy | undefined {
    return this.#reconnectPolicy;
  }

  set reconnectPolicy(value: ReconnectPolicyOption | undefined) {
    this.#reconnectPolicy = value === undefined ? undefined : checkPolicy(value);
  }

  /** `maxSendBufferSize` of connections made from here on, in bytes; 1 MiB. */
  static get defaultMaxSendBufferSize(): number {
    return defaultMaxSendBufferSize;
  }

  static set defaultMaxSendBufferSize(value: number) {
    defaultMaxSendBufferSize = checkBytes('defaultMaxSendBufferSize', value);
  }

  /** `maxPackageSize` of connections made from here on, in bytes; 10 MiB. */
  static get defaultMaxPackageSize(): number {
    return defaultMaxPackageSize;
  }

  static set defaultMaxPackageSize(value: number) {
    defaultMaxPackageSize = checkBytes('defaultMaxPackageSize', value);
  }

  /** @internal The ping interval or time-out was set: they hold at once, not from the next attempt on. */
  protected abstract heartbeatChanged(): void;
}
