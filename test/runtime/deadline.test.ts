// The kind of fault: a verdict before what came in time was read. A deadline gives its verdict behind one more turn of the event
// loop, and the time in which a program was busy does not count against the peer.

import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Deadline } from '../../src/runtime/deadline';

function deadline(seconds: number, progress?: () => number) {
  const verdicts: number[] = [];
  const begin = performance.now();
  const made = new Deadline(seconds, () => verdicts.push((performance.now() - begin) / 1000), progress);
  made.begin();
  onTestFinished(() => made.cancel());
  return { made, verdicts };
}

function busy(seconds: number): void {
  for (const until = performance.now() + seconds * 1000; performance.now() < until; );
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(1);
}

describe('a deadline', () => {
  it('gives its verdict once, when its time has passed', async () => {
    const { verdicts } = deadline(0.05);
    await until(() => verdicts.length > 0);
    expect(verdicts[0]).toBeGreaterThanOrEqual(0.049);
    await sleep(100);
    expect(verdicts).toHaveLength(1);
  });

  it('gives none when it has been cancelled, in the very turn in front of the verdict, too', async () => {
    const { made, verdicts } = deadline(0.02);
    const begin = performance.now();
    const later = deadline(0.02, () => {
      if (performance.now() - begin > 18) globalThis.setImmediate(() => later.made.cancel());
      return 0;
    });
    made.cancel();
    await sleep(200);
    expect([...verdicts, ...later.verdicts]).toEqual([]);
  });

  it('of Infinity never ends, and leaves no timer', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    deadline(Number.POSITIVE_INFINITY);
    expect(timers()).toBe(before);
  });
});

describe('a program that was busy when the time passed', () => {
  it('has a turn of the event loop, and as much time as it was late, before the verdict', async () => {
    const { verdicts } = deadline(0.1);
    busy(0.3);
    await setImmediate();
    await setImmediate();
    expect(verdicts).toEqual([]);
    await until(() => verdicts.length > 0);
    // 0.3 seconds, of which 0.1 count: the verdict is owed 0.1 more, which is all of the time.
    expect(verdicts[0]).toBeGreaterThanOrEqual(0.39);
  });

  it('cannot put off the verdict for ever', async () => {
    const { verdicts } = deadline(0.05);
    for (let times = 0; times < 8 && verdicts.length === 0; times += 1) {
      busy(0.1);
      await sleep(1);
    }
    await until(() => verdicts.length > 0);
    expect(verdicts).toHaveLength(1);
  });
});

describe('a deadline for what shows progress', () => {
  it('begins anew with it, and passes when there has been none for so long', async () => {
    let moved = 0;
    const { verdicts } = deadline(0.2, () => moved);
    const mover = setInterval(() => (moved += 1), 10);
    await sleep(600);
    clearInterval(mover);
    const stoppedAt = performance.now();
    expect(verdicts).toEqual([]);
    await until(() => verdicts.length > 0);
    expect(performance.now() - stoppedAt).toBeGreaterThanOrEqual(190);
  });

  it('gives progress a last look in the turn in front of its verdict', async () => {
    let moved = 0;
    let isAsked = false;
    const begin = performance.now();
    // It moves in no other turn than that one.
    const { verdicts } = deadline(0.04, () => {
      if (!isAsked && performance.now() - begin > 37) {
        isAsked = true;
        globalThis.setImmediate(() => (moved += 1));
      }
      return moved;
    });
    await until(() => verdicts.length > 0);
    expect(verdicts[0]).toBeGreaterThanOrEqual(0.075);
  });
});
