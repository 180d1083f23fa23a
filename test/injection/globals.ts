// What the library calls of the platform that a program may have replaced: the source of randomness, the console, timers,
// allocators. Here they count, and are armed like a user's callbacks. It owns what is replaced and puts it back.

import { inspect } from 'node:util';
import type { Calls, Kind } from './calls';

/** Whose calls are counted now. */
export interface Watched {
  calls: Calls | undefined;
  /** What is replaced of the platform counts only where this says so. */
  kinds: ReadonlySet<Kind>;
}

export interface Globals {
  /** Timers that were set and have neither fired nor been cleared. */
  readonly timers: Set<unknown>;
  restore(): void;
}

type Any = (...values: never[]) => unknown;

export function replaceGlobals(watched: Watched): Globals {
  const restores: (() => void)[] = [];
  const timers = new Set<unknown>();
  const out = (kind: Kind): void => {
    if (watched.kinds.has(kind)) watched.calls?.out(kind);
  };
  const replace = (owner: object, name: string, make: (original: Any) => unknown): void => {
    const descriptor = Object.getOwnPropertyDescriptor(owner, name);
    const original = Reflect.get(owner, name) as Any;
    Object.defineProperty(owner, name, { value: make(original), writable: true, configurable: true });
    restores.push(() => {
      if (descriptor === undefined) Reflect.deleteProperty(owner, name);
      else Object.defineProperty(owner, name, descriptor);
    });
  };
  const counting = (owner: object, kind: Kind) => (original: Any) =>
    function (this: unknown, ...values: never[]): unknown {
      out(kind);
      return original.apply(owner, values);
    };
  replace(globalThis.crypto, 'getRandomValues', counting(globalThis.crypto, 'random'));
  replace(Buffer, 'allocUnsafeSlow', counting(Buffer, 'allocation'));
  replace(
    globalThis,
    'ArrayBuffer',
    (original) =>
      new Proxy(original, {
        construct(target, values, newTarget) {
          out('allocation');
          return Reflect.construct(target, values, newTarget === globalThis.ArrayBuffer ? target : newTarget);
        },
      }),
  );
  // What the console does of itself, without a line: it shows what it is given, and throws what that throws.
  replace(console, 'error', () => (...values: unknown[]) => {
    out('console');
    for (const value of values) if (typeof value === 'object') inspect(value);
  });
  replace(globalThis, 'setTimeout', (original) => (run: Any, milliseconds?: number, ...values: never[]) => {
    out('timer');
    const timer = (original as typeof setTimeout)(() => {
      timers.delete(timer);
      run(...values);
    }, milliseconds);
    timers.add(timer);
    return timer;
  });
  replace(globalThis, 'clearTimeout', (original) => (timer: unknown) => {
    // It has done its work when it throws: else nobody could ever stop a timer.
    timers.delete(timer);
    original(timer as never);
    if (timer !== undefined) out('timer');
  });
  return { timers, restore: () => restores.splice(0).forEach((restore) => void restore()) };
}
