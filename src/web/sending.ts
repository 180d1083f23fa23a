// How many bytes of payload wait to be sent (WebSockets §3.1, `bufferedAmount`): what the sender has is counted in whole frames,
// so what their headers take is told apart here. It sends what it counts, and knows frames only by their size.

import { lengthOf } from '../base/bytes';
import { utf8Length } from '../runtime/strings';
import { queueTask } from '../runtime/tasks';
import { MOST_CONTROL_BYTES } from '../sending/first-byte';
import type { Sender } from '../sending/sender';
import { report } from './listening';

/** Bytes of payload in a client's frame of so many bytes (RFC 6455 §5.2): the rest is two, the length, the masking key. */
function payloadOf(frame: number): number {
  return Math.max(0, frame - (frame <= 6 + MOST_CONTROL_BYTES ? 6 : frame <= 8 + 0xffff ? 8 : 14));
}

export class WebSending {
  /** Payload that waits: exact until a part of it has left, then in proportion. */
  private waiting = 0;
  /** What the sender had, headers and all, when that was so. */
  private size = 0;
  /** Payload that never leaves. */
  private late = 0;
  /** A part has left within a call of the user's, which does not show before the task is over. */
  private isHeld = false;

  constructor(private readonly sender: Sender) {}

  get amount(): number {
    this.settle();
    return this.late + this.waiting;
  }

  text(text: string): void {
    const { sender } = this;
    this.settle();
    // What waits behind a Blob is no frame yet, which only a sender that is stalled may have; what is compressed is a smaller
    // one.
    const { isStalled, bytesWritten, size } = sender;
    sender.text(text, sender.whole(false, true));
    const left = sender.bytesWritten - bytesWritten;
    const grown = sender.size - size + left;
    const isPlain = !isStalled && !sender.compresses;
    this.add(isPlain ? payloadOf(grown) : utf8Length(text), grown, left);
  }

  bytes(bytes: Uint8Array): void {
    const { sender } = this;
    this.settle();
    const { bytesWritten, size } = sender;
    sender.bytes(bytes, sender.whole(true, true));
    const left = sender.bytesWritten - bytesWritten;
    this.add(lengthOf(bytes), sender.size - size + left, left);
  }

  blob(blob: Blob): void {
    this.settle();
    const { sender } = this;
    const { size } = sender;
    sender.blob(blob, sender.whole(true, true), report);
    this.add(blob.size, sender.size - size, 0);
  }

  tooLate(length: number): void {
    this.late += length;
  }

  /** The connection ends, and so many bytes, headers and all, are lost with it: "The number does not reset to zero". */
  lost(size: number): void {
    this.shrink(size);
    this.late += this.waiting;
    this.waiting = 0;
    this.size = 0;
  }

  private add(length: number, grown: number, left: number): void {
    this.waiting += length;
    this.size += grown;
    if (left === 0 || this.isHeld) return;
    this.isHeld = true;
    queueTask(() => {
      this.isHeld = false;
    });
  }

  private settle(): void {
    if (!this.isHeld) this.shrink(this.sender.size);
  }

  private shrink(size: number): void {
    if (size === this.size) return;
    if (size < this.size) this.waiting = Math.ceil((this.waiting * size) / this.size);
    this.size = size;
  }
}
