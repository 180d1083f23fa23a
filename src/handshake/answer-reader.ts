// The answer to an HTTP request that opens a byte pipe, as it comes in: accepted by its head alone, with what follows left
// for others, or refused, and then told with the first KiB of its body. It reads bytes and keeps no time; what makes an
// answer acceptable is its owner's business.

import { type Fault, WsimdError } from '../base/faults';
import { detailOf } from '../base/thrown';
import { ErrorBody } from './error-body';
import { type HandshakeResponse, ResponseParser } from './response-parser';

/** The accepted response, or an error; 'body', once: a refusal, whose body has still to come; 'more': nothing yet. */
export type AnswerVerdict = HandshakeResponse | WsimdError | 'more' | 'body';

/** @typeParam Result what an acceptable answer comes to */
export interface AnswerRules<Result> {
  /** @throws WsimdError if the head is a refusal */
  check(response: HandshakeResponse): Result;
  /** What a refusal becomes when as much of its body as is wanted has come. */
  readonly Refusal: new (
    error: WsimdError,
    response: HandshakeResponse,
    body: string,
  ) => WsimdError;
  /** An end before the head was whole. */
  readonly ended: Fault;
  /** What to add for people to a complaint about what is no HTTP at all, by its beginning. */
  ofBanner?(beginning: string): string | undefined;
  /** What to add to a refusal, by the beginning of its body. */
  ofBody?(body: string): string | undefined;
  /** What to add to an end before the first byte. */
  ofSilence?(): string | undefined;
}

export class AnswerReader<Result = void> {
  /** How many bytes of the last chunk belong to the head. */
  headLength = 0;
  /** What the accepted answer came to. */
  result: Result | undefined;
  private readonly parser: ResponseParser;
  private hasRead = false;
  private refusal: { readonly error: WsimdError; readonly body: ErrorBody } | undefined;

  constructor(private readonly rules: AnswerRules<Result>) {
    this.parser = new ResponseParser(rules);
  }

  /** Why it was refused: there is no end of interim responses, each of which is right. */
  get isInterimTooMuch(): boolean {
    return this.parser.isInterimTooMuch;
  }

  /** The head of the answer, once it is whole. */
  get response(): HandshakeResponse | undefined {
    return this.parser.response;
  }

  /** Takes the first `length` bytes. */
  read(bytes: Uint8Array, length: number): AnswerVerdict {
    this.headLength = 0;
    this.hasRead ||= length > 0;
    const wasRefused = this.refusal !== undefined;
    if (this.refusal === undefined) {
      try {
        this.headLength = this.parser.push(bytes, 0, length);
        if (this.parser.response === undefined) return 'more';
        this.result = this.rules.check(this.parser.response);
        return this.parser.response;
      } catch (error) {
        if (!(error instanceof WsimdError)) throw error;
        if (this.parser.response === undefined) return error;
        this.refusal = { error, body: new ErrorBody(this.parser.response) };
      }
    }
    const { body } = this.refusal;
    if (body.complete || body.push(bytes, this.headLength, length)) return this.verdictAtEnd();
    return wasRefused ? 'more' : 'body';
  }

  /** The verdict if nothing more comes. */
  verdictAtEnd(cause?: Error): WsimdError {
    const { rules, refusal } = this;
    if (refusal !== undefined) {
      const body = refusal.body.text();
      return new rules.Refusal(advised(refusal.error, rules.ofBody?.(body)), this.parser.response!, body);
    }
    const reason = detailOf(cause);
    const advice = this.hasRead ? undefined : rules.ofSilence?.();
    return new WsimdError(
      rules.ended,
      [reason, advice].filter((part) => part !== undefined).join(', ') || undefined,
      cause,
    );
  }
}

function advised(error: WsimdError, advice: string | undefined): WsimdError {
  return advice === undefined ? error : new WsimdError(error.fault, `${error.detail} ${advice}`, error.cause);
}
