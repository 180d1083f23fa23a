// The codec inside a connection, as tests drive it: a decoder with handlers that do nothing unless told, and a reader that
// brings bytes as a transport does.

import { onTestFinished } from 'vitest';
import type { DecoderHandlers, DecoderOptions } from '../../src/codec/contract';
import { FrameDecoder } from '../../src/codec/decoder';
import type { ContextSettings } from '../../src/deflate/context';
import { shortWindow, window } from './memory';
import { DEFAULT_LIMITS } from './reference';

/** Stopped behind the test. */
export function openCodec(
  handlers: Partial<DecoderHandlers> = {},
  { inflation, ...options }: Partial<DecoderOptions> & { readonly inflation?: ContextSettings } = {},
): FrameDecoder {
  const codec = new FrameDecoder(
    {
      role: 'client',
      maxMessage: DEFAULT_LIMITS.maxMessageSize,
      sizeOption: 'maxMessageSize',
      maxFragments: DEFAULT_LIMITS.maxFragments,
      isBinaryLent: false,
      isNodeBuffer: false,
      isUtf8Unchecked: false,
      ...options,
    },
    {
      onMessage: () => {},
      onPing: () => {},
      onPong: () => {},
      onCloseFrame: () => {},
      onFault: (error) => {
        throw error;
      },
      onException: (error) => {
        throw error;
      },
      ...handlers,
    },
    inflation,
  );
  onTestFinished(() => codec.stop());
  return codec;
}

/** Bytes come to where the decoder wants them: it is asked before the first read and behind each. */
export class TransportReader {
  target: Uint8Array;

  constructor(private readonly codec: FrameDecoder) {
    this.target = codec.target();
  }

  /** One read of at most `bytes.length` bytes; returns how many there was room for. */
  read(bytes: Uint8Array): number {
    const { target } = this;
    const part = bytes.subarray(0, target.length);
    target.set(part);
    this.codec.feed(target, 0, part.length);
    // Other connections read there.
    if (target === window || target === shortWindow) window.fill(0xee, 0, part.length);
    this.target = this.codec.target();
    return part.length;
  }

  /** The same, but the runtime has put the bytes elsewhere, where it will put others. */
  readElsewhere(bytes: Uint8Array): number {
    const part = Buffer.from(bytes);
    this.codec.feed(part, 0, part.length);
    part.fill(0xee);
    this.target = this.codec.target();
    return part.length;
  }

  /** Reads until all is read, in reads as large as there is room. */
  readAll(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const count = this.read(bytes.subarray(at));
      if (count === 0) throw new Error('There is no room to read to.');
      at += count;
    }
  }
}
