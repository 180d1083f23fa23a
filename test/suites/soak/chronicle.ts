// What really happened in one life, written down by all who had a part in it, with the time where time matters. It judges
// nothing; verdict.ts does, when the life is over.

import type { ConnectionCloseEvent } from '../../../src/index';
import { Ledger } from './ledger';
import type { Plan } from './plan';

/** How much of a life a failure shows. */
const HISTORY_LINES = 40;

export class Chronicle {
  readonly toServer: Ledger;
  readonly toClient: Ledger;

  // Of the client.
  readonly dialedAt = performance.now();
  openedAt: number | undefined;
  /** When the last pong was told. */
  pongAt = 0;
  closedByClientAt: number | undefined;
  /** `close()` came before the connection was open. */
  isGivenUp = false;
  isDestroyed = false;
  /** The client closed when all it had sent was echoed and told. */
  wasAllBack = false;
  isPaused = false;
  /** What was told; late if TCP had ended before. */
  closeFrame: { readonly code: number; readonly reason: string; readonly wasLate: boolean } | undefined;
  /** What onError told, apart from exceptions of callbacks and messages that were dropped. */
  readonly errors: unknown[] = [];
  closeEvent: ConnectionCloseEvent | undefined;

  // Of the server.
  closedByServer = false;
  endedByServer = false;
  /** How many messages were on their way when the server broke the protocol. */
  sentBeforeBreach: number | undefined;
  /** The status of the close frame that the server got; 1006: none (RFC 6455 §7.1.5). */
  codeAtServer: number | undefined;

  // Of the relay.
  isReset = false;
  isEnded = false;
  /** It will never see the client go. */
  isSilent = false;
  isCut = false;
  /** How many messages had passed to their last byte before it ended TCP; undefined where TLS hides them. */
  messagesBeforeCut: number | undefined;

  /** What the plan wanted was done, by whoever it was to be done. */
  isBroughtAbout = false;

  private readonly history: string[] = [];
  private readonly violations: string[] = [];

  /** @param onViolation is told of the first violation */
  constructor(
    readonly plan: Plan,
    private readonly onViolation: (chronicle: Chronicle) => void,
  ) {
    this.toServer = new Ledger('to the server', (sentence) => this.violate(sentence));
    this.toClient = new Ledger('to the client', (sentence) => this.violate(sentence));
  }

  /** onClose has come. */
  get isOver(): boolean {
    return this.closeEvent !== undefined;
  }

  /** TCP may have ended for the client. */
  get isGone(): boolean {
    // The end of TLS arrives in front of the end of TCP (RFC 8446 §6.1).
    return this.isEnded || this.isReset || (this.plan.isSecure && this.endedByServer);
  }

  /** Seconds since the given moment. */
  since(moment: number): number {
    return (performance.now() - moment) / 1000;
  }

  note(line: string): void {
    if (this.history.length === HISTORY_LINES) this.history.shift();
    this.history.push(`${this.since(this.dialedAt).toFixed(3)} ${line}`);
  }

  violate(sentence: string): void {
    this.note(`VIOLATION: ${sentence}`);
    this.violations.push(sentence);
    if (this.violations.length === 1) this.onViolation(this);
  }

  relayReset(): void {
    this.isReset = true;
    this.note('the relay resets the client');
  }

  relayEnded(): void {
    this.isEnded = true;
    this.note('the relay has forwarded all, and ends the client');
  }

  relayCut(messageCount: number | undefined): void {
    this.isBroughtAbout = true;
    this.isEnded = true;
    this.isCut = true;
    this.messagesBeforeCut = messageCount;
    this.note(`the relay ends the client after ${messageCount ?? 'an unknown number of'} messages`);
  }

  relayFellSilent(): void {
    this.isBroughtAbout = true;
    this.isSilent = true;
    this.note('the relay falls silent');
  }

  relayWentDeaf(): void {
    this.isSilent = true;
    this.note('the relay reads no more from the client');
  }

  /** What is needed to understand a failure, and to repeat it. */
  report(): string {
    const { seed, ending, isSecure } = this.plan;
    return [
      `SOAK_LIFE=${seed} (${ending}, ${isSecure ? 'wss' : 'ws'})`,
      ...this.violations.map((sentence) => `  ${sentence}`),
      ...this.history.map((line) => `    ${line}`),
    ].join('\n');
  }
}
