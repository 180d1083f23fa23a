// What a connection that comes back remembers of those before the present one.

import type { WsimdError } from '../base/faults';
import type { Ending } from './endings';

export interface Past {
  /** What ended the last one. */
  lostBy: WsimdError | undefined;
  /** Of the connection that ended last, or of the attempt. */
  ending: Ending | undefined;
  // What connections have moved that others have followed.
  bytesRead: number;
  bytesWritten: number;
}

export function noPast(): Past {
  return { lostBy: undefined, ending: undefined, bytesRead: 0, bytesWritten: 0 };
}

/** Shared by all first ones, and not to be changed. */
export const NO_PAST: Readonly<Past> = noPast();
