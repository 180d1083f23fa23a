// Where a server's stream is: in its handshake, between two frames or inside of one, and how many messages have gone by
// whole. It steps over payloads and checks nothing.

const HEAD_END = '\r\n\r\n';

export class FrameWalker {
  /** Messages that went by to their last byte. */
  messageCount = 0;
  private headEnd = 0;
  private header: number[] = [];
  private remaining = 0;

  get isInsideFrame(): boolean {
    return this.header.length > 0;
  }

  walk(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.remaining > 0) {
        const step = Math.min(this.remaining, bytes.length - at);
        at += step;
        this.remaining -= step;
        if (this.remaining === 0) this.endFrame();
        continue;
      }
      const byte = bytes[at]!;
      at += 1;
      if (this.headEnd < HEAD_END.length) this.walkHead(byte);
      else this.walkHeader(byte);
    }
  }

  private walkHead(byte: number): void {
    if (byte === HEAD_END.charCodeAt(this.headEnd)) this.headEnd += 1;
    else this.headEnd = byte === HEAD_END.charCodeAt(0) ? 1 : 0;
  }

  /** RFC 6455 §5.2: seven bits of length, or sixteen, or sixty-four. */
  private walkHeader(byte: number): void {
    this.header.push(byte);
    const [, second, ...extended] = this.header;
    if (second === undefined) return;
    const extension = second === 126 ? 2 : second === 127 ? 8 : 0;
    if (extended.length < extension) return;
    this.remaining = extension === 0 ? second : extended.reduce((length, digit) => length * 256 + digit, 0);
    if (this.remaining === 0) this.endFrame();
  }

  private endFrame(): void {
    const first = this.header[0]!;
    const isControl = (first & 0x08) !== 0;
    if (!isControl && (first & 0x80) !== 0) this.messageCount += 1;
    this.header = [];
  }
}
