// What one connection sends, in the order in which it was told to: messages and control frames through the outbox, and
// behind a Blob that is still being read through a queue in front of it. It does not know when a connection may send.

import { FIN_BIT, OP_BINARY, OP_CLOSE, OP_PING, OP_TEXT } from '../../assembly/layout';
import type { Transport } from '../transport';
import { type Gathered, type KeySource, Outbox, type OutboxOwner } from './outbox';
import type { Done } from './receipts';
import { SendQueue } from './send-queue';

/** First bytes of whole messages in one frame (RFC 6455 §5.2). */
export const TEXT_FRAME = OP_TEXT | FIN_BIT;
export const BINARY_FRAME = OP_BINARY | FIN_BIT;

export class Sender implements OutboxOwner {
  private readonly outbox = new Outbox(this);
  /** Only behind a Blob that is being read. */
  private queue: SendQueue | undefined;
  /** What was sent before there was a transport, until `sendGathered`. */
  private gathered: Gathered | undefined;

  constructor(private readonly owner: OutboxOwner) {}

  /** Bytes accepted and not yet taken over by the runtime. */
  get size(): number {
    return this.queue === undefined ? this.outbox.size : this.outbox.size + this.queue.size;
  }

  /** Bytes that the runtime has taken over. */
  get written(): number {
    return this.outbox.written;
  }

  /** Whether what is sent now has to wait: for a transport, behind a Blob, or behind a peer that reads slowly. */
  get isStalled(): boolean {
    return this.outbox.isStalled || this.queue !== undefined;
  }

  /** `fill` makes the masking keys from here on. */
  keysFrom(fill: KeySource): void {
    this.outbox.keysFrom(fill);
  }

  /** A frame that begins with `first`; before there is a transport it is kept until then. */
  text(text: string, first: number): void {
    if (this.queue === undefined) this.outbox.text(text, first);
    else this.textLater(this.queue, text, first);
  }

  /** The same with bytes, which are copied. */
  bytes(bytes: Uint8Array, first: number): void {
    if (this.queue === undefined) this.outbox.bytes(bytes, first);
    else this.bytesLater(this.queue, new Uint8Array(bytes), first);
  }

  /** The same with bytes that have to be read first; what is sent later follows them. `onUnread`: they could not be. */
  blob(blob: Blob, first: number, onUnread: (cause: unknown) => void): void {
    this.queue ??= new SendQueue(() => {
      this.queue = undefined;
      this.onRelief();
    });
    this.queue.push(
      blob.size,
      (bytes) => this.outbox.bytes(bytes, first),
      (cause) => cause !== undefined && onUnread(cause),
      blob,
    );
  }

  ping(payload: Uint8Array): void {
    this.outbox.bytes(payload, OP_PING | FIN_BIT);
  }

  /** Returns whether it took the place of one that waits (RFC 6455 §5.5.3). */
  pong(payload: Uint8Array): boolean {
    return this.outbox.pong(payload);
  }

  /** The last frame; what waits for a Blob is dropped, but not what has been gathered. */
  close(body: Uint8Array): void {
    this.dropQueue();
    this.outbox.last(body, OP_CLOSE | FIN_BIT);
  }

  /** Calls `action` behind all that waits for a Blob, at once if nothing does. */
  afterBlobs(action: () => void): void {
    if (this.queue === undefined) action();
    else this.queue.push(0, action);
  }

  /** Calls `done` when the runtime has taken all that was accepted so far, or never will; at once if nothing waits. */
  whenWritten(done: Done): void {
    const { queue, outbox } = this;
    if (queue === undefined) outbox.whenWritten(done);
    else
      queue.push(
        0,
        () => outbox.whenWritten(done),
        () => done(false),
      );
  }

  /** Writes what was gathered in this tick, now. */
  flush(): void {
    this.outbox.flush();
  }

  /** From here on frames leave; those that were sent before do so when `sendGathered` is called, behind what is sent until then. */
  open(transport: Transport): void {
    this.gathered = this.outbox.open(transport);
  }

  sendGathered(): void {
    if (this.gathered !== undefined) this.outbox.append(this.gathered);
    this.gathered = undefined;
  }

  /** The transport has finished a write that it held. */
  drained(): void {
    this.outbox.drained();
  }

  /** Nothing leaves any more. */
  stop(): void {
    this.dropQueue();
    this.outbox.stop();
    this.gathered?.receipts?.abandon();
    this.gathered = undefined;
  }

  // Methods of their own: a closure in `text` or `bytes` would cost each message what only those behind a Blob need.

  private textLater(queue: SendQueue, text: string, first: number): void {
    queue.push(Buffer.byteLength(text), () => this.outbox.text(text, first));
  }

  private bytesLater(queue: SendQueue, bytes: Uint8Array, first: number): void {
    queue.push(bytes.length, () => this.outbox.bytes(bytes, first));
  }

  /** Of the outbox, or of the queue. */
  onRelief(): void {
    if (!this.isStalled) this.owner.onRelief();
  }

  /** What waits for a Blob, and the Blob, are not sent. */
  dropQueue(): void {
    this.queue?.clear();
    this.queue = undefined;
  }
}
