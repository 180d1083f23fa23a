// A message that did not come in one piece: its pieces are appended to one growing buffer, so that a message costs its
// bytes and nothing per fragment or TCP chunk.

/**
 * How far a declared length is trusted: for so many times the bytes that have arrived. With 2 a message of 1 MiB was
 * allocated and copied four times over while it grew; with 16 mostly once.
 */
const TRUST = 16;

export class MessageBuffer {
  private bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  private length = 0;

  /** @param limit the largest message, in bytes: the buffer never grows beyond it */
  constructor(private readonly limit: number) {}

  /**
   * Appends bytes of a frame of which `missing` more have been declared. They size the buffer, but only in proportion to
   * what has arrived, since a declared length is only a claim. `isLast`: no other frame follows in the message. Otherwise
   * the buffer doubles at least, so that a message of a million fragments is not copied a million times.
   */
  append(source: Uint8Array<ArrayBuffer>, start: number, end: number, missing: number, isLast: boolean): void {
    const needed = this.length + (end - start);
    if (needed > this.bytes.length) {
      const declared = Math.min(needed + missing, needed * TRUST);
      const grown = new Uint8Array(Math.min(isLast ? declared : Math.max(declared, needed * 2), this.limit));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    this.bytes.set(source.subarray(start, end), this.length);
    this.length = needed;
  }

  /** The bytes so far, valid until the next call; the buffer is empty after it. */
  take(): Uint8Array<ArrayBuffer> {
    const whole = this.bytes.subarray(0, this.length);
    this.bytes = new Uint8Array(0);
    this.length = 0;
    return whole;
  }

  /** Like `take`, but in an ArrayBuffer of its own that is not larger than its content. */
  takeExact(): Uint8Array<ArrayBuffer> {
    const whole = this.take();
    return whole.length === whole.buffer.byteLength ? new Uint8Array(whole.buffer) : whole.slice();
  }
}
