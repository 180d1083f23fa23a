// Several URLs for one connection, tried in turn: a round is one try of each, until one is open. It owns which URL is next, and
// whether there is a next one; when a round begins is the session's business, and it knows no connection.

import { ERROR_KIND, type WsimdError } from '../base/faults';
import type { ConnectionEnd } from '../connection/contract';
import { type ParsedUrl, parseUrl } from '../options/url';
import { isWorthRetrying } from './backoff';

/** A URL, or a list of them that are tried in turn. */
export type Urls = string | URL | readonly (string | URL)[];

/** The URLs, checked; or a function that provides some, which is called once in a round. */
export type UrlOption = readonly ParsedUrl[] | (() => Urls | PromiseLike<Urls>);

/** @throws TypeError that names the URL which is wrong, or if there is none */
export function parseUrls(given: Urls, name = 'url'): readonly ParsedUrl[] {
  if (!Array.isArray(given)) return [parseUrl(given as string | URL, name)];
  if (given.length === 0) throw new TypeError(`${name} must be a URL or a list with at least one.`);
  return Array.from(given as readonly string[], (url, place) => parseUrl(url, `${name}[${place}]`));
}

export class Round {
  /** Undefined: a function has still to provide them. */
  private urls: readonly ParsedUrl[] | undefined;
  /** Rounds so far: what is provided late is for one that is over. */
  private number = 0;
  private tried = 0;
  private present: ParsedUrl | undefined;
  private isOpen = false;
  /** Where the round before this one came to, whose URL is tried first. */
  private lastOpen: string | undefined;
  private start = 0;
  /** Whether one of those that failed may be better another time. */
  isHopeful = false;

  constructor(private readonly option: UrlOption) {}

  /** A new one. */
  begin(): void {
    this.number += 1;
    this.tried = 0;
    this.isHopeful = false;
    this.lastOpen = this.isOpen ? this.present!.href : undefined;
    this.urls = undefined;
    if (typeof this.option !== 'function') this.take(this.option);
  }

  /** Where the next attempt goes. */
  next(): ParsedUrl | (() => Promise<ParsedUrl>) {
    this.isOpen = false;
    if (this.urls !== undefined) return this.pick(this.urls);
    const { number } = this;
    const provider = this.option as () => Urls | PromiseLike<Urls>;
    return async () => {
      const urls = parseUrls(await provider(), 'the provided url');
      if (number !== this.number) return urls[0]!;
      this.take(urls);
      return this.pick(urls);
    };
  }

  /** The handshake is done. */
  opened(): void {
    this.isOpen = true;
  }

  /** An attempt has ended, or what it had opened. Whether the next URL is to be tried at once. */
  goesOn(end: ConnectionEnd): boolean {
    if (this.isOpen || end.error === undefined || isFinal(end.error)) return false;
    this.isHopeful ||= isWorthRetrying(end);
    return this.tried < (this.urls?.length ?? 0);
  }

  private take(urls: readonly ParsedUrl[]): void {
    this.urls = urls;
    this.start = Math.max(
      0,
      urls.findIndex(({ href }) => href === this.lastOpen),
    );
  }

  private pick(urls: readonly ParsedUrl[]): ParsedUrl {
    this.present = urls[(this.start + this.tried) % urls.length]!;
    this.tried += 1;
    return this.present;
  }
}

/** Whether it would be the same with every other URL. */
function isFinal({ kind, code }: WsimdError): boolean {
  return kind === ERROR_KIND.ABORTED || code === 'WS_ERR_UNSUPPORTED';
}
