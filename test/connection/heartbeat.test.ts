// The heartbeat on a clock that only moves when it is told to: when it pings, when it gives a peer up, what it measures.

import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Heartbeat } from '../../src/connection/heartbeat';

vi.mock('../../src/runtime/tasks', async (real) => (await import('../support/clock')).onFakeClock(await real()));

/** A heartbeat whose events are written down as `12 s: ping 1`. */
function heartbeat(onPing: (payload: Uint8Array, beat: Heartbeat) => void = () => {}) {
  const events: string[] = [];
  const pings: Uint8Array[] = [];
  const start = performance.now();
  const write = (event: string): unknown => events.push(`${(performance.now() - start) / 1000} s: ${event}`);
  const peer: { signs: number; isPaused: boolean; accepted: number; acknowledged?: number } = {
    signs: 0,
    isPaused: false,
    accepted: 0,
  };
  const beat: Heartbeat = new Heartbeat({
    onPingDue: (payload) => {
      if (peer.isPaused) return false;
      pings.push(payload);
      write(`ping ${pings.length}`);
      onPing(payload, beat);
      return true;
    },
    signsOfLife: () => peer.signs,
    accepted: () => peer.accepted,
    acknowledged: () => peer.acknowledged,
    onDead: () => write('dead'),
  });
  return { beat, events, pings, peer };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('an answered heartbeat', () => {
  it('pings after every interval, the first time after one', () => {
    const { beat, events } = heartbeat((payload, beat) => beat.pong(payload));
    beat.start(10, 10);
    vi.advanceTimersByTime(35_000);
    expect(events).toEqual(['10 s: ping 1', '20 s: ping 2', '30 s: ping 3']);
  });

  it('goes on for ever', () => {
    const { beat, events } = heartbeat((payload, beat) => beat.pong(payload));
    beat.start(0.5, 0.1);
    vi.advanceTimersByTime(1_000_000);
    expect(events).toHaveLength(2000);
    expect(events.at(-1)).toBe('1000 s: ping 2000');
  });

  it('keeps no process alive', async () => {
    vi.useRealTimers();
    // Its own timers are asked: how many hold the process is the runner's affair, too, which has some of its own.
    const timers = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'setInterval')];
    onTestFinished(() => void vi.restoreAllMocks());
    await new Promise<void>((resolve) => {
      const { beat } = heartbeat(() => resolve());
      beat.start(0.001, 60);
      onTestFinished(() => beat.stop());
    });
    const set = timers.flatMap((timer) => timer.mock.results.map(({ value }) => value as NodeJS.Timeout));
    expect(set.length).toBeGreaterThanOrEqual(2);
    expect(set.filter((timer) => timer.hasRef())).toEqual([]);
  });

  it('sends another payload every time, of at most 125 bytes', () => {
    const { beat, pings } = heartbeat((payload, beat) => beat.pong(payload));
    beat.start(1, 1);
    vi.advanceTimersByTime(300_000);
    expect(new Set(pings.map(String)).size).toBe(300);
    expect(Math.max(...pings.map(({ length }) => length))).toBeLessThanOrEqual(125);
  });
});

describe('a silent peer', () => {
  it('is dead when the time-out has passed since the first ping without an answer, and is told once', () => {
    const { beat, events } = heartbeat();
    beat.start(10, 25);
    vi.advanceTimersByTime(100_000);
    expect(events).toEqual(['10 s: ping 1', '20 s: ping 2', '30 s: ping 3', '35 s: dead']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('may have a time-out shorter than the interval', () => {
    const { beat, events } = heartbeat();
    beat.start(10, 0.5);
    vi.advanceTimersByTime(100_000);
    expect(events).toEqual(['10 s: ping 1', '10.5 s: dead']);
  });

  it('may have one of the same length', () => {
    const { beat, events } = heartbeat();
    beat.start(10, 10);
    vi.advanceTimersByTime(100_000);
    expect(events.filter((event) => event.endsWith('dead'))).toEqual(['20 s: dead']);
  });

  it('lives as soon as any pong comes, asked for or not', () => {
    const { beat, events } = heartbeat();
    beat.start(10, 15);
    vi.advanceTimersByTime(24_000);
    beat.pong(new Uint8Array(0));
    vi.advanceTimersByTime(10_000);
    expect(events).toEqual(['10 s: ping 1', '20 s: ping 2', '30 s: ping 3']);
    // From the ping at 30 s on it counts again.
    vi.advanceTimersByTime(100_000);
    expect(events.at(-1)).toBe('45 s: dead');
  });
});

describe('a peer that shows signs of life and answers no ping', () => {
  it('lives as long as they come, and is dead when the time-out has passed since the last of them', () => {
    const { beat, events, peer } = heartbeat();
    beat.start(100, 8);
    vi.advanceTimersByTime(100_000);
    for (let second = 0; second < 30; second += 1) {
      peer.signs += 1;
      vi.advanceTimersByTime(1000);
    }
    expect(events).toEqual(['100 s: ping 1']);
    vi.advanceTimersByTime(20_000);
    // Seen within a quarter of the time-out.
    expect(events).toEqual(['100 s: ping 1', '138 s: dead']);
  });

  it('lives as long as its TCP acknowledges more than ever before', () => {
    const { beat, events, peer } = heartbeat();
    peer.acknowledged = 0;
    peer.accepted = 1_000;
    beat.start(100, 8);
    vi.advanceTimersByTime(100_000);
    for (let second = 1; second <= 30; second += 1) {
      peer.acknowledged = second % 2 === 0 ? second : 0;
      vi.advanceTimersByTime(1000);
    }
    expect(events).toEqual(['100 s: ping 1']);
    for (let second = 0; second < 20; second += 1) {
      peer.acknowledged = (second % 3) * 10;
      vi.advanceTimersByTime(1000);
    }
    expect(events).toEqual(['100 s: ping 1', '138 s: dead']);
  });

  it('is dead if it does not answer the ping that its TCP has acknowledged, whatever it acknowledges behind it', () => {
    const { beat, events, peer } = heartbeat();
    peer.accepted = 10;
    peer.acknowledged = 0;
    beat.start(100, 8);
    vi.advanceTimersByTime(102_000);
    for (let second = 0; second < 20; second += 1) {
      peer.acknowledged += 10;
      peer.accepted += 10;
      vi.advanceTimersByTime(1000);
    }
    // Acknowledged within the look from 102 to 104.
    expect(events).toEqual(['100 s: ping 1', '112 s: dead']);
  });

  it('is not waited for when there was none to begin with', () => {
    const { beat, events, peer } = heartbeat();
    peer.signs = 5;
    beat.start(100, 8);
    vi.advanceTimersByTime(200_000);
    expect(events).toEqual(['100 s: ping 1', '108 s: dead']);
  });
});

describe('a ping that cannot be sent now', () => {
  it('is answered by nobody, and nothing is expected; a later one is', () => {
    const { beat, events, peer } = heartbeat();
    peer.isPaused = true;
    beat.start(10, 5);
    vi.advanceTimersByTime(35_000);
    expect(events).toEqual([]);
    peer.isPaused = false;
    vi.advanceTimersByTime(20_000);
    expect(events).toEqual(['40 s: ping 1', '45 s: dead']);
  });
});

describe('the round trip', () => {
  it('begins when a ping has left that had to wait', () => {
    const { beat, pings } = heartbeat();
    beat.start(10, 10);
    vi.advanceTimersByTime(13_000);
    beat.left(pings[0]!);
    vi.advanceTimersByTime(250);
    expect(beat.pong(pings[0]!)).toBe(0.25);
  });

  it('is the time from the ping to its pong, in seconds', () => {
    const { beat, pings } = heartbeat();
    beat.start(10, 10);
    vi.advanceTimersByTime(10_000);
    vi.advanceTimersByTime(250);
    expect(beat.pong(pings[0]!)).toBe(0.25);
  });

  it('is not taken from a pong that answers something else', () => {
    const { beat, pings } = heartbeat();
    expect(beat.pong(new Uint8Array(0))).toBeUndefined();
    beat.start(10, 25);
    expect(beat.pong(new Uint8Array(4))).toBeUndefined();
    vi.advanceTimersByTime(20_000);
    const [first, second] = pings as [Uint8Array, Uint8Array];
    expect(beat.pong(first)).toBeUndefined();
    expect(beat.pong(second.subarray(1))).toBeUndefined();
    expect(beat.pong(Uint8Array.of(...second, 0))).toBeUndefined();
    expect(beat.pong(second)).toBe(0);
  });
});

describe('start() and stop()', () => {
  it('end every timer, at any time', () => {
    const { beat, events } = heartbeat();
    beat.stop();
    beat.start(10, 15);
    vi.advanceTimersByTime(12_000);
    beat.stop();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(100_000);
    expect(events).toEqual(['10 s: ping 1']);
  });

  it('begin anew with other times', () => {
    const { beat, events } = heartbeat();
    beat.start(10, 15);
    vi.advanceTimersByTime(12_000);
    beat.start(3, 4);
    vi.advanceTimersByTime(100_000);
    expect(events).toEqual(['10 s: ping 1', '15 s: ping 2', '18 s: ping 3', '19 s: dead']);
  });

  it('may be called from the ping itself', () => {
    const { beat, events } = heartbeat((_, beat) => beat.stop());
    beat.start(10, 15);
    vi.advanceTimersByTime(100_000);
    expect(events).toEqual(['10 s: ping 1']);
    expect(vi.getTimerCount()).toBe(0);
  });
});
