// One direction of a relay: takes bytes from one socket and hands them to another, chopped, delayed, gathered and stalled by
// a plan's weather. Nothing is lost or changed on the way, until it is told to stop.

import type { Socket } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Weather } from './plan';
import type { Random } from './random';
import type { Tally } from './tally';

/** What may wait here; the rest stays with the sender, who notices. */
const HIGH_WATER = 128 * 1024;
/** Each piece costs a turn of the event loop that all lives share: what follows so many of them goes as it comes. */
const MAX_PIECES = 200;

export interface PumpHandlers {
  /** How many of the next bytes may pass at once, at least one: what ends the life at a certain byte has to see it coming. */
  allowance(): number;
  /** These bytes were handed over. */
  onForward(bytes: Uint8Array): void;
  /** The source has ended, all its bytes were handed over, and the target was ended as well. */
  onEnd(): void;
}

export class Pump {
  forwardedBytes = 0;
  private queue: Buffer[] = [];
  private queuedBytes = 0;
  private hasEnded = false;
  private isStopped = false;
  private pieceCount = 0;
  private patience: number;
  private wake: () => void = () => {};

  constructor(
    private readonly source: Socket,
    private readonly target: Socket,
    private readonly weather: Weather,
    private readonly random: Random,
    private readonly tally: Tally,
    private readonly handlers: PumpHandlers,
  ) {
    this.patience = weather.patience;
    source.on('data', (chunk: Buffer) => this.onData(chunk));
    source.on('end', () => {
      this.hasEnded = true;
      this.wake();
    });
    for (const event of ['drain', 'close']) target.on(event, () => this.wake());
  }

  /** The source has ended; what is waiting here still goes on. */
  get sawEnd(): boolean {
    return this.hasEnded;
  }

  /** Runs until the source ends, or `stop`. */
  async run(): Promise<void> {
    while (!this.isStopped) {
      if (this.queuedBytes > 0) {
        await this.weatherOfPiece();
        if (!this.isStopped) await this.forward();
      } else if (this.hasEnded) {
        this.target.end();
        this.handlers.onEnd();
        return;
      } else {
        await this.change();
      }
    }
  }

  /** Nothing passes any more. What comes is read and dropped, or not read. */
  stop(isSwallowing: boolean): void {
    this.isStopped = true;
    this.queue = [];
    this.queuedBytes = 0;
    if (isSwallowing) this.source.resume();
    else this.source.pause();
    this.wake();
  }

  private onData(chunk: Buffer): void {
    if (this.isStopped) return;
    this.queue.push(chunk);
    this.queuedBytes += chunk.length;
    if (this.queuedBytes >= HIGH_WATER) this.source.pause();
    this.wake();
  }

  private change(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private async weatherOfPiece(): Promise<void> {
    const { delay, hold, stall } = this.weather;
    if (this.patience > 0 && this.random.chance(delay)) {
      this.tally.add('fault: a delay');
      await this.wait(this.random.between(1, 15));
    }
    if (this.patience > 0 && this.random.chance(hold)) {
      this.tally.add('fault: pieces that leave at once');
      await this.wait(this.random.between(5, 20));
      this.join();
      await this.hand(this.handlers.allowance());
    }
    if (this.patience > 0 && this.random.chance(stall)) {
      this.tally.add('fault: a stall');
      this.source.pause();
      await this.wait(this.random.between(50, 250));
      if (!this.isStopped) this.source.resume();
    }
  }

  private async wait(milliseconds: number): Promise<void> {
    this.patience -= milliseconds;
    await setTimeout(milliseconds);
  }

  private async forward(): Promise<void> {
    if (this.queuedBytes === 0) return;
    const { chop } = this.weather;
    if (chop === undefined || this.pieceCount === MAX_PIECES) {
      await this.hand(Math.min(this.queue[0]!.length, this.handlers.allowance()));
      return;
    }
    this.pieceCount += 1;
    this.tally.add('fault: a piece cut off');
    await this.hand(Math.min(this.random.scaled(...chop), this.handlers.allowance()));
    // With a turn for the other end to read it before the next one comes.
    await setImmediate();
  }

  /** Hands over at most so many bytes. */
  private async hand(count: number): Promise<void> {
    const bytes = this.take(count);
    if (bytes === undefined) return;
    this.forwardedBytes += bytes.length;
    if (!this.target.destroyed) this.target.write(bytes);
    this.handlers.onForward(bytes);
    while (!this.isStopped && this.target.writableNeedDrain && !this.target.destroyed) await this.change();
  }

  private take(count: number): Buffer | undefined {
    const first = this.queue[0];
    if (first === undefined) return undefined;
    if (first.length < count && this.queue.length > 1) this.join();
    const all = this.queue[0]!;
    const taken = all.subarray(0, count);
    if (taken.length === all.length) this.queue.shift();
    else this.queue[0] = all.subarray(taken.length);
    this.queuedBytes -= taken.length;
    if (this.queuedBytes < HIGH_WATER && this.source.isPaused()) this.source.resume();
    return taken;
  }

  private join(): void {
    if (this.queue.length > 1) this.queue = [Buffer.concat(this.queue)];
  }
}
