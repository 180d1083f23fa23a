// The client's opening handshake (RFC 6455 §4.1), version 13, as text. Pure: it must know neither sockets, nor wasm, nor
// timers. Whatever goes into the request is checked here, at the place where it is written.

import { isToken, quote } from './header-text';
import { subprotocolFault } from './subprotocols';

/** One line, or several lines of the same name. */
export type HeaderValue = string | number | readonly string[];

export interface HandshakeRequest {
  /** Path and query, as ParsedUrl has it. */
  readonly path: string;
  /** Host, and the port unless it is the default. */
  readonly host: string;
  /** The result of key.ts' createKey(). */
  readonly key: string;
  readonly origin?: string | undefined;
  /** Subprotocols in order of preference, perhaps none; they have been checked. */
  readonly protocols: readonly string[];
  /** Credentials out of the URL, as basicAuthorization() has them. */
  readonly authorization?: string | undefined;
  /** The value of Sec-WebSocket-Extensions, if extensions are offered. */
  readonly extensions?: string | undefined;
  /** The user's own. `Host`, `Origin` and `Authorization` replace the default, whatever their case. */
  readonly headers: Readonly<Record<string, HeaderValue>>;
}

const SET_HERE = 'the handshake sets it itself';
const NO_BODY = 'the request has no body';

/** Headers that a user cannot set, and why. */
const REFUSED_HEADERS: ReadonlyMap<string, string> = new Map([
  ['upgrade', SET_HERE],
  ['connection', SET_HERE],
  ['sec-websocket-key', SET_HERE],
  ['sec-websocket-version', SET_HERE],
  ['sec-websocket-extensions', SET_HERE],
  ['sec-websocket-protocol', 'the answer is checked against websocketClientProtocol, which sets it'],
  ['sec-websocket-accept', 'only a server sends it'],
  ['content-length', NO_BODY],
  ['transfer-encoding', NO_BODY],
]);

const NOT_WITH_CONNECT = 'CONNECT sets it, or has none';

/** The same for the request of a tunnel, which is no handshake (RFC 9110 §9.3.6). */
export const REFUSED_WITH_CONNECT: ReadonlyMap<string, string> = new Map(
  ['host', ...REFUSED_HEADERS.keys()].map((name) => [name, NOT_WITH_CONNECT]),
);

/**
 * @param refused names that cannot be set, and why
 * @throws TypeError unless it is an object of tokens and of values that fit into a header, none of them refused
 */
export function checkHeaders(
  headers: Readonly<Record<string, HeaderValue>>,
  name = 'headers',
  refused = REFUSED_HEADERS,
): void {
  if (typeof headers !== 'object' || headers === null || Symbol.iterator in headers) {
    throw new TypeError(`${name} must be a plain object of names and values.`);
  }
  const seen = new Set<string>();
  for (const [header, value] of Object.entries(headers)) {
    const lowerCase = header.toLowerCase();
    const refusal = refused.get(lowerCase);
    if (!isToken(header)) throw new TypeError(`${name}: ${quote(header)} is not a token (RFC 9110 §5.6.2).`);
    if (refusal !== undefined) throw new TypeError(`${name} must not set ${header}: ${refusal}.`);
    if (seen.has(lowerCase)) throw new TypeError(`${name} has ${header} twice: several lines are a list of strings.`);
    // RFC 9112 §3.2: a server answers 400 "to any request message that contains more than one Host header field line".
    if (lowerCase === 'host' && Array.isArray(value)) throw new TypeError(`${name}: ${header} must be one string.`);
    for (const line of linesOf(value)) checkFieldValue(line, `${name}: the value of ${header}`);
    if (lowerCase === 'host') checkVisible(String(value), `${name}: ${header}`);
    seen.add(lowerCase);
  }
}

/**
 * @returns the subprotocols as a list
 * @throws TypeError if one is not a token, or is there twice: they "MUST all be unique strings" (RFC 6455 §4.1)
 */
export function checkProtocols(
  protocols: string | readonly string[],
  name = 'websocketClientProtocol',
): readonly string[] {
  const list = typeof protocols === 'string' ? [protocols] : protocols;
  if (!Array.isArray(list)) throw new TypeError(`${name} must be a string or a list of strings.`);
  const own: readonly string[] = [...list];
  const fault = subprotocolFault(own);
  if (fault?.rule === 'is a token') {
    throw new TypeError(
      `${name}: ${quote(String(fault.protocol))} is not a token (RFC 6455 §4.1); several are a list.`,
    );
  }
  if (fault !== undefined) throw new TypeError(`${name} has a subprotocol twice (RFC 6455 §4.1).`);
  return own;
}

/** @throws TypeError if it is empty or does not fit into a header */
export function checkOrigin(origin: string, name = 'websocketOrigin'): void {
  checkFieldValue(origin, name);
  if (origin === '') throw new TypeError(`${name} must not be empty.`);
}

/**
 * The client's opening handshake (RFC 6455 §4.1). Headers are checked once more: objects may have changed since they were set.
 *
 * @returns the head as Latin-1, one byte per code unit, its blank line included
 * @throws TypeError as the checks above, or if path or host would break the request
 */
export function requestHead(request: HandshakeRequest): string {
  const { path, host, key, origin, protocols, extensions, authorization, headers } = request;
  // By lower-case name: setting one again keeps its place, and Host belongs on top (RFC 9110 §7.2).
  const fields = new Map<string, readonly [name: string, value: HeaderValue]>();
  const set = (name: string, value: HeaderValue): unknown => fields.set(name.toLowerCase(), [name, value]);
  checkHeaders(headers);
  set('Host', host);
  set('Upgrade', 'websocket');
  set('Connection', 'Upgrade');
  set('Sec-WebSocket-Key', key);
  set('Sec-WebSocket-Version', '13');
  if (origin !== undefined) {
    checkOrigin(origin);
    set('Origin', origin);
  }
  if (protocols.length > 0) set('Sec-WebSocket-Protocol', protocols.join(', '));
  if (extensions !== undefined) set('Sec-WebSocket-Extensions', extensions);
  if (authorization !== undefined) {
    checkFieldValue(authorization, 'authorization');
    set('Authorization', authorization);
  }
  for (const [name, value] of Object.entries(headers)) set(name, value);
  checkVisible(path, 'The path');
  checkVisible(String(fields.get('host')![1]), 'The Host header');
  let head = `GET ${path} HTTP/1.1\r\n`;
  for (const [name, value] of fields.values()) {
    const lines = linesOf(value);
    // RFC 6265 §5.4: "the user agent MUST NOT attach more than one Cookie header field"; the pairs are joined so.
    if (name.toLowerCase() === 'cookie') head += `${name}: ${lines.join('; ')}\r\n`;
    else for (const line of lines) head += `${name}: ${line}\r\n`;
  }
  return `${head}\r\n`;
}

/**
 * A line end would start a header of its own, anything above U+00FF is no byte: the grammar of RFC 9110 §5.5.
 *
 * @throws TypeError that does not repeat the value
 */
export function checkFieldValue(value: unknown, what: string): void {
  if (typeof value !== 'string' && typeof value !== 'number') throw new TypeError(`${what} must be a string.`);
  if (/[^\t -~\x80-\xff]/.test(String(value))) {
    throw new TypeError(`${what} has a control character, such as a line end, or one above U+00FF (RFC 9110 §5.5).`);
  }
}

/** @throws TypeError unless it can stand in a request line or a Host header */
export function checkVisible(text: string, what: string): void {
  if (!/^[!-~]+$/.test(text)) throw new TypeError(`${what} must be visible ASCII characters, without spaces.`);
}

export function linesOf(value: HeaderValue): readonly (string | number)[] {
  return Array.isArray(value) ? value : [value as string | number];
}
