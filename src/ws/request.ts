// What a handshake asks for, in the two forms that there are of it: for this library's own request, and as options of
// node:http. And which headers follow a redirect. Pure: it opens nothing.

import { Buffer } from 'node:buffer';
import type { AgentOptions } from 'node:http';
import { connect as connectTcp, isIP, type NetConnectOpts } from 'node:net';
import type { TLSSocket, ConnectionOptions as TlsOptions } from 'node:tls';
import { toError } from '../base/thrown';
import type { WrittenRequest } from '../connection/contract';
import { offerHeader } from '../handshake/permessage-deflate';
import { nodeModule } from '../runtime/node-modules';
import type { Address } from './address';
import type { HttpOptions, Settled } from './options';

/** Headers of which node:http makes more than a line. */
const NOT_PLAIN: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'expect', 'trailer']);

/**
 * The request as this library sends it: what node:http would write, line by line. Undefined: there is a header of which only
 * node:http can make something.
 *
 * @throws what node:http says of a header that it refuses
 */
export function directRequest(
  options: Settled,
  address: Address,
  protocols: readonly string[],
  key: string,
): WrittenRequest | undefined {
  // By lower-case name: what is set again keeps its place.
  const fields = new Map<string, readonly [name: string, lines: readonly unknown[]]>();
  for (const [name, value] of Object.entries(handshakeHeaders(options, protocols, key))) {
    const lines = linesOf(name, value);
    if (!isSurelyValid(name, value)) validate(name, lines);
    if (NOT_PLAIN.has(name.toLowerCase()) || lines.some(isNotPlain)) return undefined;
    fields.set(name.toLowerCase(), [name, lines]);
  }
  const { isSecure, port, url, socketPath, path } = address;
  const host = socketPath === undefined ? url.hostname : 'localhost';
  if (!fields.has('host')) fields.set('host', ['Host', [port === defaultPort(isSecure) ? host : `${host}:${port}`]]);
  const auth = address.credentials ?? options.auth;
  if (auth && !fields.has('authorization')) fields.set('authorization', ['Authorization', [basic(auth)]]);
  let head = `GET ${path || '/'} HTTP/1.1\r\n`;
  for (const [name, lines] of fields.values()) for (const line of lines) head += `${name}: ${line}\r\n`;
  return { head: `${head}\r\n`, key, protocols };
}

/** Whether it is a header of the handshake, and plain: node:http need not be loaded to look at it. */
function isSurelyValid(name: string, value: unknown): boolean {
  return OWN_HEADERS.has(name) && (typeof value === 'number' || (typeof value === 'string' && /^[ -~]*$/.test(value)));
}

/** @throws what node:http says */
function validate(name: string, lines: readonly unknown[]): void {
  const { validateHeaderName, validateHeaderValue } = nodeModule('http');
  validateHeaderName(name);
  for (const line of lines) validateHeaderValue(name, line as string);
}

function isNotPlain(value: unknown): boolean {
  return typeof value === 'symbol' || typeof value === 'function' || (typeof value === 'object' && value !== null);
}

/** Several lines of cookies are one (RFC 9110 §5.3 does not hold for them). */
function linesOf(name: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) return [value];
  return name.toLowerCase() === 'cookie' && value.length > 1 ? [value.join('; ')] : value;
}

/** The user's own, and behind them what the handshake needs. */
function handshakeHeaders(options: Settled, protocols: readonly string[], key: string): Record<string, unknown> {
  const headers: Record<string, unknown> = {
    ...(options.headers as Record<string, unknown> | undefined),
    'Sec-WebSocket-Version': options.protocolVersion,
    'Sec-WebSocket-Key': key,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
  };
  const extensions = offerHeader(options.offers);
  if (extensions !== undefined) headers['Sec-WebSocket-Extensions'] = extensions;
  if (protocols.length > 0) headers['Sec-WebSocket-Protocol'] = protocols.join(',');
  if (options.origin) headers[options.protocolVersion < 13 ? 'Sec-WebSocket-Origin' : 'Origin'] = options.origin;
  return headers;
}

function defaultPort(isSecure: boolean): number {
  return isSecure ? 443 : 80;
}

/** The request as options of node:http: the user's own, what the handshake needs, and nothing of the URL but from the URL. */
export function requestOptions(
  options: Settled,
  address: Address,
  protocols: readonly string[],
  key: string,
): HttpOptions {
  const { isSecure, socketPath, path, hostname, url } = address;
  return {
    ...(options as object),
    method: 'GET',
    protocol: undefined,
    hostname: undefined,
    host: hostname,
    port: url.port || defaultPort(isSecure),
    path,
    socketPath,
    defaultPort: options.defaultPort || defaultPort(isSecure),
    timeout: options.handshakeTimeout,
    auth: address.credentials ?? options.auth,
    createConnection: connectorOf(options.createConnection) ?? (isSecure ? overTls : overTcp),
    headers: handshakeHeaders(options, protocols, key),
  } as HttpOptions;
}

type Connector = HttpOptions['createConnection'];

/**
 * The user's own. node:http tells his error from a socket by its truth, and would fail by itself at an `undefined` that he
 * throws.
 */
function connectorOf(given: unknown): Connector {
  if (typeof given !== 'function') return given as Connector;
  return function connect(this: unknown, ...values) {
    try {
      return given.apply(this, values);
    } catch (thrown) {
      throw toError(thrown);
    }
  };
}

function overTcp(options: AgentOptions): ReturnType<typeof connectTcp> {
  const { socketPath } = options as { socketPath?: string };
  return connectTcp({ ...options, path: socketPath } as NetConnectOpts);
}

function overTls(options: AgentOptions): TLSSocket {
  const { host, servername } = options as TlsOptions;
  // An address is no server name (RFC 6066 §3).
  const name = servername || servername === '' ? servername : isIP(host ?? '') ? '' : host;
  return nodeModule('tls').connect({ ...options, path: undefined, servername: name } as TlsOptions);
}

function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

/** How many redirects were followed, and what of the first request goes with them. */
export class Redirects {
  count = 0;
  private first: Address | undefined;
  /** The credentials of the first request that had some. */
  private authorization: string | undefined;

  /** One more. */
  mayFollow(most: number): boolean {
    this.count += 1;
    return !(this.count > most);
  }

  /**
   * Credentials and cookies do not follow to another host, nor from wss to ws. `isLeftToUser`: whoever listens to 'redirect'
   * has each request in his own hands.
   */
  guard(asked: HttpOptions, address: Address, isLeftToUser: boolean): void {
    this.first ??= address;
    if (this.count > 0) asked.headers = lowerCased(asked.headers);
    const { headers } = asked;
    if (this.count > 0 && !isLeftToUser) {
      const isSameHost = hostOf(this.first) === hostOf(address);
      if (!isSameHost || (this.first.isSecure && !address.isSecure)) {
        delete headers.authorization;
        delete headers.cookie;
        if (!isSameHost) delete headers.host;
        asked.auth = null;
        return;
      }
    }
    if (Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')) return;
    if (asked.auth) this.authorization ??= basic(asked.auth);
    if (this.authorization !== undefined) headers.authorization = this.authorization;
  }
}

/** The user's headers; those of the handshake keep their case. */
function lowerCased(headers: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [OWN_HEADERS.has(name) ? name : name.toLowerCase(), value]),
  );
}

const OWN_HEADERS: ReadonlySet<string> = new Set([
  'Sec-WebSocket-Version',
  'Sec-WebSocket-Key',
  'Connection',
  'Upgrade',
  'Sec-WebSocket-Extensions',
  'Sec-WebSocket-Protocol',
  'Sec-WebSocket-Origin',
  'Origin',
]);

function hostOf({ socketPath, url }: Address): string {
  return socketPath === undefined ? url.host : `unix:${socketPath}`;
}
