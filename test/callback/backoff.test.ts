// The reconnect policy on paper: what is worth another attempt, and how long the wait is. Exact values, and bounds for all
// others.

import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CONNECTION_FAULTS, WsimdError } from '../../src/base/faults';
import { FRAME_FAULTS } from '../../src/base/frame-faults';
import { checkPolicy, delayOf, isWorthRetrying, type ReconnectPolicy, retryAfter } from '../../src/callback/backoff';
import { HandshakeError } from '../../src/handshake/reader';
import type { HandshakeResponse } from '../../src/handshake/response-parser';
import { ProxyError } from '../../src/transport/proxy/negotiation';

type Fault = keyof typeof CONNECTION_FAULTS;

const closed = (code: number): Parameters<typeof isWorthRetrying>[0] => ({ code, error: undefined });
const failed = (error: WsimdError): Parameters<typeof isWorthRetrying>[0] => ({ code: 1006, error });
const fault = (name: Fault): Parameters<typeof isWorthRetrying>[0] => failed(new WsimdError(CONNECTION_FAULTS[name]));

/** The server answered with this status and these headers. */
function refused(status: number, headers: Record<string, string> = {}): Parameters<typeof isWorthRetrying>[0] {
  const response = { status, statusText: '', headers, setCookie: [], protocol: '', extensions: '' };
  return failed(new HandshakeError(new WsimdError(CONNECTION_FAULTS.handshakeStatus), response, ''));
}

function policyOf(policy: ReconnectPolicy = {}): Exclude<ReturnType<typeof checkPolicy>, (...rest: never) => unknown> {
  const normal = checkPolicy(policy);
  if (typeof normal === 'function') throw new Error('an object was given');
  return normal;
}

describe('another attempt', () => {
  it.each([1000, 1001, 1005, 1006, 1011, 1012, 1013, 1014, 3000, 4000, 4999])(
    'follows when the peer closes with %d',
    (code) => {
      expect(isWorthRetrying(closed(code))).toBe(true);
    },
  );

  it.each([1002, 1003, 1007, 1008, 1009, 1010])('does not when the peer closes with %d', (code) => {
    expect(isWorthRetrying(closed(code))).toBe(false);
  });

  it.each(Object.entries(FRAME_FAULTS))('does not when the peer broke a rule of frames, fault %s', (_, fault) => {
    expect(isWorthRetrying(failed(new WsimdError(fault)))).toBe(false);
  });

  it.each<Fault>([
    'connect',
    'tls',
    'connectTimeout',
    'provider',
    'headEnded',
    'ended',
    'reset',
    'closeTimeout',
    'deadPeer',
    'tooManyConnections',
    'internal',
  ])('follows behind %s, which may pass', (name) => {
    expect(isWorthRetrying(fault(name))).toBe(true);
  });

  it.each<Fault>([
    'headSyntax',
    'headSize',
    'handshakeUpgrade',
    'handshakeConnection',
    'handshakeAccept',
    'handshakeProtocol',
    'handshakeExtension',
    'messageUnheld',
    'aborted',
  ])('does not behind %s, which the next one would meet too', (name) => {
    expect(isWorthRetrying(fault(name))).toBe(false);
  });

  it.each([408, 429, 500, 502, 503, 504, 599])('follows behind the response %d', (status) => {
    expect(isWorthRetrying(refused(status))).toBe(true);
  });

  it.each([200, 204, 301, 302, 307, 308, 400, 401, 402, 403, 404, 407, 410, 426, 451, 600, 999])(
    'does not behind the response %d',
    (status) => {
      expect(isWorthRetrying(refused(status))).toBe(false);
    },
  );
});

describe('another attempt behind a proxy', () => {
  const refusal = new WsimdError(CONNECTION_FAULTS.proxyRefused);
  const answer = (status: number): HandshakeResponse => ({
    status,
    statusText: '',
    headers: {},
    setCookie: [],
    protocol: '',
    extensions: '',
  });

  it('follows, whatever it could not do', () => {
    for (const name of ['proxyConnect', 'proxyTls', 'proxySyntax', 'proxyEnded'] as const) {
      expect(isWorthRetrying(fault(name)), name).toBe(true);
    }
    for (const status of [403, 500, 502, 504]) {
      expect(isWorthRetrying(failed(new ProxyError(refusal, answer(status), '')))).toBe(true);
    }
    for (let reply = 1; reply <= 8; reply += 1) {
      expect(isWorthRetrying(failed(new ProxyError(refusal, undefined, '', reply)))).toBe(true);
    }
  });

  it('does not where it wants other credentials', () => {
    expect(isWorthRetrying(failed(new ProxyError(refusal, answer(407), '')))).toBe(false);
    expect(isWorthRetrying(failed(new ProxyError(refusal, undefined, '')))).toBe(false);
  });
});

describe('the delay', () => {
  const none = closed(1006);

  it('doubles from one second to thirty, and stays there', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 100, 10_000].map((attempt) => delayOf(policyOf(), attempt, none, () => 0));
    expect(delays).toEqual([1, 2, 4, 8, 16, 30, 30, 30, 30]);
  });

  it('has full jitter: all of it is random', () => {
    expect([0, 0.25, 0.5, 0.999].map((random) => delayOf(policyOf(), 3, none, () => random))).toEqual([
      4,
      3,
      2,
      expect.closeTo(0.004),
    ]);
  });

  it('has as much jitter as was asked for', () => {
    const delayed = (jitter: number, random: number): number => delayOf(policyOf({ jitter }), 3, none, () => random);
    expect([delayed(0, 0), delayed(0, 0.9), delayed(0.5, 0), delayed(0.5, 0.5), delayed(0.25, 0.8)]).toEqual([
      4,
      4,
      4,
      3,
      expect.closeTo(3.2),
    ]);
  });

  it('grows by the factor, from minDelay to maxDelay', () => {
    const policy = policyOf({ minDelay: 0.5, maxDelay: 10, factor: 3, jitter: 0 });
    expect([1, 2, 3, 4, 5].map((attempt) => delayOf(policy, attempt, none))).toEqual([0.5, 1.5, 4.5, 10, 10]);
    expect([1, 2, 50].map((attempt) => delayOf(policyOf({ factor: 1, jitter: 0 }), attempt, none))).toEqual([1, 1, 1]);
  });

  it('is never more than maxDelay nor less than nothing, whatever the numbers', () => {
    const policies = fc.record({
      minDelay: fc.double({ min: 0.001, max: 100, noNaN: true }),
      maxDelay: fc.double({ min: 100, max: 2_000_000, noNaN: true }),
      factor: fc.double({ min: 1, max: 1e6, noNaN: true }),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const property = fc.property(policies, fc.integer({ min: 1, max: 100_000 }), (policy, attempt) => {
      const delay = delayOf(policyOf(policy), attempt, none);
      expect(delay).toBeGreaterThanOrEqual(0);
      expect(delay).toBeLessThanOrEqual(policy.maxDelay);
    });
    fc.assert(property);
  });

  it('is at least what Retry-After asks for, jitter or not, and more than maxDelay if need be', () => {
    const busy = refused(503, { 'retry-after': '120' });
    expect(delayOf(policyOf(), 1, busy, () => 0.9)).toBe(120);
    expect(delayOf(policyOf(), 5, refused(429, { 'retry-after': '3' }), () => 0)).toBe(16);
    expect(delayOf(policyOf(), 5, refused(429, { 'retry-after': '3' }), () => 0.99)).toBe(3);
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 0);

  it.each([
    ['0', 0],
    ['7', 7],
    ['000120', 120],
    ['86400', 86_400],
    ['99999999999999999999', 86_400],
    ['Thu, 01 Jan 2026 12:01:30 GMT', 90],
    ['Thursday, 01-Jan-26 12:00:05 GMT', 5],
    ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
    ['Thu, 01 Jan 2099 11:00:00 GMT', 86_400],
    ['', undefined],
    ['soon', undefined],
    ['Thu Jan  1 12:00:30 2026', 30],
    ['-5', undefined],
    ['1.5', undefined],
    ['in 2099', undefined],
    ['retry 5', undefined],
    ['2099-01-01', undefined],
    ['Thu, 01 Jan 2099 11:00:00', undefined],
    ['Thu, 01 Jan 2099 11:00:00 GMT+9', undefined],
    ['Thu, 99 Jan 2099 11:00:00 GMT', undefined],
    ['１２', undefined],
  ])('%j is understood', (value, seconds) => {
    expect(retryAfter(refused(503, { 'retry-after': value }), now)).toEqual(seconds);
  });

  it.each([
    ['an hour behind', 'Thu, 01 Jan 2026 13:00:00 GMT'],
    ['an hour ahead', 'Thu, 01 Jan 2026 11:00:00 GMT'],
    ['years behind', 'Tue, 01 Jan 2036 00:00:00 GMT'],
  ])('is a time of the server, where our clock is %s of it', (_, date) => {
    const later = new Date(Date.parse(date) + 90_000).toUTCString();
    expect(retryAfter(refused(503, { 'retry-after': later, date }), now)).toBe(90);
    // Seconds are seconds by any clock.
    expect(retryAfter(refused(503, { 'retry-after': '90', date }), now)).toBe(90);
  });

  it.each(['', 'today', '2026-01-01', 'Thu, 01 Jan 2026 13:00:00 GMT, Thu, 01 Jan 2026 13:00:00 GMT'])(
    'is measured by our own clock where the answer has no date but %j',
    (date) => {
      expect(retryAfter(refused(503, { 'retry-after': 'Thu, 01 Jan 2026 12:01:30 GMT', date }), now)).toBe(90);
    },
  );

  it('is in UTC in all three forms, wherever this program runs', () => {
    vi.stubEnv('TZ', 'Asia/Seoul');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(new Date(now).getHours()).toBe(21);
    for (const value of [
      'Thu, 01 Jan 2026 12:01:30 GMT',
      'Thursday, 01-Jan-26 12:01:30 GMT',
      'Thu Jan  1 12:01:30 2026',
    ]) {
      expect(retryAfter(refused(503, { 'retry-after': value }), now), value).toBe(90);
    }
  });

  it('is looked for in the answer to a handshake only', () => {
    expect(retryAfter(refused(503))).toBeUndefined();
    expect(retryAfter(closed(1006))).toBeUndefined();
    expect(retryAfter(fault('reset'))).toBeUndefined();
  });
});

describe('a policy', () => {
  it('has defaults for all it leaves out, and cannot be changed behind our back', () => {
    const policy = policyOf({ maxRetries: 3, factor: undefined as never });
    expect(policy).toEqual({
      minDelay: 1,
      maxDelay: 30,
      factor: 2,
      jitter: 1,
      maxRetries: 3,
      minUptime: 5,
      retryRefusalsFor: 60,
    });
    expect(Object.isFrozen(policy)).toBe(true);
  });

  it('keeps its function, and may be one', () => {
    const shouldReconnect = (): boolean => true;
    expect(policyOf({ shouldReconnect }).shouldReconnect).toBe(shouldReconnect);
    const delay = (attempt: number): number => attempt;
    expect(checkPolicy(delay)).toBe(delay);
  });

  it.each([
    [5, 'TypeError: reconnectPolicy must be an object or a function, not a value of type number.'],
    [null, 'TypeError: reconnectPolicy must be an object or a function, not null.'],
    [[], 'TypeError: reconnectPolicy must be an object or a function, not an array.'],
    [{ minDelays: 1 }, 'TypeError: reconnectPolicy has no minDelays.'],
    [{ minDelay: '1' }, 'TypeError: reconnectPolicy.minDelay must be a number of seconds, not a value of type string.'],
    [{ minDelay: 0 }, 'RangeError: reconnectPolicy.minDelay must be more than 0 and at most 2147483 seconds; it is 0.'],
    [{ maxDelay: Infinity }, /^RangeError: reconnectPolicy\.maxDelay .* it is Infinity\.$/],
    [{ minDelay: 40 }, 'RangeError: reconnectPolicy.maxDelay must be at least minDelay, 40 seconds; it is 30.'],
    [{ factor: 0.5 }, 'RangeError: reconnectPolicy.factor must be a finite number, at least 1; it is 0.5.'],
    [{ factor: Infinity }, 'RangeError: reconnectPolicy.factor must be a finite number, at least 1; it is Infinity.'],
    [{ jitter: 1.1 }, 'RangeError: reconnectPolicy.jitter must be from 0 to 1; it is 1.1.'],
    [{ jitter: Number.NaN }, 'RangeError: reconnectPolicy.jitter must be from 0 to 1; it is NaN.'],
    [{ maxRetries: 1.5 }, 'RangeError: reconnectPolicy.maxRetries must be a whole number, or Infinity; it is 1.5.'],
    [{ maxRetries: -1 }, 'RangeError: reconnectPolicy.maxRetries must be a whole number, or Infinity; it is -1.'],
    [{ minUptime: -1 }, 'RangeError: reconnectPolicy.minUptime must be at least 0 seconds; it is -1.'],
    [{ minUptime: null }, 'TypeError: reconnectPolicy.minUptime must be a number, not null.'],
    [{ retryRefusalsFor: -1 }, 'RangeError: reconnectPolicy.retryRefusalsFor must be at least 0 seconds; it is -1.'],
    [{ shouldReconnect: true }, /shouldReconnect must be a function, not a value of type boolean\.$/],
  ])('that is %j is refused where it is set', (policy, sentence) => {
    let told = '';
    try {
      checkPolicy(policy as never);
    } catch (error) {
      told = String(error);
    }
    expect(told).toMatch(sentence);
  });
});
