// A stream by what is behind the streams of node:zlib, which no documentation promises: probe.ts has to have tried it first. The
// public functions do not have this: those that are synchronous begin a new stream at each call, and a stream takes each piece to
// another thread and back.
//
// A JSON message of 200 bytes and one of 2 KiB, µs of CPU on Node.js 20: inflated with the context of those before it 0.35 and
// 2.3 here, 41 and 49 as a stream; without context 1.7 and 3.0 here, 4.8 and 7.0 by inflateRawSync. Compressed at level 4: 1.2
// and 8.8 here, 13.8 and 20.6 by deflateRawSync.

import { isUint32Array } from '../base/brands';
import type { Bytes } from '../base/bytes';
import type { PlatformZlib } from '../runtime/zlib-node';
import { dataError, Z_DATA_ERROR } from './data-error';
import type { Kind, Zlib, ZlibOptions } from './stream';

/** What is behind a stream of zlib: in Node.js, and in Bun and Deno by the same names. */
interface Handle {
  writeSync(
    flush: number,
    input: Uint8Array,
    inputAt: number,
    inputLength: number,
    output: Bytes,
    outputAt: number,
    outputLength: number,
  ): void;
  reset(): void;
  /** Deno tells no code. */
  onerror(message: string, errno: number, code?: string): void;
  /** In workerd, which calls no `onerror`. */
  setErrorHandler?(handler: (errno: number, code: string, message: string) => void): void;
}

interface Stream {
  readonly _handle: Handle;
  /** Behind a call: bytes of room that are left in the output, bytes of input that were not taken. */
  readonly _writeState: Uint32Array;
  close(): void;
}

/** Nothing goes through it. */
const STREAM_BUFFER_BYTES = 64;

export class HandleStream implements Zlib {
  private readonly stream: Stream;
  private error: Error | undefined;
  made = 0;

  /** @throws what zlib says of the options */
  constructor({ createDeflateRaw, createInflateRaw }: PlatformZlib, kind: Kind, options: ZlibOptions) {
    const create = kind === 'deflate' ? createDeflateRaw : createInflateRaw;
    this.stream = create({ ...options, chunkSize: STREAM_BUFFER_BYTES }) as unknown as Stream;
    const fail: Handle['onerror'] = (message, errno, code) => {
      this.error = errno === Z_DATA_ERROR ? dataError(message) : Object.assign(new Error(message), { errno, code });
    };
    try {
      // The stream's own would emit it later, with nobody to hear it.
      const { _handle: handle } = this.stream;
      if (handle.setErrorHandler === undefined) handle.onerror = fail;
      else handle.setErrorHandler((errno, code, message) => fail(message, errno, code));
    } catch (error) {
      this.stream.close();
      throw error;
    }
  }

  /** Whether all that is used of it is there, and of the type that it is used as. */
  get isWhole(): boolean {
    const { _handle: handle, _writeState: state } = this.stream;
    return (
      typeof handle.writeSync === 'function' &&
      typeof handle.reset === 'function' &&
      isUint32Array(state) &&
      state.length >= 2
    );
  }

  get hasFailed(): boolean {
    return this.error !== undefined;
  }

  run(
    flush: number,
    input: Uint8Array,
    start: number,
    end: number,
    output: Bytes,
    outputStart: number,
    room: number,
  ): number {
    const { _handle: handle, _writeState: state } = this.stream;
    try {
      handle.writeSync(flush, input, start, end - start, output, outputStart, room);
    } catch (error) {
      this.error ??= error as Error;
    }
    const { error } = this;
    if (error !== undefined) throw error;
    this.made = room - state[0]!;
    return end - state[1]!;
  }

  reset(): void {
    this.error = undefined;
    this.stream._handle.reset();
  }

  close(): void {
    this.stream.close();
  }
}
