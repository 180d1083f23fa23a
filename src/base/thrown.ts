// What is made of something that was thrown or rejected with: by users' functions it may be anything, by the runtime and by
// us it is an error.

import { isError } from './brands';
import { WsimdError } from './faults';

/** What it says. Even that may throw, where a user made it: an object without a prototype, a message that is a getter. */
export function messageOf(thrown: unknown): string {
  try {
    return String(isError(thrown) ? thrown.message : thrown);
  } catch {
    return 'something that has no text';
  }
}

/** It, as an error. */
export function toError(thrown: unknown): Error {
  return isError(thrown) ? thrown : new Error(messageOf(thrown));
}

/** The part of an error that fits into a sentence of ours: one of our own has a sentence already, with a full stop. */
export function detailOf(error: Error | undefined): string | undefined {
  return error instanceof WsimdError ? error.detail : error?.message;
}
