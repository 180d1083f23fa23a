// One connection from dial to closed: the only place where attempt, transport, codec, sender and heartbeat meet. It owns the
// closing rules of RFC 6455 §7 and their deadlines, and tells its owner through events. It does not know the faces that use
// it, and it never reconnects: its owner makes a new one.

import type { Bytes } from '../base/bytes';
import { CONNECTION_FAULTS, secondsOf, WsimdError } from '../base/faults';
import { messageOf } from '../base/thrown';
import { closeBody } from '../codec/close-body';
import type { DecoderHandlers, PieceReceiver } from '../codec/contract';
import { FrameDecoder } from '../codec/decoder';
import { core, requireCore } from '../codec/memory';
import type { StreamedMessages } from '../codec/streamed-messages';
import { ANY_CONTEXT, type Context, presentContext } from '../runtime/context';
import { Deadline } from '../runtime/deadline';
import { guarded } from '../runtime/report';
import { requireStack } from '../runtime/stack';
import { queueSoon } from '../runtime/tasks';
import { flushAll } from '../sending/flush-queue';
import type { OutboxOwner } from '../sending/outbox';
import type { OutgoingStream } from '../sending/outgoing-stream';
import { Sender } from '../sending/sender';
import type { Endpoints, Transport, TransportHandlers } from '../transport/contract';
import { Attempt, type AttemptHandlers, type NewAttempt } from './attempt';
import {
  type Accepted,
  type Closing,
  type ConnectionEvents,
  type ConnectionSettings,
  type Destination,
  PATIENT,
} from './contract';
import { Heartbeat, type HeartbeatHandlers } from './heartbeat';
import { HOLD, Reading } from './reading';
import { follow, type State, type Step } from './state';
import { wayMade } from './way-made';

/** Seconds: what is in the kernel's buffers is read at once. */
const LAST_LOOK = 0.01;

/** The peer's; `bytes` are those of a reason that was not validated. */
interface CloseFrame {
  readonly code: number;
  readonly reason: string;
  readonly bytes?: Bytes | undefined;
}

/** What has come to pass of a connection's end. */
interface End {
  /** The transport is gone, but a pause holds back what it had delivered; or it only reads what is left. */
  lost: { readonly error: Error | undefined; readonly isRead: boolean } | undefined;
  isEndWanted: boolean;
  // Who has sent a close frame: facts rather than one state (RFC 6455 §7.1.3, §7.1.4). What was sent may wait, and never leave.
  closeSent: boolean;
  /** The status of ours; undefined: it has none, or did not go first. */
  closeStatus: number | undefined;
  closeLeft: boolean;
  closeReceived: CloseFrame | undefined;
  error: WsimdError | undefined;
}

const NOT_BEGUN: Closing = { ...PATIENT, closeTimeout: 0, lingerTimeout: 0 };

function noEnd(): End {
  return {
    lost: undefined,
    isEndWanted: false,
    closeSent: false,
    closeStatus: undefined,
    closeLeft: false,
    closeReceived: undefined,
    error: undefined,
  };
}

/** Shared by all that are not ending, which most are most of the time. */
const NO_END: Readonly<End> = noEnd();

export class Connection implements AttemptHandlers, TransportHandlers, DecoderHandlers, OutboxOwner, HeartbeatHandlers {
  /** Messages are handed to it directly, while the connection is open. */
  readonly sender = new Sender(this);
  /** Bytes that came from the peer, the handshake's included. */
  bytesRead = 0;
  /**
   * The async context of whoever asked for it, in which its owner is told everything, whoever causes it. What the transport and
   * timers of an attempt tell comes in it; what may come in another one (`fail`, `finish`, `onDrained`, `resume`) enters it.
   */
  context: Context = ANY_CONTEXT;
  /** Until it is open; what is needed later is taken out, for there may be thousands of idle connections. */
  private attempt: Attempt | undefined;
  private requestBytes = 0;
  private closing = NOT_BEGUN;
  private currentState: State = 'initial';
  /** An open connection has these, to its end. */
  private transport: Transport | undefined;
  private decoder: FrameDecoder | undefined;
  /** Undefined: nobody asked for one. */
  private heartbeat: Heartbeat | undefined;
  private heartbeatTimes: readonly [every: number, timeout: number] | undefined;
  /** The one deadline of the current state. */
  private deadline: Deadline | undefined;
  private readonly reading = new Reading();
  /** Whether the process stays alive for it. */
  private isRef = true;
  /** What has come to pass of its end. */
  private end = NO_END;
  /** Whether messages, pings and pongs are told: mostly not behind our close frame, and never behind `onClose`. */
  hears = true;

  constructor(private readonly events: ConnectionEvents) {}

  /** The same to be changed: its own. */
  private get ending(): End {
    if (this.end === NO_END) this.end = noEnd();
    return this.end;
  }

  get state(): State {
    return this.currentState;
  }

  /** Bytes received that no handler has seen: of a message that is not whole, or behind a pause. */
  get unreadBytes(): number {
    return this.decoder?.unreadBytes ?? 0;
  }

  /** Bytes that were accepted and were lost with the connection. */
  unsentBytes = 0;

  /** Bytes that the runtime has taken over for the peer, the handshake's included. */
  get bytesWritten(): number {
    return this.sender.bytesWritten + (this.attempt?.bytesWritten ?? this.requestBytes);
  }

  /** Addresses, from `onConnect` to the end. */
  get endpoints(): Endpoints {
    return (this.transport ?? this.attempt?.transport)?.endpoints ?? {};
  }

  /** Whether binary messages are told to `onFragments` from now on, while the connection is open. */
  set tellsFragments(isWanted: boolean) {
    if (this.decoder !== undefined) this.decoder.tellsFragments = isWanted;
  }

  /** What text messages are told as from now on, while the connection is open. */
  set textAs(kind: 'string' | 'bytes') {
    if (this.decoder !== undefined) this.decoder.textAs = kind;
  }

  /** Whether `onMessageStart` is asked from now on, while the connection is open: as FrameDecoder's. */
  askStarts(Streams: typeof StreamedMessages | undefined): void {
    this.decoder?.askStarts(Streams);
  }

  /** The runtime's own object behind the pipe, where there is one, while the connection is open and to its end. */
  get socket(): unknown {
    return this.transport?.socket;
  }

  /** It belongs to whoever calls this, though it may be dialled later; else it is theirs who dial it. */
  belongHere(): void {
    this.context = presentContext();
  }

  /**
   * Begins. Throws a TypeError if the destination is known and makes no valid request; everything later comes as an event.
   */
  dial(
    settings: ConnectionSettings,
    destination: Destination | Promise<Destination>,
    newAttempt: NewAttempt = (...of) => new Attempt(...of),
  ): void {
    this.attempt = newAttempt(settings, destination, this, this.isRef);
    if (this.context === ANY_CONTEXT) this.belongHere();
    this.closing = settings.closing;
    this.step('dial');
    this.attempt.begin();
  }

  /** Begins with a byte pipe whose handshake is done; `rest` is what came behind it. */
  openOver(
    connect: (handlers: TransportHandlers) => Transport,
    settings: ConnectionSettings,
    accepted: Accepted,
    rest: Uint8Array,
  ): void {
    this.belongHere();
    this.closing = settings.closing;
    this.step('dial');
    this.step('connected');
    this.bytesRead = rest.length;
    try {
      requireCore();
      this.transport = connect(this);
    } catch (error) {
      const fault =
        error instanceof WsimdError ? error : new WsimdError(CONNECTION_FAULTS.connect, messageOf(error), error);
      queueSoon(() => this.fail(fault));
      return;
    }
    this.open(settings, this.transport, accepted, rest, 0, rest.length);
  }

  // What the attempt tells.

  onDialed(): void {
    this.step('connected');
    this.events.onConnect();
  }

  onRedirected(): void {
    this.step('redirected');
  }

  onAccepted(accepted: Accepted, transport: Transport, bytes: Uint8Array, start: number, end: number): void {
    // It was given up while its attempt ended.
    if (this.attempt === undefined || this.currentState !== 'handshaking') return;
    this.requestBytes = this.attempt.bytesWritten;
    this.open(this.attempt.settings, transport, accepted, bytes, start, end);
  }

  onFailed(error: WsimdError): void {
    this.fail(error);
  }

  private open(
    settings: ConnectionSettings,
    transport: Transport,
    accepted: Accepted,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.transport = transport;
    if (!this.isRef) transport.ref?.(false);
    const { agreement } = accepted;
    try {
      this.decoder = new FrameDecoder(settings.decoding, this, agreement?.inflate);
    } catch (error) {
      this.fail(error as WsimdError);
      return;
    }
    const held = this.attempt?.heldRequest;
    this.attempt = undefined;
    this.step('accepted');
    if (this.isPaused) this.decoder.pause();
    this.reading.begin(transport);
    this.sender.open(transport, agreement?.deflate, this.events.onUnsent !== undefined, held);
    this.setHeartbeat(this.heartbeatTimes);
    this.events.onOpen(accepted);
    if (this.end.isEndWanted) this.endStream();
    // Nothing behind the head is nothing that a pause holds back.
    if (start < end) this.decoder.feed(bytes, start, end);
  }

  // Receiving: what the transport tells.

  onConnect(): void {
    this.attempt?.onConnect();
  }

  readTarget(): Uint8Array {
    return this.decoder === undefined ? core.window : this.decoder.target();
  }

  onRead(bytes: Uint8Array, length: number): void {
    this.bytesRead += length;
    try {
      if (length < bytes.length) this.reading.stopped();
      else this.reading.goesOn();
      if (this.decoder !== undefined) this.decoder.feed(bytes, 0, length);
      else this.attempt?.onRead(bytes, length);
    } catch (error) {
      this.onBroken(error);
    }
    flushAll();
  }

  /** A write that the transport held has ended. */
  onWritten(): void {
    if (this.attempt !== undefined) this.attempt.onWritten();
    else this.sender.onWritten();
  }

  /** Nothing leaves any more, and nothing more is accepted; what the peer had sent is read to its end, and then all is told. */
  onUnwritable(): void {
    if (this.currentState !== 'open') return;
    this.heartbeat?.stop();
    this.ending.lost = { error: undefined, isRead: false };
    this.step('close');
  }

  /** What was accepted cannot be sent: the pipe is broken, whatever it says itself. */
  onBroken(cause: unknown): void {
    this.fail(new WsimdError(CONNECTION_FAULTS.reset, messageOf(cause), cause));
  }

  /** Nothing waits any more. */
  onDrained(): void {
    this.reading.release(HOLD.pongsWait);
    if (this.currentState === 'open') this.context.runInAsyncScope(this.events.onDrained, this.events);
    else if (this.currentState === 'ending') this.sendFinBehindAll();
  }

  onEnd(): void {
    try {
      this.peerEnded();
    } catch (error) {
      this.onBroken(error);
    }
  }

  private peerEnded(): void {
    if (this.attempt !== undefined) {
      this.attempt.onEnd();
      return;
    }
    if (this.currentState === 'ending') return;
    if (this.end.closeReceived === undefined && this.decoder!.hasUnread) {
      this.transport!.close('now');
      return;
    }
    // Without a close frame the connection is over (RFC 6455 §7.1.5). What was sent has lingerTimeout to leave.
    if (this.end.closeReceived === undefined) this.ending.error ??= new WsimdError(CONNECTION_FAULTS.ended);
    this.heartbeat?.stop();
    this.endTcp(this.closing.lingerTimeout);
  }

  onClose(error?: Error): void {
    if (this.attempt !== undefined) {
      this.attempt.onClose(error);
      return;
    }
    switch (this.currentState) {
      case 'open':
      case 'closing':
        this.ending.lost = { error, isRead: true };
        this.reading.end();
        this.heartbeat?.stop();
        this.stopSending();
        this.step('close');
        this.settle();
        return;
      default:
        this.finish();
    }
  }

  // Receiving: what the decoder tells.

  onMessage(data: string | Bytes, isBinary: boolean): void {
    // "there is no guarantee that the endpoint that has already sent a Close frame will continue to process data" (§5.5.1):
    // from then on we look for the peer's close frame only, and answer no pings. A pong that meets a closed socket would
    // come back as a reset and might cost us that frame.
    if (this.hears) this.events.onMessage(data, isBinary);
  }

  onFragments(fragments: Bytes[]): void {
    if (this.hears) this.events.onFragments?.(fragments);
  }

  onMessageStart(isBinary: boolean): PieceReceiver | undefined {
    return this.hears ? this.events.onMessageStart?.(isBinary) : undefined;
  }

  onPing(payload: Bytes): void {
    if (this.hears) this.events.onPing(payload);
  }

  onPong(payload: Bytes): void {
    const roundTrip = this.heartbeat?.pong(payload);
    if (this.hears) this.events.onPong(payload, roundTrip);
  }

  onCloseFrame(code: number, reason: string, bytes?: Bytes): void {
    this.ending.closeReceived = { code, reason, bytes };
    this.heartbeat?.stop();
    this.step('close');
    this.reading.release(HOLD.pongsWait);
    this.events.onCloseFrame(code, reason);
    if (this.state === 'closed' || this.end.lost !== undefined) return;
    // FIN has gone, or follows what waits: no answer has room behind it.
    if (this.state === 'ending') return;
    // "the endpoint MUST send a Close frame in response [...] typically echos the status code it received" (§5.5.1).
    const { echoesReason, endsFirst } = this.closing;
    if (!this.end.closeSent)
      this.sendClose(code === 1005 ? closeBody() : closeBody(code, echoesReason ? (bytes ?? reason) : ''));
    // "The client SHOULD wait for the server to close the connection but MAY close the connection at any time" (§5.5.1).
    if (endsFirst) this.endTcp(this.closing.lingerTimeout);
    else this.setDeadline(this.closing.lingerTimeout, () => this.endTcp(this.closing.lingerTimeout));
  }

  onBehind(isBehind: boolean): void {
    if (isBehind) this.reading.hold(HOLD.behind);
    else this.reading.release(HOLD.behind);
    if (!isBehind && this.end.lost !== undefined) this.settle();
  }

  onFault(error: WsimdError): void {
    this.fail(error);
  }

  onException(error: unknown): void {
    // What the owner could not make of a message is no fault of whoever would have been told.
    if (error instanceof WsimdError && error.fault === CONNECTION_FAULTS.messageUnheld) this.fail(error);
    else this.events.onException(error);
  }

  // Sending.

  /** Resolves when the runtime has taken all that was sent so far; rejects if the connection is gone first. */
  whenSent(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.sender.whenWritten((isWritten) => {
        if (isWritten) resolve();
        else this.rejectUnsent(reject);
      });
    });
  }

  /**
   * One message in fragments as its source gives it, behind what is not ready; it has to be open. Resolves when the runtime has
   * taken all of it. Rejects with what is wrong with the source, which ends the connection if a part of the message was sent, or if
   * the connection is gone first.
   */
  sendStream(stream: OutgoingStream): Promise<void> {
    return new Promise((resolve, reject) => {
      this.sender.stream(stream, resolve, (cause) => {
        if (cause === undefined) {
          this.rejectUnsent(reject);
          return;
        }
        reject(cause);
        if (stream.hasBegun) this.fail(new WsimdError(CONNECTION_FAULTS.sourceFailed, messageOf(cause), cause));
      });
    });
  }

  private rejectUnsent(reject: (error: WsimdError) => void): void {
    // Why it ended is known behind this call.
    queueSoon(() => reject(new WsimdError(CONNECTION_FAULTS.notSent, this.end.error?.message, this.end.error)));
  }

  ping(payload: Uint8Array): void {
    if (this.currentState === 'open') this.sender.ping(payload);
  }

  /** A pong; behind a stalled peer only the latest is kept (RFC 6455 §5.5.3). */
  pong(payload: Uint8Array): void {
    if (this.currentState !== 'open' || !this.pongBy(payload)) return;
    // It pings on and reads nothing. Its own buffers fill up instead of ours: it goes on when it reads.
    this.reading.hold(HOLD.pongsWait);
  }

  /** Begins the closing handshake (RFC 6455 §7.1.2); an attempt that is not open yet is given up. */
  close(body: Uint8Array): void {
    if (this.currentState === 'open') {
      this.step('close');
      this.heartbeat?.stop();
      this.sender.whenReady(() => this.sendClose(body));
      if (!this.closing.waitsInPause) this.resume();
      this.reading.release(HOLD.pongsWait);
      if (!this.end.closeLeft) this.awaitProgress(this.closing.closeTimeout, () => this.closeLate());
    } else if (this.end.lost !== undefined) {
      this.decoder!.stop();
      this.ending.lost = { ...this.end.lost, isRead: true };
      this.settle();
    } else if (this.attempt !== undefined) {
      this.finish();
    }
  }

  /** Flushes what was sent, then ends TCP, without a close frame; an attempt goes on until that can be done. */
  endStream(): void {
    if (this.attempt !== undefined) this.ending.isEndWanted = true;
    if (this.currentState !== 'open') return;
    this.heartbeat?.stop();
    this.resume();
    this.reading.release(HOLD.pongsWait);
    this.endTcp(this.closing.closeTimeout);
  }

  /** Ends now; what is unsent is dropped. */
  destroy(): void {
    if (this.currentState !== 'initial') this.finish();
  }

  // Flow and life.

  /** Stops delivery at once, and reading from the transport; a closing handshake is not held up. */
  pause(): void {
    const isClosing = this.currentState === 'closing' || this.currentState === 'ending';
    if (isClosing && this.end.lost === undefined && !this.closing.waitsInPause) return;
    this.decoder?.pause();
    this.reading.hold(HOLD.paused);
  }

  resume(): void {
    if (this.isPaused) this.context.runInAsyncScope(this.goOn, this, HOLD.paused);
  }

  /** As `pause` and `resume`, for whoever takes a message in pieces, whatever the user's own pause. In no state is it let go. */
  holdPieces(isHeld: boolean): void {
    if (isHeld) {
      this.decoder?.pause();
      this.reading.hold(HOLD.pieceWaits);
    } else if (this.currentState !== 'closed') this.context.runInAsyncScope(this.goOn, this, HOLD.pieceWaits);
  }

  private goOn(hold: typeof HOLD.paused | typeof HOLD.pieceWaits): void {
    const other = hold === HOLD.paused ? HOLD.pieceWaits : HOLD.paused;
    // In front of the reading: what the decoder still has may hold that.
    if (!this.reading.isHeldBy(other)) this.decoder?.resume();
    this.reading.release(hold);
    // Behind what the decoder now delivers.
    if (this.end.lost !== undefined) queueSoon(() => this.settle());
  }

  /** Whether the process stays alive for it, from now on: it does until it is told otherwise. */
  ref(isWanted: boolean): void {
    this.isRef = isWanted;
    this.attempt?.ref(isWanted);
    this.transport?.ref?.(isWanted);
    this.deadline?.ref(isWanted);
  }

  /** Pings every so many seconds and expects a pong in time, while open; undefined ends it. */
  setHeartbeat(times: readonly [every: number, timeout: number] | undefined): void {
    this.heartbeatTimes = times;
    this.heartbeat?.stop();
    if (times === undefined || this.currentState !== 'open') return;
    this.heartbeat ??= new Heartbeat(this);
    this.heartbeat.start(...times);
  }

  // What the heartbeat asks and tells.

  onPingDue(payload: Uint8Array): boolean {
    // Nobody would read the pong. And a ping that meets a peer which is gone would cost what it had sent before.
    if (this.isHeldUp || this.currentState !== 'open') return false;
    try {
      this.events.onPinged?.();
      this.sender.ping(payload);
      if (this.sender.isStalled) {
        this.sender.whenFramesWritten((isWritten) => isWritten && this.heartbeat?.left(payload));
      }
    } catch (error) {
      // A timer has nobody to throw to.
      this.onBroken(error);
    }
    return true;
  }

  signsOfLife(): number {
    return this.bytesRead + this.sender.bytesMadeWay;
  }

  accepted(): number {
    return this.sender.bytesWritten + this.sender.size;
  }

  acknowledged(): number | undefined {
    const unacknowledged = this.transport?.unacknowledged;
    return unacknowledged === undefined ? undefined : this.sender.bytesWritten - unacknowledged;
  }

  onDead(): void {
    // A pong may be among what is unread yet: then it is not the peer that is silent.
    if (!this.isHeldUp && !this.isReadingLate && !this.reading.isHeldBy(HOLD.pongsWait)) {
      this.fail(new WsimdError(CONNECTION_FAULTS.deadPeer, secondsOf(this.heartbeatTimes![1])));
      return;
    }
    this.reading.release(HOLD.pongsWait);
    this.setHeartbeat(this.heartbeatTimes);
  }

  private get isPaused(): boolean {
    return this.reading.isHeldBy(HOLD.paused);
  }

  /** Whether it is, or whoever takes a message in pieces is not ready for more. */
  private get isHeldUp(): boolean {
    return this.isPaused || this.reading.isHeldBy(HOLD.pieceWaits);
  }

  /** Whether there is something to read that waits for its turn of the event loop. */
  private get isReadingLate(): boolean {
    return this.reading.isHeldBy(HOLD.behind) || this.reading.isHeldBy(HOLD.turnIsOver);
  }

  /** Whether the peer reads none of them. An error is not thrown: mostly it was the peer that asked for the pong. */
  private pongBy(payload: Uint8Array): boolean {
    try {
      return this.sender.pong(payload);
    } catch (error) {
      this.onBroken(error);
      return false;
    }
  }

  /** The last frame. An error ends the connection and is not thrown: the caller may be anybody. */
  private sendClose(body: Uint8Array): void {
    this.ending.closeSent = true;
    if (this.end.closeReceived === undefined && body.length > 0) this.ending.closeStatus = (body[0]! << 8) | body[1]!;
    this.hears = this.closing.hearsOn;
    try {
      this.sender.close(body);
      this.sender.whenFramesWritten((isWritten) => isWritten && this.closeWritten());
    } catch (error) {
      this.onBroken(error);
    }
    const { events } = this;
    if (!this.hears && events.onDeaf !== undefined) this.context.runInAsyncScope(events.onDeaf, events, this.end.error);
  }

  /** Our close frame has left. Whoever began the handshake expects an answer from now on, once the peer can have it. */
  private closeWritten(): void {
    this.ending.closeLeft = true;
    if (this.currentState !== 'closing' || this.end.closeReceived !== undefined) return;
    try {
      // The kernel has it, behind all that it still has of ours.
      this.setDeadline(this.closing.closeTimeout, () => this.closeLate(), wayMade(this));
    } catch (error) {
      // It is told in the midst of a write.
      this.onBroken(error);
    }
  }

  /** closeTimeout is over. What was held back gets a last look: the answer may be among it. */
  private closeLate(isLast = false): void {
    if (!isLast && (this.isPaused || this.isReadingLate)) {
      this.resume();
      this.setDeadline(LAST_LOOK, () => this.closeLate(true));
      return;
    }
    this.ending.error ??= new WsimdError(CONNECTION_FAULTS.closeTimeout, secondsOf(this.closing.closeTimeout));
    this.finish();
  }

  /**
   * _Fail the WebSocket Connection_ (RFC 6455 §7.1.7): an endpoint then "SHOULD send a Close frame with an appropriate status
   * code", if there is one, and "MUST NOT continue to attempt to process data (including a responding Close frame)".
   */
  private fail(error: WsimdError): void {
    if (this.currentState === 'closed' || this.end.error !== undefined) return;
    this.ending.error = error;
    this.decoder?.stop();
    // What is unread is of no interest any more, but the peer's FIN is.
    this.reading.release(HOLD.behind);
    this.heartbeat?.stop();
    const isAnswered = error.status !== undefined && this.decoder !== undefined && this.end.lost === undefined;
    if (isAnswered) {
      guarded(() => {
        if (!this.end.closeSent) this.sendClose(closeBody(error.status));
        this.endTcp(this.closing.lingerTimeout);
      });
    }
    this.context.runInAsyncScope(this.events.onError, this.events, error);
    if (!isAnswered) this.finish();
  }

  /** No frame follows: flush, FIN ("cleanly closes the TCP connection", RFC 6455 §7.1.1), and a while for the peer's. */
  private endTcp(flushTimeout: number): void {
    if (!this.step('end')) return;
    this.awaitProgress(flushTimeout, () => this.finish());
    this.sender.whenReady(() => this.sendFinBehindAll());
  }

  /** Or when all has left: a pong may have been waiting for that, too. */
  private sendFinBehindAll(): void {
    this.sender.flush();
    if (this.sender.size === 0) this.sendFin();
  }

  private sendFin(): void {
    this.setDeadline(this.closing.lingerTimeout, () => this.finish());
    this.transport!.close('flush');
  }

  /** The transport is gone: the end, unless a pause holds back what it had delivered. */
  private settle(): void {
    if (this.currentState === 'closed' || !this.end.lost!.isRead || this.decoder!.hasUnread) return;
    if (this.end.closeReceived === undefined) {
      const { error } = this.end.lost!;
      this.ending.error ??=
        error instanceof WsimdError ? error : new WsimdError(CONNECTION_FAULTS.ended, undefined, error);
    }
    this.finish();
  }

  private stopSending(): void {
    this.unsentBytes += this.sender.size;
    if (this.events.onUnsent !== undefined) guarded(() => this.events.onUnsent!(this.sender.takeUnsent()));
    this.sender.stop();
  }

  /** The end, whatever the cause. */
  private finish(): void {
    // What is given back half would be lost: where the stack is at its end, nothing has changed.
    requireStack();
    if (!this.step('gone')) return;
    this.hears = false;
    // Each by itself: the end is told, whatever is wrong with it.
    guarded(() => this.clearDeadline());
    guarded(() => this.heartbeat?.stop());
    guarded(() => this.decoder?.stop());
    guarded(() => this.attempt?.giveUp());
    // Before what it may hold is given back.
    guarded(() => this.transport?.close('now'));
    guarded(() => this.stopSending());
    const { closeReceived, closeLeft, closeStatus, error } = this.end;
    const { code, reason, bytes } = closeReceived ?? { code: 1006, reason: '' };
    const wasClean = closeLeft && closeReceived !== undefined && error === undefined;
    const isConfirmed = wasClean && code === closeStatus;
    const end = { code, reason, wasClean, isConfirmed, error, ...(bytes && { reasonBytes: bytes }) };
    this.context.runInAsyncScope(this.events.onClose, this.events, end);
  }

  /** False: it cannot happen in this state. */
  private step(step: Step): boolean {
    const next = follow(this.currentState, step);
    if (next === undefined) return false;
    this.currentState = next;
    return true;
  }

  private clearDeadline(): void {
    this.deadline?.cancel();
    this.deadline = undefined;
  }

  private setDeadline(seconds: number, action: () => void, progress?: () => number): void {
    this.deadline?.cancel();
    // What was called before this may have ended the connection.
    if (this.currentState === 'closed') return;
    this.deadline = new Deadline(seconds, action, progress, !this.isRef);
    this.deadline.begin();
  }

  /** A deadline for what has to leave first: it is over when nothing has left for so long. */
  private awaitProgress(seconds: number, action: () => void): void {
    this.setDeadline(seconds, action, () => this.sender.bytesWritten);
  }
}
