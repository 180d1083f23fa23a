// The reconnect policy: whether a connection is worth another attempt, and when. Rules and arithmetic only; the timer and the
// count of attempts are reconnector.ts' business.

import { ERROR_KIND } from '../base/faults';
import { HandshakeError } from '../handshake/reader';
import { checkSeconds, describe, type Filled } from '../options/checks';
import { RECONNECT_POLICY } from '../options/defaults';
import { unknownName } from '../options/nearest';
import { ProxyError } from '../transport/proxy/negotiation';
import type { ConnectionCloseEvent } from './close-event';

/** When a connection comes back by itself. */
export interface ReconnectPolicy {
  /** Seconds before the first attempt, at most; default 1. */
  readonly minDelay?: number | undefined;
  /** Seconds that no delay exceeds, except where the server asks for more (Retry-After); default 30. */
  readonly maxDelay?: number | undefined;
  /** By what the delay grows with each attempt, at least 1; default 2. */
  readonly factor?: number | undefined;
  /**
   * The share of each delay that is random, 0 to 1; default 1, full jitter: anything from 0 to the delay. So the clients of a
   * server that has failed do not come back all at once.
   */
  readonly jitter?: number | undefined;
  /** Attempts in a row before it gives up, a whole number; default Infinity. */
  readonly maxRetries?: number | undefined;
  /** Seconds that a connection must have been open for the attempts to be counted anew; default 5. */
  readonly minUptime?: number | undefined;
  /**
   * Seconds for which refusals are no reason to give up once the object's connection had been open, from the first of them on: in
   * the midst of a deployment a server answers 404, 403 or 200 for a while. Counted anew when it is open again; default 60, and 0
   * gives up at the first one, as where it was never open since `connect()`. A refusal is any answer to the handshake that is not
   * the right 101.
   */
  readonly retryRefusalsFor?: number | undefined;
  /**
   * Decides in place of the rule whether another attempt follows; what the rule says is `event.willReconnect`. The rule: not
   * behind a status of 1002, 1003, 1007, 1008, 1009 or 1010 of either side, behind a response of the server that is no 101
   * (except 408, 429 and 5xx) or breaks the handshake, unless `retryRefusalsFor` is not over yet, behind a proxy that wants other
   * credentials or where the runtime cannot do what was asked for; else yes. It is not asked once the signal was aborted, which
   * ends every attempt.
   */
  readonly shouldReconnect?: ((event: ConnectionCloseEvent) => boolean) | undefined;
}

/** A policy, or a function of the attempt (1, 2, …): seconds until it, or anything else than a number of seconds to give up. */
export type ReconnectPolicyOption = ReconnectPolicy | ((attempt: number, event: ConnectionCloseEvent) => number);

type Numbers = Filled<Omit<ReconnectPolicy, 'shouldReconnect'>>;

/** A policy that was checked, with its defaults. */
export type NormalPolicy =
  | Readonly<Numbers & Pick<ReconnectPolicy, 'shouldReconnect'>>
  | ((attempt: number, event: ConnectionCloseEvent) => number);

/** Statuses after which the next connection would end as this one did (RFC 6455 §7.4.1). */
const HOPELESS_CODES: ReadonlySet<number> = new Set([1002, 1003, 1007, 1008, 1009, 1010]);

/** What this process cannot do, or is told wrongly, whenever it tries. */
const HOPELESS: ReadonlySet<string> = new Set(['WS_ERR_UNSUPPORTED', 'WS_ERR_PROXY_VARIABLE']);

/** Where the answer of a server to the handshake says that it is not the moment, rather than not the way (with all 5xx). */
const RETRIED_STATUSES: ReadonlySet<number> = new Set([408, 429]);

/** A day: what a server may ask for by Retry-After. It shall not park a client for years. */
const MAX_RETRY_AFTER = 86_400;

// The forms of an HTTP-date (RFC 9110 §5.6.7). `Date.parse` alone takes "in 2099" and "-5" for dates, too.
const HTTP_DATE = /^(\w{3}, \d\d \w{3} \d{4}|\w{6,9}, \d\d-\w{3}-\d\d) \d\d:\d\d:\d\d GMT$/;
const ASCTIME_DATE = /^\w{3} \w{3} [\d ]\d \d\d:\d\d:\d\d \d{4}$/;

const PARTS = [...Object.keys(RECONNECT_POLICY), 'shouldReconnect'];

/** @throws TypeError, RangeError that names the part which is wrong */
export function checkPolicy(policy: ReconnectPolicyOption, name = 'reconnectPolicy'): NormalPolicy {
  if (typeof policy === 'function') return policy;
  if (typeof policy !== 'object' || policy === null || Array.isArray(policy)) {
    throw new TypeError(`${name} must be an object or a function, not ${describe(policy)}.`);
  }
  const { shouldReconnect, ...numbers } = policy;
  for (const part of Object.keys(numbers)) {
    if (!Object.hasOwn(RECONNECT_POLICY, part)) throw unknownName(name, part, PARTS);
  }
  if (shouldReconnect !== undefined && typeof shouldReconnect !== 'function') {
    throw new TypeError(`${name}.shouldReconnect must be a function, not ${describe(shouldReconnect)}.`);
  }
  const defined = Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined));
  const normal: Numbers = { ...RECONNECT_POLICY, ...defined };
  const check = (part: keyof Numbers, isRight: (value: number) => boolean, rule: string): void => {
    const value: unknown = normal[part];
    if (typeof value !== 'number') throw new TypeError(`${name}.${part} must be a number, not ${describe(value)}.`);
    if (!isRight(value)) throw new RangeError(`${name}.${part} must be ${rule}; it is ${value}.`);
  };
  checkSeconds(`${name}.minDelay`, normal.minDelay);
  checkSeconds(`${name}.maxDelay`, normal.maxDelay);
  check('maxDelay', (value) => value >= normal.minDelay, `at least minDelay, ${normal.minDelay} seconds`);
  check('factor', (value) => value >= 1 && value < Infinity, 'a finite number, at least 1');
  check('jitter', (value) => value >= 0 && value <= 1, 'from 0 to 1');
  check(
    'maxRetries',
    (value) => value >= 0 && (Number.isInteger(value) || value === Infinity),
    'a whole number, or Infinity',
  );
  check('minUptime', (value) => value >= 0, 'at least 0 seconds');
  check('retryRefusalsFor', (value) => value >= 0, 'at least 0 seconds');
  return Object.freeze(shouldReconnect === undefined ? normal : { ...normal, shouldReconnect });
}

type Ended = Pick<ConnectionCloseEvent, 'code' | 'error'>;

/** What the policy does where `shouldReconnect` does not decide. */
export function isWorthRetrying({ code, error }: Ended): boolean {
  if (HOPELESS_CODES.has(code)) return false;
  if (error === undefined) return true;
  if (error.status !== undefined && HOPELESS_CODES.has(error.status)) return false;
  const { kind } = error;
  if (kind === ERROR_KIND.ABORTED || HOPELESS.has(error.code)) return false;
  if (error.code === 'WS_ERR_HANDSHAKE_STATUS') return isRetriedStatus((error as HandshakeError).response.status);
  if (kind === ERROR_KIND.HANDSHAKE_FAIL) return error.code === 'WS_ERR_HANDSHAKE_ENDED';
  return !(error instanceof ProxyError && wantsCredentials(error));
}

/** Whether the server has answered, and not with the right 101. Its next deployment may answer otherwise. */
export function isRefusal({ error }: Ended): boolean {
  return error?.kind === ERROR_KIND.HANDSHAKE_FAIL;
}

/** Seconds until the attempt of that number (1, 2, …). */
export function delayOf(policy: Numbers, attempt: number, event: Ended, random = Math.random): number {
  // The power of a large attempt is infinite; the smaller of the two is not.
  const delay = Math.min(policy.maxDelay, policy.minDelay * policy.factor ** (attempt - 1));
  const jittered = delay * (1 - policy.jitter * random());
  return Math.max(jittered, retryAfter(event) ?? 0);
}

/**
 * Seconds that the server asks to wait (RFC 9110 §10.2.3), if it does so in a way that can be read. A date is a time of its own
 * clock, which its Date header shows (§6.6.1): ours may be wrong.
 *
 * @param now by our clock, in milliseconds; it counts where there is no such header
 */
export function retryAfter({ error }: Ended, now = Date.now()): number | undefined {
  const headers = error instanceof HandshakeError ? error.response.headers : undefined;
  const value = headers?.['retry-after'];
  if (value === undefined) return undefined;
  const seconds = isDigits(value) ? Number(value) : (parseDate(value) - (dateIn(headers) ?? now)) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(0, seconds), MAX_RETRY_AFTER);
}

function isRetriedStatus(status: number): boolean {
  return RETRIED_STATUSES.has(status) || (status >= 500 && status <= 599);
}

/** A SOCKS5 proxy has no number for it. */
function wantsCredentials({ response, reply }: ProxyError): boolean {
  return response === undefined ? reply === undefined : response.status === 407;
}

/** What the server's clock showed, in milliseconds. */
function dateIn(headers: Readonly<Record<string, string>> | undefined): number | undefined {
  const date = parseDate(headers?.date ?? '');
  return Number.isNaN(date) ? undefined : date;
}

/** NaN for anything else. */
function parseDate(value: string): number {
  if (HTTP_DATE.test(value)) return Date.parse(value);
  // This form does not say that it is in UTC, which it is.
  return ASCTIME_DATE.test(value) ? Date.parse(`${value} GMT`) : Number.NaN;
}

function isDigits(text: string): boolean {
  for (const character of text) if (character < '0' || character > '9') return false;
  return text !== '';
}
