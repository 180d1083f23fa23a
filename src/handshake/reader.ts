// The opening handshake of one connection: its request as bytes, and the verdict on the response as it comes in. A refusal
// is told with the first KiB of its body (RFC 6455 §4.1 leaves a client free to use it).

import { CONNECTION_FAULTS, WsimdError } from '../base/faults';
import { nameClass } from '../base/public-class';
import { AnswerReader } from './answer-reader';
import { bannerAdvice, bodyAdvice, MEANT_WSS, type Place, silenceAdvice } from './asked';
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

/** Its result is what was agreed on. */
export class HandshakeReader extends AnswerReader<Agreement | undefined> {
  readonly request: Uint8Array;

  /** @param place where the request goes; what is asked for there is in its head */
  constructor(head: string, sent: Sent, place?: Place) {
    const path = head.slice(METHOD.length, head.indexOf(' ', METHOD.length));
    const rules = {
      check: (response: HandshakeResponse) => checkResponse(response, sent, place && { ...place, path }),
      Refusal: HandshakeError,
      ended: CONNECTION_FAULTS.headEnded,
    };
    if (place === undefined) super(rules);
    else
      super({
        ...rules,
        ofBanner: (beginning) => bannerAdvice(beginning, place.secure ? undefined : MEANT_WSS),
        ofBody: (body) => bodyAdvice(body, place),
        ofSilence: () => silenceAdvice(place),
      });
    this.request = latin1Bytes(head);
  }
}
