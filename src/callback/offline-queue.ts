// What is sent while there is no open connection, in order: kept until one is open, or until a bound is reached. It owns the bounds
// and their checks, and tells what it drops; it knows neither connections nor who is told in the end.

import { CONNECTION_FAULTS, type Fault, secondsOf } from '../base/faults';
import { Queue } from '../base/queue';
import { frameBytes } from '../codec/encoder';
import { checkBytes, checkObject, checkSeconds, checkWhole, describe, type Filled } from '../options/checks';
import { unknownName } from '../options/nearest';
import { utf8Length } from '../runtime/strings';
import { clearTimer, now, setQuietTimer, type Timer } from '../runtime/tasks';
import type { UnsentMessage } from '../sending/unsent';

/** Bounds of what waits while there is no open connection, and what happens at them. */
export interface SendQueuePolicy {
  /** Bytes of payload that may wait, headers of frames included; default: `maxSendBufferSize`, which holds besides. */
  readonly maxBytes?: number | undefined;
  /** Messages that may wait; default Infinity. */
  readonly maxMessages?: number | undefined;
  /** Seconds that a message may wait, fractions allowed; one that is older is not sent, but told. Default Infinity. */
  readonly maxAge?: number | undefined;
  /** At maxBytes or maxMessages: `send()` says false ('refuse', default), or the oldest messages give way ('drop-oldest'). */
  readonly whenFull?: 'refuse' | 'drop-oldest' | undefined;
}

/** One that was checked. */
export type CheckedPolicy = Filled<SendQueuePolicy>;

/** Everything waits that `maxSendBufferSize` allows. */
export const KEEPS_ALL: CheckedPolicy = Object.freeze({
  maxBytes: Infinity,
  maxMessages: Infinity,
  maxAge: Infinity,
  whenFull: 'refuse',
});

const NAMES = Object.keys(KEEPS_ALL);

/** @throws TypeError, RangeError that names the part which is wrong */
export function checkSendQueue(value: SendQueuePolicy | false, name = 'sendQueue'): CheckedPolicy | false {
  if (value === false) return false;
  checkObject(value, name, 'an object of bounds, or false');
  for (const part of Object.keys(value)) if (!NAMES.includes(part)) throw unknownName(name, part, NAMES);
  const { maxBytes = Infinity, maxMessages = Infinity, maxAge = Infinity, whenFull = 'refuse' } = value;
  if (maxBytes !== Infinity) checkBytes(`${name}.maxBytes`, maxBytes);
  if (typeof maxMessages !== 'number') {
    throw new TypeError(`${name}.maxMessages must be a number, not ${describe(maxMessages)}.`);
  }
  if (maxMessages !== Infinity) checkWhole(`${name}.maxMessages`, maxMessages, Number.MAX_SAFE_INTEGER);
  if (maxAge !== Infinity) checkSeconds(`${name}.maxAge`, maxAge);
  if (whenFull !== 'refuse' && whenFull !== 'drop-oldest') {
    throw new TypeError(`${name}.whenFull must be "refuse" or "drop-oldest".`);
  }
  return Object.freeze({ maxBytes, maxMessages, maxAge, whenFull });
}

interface Kept {
  readonly message: UnsentMessage;
  readonly size: number;
  /** When it was handed over, in milliseconds. */
  readonly since: number;
}

/** Gets the messages that are dropped, in order, and why: a fault, and the bound that says so. */
export type Drop = (messages: readonly UnsentMessage[], fault: Fault, bound: string) => void;

export class OfflineQueue {
  /** Bytes of all that waits. */
  size = 0;
  /** The oldest in front. */
  private readonly entries = new Queue<Kept>();
  private timer: Timer;

  /** @param policy in force */
  constructor(
    private readonly policy: () => CheckedPolicy,
    private readonly drop: Drop,
  ) {}

  get isEmpty(): boolean {
    return this.entries.isEmpty;
  }

  /**
   * The bound that leaves no room for another message; undefined: there is room.
   *
   * @param maxSendBufferSize holds besides
   */
  fullBy(maxSendBufferSize: number): string | undefined {
    const { maxBytes, maxMessages } = this.policy();
    if (this.size >= maxBytes) return `maxBytes is ${maxBytes}`;
    if (this.entries.length >= maxMessages) return `maxMessages is ${maxMessages}`;
    return this.size >= maxSendBufferSize ? `maxSendBufferSize is ${maxSendBufferSize}` : undefined;
  }

  /** Behind all others. */
  push(message: UnsentMessage): void {
    const size = sizeOf(message);
    this.size += size;
    this.entries.push({ message, size, since: now() });
    if (this.entries.length === 1) this.watch();
  }

  /**
   * In front of all others, in their order: what a connection did not send any more. They were handed over before those, and count as
   * of the same age; where nothing waits, from now on.
   */
  putBack(messages: readonly UnsentMessage[]): void {
    const since = this.entries.first?.since ?? now();
    const kept = messages.map((message) => ({ message, size: sizeOf(message), since }));
    for (const { size } of kept) this.size += size;
    this.entries.putBackAll(kept);
    this.watch();
  }

  /** Takes the first; undefined: there is none. */
  shift(): UnsentMessage | undefined {
    const kept = this.entries.shift();
    if (kept === undefined) return undefined;
    this.size -= kept.size;
    return kept.message;
  }

  /** Takes all of them. */
  takeAll(): readonly UnsentMessage[] {
    const messages = this.entries.takeAll().map(({ message }) => message);
    this.size = 0;
    this.watch();
    return messages;
  }

  /** Behind all others; the oldest give way as long as there is no room. They are told when it is there: whoever hears may send. */
  pushAnyway(message: UnsentMessage, maxSendBufferSize: number): void {
    const bound = this.fullBy(maxSendBufferSize);
    const dropped: UnsentMessage[] = [];
    while (this.fullBy(maxSendBufferSize) !== undefined) dropped.push(this.shift()!);
    this.push(message);
    if (bound === undefined) return;
    this.watch();
    this.drop(dropped, CONNECTION_FAULTS.sendQueueFull, bound);
  }

  /** Drops what is older than maxAge, and sees to it that what becomes so is dropped then. */
  watch(): void {
    clearTimer(this.timer);
    this.timer = undefined;
    const { maxAge } = this.policy();
    if (maxAge === Infinity) return;
    const late: UnsentMessage[] = [];
    const oldest = now() - maxAge * 1000;
    while (!this.isEmpty && this.entries.first!.since <= oldest) late.push(this.shift()!);
    const { first } = this.entries;
    if (first !== undefined) this.timer = setQuietTimer(() => this.watch(), Math.ceil(first.since - oldest));
    if (late.length > 0) this.drop(late, CONNECTION_FAULTS.sendQueueAge, `maxAge is ${secondsOf(maxAge)}`);
  }
}

/** What one is counted as: its frame, if nothing is compressed. */
function sizeOf(message: UnsentMessage): number {
  return frameBytes(payloadOf(message));
}

function payloadOf({ data }: UnsentMessage): number {
  if (typeof data === 'string') return utf8Length(data);
  return 'size' in data ? data.size : data.length;
}

/** How many they are, for a sentence. */
export function countOf(messages: readonly UnsentMessage[]): string {
  const bytes = messages.reduce((sum, message) => sum + payloadOf(message), 0);
  return `${messages.length} ${messages.length === 1 ? 'message' : 'messages'} of ${bytes} bytes`;
}
