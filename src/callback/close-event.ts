// What `onClose` is told of the end of a connection, and what follows it.

import type { ConnectionEnd } from '../connection/contract';

/** What `onClose` is told. */
export interface ConnectionCloseEvent extends Omit<ConnectionEnd, 'reasonBytes' | 'isConfirmed'> {
  /**
   * 0 for a connection that `connect()` began, 1 for the first one that followed it by itself or by `reConnect()`, … Where there are
   * several URLs, those that are tried in one round have one number.
   */
  readonly attempt: number;
  /**
   * Whether another attempt follows by itself, of the policy or of a `reConnect()` that waits, unless `onClose` decides
   * otherwise.
   */
  readonly willReconnect: boolean;
  /**
   * Messages that may have arrived, or not: the runtime had begun to take them, and the peer has confirmed nothing behind them, by
   * the pong to a later ping (RFC 6455 §5.5.3) or by its answer to our close frame (§5.5.1). They are not sent again. They are the
   * last that left, so many, of the data that this connection sent. Those of which nothing has left are told by `onUnsent`, or sent
   * by the next connection.
   */
  readonly unconfirmed: number;
}
