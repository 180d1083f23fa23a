// The opening handshake of one connection: its request as bytes, and the verdict on the response as it comes in. A refusal
// is told with the first KiB of its body (RFC 6455 §4.1 leaves a client free to use it).

import { CONNECTION_FAULTS, WsimdError } from '../base/faults';
import { nameClass } from '../base/public-class';
import { AnswerReader } from './answer-reader';
import { latin1Bytes } from './header-text';
import type { Agreement } from './permessage-deflate';
import { checkResponse, type Sent } from './response-check';
import type { HandshakeResponse } from './response-parser';

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
nameClass(HandshakeError, 'HandshakeError');

/** Its result is what was agreed on. */
export class HandshakeReader extends AnswerReader<Agreement | undefined> {
  readonly request: Uint8Array;

  constructor(head: string, sent: Sent) {
    super({
      check: (response) => checkResponse(response, sent),
      Refusal: HandshakeError,
      ended: CONNECTION_FAULTS.headEnded,
    });
    this.request = latin1Bytes(head);
  }
}
