// What a program may be told: the callbacks of a connection, plain properties to be set. It owns how they are called: what
// one throws reaches onError and harms nothing else.

import { CONNECTION_FAULTS, ERROR_KIND, type ErrorKind, WsimdError } from '../base/faults';
import { messageOf } from '../base/thrown';
import type { ConnectionCloseEvent } from '../connection/contract';
import type { HandshakeResponse } from '../handshake/response-parser';
import { reportException } from '../runtime/report';
import type { AsyncTcpConnection } from './async-tcp-connection';
import { diagnostics } from './diagnostics';
import { Settings } from './settings';
import { statistics } from './statistics';

export type Callback<Arguments extends unknown[]> =
  | ((connection: AsyncTcpConnection, ...rest: Arguments) => void)
  | null;

export abstract class Callbacks extends Settings {
  /** TCP is up (and the proxy and TLS, if there are any), the request is about to be sent; again at every reconnect. */
  onConnect: Callback<[]> = null;
  /** The handshake is done. `String(response)` is the head as received. What was queued is sent after this returns. */
  onWebSocketConnect: Callback<[response: HandshakeResponse]> = null;
  /** One whole message: a string for text, bytes of your own for binary. */
  onMessage: Callback<[data: string | Uint8Array, isBinary: boolean]> = null;
  /** A ping came. Setting this turns the automatic pong off: answer with `pong(payload)` (RFC 6455 §5.5.2). */
  onWebSocketPing: Callback<[payload: Uint8Array]> = null;
  /** A pong came; `latency` is up to date if it answers a ping of the heartbeat. */
  onWebSocketPong: Callback<[payload: Uint8Array]> = null;
  /** The peer's close frame, which the library answers; 1005 stands for a frame without a code. */
  onWebSocketClose: Callback<[code: number, reason: string]> = null;
  /** The connection is gone, whatever the cause: exactly once per connection. The place for `reConnect()`. */
  onClose: Callback<[event: ConnectionCloseEvent]> = null;
  /**
   * Something went wrong. `code` is one of the constants of this class, `message` a sentence, `cause` the error itself: a
   * WsimdError (its `code` names the fault), a HandshakeError with the server's response, or what a callback threw.
   */
  onError: Callback<[code: ErrorKind, message: string, cause: unknown]> = null;
  /** maxSendBufferSize bytes are waiting; once, until `onBufferDrain`. */
  onBufferFull: Callback<[]> = null;
  /** After `onBufferFull`: nothing is waiting any more. */
  onBufferDrain: Callback<[]> = null;
  /** The policy has set its timer: the attempt of this number begins in `delay` seconds. `cancelReconnect()` stops it. */
  onReconnect: Callback<[attempt: number, delay: number]> = null;
  /** The policy has given up: `maxRetries` is reached, or another attempt would end as this one did. */
  onReconnectFailed: Callback<[]> = null;

  /** Calls a user's callback: what it throws goes to onError and harms nothing else. */
  protected call<Arguments extends unknown[]>(callback: Callback<Arguments>, ...rest: Arguments): void {
    try {
      callback?.(this as unknown as AsyncTcpConnection, ...rest);
    } catch (error) {
      this.tellException(error);
    }
  }

  protected tellException(cause: unknown): void {
    statistics.throw_exception += 1;
    if (!this.onError) reportException(cause);
    this.tellError(new WsimdError(CONNECTION_FAULTS.callback, messageOf(cause), cause));
  }

  protected tellError(error: WsimdError): void {
    if (diagnostics.error.isWatched)
      diagnostics.error.tell({ connection: this as unknown as AsyncTcpConnection, error });
    const cause = error.kind === ERROR_KIND.CALLBACK_EXCEPTION ? error.cause : error;
    try {
      this.onError?.(this as unknown as AsyncTcpConnection, error.kind, error.message, cause);
    } catch (exception) {
      statistics.throw_exception += 1;
      reportException(exception);
    }
  }
}
