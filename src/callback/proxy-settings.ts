// The settings of a proxy: each is checked where it is assigned, and names itself in what it throws, without a value. It knows
// no connection; an attempt asks for all of them together.

import { checkFieldValue } from '../handshake/request';
import { checkCredential, type ParsedProxy, type ProxyCredentials, parseProxy, proxyTarget } from '../options/proxy';
import type { ProxyTarget } from '../transport/contract';

interface Values extends ProxyCredentials {
  readonly http?: string | URL | undefined;
  readonly socks5?: string | URL | undefined;
  /** The one of the two that is set. */
  readonly proxy?: ParsedProxy | undefined;
}

/** Shared by all connections without a proxy: most of them. */
const NONE: Values = {};

export abstract class ProxySettings {
  #values = NONE;

  /**
   * The HTTP proxy to go through (CONNECT, RFC 9110 §9.3.6), for ws: and for wss:, default none: `'host:port'`, or a URL of
   * scheme `http:` or `https:` (TLS to the proxy itself; see the option `proxyTls`), with a user name and a password if wanted.
   * The proxy resolves the name of the server. If it fails, `onError(PROXY_FAIL)` says why; there is never a direct connection.
   */
  get proxyHttp(): string | URL | undefined {
    return this.#values.http;
  }

  set proxyHttp(value: string | URL | undefined) {
    if (value !== undefined && this.#values.socks5 !== undefined) throw new TypeError(onlyOne('proxyHttp'));
    const proxy = value === undefined ? undefined : parseProxy('http', value, 'proxyHttp');
    if (this.#values.socks5 === undefined) this.#values = { ...this.#values, http: value, proxy };
  }

  /**
   * The SOCKS5 proxy to go through (RFC 1928), for ws: and for wss:, default none: `'host:port'`, or a URL of scheme `socks5:`
   * or `socks5h:`, with a user name and a password if wanted. The proxy resolves the name of the server, whatever the scheme.
   * If it fails, `onError(PROXY_FAIL)` says why; there is never a direct connection.
   */
  get proxySocks5(): string | URL | undefined {
    return this.#values.socks5;
  }

  set proxySocks5(value: string | URL | undefined) {
    if (value !== undefined && this.#values.http !== undefined) throw new TypeError(onlyOne('proxySocks5'));
    const proxy = value === undefined ? undefined : parseProxy('socks5', value, 'proxySocks5');
    if (this.#values.http === undefined) this.#values = { ...this.#values, socks5: value, proxy };
  }

  /**
   * The value of the Proxy-Authorization header for `proxyHttp` (RFC 9110 §11.7.2), as it stands: `'Basic …'`, `'Bearer …'`.
   * Default: Basic, with the user name and password of the URL, if it has them. It goes to the proxy only.
   */
  get proxyAuthorization(): string | undefined {
    return this.#values.authorization;
  }

  set proxyAuthorization(value: string | undefined) {
    if (value !== undefined) {
      if (typeof value !== 'string' || value === '')
        throw new TypeError('proxyAuthorization must be a string with text.');
      checkFieldValue(value, 'proxyAuthorization');
    }
    this.#values = { ...this.#values, authorization: value };
  }

  /** The user name for `proxySocks5`, 1 to 255 bytes in UTF-8 (RFC 1929 §2). Default: that of the URL, if it has one. */
  get proxySocks5Username(): string | undefined {
    return this.#values.username;
  }

  set proxySocks5Username(value: string | undefined) {
    if (value !== undefined) checkCredential(value, 'proxySocks5Username');
    this.#values = { ...this.#values, username: value };
  }

  /** The password for `proxySocks5`, 1 to 255 bytes in UTF-8 (RFC 1929 §2). Default: that of the URL, if it has one. */
  get proxySocks5Password(): string | undefined {
    return this.#values.password;
  }

  set proxySocks5Password(value: string | undefined) {
    if (value !== undefined) checkCredential(value, 'proxySocks5Password');
    this.#values = { ...this.#values, password: value };
  }

  /**
   * What the next attempt goes through; undefined: nothing.
   *
   * @throws TypeError if a SOCKS5 proxy has a user name without a password, or the other way round
   */
  protected proxyTarget(): ProxyTarget | undefined {
    const { proxy } = this.#values;
    return proxy && proxyTarget(proxy, this.#values);
  }
}

function onlyOne(name: string): string {
  return `${name}: one proxy is set already, and a connection goes through one. Set the other to undefined first.`;
}
