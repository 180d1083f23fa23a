// The rules of reconnecting, one test for each, named by what the documentation says: states, delays, what is tried again and
// what is not. Other files test each of them deeply.

import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { begun, begunInVain, closing, refusing, SOON } from '../support/policies';

vi.mock('../../src/runtime/tasks', async (real) => (await import('../support/clock')).onFakeTimers(await real()));

describe('the states are a table', () => {
  it('INITIAL → CONNECTING → ESTABLISHED → CLOSING → CLOSED → …', async () => {
    const { connection, log, server } = await begun(SOON);
    const seen = [connection.getStatus(false)];
    const onClose = connection.onClose!;
    connection.onWebSocketClose = () => seen.push(connection.getStatus(false));
    connection.onClose = (...rest) => {
      seen.push(connection.getStatus(false));
      onClose(...rest);
    };
    connection.onWebSocketConnect = () => seen.push(connection.getStatus(false));
    await closing(1001)(await server.peer());
    await server.peer();
    await log.until('connect', 2);
    seen.push(connection.getStatus(false));
    expect(seen).toEqual(['CONNECTING', 'ESTABLISHED', 'CLOSING', 'CLOSED', 'CONNECTING']);
  });
});

describe('the policy', () => {
  it('is off by default', async () => {
    const { log } = await begunInVain(undefined);
    await log.until('close 1006');
    await setTimeout(30);
    expect(log.events).toEqual(['error CONNECT_FAIL', 'close 1006']);
  });
});

describe('when on', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it.each([
    [0, [1, 2, 4, 8, 16, 30, 30]],
    [0.5, [0.5, 1, 2, 4, 8, 15, 15]],
  ])('full jitter per attempt, base 1 s, factor 2, cap 30 s: where chance says %d', async (chance, delays) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    vi.spyOn(Math, 'random').mockReturnValue(chance);
    const told: number[] = [];
    const { log } = await begunInVain({}, { onReconnect: (_, _attempt, delay) => told.push(delay) });
    for (const i of delays.keys()) {
      await log.until(`reconnect ${i + 1}`);
      vi.advanceTimersByTime(delays[i]! * 1000);
    }
    expect(told.slice(0, delays.length)).toEqual(delays);
  });

  it('reset only after minUptime 5 s', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { log, server } = await begun({ factor: 1, jitter: 0 });
    for (const [i, uptime] of [4_999, 5_000, 0].entries()) {
      const peer = await server.acceptedPeer();
      await log.until('open 101', i + 1);
      vi.advanceTimersByTime(uptime);
      peer.socket.destroy();
      await log.until('close 1006', i + 1);
      vi.advanceTimersByTime(1_000);
    }
    expect(log.events.filter((line) => line.startsWith('reconnect'))).toEqual([
      'reconnect 1',
      'reconnect 1',
      'reconnect 2',
    ]);
  });

  it('retry on network errors', async () => {
    const { log } = await begunInVain({ ...SOON, maxRetries: 1 });
    await log.until('reconnect failed');
    expect(log.closings.length).toBe(2);
  });

  it.each([408, 429, 500, 503])('retry on HTTP %d', async (status) => {
    const { log, server } = await begun(SOON);
    await refusing(status)(await server.peer());
    await server.acceptedPeer();
    await log.until('open 101');
  });

  it('Retry-After honoured', async () => {
    const told: number[] = [];
    const { log, server } = await begun(SOON, 'ws', { onReconnect: (_, _attempt, delay) => told.push(delay) });
    await refusing(429, 'Retry-After: 20')(await server.peer());
    await log.until('reconnect 1');
    expect(told).toEqual([20]);
  });

  it.each([400, 401, 403, 404, 426])('stop on %d', async (status) => {
    const { log, server } = await begun(SOON);
    await refusing(status)(await server.peer());
    await log.until('reconnect failed');
    expect(server.count).toBe(1);
  });

  it.each([1002, 1003, 1007, 1008, 1009, 1010])('stop on close %d', async (code) => {
    const { log, server } = await begun(SOON);
    await closing(code)(await server.peer());
    await log.until('reconnect failed');
    expect(server.count).toBe(1);
  });

  it('every wait can be cancelled', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { connection, log } = await begunInVain({});
    await log.until('reconnect 1');
    connection.cancelReconnect();
    expect(vi.getTimerCount()).toBe(0);
  });
});
