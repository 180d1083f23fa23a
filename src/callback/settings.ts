// What a program has set on a connection, checked: a record with the defaults, and the checks that no other file has. It knows no
// connection; whoever begins an attempt reads it.

import type { DeflateOffer } from '../handshake/permessage-deflate';
import type { HeaderValue } from '../handshake/request';
import type { BinaryDelivery } from '../options/checks';
import { CALLBACK, MAX_FRAGMENTS } from '../options/defaults';
import { offersOf, type PerMessageDeflateSetting } from '../options/per-message-deflate';
import type { NormalPolicy } from './backoff';
import type { CookieKeeper } from './cookies';
import { type CheckedPolicy, KEEPS_ALL } from './offline-queue';
import type { Protocols, Provider } from './providers';
import { NO_PROXY, type ProxySettings } from './proxy';
import { type WebsocketType, Ws } from './workerman';

export type Headers = Readonly<Record<string, HeaderValue>>;

/** Shared by all connections without any. */
const NO_HEADERS: Headers = {};

/** What connections begin with that are made from here on. */
export const defaults = { maxSendBufferSize: CALLBACK.maxSendBufferSize, maxPackageSize: CALLBACK.maxPackageSize };

/** The names are those of the public class, whose documentation says what each means. */
export class Settings {
  declare transport: 'tcp' | 'ssl';
  declare headers: Provider<Headers>;
  declare websocketOrigin: string | undefined;
  declare websocketClientProtocol: Provider<Protocols | undefined>;
  declare websocketType: WebsocketType;
  declare websocketPingInterval: number | undefined;
  declare websocketPingTimeout: number | undefined;
  declare maxSendBufferSize: number;
  declare sendQueue: CheckedPolicy | false;
  declare maxPackageSize: number;
  declare maxFragments: number;
  declare binaryDelivery: BinaryDelivery;
  declare perMessageDeflate: PerMessageDeflateSetting;
  /** What that means. */
  declare offers: readonly DeflateOffer[] | undefined;
  declare connectTimeout: number;
  declare closeTimeout: number;
  declare lingerTimeout: number;
  declare reconnectPolicy: NormalPolicy | undefined;
  declare proxy: ProxySettings;
  declare proxyFromEnvironment: boolean;
  declare followRedirects: boolean | number;
  declare cookies: CookieKeeper | undefined;

  static {
    // On the prototype: as fields of each they were 200 bytes of every idle connection.
    Object.assign(Settings.prototype, {
      transport: 'tcp',
      headers: NO_HEADERS,
      websocketOrigin: undefined,
      websocketClientProtocol: undefined,
      websocketType: Ws.BINARY_TYPE_BLOB,
      websocketPingInterval: undefined,
      websocketPingTimeout: undefined,
      maxSendBufferSize: CALLBACK.maxSendBufferSize,
      sendQueue: KEEPS_ALL,
      maxPackageSize: CALLBACK.maxPackageSize,
      maxFragments: MAX_FRAGMENTS,
      binaryDelivery: 'own',
      perMessageDeflate: false,
      offers: undefined,
      connectTimeout: CALLBACK.connectTimeout,
      closeTimeout: CALLBACK.closeTimeout,
      lingerTimeout: CALLBACK.lingerTimeout,
      reconnectPolicy: undefined,
      proxy: NO_PROXY,
      proxyFromEnvironment: false,
      followRedirects: false,
      cookies: undefined,
    } satisfies Omit<Settings, 'compress' | 'heartbeat'>);
  }

  constructor() {
    const { maxSendBufferSize, maxPackageSize } = defaults;
    if (maxSendBufferSize !== this.maxSendBufferSize) this.maxSendBufferSize = maxSendBufferSize;
    if (maxPackageSize !== this.maxPackageSize) this.maxPackageSize = maxPackageSize;
  }

  /** @throws TypeError, RangeError that names the option which is wrong */
  compress(value: PerMessageDeflateSetting): void {
    this.offers = offersOf(value, 'perMessageDeflate');
    this.perMessageDeflate = value;
  }

  /** Seconds between two pings, and that a pong may take; undefined: there is no heartbeat. */
  get heartbeat(): readonly [every: number, timeout: number] | undefined {
    const { websocketPingInterval: every, websocketPingTimeout: timeout } = this;
    return every === undefined ? undefined : [every, timeout ?? every];
  }
}

/** @throws TypeError unless it is one of the two */
export function checkTransport(value: unknown): 'tcp' | 'ssl' {
  if (value !== 'tcp' && value !== 'ssl') throw new TypeError('transport must be "tcp" or "ssl".');
  return value;
}

/** @throws TypeError unless it is one of the two */
export function checkType(value: unknown): WebsocketType {
  if (value !== Ws.BINARY_TYPE_BLOB && value !== Ws.BINARY_TYPE_ARRAYBUFFER) {
    throw new TypeError('websocketType must be Ws.BINARY_TYPE_BLOB or Ws.BINARY_TYPE_ARRAYBUFFER.');
  }
  return value;
}
