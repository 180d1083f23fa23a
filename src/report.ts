// Where an exception goes that nobody can catch any more: one thrown by a user's callback, in a place with no error
// callback of its own. It must be seen, and it must not end the process.

/** Hands the error to `reportError` (WHATWG HTML §8.1.4.7) or, where there is none, to the console. */
export function reportException(error: unknown): void {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error);
  else console.error(error);
}
