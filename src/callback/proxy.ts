// The settings of a proxy, checked together: each names itself in what it throws, without a value. It knows no connection; an
// attempt asks for what they come to.

import { checkFieldValue } from '../handshake/request';
import { checkCredential, type ParsedProxy, type ProxyCredentials, parseProxy, proxyTarget } from '../options/proxy';
import type { ProxyTarget } from '../transport/contract';

/** What a program has set of it. */
export interface ProxySettings extends ProxyCredentials {
  readonly http?: string | URL | undefined;
  readonly socks5?: string | URL | undefined;
  /** The one of the two that is set. */
  readonly parsed?: ParsedProxy | undefined;
}

/** Shared by all connections without a proxy: most of them. */
export const NO_PROXY: ProxySettings = {};

/** @throws TypeError unless it is a proxy, or undefined; or if one of the other kind is set */
export function withHttp(settings: ProxySettings, value: string | URL | undefined): ProxySettings {
  if (value !== undefined && settings.socks5 !== undefined) throw new TypeError(onlyOne('proxyHttp'));
  const parsed = value === undefined ? undefined : parseProxy('http', value, 'proxyHttp');
  return settings.socks5 === undefined ? { ...settings, http: value, parsed } : settings;
}

/** @throws TypeError unless it is a proxy, or undefined; or if one of the other kind is set */
export function withSocks5(settings: ProxySettings, value: string | URL | undefined): ProxySettings {
  if (value !== undefined && settings.http !== undefined) throw new TypeError(onlyOne('proxySocks5'));
  const parsed = value === undefined ? undefined : parseProxy('socks5', value, 'proxySocks5');
  return settings.http === undefined ? { ...settings, socks5: value, parsed } : settings;
}

/** @throws TypeError unless it fits into a header, or is undefined */
export function withAuthorization(settings: ProxySettings, value: string | undefined): ProxySettings {
  if (value !== undefined) {
    if (typeof value !== 'string' || value === '')
      throw new TypeError('proxyAuthorization must be a string with text.');
    checkFieldValue(value, 'proxyAuthorization');
  }
  return { ...settings, authorization: value };
}

/** @throws TypeError, RangeError unless SOCKS5 can say it (RFC 1929 §2), or it is undefined */
export function withUsername(settings: ProxySettings, value: string | undefined): ProxySettings {
  if (value !== undefined) checkCredential(value, 'proxySocks5Username');
  return { ...settings, username: value };
}

/** @throws TypeError, RangeError unless SOCKS5 can say it (RFC 1929 §2), or it is undefined */
export function withPassword(settings: ProxySettings, value: string | undefined): ProxySettings {
  if (value !== undefined) checkCredential(value, 'proxySocks5Password');
  return { ...settings, password: value };
}

/**
 * What the next attempt goes through; undefined: nothing.
 *
 * @throws TypeError if a SOCKS5 proxy has a user name without a password, or the other way round
 */
export function proxyOf(settings: ProxySettings): ProxyTarget | undefined {
  return settings.parsed && proxyTarget(settings.parsed, settings);
}

function onlyOne(name: string): string {
  return `${name}: one proxy is set already, and a connection goes through one. Set the other to undefined first.`;
}
