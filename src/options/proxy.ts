// From what a user sets as a proxy to what a transport needs of it. It owns the rules for these settings and must not know
// sockets. No sentence repeats a value, since it may carry a password and errors end up in logs.

import { isUrl } from '../base/brands';
import { newUrl } from '../runtime/host';
import { encodeUtf8 } from '../runtime/strings';
import type { ProxyTarget } from '../transport/contract';
import { describe } from './checks';
import { basicAuthorization, decodeCredential } from './url';

/** A proxy as its setting says it. */
export interface ParsedProxy {
  readonly kind: Kind;
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: number;
  /** Percent-decoded; empty if there is none. */
  readonly username: string;
  /** Percent-decoded; empty if there is none. */
  readonly password: string;
}

type Kind = ProxyTarget['kind'];

/** The settings that take a proxy. */
export type ProxySetting = 'proxyHttp' | 'proxySocks5';

interface Scheme {
  readonly kind: Kind;
  /** Where none is given. */
  readonly port: number;
}

type Schemes = Readonly<Record<string, Scheme>>;

const HTTP: Schemes = { 'http:': { kind: 'http', port: 80 }, 'https:': { kind: 'http', port: 443 } };
// RFC 1928 §3 has the port.
const SOCKS5: Schemes = { 'socks5:': { kind: 'socks5', port: 1080 }, 'socks5h:': { kind: 'socks5', port: 1080 } };

/** Where a proxy is named: by a setting, or by a variable of the environment. */
type Place = ProxySetting | 'environment';

/** What each place takes: URLs of these schemes, and "host:port", which is the first of them. */
const SCHEMES: Readonly<Record<Place, Schemes>> = {
  proxyHttp: HTTP,
  proxySocks5: SOCKS5,
  environment: { ...HTTP, ...SOCKS5 },
};

const FORMS: Readonly<Record<Place, string>> = {
  environment: '"host:port", or a URL of http, https, socks5 or socks5h',
  proxyHttp: '"host:port", or an http:// or https:// URL',
  proxySocks5: '"host:port", or a socks5:// or socks5h:// URL',
};

const MAX_CREDENTIAL = 255;

const NO_COLON = 'a user name for Basic authentication has no colon (RFC 7617 §2).';

/** @throws TypeError that names the setting, if it is no proxy that the setting takes */
export function parseProxy(name: ProxySetting, value: unknown): ParsedProxy;
/** @throws TypeError that names the variable */
export function parseProxy(name: string, value: unknown, place: Place): ParsedProxy;
export function parseProxy(name: string, value: unknown, place = name as Place): ParsedProxy {
  if (typeof value !== 'string' && !isUrl(value)) {
    throw new TypeError(`${name} must be ${FORMS[place]}, not ${describe(value)}.`);
  }
  const written = String(value);
  const hasScheme = written.includes('://');
  const schemes = SCHEMES[place];
  const url = parse(hasScheme ? written : `${Object.keys(schemes)[0]}//${written}`);
  const scheme = url && schemes[url.protocol];
  if (url === undefined || scheme === undefined || (!hasScheme && !/:\d+$/.test(written))) {
    throw new TypeError(`${name} must be ${FORMS[place]}.`);
  }
  const { kind } = scheme;
  if ((url.pathname !== '' && url.pathname !== '/') || /[?#]/.test(url.href)) {
    throw new TypeError(`${name} must end with the port: a proxy has no path, no query and no fragment.`);
  }
  const username = decodeCredential(url.username);
  const password = decodeCredential(url.password);
  const { hostname, port } = url;
  if (kind === 'http') {
    // Here and not with the header: it is what is set now that is wrong.
    if (username.includes(':')) throw new TypeError(`${name}: ${NO_COLON}`);
  } else {
    if (username !== '') checkCredential(username, `${name}: the user name`);
    if (password !== '') checkCredential(password, `${name}: the password`);
  }
  return {
    kind,
    secure: url.protocol === 'https:',
    hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port: port === '' ? scheme.port : Number(port),
    username,
    password,
  };
}

type UrlParts = Pick<URL, 'protocol' | 'hostname' | 'port' | 'pathname' | 'href' | 'username' | 'password'>;

/** With the rules of an http: URL for its host, whatever its scheme: lower case, Punycode, addresses in their normal form. */
function parse(text: string): UrlParts | undefined {
  try {
    const url = newUrl(text);
    if (url.protocol === 'http:' || url.protocol === 'https:') return url;
    const likeHttp = newUrl(text.replace(/^\w+:/, 'http:'));
    // Here 80 is a port like any other, and none is none.
    const { protocol, port, href } = url;
    const { hostname, pathname, username, password } = likeHttp;
    return { protocol, port, href, hostname, pathname, username, password };
  } catch {
    return undefined;
  }
}

/** @throws TypeError unless it is a string that has 1 to 255 bytes in UTF-8 (RFC 1929 §2) */
export function checkCredential(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new TypeError(`${name} must be a string, not ${describe(value)}.`);
  const { length } = encodeUtf8(value);
  if (length < 1 || length > MAX_CREDENTIAL) {
    throw new TypeError(`${name} must have 1 to ${MAX_CREDENTIAL} bytes in UTF-8 (RFC 1929 §2).`);
  }
  return value;
}

/** What replaces the credentials of the proxy's own setting, each by itself. */
export interface ProxyCredentials {
  readonly authorization?: string | undefined;
  /** What an HTTP proxy is told besides. */
  readonly headers?: ProxyTarget['headers'];
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** Whether there are credentials among them (RFC 9110 §11.7.2). */
export function hasAuthorization(headers: ProxyTarget['headers'] = {}): boolean {
  return Object.keys(headers).some((name) => name.toLowerCase() === 'proxy-authorization');
}

/** @throws TypeError if SOCKS5 has a user name without a password, or the other way round */
export function proxyTarget(proxy: ParsedProxy, other: ProxyCredentials): ProxyTarget {
  const { kind, secure, hostname, port } = proxy;
  if (kind === 'http') {
    const basic = basicAuthorization(proxy.username, proxy.password);
    const { headers } = other;
    // The user's own line stands for the credentials of the URL, as proxyAuthorization does.
    const authorization = other.authorization ?? (hasAuthorization(headers) ? undefined : basic);
    return { kind, secure, hostname, port, authorization, headers };
  }
  const username = encodeUtf8(other.username ?? proxy.username);
  const password = encodeUtf8(other.password ?? proxy.password);
  if ((username.length === 0) !== (password.length === 0)) {
    throw new TypeError('A SOCKS5 proxy takes a user name and a password, or neither (RFC 1929 §2).');
  }
  return { kind, secure, hostname, port, credentials: username.length === 0 ? undefined : { username, password } };
}
