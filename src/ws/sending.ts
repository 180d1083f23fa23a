// What a WebSocket of the `ws` face sends: the forms that data may have, fragments, callbacks, and what becomes of it all when
// it is too early or too late. It knows the session only by its state and its connection.

import { nextTick } from 'node:process';
import { isBlob, isUint8Array } from '../base/brands';
import { CONNECTING, OPEN } from '../connection/ready-state';
import { presentContext } from '../runtime/context';
import { queueTell } from '../runtime/tasks';
import { type FirstByte, MOST_CONTROL_BYTES } from '../sending/first-byte';
import type { Slow } from '../sending/receipts';
import { dataOf, EMPTY, sizeOf } from './data';
import { streamDestroyed } from './errors';
import type { DropInSession } from './session';
import type { SendOptions } from './types';

const STATES = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'] as const;

/** What is said of all that waited, when the connection ended. */
const SLOW = {
  blob: 'the blob was being read',
  compression: 'data was being compressed',
  stream: 'a stream was being sent',
} as const satisfies Record<Slow, string>;

/** What a stream of Node calls when something is written: with null, or with the error for which it never will be. */
export type SendCallback = (error: Error | null) => void;

/** What is sent for a value: text, bytes, or a Blob, whose bytes come later. */
function contentOf(value: unknown): string | Uint8Array | Blob {
  return typeof value === 'string' || isBlob(value) ? value : dataOf(value || EMPTY);
}

export class DropInSending {
  /** Bytes that were sent when it was too late. */
  private lateBytes = 0;

  constructor(private readonly session: DropInSession) {}

  get bufferedAmount(): number {
    const { connection } = this.session;
    if (connection === undefined || !connection.sender.isStalled) return this.lateBytes;
    return this.session.readyState === CONNECTING ? this.lateBytes : connection.sender.size + this.lateBytes;
  }

  message(data: unknown, options: SendOptions, done: SendCallback | undefined): void {
    const value = typeof data === 'number' ? data.toString() : data;
    if (!this.isInTime(value, done)) return;
    const { binary, compress, fin } = { binary: typeof value !== 'string', compress: true, fin: true, ...options };
    const content = contentOf(value);
    if (!this.isStillInTime(content, done)) return;
    const { sender } = this.session.connection!;
    const first = sender.fragment(Boolean(binary), Boolean(compress), Boolean(fin));
    if (typeof content === 'string') {
      sender.text(content, first);
      this.whenWritten(done);
    } else if (isUint8Array(content)) this.bytes(content, first, done);
    else this.blob(content, first, done);
  }

  control(first: FirstByte, data: unknown, done: SendCallback | undefined): void {
    const value = typeof data === 'number' ? data.toString() : data;
    if (!this.isInTime(value, done)) return;
    const content = isBlob(value) ? value : dataOf(value || EMPTY);
    const size = sizeOf(content);
    if (size > MOST_CONTROL_BYTES) throw new RangeError('The data size must not be greater than 125 bytes');
    if (!this.isStillInTime(content, done)) return;
    if (isUint8Array(content)) this.bytes(content, first, done);
    else this.blob(content, first, done);
  }

  private bytes(bytes: Uint8Array, first: FirstByte, done: SendCallback | undefined): void {
    this.session.connection!.sender.bytes(bytes, first);
    this.whenWritten(done);
  }

  private blob(blob: Blob, first: FirstByte, done: SendCallback | undefined): void {
    const { session } = this;
    const { sender } = session.connection!;
    sender.blob(blob, first, (cause) => session.breakOff(cause));
    this.whenWritten(done);
  }

  /** What is no function is passed over, as streams do. */
  private whenWritten(done: SendCallback | undefined): void {
    if (typeof done !== 'function') return;
    const { session } = this;
    const reason = (waitedFor: Slow | undefined): unknown => {
      if (session.broken !== undefined) return session.broken.cause;
      return waitedFor === undefined ? streamDestroyed() : new Error(`The socket was closed while ${SLOW[waitedFor]}`);
    };
    // The frames of a tick leave together, in whichever context: each callback is called in that of its own send.
    const context = presentContext();
    session.connection!.sender.whenWritten((isWritten, waitedFor) => {
      const told = isWritten ? null : (reason(waitedFor) as Error);
      context.runInAsyncScope(queueTell, undefined, () => done(told));
    });
  }

  /**
   * The same once more, behind options and data whose getters and conversions are the user's own code: they may have closed
   * the connection, or ended it, and nothing follows a close frame (RFC 6455 §5.5.1).
   */
  private isStillInTime(content: string | Uint8Array | Blob, done: SendCallback | undefined): boolean {
    return this.session.readyState === OPEN || this.isInTime(content, done);
  }

  /** @throws Error while it is too early */
  private isInTime(value: unknown, done: SendCallback | undefined): boolean {
    const { readyState } = this.session;
    if (readyState === OPEN) return true;
    const sentence = `WebSocket is not open: readyState ${readyState} (${STATES[readyState]})`;
    if (readyState === CONNECTING) throw new Error(sentence);
    if (value) this.lateBytes += sizeOf(value);
    if (typeof done === 'function') queueTell(() => done(new Error(sentence)));
    // What is no function throws here, as in ws.
    else if (done !== undefined) nextTick(done, new Error(sentence));
    return false;
  }
}
