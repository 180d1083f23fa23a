// How many bytes of payload wait to be sent: the sender counts whole frames, so what their headers take is told apart here
// (WebSockets §4: "does not include framing overhead"). It knows frames only by their size.

import { CONTROL_MAX } from '../../assembly/layout';
import type { Sender } from '../connection/sender';

/** Bytes of a client's header in front of so many bytes of payload (RFC 6455 §5.2): two, the length, the masking key. */
function headerBytes(length: number): number {
  return length <= CONTROL_MAX ? 6 : length <= 0xffff ? 8 : 14;
}

/** The header in front of a text, for which it is mostly enough to know how many units it has. */
function headerBytesOfText(text: string): number {
  if (text.length * 3 <= CONTROL_MAX) return 6;
  const most = text.length * 3;
  return headerBytes(headerBytes(text.length) === headerBytes(most) ? most : Buffer.byteLength(text));
}

export class Buffered {
  /** Of the frames since nothing waited. */
  private headers = 0;
  /** Sent when it was too late, or lost with the connection. */
  private late = 0;

  constructor(private readonly sender: Sender) {}

  get amount(): number {
    const { size } = this.sender;
    // Of frames that have left in part, headers are counted that have left, too: as long as bytes wait, it is not nothing.
    return this.late + (size === 0 ? 0 : Math.max(1, size - this.headers));
  }

  text(text: string): void {
    if (this.sender.size === 0) this.headers = 0;
    this.headers += headerBytesOfText(text);
  }

  bytes(length: number): void {
    if (this.sender.size === 0) this.headers = 0;
    this.headers += headerBytes(length);
  }

  tooLate(length: number): void {
    this.late += length;
  }

  /** The connection ends, and so many bytes, headers and all, are lost with it: "The number does not reset to zero". */
  lost(size: number): void {
    if (size > 0) this.late += Math.max(1, size - this.headers);
  }
}
