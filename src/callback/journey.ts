// The way of one attempt: where it goes first, and where the answers that it gets lead it. It holds what the settings were when the
// attempt began, counts redirects, and keeps what is the first host's from others. It knows neither pipes nor bytes.

import { isPromise } from '../base/brands';
import { tellAlso, WsimdError } from '../base/faults';
import { withoutSecrets } from '../base/shown';
import type { NewAttempt } from '../connection/attempt';
import type { Destination } from '../connection/contract';
import { quote } from '../handshake/header-text';
import type { HandshakeResponse } from '../handshake/response-parser';
import type { ParsedUrl } from '../options/url';
import type { DialOptions } from '../transport/contract';
import { withCookie } from './cookies';
import { destinationOf } from './destination';
import { type Guide, LedAttempt } from './led-attempt';
import type { Provided } from './providers';
import {
  headersElsewhere,
  httpUrl,
  isSameHost,
  locationIn,
  MAX_REDIRECTS,
  optionsElsewhere,
  placeIn,
  refused,
} from './redirects';
import type { Headers, Settings } from './settings';

export interface Traveller {
  /** Where it goes now. */
  url: ParsedUrl | undefined;
  /** What a function of the user threw, that nobody waits for. */
  onException(error: unknown): void;
}

export class Journey implements Guide {
  private readonly settings: Pick<Settings, 'websocketOrigin' | 'proxy' | 'proxyFromEnvironment' | 'cookies'>;
  private readonly limit: number;
  private count = 0;
  /** The request that the next one is like. */
  private asked!: Provided<Headers>;

  /**
   * @param isSecure whether there is TLS, where the URL does not say so
   * @param options those of the first host
   */
  constructor(
    private readonly traveller: Traveller,
    { websocketOrigin, proxy, proxyFromEnvironment, cookies, followRedirects }: Settings,
    private isSecure: boolean,
    private options: DialOptions,
  ) {
    this.settings = { websocketOrigin, proxy, proxyFromEnvironment, cookies };
    this.limit = followRedirects === true ? MAX_REDIRECTS : Number(followRedirects);
  }

  /** Undefined: nobody looks at its answers. */
  get newAttempt(): NewAttempt | undefined {
    if (this.limit === 0 && this.settings.cookies === undefined) return undefined;
    return (...of) => new LedAttempt(this, ...of);
  }

  /** @throws TypeError for what does not go together */
  begin(provided: Provided<Headers> | Promise<Provided<Headers>>): Destination | Promise<Destination> {
    if (isPromise(provided)) return provided.then((whole) => this.begin(whole));
    this.isSecure ||= provided.url.secure;
    this.asked = provided;
    try {
      return this.goOn();
    } catch (error) {
      // What the environment says is no mistake of the caller's.
      if (error instanceof WsimdError) return Promise.reject(error);
      throw error;
    }
  }

  answered(response: HandshakeResponse): (() => Promise<Destination>) | undefined {
    const { url } = this.asked;
    const { cookies } = this.settings;
    cookies?.tell(httpUrl(url, this.isSecure), response.setCookie, (error) => this.traveller.onException(error));
    const location = this.limit === 0 ? undefined : locationIn(response);
    if (location === undefined) return undefined;
    const next = placeIn(location, url, this.isSecure);
    if (this.count === this.limit) {
      throw refused(`to ${quote(shown(next))}, and followRedirects allows ${counted(this.limit)}`);
    }
    return async () => {
      this.count += 1;
      this.leave(next);
      return this.goOn();
    };
  }

  failing(error: WsimdError): void {
    if (this.count > 0) tellAlso(error, `after ${counted(this.count)}, at ${shown(this.asked.url)}`);
  }

  private leave(next: ParsedUrl): void {
    const { url, headers, protocols } = this.asked;
    // What is dropped once stays so, wherever this leads from there: it is not in what was asked for last.
    const isHome = isSameHost(url, next);
    const { username, password } = isHome ? url : next;
    this.isSecure = next.secure;
    this.asked = {
      url: { ...next, username, password },
      headers: isHome ? headers : headersElsewhere(headers),
      protocols,
    };
    if (!isHome) this.options = optionsElsewhere(this.options);
  }

  private goOn(): Destination | Promise<Destination> {
    const { asked, settings, isSecure, options } = this;
    const { url, headers } = asked;
    this.traveller.url = url;
    if (settings.cookies === undefined) return destinationOf(asked, settings, isSecure, options);
    return settings.cookies
      .ask(httpUrl(url, isSecure))
      .then((cookie) => destinationOf({ ...asked, headers: withCookie(headers, cookie) }, settings, isSecure, options));
  }
}

function shown({ secure, host, path, socketPath }: ParsedUrl): string {
  if (socketPath !== undefined) return withoutSecrets(`ws+unix://${socketPath}:${path}`);
  return withoutSecrets(`ws${secure ? 's' : ''}://${host}${path}`);
}

function counted(redirects: number): string {
  return `${redirects} ${redirects === 1 ? 'redirect' : 'redirects'}`;
}
