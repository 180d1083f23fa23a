// What to do for objects that were forgotten and not closed, as soon as the collector has found them. A runtime that tells
// nothing of its collector (workerd before 2025) has them closed by their users alone.

import { pressCollector } from './allocator';

export interface Forgotten<Held extends object> {
  register(owner: object, held: Held): void;
  unregister(owner: object): void;
}

/**
 * Owners are small, and what they hold is not on the heap: the collector does not see that it matters. So it is pressed whenever
 * so many more are there than it has found. (Decoders that nobody closed used up all records after 105,000 on Node.js 20, though
 * only 1,000 were made between two turns of the event loop; so they never do, at 10 µs each instead of 7.)
 */
const PRESS_EVERY = 4_096;

/** `release` is called with what was held for an owner that is gone. */
export function whenForgotten<Held extends object>(release: (held: Held) => void): Forgotten<Held> {
  if (typeof FinalizationRegistry !== 'function') return { register: () => {}, unregister: () => {} };
  let present = 0;
  let pressAt = PRESS_EVERY;
  const found = (held: Held): void => {
    present -= 1;
    pressAt = Math.min(pressAt, present + PRESS_EVERY);
    release(held);
  };
  // Made for the first owner: importing makes nothing.
  let registry: FinalizationRegistry<Held> | undefined;
  return {
    register: (owner, held) => {
      registry ??= new FinalizationRegistry(found);
      registry.register(owner, held, owner);
      present += 1;
      if (present < pressAt) return;
      pressAt += PRESS_EVERY;
      pressCollector();
    },
    unregister: (owner) => {
      if (registry?.unregister(owner)) present -= 1;
    },
  };
}
