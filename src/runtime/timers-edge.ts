// Timers where no test replaces them: those of a Worker of Cloudflare.

import type { Timers, Turn } from './host-web';

/** Any of them may be missing. */
export function timers(): Timers {
  return globalThis as unknown as Timers;
}

export const ownTick: Turn | undefined = undefined;

/** Undefined: a timer has to do. */
export function chooseTurn(): Turn | undefined {
  return (globalThis as { setImmediate?: Turn }).setImmediate;
}
