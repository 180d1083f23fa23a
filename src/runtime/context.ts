// In whose name code runs: the async context (AsyncLocalStorage, node:async_hooks) of a call is kept by whoever tells its caller
// something later, when the code of another one is running. It knows nothing of what is kept there; a runtime that has no such
// thing has nothing to keep.

import { builtinModule } from './which';

/** An async context, by the name that Node's AsyncResource has for entering it. */
export interface Context {
  /** Calls it in this context, and returns or throws what it does. */
  runInAsyncScope<This, Arguments extends unknown[], Result>(
    call: (this: This, ...rest: Arguments) => Result,
    self: This,
    ...rest: Arguments
  ): Result;
}

type AsyncResourceClass = new (type: string, options: { readonly requireManualDestroy: boolean }) => Context;

/** Whatever context there is: where nothing is kept, and in front of the first one that is. */
export const ANY_CONTEXT: Context = { runInAsyncScope: (call, self, ...rest) => call.apply(self, rest) };

/** Programs that watch async hooks see it. */
const TYPE = 'WSIMD';

/** Node does not have to watch for its end. */
const UNWATCHED = { requireManualDestroy: true };

let AsyncResource: AsyncResourceClass | undefined;

/**
 * The context in which this is called, to be entered later. An AsyncResource is 80 to 120 bytes and 0.1 µs on Node.js 20 to 26
 * (0.4 µs while a storage is in use), and it is entered in 30 to 75 ns; `AsyncLocalStorage.snapshot()` is 500 to 2,700 bytes
 * and 2 to 20 µs there. It is made nevertheless only for connections and for callbacks, and entered where another's code may
 * be running: nothing tells whether a program uses contexts at all.
 */
export function presentContext(): Context {
  // Asked until there is one: a runtime may lend it later.
  AsyncResource ??= builtinModule<{ AsyncResource?: AsyncResourceClass }>('node:async_hooks')?.AsyncResource;
  return AsyncResource === undefined ? ANY_CONTEXT : new AsyncResource(TYPE, UNWATCHED);
}
