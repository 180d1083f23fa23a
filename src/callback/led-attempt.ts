// An attempt whose answers somebody else looks at first, and may lead elsewhere: the same attempt, with the same deadline and the
// same signal, which gives up one pipe and dials another. It does not know why, nor where to.

import type { WsimdError } from '../base/faults';
import { Attempt } from '../connection/attempt';
import type { Destination } from '../connection/contract';
import type { AnswerVerdict } from '../handshake/answer-reader';
import { HandshakeError } from '../handshake/reader';
import type { HandshakeResponse } from '../handshake/response-parser';

export interface Guide {
  /**
   * The head of an answer has come, whatever it is. Returns what provides the destination that the attempt goes on to.
   *
   * @throws WsimdError if the answer leads to where nobody follows
   */
  answered(response: HandshakeResponse): (() => Promise<Destination>) | undefined;
  /** The attempt ends with this error, whose sentence may be added to. */
  failing(error: WsimdError): void;
}

export class LedAttempt extends Attempt {
  private isAnswered = false;
  private next: (() => Promise<Destination>) | undefined;

  constructor(
    private readonly guide: Guide,
    ...of: ConstructorParameters<typeof Attempt>
  ) {
    super(...of);
  }

  override onClose(error?: Error): void {
    if (this.phase !== 'leaving') {
      super.onClose(error);
      return;
    }
    this.phase = 'dialing';
    this.isAnswered = false;
    this.place = undefined;
    this.wait(this.next!());
  }

  protected override take(verdict: AnswerVerdict, bytes: Uint8Array, length: number): void {
    const { response } = this.handshake!;
    if (response !== undefined && !this.isAnswered) {
      this.isAnswered = true;
      try {
        this.next = this.guide.answered(response);
      } catch (error) {
        this.fail(new HandshakeError(error as WsimdError, response, ''));
        return;
      }
      // Whoever was told of it may have given up the attempt.
      if (this.phase !== 'handshaking') return;
      if (this.next !== undefined) {
        // What its pipe tells from here on until its end is of no interest, and nothing comes behind that.
        this.phase = 'leaving';
        this.owner.onRedirected();
        this.transport!.close('now');
        return;
      }
    }
    super.take(verdict, bytes, length);
  }

  protected override fail(error: WsimdError): void {
    if (this.phase !== 'over') this.guide.failing(error);
    super.fail(error);
  }
}
