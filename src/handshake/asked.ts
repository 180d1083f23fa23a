// What a person needs to know of an answer that was refused: where it was asked for, and what seems to be spoken there if it is
// not WebSocket. Pure; no sentence has a query, or a user name, or a password.

import { placeOf } from '../base/faults';
import { withoutSecrets } from '../base/shown';
import { quote } from './header-text';
import type { HandshakeResponse } from './response-parser';

/** Where a request goes. */
export interface Place {
  /** Whether through TLS. */
  readonly secure: boolean;
  readonly hostname: string;
  /** 0: `hostname` is a socket file. */
  readonly port: number;
}

/** And what is asked for there. */
export interface Asked extends Place {
  /** Path and query. */
  readonly path: string;
}

export const MEANT_WSS = '(did you mean wss://?)';

/** What a status asks of the user. */
const ADVICE: Readonly<Record<number, string>> = {
  200: '; that is a page, and no WebSocket (is the path right?)',
  401: '; it wants credentials: the header Authorization, or a user name and a password in the URL',
  403: '; it does not let this client in: its Origin, its credentials or its address',
  404: ' (is the path right?)',
};

const TLS = 'TLS';

/** First words of other protocols. */
const BANNERS: readonly (readonly [beginning: string, name: string])[] = [
  ['SSH-', 'SSH'],
  ['220', 'SMTP or FTP'],
  ['+OK', 'POP3'],
  ['* OK', 'IMAP'],
  ['-ERR', 'Redis'],
  ['RTSP/', 'RTSP'],
  // A frame of SETTINGS is the first of all (RFC 9113 §3.4).
  ['\0\0', 'HTTP/2'],
  // Alert and handshake, the types of the first record (RFC 8446 §5.1).
  ['\x15', TLS],
  ['\x16', TLS],
];

/** What a server says that speaks TLS, and got plain text. */
const WANTS_TLS = /plain HTTP request was sent to HTTPS port|HTTP request to an HTTPS server|SSL-enabled server port/i;

/**
 * What was answered and where, for a status that is not 101.
 *
 * @param body the beginning of the answer's body
 */
export function statusDetail({ status, statusText, headers }: HandshakeResponse, asked: Asked | undefined): string {
  const answer = quote(`${status} ${statusText}`.trim());
  const location = status >= 300 && status < 400 ? headers.location : undefined;
  const where = asked && ` for ${quote(withoutSecrets(asked.path))} at ${placeOf(asked.hostname, asked.port)}`;
  if (location !== undefined) {
    const target = withoutSecrets(location);
    const meantSecure = asked?.secure === false && /^(https|wss):/i.test(location) ? ` ${MEANT_WSS}` : '';
    return `${answer}${where ?? ''}, a redirect to ${quote(target)}; redirects are not followed${meantSecure}`;
  }
  return asked === undefined ? answer : `${answer}${where}${ADVICE[status] ?? ''}`;
}

/** What to add once the beginning of the body is there. */
export function bodyAdvice(body: string, { secure }: Place): string | undefined {
  return !secure && WANTS_TLS.test(body) ? MEANT_WSS : undefined;
}

/**
 * What speaks there, by what stands where an HTTP/1.1 response should.
 *
 * @param meant what to ask whoever did not want TLS and gets it
 */
export function bannerAdvice(beginning: string, meant: string | undefined): string | undefined {
  const name = BANNERS.find(([banner]) => beginning.startsWith(banner))?.[1];
  if (name === undefined) return undefined;
  return name === TLS && meant !== undefined ? `that is TLS ${meant}` : `that is ${name} (is it the right port?)`;
}

/** What an end without a word says: servers of TLS that get plain text often hang up. */
export function silenceAdvice({ secure }: Place): string | undefined {
  return secure ? undefined : 'it said nothing; if it speaks TLS, the URL must begin with wss://';
}
