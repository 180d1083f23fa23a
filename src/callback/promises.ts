// Promises that a program may leave alone: what nobody awaits is no unhandled rejection. It knows nothing of what they are for.

/** It, and whoever does not hear that it rejects is not told by the runtime. */
export function heard<Value>(promise: Promise<Value>): Promise<Value> {
  promise.then(undefined, () => {});
  return promise;
}

/** One that rejects with this. */
export function rejected(error: unknown): Promise<never> {
  return heard(Promise.reject(error));
}
