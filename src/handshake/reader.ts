// The opening handshake of one connection: its request as bytes, and the verdict on the response as it comes in. A refusal
// is told with the first KiB of its body (RFC 6455 §4.1 leaves a client free to use it). It reads bytes and keeps no time.

import { CONNECTION_FAULTS, WsimdError } from '../faults';
import { keepName } from '../keep-name';
import { ErrorBody } from './error-body';
import { latin1Bytes } from './header-text';
import { checkResponse } from './response-check';
import { type HandshakeResponse, ResponseParser } from './response-parser';

/** The server answered the handshake, but not with an acceptable 101. */
export class HandshakeError extends WsimdError {
  override readonly name = 'HandshakeError';

  /**
   * @param response the head of the answer
   * @param body the beginning of its body, at most 1,024 bytes, as text
   */
  constructor(
    error: WsimdError,
    readonly response: HandshakeResponse,
    readonly body: string,
  ) {
    super(error.fault, error.detail, error.cause);
  }
}
keepName(HandshakeError, 'HandshakeError');

export class HandshakeReader {
  readonly request: Uint8Array;
  /** How many bytes of the last chunk belong to the head. */
  taken = 0;
  private readonly parser = new ResponseParser();
  private refusal: { readonly error: WsimdError; readonly body: ErrorBody } | undefined;

  constructor(
    head: string,
    private readonly offer: { readonly key: string; readonly protocols: readonly string[] },
  ) {
    this.request = latin1Bytes(head);
  }

  /**
   * Takes the first `length` bytes. Returns the accepted response or an error; 'body' once, when the head is a refusal
   * whose body has still to come; and 'more' otherwise.
   */
  read(bytes: Uint8Array, length: number): HandshakeResponse | WsimdError | 'more' | 'body' {
    this.taken = 0;
    const wasRefused = this.refusal !== undefined;
    if (this.refusal === undefined) {
      try {
        this.taken = this.parser.push(bytes, 0, length);
        if (this.parser.response === undefined) return 'more';
        checkResponse(this.parser.response, this.offer);
        return this.parser.response;
      } catch (error) {
        if (!(error instanceof WsimdError)) throw error;
        if (this.parser.response === undefined) return error;
        this.refusal = { error, body: new ErrorBody(this.parser.response) };
      }
    }
    const { body } = this.refusal;
    if (body.complete || body.push(bytes, this.taken, length)) return this.ended();
    return wasRefused ? 'more' : 'body';
  }

  /** The verdict if nothing more comes. */
  ended(cause?: Error): WsimdError {
    if (this.refusal === undefined) return new WsimdError(CONNECTION_FAULTS.headEnded, cause?.message, cause);
    return new HandshakeError(this.refusal.error, this.parser.response!, this.refusal.body.text());
  }
}
