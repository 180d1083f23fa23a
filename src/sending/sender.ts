// What one connection sends, in the order in which it was told to: messages and control frames through the outbox, compressed
// where that was agreed, and behind what is not ready yet through a queue. It does not know when a connection may send.

import { RSV1_BIT } from '../../assembly/layout';
import { type Bytes, plainView, viewOf } from '../base/bytes';
import { Compressor, utf8Of } from '../codec/deflated-messages';
import { frameRoom, takenAway } from '../codec/encoder';
import type { DeflateSettings } from '../handshake/permessage-deflate';
import { encodeUtf8, utf8Length } from '../runtime/strings';
import type { Transport } from '../transport/contract';
import {
  CLOSE,
  type FirstByte,
  firstOfContinuation,
  firstOfFragments,
  firstOfMessage,
  isWholeMessage,
  PING,
} from './first-byte';
import { type KeySource, Outbox, type OutboxOwner } from './outbox';
import type { OutgoingStream } from './outgoing-stream';
import type { Done } from './receipts';
import { SendQueue } from './send-queue';
import { asSent, CompressedOriginals, messagesOf, type UnsentMessage } from './unsent';

/** A Blob's bytes, and what they came to if they are long. */
interface Prepared {
  readonly payload: Bytes;
  readonly compressed: Bytes | undefined;
}

/** What a class of a user's own may say to it is asked as everything is that users hand over. */
async function bytesOfBlob(blob: Blob): Promise<Bytes> {
  const bytes = viewOf(await blob.arrayBuffer());
  if (bytes === undefined) throw new TypeError('arrayBuffer() of the Blob gave no ArrayBuffer.');
  return plainView(bytes);
}

export class Sender implements OutboxOwner {
  private readonly outbox = new Outbox(this);
  /** Only behind what is not ready: a Blob that is being read, a long message that is being compressed. */
  private queue: SendQueue | undefined;
  /** Where permessage-deflate was agreed. */
  private compressor: Compressor | undefined;
  /** A fragment was sent that is not the last (RFC 6455 §5.4). */
  isFragmenting = false;
  /** Whether `takeUnsent` will be called, and what it tells besides frames: */
  private keepsUnsent = false;
  /** … messages that were compressed and have not left, */
  private originals: CompressedOriginals | undefined;
  /** … and those that were not ready when the close frame was sent. */
  private overtaken: readonly UnsentMessage[] | undefined;

  constructor(private readonly owner: OutboxOwner) {}

  /** Bytes accepted and not yet taken over by the runtime. */
  get size(): number {
    return this.queue === undefined ? this.outbox.size : this.outbox.size + this.queue.size;
  }

  /** Bytes that the runtime has taken over. */
  get bytesWritten(): number {
    return this.outbox.bytesWritten;
  }

  /** Whether what is sent now has to wait: for a transport, behind what is not ready, or behind a peer that reads slowly. */
  get isStalled(): boolean {
    return this.outbox.isStalled || this.queue !== undefined;
  }

  /** Whether messages wait for one that is not ready, and control frames do not. */
  get hasUnready(): boolean {
    return this.queue !== undefined;
  }

  /** `fill` makes the masking keys from here on. */
  keysFrom(fill: KeySource): void {
    this.outbox.keysFrom(fill);
  }

  /** Whether messages are compressed unless somebody says otherwise. */
  get compresses(): boolean {
    return this.compressor !== undefined;
  }

  /** How a message in one frame begins. */
  whole(isBinary: boolean, isCompressed: boolean): FirstByte {
    return firstOfMessage(isBinary, isCompressed && this.compresses);
  }

  /** How the next fragment begins: of the message that has been begun, if there is one, else of a new one. */
  fragment(isBinary: boolean, isCompressed: boolean, isLast: boolean): FirstByte {
    const { isFragmenting } = this;
    this.isFragmenting = !isLast;
    if (isFragmenting) return firstOfContinuation(isLast);
    return firstOfFragments(isBinary, isCompressed && this.compresses, isLast);
  }

  /**
   * A frame with this beginning. A message that may be compressed is, if it is worth it. True: it leaves at the end of the tick;
   * false: see `isStalled`.
   */
  text(text: string, first: FirstByte): boolean {
    if (this.queue === undefined && this.compressor === undefined) return this.outbox.text(text, first);
    this.textBy(text, first);
    return false;
  }

  /** The same with bytes, which are copied. */
  bytes(bytes: Uint8Array, first: FirstByte): boolean {
    if (this.queue === undefined && this.compressor === undefined) return this.outbox.bytes(bytes, first);
    this.bytesBy(bytes, first);
    return false;
  }

  /** The same with bytes that have to be read first; what is sent later follows them. `onUnread`: they could not be. */
  blob(blob: Blob, first: FirstByte, onUnread: (cause: unknown) => void): void {
    const prepare = async (): Promise<Prepared> => {
      const payload = await bytesOfBlob(blob);
      return { payload, compressed: await this.compressLong(payload, first) };
    };
    this.toQueue().pushSlow(
      'blob',
      blob.size,
      prepare,
      (ready) => this.sendReady(ready!.payload, first, true, ready!.compressed),
      (cause) => cause !== undefined && onUnread(cause),
      () => ({ data: blob, isCompressed: (first & RSV1_BIT) !== 0 }),
    );
  }

  /**
   * One message in fragments as its source gives it, behind all that is not ready; what is sent later follows it. The connection is
   * open. `onSent`: the runtime has taken all of it; `onFailed`: that never comes, and `cause` is what is wrong with the source, unless
   * the connection is gone.
   */
  stream(stream: OutgoingStream, onSent: () => void, onFailed: (cause?: Error) => void): void {
    const wire = {
      waiting: () => this.outbox.size,
      send: (payload: Bytes, first: FirstByte) => this.sendFragment(payload, first),
      whenWritten: (done: Done) => this.outbox.whenWritten(done),
    };
    // Messages that are sent meanwhile wait: nothing may come between two fragments (RFC 6455 §5.4).
    this.toQueue().pushSlow(
      'stream',
      0,
      () => stream.send(wire),
      () => this.outbox.whenWritten((isWritten) => (isWritten ? onSent() : onFailed())),
      (cause) => {
        stream.giveUp(cause);
        onFailed(cause);
      },
    );
  }

  ping(payload: Uint8Array): void {
    this.outbox.bytes(payload, PING);
  }

  /** Returns whether it took the place of one that waits (RFC 6455 §5.5.3). */
  pong(payload: Uint8Array): boolean {
    return this.outbox.pong(payload);
  }

  /** The last frame; what is not ready is dropped, but not what has been gathered. */
  close(body: Uint8Array): void {
    if (this.keepsUnsent) this.overtaken = this.queue?.takeMessages();
    this.dropQueue();
    this.outbox.last(body, CLOSE);
  }

  /** Calls `action` behind all that is not ready, at once if nothing waits. */
  whenReady(action: () => void): void {
    if (this.queue === undefined) action();
    else this.queue.push(action, (cause) => cause !== undefined && this.onBroken(cause));
  }

  /** Calls `done` when the runtime has taken all that was accepted so far, or never will; at once if nothing waits. */
  whenWritten(done: Done): void {
    const { queue, outbox } = this;
    if (queue === undefined) outbox.whenWritten(done);
    else queue.pushReceipt(() => outbox.whenWritten(done), done);
  }

  /** The same for the message alone that was sent last, whatever was sent while it was being written. */
  whenLeft(done: Done): void {
    if (this.queue === undefined) this.outbox.whenWritten(done, this.outbox.endOfLast);
    else this.whenWritten(done);
  }

  /** The same for the frames alone that have been written; what is not ready yet does not count. */
  whenFramesWritten(done: Done): void {
    this.outbox.whenWritten(done);
  }

  /** A figure that changes when the peer's TCP takes bytes that had to wait. */
  get bytesMadeWay(): number {
    return this.outbox.bytesMadeWay;
  }

  /** Writes what was gathered in this tick, now. */
  flush(): void {
    this.outbox.flush();
  }

  /**
   * From here on frames leave, compressed if that was agreed.
   *
   * @param keepsUnsent whether `takeUnsent` will be called
   */
  open(transport: Transport, deflate: DeflateSettings | undefined, keepsUnsent: boolean, held?: Uint8Array): void {
    this.outbox.open(transport, held);
    this.keepsUnsent = keepsUnsent;
    if (deflate === undefined) return;
    this.compressor = new Compressor(deflate);
    if (!keepsUnsent) return;
    this.originals = new CompressedOriginals();
    this.outbox.originals = this.originals;
  }

  /** The messages that were accepted and of which nothing has left, in order; `stop` follows. */
  takeUnsent(): readonly UnsentMessage[] {
    const { outbox } = this;
    const frames = outbox.position === outbox.bytesWritten ? [] : messagesOf(outbox.takeUnsent(), this.originals);
    const others = this.overtaken ?? this.queue?.takeMessages() ?? [];
    this.overtaken = undefined;
    return [...frames, ...others];
  }

  /** A write that the transport held has ended. */
  onWritten(): void {
    this.outbox.onWritten();
  }

  /** Nothing leaves any more. */
  stop(): void {
    this.dropQueue();
    this.compressor?.release();
    this.compressor = undefined;
    this.outbox.stop();
    this.originals = undefined;
  }

  // Methods of their own: a closure in `text` or `bytes` would cost each message what only these need.

  private textBy(text: string, first: FirstByte): void {
    const { compressor, queue } = this;
    if (queue !== undefined) this.later(encodeUtf8(text), first);
    else if (!compressor!.compressesText(first, text)) this.outbox.text(text, first & ~RSV1_BIT);
    else if (compressor!.isLongText(text)) this.later(encodeUtf8(text), first);
    else this.compressed(compressor!, utf8Length(text), text, first, true);
  }

  private bytesBy(bytes: Uint8Array, first: FirstByte): void {
    // Nothing that a class of the user has replaced is asked by zlib.
    const view = plainView(bytes);
    if (this.queue === undefined && !this.compressor?.isLong(view.length)) this.sendReady(view, first, false);
    else this.later(view.slice(), first);
  }

  /**
   * Compresses a payload of so many bytes, and sends it at once: what has come out lies where all connections compress to, and
   * refers to what was sent before. So all that calls out comes first.
   *
   * @param isOwn nobody else writes to these bytes
   */
  private compressed(
    compressor: Compressor,
    length: number,
    payload: string | Uint8Array,
    first: FirstByte,
    isOwn: boolean,
  ): void {
    // In its turn of the queue it is in front of all that waits there.
    const { queue } = this;
    const key = this.outbox.prepare(frameRoom(compressor.mostOf(length)));
    // Within that the connection was closed, or something was sent that this has to follow.
    if (compressor !== this.compressor) return;
    if (this.queue !== queue) {
      this.later(typeof payload === 'string' ? encodeUtf8(payload) : payload.slice(), first);
      return;
    }
    if (typeof payload !== 'string' && payload.length !== length) throw takenAway();
    this.outbox.bytesBy(
      compressor.compress(typeof payload === 'string' ? utf8Of(payload) : payload, first),
      first,
      key,
    );
    compressor.sent();
    this.keep(payload, first, isOwn);
  }

  /** Behind all that is not ready; bytes that nobody else writes to. */
  private later(payload: Uint8Array, first: FirstByte): void {
    this.toQueue().pushSlow(
      'compression',
      payload.length,
      () => this.compressLong(payload, first),
      (compressed) => this.sendReady(payload, first, true, compressed),
      (cause) => cause !== undefined && this.onBroken(cause),
      () => ({ data: asSent(payload, first), isCompressed: (first & RSV1_BIT) !== 0 }),
    );
  }

  /** It is the first in the queue: compresses it in turns of the event loop. Undefined: it is short, or goes as it is. */
  private compressLong(payload: Uint8Array, first: FirstByte): Promise<Bytes | undefined> | undefined {
    const { compressor } = this;
    const isLong = compressor?.isLong(payload.length) && compressor.compresses(first, payload.length);
    return isLong ? compressor?.compressInTurns(payload, first) : undefined;
  }

  /** It is its turn, and it is ready. */
  private sendReady(payload: Uint8Array, first: FirstByte, isOwn: boolean, compressed?: Bytes): void {
    const { compressor } = this;
    if (compressed !== undefined) {
      this.outbox.bytes(compressed, first);
      compressor?.sent();
      this.keep(payload, first, true);
    } else if (!compressor?.compresses(first, payload.length)) this.outbox.bytes(payload, first & ~RSV1_BIT);
    else this.compressed(compressor, payload.length, payload, first, isOwn);
  }

  /** What has just been sent compressed, until it has left: a whole message cannot be read back then. */
  private keep(payload: string | Uint8Array, first: FirstByte, isOwn: boolean): void {
    if (this.originals === undefined || !isWholeMessage(first)) return;
    const kept = typeof payload === 'string' || isOwn ? payload : payload.slice();
    this.originals.push(kept, this.outbox.endOfLast);
  }

  /** A part of a message that is in front of the queue, of which nobody knows how long it will be: no threshold is for it. */
  private sendFragment(payload: Bytes, first: FirstByte): void {
    const { compressor } = this;
    if (!compressor?.compresses(first, Number.POSITIVE_INFINITY)) this.outbox.bytes(payload, first & ~RSV1_BIT);
    else this.compressed(compressor, payload.length, payload, first, true);
  }

  private toQueue(): SendQueue {
    this.queue ??= new SendQueue(() => {
      this.queue = undefined;
      this.onDrained();
    });
    return this.queue;
  }

  /** The outbox, or the queue, has nothing left that waits. */
  onDrained(): void {
    if (!this.isStalled) this.owner.onDrained();
  }

  /** What the outbox, or the queue, has accepted cannot be sent. */
  onBroken(cause: unknown): void {
    this.owner.onBroken(cause);
  }

  /** What is not ready is not sent, nor what waits behind it. */
  dropQueue(): void {
    this.queue?.clear();
    this.queue = undefined;
  }
}
