// The life of one WebSocket of the `ws` face: its opening, its connection and its end, and the order in which its emitter tells
// of them. It does not know the arguments of the methods that users call.

import { Buffer } from 'node:buffer';
import { EventEmitter } from 'node:events';
import type { Bytes } from '../base/bytes';
import { CONNECTION_FAULTS, unheld, WsimdError } from '../base/faults';
import { toError } from '../base/thrown';
import { Connection } from '../connection/connection';
import type { Accepted, ConnectionEnd, ConnectionEvents } from '../connection/contract';
import { addressOf, diagnostics, explanationOf, hostOf, type Subject } from '../connection/diagnostics';
import {
  CLOSED,
  CLOSING,
  CONNECTING,
  OPEN,
  type ReadyState,
  readyStateOf,
  STATE_NAMES,
} from '../connection/ready-state';
import { PERMESSAGE_DEFLATE } from '../handshake/permessage-deflate';
import { encodeUtf8Alone } from '../runtime/strings';
import { queueTask, queueTell, throwSoon } from '../runtime/tasks';
import type { KeySource } from '../sending/outbox';
import { EMPTY, receivedAs } from './data';
import { explained, wsError } from './errors';
import { callHandler, HANDLER, type Handler, ToldMessage } from './events';
import { type Listening, setDirect, TELLS_CHANGES, tellDirect } from './listening';
import type { Opening, OpeningOwner } from './opening';
import type { BinaryType } from './types';

const CLOSED_EARLY = 'WebSocket was closed before the connection was established';

const emitPlainly = EventEmitter.prototype.emit;

/** The emitter's own table, which Node.js, Bun and Deno have by this name. */
interface Table {
  readonly _events: Readonly<Record<string, unknown>>;
}

type Listener = (data: unknown, isBinary: boolean) => void;

export class DropInSession implements ConnectionEvents, OpeningOwner {
  opening: Opening | undefined;
  /** From the first attempt on, if this library does the handshake; else once it is open. */
  connection: Connection | undefined;
  private ownBinaryType: BinaryType = 'nodebuffer';
  url = '';
  protocol = '';
  /** Names of those in use. */
  extensions = '';
  isPaused = false;
  /** Whether somebody who wants an event (addEventListener, onmessage) is told messages directly. */
  private hasDirect = false;
  /** The emitter's only listener to 'message', if it has one. */
  private listener: Listener | undefined;
  /** Why no more is sent, though the connection is open. */
  broken: { readonly cause: unknown } | undefined;
  /** Both close frames were exchanged. */
  isClosedCleanly = false;
  /** There will be no connection, or none any more, and 'error' says so. */
  private isFailing = false;
  /** Of an attempt that is watched. */
  private lastAddress = '';
  /** 'close' has been told, or is being told. */
  private isClosed = false;
  /** Our own call is ending the connection: what comes of it is told after that call. */
  private isEnding = false;
  /** Our own call is giving up the attempt: nothing that comes of it is told. */
  private isDropping = false;

  /** Emitters ask for it when they are made. */
  private readonly capturesRejections = EventEmitter.captureRejections;

  constructor(
    readonly face: Listening,
    private readonly answersPings: boolean,
    private readonly keySource: KeySource | undefined,
  ) {}

  get readyState(): ReadyState {
    if (this.isClosed) return CLOSED;
    if (this.isFailing) return CLOSING;
    return this.connection === undefined ? CONNECTING : readyStateOf(this.connection.state);
  }

  get binaryType(): BinaryType {
    return this.ownBinaryType;
  }

  set binaryType(type: BinaryType) {
    const tellsFragments = type === 'fragments';
    const isOther = tellsFragments !== (this.ownBinaryType === 'fragments');
    this.ownBinaryType = type;
    if (isOther && this.connection !== undefined) this.connection.tellsFragments = tellsFragments;
  }

  /** Gives up an attempt. */
  giveUp(): void {
    const error = explained(new Error(CLOSED_EARLY), new WsimdError(CONNECTION_FAULTS.closedEarly));
    this.isFailing = true;
    this.opening?.abort();
    queueTell(() => this.failed(error));
  }

  terminate(): void {
    this.isEnding = true;
    // What was sent in this tick has left, elsewhere.
    this.connection?.sender.flush();
    this.connection?.destroy();
    this.isEnding = false;
  }

  /** Something could not be sent: nothing may follow what is missing. Whoever waits is told first, and why. */
  breakOff(cause: unknown): void {
    const connection = this.connection!;
    this.broken = { cause };
    connection.sender.dropQueue();
    connection.context.runInAsyncScope(queueTell, undefined, () => {
      if (this.isClosed) return;
      connection.endStream();
      this.isFailing = true;
      if (diagnostics.error.isWatched) this.watched(explanationOf(toError(cause)));
      this.emit('error', cause);
    });
  }

  // What an opening asks, and tells.

  get isConnecting(): boolean {
    return this.readyState === CONNECTING;
  }

  /** Whether somebody listens. */
  emit(event: string, ...values: unknown[]): boolean {
    try {
      return this.face.emit(event, ...values);
    } catch (error) {
      this.onException(error);
      return true;
    }
  }

  listenerCount(event: string): number {
    return this.face.listenerCount(event);
  }

  addressed(href: string): void {
    this.url = href;
  }

  newConnection(): Connection {
    this.connection = new Connection(this);
    if (this.keySource !== undefined) this.connection.sender.keysFrom(this.keySource);
    return this.connection;
  }

  drop(): void {
    const { connection } = this;
    this.connection = undefined;
    this.isDropping = true;
    connection?.destroy();
    this.isDropping = false;
  }

  failing(): void {
    this.isFailing = true;
  }

  failed(error: Error): void {
    if (this.isClosed) return;
    this.isFailing = true;
    const why = explanationOf(error);
    this.watched(why);
    this.emit('error', error);
    this.closed(1006, EMPTY, why);
  }

  // What a connection tells.

  onConnect(): void {
    if (diagnostics.error.isWatched) this.lastAddress = addressOf(this.connection!.endpoints);
  }

  onOpen({ response, agreement }: Accepted): void {
    this.lastAddress = '';
    this.protocol = response.protocol;
    if (agreement !== undefined) this.extensions = PERMESSAGE_DEFLATE;
    this.opening = undefined;
    if (this.ownBinaryType === 'fragments') this.connection!.tellsFragments = true;
    if (diagnostics.open.isWatched) diagnostics.open.tell(this.subject, { response });
    // A subscriber may have ended it.
    if (this.readyState === OPEN) this.emit('open');
  }

  onMessage(data: string | Bytes, isBinary: boolean): void {
    const { face } = this;
    if (this.hasDirect && face.emit === emitPlainly) {
      const value = typeof data === 'string' ? data : isBinary ? this.received(data) : this.textOf(data);
      tellDirect(face, new ToldMessage(value, face));
    } else this.emitMessage(data, isBinary);
  }

  onFragments(fragments: Bytes[]): void {
    const isList = this.ownBinaryType === 'fragments';
    this.face.emit('message', isList ? fragments : this.received(Buffer.concat(fragments)), true);
  }

  /** Listeners came or went. */
  listenersChanged(): void {
    this.hasDirect = false;
    this.listener = undefined;
  }

  /** Whoever listens alone is called without the emitter: that is a third of what a short message costs. */
  private emitMessage(data: string | Bytes, isBinary: boolean): void {
    const { face, listener } = this;
    const isPlain = face.emit === emitPlainly;
    if (isPlain && listener !== undefined && typeof data !== 'string') {
      listener.call(face, isBinary ? this.received(data) : data, isBinary);
    } else if (!isPlain || !this.findListener(data, isBinary)) {
      face.emit('message', isBinary ? this.received(data as Bytes) : this.bufferOf(data), isBinary);
    }
  }

  /** False: there is not just one, and nobody was called. */
  private findListener(data: string | Bytes, isBinary: boolean): boolean {
    const { face } = this;
    const listener = (face as unknown as Table)._events.message;
    // Where a program has the rejections of async listeners told as 'error' events, it is the emitter that does so.
    if (typeof listener !== 'function' || this.capturesRejections) return false;
    const handler = (listener as { [HANDLER]?: Handler })[HANDLER];
    if (handler === undefined) {
      if (TELLS_CHANGES) this.listener = listener as Listener;
      listener.call(face, isBinary ? this.received(data as Bytes) : this.bufferOf(data), isBinary);
    } else {
      if (TELLS_CHANGES && typeof handler === 'function') {
        setDirect(face, handler as (event: unknown) => void);
        this.hasDirect = true;
      }
      const value = isBinary ? this.received(data as Bytes) : this.textOf(data);
      callHandler(handler, face, new ToldMessage(value, face));
    }
    return true;
  }

  onPing(payload: Bytes): void {
    if (diagnostics.ping.isWatched) diagnostics.ping.tell(this.subject, { payload });
    if (this.answersPings && this.readyState === OPEN) this.connection!.pong(payload);
    this.onControl('ping', payload);
  }

  onPong(payload: Bytes): void {
    if (diagnostics.pong.isWatched) diagnostics.pong.tell(this.subject, { payload, roundTrip: undefined });
    this.onControl('pong', payload);
  }

  protected onControl(event: 'ping' | 'pong', payload: Bytes): void {
    this.face.emit(event, payload);
  }

  onCloseFrame(): void {}

  onDrained(): void {}

  onError(error: WsimdError): void {
    this.isFailing = true;
    this.watched(error);
    this.emit('error', wsError(error));
  }

  /** What a listener throws ends no connection: it is an uncaught exception, as it would be elsewhere. */
  onException(error: unknown): void {
    throwSoon(error);
  }

  onClose({ code, reason, reasonBytes, wasClean, error }: ConnectionEnd): void {
    if (this.isDropping) return;
    this.isClosedCleanly = wasClean;
    // Not of the pool that Buffer.from would take it from, and keep alive with it.
    const bytes = (reasonBytes as Buffer | undefined) ?? Buffer.from(encodeUtf8Alone(reason).buffer);
    // As late as that of a socket.
    if (this.isEnding) queueTask(() => this.closed(code, bytes, error));
    else this.closed(code, bytes, error);
  }

  private get subject(): Subject {
    const { face, url, connection } = this;
    const state = this.isClosed ? CLOSED : connection === undefined ? CONNECTING : readyStateOf(connection.state);
    const phase = STATE_NAMES[state].toLowerCase();
    const address = addressOf(connection?.endpoints ?? {}) || this.lastAddress;
    return { connection: face, face: 'ws', host: hostOf(url), address, phase };
  }

  private watched(error: WsimdError): void {
    if (diagnostics.error.isWatched) diagnostics.error.tell(this.subject, { error });
  }

  private closed(code: number, reason: Buffer, error: WsimdError | undefined): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.opening = undefined;
    if (diagnostics.close.isWatched) {
      const { isClosedCleanly: wasClean } = this;
      const event = { code, reason: String(reason), wasClean, error, attempt: 0, willReconnect: false };
      diagnostics.close.tell(this.subject, { event });
    }
    this.emit('close', code, reason);
  }

  private received(bytes: Bytes): unknown {
    return this.ownBinaryType === 'nodebuffer' ? bytes : this.receivedElse(bytes);
  }

  private receivedElse(bytes: Bytes): unknown {
    try {
      return receivedAs(bytes, this.ownBinaryType);
    } catch (cause) {
      throw unheld(cause);
    }
  }

  // A listener of one kind follows the other seldom: the decoder makes at once what the last one wanted.

  private bufferOf(text: string | Bytes): Buffer {
    if (typeof text !== 'string') return text as Buffer;
    this.connection!.textAs = 'bytes';
    return Buffer.from(text);
  }

  private textOf(text: string | Bytes): string {
    if (typeof text === 'string') return text;
    this.connection!.textAs = 'string';
    return (text as Buffer).toString();
  }
}
