// The runtime's own timers, or those of a program that has put others in their place before this file was evaluated: fake timers
// that are there already when wsimd is loaded are in Node's modules, too. A turn of the event loop goes past them, by one that
// they leave alone. Time does not: as long as they are there deadlines are theirs, and real ones from then on.

import { host } from '#host';
import type { Timers, Turn } from './host-web';

// Called by these names, and not as methods: in pages they are functions of the global object alone.
const { setTimeout, clearTimeout, setInterval, setImmediate, clearImmediate, nextTick, yieldTurn } = host;
const own: Timers = { setTimeout, clearTimeout, setInterval };

let isTimeOurs: boolean | undefined;

/** Those to be used now; any of them may be missing. */
export function timers(): Timers {
  isTimeOurs ??= setTimeout !== undefined && isOwn(setTimeout, clearTimeout, '_onTimeout');
  return isTimeOurs ? own : (globalThis as unknown as Timers);
}

/** In front of all microtasks, where the runtime has that. Fake timers have properties of theirs on what they put there. */
export const ownTick: Turn | undefined =
  nextTick !== undefined && Object.keys(nextTick).length === 0 ? nextTick : undefined;

/** A turn of the event loop, by what is there and is nobody else's; undefined: a timer has to do. */
export function chooseTurn(): Turn | undefined {
  if (setImmediate !== undefined && isOwn(setImmediate, clearImmediate, '_onImmediate')) return setImmediate;
  if (yieldTurn !== undefined) return (task) => yieldTurn().then(task);
  // Past timers of the program's alone: in a Worker of Cloudflare a port belongs to the request in which it was made.
  return timers() !== own && typeof MessageChannel === 'function' ? turnOfChannel(new MessageChannel()) : undefined;
}

function turnOfChannel({ port1, port2 }: MessageChannel): Turn {
  const tasks: (() => void)[] = [];
  port1.onmessage = () => tasks.shift()!();
  return (task) => {
    tasks.push(task);
    port2.postMessage(undefined);
  };
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
