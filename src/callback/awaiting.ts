// Whatever somebody awaits of a connection over its life: `opened`, `closed`, its messages, and that it is gone. Each is made when it
// is asked for, so that a connection which nobody awaits has none of it. What "for good" means is the session's to say.

import type { Bytes } from '../base/bytes';
import type { State } from '../connection/state';
import type { HandshakeResponse } from '../handshake/response-parser';
import { queueSoon, queueTask } from '../runtime/tasks';
import type { ConnectionCloseEvent } from './close-event';
import { type Ending, reasonOf } from './endings';
import { MessageQueue, type MessageSource, type MessagesOptions } from './message-queue';
import { heard } from './promises';

/** What is awaited. */
export interface Life {
  readonly connection: { readonly state: State };
  /** Of the connection that is open; undefined: none is. */
  readonly response: HandshakeResponse | undefined;
  /** Closed for good: no attempt follows. Undefined: it is not, or was never begun. */
  readonly ending: Ending | undefined;
  /** Whether binary messages are to be copied by whoever keeps them. */
  readonly isLent: boolean;
  listen(event: string, listener: unknown): void;
  unlisten(event: string, listener: unknown): void;
  hold(): void;
  release(): void;
  closeNormally(): void;
}

type Hear = (face: unknown, data: string | Bytes) => void;

class Promised<Value> {
  readonly promise: Promise<Value>;
  /** In which it was settled: it is out of date in another. */
  phase: object | undefined;
  private resolve!: (value: Value) => void;
  private reject!: (error: unknown) => void;

  constructor() {
    this.promise = heard(
      new Promise<Value>((resolve, reject) => {
        this.resolve = resolve;
        this.reject = reject;
      }),
    );
  }

  /** Nothing happens if it was settled before. Returns whether somebody may have waited for that. */
  settle(phase: object | undefined, value: Value | undefined, error?: unknown): boolean {
    if (this.phase !== undefined) return false;
    this.phase = phase;
    if (value === undefined) this.reject(error);
    else this.resolve(value);
    return true;
  }
}

export class Awaiting implements MessageSource {
  private openedOne: Promised<HandshakeResponse> | undefined;
  private closedOne: Promised<ConnectionCloseEvent> | undefined;
  /** Who goes through its messages, and how each hears them. */
  private readonly queues = new Map<MessageQueue, Hear>();
  /** They are told when the present connection is gone, whatever follows it. */
  private gone: (() => void)[] = [];
  private isLooking = false;

  constructor(private readonly life: Life) {}

  get opened(): Promise<HandshakeResponse> {
    const one = this.present(this.openedOne);
    this.openedOne = one;
    const { response } = this.life;
    if (response !== undefined) one.settle(this.phase, response);
    return one.promise;
  }

  get closed(): Promise<ConnectionCloseEvent> {
    this.closedOne = this.present(this.closedOne);
    return this.closedOne.promise;
  }

  messages(options: MessagesOptions): MessageQueue {
    const queue = new MessageQueue(this, options);
    const hear: Hear = (_face, data) => queue.push(typeof data === 'string' || !this.life.isLent ? data : data.slice());
    this.queues.set(queue, hear);
    this.life.listen('message', hear);
    this.lookLater();
    return queue;
  }

  /** Closes the connection, and resolves when that one is gone; at once, if there is none. */
  close(): Promise<void> {
    const { life } = this;
    const { state } = life.connection;
    // Asked for before it is closed: within that another may be begun.
    const gone =
      state === 'initial' || state === 'closed'
        ? Promise.resolve()
        : new Promise<void>((resolve) => this.gone.push(resolve));
    life.closeNormally();
    return gone;
  }

  // What the session tells.

  onOpen(response: HandshakeResponse): void {
    if (!this.openedOne?.settle(this.phase, response)) return;
    // What came along with the answer is told when whoever has waited for it had the time to ask for messages.
    this.life.hold();
    queueTask(() => this.life.release());
  }

  /** What is to be called when everybody has been told of this end. */
  takeGone(): readonly (() => void)[] {
    return this.gone.splice(0);
  }

  /**
   * Something has ended, and whoever is told of it may begin anew: so what is running has to end before it is known whether that
   * was for good.
   */
  lookLater(): void {
    if (this.isLooking) return;
    this.isLooking = true;
    queueSoon(() => {
      this.isLooking = false;
      const { ending } = this.life;
      if (ending === undefined) return;
      this.openedOne?.settle(ending.event, undefined, reasonOf(ending));
      this.closedOne?.settle(ending.event, ending.event);
      for (const queue of [...this.queues.keys()]) queue.onEnding(ending);
    });
  }

  // What a queue of messages asks.

  hold(): void {
    this.life.hold();
  }

  release(): void {
    this.life.release();
  }

  leave(queue: MessageQueue): void {
    this.life.unlisten('message', this.queues.get(queue));
    this.queues.delete(queue);
  }

  /**
   * What it is now, by an object that is the same while it is so: an open connection, or an end for good; undefined: something will
   * follow, or it was never begun.
   */
  private get phase(): object | undefined {
    const { connection, ending } = this.life;
    return connection.state === 'open' ? connection : ending?.event;
  }

  /** The one there is, unless it was settled by what is over. */
  private present<Value>(one: Promised<Value> | undefined): Promised<Value> {
    if (one !== undefined && (one.phase === undefined || one.phase === this.phase)) return one;
    this.lookLater();
    return new Promised<Value>();
  }
}
