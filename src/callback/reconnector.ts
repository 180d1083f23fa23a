// When a connection comes back: the timer of `reConnect()`, and the policy that sets one by itself. It counts attempts and
// keeps time; it does not know how one connects, nor what callbacks there are.

import { describe, MAX_SECONDS } from '../options/checks';
import { RECONNECT_POLICY } from '../options/defaults';
import { clearTimer, holdsProcess, now, setTimer, type Timer } from '../runtime/tasks';
import { delayOf, isRefusal, isWorthRetrying, type NormalPolicy } from './backoff';
import type { ConnectionCloseEvent } from './close-event';

export interface ReconnectorHandlers {
  /** Whether an attempt that waits keeps the process alive. */
  readonly isRef: boolean;
  /** Time to begin the attempt of this number; or, in the same round, the next one of it. */
  onDue(attempt: number, isSameRound: boolean): void;
  /** What a function of the user has returned in place of an answer: if it is a promise, somebody has to hear that it rejects. */
  onUnusable(returned: unknown): void;
}

/** What follows the end of a connection: another attempt, or none although there is a policy. */
export type Plan = { readonly attempt: number; readonly delay: number } | 'give up';

/** An end of which it is not known yet what follows. */
export type Ended = Omit<ConnectionCloseEvent, 'willReconnect'>;

export class Reconnector {
  /** How often a timer was set or cleared: whoever does so in a callback decides by himself what follows. */
  decisions = 0;
  /** The number of the present attempt: 0 for one that `connect()` began. */
  private attempt = 0;
  /** In whole milliseconds, which need no object of their own. */
  private openedAt: number | undefined;
  /** Whether there has been an open connection since `connect()`, which ended as one that may come back. */
  private wasOpen = false;
  /** When the first refusal came that followed an open connection. */
  private refusedSince: number | undefined;
  private timer: Timer;

  constructor(private readonly handlers: ReconnectorHandlers) {}

  /**
   * An attempt in so many seconds, in place of any that waits. Its timer keeps the process alive, unless that is not wanted.
   *
   * @param isSameRound whether it is counted with the one before
   */
  schedule(seconds: number, isSameRound = false): void {
    this.cancel();
    const { decisions } = this;
    const timer = setTimer(() => {
      this.timer = undefined;
      this.handlers.onDue(this.attempt + (isSameRound ? 0 : 1), isSameRound);
    }, seconds * 1000);
    if (!this.handlers.isRef) holdsProcess(timer, false);
    // Another decision may have been made within that, where a program has a clock of its own.
    if (this.decisions === decisions) this.timer = timer;
    else clearTimer(timer);
  }

  /** `isRef` has changed. */
  onRef(): void {
    holdsProcess(this.timer, this.handlers.isRef);
  }

  /** Whether an attempt waits for its time. */
  get isScheduled(): boolean {
    return this.timer !== undefined;
  }

  cancel(): void {
    this.decisions += 1;
    clearTimer(this.timer);
    this.timer = undefined;
  }

  /** Whether the present attempt follows another one, without `connect()` in between. */
  get isRetrying(): boolean {
    return this.attempt > 0;
  }

  begun(attempt: number): void {
    this.attempt = attempt;
    this.openedAt = undefined;
    if (attempt > 0) return;
    this.wasOpen = false;
    this.refusedSince = undefined;
  }

  opened(): void {
    this.openedAt = Math.round(now());
    this.wasOpen = true;
    this.refusedSince = undefined;
  }

  /**
   * The number of the attempt that has ended; from here on they are counted anew if its connection was stable.
   *
   * @param minUptime seconds; the default is for a policy that is a function, or where there is none
   */
  countEnd(minUptime = RECONNECT_POLICY.minUptime): number {
    const { attempt, openedAt } = this;
    if (openedAt !== undefined && now() - openedAt >= minUptime * 1000) this.attempt = 0;
    this.openedAt = undefined;
    return attempt;
  }

  /**
   * Asked once, after `countEnd`. Throws what a function of the user throws.
   *
   * @param isHopeful whether another URL of the same round has failed in a way that may pass
   * @param isAborted whether its signal has been aborted meanwhile, which ends every attempt
   */
  plan(policy: NormalPolicy, event: Ended, isHopeful = false, isAborted = false): Plan {
    if (isAborted) return 'give up';
    const attempt = this.attempt + 1;
    if (typeof policy === 'function') {
      const delay = policy(attempt, { ...event, willReconnect: true });
      if (Number.isFinite(delay) && delay >= 0) return { attempt, delay: Math.min(delay, MAX_SECONDS) };
      this.handlers.onUnusable(delay);
      return 'give up';
    }
    if (attempt > policy.maxRetries) return 'give up';
    const isWorthIt = isWorthRetrying(event) || isHopeful || this.mayPass(event, policy.retryRefusalsFor);
    const told: ConnectionCloseEvent = { ...event, willReconnect: isWorthIt };
    const isWanted = policy.shouldReconnect === undefined ? isWorthIt : policy.shouldReconnect(told);
    // A promise would always be true.
    if (typeof isWanted !== 'boolean') {
      this.handlers.onUnusable(isWanted);
      throw new TypeError(`shouldReconnect must return true or false, not ${describe(isWanted)}.`);
    }
    return isWanted ? { attempt, delay: delayOf(policy, attempt, event) } : 'give up';
  }

  /** Whether it is a refusal that a server gives for a while, as in the midst of a deployment. */
  private mayPass(event: Ended, seconds: number): boolean {
    // It was ended as one that is not to come back: what the server says behind that, it means.
    if (!isRefusal(event)) this.wasOpen = false;
    if (!this.wasOpen) return false;
    this.refusedSince ??= now();
    return now() - this.refusedSince < seconds * 1000;
  }
}
