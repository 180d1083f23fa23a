// The public decoder of `wsimd/framing`: options and exceptions as a sans-I/O user expects them, around codec/decoder.ts.

import { type Bytes, plainView, viewOf } from '../base/bytes';
import type { WsimdError } from '../base/faults';
import { nameClass } from '../base/public-class';
import type { DecoderHandlers } from '../codec/contract';
import { FrameDecoder } from '../codec/decoder';
import { type BinaryDelivery, checkDelivery, checkWhole, describe, MAX_COUNT } from '../options/checks';
import { FRAMING, MAX_FRAGMENTS } from '../options/defaults';
import { whenForgotten } from '../runtime/forgotten';
import { reportException } from '../runtime/report';
import { type InflateOptions, inflateSettings } from './deflate';
import { type Role, roleOf } from './role';

export interface DecoderOptions {
  /** Which end of the connection decodes. A client refuses masked frames, a server refuses others (RFC 6455 §5.1). */
  role: Role;
  /** The largest message, in bytes; a larger one is refused by its header, with 1009. Default: 10 MiB. */
  maxMessageSize?: number;
  /** The most fragments in one message; empty ones count. Default: 131,072. */
  maxFragments?: number;
  /**
   * `'own'` (default): binary messages are bytes of the receiver's own, side by side with those of others in one `buffer` up to
   * 16 KiB: `slice()` one to have it alone. `'borrow'`: views of memory that is used again as soon as `onMessage` returns.
   */
  binaryDelivery?: BinaryDelivery;
  /**
   * Whether permessage-deflate was agreed for what is decoded, and with which parameters (RFC 7692); default false. Messages are
   * told inflated, and maxMessageSize limits what they inflate to.
   */
  perMessageDeflate?: boolean | InflateOptions;
  /** One whole message (RFC 6455 §5.6): a string for text, bytes for binary. */
  onMessage?: (data: string | Uint8Array, isBinary: boolean) => void;
  /**
   * Each data frame as it came, instead of `onMessage`: for proxies, which must not wait for the end of a message. The opcode is
   * 1 (text), 2 (binary) or 0 (continuation). A text frame may begin or end inside a character, so it comes as bytes; its UTF-8
   * has been checked as far as it goes. Compressed data comes as it is, and nothing in it has been checked; `rsv1` is true on the
   * first frame of such a message (RFC 7692 §6).
   */
  onFrame?: (frame: { opcode: number; fin: boolean; payload: Uint8Array; rsv1: boolean }) => void;
  /** A ping; answer it with a pong of the same payload (RFC 6455 §5.5.2). */
  onPing?: (payload: Uint8Array) => void;
  onPong?: (payload: Uint8Array) => void;
  /** A close frame; the code is 1005 if it carries none (RFC 6455 §7.1.5). Nothing is decoded after it. */
  onClose?: (code: number, reason: string) => void;
  /**
   * The peer broke a rule: `error.code` names it, `error.status` is the status to close with (RFC 6455 §7.1.7). Nothing is
   * decoded after it. Without this handler, `feed` throws the error.
   */
  onError?: (error: WsimdError) => void;
}

const HANDLERS = ['onMessage', 'onFrame', 'onPing', 'onPong', 'onClose', 'onError'] as const;

function checkHandler(name: string, handler: unknown): void {
  if (handler === undefined || typeof handler === 'function') return;
  throw new TypeError(`The option "${name}" must be a function, not ${describe(handler)}.`);
}

/** A forgotten decoder gives its record back when it is collected. */
const forgotten = whenForgotten<FrameDecoder>((decoder) => decoder.stop());

/**
 * Bytes in, messages out. Feed it chunks cut anywhere: each event is told as soon as its last byte is there, a fault at its
 * first byte.
 */
export class Decoder {
  readonly #decoder: FrameDecoder;
  readonly #exceptions: Exceptions;

  /**
   * Throws a TypeError or RangeError for a bad option, and a `WsimdError` with the code WS_ERR_TOO_MANY_CONNECTIONS at 65,536 open
   * decoders, WS_ERR_UNSUPPORTED if there is no memory for the codec.
   */
  constructor(options: DecoderOptions) {
    const role = roleOf(options);
    const maxMessageSize = options.maxMessageSize ?? FRAMING.maxMessageSize;
    const maxFragments = options.maxFragments ?? MAX_FRAGMENTS;
    for (const name of HANDLERS) checkHandler(name, options[name]);
    this.#exceptions = new Exceptions();
    this.#decoder = new FrameDecoder(
      {
        role,
        maxMessage: checkWhole('The option "maxMessageSize"', maxMessageSize, Number.MAX_SAFE_INTEGER),
        sizeOption: 'maxMessageSize',
        maxFragments: checkWhole('The option "maxFragments"', maxFragments, MAX_COUNT),
        isBinaryLent: checkDelivery('The option "binaryDelivery"', options.binaryDelivery ?? 'own') === 'borrow',
        isNodeBuffer: false,
        isUtf8Unchecked: false,
      },
      handlersOf(options, this.#exceptions),
      inflateSettings(options.perMessageDeflate ?? false),
    );
    forgotten.register(this, this.#decoder);
  }

  /**
   * Decodes a chunk of any size; the bytes may be reused afterwards. If handlers throw, the rest of the chunk is delivered
   * all the same, and then `feed` throws what the first of them threw. A chunk fed from inside a handler of the same
   * decoder is decoded after the current one. TypeError if it is no Uint8Array.
   */
  feed(chunk: Uint8Array): void {
    const view = viewOf(chunk);
    if (view === undefined) throw new TypeError('A chunk must be a Uint8Array.');
    const bytes = plainView(view);
    this.#exceptions.collect(() => this.#decoder.feed(bytes));
  }

  /** Stops delivery at once, even in the middle of a chunk. What was read or is fed meanwhile is kept. */
  pause(): void {
    this.#decoder.pause();
  }

  /** Delivers what was kept, in order, in a microtask of its own. */
  resume(): void {
    this.#decoder.resume();
  }

  /** Ends the decoder and frees its record of WebAssembly memory; nothing is delivered from here on. */
  close(): void {
    forgotten.unregister(this);
    this.#decoder.stop();
  }
}
nameClass(Decoder, 'Decoder');

/** What handlers threw: kept during `feed` and thrown by it; outside of it there is nobody to throw to. */
class Exceptions {
  private caught: unknown[] | undefined;

  collect(run: () => void): void {
    if (this.caught !== undefined) {
      run();
      return;
    }
    const caught: unknown[] = [];
    this.caught = caught;
    try {
      run();
    } finally {
      this.caught = undefined;
    }
    if (caught.length > 0) throw caught[0];
  }

  add(error: unknown): void {
    if (this.caught !== undefined) this.caught.push(error);
    else reportException(error);
  }
}

/** Must not refer to the public Decoder, or that would never be collected. */
function handlersOf(options: DecoderOptions, exceptions: Exceptions): DecoderHandlers {
  const { onMessage, onFrame, onPing, onPong, onClose, onError } = options;
  const handlers: DecoderHandlers = {
    onMessage: (data, isBinary) => onMessage?.(data, isBinary),
    onPing: (payload) => onPing?.(payload),
    onPong: (payload) => onPong?.(payload),
    onCloseFrame: (code, reason) => onClose?.(code, reason),
    onFault: (error) => {
      if (onError === undefined) throw error;
      onError(error);
    },
    onException: (error) => exceptions.add(error),
  };
  if (onFrame !== undefined) {
    handlers.onFrame = (opcode: number, fin: boolean, payload: Bytes, rsv1: boolean) =>
      onFrame({ opcode, fin, payload, rsv1 });
  }
  return handlers;
}
