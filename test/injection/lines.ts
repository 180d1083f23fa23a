// One connection of each face between this program and a peer in memory, and what it told: messages, errors, its end. A subject's
// calls out are counted, a bystander's are not; else they are the same. It knows no scenario and no verdict.

import { getEventListeners } from 'node:events';
import type { AsyncTcpConnection } from '../../src/index';
import type { Calls } from './calls';
import type { Library } from './library';
import { Ledger, type Message } from './messages';
import type { Compression } from './peer';
import { type FeedPipe, nameOf, type Reading, type StreamPipe, TransportPipe } from './pipes';

const utf8 = new TextEncoder();

export interface LineOptions {
  readonly compression: Compression;
  readonly reading?: Reading;
  readonly holdsEvery?: number;
  readonly calls?: Calls | undefined;
}

/** How a complaint ends that nobody is to blame for but the stack, which may end even where an error is shown. */
const OVERFLOW = /(Maximum call stack size exceeded|something unprintable)$/;

/** What is done behind each message that was received. */
type Reaction = (message: Message, count: number) => void;

export abstract class Line {
  readonly toClient: Ledger;
  readonly toServer: Ledger;
  readonly complaints: string[] = [];
  /** Errors that say that this connection is at an end, or that something of it is lost. */
  readonly errors: string[] = [];
  isOpen = false;
  closes = 0;
  /** The stack may run out in its callbacks, which are these tests' own, and whoever calls it is told. */
  mayOverflow = false;
  /** Somebody ended it on purpose. */
  isEndExpected = false;
  /** Whether what it is sent depends on another, which is gone. */
  mayLack: () => boolean = () => false;
  /** Sends in progress: one may be entered out of another. */
  private sends = 0;
  onReceived: Reaction | undefined;
  /** What it may be aborted by. */
  protected readonly signal = new AbortController().signal;
  protected readonly calls: Calls | undefined;
  private received = 0;

  constructor(
    readonly name: string,
    readonly options: LineOptions,
  ) {
    this.calls = options.calls;
    this.toClient = new Ledger(`${name}<`);
    this.toServer = new Ledger(`${name}>`);
  }

  get isSending(): boolean {
    return this.sends > 0;
  }

  abstract readonly pipe: TransportPipe | StreamPipe | FeedPipe;
  abstract open(): void;
  /** Begins the closing handshake. */
  abstract close(): void;
  protected abstract pass(message: Message): void;
  protected abstract drop(): void;

  /** The client sends its next message. Whatever that throws was not sent. */
  send(size: number, isBinary: boolean, pass: (message: Message) => void = (message) => this.pass(message)): void {
    const message = this.toServer.next(size, isBinary);
    this.sends += 1;
    try {
      pass(message);
    } catch {
      this.toServer.withdraw(message);
    } finally {
      this.sends -= 1;
    }
  }

  /** The server sends so many messages at once: one chunk, which arrives within this call. */
  deliver(count: number, size: number, isBinary: boolean, fragments = 1): void {
    if (this.closes > 0) return;
    const messages = Array.from({ length: count }, () => this.toClient.next(size, isBinary));
    this.pipe.deliver(this.pipe.peer.frames(messages, fragments));
  }

  /** Does nothing but send its next message, the same at each call. */
  prepareSend(size: number, isBinary: boolean): () => void {
    const message = this.toServer.next(size, isBinary);
    return () => this.pass(message);
  }

  /** Does nothing but deliver so many messages. */
  prepareDelivery(count: number, size: number, isBinary: boolean): () => void {
    const messages = Array.from({ length: count }, () => this.toClient.next(size, isBinary));
    const bytes = this.pipe.peer.frames(messages);
    return () => this.pipe.deliver(bytes);
  }

  destroy(): void {
    this.isEndExpected = true;
    this.drop();
  }

  /** What is wrong so far; `isWhole`: nothing may be under way. */
  verdict(isWhole: boolean): string[] {
    const found = [...this.complaints, ...this.toClient.complaints, ...this.toServer.complaints];
    found.push(...this.pipe.complaints, ...this.pipe.peer.complaints);
    if (this.mayOverflow) return found.filter((complaint) => !OVERFLOW.test(complaint));
    const isOver = this.closes > 0 || this.errors.length > 0 || this.isEndExpected || this.mayLack();
    if (isWhole && this.isOpen && !isOver) {
      for (const { name, missing, firstMissing } of [this.toClient, this.toServer]) {
        if (missing > 0) found.push(`${name}: ${missing} messages are missing, from ${firstMissing} on`);
      }
    }
    return found;
  }

  /** What it has left on what is its user's, when it is over. */
  leftovers(): string[] {
    const left = getEventListeners(this.signal, 'abort').length;
    return left === 0 ? [] : [`${this.name}: ${left} listeners to its signal are left`];
  }

  // What a face tells.

  protected told(what: string): void {
    if (this.closes > 0) this.complaints.push(`${this.name}: ${what} behind the end`);
  }

  protected openTold(): void {
    this.told('open');
    this.isOpen = true;
    this.calls?.out('callback');
  }

  protected messageTold(data: string | Uint8Array, isBinary: boolean): void {
    this.told('a message');
    // Not by Buffer.from(string), whose memory counts as the library's.
    const bytes = Buffer.from(typeof data === 'string' ? utf8.encode(data) : data);
    this.toClient.arrive(bytes, isBinary);
    this.received += 1;
    this.onReceived?.({ bytes, isBinary }, this.received);
    try {
      this.calls?.out('callback');
    } finally {
      // Even what is only lent is his until he returns.
      if (typeof data !== 'string' && Buffer.compare(data, bytes) !== 0) {
        this.complaints.push(`${this.name}: bytes changed while their receiver ran`);
      }
    }
  }

  protected errorTold(error: unknown): void {
    this.told('an error');
    this.errors.push(nameOf(error));
    this.calls?.out('callback');
  }

  /** @param error what the end says of itself */
  protected closeTold(error?: unknown): void {
    this.closes += 1;
    if (error !== undefined) this.errors.push(nameOf(error));
    if (this.closes > 1) this.complaints.push(`${this.name}: a second end`);
    this.calls?.out('callback');
  }
}

/** One over a transport in memory. */
export abstract class TransportLine extends Line {
  readonly pipe: TransportPipe;

  constructor(name: string, options: LineOptions) {
    super(name, options);
    const { compression, reading = 'late', holdsEvery = 0, calls } = options;
    this.pipe = new TransportPipe({ compression, reading, holdsEvery, calls, toServer: this.toServer });
  }
}

/** `AsyncTcpConnection`. */
export class CallbackLine extends TransportLine {
  readonly connection: AsyncTcpConnection;

  constructor({ main }: Library, name: string, options: LineOptions) {
    super(name, options);
    this.connection = new main.AsyncTcpConnection(`ws://${name}.invalid`, {
      transport: this.pipe.connect,
      signal: this.signal,
    });
    if (options.compression !== 'none') this.connection.perMessageDeflate = true;
    this.connection.onConnect = () => this.calls?.out('callback');
    this.connection.onWebSocketConnect = () => this.openTold();
    this.connection.onWebSocketPong = () => this.calls?.out('callback');
    this.connection.onWebSocketClose = () => this.calls?.out('callback');
    this.connection.onBufferFull = () => this.calls?.out('callback');
    this.connection.onBufferDrain = () => this.calls?.out('callback');
    this.connection.onMessage = (_, data, isBinary) => this.messageTold(data, isBinary);
    this.connection.onClose = (_, { error }) => this.closeTold(error);
    this.connection.onUnsent = (_, messages) => {
      for (const data of messages as (string | Uint8Array)[]) {
        const isBinary = typeof data !== 'string';
        this.toServer.unsent(isBinary ? data : utf8.encode(data), isBinary);
      }
      this.calls?.out('callback');
    };
  }

  override open(): void {
    this.connection.connect();
  }

  /** Without it an exception of a callback goes to the console. */
  hearErrors(): void {
    this.connection.onError = (_, code, message) => {
      if (code === 8) this.calls?.out('callback');
      else this.errorTold(message);
    };
  }

  override close(): void {
    this.isEndExpected = true;
    this.connection.close();
  }

  protected override pass({ bytes, isBinary }: Message): void {
    if (this.connection.send(isBinary ? bytes : bytes.toString()) === false) throw new Error('It was dropped.');
  }

  protected override drop(): void {
    this.connection.destroy();
  }
}
