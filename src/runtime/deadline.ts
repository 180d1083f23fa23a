// When waiting is over: so many seconds, or so many without any progress. Between the end of that time and its verdict lies a
// turn of the event loop, in which the sockets are read: what came in time is no late answer because a program was busy. It
// does not know what is waited for.

import { clearTimer, holdsProcess, now, queueTask, setQuietTimer, setTimer, type Timer } from './tasks';

/** Seconds that a timer may be late by itself. What is more says that the event loop stood still. */
const PUNCTUAL = 0.02;

/** How often progress is looked for in the time that may pass without it: so much longer may a verdict take, one part of these. */
const LOOKS = 4;

export class Deadline {
  /** Seconds that are left. */
  private left: number;
  /** How long a program that lets the event loop stand still can put off the verdict: no longer than all of the time. */
  private credit: number;
  private seen: number | undefined;
  private timer: Timer;
  private isOver = false;

  /**
   * It waits from `begin` on. Infinity never ends.
   *
   * @param action the verdict, called once unless `cancel` is called before
   * @param progress a figure that changes while there is some: the time begins anew then. Default: it does not
   * @param isIdle the process need not wait for it
   */
  constructor(
    private readonly seconds: number,
    private readonly action: () => void,
    private readonly progress?: () => number,
    private isIdle = false,
  ) {
    this.left = seconds;
    this.credit = seconds;
  }

  /** Within this call it may be cancelled already, where a program has a clock of its own: whoever has to do that must know it. */
  begin(): void {
    this.seen = this.progress?.();
    this.wait();
  }

  cancel(): void {
    this.isOver = true;
    clearTimer(this.timer);
  }

  /** Whether the process waits for it, from now on. */
  ref(isWanted: boolean): void {
    this.isIdle = !isWanted;
    holdsProcess(this.timer, isWanted);
  }

  private wait(): void {
    if (this.isOver || this.left === Number.POSITIVE_INFINITY) return;
    const part = this.progress === undefined ? this.left : Math.min(this.left, this.seconds / LOOKS);
    const since = now();
    const set = this.isIdle ? setQuietTimer : setTimer;
    const timer = set(() => this.passed(part, (now() - since) / 1000 - part), part * 1000);
    // A program may have a clock of its own, and cancel this within that call.
    if (this.isOver) clearTimer(timer);
    else this.timer = timer;
  }

  /** So many seconds, and so many more, because the timer was late. */
  private passed(part: number, late: number): void {
    this.left -= part;
    if (late > PUNCTUAL) {
      const excused = Math.min(late, this.credit);
      this.credit -= excused;
      this.left += excused;
    }
    if (this.hasProgress() || this.left > 0) this.wait();
    else queueTask(() => this.judge());
  }

  private judge(): void {
    if (this.isOver) return;
    if (this.hasProgress()) {
      this.wait();
      return;
    }
    this.isOver = true;
    this.action();
  }

  private hasProgress(): boolean {
    const found = this.progress?.();
    if (found === this.seen) return false;
    this.seen = found;
    this.left = this.seconds;
    this.credit = this.seconds;
    return true;
  }
}
