// What a handshake asks for, in the two forms that there are of it: for this library's own request, and as options of
// node:http. And which headers follow a redirect. Pure: it opens nothing.

import { type AgentOptions, validateHeaderName, validateHeaderValue } from 'node:http';
import { connect as connectTcp, isIP, type NetConnectOpts } from 'node:net';
import { connect as connectTls, type ConnectionOptions as TlsOptions } from 'node:tls';
import type { Destination } from '../connection/events';
import { type HeaderValue, isRefusedHeader } from '../handshake/request';
import type { Address } from './address';
import type { HttpOptions, Settled } from './options';

/**
 * The request as this library sends it. Undefined: there is a header which only node:http can make something of.
 *
 * @throws what node:http says of a header that it refuses
 */
export function directRequest(
  options: Settled,
  address: Address,
  protocols: readonly string[],
  key: string,
): Destination['request'] | undefined {
  const headers: Record<string, HeaderValue> = {};
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    const lowerCase = name.toLowerCase();
    validateHeaderName(name);
    const lines = Array.isArray(value) ? value : [value];
    for (const line of lines) validateHeaderValue(name, line as string);
    const isPlain = lines.every((line) => typeof line === 'string' || typeof line === 'number');
    const isOddHost = lowerCase === 'host' && (typeof value !== 'string' || value === '');
    if (!isPlain || isOddHost || seen.has(lowerCase) || isRefusedHeader(name)) return undefined;
    seen.add(lowerCase);
    if (!(lowerCase === 'origin' && options.origin)) headers[name] = value as HeaderValue;
  }
  const auth = address.credentials ?? options.auth;
  const isDefaultPort = address.port === (address.isSecure ? 443 : 80);
  const host = address.socketPath === undefined ? address.url.hostname : 'localhost';
  return {
    key,
    path: address.path || '/',
    host: isDefaultPort ? host : `${host}:${address.port}`,
    origin: options.origin || undefined,
    protocols,
    authorization: auth ? basic(auth) : undefined,
    headers,
  };
}

/** The request as options of node:http: the user's own, what the handshake needs, and nothing of the URL but from the URL. */
export function requestOptions(
  options: Settled,
  address: Address,
  protocols: readonly string[],
  key: string,
): HttpOptions {
  const { isSecure, socketPath, path, port, hostname } = address;
  const headers: Record<string, unknown> = {
    ...(options.headers as Record<string, unknown> | undefined),
    'Sec-WebSocket-Version': options.protocolVersion,
    'Sec-WebSocket-Key': key,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
  };
  if (protocols.length > 0) headers['Sec-WebSocket-Protocol'] = protocols.join(',');
  if (options.origin) headers[options.protocolVersion < 13 ? 'Sec-WebSocket-Origin' : 'Origin'] = options.origin;
  return {
    ...(options as object),
    method: 'GET',
    protocol: undefined,
    hostname: undefined,
    host: hostname,
    port,
    path,
    socketPath,
    defaultPort: options.defaultPort || (isSecure ? 443 : 80),
    timeout: options.handshakeTimeout,
    auth: address.credentials ?? options.auth,
    createConnection: (options.createConnection as HttpOptions['createConnection']) ?? (isSecure ? overTls : overTcp),
    headers,
  } as HttpOptions;
}

function overTcp(options: AgentOptions): ReturnType<typeof connectTcp> {
  const { socketPath } = options as { socketPath?: string };
  return connectTcp({ ...options, path: socketPath } as NetConnectOpts);
}

function overTls(options: AgentOptions): ReturnType<typeof connectTls> {
  const { host, servername } = options as TlsOptions;
  // An address is no server name (RFC 6066 §3).
  const name = servername || servername === '' ? servername : isIP(host ?? '') ? '' : host;
  return connectTls({ ...options, path: undefined, servername: name } as TlsOptions);
}

function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

/** How many redirects were followed, and what of the first request goes with them. */
export class Redirects {
  count = 0;
  private first: Address | undefined;
  /** Of the first request that had credentials. */
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
  'Sec-WebSocket-Protocol',
  'Sec-WebSocket-Origin',
  'Origin',
]);

function hostOf({ socketPath, url }: Address): string {
  return socketPath === undefined ? url.host : `unix:${socketPath}`;
}
