// The opening handshake (RFC 6455 §4), version 13: the text of the request, an incremental parser for the head of the
// response, and the check of one against the other. Pure: it must know neither sockets, nor wasm, nor timers. Whatever
// goes into the request is checked here, at the place where it is written; whatever the peer sends is read byte by byte,
// in linear time, without regular expressions, and with limits.

import { CONNECTION_FAULTS, WsimdError } from './faults';
import { sha1 } from './sha1';

/** One line, or several lines of the same name. */
export type HeaderValue = string | number | readonly string[];

export interface HandshakeRequest {
  /** Path and query, as ParsedUrl has it. */
  readonly path: string;
  /** Host, and the port unless it is the default. */
  readonly host: string;
  /** The result of createKey(). */
  readonly key: string;
  readonly origin?: string | undefined;
  /** Subprotocols in order of preference, perhaps none. */
  readonly protocols: readonly string[];
  /** Credentials out of the URL, as basicAuthorization() has them. */
  readonly authorization?: string | undefined;
  /** The user's own. `Host`, `Origin` and `Authorization` replace the default, whatever their case. */
  readonly headers: Readonly<Record<string, HeaderValue>>;
}

/** The head of the server's answer. `String(response)` is the head exactly as received, as Latin-1. */
export interface HandshakeResponse {
  readonly status: number;
  /** The reason phrase, often empty. */
  readonly statusText: string;
  /** Without prototype; names in lower case; lines of the same name joined by ', ', as RFC 9110 §5.3 has it. */
  readonly headers: Readonly<Record<string, string>>;
  /** The one header that must not be joined (RFC 9110 §5.3), line by line. */
  readonly setCookie: readonly string[];
  /** The subprotocol, '' if none. */
  readonly protocol: string;
  /** The extensions as the server wrote them, '' if none. */
  readonly extensions: string;
  toString(): string;
}

export const MAX_HEAD_BYTES = 16_384;
export const MAX_HEADERS = 100;

/** RFC 6455 §1.3, the GUID that proves that the server speaks WebSocket. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** RFC 9110 §5.6.2, tchar. */
const TOKEN_CHARACTERS = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The start of a status line (RFC 9112 §4); each 0 stands for any digit. Then a space and the reason, or the end. */
const STATUS_LINE = 'HTTP/1.0 000';

/** Characters of foreign text that an error message repeats. */
const QUOTE_LENGTH = 64;

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

/** A fresh Sec-WebSocket-Key: "a randomly selected 16-byte value that has been base64-encoded" (RFC 6455 §4.1). */
export function createKey(): string {
  return base64(crypto.getRandomValues(new Uint8Array(16)));
}

/** The Sec-WebSocket-Accept that answers a key (RFC 6455 §4.2.2). */
export function acceptFor(key: string): string {
  return base64(sha1(key + GUID));
}

/** @throws TypeError unless it is an object of tokens and of values that fit into a header, none of them refused */
export function checkHeaders(headers: Readonly<Record<string, HeaderValue>>, name = 'headers'): void {
  if (typeof headers !== 'object' || headers === null || Symbol.iterator in headers) {
    throw new TypeError(`${name} must be a plain object of names and values.`);
  }
  const seen = new Set<string>();
  for (const [header, value] of Object.entries(headers)) {
    const lowerCase = header.toLowerCase();
    const refusal = REFUSED_HEADERS.get(lowerCase);
    if (!isToken(header)) throw new TypeError(`${name}: ${quote(header)} is not a token (RFC 9110 §5.6.2).`);
    if (refusal !== undefined) throw new TypeError(`${name} must not set ${header}: ${refusal}.`);
    if (seen.has(lowerCase)) throw new TypeError(`${name} has ${header} twice: several lines are a list of strings.`);
    // RFC 9112 §3.2: a server answers 400 "to any request message that contains more than one Host header field line".
    if (lowerCase === 'host' && Array.isArray(value)) throw new TypeError(`${name}: ${header} must be one string.`);
    for (const line of linesOf(value)) checkFieldValue(line, `${name}: the value of ${header}`);
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
  for (const protocol of list) {
    if (typeof protocol !== 'string' || !isToken(protocol)) {
      throw new TypeError(`${name}: ${quote(String(protocol))} is not a token (RFC 6455 §4.1); several are a list.`);
    }
  }
  if (new Set(list).size < list.length) throw new TypeError(`${name} has a subprotocol twice (RFC 6455 §4.1).`);
  return [...list];
}

/** @throws TypeError if it is empty or does not fit into a header */
export function checkOrigin(origin: string, name = 'websocketOrigin'): void {
  checkFieldValue(origin, name);
  if (origin === '') throw new TypeError(`${name} must not be empty.`);
}

/**
 * The client's opening handshake (RFC 6455 §4.1). Options are checked once more: objects may have changed since they were set.
 *
 * @returns the head as Latin-1, one byte per code unit, its blank line included
 * @throws TypeError as the checks above, or if path or host would break the request
 */
export function requestHead(request: HandshakeRequest): string {
  const { path, host, key, origin, protocols, authorization, headers } = request;
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
  if (protocols.length > 0) set('Sec-WebSocket-Protocol', checkProtocols(protocols).join(', '));
  if (authorization !== undefined) {
    checkFieldValue(authorization, 'authorization');
    set('Authorization', authorization);
  }
  for (const [name, value] of Object.entries(headers)) set(name, value);
  checkVisible(path, 'The path');
  checkVisible(String(fields.get('host')![1]), 'The Host header');
  let head = `GET ${path} HTTP/1.1\r\n`;
  for (const [name, value] of fields.values()) for (const line of linesOf(value)) head += `${name}: ${line}\r\n`;
  return `${head}\r\n`;
}

/** Reads the head of the response as it comes in, in whatever pieces. */
export class ResponseParser {
  /** The head, once its blank line has come. */
  response: HandshakeResponse | undefined;
  // The limits hold over all interim responses together, so that they end.
  #bytesTaken = 0;
  #headersTaken = 0;
  #head = '';
  #statusLine = '';
  #line = '';
  #lineEnds = false;
  #headers: Record<string, string> = Object.create(null);
  #setCookie: string[] = [];

  /**
   * Takes bytes of the head out of `bytes[start, end)` and leaves what comes after it: frames may be in the same segment.
   *
   * @returns the number of bytes taken; none once `response` is set
   * @throws WsimdError headSyntax at the first byte that cannot be of such a head, headSize beyond a limit; the parser is
   *   of no use afterwards
   */
  push(bytes: Uint8Array, start: number, end: number): number {
    let position = start;
    while (position < end && this.response === undefined) {
      if (this.#bytesTaken === MAX_HEAD_BYTES) throw new WsimdError(CONNECTION_FAULTS.headSize);
      const complaint = this.#take(bytes[position]!);
      if (complaint !== undefined) {
        // Of something that is not HTTP at all, the user wants to see more than the byte that gave it away.
        const rest = this.#head === '' ? bytes.subarray(position, Math.min(end, position + QUOTE_LENGTH)) : [];
        const seen = quote(this.#line + String.fromCharCode(...rest));
        throw new WsimdError(CONNECTION_FAULTS.headSyntax, `${complaint}, in ${seen}`);
      }
      position += 1;
      this.#bytesTaken += 1;
    }
    return position - start;
  }

  /** @returns what is wrong with the byte */
  #take(byte: number): string | undefined {
    // RFC 9112 §2.2 would let a recipient accept a lone LF. This one does not, like Node's own parser: two opinions on
    // where a line ends are what response splitting is made of, and WebSocket servers end their lines with CRLF.
    if (this.#lineEnds !== (byte === LINE_FEED)) return 'a line does not end with CR LF';
    if (byte === LINE_FEED) return this.#endLine(this.#line);
    if (this.#head === '' && !fitsStatusLine(byte, this.#line.length)) return 'no status line';
    if (byte === CARRIAGE_RETURN) this.#lineEnds = true;
    else if (isControl(byte)) return 'a control character';
    else this.#line += String.fromCharCode(byte);
    return undefined;
  }

  #endLine(line: string): string | undefined {
    const complaint = this.#head === '' || line === '' ? undefined : this.#takeHeader(line);
    if (complaint !== undefined) return complaint;
    if (this.#head === '') this.#statusLine = line;
    this.#head += `${line}\r\n`;
    this.#line = '';
    this.#lineEnds = false;
    if (line === '') this.#endHead();
    return undefined;
  }

  #takeHeader(line: string): string | undefined {
    // RFC 9112 §5.2 asks for a folded line to be unfolded, and deprecates it; like Node's own parser, this one refuses.
    if (isBlank(line[0])) return 'a folded header';
    const colon = line.indexOf(':');
    // A space before the colon fails here too: "No whitespace is allowed" there (RFC 9112 §5.1).
    if (colon === -1 || !isToken(line.slice(0, colon))) return 'a header line without a token and a colon';
    this.#headersTaken += 1;
    if (this.#headersTaken > MAX_HEADERS) throw new WsimdError(CONNECTION_FAULTS.headSize);
    const name = line.slice(0, colon).toLowerCase();
    const value = trimBlanks(line.slice(colon + 1));
    const earlier = this.#headers[name];
    this.#headers[name] = earlier === undefined ? value : `${earlier}, ${value}`;
    if (name === 'set-cookie') this.#setCookie.push(value);
    return undefined;
  }

  #endHead(): void {
    const head = this.#head;
    const headers = this.#headers;
    const setCookie = this.#setCookie;
    const status = Number(this.#statusLine.slice(9, 12));
    this.#head = '';
    this.#headers = Object.create(null);
    this.#setCookie = [];
    // RFC 9110 §15.2: "A client MUST be able to parse one or more 1xx responses received prior to a final response".
    if (status >= 100 && status < 200 && status !== 101) return;
    this.response = {
      status,
      statusText: this.#statusLine.slice(13),
      headers,
      setCookie,
      protocol: headers['sec-websocket-protocol'] ?? '',
      extensions: headers['sec-websocket-extensions'] ?? '',
      toString: () => head,
    };
  }
}

/**
 * Whether the response completes the handshake, by the list of RFC 6455 §4.1.
 *
 * @param sent the key and the subprotocols of the request
 * @throws WsimdError with the fault that says why not
 */
export function checkResponse(
  response: HandshakeResponse,
  sent: { readonly key: string; readonly protocols: readonly string[] },
): void {
  const { status, statusText, headers } = response;
  const { upgrade, connection } = headers;
  const accept = headers['sec-websocket-accept'];
  const protocol = headers['sec-websocket-protocol'];
  const extensions = headers['sec-websocket-extensions'];
  if (status !== 101) {
    const location = status >= 300 && status < 400 ? headers.location : undefined;
    const redirect = location === undefined ? '' : `, a redirect to ${quote(location)}; redirects are not followed`;
    throw new WsimdError(CONNECTION_FAULTS.handshakeStatus, `${quote(`${status} ${statusText}`.trim())}${redirect}`);
  }
  if (String(response).startsWith('HTTP/1.0')) {
    throw new WsimdError(CONNECTION_FAULTS.headSyntax, 'HTTP/1.0 knows no 101 (RFC 9110 §15.2)');
  }
  if (upgrade?.toLowerCase() !== 'websocket') throw new WsimdError(CONNECTION_FAULTS.handshakeUpgrade, found(upgrade));
  if (!connection?.split(',').some((token) => trimBlanks(token).toLowerCase() === 'upgrade')) {
    throw new WsimdError(CONNECTION_FAULTS.handshakeConnection, found(connection));
  }
  if (accept !== acceptFor(sent.key)) throw new WsimdError(CONNECTION_FAULTS.handshakeAccept, found(accept));
  if (extensions !== undefined) throw new WsimdError(CONNECTION_FAULTS.handshakeExtension, found(extensions));
  // Offered some and got none: RFC 6455 would go on, the WHATWG fails, and so does ws.
  if (protocol === undefined ? sent.protocols.length > 0 : !sent.protocols.includes(protocol)) {
    throw new WsimdError(CONNECTION_FAULTS.handshakeProtocol, found(protocol));
  }
}

/** A line end would start a header of its own, anything above U+00FF is no byte: the grammar of RFC 9110 §5.5. */
function checkFieldValue(value: unknown, what: string): void {
  if (typeof value !== 'string' && typeof value !== 'number') throw new TypeError(`${what} must be a string.`);
  if (/[^\t -~\x80-\xff]/.test(String(value))) {
    throw new TypeError(`${what} has a control character, such as a line end, or one above U+00FF (RFC 9110 §5.5).`);
  }
}

function checkVisible(text: string, what: string): void {
  if (!/^[!-~]+$/.test(text)) throw new TypeError(`${what} must be visible ASCII characters, without spaces.`);
}

function linesOf(value: HeaderValue): readonly (string | number)[] {
  return Array.isArray(value) ? value : [value as string | number];
}

function isToken(text: string): boolean {
  return text !== '' && [...text].every((character) => TOKEN_CHARACTERS.includes(character));
}

function fitsStatusLine(byte: number, index: number): boolean {
  const expected = STATUS_LINE.charCodeAt(index);
  if (index > STATUS_LINE.length) return true;
  if (index === STATUS_LINE.length) return byte === 0x20 || byte === CARRIAGE_RETURN;
  return expected === 0x30 ? byte >= 0x30 && byte <= 0x39 : byte === expected;
}

function isControl(byte: number): boolean {
  return (byte < 0x20 && byte !== 0x09) || byte === 0x7f;
}

/** RFC 9110 §5.6.3, the characters of OWS. */
function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

/** String.prototype.trim would also take U+00A0, which is a byte like any other in Latin-1. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start += 1;
  while (start < end && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

/** Foreign text made fit for a log: its beginning, and nothing that a terminal could act on. */
function quote(text: string): string {
  let printable = '';
  for (const character of text.slice(0, QUOTE_LENGTH)) {
    const isPrintable = character >= ' ' && character <= '~';
    printable += isPrintable ? character : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  }
  return `"${printable}${text.length > QUOTE_LENGTH ? '…' : ''}"`;
}

function found(value: string | undefined): string {
  return value === undefined ? 'there is none' : quote(value);
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
