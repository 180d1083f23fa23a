// The settings of a proxy, checked together: each names itself in what it throws, without a value. It knows no connection; an
// attempt asks for what they come to.

import { checkFieldValue, checkHeaders, REFUSED_WITH_CONNECT } from '../handshake/request';
import {
  checkCredential,
  hasAuthorization,
  type ParsedProxy,
  type ProxyCredentials,
  type ProxySetting,
  parseProxy,
  proxyTarget,
} from '../options/proxy';
import { environmentProxy, type Target } from '../options/proxy-environment';
import type { ProxyTarget } from '../transport/contract';

type Headers = NonNullable<ProxyCredentials['headers']>;

/** What a program has set of it. */
export interface ProxySettings extends ProxyCredentials {
  /** The one setting that has a proxy, its value as it was given, and what that means. */
  readonly chosen?: Chosen | undefined;
}

interface Chosen {
  readonly name: ProxySetting;
  readonly value: string | URL;
  readonly parsed: ParsedProxy;
}

/** Shared by all connections without a proxy: most of them. */
export const NO_PROXY: ProxySettings = {};

/** What a setting was given. */
export function proxyIn({ chosen }: ProxySettings, name: ProxySetting): string | URL | undefined {
  return chosen?.name === name ? chosen.value : undefined;
}

/** @throws TypeError unless it is a proxy that the setting takes, or undefined; or if another setting has one */
export function withProxy(settings: ProxySettings, name: ProxySetting, value: string | URL | undefined): ProxySettings {
  const { chosen } = settings;
  const isElsewhere = chosen !== undefined && chosen.name !== name;
  if (value === undefined) return isElsewhere ? settings : { ...settings, chosen: undefined };
  if (isElsewhere) throw new TypeError(onlyOne(name));
  return { ...settings, chosen: { name, value, parsed: parseProxy(name, value) } };
}

/** @throws TypeError unless it fits into a header, or is undefined */
export function withAuthorization(settings: ProxySettings, value: string | undefined): ProxySettings {
  if (value !== undefined) {
    if (typeof value !== 'string' || value === '')
      throw new TypeError('proxyAuthorization must be a string with text.');
    checkFieldValue(value, 'proxyAuthorization');
    if (hasAuthorization(settings.headers)) throw contradiction();
  }
  return { ...settings, authorization: value };
}

/** @throws TypeError unless they fit into the request for a tunnel, and do not contradict proxyAuthorization */
export function withHeaders(settings: ProxySettings, headers: Headers | undefined): ProxySettings {
  if (headers !== undefined) checkHeaders(headers, 'proxyHeaders', REFUSED_WITH_CONNECT);
  if (settings.authorization !== undefined && hasAuthorization(headers)) throw contradiction();
  return { ...settings, headers };
}

function contradiction(): TypeError {
  return new TypeError('proxyAuthorization and Proxy-Authorization in proxyHeaders contradict each other; give one.');
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
 * @param target whose proxy the environment is asked for, where no proxy was set; undefined: it is not asked
 * @throws TypeError if a SOCKS5 proxy has a user name without a password, or the other way round; WsimdError for a variable
 */
export function proxyOf(settings: ProxySettings, target?: Target): ProxyTarget | undefined {
  const proxy = settings.chosen?.parsed ?? (target && environmentProxy(target));
  return proxy && proxyTarget(proxy, settings);
}

function onlyOne(name: ProxySetting): string {
  return `${name}: one proxy is set already, and a connection goes through one. Set the other to undefined first.`;
}
