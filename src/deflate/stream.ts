// What a raw DEFLATE stream is to whoever inflates or compresses with it, whatever does the work: synchronous calls, from memory
// of the caller's to memory of the caller's. It knows neither messages nor frames.

import type { ZlibOptions } from 'node:zlib';
import type { Bytes } from '../base/bytes';

export type { ZlibOptions };

export type Kind = 'deflate' | 'inflate';

/** As in zlib.h: nothing is flushed that need not be, and what is compressed ends at a byte. */
export const Z_NO_FLUSH = 0;
export const Z_SYNC_FLUSH = 2;

export interface Zlib {
  /** Bytes that the last call wrote. */
  readonly made: number;
  /** Whether it has thrown since it began. */
  readonly hasFailed: boolean;

  /**
   * Takes from the input what fits into the output, and returns how far it came. It stopped early if the output is full, or at
   * the end of a stream that is inflated.
   *
   * @throws Error with zlib's `errno` and `code`; again at each call, until the stream begins anew
   */
  run(
    flush: number,
    input: Uint8Array,
    start: number,
    end: number,
    output: Bytes,
    outputStart: number,
    room: number,
  ): number;

  /** Begins a new stream. */
  reset(): void;

  /** Gives back its memory; nothing may follow. */
  close(): void;
}
