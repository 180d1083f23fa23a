// When the reconnect policy brings a connection back, and what counts as having been up: on a clock that stands still, with real
// servers.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ReconnectPolicyOption } from '../../src/index';
import { type Begun, begun, begunInVain, closing, refusing } from '../support/policies';

vi.mock('../../src/runtime/tasks', async (real) => (await import('../support/clock')).onFakeTimers(await real()));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('on a clock that stands still', () => {
  it('minUptime: a connection that was open so long is as good as the first one', async () => {
    const { log, server } = await begun({ minDelay: 2, factor: 1, jitter: 0, minUptime: 5 });
    for (const [count, uptime] of [4_999, 5_000, 10, 4_999, 100_000].entries()) {
      const peer = await server.acceptedPeer();
      await log.until('open 101', count + 1);
      vi.advanceTimersByTime(uptime);
      peer.socket.destroy();
      await log.until(({ events }) => events.filter((line) => line.startsWith('reconnect')).length > count);
      vi.advanceTimersByTime(2_000);
    }
    expect(log.outlooks.map(({ attempt }) => attempt)).toEqual([0, 1, 1, 2, 3]);
    expect(log.events.filter((line) => line.startsWith('reconnect'))).toEqual([
      'reconnect 1',
      'reconnect 1',
      'reconnect 2',
      'reconnect 3',
      'reconnect 1',
    ]);
  });

  it('minUptime: an attempt that was never open is not up, however long it took', async () => {
    const { log, server } = await begun({ minDelay: 1, factor: 1, jitter: 0, minUptime: 0, maxRetries: 2 });
    for (const count of [1, 2, 3]) {
      const peer = await server.peer();
      await log.until('connect', count);
      vi.advanceTimersByTime(9_000);
      peer.socket.destroy();
      await log.until('close 1006', count);
      vi.advanceTimersByTime(1_000);
    }
    expect(log.events.at(-1)).toBe('reconnect failed');
  });

  it('comes back in as many seconds as onReconnect told, and not earlier', async () => {
    const told: [number, number][] = [];
    const { connection, log } = await begunInVain(
      { minDelay: 3, maxDelay: 10, factor: 2, jitter: 0 },
      { onReconnect: (_, attempt, delay) => told.push([attempt, delay]) },
    );
    for (const [i, delay] of [3, 6, 10, 10].entries()) {
      await log.until(`reconnect ${i + 1}`);
      expect(told[i]).toEqual([i + 1, delay]);
      vi.advanceTimersByTime(delay * 1000 - 1);
      expect(connection.getStatus(false)).toBe('CLOSED');
      vi.advanceTimersByTime(1);
      expect(connection.getStatus(false)).toBe('CONNECTING');
    }
  });

  it('jitter: the delay that is told is the one that is waited', async () => {
    let delay = 0;
    const { connection, log } = await begunInVain(
      { minDelay: 20 },
      {
        onReconnect: (...rest) => {
          delay = rest[2];
        },
      },
    );
    await log.until('reconnect 1');
    expect(delay).toBeGreaterThanOrEqual(0);
    expect(delay).toBeLessThanOrEqual(20);
    vi.advanceTimersByTime(Math.floor(delay * 1000) - 1);
    expect(connection.getStatus(false)).toBe('CLOSED');
    vi.advanceTimersByTime(2);
    expect(connection.getStatus(false)).toBe('CONNECTING');
  });

  it('503 with Retry-After: 70 waits 70 seconds, though maxDelay is 30', async () => {
    const { connection, log, server } = await begun({});
    await refusing(503, 'Retry-After: 70')(await server.peer());
    await log.until('reconnect 1');
    vi.advanceTimersByTime(69_999);
    expect(connection.getStatus(false)).toBe('CLOSED');
    vi.advanceTimersByTime(1);
    await server.acceptedPeer();
    await log.until('open 101');
  });

  it('503 with a date in Retry-After waits as long as the server means, whatever our clock shows', async () => {
    const { connection, log, server } = await begun({});
    const [date, later] = [new Date(0), new Date(70_000)].map((time) => time.toUTCString());
    await refusing(503, `Date: ${date}`, `Retry-After: ${later}`)(await server.peer());
    await log.until('reconnect 1');
    vi.advanceTimersByTime(69_999);
    expect(connection.getStatus(false)).toBe('CLOSED');
    vi.advanceTimersByTime(1);
    await server.acceptedPeer();
    await log.until('open 101');
  });

  describe('refusals in the midst of a deployment', () => {
    const EACH_SECOND = { minDelay: 1, factor: 1, jitter: 0 };
    const reconnects = (events: readonly string[]): number =>
      events.filter((line) => line.startsWith('reconnect ') && line !== 'reconnect failed').length;

    /** It was open, and is lost; the next attempt is about to begin. */
    async function lost(policy: ReconnectPolicyOption): Promise<Begun> {
      const all = await begun(policy);
      const peer = await all.server.acceptedPeer();
      await all.log.until('open 101');
      peer.socket.destroy();
      await all.log.until(({ events }) => reconnects(events) === 1);
      return all;
    }

    it.each([404, 403, 425, 200, 401])(
      '%d for some seconds is waited for, and the connection comes back',
      async (status) => {
        const { log, server } = await lost(EACH_SECOND);
        for (const count of [2, 3, 4]) {
          vi.advanceTimersByTime(1_000);
          await refusing(status)(await server.peer());
          await log.until(({ events }) => reconnects(events) === count);
        }
        vi.advanceTimersByTime(1_000);
        await server.acceptedPeer();
        await log.until('open 101', 2);
        expect(log.outlooks.every(({ willReconnect }) => willReconnect)).toBe(true);
      },
    );

    it('a 101 that is not right is such a refusal, too', async () => {
      const { log, server } = await lost(EACH_SECOND);
      vi.advanceTimersByTime(1_000);
      const peer = await server.peer();
      await peer.readHead();
      peer.socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n');
      await log.until(({ events }) => reconnects(events) === 2);
    });

    it('are final when retryRefusalsFor is over, from the first one on', async () => {
      const { log, server } = await lost({ ...EACH_SECOND, retryRefusalsFor: 10 });
      vi.advanceTimersByTime(1_000);
      await refusing(404)(await server.peer());
      await log.until(({ events }) => reconnects(events) === 2);
      vi.advanceTimersByTime(9_999);
      await refusing(404)(await server.peer());
      await log.until(({ events }) => reconnects(events) === 3);
      vi.advanceTimersByTime(1_000);
      await refusing(404)(await server.peer());
      await log.until('reconnect failed');
      expect(log.outlooks.at(-1)?.willReconnect).toBe(false);
    });

    it('have their time anew when the connection was open again', async () => {
      const { log, server } = await lost({ ...EACH_SECOND, retryRefusalsFor: 10 });
      for (const count of [1, 2]) {
        vi.advanceTimersByTime(1_000);
        await refusing(404)(await server.peer());
        await log.until(({ events }) => reconnects(events) === count * 2);
        vi.advanceTimersByTime(9_000);
        const peer = await server.acceptedPeer();
        await log.until('open 101', count + 1);
        peer.socket.destroy();
        await log.until(({ events }) => reconnects(events) === count * 2 + 1);
      }
    });

    it.each([
      ['retryRefusalsFor is 0', { ...EACH_SECOND, retryRefusalsFor: 0 }],
      ['shouldReconnect says so', { ...EACH_SECOND, shouldReconnect: () => false }],
    ])('are final at once where %s', async (_, policy) => {
      const all = await begun({ ...policy, shouldReconnect: undefined as never });
      const peer = await all.server.acceptedPeer();
      await all.log.until('open 101');
      peer.socket.destroy();
      await all.log.until('reconnect 1');
      all.connection.reconnectPolicy = policy;
      vi.advanceTimersByTime(1_000);
      await refusing(404)(await all.server.peer());
      await all.log.until('reconnect failed');
    });

    it('are final where the server had ended the connection by a status that is', async () => {
      const { log, server } = await begun({
        ...EACH_SECOND,
        shouldReconnect: ({ code, willReconnect }) => code === 1008 || willReconnect,
      });
      await closing(1008)(await server.peer());
      await log.until('reconnect 1');
      vi.advanceTimersByTime(1_000);
      await refusing(403)(await server.peer());
      await log.until('reconnect failed');
    });

    it('are final where connect() began anew: it may be another server', async () => {
      const { connection, log, server } = await lost(EACH_SECOND);
      connection.connect();
      await refusing(404)(await server.peer());
      await log.until('reconnect failed');
    });
  });

  it('a delay longer than any timer is the longest there is, and not none', async () => {
    let told = 0;
    const { connection, log } = await begunInVain(() => 1e12, {
      onReconnect: (...rest) => {
        told = rest[2];
      },
    });
    await log.until('reconnect 1');
    expect(told).toBe(2_147_483);
    vi.advanceTimersByTime(2_147_482_999);
    expect(connection.getStatus(false)).toBe('CLOSED');
    vi.advanceTimersByTime(1);
    expect(connection.getStatus(false)).toBe('CONNECTING');
  });
});
