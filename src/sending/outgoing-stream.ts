// One message that is sent in fragments as its source gives it (RFC 6455 §5.4), at the pace of the peer: the next chunk is asked for
// when there is little left of those before. Between two fragments control frames pass, and other connections have their turn. It
// does not know what the source is, nor what a frame looks like.

import { isPromise } from '../base/brands';
import type { Bytes } from '../base/bytes';
import { nextTurn, now } from '../runtime/tasks';
import { type FirstByte, firstOfContinuation, firstOfFragments } from './first-byte';
import { FRAGMENT_BYTES, Payloads } from './payloads';

/** A chunk, or the end. */
export type Step = { readonly done?: boolean | undefined; readonly value: string | Bytes };

/** Where chunks come from. */
export interface ChunkSource {
  /** Throws, or rejects with, what is wrong with it; nothing follows then. */
  next(): Step | Promise<Step>;
  /** Nothing more is wanted, and why. It throws nothing. */
  cancel(reason: unknown): void;
}

export interface StreamOptions {
  /** What the message is; undefined: what its first chunk is. */
  readonly isBinary: boolean | undefined;
  /** What it is if the first chunk is a string, or there is none. */
  readonly areStringsBinary: boolean;
  /** Whether it may be compressed, where that was agreed. */
  readonly isCompressed: boolean;
  /** A part of it has been sent. */
  readonly onBegun: () => void;
}

/** What sends it. */
export interface Wire {
  /** How many bytes wait. */
  waiting(): number;
  /** A frame with this payload. Throws what goes wrong. */
  send(payload: Bytes, first: FirstByte): void;
  /** Calls `done` when all that was sent so far is taken, or never will be. */
  whenWritten(done: (isWritten: boolean) => void): void;
}

/**
 * From so much on that waits, what waited at the time of the last look has to be taken first: so about twice as much waits at the
 * most, and that is what a ping has in front of it.
 */
const WAITING_BYTES = 131_072;

/** Milliseconds after which others have their turn. */
const TURN_TIME = 8;

const NOTHING: Bytes = new Uint8Array(0);

export class OutgoingStream {
  /** Whether a part of it was sent: it cannot be taken back. */
  hasBegun = false;
  private isBinary: boolean | undefined;
  private isAsked = false;
  /** The source is being called. */
  private isAsking = false;
  /** Nothing more is sent. */
  private isOver = false;
  /** Why. */
  private reason: unknown;
  private payloads: Payloads | undefined;
  /** What was sent up to there is taken: true; or never will be. */
  private taken: Promise<boolean> | undefined;
  private turnBegan = 0;
  /** Bytes that were compressed in this turn. */
  private spent = 0;

  constructor(
    private readonly source: ChunkSource,
    private readonly options: StreamOptions,
  ) {
    this.isBinary = options.isBinary;
  }

  /** Once. Resolves when all of it was sent. Rejects with what is wrong with the source. Neither, if it was given up. */
  async send(wire: Wire): Promise<void> {
    this.turnBegan = now();
    try {
      await this.pump(wire);
    } catch (cause) {
      if (!this.isOver) {
        this.giveUp(cause);
        throw cause;
      }
    }
    this.payloads?.release();
    if (this.isOver) await new Promise<never>(() => {});
  }

  /** Nothing more is sent, and why. */
  giveUp(reason: unknown): void {
    if (this.isOver) return;
    this.isOver = true;
    this.reason = reason;
    this.payloads?.release();
    // A generator cannot be let go while it runs.
    if (this.isAsked && !this.isAsking) this.source.cancel(reason);
  }

  private async pump(wire: Wire): Promise<void> {
    for (;;) {
      const { done, value } = await this.nextStep();
      if (this.isOver) return;
      if (done) break;
      this.isBinary ??= typeof value !== 'string' || this.options.areStringsBinary;
      this.payloads ??= new Payloads(this.isBinary);
      this.payloads.take(value);
      for (let payload = this.payloads.next(); payload !== undefined; payload = this.payloads.next()) {
        this.put(wire, payload, false);
        if (wire.waiting() >= WAITING_BYTES && !(await this.makeWay(wire))) return;
        if (this.hasSpentTurn) await this.yieldTurn();
        if (this.isOver) return;
      }
      // There may be nothing in it.
      if (this.hasSpentTurn) await this.yieldTurn();
      if (this.isOver) return;
    }
    const last = this.payloads?.last();
    // In two frames at least: what is whole in one frame might be sent again by another connection.
    if (last !== undefined || !this.hasBegun) this.put(wire, last ?? NOTHING, false);
    this.put(wire, NOTHING, true);
  }

  private async nextStep(): Promise<Step> {
    try {
      const step = this.ask();
      const result = isPromise(step) ? await step : step;
      if (result.done) this.isAsked = false;
      return result;
    } catch (cause) {
      // It has ended by itself.
      this.isAsked = false;
      throw cause;
    }
  }

  private ask(): Step | Promise<Step> {
    this.isAsked = true;
    this.isAsking = true;
    let step: Step | Promise<Step>;
    try {
      step = this.source.next();
    } finally {
      this.isAsking = false;
    }
    // It has ended the connection that it is sent by.
    if (this.isOver && (isPromise(step) || !step.done)) this.source.cancel(this.reason);
    return step;
  }

  private put(wire: Wire, payload: Bytes, isLast: boolean): void {
    wire.send(payload, this.firstByte(isLast));
    if (!this.hasBegun) this.options.onBegun();
    this.hasBegun = true;
    this.spent += payload.length;
  }

  private firstByte(isLast: boolean): FirstByte {
    if (this.hasBegun) return firstOfContinuation(isLast);
    const { areStringsBinary, isCompressed } = this.options;
    return firstOfFragments(this.isBinary ?? areStringsBinary, isCompressed, isLast);
  }

  /** False: nothing leaves any more. */
  private async makeWay(wire: Wire): Promise<boolean> {
    const { taken } = this;
    this.taken = new Promise((resolve) => wire.whenWritten(resolve));
    if (taken === undefined || (await taken)) return !this.isOver;
    // Whoever knows why gives it up.
    this.isOver = true;
    return false;
  }

  private get hasSpentTurn(): boolean {
    return (this.options.isCompressed && this.spent >= FRAGMENT_BYTES) || now() - this.turnBegan >= TURN_TIME;
  }

  private async yieldTurn(): Promise<void> {
    await nextTurn();
    this.turnBegan = now();
    this.spent = 0;
  }
}
