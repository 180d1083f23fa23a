// Timers and microtasks that a program has replaced: whatever it does, and whenever, what is to be done later is done.

import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { mock } from 'node:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

type Tasks = typeof import('../../src/runtime/tasks');

/** All that a test can fake. */
const ALL = [
  ...['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'],
  ...['queueMicrotask', 'performance', 'Date'],
] as const;

/** As the file is evaluated in this moment. */
async function evaluated(): Promise<Tasks> {
  vi.resetModules();
  return await import('../../src/runtime/tasks');
}

/** In which order the tasks of one moment are done. */
async function order({ queueSoon, queueTask, queueTick }: Tasks): Promise<string[]> {
  const done: string[] = [];
  await new Promise<void>((resolve) => {
    queueTask(() => {
      done.push('task');
      resolve();
    });
    queueSoon(() => done.push('soon'));
    queueTick(() => done.push('tick'));
    done.push('now');
  });
  return done;
}

/** How long a timer of `milliseconds` takes. */
async function elapsed({ setTimer, now }: Tasks, milliseconds: number): Promise<number> {
  const start = now();
  await new Promise<void>((resolve) => setTimer(resolve, milliseconds));
  return now() - start;
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('where nobody has replaced anything', () => {
  it('tasks are done behind the present one, soon before later', async () => {
    const done = await order(await evaluated());
    expect([...done].sort()).toEqual(['now', 'soon', 'task', 'tick']);
    expect([done[0], done[3]]).toEqual(['now', 'task']);
  });

  it('what `queueSoon` does is done in the async context of the call', async () => {
    const { queueSoon } = await evaluated();
    const storage = new AsyncLocalStorage<string>();
    const seen = await new Promise((resolve) =>
      storage.run('of the call', () => queueSoon(() => resolve(storage.getStore()))),
    );
    expect(seen).toBe('of the call');
  });

  it('a timer that was cleared is not called; an interval is called until it is', async () => {
    const { clearTimer, setQuietInterval, setTimer } = await evaluated();
    const cleared = vi.fn();
    clearTimer(setTimer(cleared, 1));
    let calls = 0;
    await new Promise<void>((resolve) => {
      const interval = setQuietInterval(() => {
        calls += 1;
        if (calls < 3) return;
        clearTimer(interval);
        resolve();
      }, 1);
    });
    await new Promise<void>((resolve) => setTimer(resolve, 20));
    expect([calls, cleared.mock.calls.length]).toEqual([3, 0]);
    clearTimer(undefined);
  });

  it('quiet timers do not keep the process alive, others do', async () => {
    const { clearTimer, setQuietInterval, setQuietTimer, setTimer } = await evaluated();
    const made = [setTimer, setQuietTimer, setQuietInterval].map((make) => make(() => {}, 60_000));
    expect(made.map((timer) => (timer as unknown as NodeJS.Timeout).hasRef())).toEqual([true, false, false]);
    for (const timer of made) clearTimer(timer);
  });

  it('`throwSoon` is an uncaught exception', async () => {
    const { throwSoon } = await evaluated();
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const caught = once(process, 'uncaughtException');
    const error = new Error('of a test');
    throwSoon(error);
    expect((await caught)[0]).toBe(error);
    for (const listener of listeners) process.on('uncaughtException', listener);
  });
});

describe.each([
  [
    'globals',
    () => {
      for (const name of ALL) vi.stubGlobal(name, () => {});
    },
  ],
  [
    'all that fake timers fake',
    () => {
      vi.useFakeTimers({ toFake: [...ALL] });
    },
  ],
] as const)('replaced behind the evaluation: %s', (_, replace) => {
  it('everything goes on, and time too', async () => {
    const tasks = await evaluated();
    replace();
    expect((await order(tasks)).at(-1)).toBe('task');
    expect(await elapsed(tasks, 10)).toBeGreaterThan(5);
  });
});

describe('replaced in front of the evaluation', () => {
  it.each([
    [
      'globals',
      () => {
        for (const name of ALL) vi.stubGlobal(name, () => {});
      },
      () => {
        vi.unstubAllGlobals();
      },
    ],
    [
      'all that fake timers fake',
      () => {
        vi.useFakeTimers({ toFake: [...ALL] });
      },
      () => {
        vi.useRealTimers();
      },
    ],
    [
      'the timers of node:test',
      () => {
        mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate'] });
      },
      () => {
        mock.timers.reset();
      },
    ],
  ] as const)('%s: tasks are done, and real timers are found when they are back', async (_, replace, restore) => {
    replace();
    let tasks: Tasks;
    try {
      tasks = await evaluated();
      expect((await order(tasks)).at(-1)).toBe('task');
      // Time may be theirs as long as they are there.
      tasks.clearTimer(tasks.setTimer(() => {}, 60_000));
    } finally {
      restore();
    }
    expect(await elapsed(tasks, 10)).toBeGreaterThan(5);
    expect((await order(tasks)).at(-1)).toBe('task');
  });

  describe('by fake timers', () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: [...ALL] });
    });

    it('a `nextTick` of theirs is left alone', async () => {
      const { host } = await import('../../src/runtime/host-node');
      const nextTick = Object.assign(vi.fn(), { clock: {} });
      vi.doMock('#host', () => ({ host: { ...host, nextTick } }));
      try {
        expect((await order(await evaluated())).sort()).toEqual(['now', 'soon', 'task', 'tick']);
      } finally {
        vi.doUnmock('#host');
      }
      expect(nextTick).not.toHaveBeenCalled();
    });

    it('a task may queue the next one', async () => {
      const { queueTask } = await evaluated();
      const done: number[] = [];
      await new Promise<void>((resolve) => {
        const next = (): void => {
          done.push(done.length);
          if (done.length === 3) resolve();
          else queueTask(next);
        };
        queueTask(next);
      });
      expect(done).toEqual([0, 1, 2]);
    });
  });
});
