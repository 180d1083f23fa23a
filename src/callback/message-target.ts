// What `onMessageStart` may return: the types that programs see of a message in pieces. Names and shapes, nothing else.

import type { WsimdError } from '../base/faults';

/** Takes one message in pieces, as they come. What it throws, or rejects with, is told by `onError(CALLBACK_EXCEPTION)`. */
export interface MessageSink {
  /**
   * The next piece: text in whole characters, or bytes of your own, up to 512 KiB, never nothing. Until a promise that it returns
   * is settled, nothing else is told, and nothing is read.
   */
  write(chunk: string | Uint8Array): unknown;
  /** The message is complete. Until a promise that it returns is settled, the next message is not begun. */
  end(): unknown;
  /** The message will never be complete, and why. Nothing follows; it never follows `end()`. */
  abort(error: WsimdError): unknown;
}

/** A WHATWG WritableStream, of whatever class: of strings for text, of Uint8Arrays for binary. */
export interface WritableSink {
  getWriter(): {
    readonly desiredSize: number | null;
    readonly ready: PromiseLike<unknown>;
    // biome-ignore lint/suspicious/noExplicitAny: a stream of bytes alone is one, too
    write(chunk: any): PromiseLike<unknown>;
    close(): PromiseLike<unknown>;
    abort(reason?: unknown): PromiseLike<unknown>;
  };
}

/** What `onMessageStart` returns; nothing: the message comes by `onMessage`. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is one
export type MessageTarget = MessageSink | WritableSink | null | undefined | void;
