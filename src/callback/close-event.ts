// What `onClose` is told of the end of a connection, and what follows it.

import type { ConnectionEnd } from '../connection/contract';

/** What `onClose` is told. */
export interface ConnectionCloseEvent extends Omit<ConnectionEnd, 'reasonBytes'> {
  /** 0 for a connection that `connect()` began, 1 for the first one that followed it by itself or by `reConnect()`, … */
  readonly attempt: number;
  /**
   * Whether another attempt follows by itself, of the policy or of a `reConnect()` that waits, unless `onClose` decides
   * otherwise.
   */
  readonly willReconnect: boolean;
}
