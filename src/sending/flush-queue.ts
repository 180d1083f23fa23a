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
/** Outboxes that have a transport. */
let open = 0;

/** Flushes at the end of the tick, unless `flushAll` comes first. */
export function flushSoon(outbox: Flushable): void {
  if (!isScheduled) {
    queueSoon(flushInTurn);
    isScheduled = true;
  }
  waiting.push(outbox);
}

/**
 * An outbox has a transport from now on, until `outboxStopped`. `process.exit()` in the tick of a send leaves no microtask, but the
 * kernel still takes what is written. Whoever evaluates the module again has no listener left behind of those that are idle.
 */
export function outboxOpened(): void {
  open += 1;
  if (open === 1) globalThis.process?.on?.('exit', flushAll);
}

export function outboxStopped(): void {
  open -= 1;
  if (open === 0) globalThis.process?.off?.('exit', flushAll);
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
