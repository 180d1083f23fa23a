// The decoders that are put to the test: the public one of `wsimd/framing`, and the codec inside a connection, which reads
// a chunk where the socket has written it. A test may bring its own.

import { FrameDecoder } from '../../../src/codec/decoder';
import { Decoder } from '../../../src/framing';
import { window } from '../../support/memory';
import type { Limits, Role, recorder } from '../../support/reference';

export interface SubjectOptions extends Limits, ReturnType<typeof recorder> {
  readonly role: Role;
}

export interface Subject {
  feed(chunk: Uint8Array): void;
  pause(): void;
  resume(): void;
  close(): void;
}

export type MakeSubject = (options: SubjectOptions) => Subject;

export const makeDecoder: MakeSubject = (options) => new Decoder(options);

/** What has no `feed` to be thrown from would be lost: the next call throws it. */
class WindowReader implements Subject {
  protected readonly codec: FrameDecoder;
  private readonly exceptions: unknown[] = [];

  constructor(
    { role, maxMessageSize, maxFragments, onMessage, onPing, onPong, onClose, onError }: SubjectOptions,
    isNodeBuffer = false,
  ) {
    this.codec = new FrameDecoder(
      {
        role,
        maxMessage: maxMessageSize,
        sizeOption: 'maxMessageSize',
        maxFragments,
        isBinaryLent: false,
        isNodeBuffer,
        isUtf8Unchecked: false,
      },
      {
        onMessage,
        onPing,
        onPong,
        onCloseFrame: onClose,
        onFault: onError,
        onException: (error) => this.exceptions.push(error),
      },
    );
  }

  feed(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; at += window.length) {
      const part = chunk.subarray(at, at + window.length);
      window.set(part);
      this.codec.feed(window, 0, part.length);
    }
    this.check();
  }

  pause(): void {
    this.codec.pause();
  }

  resume(): void {
    this.codec.resume();
    this.check();
  }

  close(): void {
    this.codec.stop();
    this.check();
  }

  private check(): void {
    if (this.exceptions.length > 0) throw this.exceptions[0];
  }
}

export const makeWindowReader: MakeSubject = (options) => new WindowReader(options);

/** It makes Buffers, and is told text as bytes for two messages out of five. */
class TurningReader extends WindowReader {
  private told = 0;

  constructor(options: SubjectOptions) {
    const onMessage = (data: string | Uint8Array, isBinary: boolean): void => {
      this.told += 1;
      this.codec.textAs = this.told % 5 < 2 ? 'bytes' : 'string';
      if (typeof data !== 'string' && !Buffer.isBuffer(data)) throw new TypeError('Bytes are no Buffer');
      options.onMessage(isBinary ? data : String(data), isBinary);
    };
    super({ ...options, onMessage }, true);
  }
}

export const makeTurningReader: MakeSubject = (options) => new TurningReader(options);
