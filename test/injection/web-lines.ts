// The WHATWG's classes over a transport in memory, as lines.

import type { WebSocketStream, WebSocket as WebWebSocket } from '../../src/web';
import type { Library } from './library';
import { type LineOptions, TransportLine } from './lines';
import type { Message } from './messages';
import { nameOf } from './pipes';

/** The WHATWG's WebSocket. */
export class WebLine extends TransportLine {
  private socket: WebWebSocket | undefined;

  constructor(
    private readonly modules: Library,
    name: string,
    options: LineOptions,
  ) {
    super(name, options);
  }

  override open(): void {
    const { WebSocket } = this.modules.web;
    const perMessageDeflate = this.options.compression !== 'none';
    const socket = new WebSocket(`ws://${this.name}.invalid`, { transport: this.pipe.connect, perMessageDeflate });
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.openTold();
    socket.onmessage = ({ data }) =>
      this.messageTold(typeof data === 'string' ? data : new Uint8Array(data), typeof data !== 'string');
    socket.onerror = () => this.errorTold('an error event');
    socket.onclose = () => this.closeTold();
  }

  override close(): void {
    this.isEndExpected = true;
    this.socket?.close();
  }

  protected override pass({ bytes, isBinary }: Message): void {
    const { socket } = this;
    if (socket?.readyState !== 1) throw new Error('It is too late.');
    socket.send(isBinary ? new Uint8Array(bytes) : bytes.toString());
  }

  /** It has no other way to end it at once: its pipe breaks. */
  protected override drop(): void {
    this.pipe.breakOff();
  }
}

/** `WebSocketStream`. */
export class StreamLine extends TransportLine {
  private stream: WebSocketStream | undefined;
  private writer: WritableStreamDefaultWriter<string | BufferSource> | undefined;

  constructor(
    private readonly modules: Library,
    name: string,
    options: LineOptions,
  ) {
    super(name, options);
  }

  override open(): void {
    const { WebSocketStream } = this.modules.web;
    const perMessageDeflate = this.options.compression !== 'none';
    const stream = new WebSocketStream(`ws://${this.name}.invalid`, {
      transport: this.pipe.connect,
      perMessageDeflate,
      signal: this.signal,
    });
    this.stream = stream;
    stream.opened.then(
      ({ readable, writable }) => {
        this.writer = writable.getWriter();
        this.writer.closed.catch(() => {});
        const reader = readable.getReader();
        try {
          this.openTold();
        } finally {
          // Who does not read hears of no end either that lies behind what is unread.
          void this.readAll(reader);
        }
      },
      (error) => this.errorTold(error),
    );
    stream.closed.then(
      () => this.closeTold(),
      (error) => {
        try {
          this.errorTold(error);
        } finally {
          this.closeTold();
        }
      },
    );
  }

  override close(): void {
    this.isEndExpected = true;
    this.stream?.close();
  }

  protected override pass({ bytes, isBinary }: Message): void {
    if (this.writer === undefined) throw new Error('It is too early.');
    this.writer
      .write(isBinary ? new Uint8Array(bytes) : bytes.toString())
      .catch((error) => this.errors.push(nameOf(error)));
  }

  protected override drop(): void {
    this.pipe.breakOff();
  }

  private async readAll(reader: ReadableStreamDefaultReader<string | Uint8Array>): Promise<void> {
    for (;;) {
      const { value, done } = await reader.read().catch(() => ({ value: undefined, done: true }));
      if (done || value === undefined) return;
      try {
        // A read is over before the promise of the end is, and is heard of behind it.
        if (this.closes === 0) this.messageTold(value, typeof value !== 'string');
      } catch {
        // It was thrown by what is tested here, in a loop of our own: the library is not there.
      }
    }
  }
}
