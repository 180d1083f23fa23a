// A byte pipe over a pair of WHATWG streams: sockets of workerd and Deno, an in-memory pair, whatever else reads and writes. It
// knows the streams alone; who opens them, and what an error of theirs means, is said by whoever hands them over.

import type { Bytes } from '../base/bytes';
import { toError } from '../base/thrown';
import { presentContext } from '../runtime/context';
import { queueSoon } from '../runtime/tasks';
import type { Endpoints, Transport, TransportHandlers, TransportTarget } from './contract';

/** The two directions of a pipe, and what is known of it besides. */
export interface StreamPair {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  /** Rejects if the pipe never comes up; default: it is up. Its result is what `endpoints` shows. */
  readonly opened?: Promise<Endpoints | undefined> | undefined;
  /** Rejects if the pipe breaks. */
  readonly closed?: Promise<unknown> | undefined;
  /** Gives back what is behind the streams, whatever state they are in. */
  readonly close?: (() => unknown) | undefined;
  /** The same pipe with TLS inside of it, once the locks of both streams are released. */
  readonly startTls?: ((target: TransportTarget) => StreamPair) | undefined;
  /** What `AsyncTcpConnection.socket` is then. */
  readonly socket?: unknown;
  /** Whether `write()` of the writable is done with the bytes when it returns; default false: they are copied for it. */
  readonly copiesWrites?: boolean | undefined;
}

/** Read at once where the stream reads into a buffer of the caller's: one for each pipe, used again and again. */
const READ_BYTES = 65_536;

/** So much may be on its way into the writable before the connection is told to wait; it gathers frames meanwhile. */
const WRITE_AHEAD_BYTES = 65_536;

/** The pipe over these streams, which belong to it from here on. `explain` makes of their errors what `onClose` gets. */
export function overStreams(
  pair: StreamPair,
  handlers: TransportHandlers,
  explain: (error: unknown, isUp: boolean) => Error = toError,
): Transport {
  return new StreamTransport(pair, handlers, explain);
}

interface Reader {
  /** The next chunk; one that reads into memory gets that lent. */
  read(memory?: Bytes): Promise<ReadableStreamReadResult<Uint8Array>>;
  readonly closed: Promise<unknown>;
  cancel(reason?: unknown): Promise<void>;
  releaseLock(): void;
}

class StreamTransport implements Transport {
  endpoints: Endpoints = {};
  /** Where it was opened: whoever asks for another read does it in a context of his own, and reads go on in that. */
  private readonly context = presentContext();
  private reader!: Reader;
  private writer!: WritableStreamDefaultWriter<Uint8Array>;
  private readsInto: Bytes | undefined;
  /** Counts the pairs of streams: what an older one still does is of no interest. */
  private generation = 0;
  private isUp = false;
  private isWanted = true;
  private isReading = false;
  private hasEnded = false;
  private hasFinished = false;
  private isClosed = false;
  private pendingBytes = 0;
  private isHeld = false;

  constructor(
    private pair: StreamPair,
    private readonly handlers: TransportHandlers,
    private readonly explain: (error: unknown, isUp: boolean) => Error,
  ) {
    this.begin(pair);
  }

  get socket(): unknown {
    return this.pair.socket;
  }

  write(bytes: Uint8Array): boolean {
    if (bytes.length === 0) return true;
    if (this.isClosed || this.hasFinished) return false;
    const { length } = bytes;
    this.pendingBytes += length;
    const { generation } = this;
    this.writer.write(this.pair.copiesWrites ? bytes : bytes.slice()).then(
      () => this.onWriteEnd(length),
      (error) => this.fail(error, generation),
    );
    if (this.pendingBytes <= WRITE_AHEAD_BYTES) return true;
    this.isHeld = true;
    return false;
  }

  read(isWanted: boolean): void {
    this.isWanted = isWanted;
    if (isWanted) void this.readOn();
  }

  startTls(target: TransportTarget): void {
    const { startTls } = this.pair;
    if (startTls === undefined) throw new TypeError('This pipe cannot begin TLS.');
    this.generation += 1;
    this.reader.releaseLock();
    this.writer.releaseLock();
    this.isUp = false;
    this.begin(startTls(target));
  }

  close(how: 'flush' | 'now'): void {
    if (this.isClosed) return;
    if (how === 'now') {
      queueSoon(() => this.closed());
      return;
    }
    if (this.hasFinished) return;
    this.hasFinished = true;
    const { generation } = this;
    // What broke the stream before is told by `closed`; `close` itself would say that it is too late.
    this.writer.close().catch(() => {});
    this.writer.closed.then(
      () => this.endIfDone(),
      (error) => this.fail(error, generation),
    );
  }

  private begin(pair: StreamPair): void {
    this.pair = pair;
    const { generation } = this;
    this.reader = this.readerOf(pair.readable);
    this.writer = pair.writable.getWriter();
    // Whatever breaks is told by a read, a write or `closed`; these promises of the same error are nobody's.
    for (const promise of [this.reader.closed, this.writer.closed, this.writer.ready]) promise.catch(() => {});
    pair.closed?.catch((error: unknown) => this.fail(error, generation));
    Promise.resolve(pair.opened).then(
      (endpoints) => this.up(endpoints, generation),
      (error) => this.fail(error, generation),
    );
  }

  private up(endpoints: Endpoints | undefined, generation: number): void {
    if (this.isClosed || generation !== this.generation) return;
    this.isUp = true;
    this.endpoints = endpoints ?? {};
    this.guard(() => this.handlers.onConnect());
    void this.readOn();
  }

  /** Reads until it is not wanted any more: one at a time. */
  private async readOn(): Promise<void> {
    if (this.isReading || !this.isUp) return;
    this.isReading = true;
    const { generation } = this;
    try {
      while (this.isWanted && this.isUp && !this.isClosed && !this.hasEnded) {
        const { value, done } = await this.reader.read(this.readsInto);
        if (this.isClosed || generation !== this.generation) return;
        if (done) this.onStreamEnd();
        else this.onChunk(value as Bytes);
        if (generation !== this.generation) return;
      }
    } catch (error) {
      this.fail(error, generation);
    } finally {
      this.isReading = false;
      // The pair was replaced meanwhile, and could not read as long as this one did.
      if (generation !== this.generation) void this.readOn();
    }
  }

  /** One that reads into memory of ours, where the stream has such. */
  private readerOf(readable: ReadableStream<Uint8Array>): Reader {
    let reader: Reader;
    try {
      reader = readable.getReader({ mode: 'byob' }) as Reader;
    } catch {
      this.readsInto = undefined;
      return readable.getReader();
    }
    this.readsInto ??= new Uint8Array(READ_BYTES);
    return reader;
  }

  private onChunk(bytes: Bytes): void {
    if (bytes.length > 0) this.guard(() => this.handlers.onRead(bytes, bytes.length));
    // The memory that was lent to the read comes back with what it read.
    if (this.readsInto !== undefined) this.readsInto = new Uint8Array(bytes.buffer);
  }

  private onStreamEnd(): void {
    this.hasEnded = true;
    this.guard(() => this.handlers.onEnd());
    this.endIfDone();
  }

  private onWriteEnd(length: number): void {
    this.pendingBytes -= length;
    if (!this.isHeld || this.pendingBytes > 0 || this.isClosed || this.hasFinished) return;
    this.isHeld = false;
    this.guard(() => this.handlers.onWritten());
  }

  private endIfDone(): void {
    if (this.hasEnded && this.hasFinished) this.closed();
  }

  /** An exception of the connection's own ends this pipe, and nothing else. */
  private guard(tell: () => void): void {
    try {
      this.context.runInAsyncScope(tell, undefined);
    } catch (error) {
      this.closed(toError(error));
    }
  }

  private fail(error: unknown, generation: number): void {
    if (generation === this.generation) this.closed(this.explain(error, this.isUp));
  }

  private closed(error?: Error): void {
    if (this.isClosed) return;
    this.isClosed = true;
    // Both may be broken already, which is told here and not there.
    this.reader.cancel(error).catch(() => {});
    this.writer.abort(error).catch(() => {});
    try {
      Promise.resolve(this.pair.close?.()).catch(() => {});
    } finally {
      this.handlers.onClose(error);
    }
  }
}
