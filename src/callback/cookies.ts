// Cookies between attempts, which a jar of the user's keeps (RFC 6265): what it is asked for a request, and what it is told of an
// answer. Which cookies go where is the jar's business. It knows no connection.

import { checkFieldValue, checkHeaders, type HeaderValue } from '../handshake/request';
import { checkObject, describe } from '../options/checks';

type Headers = Readonly<Record<string, HeaderValue>>;

/** What keeps cookies: any jar fits behind these two. */
export interface Cookies {
  /**
   * The value of the Cookie header for a request to this URL, if there is one; asked at every attempt and every redirect.
   *
   * @param url of scheme `http:` or `https:`, as jars know them; without user name and password
   */
  get(url: string): string | null | undefined | PromiseLike<string | null | undefined>;
  /**
   * An answer from this URL had these Set-Cookie lines, whatever it was: a 101, a refusal, a redirect. Nothing is asked for before
   * what it promises is done, if it returns a promise.
   */
  set(url: string, setCookie: readonly string[]): unknown;
}

/** @throws TypeError unless it has both functions, or is undefined */
export function checkCookies(value: Cookies | undefined): Cookies | undefined {
  if (value === undefined) return undefined;
  const must = 'an object with the functions get(url) and set(url, setCookie)';
  checkObject(value, 'cookies', must);
  if (typeof value.get !== 'function' || typeof value.set !== 'function') {
    throw new TypeError(`cookies must be ${must}.`);
  }
  return value;
}

/** A jar, and what it has not finished yet. It is shared by the attempts of one connection. */
export class CookieKeeper {
  /** It resolves with nothing: what a jar has stored is not kept from one answer to the next. */
  private stored: Promise<void> | undefined;

  constructor(readonly jar: Cookies) {}

  /** Rejects with what the jar throws, or with a TypeError for what is no header. */
  async ask(url: string): Promise<string | undefined> {
    await this.stored;
    const cookie: unknown = await this.jar.get(url);
    if (cookie === undefined || cookie === null || cookie === '') return undefined;
    if (typeof cookie !== 'string') {
      throw new TypeError(`cookies.get must return a string or undefined, not ${describe(cookie)}.`);
    }
    checkFieldValue(cookie, 'What cookies.get returns');
    return cookie;
  }

  /** @param onException is told what the jar throws, or what its promise rejects with: nobody waits for that but `ask` */
  tell(url: string, setCookie: readonly string[], onException: (error: unknown) => void): void {
    if (setCookie.length === 0) return;
    // An async function, so that one that throws at once and one that rejects are the same.
    const store = async (): Promise<unknown> => this.jar.set(url, [...setCookie]);
    this.stored = Promise.all([this.stored, store().catch(onException)]).then(() => {});
  }
}

/**
 * RFC 6265 §5.4 has one Cookie header: what the user has set himself, and these behind it.
 *
 * @throws TypeError for headers that are none
 */
export function withCookie(headers: Headers, cookie: string | undefined): Headers {
  if (cookie === undefined) return headers;
  checkHeaders(headers);
  const name = Object.keys(headers).find((header) => header.toLowerCase() === 'cookie') ?? 'Cookie';
  const own = headers[name] as HeaderValue | undefined;
  const before = own === undefined || own === '' ? [] : Array.isArray(own) ? own : [String(own)];
  return { ...headers, [name]: [...before, cookie] };
}
