// What may be a value or a function that provides it: the URL, the headers and the subprotocols of an attempt. Functions are
// called at every attempt, since tokens expire and servers move. It knows no connection.

import type { ParsedUrl } from '../options/url';

/** A value, or a function that returns or promises it. */
export type Provider<Value> = Value | (() => Value | PromiseLike<Value>);

/** One subprotocol, or several in order of preference. */
export type Protocols = string | readonly string[];

/** What an attempt asks of its providers. */
export interface Provided<Headers> {
  readonly url: ParsedUrl;
  readonly headers: Headers;
  readonly protocols: Protocols | undefined;
}

/**
 * The values for one attempt: at once if none of them is a function, else by a promise, which rejects with whatever a
 * function throws, or with the TypeError for a URL that is none.
 */
export function provide<Headers extends object>(
  url: Provider<ParsedUrl>,
  headers: Provider<Headers>,
  protocols: Provider<Protocols | undefined>,
): Provided<Headers> | Promise<Provided<Headers>> {
  if (typeof url !== 'function' && typeof headers !== 'function' && typeof protocols !== 'function') {
    return { url, headers, protocols };
  }
  return Promise.all([call(url), call(headers), call(protocols)]).then(([url, headers, protocols]) => ({
    url,
    headers,
    protocols,
  }));
}

/** An async function, so that one that throws at once and one that rejects are the same. */
async function call<Value>(provider: Provider<Value>): Promise<Value> {
  return typeof provider === 'function' ? (provider as () => Value | PromiseLike<Value>)() : provider;
}
