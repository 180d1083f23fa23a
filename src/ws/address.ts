// The address of a connection, by the rules of the npm package `ws`: what it accepts, what it makes of it, and its sentences
// for the rest. It opens nothing.

import { unescape as decode } from 'node:querystring';
import { newUrl } from '../runtime/host';

export interface Address {
  /** As it was given; a redirect is relative to it. */
  readonly given: string | URL;
  readonly url: URL;
  readonly isSecure: boolean;
  /** The socket file of a `ws+unix:` URL, as it stands there. */
  readonly socketPath: string | undefined;
  /** Name or address, an IPv6 address without brackets; '' for a socket file. */
  readonly hostname: string;
  readonly port: number;
  /** Path and query of the request. */
  readonly path: string;
  /** `user:password` of the URL, decoded; undefined if it has neither. */
  readonly credentials: string | undefined;
}

/** Takes `ws:`, `wss:`, `http:`, `https:` and `ws+unix:` URLs. Throws a SyntaxError if it is no URL at all. */
export function toUrl(address: string | URL): URL {
  const url = parse(address);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return url;
  const own = newUrl(url);
  own.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
  return own;
}

/** What is wrong with the URL. */
export function complaintOf(url: URL): SyntaxError | undefined {
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:' && url.protocol !== 'ws+unix:') {
    return new SyntaxError(`The URL's protocol must be one of "ws:", "wss:", "http:", "https:", or "ws+unix:"`);
  }
  if (url.protocol === 'ws+unix:' && url.pathname === '') return new SyntaxError("The URL's pathname is empty");
  return url.hash === '' ? undefined : new SyntaxError('The URL contains a fragment identifier');
}

/** Takes a URL apart with which nothing is wrong. */
export function addressOf(given: string | URL, url: URL): Address {
  const isSecure = url.protocol === 'wss:';
  const resource = url.pathname + url.search;
  const isUnix = url.protocol === 'ws+unix:';
  const end = isUnix ? resource.indexOf(':') : -1;
  const { hostname, username, password } = url;
  const hasCredentials = username !== '' || password !== '';
  return {
    given,
    url,
    isSecure,
    socketPath: isUnix ? (end === -1 ? resource : resource.slice(0, end)) : undefined,
    hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port: url.port === '' ? (isSecure ? 443 : 80) : Number(url.port),
    path: isUnix ? (end === -1 ? '' : resource.slice(end + 1)) : resource,
    credentials: hasCredentials ? `${decode(username)}:${decode(password)}` : undefined,
  };
}

function parse(address: string | URL): URL {
  try {
    return newUrl(address);
  } catch {
    throw new SyntaxError(`Invalid URL: ${address}`);
  }
}
