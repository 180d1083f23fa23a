// The outboxes with frames of this tick: all of them are flushed at its end, or earlier. It does not know what they write.

interface Flushable {
  flush(): void;
}

let waiting: Flushable[] = [];
let isScheduled = false;
let isExitWatched = false;

/** Flushes at the end of the tick, unless `flushAll` comes first. */
export function flushSoon(outbox: Flushable): void {
  waiting.push(outbox);
  if (isScheduled) return;
  isScheduled = true;
  queueMicrotask(flushAll);
  if (!isExitWatched) watchExit();
}

/** `process.exit()` in the tick of a send leaves no microtask, but the kernel still takes what is written. */
function watchExit(): void {
  isExitWatched = true;
  globalThis.process?.once?.('exit', flushAll);
}

/** Writes what has been gathered, now: at the end of a receive batch there is nothing to wait for. */
export function flushAll(): void {
  isScheduled = false;
  const outboxes = waiting;
  waiting = [];
  for (const outbox of outboxes) outbox.flush();
}
