// The slow, obvious half of the handshake's tests: HTTP response heads (RFC 9112) and the checks of RFC 6455 §4.1, read
// whole and from the beginning each time, with the regular expressions that the library must not use on a peer's bytes.
// It shares no code with the library.

import { createHash } from 'node:crypto';

export interface ReferenceHead {
  readonly status: number;
  readonly statusText: string;
  /** Names in lower case, in order; a name that comes again is joined to the first (RFC 9110 §5.3). */
  readonly headers: ReadonlyMap<string, string>;
  readonly setCookie: readonly string[];
  /** The head itself, blank line included, without the interim responses in front of it. */
  readonly text: string;
  /** How many bytes it takes with all that is in front of it. */
  readonly taken: number;
}

/** 'more': all is well so far. 'syntax' and 'size': refused, by the last of the bytes at the latest. */
export type Verdict = ReferenceHead | 'more' | 'syntax' | 'size';

const MAX_HEAD_BYTES = 16_384;
const MAX_HEADERS = 100;
const MAX_INTERIM = 100;

/** RFC 9112 §4: status-line = HTTP-version SP status-code SP [ reason-phrase ]; many servers leave the second space out. */
const STATUS_LINE = /^HTTP\/1\.\d (\d{3})(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
const SOME_STATUS_LINE = 'HTTP/1.1 200';
/** RFC 9112 §5: field-line = field-name ":" OWS field-value OWS. */
const FIELD_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*([\t\x20-\x7e\x80-\xff]*?)[\t ]*$/;
/** A field line that has not ended may still become one, whatever it looks like, if it has no control character. */
const SOME_TEXT = /^[\t\x20-\x7e\x80-\xff]*$/;

const isInterim = (status: number): boolean => status >= 100 && status <= 199 && status !== 101;

/** Reads what there is of a response's head. */
export function readHead(bytes: Uint8Array): Verdict {
  const verdict = readLines(Buffer.from(bytes.subarray(0, MAX_HEAD_BYTES)).toString('latin1'));
  return verdict === 'more' && bytes.length > MAX_HEAD_BYTES ? 'size' : verdict;
}

function readLines(text: string): Verdict {
  const lines = text.split('\r\n');
  const rest = lines.pop()!;
  let fields = 0;
  let interim = 0;
  let head: { text: string; status: number; statusText: string; lines: [name: string, value: string][] } | undefined;
  let taken = 0;
  for (const line of lines) {
    taken += line.length + 2;
    if (head === undefined) {
      const match = STATUS_LINE.exec(line);
      if (match === null) return 'syntax';
      head = { text: `${line}\r\n`, status: Number(match[1]), statusText: match[2] ?? '', lines: [] };
      continue;
    }
    head.text += `${line}\r\n`;
    if (line === '') {
      const { text, status, statusText, lines } = head;
      if (!isInterim(status)) return { status, statusText, ...joined(lines), text, taken };
      interim += 1;
      if (interim > MAX_INTERIM) return 'size';
      head = undefined;
      continue;
    }
    const match = FIELD_LINE.exec(line);
    if (match === null) return 'syntax';
    fields += 1;
    if (fields > MAX_HEADERS) return 'size';
    head.lines.push([match[1]!.toLowerCase(), match[2]!]);
  }
  return mayGoOn(rest, head === undefined) ? 'more' : 'syntax';
}

/** Whether the beginning of a line can become a line. */
function mayGoOn(rest: string, isStatusLine: boolean): boolean {
  const isEnding = rest.endsWith('\r');
  const line = isEnding ? rest.slice(0, -1) : rest;
  if (!isStatusLine) return SOME_TEXT.test(line);
  return STATUS_LINE.test(isEnding ? line : line + SOME_STATUS_LINE.slice(line.length));
}

function joined(lines: readonly [name: string, value: string][]): Pick<ReferenceHead, 'headers' | 'setCookie'> {
  const headers = new Map<string, string>();
  for (const [name, value] of lines) {
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value);
  }
  return { headers, setCookie: lines.filter(([name]) => name === 'set-cookie').map(([, value]) => value) };
}

/** The rules of RFC 6455 §4.1 (and of the library's own strictness) that a response breaks, by the codes of their faults. */
export function brokenRules(
  { status, headers, text }: ReferenceHead,
  offer: { readonly key: string; readonly protocols: readonly string[] },
): string[] {
  const accept = createHash('sha1').update(`${offer.key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const protocol = headers.get('sec-websocket-protocol');
  const rules: [code: string, isKept: boolean][] = [
    ['WS_ERR_HANDSHAKE_STATUS', status === 101],
    // RFC 9110 §15.2: "a server MUST NOT send a 1xx response to an HTTP/1.0 client".
    ['WS_ERR_HANDSHAKE_SYNTAX', status !== 101 || !text.startsWith('HTTP/1.0')],
    ['WS_ERR_HANDSHAKE_UPGRADE', /^websocket$/i.test(headers.get('upgrade') ?? '')],
    ['WS_ERR_HANDSHAKE_CONNECTION', /(^|,)[\t ]*upgrade[\t ]*(,|$)/i.test(headers.get('connection') ?? '')],
    ['WS_ERR_HANDSHAKE_ACCEPT', headers.get('sec-websocket-accept') === accept],
    ['WS_ERR_HANDSHAKE_EXTENSION', !headers.has('sec-websocket-extensions')],
    // A server that answers an offer with no choice would be lawful; like browsers and ws, the library refuses it.
    [
      'WS_ERR_HANDSHAKE_PROTOCOL',
      protocol === undefined ? offer.protocols.length === 0 : offer.protocols.includes(protocol),
    ],
  ];
  return rules.filter(([, isKept]) => !isKept).map(([code]) => code);
}
