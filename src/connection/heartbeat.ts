// The heartbeat: a ping every so often, and a sign of life expected in time (RFC 6455 §5.5.2, §5.5.3). A pong cannot overtake
// what is on its way in front of it, so whatever moves is a sign of life. It counts seconds and knows nothing else; whoever runs
// it sends the pings and acts on the verdict.

import { Deadline } from '../runtime/deadline';
import { clearTimer, now, setQuietInterval, type Timer } from '../runtime/tasks';

export interface HeartbeatHandlers {
  /** Time to send a ping with this payload. False: not now, and nothing is expected. */
  onPingDue(payload: Uint8Array): boolean;
  /** A figure that changes with every sign of life of the peer. */
  signsOfLife(): number;
  /** So many bytes were accepted to be sent, pings among them. */
  accepted(): number;
  /** About so many of those the peer's TCP has acknowledged, where that is known. Not asked for where pongs come soon. */
  acknowledged(): number | undefined;
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
    if (isSame(payload, payloadOf(this.count))) this.sentAt = now();
  }

  /** A pong came, whether asked for or not: the peer lives. Returns the round trip in seconds if it answers the last ping. */
  pong(payload: Uint8Array): number | undefined {
    this.expectNothing();
    if (this.count === 0 || !isSame(payload, payloadOf(this.count))) return undefined;
    return (now() - this.sentAt) / 1000;
  }

  private ping(timeout: number): void {
    this.count += 1;
    this.sentAt = now();
    // The deadline belongs to the first ping that nobody answered: a short interval must not push it ahead.
    const { deadline } = this;
    this.deadline ??= this.expect(timeout);
    if (!this.handlers.onPingDue(payloadOf(this.count)) && deadline === undefined) this.expectNothing();
  }

  private expect(timeout: number): Deadline {
    let isAtPing = true;
    /** From the first look on: what had been accepted by then, and the most that has been acknowledged since. */
    let accepted: number | undefined;
    let acknowledged = Number.POSITIVE_INFINITY;
    let signs = 0;
    const progress = (): number => {
      const found = isAtPing ? undefined : this.handlers.acknowledged();
      isAtPing = false;
      if (found !== undefined) {
        // What lies in front of the ping makes way. A ping that has arrived is answered, or the peer is dead, whatever its TCP
        // says of those that follow.
        if (accepted !== undefined && acknowledged < accepted && found > acknowledged) signs += 1;
        accepted ??= this.handlers.accepted();
        // TLS makes more bytes of ours than we know of: the figure may fall, and to rise again is no news.
        acknowledged = acknowledged === Number.POSITIVE_INFINITY ? found : Math.max(acknowledged, found);
      }
      return this.handlers.signsOfLife() + signs;
    };
    const dead = (): void => {
      this.stop();
      this.handlers.onDead();
    };
    return new Deadline(timeout, dead, progress, true);
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

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}
