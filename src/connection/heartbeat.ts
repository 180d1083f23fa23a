// The heartbeat: a ping every so often, a pong expected in time (RFC 6455 §5.5.2, §5.5.3). It counts seconds and knows
// nothing else; whoever runs it sends the pings and acts on the verdict.

export interface HeartbeatHandlers {
  /** Time to send a ping with this payload. */
  onPingDue(payload: Uint8Array): void;
  /** No pong came in time. Called once; the heartbeat has stopped. */
  onDead(): void;
}

export class Heartbeat {
  private interval: NodeJS.Timeout | undefined;
  private deadline: NodeJS.Timeout | undefined;
  private count = 0;
  private stops = 0;
  private sentAt = 0;

  constructor(private readonly handlers: HeartbeatHandlers) {}

  /** Begins, or begins anew. Both in seconds; fractions are fine. Its timers do not keep the process alive. */
  start(every: number, timeout: number): void {
    this.stop();
    const { stops } = this;
    const interval = unref(setInterval(() => this.ping(timeout), every * 1000));
    // It may have been stopped within that, where a program has a clock of its own.
    if (this.stops === stops) this.interval = interval;
    else clearInterval(interval);
  }

  stop(): void {
    this.stops += 1;
    clearInterval(this.interval);
    clearTimeout(this.deadline);
    this.deadline = undefined;
  }

  /** A pong came, whether asked for or not: the peer lives. Returns the round trip in seconds if it answers the last ping. */
  pong(payload: Uint8Array): number | undefined {
    clearTimeout(this.deadline);
    this.deadline = undefined;
    if (this.count === 0 || !isSame(payload, payloadOf(this.count))) return undefined;
    return (performance.now() - this.sentAt) / 1000;
  }

  private ping(timeout: number): void {
    this.count += 1;
    this.sentAt = performance.now();
    // The deadline belongs to the first ping that nobody answered: a short interval must not push it ahead.
    this.deadline ??= unref(
      setTimeout(() => {
        this.stop();
        this.handlers.onDead();
      }, timeout * 1000),
    );
    this.handlers.onPingDue(payloadOf(this.count));
  }
}

/** The number of the ping, so that a late pong is not taken for the answer to a later one. */
function payloadOf(count: number): Uint8Array {
  return new Uint8Array(new Uint32Array([count]).buffer);
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

/** Runtimes whose timers are plain numbers keep no process alive by them. */
function unref<T>(timer: T): T {
  (timer as { unref?: () => void }).unref?.();
  return timer;
}
