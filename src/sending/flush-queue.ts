// The outboxes with frames of this tick: all of them are flushed at its end, or earlier, each by itself. It does not know what
// they write.

import { queueSoon } from '../runtime/tasks';

interface Flushable {
  flush(): void;
}

/** Those in front of `next` have been flushed. */
let waiting: Flushable[] = [];
let next = 0;
/** Those that could not be: where the stack is at its end nothing is written, and nothing lost. */
let late: Flushable[] = [];
let isScheduled = false;
let isExitWatched = false;

/** Flushes at the end of the tick, unless `flushAll` comes first. */
export function flushSoon(outbox: Flushable): void {
  if (!isScheduled) {
    if (!isExitWatched) watchExit();
    queueSoon(flushInTurn);
    isScheduled = true;
  }
  waiting.push(outbox);
}

/** `process.exit()` in the tick of a send leaves no microtask, but the kernel still takes what is written. */
function watchExit(): void {
  isExitWatched = true;
  globalThis.process?.once?.('exit', flushAll);
}

function flushInTurn(): void {
  isScheduled = false;
  flushAll();
}

/**
 * Writes what has been gathered, now: at the end of a receive batch there is nothing to wait for. A write may lead here again,
 * which goes on with those behind it.
 */
export function flushAll(): void {
  while (next < waiting.length) {
    const outbox = waiting[next]!;
    next += 1;
    try {
      outbox.flush();
    } catch {
      // The stack may be at its end, and `push` would need some of it: this needs none. It is flushed at the end of the tick.
      late[late.length] = outbox;
    }
  }
  waiting = late;
  late = [];
  next = 0;
}
