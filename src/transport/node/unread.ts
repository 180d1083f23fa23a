// What keeps the process alive while open connections are not read. A socket that is not read counts for nothing: Node.js would
// end with it, and nobody would notice that its peer has gone. So one timer of the thread lives as long as such a connection does
// that is to keep the process, and has each of them looked at, once. It does not know how a pipe is read.

import { clearTimer, holdsProcess, setQuietInterval, type Timer } from '../../runtime/tasks';

/** A pipe that is open, and not read. */
export interface Unread {
  /** Whether it keeps the process alive; asked again at each tick, since a program may have the socket itself. */
  readonly isRef: boolean;
  /** Time to read a little, into memory: the end of the connection may be all there is. The pipe counts for itself meanwhile. */
  look(): void;
}

/** Milliseconds. Pauses are shorter mostly, and so long a process may live on behind the end of a connection. */
const TICK = 500;

/** With the ticks that have gone by. */
const pipes = new Map<Unread, number>();
let timer: Timer;

/** It is not read from now on. @param isLookedAt whether it has had its look already */
export function stopped(pipe: Unread, isLookedAt: boolean): void {
  pipes.set(pipe, isLookedAt ? 2 : 0);
  timer ??= setQuietInterval(tick, TICK);
  if (pipe.isRef) holdsProcess(timer, true);
}

/** It is read again, or gone. */
export function goesOn(pipe: Unread): void {
  if (pipes.delete(pipe) && pipes.size === 0) holdsProcess(timer, false);
}

/** A pipe that may be among them keeps the process alive from now on, or no longer. */
export function refChanged(): void {
  if (timer !== undefined)
    holdsProcess(
      timer,
      [...pipes.keys()].some(({ isRef }) => isRef),
    );
}

function tick(): void {
  for (const [pipe, ticks] of pipes) {
    if (ticks < 2) pipes.set(pipe, ticks + 1);
    // A whole tick has gone by, and the rest of the one in which it stopped.
    if (ticks === 1) pipe.look();
  }
  if (pipes.size > 0) {
    refChanged();
    return;
  }
  clearTimer(timer);
  timer = undefined;
}
