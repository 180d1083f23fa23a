// Where the chunks of a message come from that `sendStream()` sends: an iterable, in either form, or a ReadableStream. It owns what
// a chunk may be, and how a source is let go; it knows nothing of how chunks are sent.

import { isPromise } from '../base/brands';
import { type BinaryData, plainView, viewOf } from '../base/bytes';
import { describe } from '../options/checks';
import type { ChunkSource, Step } from '../sending/outgoing-stream';

/** A part of a message: text, or bytes. */
export type StreamChunk = string | BinaryData;

/** A WHATWG ReadableStream, of whatever class. */
export interface ReadableSource {
  getReader(): {
    read(): PromiseLike<{ readonly done: boolean; readonly value?: unknown }>;
    cancel(reason?: unknown): PromiseLike<unknown>;
    releaseLock(): void;
  };
}

/** What has the chunks of a message, and gives them one after the other when it is asked. */
export type StreamSource = Iterable<StreamChunk> | AsyncIterable<StreamChunk> | ReadableSource;

interface AnyStep {
  readonly done?: boolean | undefined;
  readonly value?: unknown;
}

interface AnyIterator {
  next(): AnyStep | Promise<AnyStep>;
  return?(): unknown;
}

/** What is asked of any of them. */
interface Asked {
  next(): AnyStep | Promise<AnyStep>;
  /** All was taken. */
  finish(): void;
  /** Nothing more is wanted. */
  cancel(reason: unknown): unknown;
}

export class StreamChunks implements ChunkSource {
  private readonly begin: () => Asked;
  /** From the first question on: what nobody has asked is left as it is. */
  private asked: Asked | undefined;

  /** @throws TypeError unless it is a source */
  constructor(source: StreamSource) {
    this.begin = sourceOf(source);
  }

  next(): Step | Promise<Step> {
    this.asked ??= this.begin();
    const step = this.asked.next();
    return isPromise(step) || isPromise(step.value) ? this.later(step) : this.checked(step);
  }

  cancel(reason: unknown): void {
    try {
      // Where it fails to be let go nobody waits for it any more.
      Promise.resolve(this.asked?.cancel(reason)).catch(() => {});
    } catch {
      // Likewise.
    }
  }

  private async later(step: AnyStep | Promise<AnyStep>): Promise<Step> {
    const { done, value } = await step;
    return this.checked({ done, value: await value });
  }

  private checked({ done, value }: AnyStep): Step {
    if (done) {
      this.asked!.finish();
      return { done: true, value: '' };
    }
    if (typeof value === 'string') return { value };
    try {
      const bytes = viewOf(value);
      if (bytes !== undefined) return { value: plainView(bytes) };
      throw new TypeError(
        `A chunk of sendStream() must be a string, an ArrayBuffer or a view, not ${describe(value)}.`,
      );
    } catch (error) {
      this.cancel(error);
      throw error;
    }
  }
}

function sourceOf(source: unknown): () => Asked {
  if (typeof source === 'object' && source !== null && !ArrayBuffer.isView(source)) {
    const { getReader } = source as Partial<ReadableSource>;
    if (typeof getReader === 'function') return () => overReader((source as ReadableSource).getReader());
    const iterable = source as Partial<AsyncIterable<unknown> & Iterable<unknown>>;
    if (typeof iterable[Symbol.asyncIterator] === 'function') {
      return () => overIterator(iterable[Symbol.asyncIterator]!() as AnyIterator);
    }
    if (typeof iterable[Symbol.iterator] === 'function') {
      return () => overIterator(iterable[Symbol.iterator]!() as AnyIterator);
    }
  }
  throw new TypeError(
    `sendStream() takes an iterable or a ReadableStream of strings and bytes, not ${describe(source)}; send() takes a message.`,
  );
}

function overIterator(iterator: AnyIterator): Asked {
  return { next: () => iterator.next(), finish: () => {}, cancel: () => iterator.return?.() };
}

function overReader(reader: ReturnType<ReadableSource['getReader']>): Asked {
  return {
    next: () => reader.read() as Promise<AnyStep>,
    finish: () => reader.releaseLock(),
    cancel: (reason) => reader.cancel(reason),
  };
}
