// Classes and functions of the runtime that programs replace: taken past their globals where Node's modules have them. What is
// missing is missed when it is needed, with a sentence, and not by an import.

import { host } from '#host';
import { CONNECTION_FAULTS, WsimdError } from '../base/faults';

/** @throws WsimdError WS_ERR_UNSUPPORTED if the runtime has none */
export function ofRuntime<Name extends 'TextDecoder' | 'TextEncoder' | 'URL' | 'btoa' | 'crypto'>(
  name: Name,
): NonNullable<(typeof host)[Name]> {
  const one = host[name];
  if (one === undefined) throw new WsimdError(CONNECTION_FAULTS.unsupported, `it has no ${name}`);
  return one;
}

/** A URL as `new URL` makes it. @throws as that does */
export function newUrl(url: string | URL, base?: string | URL): URL {
  const { URL } = host;
  return new (URL ?? ofRuntime('URL'))(url, base);
}

/** In Base64 (RFC 4648 §4). @throws WsimdError WS_ERR_UNSUPPORTED if the runtime has no `btoa` */
export function base64(bytes: Uint8Array): string {
  return ofRuntime('btoa')(String.fromCharCode(...bytes));
}
