// Byte pipes in memory, between a connection and a peer of these tests: a transport of a user's, and a Duplex of a user's. They
// keep to the contract of src/transport/contract.ts and use what it allows. No real time passes in them: microtasks and turns of
// the event loop.

import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import type { Connect, Transport, TransportHandlers } from '../../src/transport/contract';
import type { Calls } from './calls';
import type { Ledger } from './messages';
import { type Compression, Peer } from './peer';
import { UserStream } from './user-stream';

/**
 * How a transport reads. 'late': it asks where as it reads; 'early': before, and keeps the answer; 'own': it has memory of its
 * own.
 */
export type Reading = 'late' | 'early' | 'own';

export interface PipeOptions {
  readonly compression: Compression;
  readonly toServer: Ledger;
  /** Counts what is called of it; undefined: nobody does. */
  readonly calls?: Calls | undefined;
}

export interface TransportOptions extends PipeOptions {
  readonly reading: Reading;
  /** Every so many-th write is held by reference for a turn of the event loop; 0: none. */
  readonly holdsEvery: number;
}

/** What both kinds have. */
abstract class Pipe {
  readonly peer: Peer;
  /** What the library did that a pipe may not be done to. */
  readonly complaints: string[] = [];
  protected isClosed = false;

  constructor(protected readonly options: PipeOptions) {
    const wire = { toClient: (bytes: Buffer) => this.answer(bytes), end: () => this.end() };
    this.peer = new Peer(options.toServer, options.compression, wire);
  }

  /** Bytes for the client, which gets them within this call if it reads. */
  abstract deliver(bytes: Uint8Array): void;
  /** The server ends TCP, behind this call. */
  protected abstract end(): void;

  /** What the peer says by itself comes a microtask later, as it is not the library that may be entered again then. */
  private answer(bytes: Buffer): void {
    queueMicrotask(() => this.deliver(bytes));
  }

  /** Whether it is not the library that lets this through. */
  protected mayThrow(_error: unknown): boolean {
    return false;
  }

  protected called(kind: 'transport' | 'stream' | 'http'): void {
    this.options.calls?.out(kind);
  }

  /** Tells the library something; nothing of it may come back. */
  protected tell(what: string, tell: () => void): void {
    try {
      tell();
    } catch (error) {
      if (this.mayThrow(error)) return;
      this.complaints.push(`${this.options.toServer.name}: ${what} threw into the pipe: ${nameOf(error)}`);
    }
  }
}

/** What was thrown may be anything, even what cannot be shown. */
export function nameOf(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } catch {
    return 'something unprintable';
  }
}

/** A pipe for `options.transport`. */
export class TransportPipe extends Pipe {
  private handlers: TransportHandlers | undefined;
  private readonly inbox: Uint8Array[] = [];
  private isWanted = true;
  private isUp = false;
  private isEnding = false;
  /** Where to read to, of one that asks early. */
  private target: Uint8Array | undefined;
  private writes = 0;
  private readonly held: Uint8Array[] = [];

  constructor(private readonly own: TransportOptions) {
    super(own);
  }

  readonly connect: Connect = (_target, handlers): Transport => {
    this.called('transport');
    this.handlers = handlers;
    queueMicrotask(() => this.up());
    const pipe = this;
    return {
      get endpoints() {
        pipe.called('transport');
        return {};
      },
      get socket() {
        pipe.called('transport');
        return undefined;
      },
      write: (bytes) => this.write(bytes),
      read: (isWanted) => this.read(isWanted),
      startTls: () => {
        throw new TypeError('There is no TLS in memory.');
      },
      close: (how) => this.close(how),
    };
  };

  override deliver(bytes: Uint8Array): void {
    this.inbox.push(bytes);
    this.pump();
  }

  /** It breaks, behind this call, and holds nothing any more. */
  breakOff(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    queueMicrotask(() => this.tell('onClose', () => this.handlers?.onClose(new Error('The pipe broke.'))));
  }

  protected override end(): void {
    queueMicrotask(() => {
      if (!this.isClosed && !this.isEnding) this.tell('onEnd', () => this.handlers!.onEnd());
    });
  }

  private up(): void {
    if (this.isClosed) return;
    this.isUp = true;
    this.tell('onConnect', () => this.handlers!.onConnect());
    this.askEarly();
  }

  private pump(): void {
    // What is entered again from here goes on with the same inbox, so the order stays.
    while (this.isUp && this.isWanted && !this.isClosed && this.inbox.length > 0) this.readNext(this.inbox.shift()!);
  }

  private readNext(bytes: Uint8Array): void {
    if (this.own.reading === 'own') {
      this.tell('onRead', () => this.handlers!.onRead(bytes, bytes.length));
      return;
    }
    const target = this.target ?? this.handlers!.readTarget();
    this.target = undefined;
    const length = Math.min(target.length, bytes.length);
    target.set(bytes.subarray(0, length));
    if (length < bytes.length) this.inbox.unshift(bytes.subarray(length));
    this.tell('onRead', () => this.handlers!.onRead(target, length));
    this.askEarly();
  }

  private askEarly(): void {
    if (this.own.reading === 'early' && !this.isClosed) this.target = this.handlers!.readTarget();
  }

  private write(bytes: Uint8Array): boolean {
    this.called('transport');
    if (this.isClosed) return true;
    this.writes += 1;
    const { holdsEvery } = this.own;
    if (this.held.length === 0 && (holdsEvery === 0 || this.writes % holdsEvery !== 0)) {
      this.peer.take(bytes);
      return true;
    }
    this.held.push(bytes);
    if (this.held.length === 1) setImmediate(() => this.drain());
    return false;
  }

  private drain(): void {
    if (this.isClosed) return;
    for (const bytes of this.held.splice(0)) this.peer.take(bytes);
    this.tell('onWritten', () => this.handlers!.onWritten());
  }

  private read(isWanted: boolean): void {
    this.called('transport');
    this.isWanted = isWanted;
    if (isWanted) queueMicrotask(() => this.pump());
  }

  private close(how: 'flush' | 'now'): void {
    this.called('transport');
    if (this.isClosed || this.isEnding) return;
    this.isEnding = true;
    if (how === 'now') this.isClosed = true;
    queueMicrotask(() => {
      this.isClosed = true;
      this.tell('onClose', () => this.handlers!.onClose());
    });
  }
}

/** What a user of `wsimd/framing` is: he feeds a decoder, and has no handshake. */
export class FeedPipe extends Pipe {
  constructor(
    options: PipeOptions,
    private readonly feed: (bytes: Uint8Array) => void,
  ) {
    super(options);
    this.peer.skipHandshake();
  }

  override deliver(bytes: Uint8Array): void {
    if (!this.isClosed) this.feed(bytes);
  }

  close(): void {
    this.isClosed = true;
  }

  protected override end(): void {
    this.isClosed = true;
  }
}

/** How many there are, by the name of the event. */
export function listenersOf(emitter: EventEmitter): Record<string, number> {
  return Object.fromEntries(emitter.eventNames().map((name) => [String(name), emitter.listenerCount(name)]));
}

/** A pipe for `createConnection`, which node:http has the handshake over. */
export class StreamPipe extends Pipe {
  readonly stream: Duplex;
  /**
   * Whose calls these are: node:http writes and reads the heads by itself, and what a stream throws there is uncaught, with `ws`
   * too.
   */
  caller: 'http' | 'stream' = 'http';
  /** Those of its own. */
  readonly listenersAtFirst: Readonly<Record<string, number>>;

  constructor(options: PipeOptions) {
    super(options);
    this.stream = new UserStream(
      (bytes) => this.peer.take(bytes),
      () => this.called(this.caller),
    );
    // The server ends when the client does.
    this.stream.once('finish', () => this.end());
    this.stream.once('close', () => {
      this.isClosed = true;
    });
    this.listenersAtFirst = listenersOf(this.stream);
  }

  override deliver(bytes: Uint8Array): void {
    if (!this.isClosed) this.tell('push', () => this.stream.push(Buffer.from(bytes)));
  }

  /** node:http calls a listener to 'upgrade' out of the read. */
  protected override mayThrow(error: unknown): boolean {
    const { calls } = this.options;
    return calls?.actedIn.includes('http') === true && calls.isThrown(error);
  }

  protected override end(): void {
    queueMicrotask(() => {
      if (!this.isClosed) this.tell('push', () => this.stream.push(null));
    });
  }
}
