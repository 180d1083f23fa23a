// How something is done later, and what time it is. All of it is taken from the runtime once, when this file is evaluated, and
// from modules of Node's where there are any: whoever replaces these functions in a global, while a message is on its way or
// for all of a test, stops no delivery.
//
// Fake timers that are there already when wsimd is loaded are in Node's modules, too. Delivery goes past them: by promises, and
// by a turn of the event loop that they leave alone. Time does not: as long as they are there deadlines are theirs, and real
// ones from then on.

import { host } from '#host';
import { CONNECTION_FAULTS, WsimdError } from '../base/faults';

// Called by these names, and not as methods: in pages they are functions of the global object alone.
const { setTimeout, clearTimeout, setInterval, setImmediate, clearImmediate, nextTick, yieldTurn } = host;

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

/** Fake timers have properties of theirs on what they put there. */
const ownTick = nextTick !== undefined && Object.keys(nextTick).length === 0 ? nextTick : undefined;

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

let inTurn: ((task: () => void) => unknown) | undefined;

/** A task of its own: later than everything that is due now, microtasks included, and soon. */
export function queueTask(task: () => void): void {
  // Not when this file is evaluated: some runtimes allow no timers then.
  inTurn ??= chooseTurn();
  inTurn(task);
}

function chooseTurn(): (task: () => void) => unknown {
  if (setImmediate !== undefined && isOwn(setImmediate, clearImmediate, '_onImmediate')) return setImmediate;
  if (yieldTurn !== undefined) return (task) => yieldTurn().then(task);
  // Past timers of the program's alone: in a Worker of Cloudflare a port belongs to the request in which it was made.
  if (!keepsTime() && typeof MessageChannel === 'function') return turnOfChannel(new MessageChannel());
  return (task) => setTimer(task, 0);
}

function turnOfChannel({ port1, port2 }: MessageChannel): (task: () => void) => void {
  const tasks: (() => void)[] = [];
  port1.onmessage = () => tasks.shift()!();
  return (task) => {
    tasks.push(task);
    port2.postMessage(undefined);
  };
}

let isTimeOurs: boolean | undefined;

/** Whether timers are the runtime's own, and not of whoever replaced them before this file was evaluated. */
function keepsTime(): boolean {
  isTimeOurs ??= setTimeout !== undefined && isOwn(setTimeout, clearTimeout, '_onTimeout');
  return isTimeOurs;
}

/** The process stays alive for it. Throws WS_ERR_UNSUPPORTED where the runtime has no timers. */
export function setTimer(task: () => void, milliseconds: number): Timer {
  return required(keepsTime() ? setTimeout : present().setTimeout)(task, milliseconds) as Timer;
}

/** The same, and the process does not stay alive for it, where the runtime's timers can say so. */
export function setQuietTimer(task: () => void, milliseconds: number): Timer {
  return quiet(setTimer(task, milliseconds));
}

/** The same again and again, until `clearTimer`. */
export function setQuietInterval(task: () => void, milliseconds: number): Timer {
  return quiet(required(keepsTime() ? setInterval : present().setInterval)(task, milliseconds) as Timer);
}

/** It is not called, or not again. */
export function clearTimer(timer: Timer): void {
  if (timer !== undefined) required(keepsTime() ? clearTimeout : present().clearTimeout)(timer);
}

/** The timers that the program has at this moment. */
function present(): Pick<typeof host, 'setTimeout' | 'clearTimeout' | 'setInterval'> {
  return globalThis as unknown as typeof host;
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

/**
 * Whether a function is the runtime's own: native code; or it makes an object with this property, as those of Node.js do, which
 * are JavaScript. A wrong no costs little, a wrong yes would wait for whoever has replaced it.
 */
function isOwn(
  make: (task: () => void, milliseconds: number) => unknown,
  clear: ((made: unknown) => void) | undefined,
  mark: string,
): boolean {
  // What was bound shows itself as native, too.
  if (/\[native code\]\s*\}$/.test(Function.prototype.toString.call(make)) && !/^bound /.test(make.name)) return true;
  const made = make(() => {}, 1);
  clear?.(made);
  return typeof made === 'object' && made !== null && mark in made;
}
