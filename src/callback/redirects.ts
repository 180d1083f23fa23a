// Where a redirect leads (RFC 9110 §10.2.2, §15.4), and what does not go along to another host: everything that says who the user
// is. Rules only; it opens nothing and counts nothing.

import { CONNECTION_FAULTS, WsimdError } from '../base/faults';
import { withoutSecrets } from '../base/shown';
import { quote } from '../handshake/header-text';
import type { HandshakeResponse } from '../handshake/response-parser';
import { checkWhole, describe } from '../options/checks';
import { type ParsedUrl, parseUrl } from '../options/url';
import { newUrl } from '../runtime/host';
import type { DialOptions } from '../transport/contract';
import type { Headers } from './settings';

/** As many as `true` stands for, and as may be asked for. */
export const MAX_REDIRECTS = 10;

/** Those whose Location is where the request is to be made again. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** By the scheme of a Location, that of a WebSocket. */
const SCHEMES: Readonly<Record<string, string>> = { 'http:': 'ws:', 'https:': 'wss:', 'ws:': 'ws:', 'wss:': 'wss:' };

/** By their lower-case names. */
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie', 'host']);

/** @throws TypeError, RangeError unless it is a number of redirects, or says whether they are followed */
export function checkRedirects(value: unknown): boolean | number {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return checkWhole('followRedirects', value, MAX_REDIRECTS);
  throw new TypeError(
    `followRedirects must be true, false or a whole number from 1 to ${MAX_REDIRECTS}, not ${describe(value)}.`,
  );
}

/** What a redirect has for its Location; undefined: the answer is none. */
export function locationIn({ status, headers }: HandshakeResponse): string | undefined {
  return REDIRECTS.has(status) ? headers.location : undefined;
}

/** The same place in a scheme that others know: for jars, and as the base of a Location. Without user name and password. */
export function httpUrl({ hostname, port, path, socketPath }: ParsedUrl, isSecure: boolean): string {
  const host = hostname.includes(':') ? `[${hostname}]` : hostname;
  return newUrl(`http${isSecure ? 's' : ''}://${host}${socketPath === undefined ? `:${port}` : ''}${path}`).href;
}

/**
 * Where a Location leads, which is relative to where it was read. A fragment is for whoever looks at a page (RFC 6455 §3 has
 * none), and is left out.
 *
 * @throws WsimdError redirect
 */
export function placeIn(location: string, from: ParsedUrl, isSecure: boolean): ParsedUrl {
  const url = parse(location, httpUrl(from, isSecure));
  if (url === undefined) throw refused(`its Location is no URL, ${quote(withoutSecrets(location))}`);
  const scheme = SCHEMES[url.protocol];
  if (scheme === undefined) throw refused(`its Location has the scheme ${quote(url.protocol)}`);
  const href = `${scheme}//${url.host}${url.pathname}`;
  if (url.username !== '' || url.password !== '') {
    // With them a server would choose who the user is elsewhere.
    throw refused(`its Location, ${quote(href)}, has a user name or a password`);
  }
  if (isSecure && scheme === 'ws:') throw refused(`from wss: to ${quote(href)}, where everybody on the way could read`);
  const place = parseUrl(`${href}${url.search}`, 'The Location');
  // What listens on a socket file knows itself by no other name.
  const isSameSocket = from.socketPath !== undefined && scheme === 'ws:' && url.host === from.host;
  return isSameSocket ? { ...from, path: place.path } : place;
}

/** Everything is visible ASCII in a URI (RFC 3986 §2): two Locations, which are joined by a comma and a blank, are none. */
function parse(location: string, base: string): URL | undefined {
  for (const character of location) if (character <= ' ' || character > '~') return undefined;
  try {
    return location === '' ? undefined : newUrl(location, base);
  } catch {
    return undefined;
  }
}

/** Whether credentials for the one are for the other, too. */
export function isSameHost(one: ParsedUrl, other: ParsedUrl): boolean {
  return one.hostname === other.hostname && one.port === other.port && one.socketPath === other.socketPath;
}

/** Without those that are the first host's alone. */
export function headersElsewhere(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !CREDENTIALS.has(name.toLowerCase())));
}

/** Without what TLS would show the server of the user, and the name that is the first server's. Whom to trust stays. */
export function optionsElsewhere(options: DialOptions): DialOptions {
  const { cert, key, pfx, passphrase, pskCallback, session, secureContext, servername, ...others } = options;
  const { verification, files } = others;
  return {
    ...others,
    // No name at all is said to nobody.
    ...(servername === '' && { servername }),
    ...(typeof verification?.name === 'string' && { verification: { ...verification, name: undefined } }),
    ...(files && { files: files.ca ? { ca: files.ca } : {} }),
  };
}

export function refused(detail: string): WsimdError {
  return new WsimdError(CONNECTION_FAULTS.redirect, detail);
}
