// The heartbeat: a ping every so often, and a sign of life expected in time (RFC 6455 §5.5.2, §5.5.3). A pong cannot overtake
// what is on its way in front of it, so whatever moves is a sign of life. It counts seconds and knows nothing else; whoever runs
// it sends the pings and acts on the verdict.

import { areSame } from '../base/bytes';
import { Deadline } from '../runtime/deadline';
import { clearTimer, now, setQuietInterval, type Timer } from '../runtime/tasks';
import { type Underway, wayMade } from './way-made';

export interface HeartbeatHandlers extends Underway {
  /** Time to send a ping with this payload. False: not now, and nothing is expected. */
  onPingDue(payload: Uint8Array): boolean;
  /** A figure that changes with every sign of life of the peer. */
  signsOfLife(): number;
  /** None came in time. Called once; the heartbeat has stopped. */
  onDead(): void;
}

export class Heartbeat {
  private interval: Timer;
  private deadline: Deadline | undefined;
  private count = 0;
  private stops = 0;
  private sentAt = 0;

  constructor(private readonly handlers: HeartbeatHandlers) {}

  /** Begins, or begins anew. Both in seconds; fractions are fine. Its timers do not keep the process alive. */
  start(every: number, timeout: number): void {
    this.stop();
    const { stops } = this;
    const interval = setQuietInterval(() => this.ping(timeout), every * 1000);
    // It may have been stopped within that, where a program has a clock of its own.
    if (this.stops === stops) this.interval = interval;
    else clearTimer(interval);
  }

  stop(): void {
    this.stops += 1;
    clearTimer(this.interval);
    this.expectNothing();
  }

  /** A ping has left that had to wait: its round trip begins now. */
  left(payload: Uint8Array): void {
    if (areSame(payload, payloadOf(this.count))) this.sentAt = now();
  }

  /** A pong came, whether asked for or not: the peer lives. Returns the round trip in seconds if it answers the last ping. */
  pong(payload: Uint8Array): number | undefined {
    this.expectNothing();
    if (this.count === 0 || !areSame(payload, payloadOf(this.count))) return undefined;
    return (now() - this.sentAt) / 1000;
  }

  private ping(timeout: number): void {
    this.count += 1;
    this.sentAt = now();
    // The deadline belongs to the first ping that nobody answered: a short interval must not push it ahead.
    const isFirst = this.deadline === undefined;
    if (isFirst) this.expect(timeout);
    if (!this.handlers.onPingDue(payloadOf(this.count)) && isFirst) this.expectNothing();
  }

  private expect(timeout: number): void {
    const madeWay = wayMade(this.handlers);
    const progress = (): number => this.handlers.signsOfLife() + madeWay();
    const dead = (): void => {
      this.stop();
      this.handlers.onDead();
    };
    this.deadline = new Deadline(timeout, dead, progress, true);
    this.deadline.begin();
  }

  private expectNothing(): void {
    this.deadline?.cancel();
    this.deadline = undefined;
  }
}

/** The number of the ping, so that a late pong is not taken for the answer to a later one. */
function payloadOf(count: number): Uint8Array {
  return new Uint8Array(new Uint32Array([count]).buffer);
}
