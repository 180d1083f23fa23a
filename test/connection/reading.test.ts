// What holds back reading, and what the pipe is told of it (src/connection/reading.ts). What a connection makes of each reason is
// in the tests of pauses, pings and turns.

import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { HOLD, Reading } from '../../src/connection/reading';
import type { Transport } from '../../src/transport/contract';

vi.mock('../../src/runtime/tasks', async (real) => (await import('../support/clock')).onFakeTimers(await real()));

/** What the pipe was told since it was last asked. */
function pipe(): { readonly transport: Transport; told(): boolean[] } {
  const told: boolean[] = [];
  const transport = { read: (isWanted: boolean) => void told.push(isWanted) } as Partial<Transport> as Transport;
  return { transport, told: () => told.splice(0) };
}

function open(): { readonly reading: Reading; told(): boolean[] } {
  const { transport, told } = pipe();
  const reading = new Reading();
  reading.begin(transport);
  return { reading, told };
}

describe('reading', () => {
  it('goes on when the last of several reasons is gone', () => {
    const { reading, told } = open();
    expect(told()).toEqual([]);
    reading.hold(HOLD.paused);
    reading.hold(HOLD.behind);
    expect(told()).toEqual([false, false]);
    reading.release(HOLD.paused);
    expect(told()).toEqual([false]);
    reading.release(HOLD.behind);
    expect(told()).toEqual([true]);
  });

  it('is told of once, however often the same holds it back or no longer does', () => {
    const { reading, told } = open();
    reading.hold(HOLD.pongsWait);
    reading.hold(HOLD.pongsWait);
    expect([told(), reading.isHeldBy(HOLD.pongsWait), reading.isHeldBy(HOLD.paused)]).toEqual([[false], true, false]);
    reading.release(HOLD.pongsWait);
    reading.release(HOLD.pongsWait);
    expect([told(), reading.isHeldBy(HOLD.pongsWait)]).toEqual([[true], false]);
  });

  it('does not begin on a pipe if something held it back before', () => {
    const { transport, told } = pipe();
    const reading = new Reading();
    reading.hold(HOLD.paused);
    reading.begin(transport);
    expect(told()).toEqual([false]);
  });

  it('tells nothing to a pipe that is gone', () => {
    const { reading, told } = open();
    reading.hold(HOLD.paused);
    told();
    reading.end();
    reading.release(HOLD.paused);
    expect(told()).toEqual([]);
  });
});

describe('reads that follow each other in one turn', () => {
  it('leave the next turn to others after 8 ms, and go on behind it', async () => {
    const { reading, told } = open();
    const now = vi.spyOn(performance, 'now');
    for (const time of [1_000, 1_007.9]) {
      now.mockReturnValueOnce(time);
      reading.goesOn();
    }
    expect(told()).toEqual([]);
    now.mockReturnValueOnce(1_008);
    reading.goesOn();
    now.mockRestore();
    expect(told()).toEqual([false]);
    await setImmediate();
    expect(told()).toEqual([true]);
  });

  it('go on where there is no pipe yet, or the turn is over already', () => {
    const now = vi.spyOn(performance, 'now').mockReturnValueOnce(1_000).mockReturnValueOnce(1_008);
    const early = new Reading();
    early.goesOn();
    early.goesOn();
    const { transport, told } = pipe();
    early.begin(transport);
    for (const time of [1_010, 1_018, 1_020, 1_028]) {
      now.mockReturnValueOnce(time);
      early.goesOn();
    }
    now.mockRestore();
    expect(told()).toEqual([false]);
  });

  it('begin anew behind one that stopped', () => {
    const { reading, told } = open();
    const now = vi.spyOn(performance, 'now');
    for (const time of [1_000, 1_007]) {
      now.mockReturnValueOnce(time);
      reading.goesOn();
      reading.stopped();
    }
    now.mockReturnValueOnce(1_014).mockReturnValueOnce(1_021);
    reading.goesOn();
    reading.goesOn();
    now.mockRestore();
    expect(told()).toEqual([]);
  });

  it('go on if they are paused and resumed in the meantime, in the next turn', async () => {
    const { reading, told } = open();
    const now = vi.spyOn(performance, 'now').mockReturnValueOnce(1_000).mockReturnValueOnce(1_008);
    reading.goesOn();
    reading.goesOn();
    now.mockRestore();
    reading.hold(HOLD.paused);
    reading.release(HOLD.paused);
    expect(told()).toEqual([false, false, false]);
    await setImmediate();
    expect(told()).toEqual([true]);
  });
});
