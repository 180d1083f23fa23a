// From a WebSocket URI (RFC 6455 §3) to what a connection needs of it: where to dial, what to ask for, who asks. It owns
// the rules for the `url` option and must know neither sockets nor the handshake. No sentence quotes the URL, since it
// may carry a password or a token and errors end up in logs.

import { base64, newUrl } from '../runtime/host';
import { encodeUtf8 } from '../runtime/strings';

export interface ParsedUrl {
  /** The /secure/ flag: true for wss. */
  readonly secure: boolean;
  /** What to resolve and dial: a name, an IPv4 address, or an IPv6 address without brackets; 'localhost' for a socket file. */
  readonly hostname: string;
  /** The socket file of a `ws+unix:` URL, dialled in place of host and port. */
  readonly socketPath: string | undefined;
  /** 80 for ws and 443 for wss unless the URL says otherwise. */
  readonly port: number;
  /** What the Host header says: the default port left out, IPv6 in brackets. */
  readonly host: string;
  /** The /resource name/: path and query, never empty. */
  readonly path: string;
  /** The URL in its normal form, user name and password included. */
  readonly href: string;
  /** Percent-decoded; empty if the URL has none. */
  readonly username: string;
  /** Percent-decoded; empty if the URL has none. */
  readonly password: string;
}

let last: { readonly given: string; readonly taken: ParsedUrl } | undefined;

const ONLY_A_CLIENT = 'this is a client, which connects to URLs that begin with ws:// or wss://';

/**
 * Takes a WebSocket URI apart.
 *
 * @param url absolute, `ws:` or `wss:`, without a fragment; or `ws+unix:/path/of/the/socket:/resource?query`, as `ws` has it
 * @param name what the option is called in the sentence of an error
 * @throws TypeError if it is anything else: another scheme, no host, a fragment
 */
export function parseUrl(url: string | URL, name = 'url'): ParsedUrl {
  // Most connections of a program go to the same place, and keep what is made of it: 200 bytes.
  if (typeof url !== 'string') return take(url, name);
  if (last?.given !== url) last = { given: url, taken: take(url, name) };
  return last.taken;
}

function take(url: string | URL, name: string): ParsedUrl {
  const parsed = parse(url, name);
  const { protocol, hostname, host, port, pathname, search, href } = parsed;
  if (protocol !== 'ws:' && protocol !== 'wss:' && protocol !== 'ws+unix:') {
    const meant = /^https?:$/.test(protocol) ? ` (did you mean ${protocol.replace('http', 'ws')}//?)` : '';
    throw new TypeError(`${name} has the scheme "${protocol}": ${ONLY_A_CLIENT}${meant}.`);
  }
  // The normal form keeps the # of an empty fragment, which `hash` hides, and escapes every other one.
  if (href.includes('#')) {
    throw new TypeError(`${name} has a fragment, which must not be used on a WebSocket URI (RFC 6455 §3).`);
  }
  if (protocol === 'ws+unix:') return unixUrl(parsed, name);
  const secure = protocol === 'wss:';
  const defaultPort = secure ? 443 : 80;
  return {
    secure,
    hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    socketPath: undefined,
    port: port === '' ? defaultPort : Number(port),
    host,
    path: pathname + search,
    href,
    username: decodeCredential(parsed.username),
    password: decodeCredential(parsed.password),
  };
}

/** @throws TypeError if the user name has a colon, which the scheme cannot express */
export function checkUsername(username: string): void {
  if (username.includes(':')) throw new TypeError('A user name for Basic authentication has no colon (RFC 7617 §2).');
}

/**
 * The value of the Authorization header that stands for the credentials of a URL (RFC 7617), in UTF-8; undefined if it has none. A
 * user name or a password alone counts.
 */
export function basicAuthorization(username: string, password: string): string | undefined {
  if (username === '' && password === '') return undefined;
  return `Basic ${base64(encodeUtf8(`${username}:${password}`))}`;
}

function unixUrl({ pathname, search, href }: URL, name: string): ParsedUrl {
  const end = pathname.indexOf(':');
  const socketPath = decodePath(end === -1 ? pathname : pathname.slice(0, end), name);
  if (socketPath === '') throw new TypeError(`${name} names no socket file: ws+unix:/path/of/the/socket:/resource.`);
  const path = end === -1 ? '' : pathname.slice(end + 1);
  return {
    secure: false,
    hostname: 'localhost',
    socketPath,
    port: 0,
    host: 'localhost',
    path: (path.startsWith('/') ? path : `/${path}`) + search,
    href,
    username: '',
    password: '',
  };
}

function decodePath(path: string, name: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new TypeError(`${name} has a socket file that is not percent-encoded UTF-8.`);
  }
}

function parse(url: string | URL, name: string): URL {
  try {
    return newUrl(url);
  } catch {
    // Not passed on as a cause: the runtime's error quotes the whole URL.
    const port = portBeyond(String(url));
    const beyond = port === undefined ? '' : `; its port is ${port}, and ports end at 65535`;
    throw new TypeError(`${name} is not an absolute URL with a host: ${ONLY_A_CLIENT}${beyond}.`);
  }
}

/** The port of a URL that is none for it. */
export function portBeyond(url: string): string | undefined {
  const [, port] = /^[a-z][a-z\d+.-]*:\/\/[^/?#\\]*:(\d+)(?:[/?#\\]|$)/i.exec(url.trim()) ?? [];
  return port !== undefined && Number(port) > 65_535 ? port : undefined;
}

/** One character of UTF-8, percent-encoded. */
const ENCODED =
  /%[0-7][\da-f]|%[cd][\da-f]%[89ab][\da-f]|%e[\da-f](?:%[89ab][\da-f]){2}|%f[0-7](?:%[89ab][\da-f]){3}/gi;

/** What is no percent-encoded UTF-8 goes as it stands: URLs may have a lone `%` (WHATWG URL §1.3, "percent-decode"). */
export function decodeCredential(credential: string): string {
  if (credential === '') return '';
  return credential.replace(ENCODED, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      // A form that is too long, a surrogate, or beyond U+10FFFF.
      return encoded;
    }
  });
}
