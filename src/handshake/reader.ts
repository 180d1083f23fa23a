// The opening handshake of one connection: its request as bytes, and the verdict on the response as it comes in. A refusal
// is told with the first KiB of its body (RFC 6455 §4.1 leaves a client free to use it).

import { CONNECTION_FAULTS, WsimdError } from '../base/faults';
import { nameClass } from '../base/public-class';
import { AnswerReader, type AnswerRules } from './answer-reader';
import { type Asked, bannerAdvice, bodyAdvice, MEANT_WSS, type Place, silenceAdvice } from './asked';
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

const METHOD = 'GET ';

/** What makes its answer acceptable, and what to say of one that is not. */
class HandshakeRules implements AnswerRules<Agreement | undefined> {
  readonly Refusal = HandshakeError;
  readonly ended = CONNECTION_FAULTS.headEnded;

  constructor(
    private readonly head: string,
    private readonly sent: Sent,
    private readonly place: Place | undefined,
  ) {}

  check(response: HandshakeResponse): Agreement | undefined {
    return checkResponse(response, this.sent, response.status === 101 ? undefined : this.asked);
  }

  ofBanner(beginning: string): string | undefined {
    return this.place && bannerAdvice(beginning, this.place.secure ? undefined : MEANT_WSS);
  }

  ofBody(body: string): string | undefined {
    return this.place && bodyAdvice(body, this.place);
  }

  ofSilence(): string | undefined {
    return this.place && silenceAdvice(this.place);
  }

  private get asked(): Asked | undefined {
    const path = this.head.slice(METHOD.length, this.head.indexOf(' ', METHOD.length));
    return this.place && { ...this.place, path };
  }
}

/** Its result is what was agreed on. */
export class HandshakeReader extends AnswerReader<Agreement | undefined> {
  readonly request: Uint8Array;

  /** @param place where the request goes; what is asked for there is in its head */
  constructor(head: string, sent: Sent, place?: Place) {
    super(new HandshakeRules(head, sent, place));
    this.request = latin1Bytes(head);
  }
}
