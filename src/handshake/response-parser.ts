// The head of the server's response (RFC 9112), read byte by byte as it comes in: in linear time, without regular
// expressions, and with limits. It must know neither sockets nor WebSocket; whether the response is the right one is
// response-check.ts' business.

import { CONNECTION_FAULTS, WsimdError } from '../base/faults';
import { isBlank, isToken, latin1Text, QUOTE_LENGTH, quote, trimBlanks } from './header-text';
import { isInterim, MAX_HEAD_BYTES, MAX_HEADERS, MAX_INTERIM, tooMuchInterim } from './interim';

export { MAX_HEAD_BYTES, MAX_HEADERS } from './interim';

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

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** The start of a status line (RFC 9112 §4); each 0 stands for any digit. Then a space and the reason, or the end. */
const STATUS_LINE = 'HTTP/1.0 000';

/** Reads the head of the response as it comes in, in whatever pieces. */
export class ResponseParser {
  /** The head, once its blank line has come. */
  response: HandshakeResponse | undefined;
  /** Interim responses alone, of which none is too large by itself, have broken a limit. */
  isInterimTooMuch = false;
  // The limits hold over all interim responses together, so that they end.
  private interimTaken = 0;
  private bytesTaken = 0;
  private headersTaken = 0;
  private head = '';
  private statusLine = '';
  private line = '';
  private lineEnds = false;
  private headers: Record<string, string> = Object.create(null);
  private setCookie: string[] = [];

  /** @param advisor says what to add to a complaint about an answer that is no HTTP at all, by its beginning */
  constructor(private readonly advisor?: { ofBanner?(beginning: string): string | undefined }) {}

  /**
   * Takes bytes of the head out of `bytes[start, end)` and leaves what comes after it: frames may be in the same segment.
   *
   * @returns the number of bytes taken; none once `response` is set
   * @throws WsimdError headSyntax at the first byte that cannot be of such a head, headSize beyond a limit; the parser is
   *   of no use afterwards
   */
  push(bytes: Uint8Array, start: number, end: number): number {
    let position = start;
    let lineStart = start;
    while (position < end && this.response === undefined) {
      if (this.bytesTaken === MAX_HEAD_BYTES) {
        throw this.tooLarge(this.head === '' ? this.line + latin1Text(bytes, lineStart, position) : this.statusLine);
      }
      const byte = bytes[position]!;
      const isLineFeed = byte === LINE_FEED;
      let complaint = this.complaint(byte, this.line.length + position - lineStart);
      if (complaint === undefined && isLineFeed) {
        complaint = this.endLine(withoutReturn(this.line + latin1Text(bytes, lineStart, position)));
      }
      if (complaint !== undefined) {
        // Where it is not HTTP at all, the user wants to see more than the byte that gave it away.
        const seenEnd = this.head === '' ? Math.min(end, position + QUOTE_LENGTH) : position;
        const seen = withoutReturn(this.line + latin1Text(bytes, lineStart, seenEnd));
        const advice = this.head === '' ? this.advisor?.ofBanner?.(seen) : undefined;
        const detail = `${complaint}, in ${quote(seen)}`;
        throw new WsimdError(CONNECTION_FAULTS.headSyntax, advice === undefined ? detail : `${detail}; ${advice}`);
      }
      if (isLineFeed) {
        this.line = '';
        lineStart = position + 1;
      }
      this.lineEnds = byte === CARRIAGE_RETURN;
      position += 1;
      this.bytesTaken += 1;
    }
    this.line += latin1Text(bytes, lineStart, position);
    return position - start;
  }

  /** @param statusLine of the response that is too much, as far as it has come */
  private tooLarge(statusLine: string): WsimdError {
    this.isInterimTooMuch = this.interimTaken > 0 && isInterim(statusOf(statusLine));
    return this.isInterimTooMuch ? tooMuchInterim() : new WsimdError(CONNECTION_FAULTS.headSize);
  }

  /** @returns what is wrong with the byte at `index` of its line */
  private complaint(byte: number, index: number): string | undefined {
    // RFC 9112 §2.2 would let a recipient accept a lone LF. This one does not, like Node's own parser: two opinions on
    // where a line ends are what response splitting is made of, and WebSocket servers end their lines with CRLF.
    if (this.lineEnds !== (byte === LINE_FEED)) return 'a line does not end with CR LF';
    if (byte === LINE_FEED) return undefined;
    if (this.head === '' && !fitsStatusLine(byte, index)) return 'no status line';
    return byte !== CARRIAGE_RETURN && isControl(byte) ? 'a control character' : undefined;
  }

  private endLine(line: string): string | undefined {
    const complaint = this.head === '' || line === '' ? undefined : this.takeHeader(line);
    if (complaint !== undefined) return complaint;
    if (this.head === '') this.statusLine = line;
    this.head += `${line}\r\n`;
    if (line === '') this.endHead();
    return undefined;
  }

  private takeHeader(line: string): string | undefined {
    // RFC 9112 §5.2 asks for a folded line to be unfolded, and deprecates it; like Node's own parser, this one refuses.
    if (isBlank(line[0])) return 'a folded header';
    const colon = line.indexOf(':');
    // A space before the colon fails here too: "No whitespace is allowed" there (RFC 9112 §5.1).
    if (colon === -1 || !isToken(line.slice(0, colon))) return 'a header line without a token and a colon';
    this.headersTaken += 1;
    if (this.headersTaken > MAX_HEADERS) throw this.tooLarge(this.statusLine);
    const name = line.slice(0, colon).toLowerCase();
    const value = trimBlanks(line.slice(colon + 1));
    const earlier = this.headers[name];
    this.headers[name] = earlier === undefined ? value : `${earlier}, ${value}`;
    if (name === 'set-cookie') this.setCookie.push(value);
    return undefined;
  }

  private endHead(): void {
    const head = this.head;
    const headers = this.headers;
    const setCookie = this.setCookie;
    const status = statusOf(this.statusLine);
    this.head = '';
    this.headers = Object.create(null);
    this.setCookie = [];
    // RFC 9110 §15.2: "A client MUST be able to parse one or more 1xx responses received prior to a final response".
    if (isInterim(status)) {
      this.interimTaken += 1;
      if (this.interimTaken > MAX_INTERIM) throw this.tooLarge(this.statusLine);
      return;
    }
    this.response = {
      status,
      statusText: this.statusLine.slice(13),
      headers,
      setCookie,
      protocol: headers['sec-websocket-protocol'] ?? '',
      extensions: headers['sec-websocket-extensions'] ?? '',
      toString: () => head,
    };
  }
}

/** The status in a line that fits STATUS_LINE; in the beginning of one it is no number. */
function statusOf(statusLine: string): number {
  return Number(statusLine.slice(9, 12));
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
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
