// The third argument of `new WebSocket()`, as the npm package `ws` has it: its types, its defaults, and whether node:http has
// to do the handshake for what is asked. It opens nothing.

import type { ClientRequestArgs, RequestOptions } from 'node:http';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import type { ClosingManners, ConnectionSettings } from '../connection/contract';
import { direct } from '../connection/pipes';
import type { DeflateOffer } from '../handshake/permessage-deflate';
import { MAX_COUNT } from '../options/checks';
import { DROP_IN, MAX_FRAGMENTS } from '../options/defaults';
import { SECURE_RULES } from '../options/option-rules';
import { type CompressionOptions, offerOf } from '../options/per-message-deflate';
import { DIAL_OPTIONS } from '../transport/contract';
import type { FinishRequestCallback, PerMessageDeflateOptions } from './types';

/** How a connection is made; besides these, whatever node:http, node:net and node:tls take. Times in milliseconds. */
export interface ClientOptions
  extends Omit<RequestOptions, 'headers' | 'protocol' | 'family' | 'agent' | 'createConnection'>,
    Omit<TlsOptions, 'host' | 'port' | 'path' | 'timeout' | 'socket' | 'lookup' | 'checkServerIdentity'> {
  /** Whether several events may be emitted in one tick; default true. */
  allowSynchronousEvents?: boolean | undefined;
  /** Whether pings are answered; default true. */
  autoPong?: boolean | undefined;
  /** How long the closing handshake may take, in milliseconds; default 30,000. */
  closeTimeout?: number | undefined;
  /** Subprotocols, where the second argument has none. */
  protocols?: string | string[] | undefined;
  protocol?: string | undefined;
  /** May add headers to the request, and then calls its `end()`. */
  finishRequest?: FinishRequestCallback | undefined;
  /** Whether redirects are followed; default false. */
  followRedirects?: boolean | undefined;
  /** How many; default 10. */
  maxRedirects?: number | undefined;
  /** Fills in the four bytes of each masking key. Default: a cryptographic generator (RFC 6455 §5.3), and none is better. */
  generateMask?: ((mask: Buffer) => void) | undefined;
  /** Milliseconds from the beginning to the server's 101; default: no limit. */
  handshakeTimeout?: number | undefined;
  headers?: RequestOptions['headers'] | Record<string, unknown> | undefined;
  /** Passed over: chunks cost no memory of their own here. */
  maxBufferedChunks?: number | undefined;
  /** The most fragments in a message; default 131,072; 0: no limit. */
  maxFragments?: number | undefined;
  /** The largest message, in bytes; default 100 MiB; 0: no limit. */
  maxPayload?: number | undefined;
  /** Passed over: of the pongs that wait only the latest is kept (RFC 6455 §5.5.3). */
  maxPendingAutoPongs?: number | undefined;
  /** The value of the Origin header. */
  origin?: string | undefined;
  /** Whether compression of messages is offered (RFC 7692), and how; default true. */
  perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined;
  /** 13; or 8, which changes the names of two headers. */
  protocolVersion?: number | undefined;
  /** Whether text is passed on as it comes; default false. */
  skipUTF8Validation?: boolean | undefined;
  family?: number | undefined;
  agent?: RequestOptions['agent'];
  createConnection?: unknown;
  checkServerIdentity?: unknown;
  lookup?: TlsOptions['lookup'];
}

/** What this library does itself; the rest of a URL's parts, which these names would say, is taken from the URL alone. */
const OWN = [
  'allowSynchronousEvents',
  'autoPong',
  'closeTimeout',
  'followRedirects',
  'generateMask',
  'handshakeTimeout',
  'maxBufferedChunks',
  'maxFragments',
  'maxPayload',
  'maxPendingAutoPongs',
  'maxRedirects',
  'origin',
  'perMessageDeflate',
  'skipUTF8Validation',
  'headers',
  'auth',
  'protocolVersion',
  'protocol',
  'protocols',
  'host',
  'hostname',
  'port',
  'path',
  'socketPath',
  'timeout',
  'method',
];

const DIRECT: ReadonlySet<string> = new Set([...OWN, ...DIAL_OPTIONS, ...Object.keys(SECURE_RULES)]);
const PASSED_ON: readonly string[] = [...DIAL_OPTIONS, ...Object.keys(SECURE_RULES)];

/** Defaults, where nothing else is said. */
export type Settled = ClientOptions & {
  readonly closeTimeout: number;
  readonly maxRedirects: number;
  readonly protocolVersion: number;
  readonly maxFragments: number;
  readonly maxPayload: number;
  /** What is offered of permessage-deflate. */
  readonly offers: readonly DeflateOffer[] | undefined;
};

const VERSIONS = [8, 13];

/** @throws RangeError for another version of the protocol */
export function settle(options: ClientOptions | undefined): Settled {
  const settled: Omit<Settled, 'offers'> = {
    allowSynchronousEvents: true,
    autoPong: true,
    closeTimeout: DROP_IN.closeTimeout,
    protocolVersion: 13,
    maxFragments: MAX_FRAGMENTS,
    maxPayload: DROP_IN.maxPayload,
    skipUTF8Validation: false,
    perMessageDeflate: true,
    followRedirects: false,
    maxRedirects: DROP_IN.maxRedirects,
    ...(options as Settled | undefined),
  };
  const { protocolVersion } = settled;
  if (!VERSIONS.includes(protocolVersion)) {
    throw new RangeError(
      `Unsupported protocol version: ${protocolVersion} (supported versions: ${VERSIONS.join(', ')})`,
    );
  }
  return { ...settled, offers: offersFor(settled.perMessageDeflate) };
}

/** As `ws` reads the options, with whatever they are. */
function offersFor(setting: ClientOptions['perMessageDeflate']): readonly DeflateOffer[] | undefined {
  if (!setting) return undefined;
  const options: PerMessageDeflateOptions = setting === true ? {} : { ...setting };
  const { clientNoContextTakeover: alone, clientMaxWindowBits: bits, serverMaxWindowBits } = options;
  return [
    offerOf({
      ...(options as CompressionOptions),
      serverNoContextTakeover: Boolean(options.serverNoContextTakeover),
      clientNoContextTakeover: alone === false ? false : Boolean(alone) || undefined,
      serverMaxWindowBits: serverMaxWindowBits || undefined,
      clientMaxWindowBits: bits === undefined || bits === null ? true : bits || false,
    }),
  ];
}

/** Whether this library can do the handshake by itself: it can unless there is an option that it does not know. */
export function isDirect(options: ClientOptions | undefined): boolean {
  const { protocolVersion = 13, handshakeTimeout = 0 } = options ?? {};
  if (protocolVersion !== 13 || !(Number.isFinite(handshakeTimeout) && handshakeTimeout >= 0)) return false;
  return Object.entries(options ?? {}).every(([name, value]) => value === undefined || DIRECT.has(name));
}

/** The options that the runtime's own connect function gets. */
export function dialOptions(options: ClientOptions): object {
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => value !== undefined && PASSED_ON.includes(name)),
  );
}

/** TCP ends with the second close frame, the reason goes back, and messages are heard to the last. */
const MANNERS: ClosingManners = { hearsOn: true, echoesReason: true, endsFirst: true, waitsInPause: true };

export function connectionSettings(options: Settled): ConnectionSettings {
  const { handshakeTimeout, closeTimeout } = options;
  return {
    connectTimeout: handshakeTimeout ? handshakeTimeout / 1000 : Infinity,
    signal: undefined,
    closing: { ...MANNERS, closeTimeout: closeTimeout / 1000, lingerTimeout: closeTimeout / 1000 },
    connect: direct(undefined),
    decoding: {
      role: 'client',
      maxMessage: limit(options.maxPayload, Number.MAX_SAFE_INTEGER),
      sizeOption: 'maxPayload',
      maxFragments: limit(options.maxFragments, MAX_COUNT),
      isBinaryLent: false,
      isNodeBuffer: true,
      isUtf8Unchecked: Boolean(options.skipUTF8Validation),
    },
    offers: options.offers,
  };
}

/** As `ws` reads them: numbers of 32 bits, and what is not above zero is no limit. */
function limit(value: number, none: number): number {
  const whole = value | 0;
  return whole > 0 ? whole : none;
}

/** What node:http is asked for. */
export type HttpOptions = Omit<ClientRequestArgs, 'headers'> & { headers: Record<string, unknown> };
