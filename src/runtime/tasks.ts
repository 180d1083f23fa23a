// How something is done later, and what time it is. All of it is taken from the runtime once, when this file is evaluated, and
// from modules of Node's where there are any: whoever replaces these functions in a global, while a message is on its way or
// for all of a test, stops no delivery. What was replaced before that is the affair of timers.ts.

import { host } from '#host';
import { chooseTurn, ownTick, timers } from '#timers';
import { CONNECTION_FAULTS, WsimdError } from '../base/faults';
import type { Turn } from './host-web';

/** What `clearTimer` takes; undefined is none. */
export type Timer = { readonly isTimer: true } | undefined;

/** Milliseconds of a clock that nobody puts right, from a beginning of its own. */
export const now: () => number = host.now;

/** A promise of the engine's own, whatever a program has in place of `Promise`. */
const resolved = (async () => {})();
const { then } = Object.getPrototypeOf(resolved) as Promise<void>;

/**
 * As soon as what is running has ended, in the async context of this call. The task must not throw: see `throwSoon`. (It costs
 * 80 ns, where `queueMicrotask` of Node.js costs 170.)
 */
export function queueSoon(task: () => void): void {
  then.call(resolved, task);
}

/**
 * In front of all that `queueSoon` has queued, where the runtime has `process.nextTick` and calls us itself; behind it, where a
 * microtask calls. Elsewhere it is `queueSoon`.
 */
export function queueTick(task: () => void): void {
  (ownTick ?? queueSoon)(task);
}

/** As `queueTick`, for what tells users: what their code throws is as uncaught as anywhere. */
export function queueTell(task: () => void): void {
  (ownTick ?? queueTask)(task);
}

/** An exception that nobody can catch, in a task of its own: the runtime tells of it as it does of all others. */
export function throwSoon(error: unknown): void {
  queueTell(() => {
    throw error;
  });
}

let inTurn: Turn | undefined;

/** A task of its own: later than everything that is due now, microtasks included, and soon. */
export function queueTask(task: () => void): void {
  // Not when this file is evaluated: some runtimes allow no timers then.
  inTurn ??= chooseTurn() ?? ((one) => setTimer(one, 0));
  inTurn(task);
}

/** Resolves in a task of its own. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => queueTask(resolve));
}

/** The process stays alive for it. Throws WS_ERR_UNSUPPORTED where the runtime has no timers. */
export function setTimer(task: () => void, milliseconds: number): Timer {
  return required(timers().setTimeout)(task, milliseconds) as Timer;
}

/** The same, and the process does not stay alive for it, where the runtime's timers can say so. */
export function setQuietTimer(task: () => void, milliseconds: number): Timer {
  return quiet(setTimer(task, milliseconds));
}

/** The same again and again, until `clearTimer`. */
export function setQuietInterval(task: () => void, milliseconds: number): Timer {
  return quiet(required(timers().setInterval)(task, milliseconds) as Timer);
}

/** It is not called, or not again. */
export function clearTimer(timer: Timer): void {
  if (timer !== undefined) required(timers().clearTimeout)(timer);
}

function required<Function>(one: Function | undefined): Function {
  if (one === undefined) throw new WsimdError(CONNECTION_FAULTS.unsupported, 'it has no timers');
  return one;
}

function quiet(timer: Timer): Timer {
  holdsProcess(timer, false);
  return timer;
}

/** Whether the process stays alive for it, from now on. Runtimes whose timers are plain numbers keep no process alive by them. */
export function holdsProcess(timer: unknown, isWanted: boolean): void {
  const one = timer as { ref?: () => void; unref?: () => void } | undefined;
  if (isWanted) one?.ref?.();
  else one?.unref?.();
}
