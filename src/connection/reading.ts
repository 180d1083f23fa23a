// Whether the pipe of an open connection is read: it is while nothing holds it back. It owns the reasons there may be, and how
// long reads have followed each other in one turn of the event loop; it knows nothing of what was read.

import { now, queueTask } from '../runtime/tasks';
import type { Transport } from '../transport/contract';

/** What may hold back reading; several may at a time. */
export const HOLD = {
  /** The user paused it. */
  paused: 1,
  /** The peer pings without reading the pongs: it is not read either. */
  pongsWait: 2,
  /** What has been read is more than is told in one turn of the event loop. */
  behind: 4,
  /** It has had its share of this turn. */
  turnIsOver: 8,
  /** Whoever takes a message in pieces is not ready for the next one. */
  pieceWaits: 16,
} as const;
type Hold = (typeof HOLD)[keyof typeof HOLD];

/**
 * Milliseconds. A read that fills its place is followed by another one in the same turn of the event loop: by up to 32 in libuv,
 * and then 16 MiB of short texts held up all others for half a second. After so long others have their turn. (By bytes it would
 * cost whoever receives 16 KiB at a time a third, for 0.3 ms in a MiB.)
 */
const TURN_TIME = 8;

export class Reading {
  /** One bit for each. */
  private holds = 0;
  /** When the reads began that followed each other without a stop; 0: the last one was the end of such. */
  private since = 0;
  private transport: Transport | undefined;

  /** The connection is open. Before that, while the handshake is read, nothing holds reading back. */
  begin(transport: Transport): void {
    this.transport = transport;
    if (this.holds !== 0) this.steer();
  }

  /** The pipe is gone. */
  end(): void {
    this.transport = undefined;
  }

  isHeldBy(hold: Hold): boolean {
    return (this.holds & hold) !== 0;
  }

  /** Nothing happens if it holds it back already. */
  hold(hold: Hold): void {
    if (this.isHeldBy(hold)) return;
    this.holds |= hold;
    this.steer();
  }

  /** Nothing happens if it did not hold it back. */
  release(hold: Hold): void {
    if (!this.isHeldBy(hold)) return;
    this.holds &= ~hold;
    this.steer();
  }

  /** What was read did not fill its place, so that no other read follows in this turn. */
  stopped(): void {
    this.since = 0;
  }

  /** What was read filled its place: another read follows in this turn, unless it has had its time. */
  goesOn(): void {
    const time = now();
    if (this.since === 0) this.since = time;
    else if (time - this.since >= TURN_TIME) this.yieldTurn();
  }

  /** Others are read first. */
  private yieldTurn(): void {
    this.since = 0;
    if (this.isHeldBy(HOLD.turnIsOver) || this.transport === undefined) return;
    this.hold(HOLD.turnIsOver);
    queueTask(() => this.release(HOLD.turnIsOver));
  }

  private steer(): void {
    this.transport?.read(this.holds === 0);
  }
}
