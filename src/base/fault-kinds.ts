// What kinds of failure there are, and what a fault is made of: one way in which a connection can fail. The tables of them are
// faults.ts and frame-faults.ts.

/** The server could not be reached. */
export const CONNECT_FAIL = 1;
/** `send()` dropped a message. */
export const SEND_FAIL = 2;
/** The server refused the handshake, or answered it wrongly. */
export const HANDSHAKE_FAIL = 3;
/** The peer broke the protocol, or the decoder failed. */
export const PROTOCOL_ERROR = 4;
/** connectTimeout passed. */
export const TIMEOUT = 5;
/** The heartbeat had no answer. */
export const DEAD_PEER = 6;
/** No TLS connection: an untrusted certificate, for example. */
export const TLS_FAIL = 7;
/** A callback threw. */
export const CALLBACK_EXCEPTION = 8;
/** The proxy could not be reached, or did not let the connection through. */
export const PROXY_FAIL = 9;
/** The attempt's AbortSignal was aborted. */
export const ABORTED = 10;

/**
 * What kind of failure `onError` tells: 1 and 2 as in Workerman, the others are ours. Every fault below belongs to one.
 */
export const ERROR_KIND = {
  CONNECT_FAIL,
  SEND_FAIL,
  HANDSHAKE_FAIL,
  PROTOCOL_ERROR,
  TIMEOUT,
  DEAD_PEER,
  TLS_FAIL,
  CALLBACK_EXCEPTION,
  PROXY_FAIL,
  ABORTED,
} as const;

export type ErrorKind = (typeof ERROR_KIND)[keyof typeof ERROR_KIND];

export interface Fault {
  /** PROTOCOL_ERROR where it is absent: everything a peer does wrong in its frames. */
  readonly kind?: ErrorKind;
  /** Stable name, for programs. */
  readonly code: `WS_ERR_${string}`;
  /** Status of the close frame that answers it (RFC 6455 §7.4.1); none where no frame can be sent. */
  readonly status?: number;
  /** What happened and which rule or limit says so, for people. */
  readonly sentence: string;
}
