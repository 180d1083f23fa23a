// Who waits for which AbortSignal: one listener on a caller's signal for all of ours, since a signal that lives as long as a
// program may stand behind thousands of attempts, and Node warns of a leak at the eleventh listener. It does not know what
// they wait for.

import { throwSoon } from './tasks';

interface Waiting {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

const waiting = new WeakMap<AbortSignal, Waiting>();

/**
 * Calls `callback` when the signal is aborted: once, within the abort, in the order of these calls. Never, if it is aborted
 * already. What `callback` throws is an uncaught exception, and the others are called all the same.
 *
 * @returns lets go of the signal; called again, or when it has been aborted, it does nothing
 */
export function whenAborted(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) return () => {};
  const { callbacks, listener } = waiting.get(signal) ?? listen(signal);
  // One of its own for each call: the same function may wait twice.
  const own = (): void => callback();
  callbacks.add(own);
  return () => {
    if (!callbacks.delete(own) || callbacks.size > 0) return;
    waiting.delete(signal);
    signal.removeEventListener('abort', listener);
  };
}

function listen(signal: AbortSignal): Waiting {
  const callbacks = new Set<() => void>();
  const listener = (): void => {
    waiting.delete(signal);
    for (const callback of callbacks) {
      // Gone before it is called: what it does may let go of the others, and they are not called then.
      callbacks.delete(callback);
      call(callback);
    }
  };
  const made = { callbacks, listener };
  waiting.set(signal, made);
  signal.addEventListener('abort', listener, { once: true });
  return made;
}

function call(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    throwSoon(error);
  }
}
