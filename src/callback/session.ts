// The work behind an AsyncTcpConnection: the present connection and those before it, what may wait to be sent, and who decides
// what follows an end. It knows the public object by its callbacks, and everything about a single connection is in connection/.

import { type BinaryData, type Bytes, viewOf } from '../base/bytes';
import { CONNECTION_FAULTS, ERROR_KIND, type Fault, tellAlso, WsimdError, withoutStop } from '../base/faults';
import { withoutSecrets } from '../base/shown';
import { messageOf } from '../base/thrown';
import { closeBody } from '../codec/close-body';
import { StreamedMessages } from '../codec/streamed-messages';
import { Connection } from '../connection/connection';
import type { Accepted, ConnectionEnd, ConnectionEvents } from '../connection/contract';
import { diagnostics, type Subject } from '../connection/diagnostics';
import type { HandshakeResponse } from '../handshake/response-parser';
import type { ParsedUrl } from '../options/url';
import { queueSoon, queueTask } from '../runtime/tasks';
import { OutgoingStream } from '../sending/outgoing-stream';
import { type Done, together } from '../sending/receipts';
import type { LaterMessage, UnsentMessage } from '../sending/unsent';
import type { DialOptions } from '../transport/contract';
import { Awaiting, type Life } from './awaiting';
import type { NormalPolicy } from './backoff';
import { call, type Face, type Hearers, hearOut, subjectOf, tellError, tellException, tellUnsent } from './callbacks';
import type { ConnectionCloseEvent } from './close-event';
import { connectionSettings } from './destination';
import type { Ending } from './endings';
import { Journey } from './journey';
import { acceptOf, type KeptHead, keptHeadOf } from './kept-head';
import { Listeners } from './listeners';
import { receiverFor, type SinkReceiver } from './message-sink';
import { countOf, KEEPS_ALL, OfflineQueue } from './offline-queue';
import { NO_PAST, noPast, type Past } from './past';
import { Pings } from './pings';
import { rejected } from './promises';
import { provide } from './providers';
import { type Ended, type Plan, Reconnector, type ReconnectorHandlers } from './reconnector';
import { Round, type UrlOption } from './round';
import {
  checkBlob,
  controlPayload,
  type Dropped,
  drop,
  droppedError,
  keepable,
  notSent,
  type SendData,
  type SendOptions,
} from './sending';
import { Settings } from './settings';
import { StreamChunks, type StreamSource } from './stream-source';
import { statistics, Ws } from './workerman';

export class CallbackSession<Self extends Face<Self>>
  implements ConnectionEvents, ReconnectorHandlers, Hearers<Self>, Life
{
  readonly settings = new Settings();
  /** The present connection, or the last one. */
  connection: Connection = new Connection(this);
  /** Its URL; undefined before the first attempt if a function provides it. */
  url: ParsedUrl | undefined;
  /** Whoever listens beside the callbacks; undefined: nobody does, which costs a message one look at this. */
  listeners: Listeners | undefined;
  /** The last round trip of a heartbeat, in seconds. */
  latency: number | undefined;
  /** Those of the program that wait for their pongs; undefined: it has sent none on this connection. */
  private pings: Pings | undefined;
  private readonly reconnector = new Reconnector(this);
  /** Undefined: there is one URL, as most connections have it. */
  private readonly round: Round | undefined;
  private readonly onlyUrl: ParsedUrl | undefined;
  /** Whether the user wants a connection: not from `close()`, `end()` or `destroy()` on. */
  private isWanted = false;
  /** Between `pauseRecv()` and `resumeRecv()`, whatever connections come and go meanwhile. */
  private isPaused = false;
  /** Whether the process stays alive for it. */
  isRef = true;
  /** What was sent while there was no open connection; undefined: nothing waits. */
  private queue: OfflineQueue | undefined;
  /** What waits there goes to the connection. */
  private isSendingKept = false;
  /** An end is being told that another attempt follows, unless somebody decides otherwise. */
  private isFollowed = false;
  /** Whether the end of the present connection is told, or is being told by `onClose`. */
  private isEndTold = false;
  /** Messages that the present connection has taken over. */
  private messages = 0;
  /** How many of them the peer has confirmed, and how many were in front of the heartbeat's last ping. */
  private confirmed = 0;
  private behindHeartbeat = 0;
  /** Between onBufferFull and onBufferDrain: a connection that goes meanwhile takes what waited along, and leaves this. */
  private isBufferFull = false;
  /** How many of those who go through its messages have as many as they may: a pause each, beside the user's. */
  private holds = 0;
  /** Whether the present connection lends its binary messages. */
  isLent = false;
  /** What somebody awaits; undefined: nobody does. */
  private awaiting: Awaiting | undefined;
  /** Of the server's answer, as long as that connection is open; with what is its own of it. */
  private head: KeptHead | undefined;
  private acceptValue = '';
  /** A fault was told, which is why the present connection will end, whatever is called meanwhile. */
  private isFailing = false;
  /** What there was before the present connection. */
  private past = NO_PAST;
  /** Who takes the message in progress in pieces, or took the last one. */
  private receiver: SinkReceiver | undefined;

  /** @param live where connections are that are on their way or open, by their ids */
  constructor(
    readonly face: Self,
    private readonly live: Map<number, Self>,
    urlOption: UrlOption,
    private readonly options: DialOptions,
  ) {
    const isOne = typeof urlOption !== 'function' && urlOption.length === 1;
    if (!isOne) this.round = new Round(urlOption);
    if (typeof urlOption === 'function') return;
    this.url = urlOption[0];
    if (isOne) this.onlyUrl = this.url;
    if (urlOption.every(({ secure }) => secure)) this.settings.transport = 'ssl';
  }

  get bytesRead(): number {
    return this.past.bytesRead + this.connection.bytesRead;
  }

  get bytesWritten(): number {
    return this.past.bytesWritten + this.connection.bytesWritten;
  }

  /** Where it goes, for people. */
  get shownUrl(): string {
    const { url, settings } = this;
    if (url === undefined) return 'of a function';
    const scheme = url.socketPath !== undefined ? 'ws+unix' : url.secure || settings.transport === 'ssl' ? 'wss' : 'ws';
    return withoutSecrets(`${scheme}://${url.socketPath === undefined ? url.host : `${url.socketPath}:`}${url.path}`);
  }

  get isReconnectScheduled(): boolean {
    return this.reconnector.isScheduled;
  }

  /** @throws TypeError for an event that there is not, and for what is no function */
  listen(event: string, listener: unknown): void {
    const listeners = this.listeners ?? new Listeners();
    listeners.add(event, listener);
    this.listeners = listeners;
  }

  /** @throws TypeError for an event that there is not */
  unlisten(event: string, listener: unknown): void {
    const listeners = this.listeners ?? new Listeners();
    listeners.remove(event, listener);
    if (listeners.isEmpty) this.listeners = undefined;
  }

  // What is awaited.

  get awaited(): Awaiting {
    this.awaiting ??= new Awaiting(this);
    return this.awaiting;
  }

  get response(): HandshakeResponse | undefined {
    return this.connection.state === 'open' ? this.head?.responseWith(this.acceptValue) : undefined;
  }

  /** The past to be changed: its own. */
  private get ownPast(): Past {
    if (this.past === NO_PAST) this.past = noPast();
    return this.past;
  }

  get ending(): Ending | undefined {
    return this.isIdle() ? this.past.ending : undefined;
  }

  hold(): void {
    this.holds += 1;
    this.connection.pause();
  }

  release(): void {
    this.holds -= 1;
    this.deliverAgain();
  }

  closeNormally(): void {
    this.close(closeBody(1000));
  }

  // Beginning and ending.

  connect(): void {
    if (this.connection.state !== 'ending') this.begin(0);
  }

  reconnectIn(seconds: number): void {
    this.reconnector.schedule(seconds);
  }

  cancelReconnect(): void {
    this.reconnector.cancel();
    if (!this.mayOpen) this.dropKept();
    this.wakeLater();
    this.awaiting?.lookLater();
  }

  /** @param body of the close frame */
  close(body: Uint8Array): void {
    this.unwant();
    this.sendKept();
    this.connection.close(body);
  }

  end(): void {
    this.unwant();
    this.sendKept();
    this.connection.endStream();
  }

  destroy(): void {
    this.unwant();
    this.connection.destroy();
  }

  ref(isWanted: boolean): void {
    this.isRef = isWanted;
    this.reconnector.onRef();
    this.connection.ref(isWanted);
  }

  pause(): void {
    this.isPaused = true;
    this.connection.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.deliverAgain();
  }

  private deliverAgain(): void {
    if (!this.isHeld) this.connection.resume();
  }

  private get isHeld(): boolean {
    return this.isPaused || this.holds > 0;
  }

  /** `onMessageStart` was set, or unset. */
  askStarts(): void {
    this.connection.askStarts(this.face.onMessageStart ? StreamedMessages : undefined);
  }

  /** The new times hold at once, not from the next attempt on. */
  heartbeatChanged(): void {
    this.connection.setHeartbeat(this.settings.heartbeat);
  }

  // Sending.

  send(data: SendData, options: SendOptions | undefined): boolean | null {
    const result = this.accept(data, options);
    return typeof result === 'boolean' || result === null ? result : this.refuse(result);
  }

  private refuse(fault: Dropped): false {
    if (fault !== CONNECTION_FAULTS.notOpen) this.tellHere(tellError, this.dropped(fault));
    return false;
  }

  sendAsync(data: SendData, options: SendOptions | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const done: Done = (isWritten, _waitedFor, cause) => {
        if (cause !== undefined) reject(cause);
        else if (isWritten) resolve();
        // Why the connection ended is known behind this call.
        else queueSoon(() => reject(notSent(this.past.lostBy)));
      };
      const result = this.accept(data, options, done);
      if (typeof result !== 'boolean' && result !== null) reject(this.dropped(result));
    });
  }

  sendStream(source: StreamSource, options: SendOptions | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const stream = new OutgoingStream(new StreamChunks(source), {
        isBinary: options?.binary,
        areStringsBinary: this.isBinary(undefined),
        isCompressed: options?.compress !== false,
        onBegun: () => {
          this.messages += 1;
        },
      });
      const begin = (): void => void this.connection.sendStream(stream).then(resolve, reject);
      const waits = this.connection.state !== 'open' || this.queue !== undefined;
      const drop: Done = (_isWritten, _waitedFor, cause) => reject(cause);
      const answer = waits ? this.keepOrRefuse('', { size: 0, begin }, undefined, drop) : undefined;
      if (answer === undefined) begin();
      else if (answer !== null) reject(this.dropped(answer));
    });
  }

  /** @param payload undefined: one that no other ping has */
  ping(payload: string | BinaryData | undefined): Promise<number> {
    const given = payload === undefined ? undefined : controlPayload('ping', payload);
    const { connection } = this;
    if (connection.state !== 'open') return rejected(new WsimdError(CONNECTION_FAULTS.pingNotOpen));
    // Behind a peer that reads nothing as much may wait as of messages.
    if (connection.sender.isStalled && this.isAtLimit) return rejected(this.dropped(CONNECTION_FAULTS.sendBufferFull));
    this.pings ??= new Pings();
    return this.pings.send(connection, given, this.messagesInFront);
  }

  pong(payload: string | BinaryData): void {
    this.connection.pong(controlPayload('pong', payload));
  }

  /** Bytes that wait to be sent. */
  get unsentBytes(): number {
    return this.connection.sender.size + (this.queue?.size ?? 0);
  }

  /** Whether what is sent now would be dropped until `onBufferDrain`, which follows even if the limit was lowered. */
  isFull(): boolean {
    const { state, sender } = this.connection;
    const isFull = state === 'open' ? sender.isStalled && this.isAtLimit : this.mayOpen && this.isQueueFull;
    if (isFull) this.isBufferFull = true;
    return isFull;
  }

  /** Whether there is as much as may wait; it does, if the sender is stalled. */
  private get isAtLimit(): boolean {
    return this.unsentBytes >= this.settings.maxSendBufferSize;
  }

  /**
   * A fault is the reason why the message was dropped. What most messages do not need is in methods of its own, here and in all that
   * this calls: together that is what one compilation of V8 takes in (920 bytes of bytecode), and beyond it every second process
   * took 55 ns for a text of 16 bytes in place of 41.
   */
  private accept(data: SendData, options: SendOptions | undefined, done?: Done): boolean | null | Dropped {
    const { state, sender } = this.connection;
    const isText = typeof data === 'string';
    const bytes = isText ? undefined : viewOf(data);
    const blob = isText || bytes !== undefined ? undefined : checkBlob(data);
    if (state !== 'open' || this.queue !== undefined || sender.isStalled) {
      const answer = this.keepOrRefuse(data, bytes ?? blob, options, done);
      if (answer !== undefined) return answer;
    }
    this.messages += 1;
    const isCompressed = options?.compress !== false;
    let leaves = false;
    if (isText) leaves = sender.text(data, sender.whole(this.isBinary(options), isCompressed));
    else if (bytes !== undefined) leaves = sender.bytes(bytes, sender.whole(true, isCompressed));
    else this.sendBlob(blob!, isCompressed, done);
    if (done !== undefined && blob === undefined) sender.whenLeft(done);
    return leaves || this.accepted();
  }

  /**
   * What becomes of a message where there is no open connection, or one that is stalled; undefined: it goes to the connection.
   *
   * @param other what is no text
   */
  private keepOrRefuse(
    data: SendData,
    other: Uint8Array | Blob | LaterMessage | undefined,
    options: SendOptions | undefined,
    done: Done | undefined,
  ): null | Dropped | undefined {
    const { state, sender } = this.connection;
    // What is sent in onWebSocketConnect goes in front of what was kept.
    if (state === 'open' && !this.isSendingKept) {
      if (!sender.isStalled || !this.isAtLimit) return undefined;
      // What was gathered in one tick may be more than the limit, and was not held up then.
      this.becameFull();
      return drop(CONNECTION_FAULTS.sendBufferFull);
    }
    const { sendQueue, maxSendBufferSize } = this.settings;
    if (!this.mayOpen || sendQueue === false) return drop(CONNECTION_FAULTS.notOpen);
    if (this.isQueueFull) {
      this.becameFull();
      return drop(this.isAtLimit ? CONNECTION_FAULTS.sendBufferFull : CONNECTION_FAULTS.sendQueueFull);
    }
    const isCompressed = options?.compress !== false;
    const receipts = done === undefined ? [] : [done];
    const message = { data: keepable(data, other, this.isBinary(options)), isCompressed, receipts };
    if (sendQueue.whenFull === 'refuse') this.toQueue().push(message);
    else this.toQueue().pushAnyway(message, maxSendBufferSize);
    if (this.isQueueFull) this.becameFull();
    return null;
  }

  private isBinary(options: SendOptions | undefined): boolean {
    return options?.binary ?? this.settings.websocketType === Ws.BINARY_TYPE_ARRAYBUFFER;
  }

  /** Whether what was sent leaves at the end of the tick; null: it waits. */
  private accepted(): true | null {
    if (!this.connection.sender.isStalled) return true;
    if (this.isAtLimit) this.becameFull();
    return null;
  }

  private becameFull(): void {
    if (this.isBufferFull) return;
    this.isBufferFull = true;
    this.tellHere(call<Self, 'onBufferFull'>, 'onBufferFull');
  }

  /** A method of its own: a closure in `accept` would cost each message what only a Blob needs. */
  private sendBlob(blob: Blob, isCompressed: boolean, done: Done | undefined): void {
    const { sender } = this.connection;
    let unread: WsimdError | undefined;
    sender.blob(blob, sender.whole(true, isCompressed), (cause) => {
      statistics.send_fail += 1;
      if (sender === this.connection.sender) this.messages -= 1;
      unread = new WsimdError(CONNECTION_FAULTS.blobUnread, messageOf(cause), cause);
      if (done === undefined) this.tellHere(tellError, unread);
    });
    if (done !== undefined) sender.whenWritten((isWritten, waitedFor) => done(isWritten, waitedFor, unread));
  }

  // What waits while there is no open connection.

  /** Another policy holds from now on. */
  sendQueueChanged(): void {
    if (this.settings.sendQueue !== false) this.queue?.watch();
    else if (this.connection.state !== 'open') this.dropKept();
  }

  private toQueue(): OfflineQueue {
    this.queue ??= new OfflineQueue(
      () => this.settings.sendQueue || KEEPS_ALL,
      (messages, fault, bound) => this.dropAll(messages, fault, bound),
    );
    return this.queue;
  }

  private get isQueueFull(): boolean {
    const { sendQueue, maxSendBufferSize } = this.settings;
    return (
      sendQueue !== false && sendQueue.whenFull === 'refuse' && this.queue?.fullBy(maxSendBufferSize) !== undefined
    );
  }

  /** Whether a connection is open, or may be without anybody asking for it once more. */
  private get mayOpen(): boolean {
    switch (this.connection.state) {
      case 'closing':
      case 'ending':
        return this.reconnector.isScheduled || (this.isWanted && this.settings.reconnectPolicy !== undefined);
      case 'closed':
        return this.reconnector.isScheduled || this.isFollowed;
      // That of an attempt which could not even begin: its end was told.
      case 'initial':
        return this.reconnector.isScheduled || this.past.ending === undefined;
      default:
        return true;
    }
  }

  /** It is open: what waits goes to it, in order. */
  private sendKept(): void {
    const { queue, connection } = this;
    if (queue === undefined || connection.state !== 'open') return;
    this.isSendingKept = true;
    try {
      queue.watch();
      // Whoever is called meanwhile, by a transport of the user's, may have begun another connection.
      while (!queue.isEmpty && this.connection === connection && isOpen(connection)) this.sendAgain(queue.shift()!);
    } finally {
      this.isSendingKept = false;
    }
    if (queue === this.queue && queue.isEmpty) this.dropKept();
  }

  private sendAgain(message: UnsentMessage): void {
    const { data, isCompressed, receipts } = message;
    const { sender } = this.connection;
    const done = together(receipts);
    if (typeof data !== 'string' && 'begin' in data) {
      data.begin();
      return;
    }
    this.messages += 1;
    try {
      if (typeof data !== 'string' && 'size' in data) {
        this.sendBlob(data, isCompressed, done);
        return;
      }
      if (typeof data === 'string') sender.text(data, sender.whole(false, isCompressed));
      else sender.bytes(data, sender.whole(true, isCompressed));
      if (done !== undefined) sender.whenLeft(done);
    } catch (cause) {
      this.messages -= 1;
      this.dropAll([message], CONNECTION_FAULTS.notSent, messageOf(cause), cause);
    }
  }

  /** Messages in front of a ping that is sent now: it overtakes what is not ready. */
  private get messagesInFront(): number {
    return this.connection.sender.hasUnready ? this.confirmed : this.messages;
  }

  /** What a connection did not send goes to the next one, or is told with what waits: not all is lost that it had. */
  onUnsent(messages: readonly UnsentMessage[]): void {
    if (messages.length === 0) return;
    this.messages -= messages.length;
    this.toQueue().putBack(messages);
  }

  /** No connection follows. */
  private dropKept(): void {
    const messages = this.queue?.takeAll() ?? [];
    this.queue = undefined;
    if (messages.length > 0)
      this.dropAll(messages, CONNECTION_FAULTS.notSent, this.past.lostBy?.message, this.past.lostBy);
  }

  /** Tells of messages that were accepted and will not be sent: those who wait for one hear it by that. */
  private dropAll(messages: readonly UnsentMessage[], fault: Fault, detail: string | undefined, cause?: unknown): void {
    statistics.send_fail += messages.length;
    for (const { receipts } of messages) {
      for (const done of receipts) done(false, undefined, new WsimdError(fault, detail, cause));
    }
    const others = messages.filter(({ receipts }) => receipts.length === 0);
    if (others.length === 0) return;
    const counted = countOf(others);
    const error = new WsimdError(fault, detail === undefined ? counted : `${counted}; ${withoutStop(detail)}`, cause);
    this.tellHere(
      tellUnsent,
      others.map(({ data }) => data as Exclude<typeof data, LaterMessage>),
      error,
    );
  }

  /** Tells what somebody's send has caused, who may be anybody, in the connection's own async context. */
  private tellHere<Told extends unknown[]>(tell: (hearers: Hearers<Self>, ...told: Told) => void, ...told: Told): void {
    this.connection.context.runInAsyncScope(tell, undefined, this, ...told);
  }

  private dropped(fault: Dropped): WsimdError {
    const { maxSendBufferSize } = this.settings;
    return droppedError(
      fault,
      fault === CONNECTION_FAULTS.sendBufferFull ? `${maxSendBufferSize}` : this.queue?.fullBy(maxSendBufferSize),
    );
  }

  // Attempts.

  private isActive(): boolean {
    const { state } = this.connection;
    return state === 'dialing' || state === 'handshaking' || state === 'open';
  }

  private unwant(): void {
    this.isWanted = false;
    // It might have come back.
    if (this.reconnector.isScheduled && this.past.ending !== undefined) {
      this.ownPast.ending = { event: { ...this.past.ending.event, willReconnect: false }, isOurs: true };
    }
    this.cancelReconnect();
    if (this.connection.state === 'initial') this.dropKept();
  }

  private renew(): void {
    this.connection = new Connection(this);
    this.isEndTold = false;
    this.messages = 0;
    this.confirmed = 0;
    this.behindHeartbeat = 0;
    if (this.isHeld) this.connection.pause();
    if (!this.isRef) this.connection.ref(false);
  }

  private begin(attempt: number, isSameRound = false): void {
    if (this.isActive()) return;
    // It is gone, and its end is about to be told: what begins within that follows it.
    if (this.connection.state === 'closed' && !this.isEndTold) {
      this.reconnector.schedule(0);
      return;
    }
    // A connection that is being closed gives way, and nothing comes back by itself behind it. Its onClose may connect.
    this.isWanted = false;
    this.isFollowed = true;
    this.connection.destroy();
    this.isFollowed = false;
    if (this.isActive()) return;
    this.reconnector.cancel();
    if (this.connection.state === 'closed') {
      this.ownPast.bytesRead = this.bytesRead;
      this.ownPast.bytesWritten = this.bytesWritten;
      this.renew();
    }
    this.reconnector.begun(attempt);
    if (!isSameRound) this.round?.begin();
    this.isWanted = true;
    this.isFailing = false;
    if (this.past.ending !== undefined) this.ownPast.ending = undefined;
    this.dial();
    this.live.set(this.face.id, this.face);
  }

  private dial(): void {
    const { settings, options } = this;
    const secure = settings.transport === 'ssl';
    const provided = provide(this.round?.next() ?? this.onlyUrl!, settings.headers, settings.websocketClientProtocol);
    const journey = new Journey(this, settings, secure, options);
    this.heartbeatChanged();
    this.isLent = settings.binaryDelivery === 'borrow';
    this.connection.dial(connectionSettings(settings, options), journey.begin(provided), journey.newAttempt);
  }

  /** Time for the attempt. A timer has no caller to throw to: settings that have become invalid end it like any other failure. */
  onDue(attempt: number, isSameRound: boolean): void {
    try {
      this.begin(attempt, isSameRound);
    } catch (cause) {
      const error = new WsimdError(CONNECTION_FAULTS.connect, messageOf(cause), cause);
      tellError(this, error);
      this.ownPast.lostBy = error;
      const { decisions } = this.reconnector;
      const isOver = this.settings.reconnectPolicy !== undefined && !this.reconnector.isScheduled;
      if (isOver) this.dropKept();
      this.tellClosed({
        code: 1006,
        reason: '',
        wasClean: false,
        error,
        attempt,
        willReconnect: this.reconnector.isScheduled,
        unconfirmed: 0,
      });
      if (isOver && decisions === this.reconnector.decisions) call(this, 'onReconnectFailed');
      if (!this.mayOpen) this.dropKept();
      this.wakeLater();
      this.awaiting?.lookLater();
    }
  }

  onUnusable(returned: unknown): void {
    hearOut(this, returned);
  }

  // What the connection tells.

  onConnect(): void {
    call(this, 'onConnect');
  }

  onOpen({ response }: Accepted): void {
    this.reconnector.opened();
    this.round?.opened();
    this.acceptValue = acceptOf(response);
    this.head = keptHeadOf(response, this.acceptValue);
    this.awaiting?.onOpen(response);
    if (this.face.onMessageStart) this.askStarts();
    if (diagnostics.open.isWatched) diagnostics.open.tell(this.subject, { response });
    if (!this.isOver()) call(this, 'onWebSocketConnect', response);
    this.sendKept();
    // What waited has gone with a connection before this one. If something waits here, too, the end of that tells it.
    if (this.isBufferFull) queueSoon(() => this.wake());
  }

  onMessage(data: string | Bytes, isBinary: boolean): void {
    statistics.total_request += 1;
    if (this.listeners !== undefined) {
      call(this, 'onMessage', data, isBinary);
      return;
    }
    // Not through `call`: the decoder catches for a whole batch at once, see onException.
    const returned: unknown = this.face.onMessage?.(this.face, data, isBinary);
    if (returned !== undefined) hearOut(this, returned);
  }

  onMessageStart(isBinary: boolean): SinkReceiver | undefined {
    const { connection } = this;
    const receiver = receiverFor(this, isBinary, connection);
    // Whoever was asked has ended it.
    if (!connection.hears) {
      receiver?.abort(connection.state === 'closed' ? this.past.lostBy : undefined);
      return undefined;
    }
    this.receiver = receiver;
    return receiver;
  }

  onDeaf(error: WsimdError | undefined): void {
    this.receiver?.abort(error);
    this.receiver = undefined;
  }

  onPing(payload: Bytes): void {
    if (diagnostics.ping.isWatched) diagnostics.ping.tell(this.subject, { payload });
    if (this.isOver()) return;
    if (this.face.onWebSocketPing) call(this, 'onWebSocketPing', payload);
    else {
      this.connection.pong(payload);
      if (!this.isOver()) call(this, 'onWebSocketPing', payload);
    }
  }

  onPinged(): void {
    this.behindHeartbeat = this.messagesInFront;
  }

  onPong(payload: Bytes, roundTrip: number | undefined): void {
    if (roundTrip !== undefined) this.latency = roundTrip;
    const confirmed = this.pings?.answered(payload, roundTrip) ?? 0;
    this.confirmed = Math.max(this.confirmed, confirmed, roundTrip === undefined ? 0 : this.behindHeartbeat);
    if (diagnostics.pong.isWatched) diagnostics.pong.tell(this.subject, { payload, roundTrip });
    if (!this.isOver()) call(this, 'onWebSocketPong', payload);
  }

  onCloseFrame(code: number, reason: string): void {
    call(this, 'onWebSocketClose', code, reason);
  }

  onDrained(): void {
    if (!this.isBufferFull) return;
    this.isBufferFull = false;
    call(this, 'onBufferDrain');
  }

  /** Whoever stopped sending when the buffer was full may go on here, if nothing waits. */
  private wake(): void {
    const { state, sender } = this.connection;
    if (state === 'open' && !sender.isStalled) this.onDrained();
  }

  /**
   * Nothing comes behind this end, perhaps: then nobody shall wait for an onBufferDrain that never comes. In a turn of its own,
   * for whoever has been told of the end may begin another attempt, and in the connection's own async context: anybody may have
   * called off a reconnect.
   */
  private wakeLater(): void {
    if (!this.isBufferFull) return;
    this.connection.context.runInAsyncScope(queueTask, undefined, () => {
      if (this.isIdle() && this.unsentBytes === 0) this.onDrained();
    });
  }

  /** Nothing is under way, and no attempt waits for its time. */
  private isIdle(): boolean {
    const { state } = this.connection;
    return (state === 'closed' || state === 'initial') && !this.reconnector.isScheduled;
  }

  onError(error: WsimdError): void {
    // Who closes it when he hears of that has not ended it.
    this.isFailing = this.isWanted;
    // A signal that is a time-out says nothing of why there was no connection in all that time.
    if (error.kind === ERROR_KIND.ABORTED && this.reconnector.isRetrying && this.past.lostBy !== undefined) {
      tellAlso(error, `before that: ${withoutStop(this.past.lostBy.message)}`);
    }
    this.onDeaf(error);
    tellError(this, error);
  }

  onException(error: unknown): void {
    tellException(this, error);
  }

  onClose(end: ConnectionEnd): void {
    this.live.delete(this.face.id);
    this.ownPast.lostBy = end.error;
    const isFollowed = this.isFollowed;
    this.pings?.lost(end.error);
    this.pings = undefined;
    this.head = undefined;
    this.acceptValue = '';
    const gone = this.awaiting?.takeGone() ?? [];
    this.onDeaf(end.error);
    this.isEndTold = true;
    this.closed(end);
    this.isFollowed = isFollowed;
    if (!this.mayOpen || this.settings.sendQueue === false) this.dropKept();
    this.wakeLater();
    this.awaiting?.lookLater();
    for (const tell of gone) tell();
  }

  private get subject(): Subject {
    return subjectOf(this.face as unknown as Face<never>);
  }

  /** A subscriber of the diagnostics may have ended the connection: nothing is told after onClose. */
  private isOver(): boolean {
    return this.connection.state === 'closed';
  }

  /** Tells the end of a connection, and what the policy makes of it. */
  private closed(end: ConnectionEnd): void {
    const { reconnectPolicy: policy } = this.settings;
    const { reconnector } = this;
    const attempt = reconnector.countEnd(typeof policy === 'object' ? policy.minUptime : undefined);
    const { decisions, isScheduled } = reconnector;
    // Whoever called reConnect() in onError has decided already.
    const isOurs = this.isWanted && !isScheduled;
    const goesOn = isOurs && this.round?.goesOn(end) === true;
    const { isConfirmed, ...told } = end;
    const ended = { ...told, attempt, unconfirmed: isConfirmed ? 0 : this.messages - this.confirmed };
    const plan = isOurs && !goesOn && policy !== undefined ? this.plan(policy, ended) : undefined;
    const willReconnect = isScheduled || goesOn || typeof plan === 'object';
    this.isFollowed ||= willReconnect;
    // Where there is no policy, onClose decides what follows, and with it what becomes of these.
    if (!this.isFollowed && !(this.isWanted && policy === undefined)) this.dropKept();
    this.tellClosed({ ...ended, willReconnect });
    // Whoever called connect(), reConnect(), close() … in onClose has decided by himself.
    if (decisions !== reconnector.decisions) return;
    if (goesOn) reconnector.schedule(0, true);
    if (plan === undefined) return;
    if (plan === 'give up') {
      call(this, 'onReconnectFailed');
      return;
    }
    const { delay } = plan;
    reconnector.schedule(delay);
    if (diagnostics.reconnect.isWatched) diagnostics.reconnect.tell(this.subject, { attempt: plan.attempt, delay });
    call(this, 'onReconnect', plan.attempt, delay);
  }

  private tellClosed(event: ConnectionCloseEvent): void {
    this.ownPast.ending = { event, isOurs: !this.isWanted && !this.isFailing };
    if (diagnostics.close.isWatched) diagnostics.close.tell(this.subject, { event });
    call(this, 'onClose', event);
  }

  private plan(policy: NormalPolicy, event: Ended): Plan {
    try {
      const isAborted = this.options.signal?.aborted === true;
      return this.reconnector.plan(policy, event, this.round?.isHopeful, isAborted);
    } catch (error) {
      tellException(this, error);
      return 'give up';
    }
  }
}

/** Asked of what others may have ended meanwhile. */
function isOpen({ state }: Connection): boolean {
  return state === 'open';
}
