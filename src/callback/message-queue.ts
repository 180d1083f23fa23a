// Messages to be awaited: what waits between a connection and one loop over it (`for await`), how much of that may wait, and who is
// served when. It knows the connection by what it asks of it.

import type { Bytes } from '../base/bytes';
import { Queue } from '../base/queue';
import { checkCount, checkObject } from '../options/checks';
import { unknownName } from '../options/nearest';
import { type Ending, lossOf } from './endings';
import { heard } from './promises';

export interface MessagesOptions {
  /** Messages that may wait for the loop, at least 1; as long as so many do, the connection is not read. Default 64. */
  readonly queue?: number | undefined;
}

type Message = string | Bytes;
type Result = IteratorResult<Message, undefined>;

/** Where messages come from. */
export interface MessageSource {
  /** Nothing is delivered from here on, until as many `release` as there were `hold`. */
  hold(): void;
  release(): void;
  /** Not another message. */
  leave(queue: MessageQueue): void;
  /** Closes the connection, and resolves when it is gone. */
  close(): Promise<void>;
}

interface Taker {
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
}

const DEFAULT_QUEUE = 64;

const DONE: Result = { done: true, value: undefined };

/** What one loop goes through. */
export class MessageQueue {
  /** The most that may wait. */
  private readonly most: number;
  private readonly waiting = new Queue<IteratorYieldResult<Message>>();
  /** They have asked before something came: either of the two queues is empty. */
  private readonly takers = new Queue<Taker>();
  private isHolding = false;
  /** From now on nothing comes; its loss, if it is one, is told once. */
  private isOver = false;
  private loss: Error | undefined;

  /** @throws TypeError, RangeError for an option that is none */
  constructor(
    private readonly source: MessageSource,
    options: MessagesOptions,
  ) {
    checkObject(options, 'messages(options)');
    for (const name of Object.keys(options)) {
      if (name !== 'queue') throw unknownName('messages(options)', name, ['queue']);
    }
    const { queue = DEFAULT_QUEUE } = options;
    this.most = checkCount('queue', queue);
  }

  push(value: Message): void {
    const result = { done: false as const, value };
    const taker = this.takers.shift();
    if (taker !== undefined) {
      taker.resolve(result);
      return;
    }
    this.waiting.push(result);
    if (this.isHolding || this.waiting.length < this.most) return;
    this.isHolding = true;
    this.source.hold();
  }

  next(): Promise<Result> {
    const result = this.waiting.shift();
    if (result !== undefined) {
      // Not with each that is taken: a connection that is read for one message stops and goes for each.
      if (this.waiting.length <= this.most / 2) this.letGo();
      return Promise.resolve(result);
    }
    if (!this.isOver) return new Promise((resolve, reject) => this.takers.push({ resolve, reject }));
    const { loss } = this;
    this.loss = undefined;
    return loss === undefined ? Promise.resolve(DONE) : Promise.reject(loss);
  }

  /** The loop was left: what waits is of no interest, and neither is the connection. */
  async return(): Promise<void> {
    if (this.isOver) return;
    this.waiting.takeAll();
    this.end(undefined);
    const closed = this.source.close();
    this.letGo();
    await closed;
  }

  /** The connection is closed for good. What waits comes first. */
  onEnding(ending: Ending): void {
    this.end(lossOf(ending));
    this.letGo();
  }

  private end(loss: Error | undefined): void {
    this.isOver = true;
    this.source.leave(this);
    const [first, ...others] = this.takers.takeAll();
    if (first === undefined) this.loss = loss;
    else if (loss === undefined) first.resolve(DONE);
    else first.reject(loss);
    for (const { resolve } of others) resolve(DONE);
  }

  private letGo(): void {
    if (!this.isHolding) return;
    this.isHolding = false;
    this.source.release();
  }
}

/** The public side of it. */
export function iteratorOf(queue: MessageQueue): AsyncIterableIterator<Message> {
  return {
    next: () => queue.next(),
    return: async (value?: unknown) => {
      // Not awaited before the connection is gone: nobody else hears that it rejects meanwhile.
      const given = heard(Promise.resolve(value));
      await queue.return();
      return { done: true, value: await given } as Result;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
