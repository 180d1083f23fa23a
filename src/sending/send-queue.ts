// What has to wait because something in front of it is not ready: a Blob that is being read, a long message that is being
// compressed, one whose source has more of it. Messages, and what follows the last one, keep their order. It knows no frames.

import { Queue } from '../base/queue';
import { toError } from '../base/thrown';
import { reportException } from '../runtime/report';
import type { Done, Slow } from './receipts';
import type { Message, UnsentMessage } from './unsent';

/** What waits, and what becomes of it when it is the first. */
interface Entry<Ready> {
  readonly size: number;
  /** What has to be waited for; undefined: nothing. Called when nothing is in front of it any more. */
  readonly prepare: (() => Promise<Ready> | undefined) | undefined;
  /** With what it came to, if there was something. */
  readonly take: (ready?: Ready) => void;
  /**
   * It could not be prepared, or not taken: whatever was thrown, the cause is an error. Or, without one, the queue was cleared
   * while `waitedFor` was in front.
   */
  readonly drop: (cause?: Error, waitedFor?: Slow) => void;
  /** What it takes its time for. */
  readonly slow: Slow | undefined;
  /** The message, where it is one that another connection may send. */
  readonly message?: (() => Message) | undefined;
  /** Who waits for what is in front of it, where it is nothing else. */
  readonly receipt?: Done | undefined;
}

type Outcome = { readonly value: unknown } | { readonly cause: unknown };

export class SendQueue {
  /** Bytes of all that waits. */
  size = 0;
  private readonly entries = new Queue<Entry<unknown>>();
  private isCleared = false;
  /** What is first is being waited for, taken or dropped: whoever sends within that stands behind it, even if nobody else does. */
  private isRunning = false;

  /** @param onEmpty nothing waits any more */
  constructor(private readonly onEmpty: () => void) {}

  /** Behind all that waits. */
  push(take: () => void, drop: (cause?: Error) => void): void {
    this.add({ size: 0, prepare: undefined, take, drop, slow: undefined });
  }

  /** Behind all that waits: whoever wants to know when that has left calls `wait` then. */
  pushReceipt(wait: () => void, receipt: Done): void {
    const drop = (_cause?: Error, waitedFor?: Slow): void => receipt(false, waitedFor);
    this.add({ size: 0, prepare: undefined, take: wait, drop, slow: undefined, receipt });
  }

  /** The same for what may not be ready. `drop` is called in place of `take` if it never comes to that. */
  pushSlow<Ready>(
    slow: Slow,
    size: number,
    prepare: () => Promise<Ready> | undefined,
    take: (ready?: Ready) => void,
    drop: (cause?: Error) => void,
    message?: () => Message,
  ): void {
    this.add({ size, prepare, take: take as (ready?: unknown) => void, drop, slow, message });
  }

  /** Takes the messages out, with those who wait for them; `clear` follows, which drops all else. */
  takeMessages(): readonly UnsentMessage[] {
    const messages: (Message & { readonly receipts: Done[] })[] = [];
    let present: Done[] | undefined;
    for (const entry of this.entries.takeAll()) {
      const { message, receipt } = entry;
      if (message !== undefined) {
        present = [];
        messages.push({ ...message(), receipts: present });
      } else if (receipt !== undefined && present !== undefined) present.push(receipt);
      else {
        present = undefined;
        this.entries.push(entry);
      }
    }
    return messages;
  }

  /** Drops all that waits. */
  clear(): void {
    this.isCleared = true;
    this.size = 0;
    const waitedFor = this.entries.first?.slow;
    for (const { drop } of this.entries.takeAll()) drop(undefined, waitedFor);
  }

  private add(entry: Entry<unknown>): void {
    this.size += entry.size;
    this.entries.push(entry);
    // Nobody else could catch what is thrown there.
    if (!this.isRunning) this.run().catch(reportException);
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    try {
      for (let next = this.entries.first; next !== undefined; next = this.entries.first) {
        const { prepare } = next;
        const outcome = prepare && (await attempt(prepare));
        if (this.isCleared) return;
        this.entries.shift();
        this.size -= next.size;
        leave(next, outcome);
        if (this.isCleared) return;
      }
    } finally {
      this.isRunning = false;
    }
    this.onEmpty();
  }
}

/** It is the first, and as ready as it will ever be. */
function leave({ take, drop }: Entry<unknown>, outcome: Outcome | undefined): void {
  if (outcome !== undefined && 'cause' in outcome) {
    drop(toError(outcome.cause));
    return;
  }
  try {
    take(outcome?.value);
  } catch (cause) {
    drop(toError(cause));
  }
}

/** What came of it. Undefined, without a turn of the event loop: nothing had to be waited for. */
function attempt(prepare: () => Promise<unknown> | undefined): Promise<Outcome> | undefined {
  try {
    return prepare()?.then(
      (value) => ({ value }),
      (cause) => ({ cause }),
    );
  } catch (cause) {
    return Promise.resolve({ cause });
  }
}
