// What is made of something that was thrown or rejected with: by users' functions it may be anything, by the runtime and by
// us it is an error.

import { WsimdError } from './faults';

/** What it says. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** It, as an error. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** The part of an error that fits into a sentence of ours: one of our own has a sentence already, with a full stop. */
export function detailOf(error: Error | undefined): string | undefined {
  return error instanceof WsimdError ? error.detail : error?.message;
}
