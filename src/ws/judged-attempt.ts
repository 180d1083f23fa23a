// An attempt of the drop-in. What this library would not accept, and all answers where somebody wants to see them, somebody else
// judges in its place, who gets every byte: node:http, which answers as programs for `ws` expect.

import { WsimdError } from '../base/faults';
import { Attempt } from '../connection/attempt';
import type { Accepted } from '../connection/contract';
import type { AnswerVerdict } from '../handshake/answer-reader';
import type { Transport } from '../transport/contract';

export interface Judge {
  /** Whether it wants even an answer that this library would accept. */
  readonly wantsAll: boolean;
  /**
   * The answer so far, not a whole one perhaps; what follows comes to the others. It may steer the transport.
   *
   * @param accept opens the connection after all; what came behind the answer's head is handed back
   * @param why what this library says to the answer; undefined where it would accept it, or where it is not whole
   */
  begin(
    chunks: readonly Uint8Array[],
    transport: Transport,
    accept: (accepted: Accepted, rest: Uint8Array) => void,
    why: WsimdError | undefined,
  ): void;
  onRead(bytes: Uint8Array): void;
  onEnd(): void;
  onClose(error?: Error): void;
}

export class JudgedAttempt extends Attempt {
  /** The answer so far. */
  private readonly seen: Uint8Array[] = [];
  /** What the transport told meanwhile, once for all. */
  private isEnded = false;
  private closed: { readonly error: Error | undefined } | undefined;

  constructor(
    private readonly judge: Judge,
    ...of: ConstructorParameters<typeof Attempt>
  ) {
    super(...of);
  }

  override onRead(bytes: Uint8Array, length: number): void {
    if (this.phase === 'judged') this.judge.onRead(bytes.slice(0, length));
    if (this.phase !== 'handshaking') return;
    this.seen.push(bytes.slice(0, length));
    this.take(this.handshake!.read(bytes, length), bytes, length);
  }

  protected override take(verdict: AnswerVerdict, bytes: Uint8Array, length: number): void {
    const isRefused = verdict === 'body' || verdict instanceof WsimdError;
    const isWanted = isRefused || (verdict !== 'more' && this.judge.wantsAll);
    // A judge with no limits of this kind would read for ever.
    if (!isWanted || this.handshake!.isInterimTooMuch) super.take(verdict, bytes, length);
    else this.handOver(verdict === 'body' ? this.handshake!.verdictAtEnd() : isRefused ? verdict : undefined);
  }

  override onEnd(): void {
    if (this.phase === 'handshaking') this.handOver(this.handshake!.verdictAtEnd());
    this.isEnded = true;
    if (this.phase === 'judged') this.judge.onEnd();
    else super.onEnd();
  }

  override onClose(error?: Error): void {
    if (this.phase === 'handshaking') this.handOver(this.handshake!.verdictAtEnd(error));
    this.closed = { error };
    if (this.phase === 'judged') this.judge.onClose(error);
    else super.onClose(error);
  }

  private handOver(why: WsimdError | undefined): void {
    const transport = this.transport!;
    this.phase = 'judged';
    if (why !== undefined) why.phase = 'handshake';
    const accept = (accepted: Accepted, rest: Uint8Array): void => {
      if (this.phase !== 'judged') return;
      this.leave();
      this.owner.onAccepted(accepted, transport, rest, 0, rest.length);
      if (this.isEnded) this.owner.onEnd();
      if (this.closed !== undefined) this.owner.onClose(this.closed.error);
    };
    this.judge.begin(this.seen.splice(0), transport, accept, why);
  }
}
