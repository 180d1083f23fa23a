// What the two proxy protocols have in common: bytes go out, an answer comes in, and in the end there is a tunnel or an error
// with what the proxy said. It knows neither protocol, nor sockets, nor time.

import { WsimdError } from '../../base/faults';
import { nameClass } from '../../base/public-class';
import type { HandshakeResponse } from '../../handshake/response-parser';

/** The proxy answered, and the answer is no. */
export class ProxyError extends WsimdError {
  override readonly name = 'ProxyError';

  /**
   * @param response the head of an HTTP proxy's answer
   * @param body the beginning of its body, at most 1,024 bytes, as text
   * @param reply the number of a SOCKS5 proxy's reply (RFC 1928 §6), if it came so far
   */
  constructor(
    error: WsimdError,
    readonly response: HandshakeResponse | undefined,
    readonly body: string,
    readonly reply?: number,
  ) {
    super(error.fault, error.detail, error.cause);
  }
}
nameClass(ProxyError, 'ProxyError');

/**
 * Bytes: to be sent, then it goes on. 'more': nothing yet. 'body', once: refused, and what the proxy says to that has still to
 * come. 'open': the tunnel is there, and from `taken` on the bytes are those of whoever is behind it.
 */
export type Verdict = Uint8Array | 'more' | 'body' | 'open' | WsimdError;

export interface Negotiation {
  /** What is sent as soon as the proxy is there. */
  readonly request: Uint8Array;
  /** How many bytes of the last chunk belong to the negotiation. */
  readonly taken: number;
  /** Takes the first `length` bytes, which are only there until it returns. */
  read(bytes: Uint8Array, length: number): Verdict;
  /** The verdict if nothing more comes. */
  verdictAtEnd(cause?: Error): WsimdError;
}
