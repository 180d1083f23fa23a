// The library's timers as those that a test fakes: the library takes the runtime's own when it is loaded, so that the fake
// timers of a program stop nothing of it. For `vi.mock('…/src/runtime/tasks', …)`.

import { setImmediate } from 'node:timers/promises';
import { vi } from 'vitest';
import type * as tasks from '../../src/runtime/tasks';
import type * as unacknowledged from '../../src/transport/node/unacknowledged';

type Tasks = typeof tasks;

/** Kept away from a fake clock. */
const realNow = performance.now.bind(performance);

/** Timers and the time are the globals of the moment; a turn of the event loop remains a real one. */
export function onFakeTimers(real: Tasks): Tasks {
  return {
    ...real,
    setTimer: (task, milliseconds) => setTimeout(task, milliseconds) as unknown as tasks.Timer,
    setQuietTimer: (task, milliseconds) => setTimeout(task, milliseconds).unref() as unknown as tasks.Timer,
    setQuietInterval: (task, milliseconds) => setInterval(task, milliseconds).unref() as unknown as tasks.Timer,
    clearTimer: (timer) => clearTimeout(timer as unknown as NodeJS.Timeout),
    now: () => performance.now(),
  };
}

/** And a turn of the event loop takes no time. */
export function onFakeClock(real: Tasks): Tasks {
  return { ...onFakeTimers(real), queueTask: (task) => task() };
}

/**
 * What the kernel acknowledges is not known: it may do so 40 ms late in its own time, which would be some way made at whatever second
 * of a fake clock that is. For `vi.mock('…/src/transport/node/unacknowledged', …)`.
 */
export function withoutKernel(): typeof unacknowledged {
  return { unacknowledgedBytes: () => undefined };
}

/** So much time passes, behind what is going on; in every second of it, and at its end, verdicts are given. */
export async function elapse(milliseconds: number): Promise<void> {
  await turns();
  for (let left = milliseconds; left > 0; left -= 1000) {
    vi.advanceTimersByTime(Math.min(left, 1000));
    await turns();
  }
}

/** So many milliseconds of the real time: what is on its way between two kernels arrives. */
const REAL_TIME = 4;

async function turns(): Promise<void> {
  const begin = realNow();
  do await setImmediate();
  while (realNow() - begin < REAL_TIME);
}
