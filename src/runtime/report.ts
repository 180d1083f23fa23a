// Where an exception goes that nobody can catch any more: one thrown by a user's callback, in a place with no error
// callback of its own. It must be seen, and it must not end the process, nor whatever is going on.

/** What is printed of one that cannot be printed. */
const UNPRINTABLE = 'wsimd: an exception was thrown that cannot be shown';

/**
 * Hands the error to `reportError` (WHATWG HTML §8.1.4.7) or, where there is none, to the console. Throws nothing: an error may
 * show itself by code of its own that throws, and both functions may be a program's.
 */
export function reportException(error: unknown): void {
  if (typeof globalThis.reportError === 'function') {
    if (tried(() => globalThis.reportError(error))) return;
  }
  if (tried(() => console.error(error))) return;
  tried(() => console.error(UNPRINTABLE));
}

function tried(report: () => void): boolean {
  try {
    report();
    return true;
  } catch {
    return false;
  }
}

/** Calls what may be a user's, and has nobody to throw to. */
export function guarded(action: () => void): void {
  try {
    action();
  } catch (error) {
    reportException(error);
  }
}
