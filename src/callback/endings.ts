// How it ended, for whoever waits for it: what of an end is a loss, and the reason that its promise rejects with. Rules only; it
// knows no connection.

import { CONNECTION_FAULTS, WsimdError } from '../base/faults';
import { quote } from '../handshake/header-text';
import type { ConnectionCloseEvent } from './close-event';

/** Closed for good: no attempt follows. */
export interface Ending {
  readonly event: ConnectionCloseEvent;
  /** Whether `close()`, `end()` or `destroy()` of ours was the reason, and not a fault that came in front of them. */
  readonly isOurs: boolean;
}

/** What a peer says when it is done: "a purpose [...] has been fulfilled", "going away", and nothing (RFC 6455 §7.4.1). */
const PEACEFUL_CODES: ReadonlySet<number> = new Set([1000, 1001, 1005]);

/** Why it is not open, nor will be. */
export function reasonOf({ event: { code, reason, error }, isOurs }: Ending): WsimdError {
  if (error !== undefined) return error;
  const said = code === 1005 ? 'without a code' : `with ${code}${reason === '' ? '' : ` ${quote(reason)}`}`;
  const detail = isOurs ? 'close(), end() or destroy() was called' : `the peer closed ${said}`;
  return new WsimdError(CONNECTION_FAULTS.closed, detail);
}

/** Why that is a loss; undefined: it is none, either side had meant it to end. */
export function lossOf(ending: Ending): WsimdError | undefined {
  const { event, isOurs } = ending;
  return isOurs || (event.error === undefined && PEACEFUL_CODES.has(event.code)) ? undefined : reasonOf(ending);
}
