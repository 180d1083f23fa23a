// What a browser knows of the page that a program runs in, and others must be told: the URL that relative ones are relative to,
// and the origin that servers are told. It is the same for all connections of the thread.

import { checkOrigin } from '../handshake/request';
import { newUrl } from '../runtime/host';

export interface Configuration {
  /** What relative URLs are relative to; default: `location.href` where there is one, else they are refused. */
  readonly baseURL?: string | URL | undefined;
  /** The Origin header of all connections (RFC 6455 §10.2); default: that of an http or https base URL, else none. */
  readonly origin?: string | undefined;
}

let configuredBase: string | undefined;
let configuredOrigin: string | undefined;

/**
 * Sets both; what is left out has its default again.
 *
 * @throws TypeError for a base that is no absolute URL, or an origin that is no header value
 */
export function configure({ baseURL, origin }: Configuration): void {
  if (baseURL !== undefined && !URL.canParse(baseURL)) throw new TypeError('baseURL must be an absolute URL.');
  if (origin !== undefined) checkOrigin(origin, 'origin');
  configuredBase = baseURL === undefined ? undefined : String(baseURL);
  configuredOrigin = origin;
}

export function baseUrl(): string | undefined {
  return configuredBase ?? (globalThis as { location?: { href?: string } }).location?.href;
}

export function defaultOrigin(): string | undefined {
  if (configuredOrigin !== undefined) return configuredOrigin;
  const base = baseUrl();
  if (base === undefined || !/^https?:/.test(base)) return undefined;
  try {
    return newUrl(base).origin;
  } catch {
    return undefined;
  }
}
