// One connection from dial to closed: the only place where transport, handshake, codec, outbox and heartbeat meet. It owns
// the closing rules of RFC 6455 §7 and every deadline, and tells its owner through events. It does not know the faces that
// use it, and it never reconnects: its owner makes a new one.

import { connect } from '#transport';
import { FIN_BIT, type OP_BINARY, OP_CLOSE, OP_PING, type OP_TEXT } from '../assembly/layout';
import type { Bytes } from './binary';
import { closeBody } from './close-body';
import { Decoder } from './codec/decoder';
import type { DecoderHandlers } from './codec/event-reader';
import { window } from './codec/memory';
import type { ConnectionEvents, ConnectionSettings } from './connection-events';
import { CONNECTION_FAULTS, WsimdError } from './faults';
import { flushAll } from './flush-queue';
import { createKey } from './handshake/key';
import { HandshakeReader } from './handshake/reader';
import { requestHead } from './handshake/request';
import type { HandshakeResponse } from './handshake/response-parser';
import { Heartbeat } from './heartbeat';
import { Outbox } from './outbox';
import { follow, type State, type Step } from './state';
import type { Transport, TransportHandlers } from './transport';

const NOTHING: readonly Uint8Array[] = [];

export class Connection implements TransportHandlers, DecoderHandlers {
  /** While it is dialled; what is needed later is taken out, for there may be thousands of idle connections. */
  private settings: ConnectionSettings | undefined;
  private closeTimeout = 0;
  private lingerTimeout = 0;
  private currentState: State = 'initial';
  private transport: Transport | undefined;
  private handshake: HandshakeReader | undefined;
  private decoder: Decoder | undefined;
  private readonly outbox = new Outbox(() => this.relieve());
  /** Of those connections only that have one. */
  private heartbeat: Heartbeat | undefined;
  private heartbeatTimes: readonly [every: number, timeout: number] | undefined;
  /** When connectTimeout is over, by performance.now(). */
  private connectBy = 0;
  /** The one deadline of the current state. */
  private deadline: ReturnType<typeof setTimeout> | undefined;
  private isPaused = false;
  /** The peer pings without reading the pongs: it is not read either. */
  private isHeldBack = false;
  /** The transport is gone, but a pause holds back what it had delivered. */
  private lost: { readonly error: Error | undefined } | undefined;
  private gathered = NOTHING;
  // Who has sent a close frame: two facts rather than one state (RFC 6455 §7.1.3, §7.1.4).
  private closeSent = false;
  private closeReceived: { readonly code: number; readonly reason: string } | undefined;
  private error: WsimdError | undefined;

  constructor(private readonly events: ConnectionEvents) {}

  get state(): State {
    return this.currentState;
  }

  /** Bytes accepted and not yet taken over by the runtime. */
  get unsentBytes(): number {
    return this.outbox.size;
  }

  /** Whether what is sent now has to wait: for the handshake, or behind a peer that reads slowly. */
  get isStalled(): boolean {
    return this.outbox.isStalled;
  }

  /** Begins. Throws a TypeError if the settings make no valid request; everything later comes as an event. */
  dial(settings: ConnectionSettings): void {
    const key = createKey();
    const head = requestHead({ ...settings.request, key });
    this.settings = settings;
    this.closeTimeout = settings.closeTimeout;
    this.lingerTimeout = settings.lingerTimeout;
    this.handshake = new HandshakeReader(head, { key, protocols: settings.request.protocols });
    this.step('dial');
    this.connectBy = performance.now() + settings.connectTimeout * 1000;
    this.setDeadline(settings.connectTimeout, () => this.fail(new WsimdError(CONNECTION_FAULTS.connectTimeout)));
    try {
      this.transport = connect(settings.target, this);
    } catch (error) {
      // Options that the runtime refuses. The caller of `dial` gets it like any other failure, after this call.
      queueMicrotask(() => this.onClose(error as Error));
    }
  }

  // Receiving: what the transport tells.

  onConnect(): void {
    if (!this.step('connected')) return;
    this.events.onConnect();
    if (this.currentState === 'handshaking') this.transport!.write(this.handshake!.request);
  }

  readTarget(): Uint8Array {
    return this.decoder === undefined ? window : this.decoder.target();
  }

  onRead(bytes: Uint8Array, length: number): void {
    if (this.decoder !== undefined) this.decoder.feed(bytes, 0, length);
    else if (this.currentState === 'handshaking') this.readHandshake(bytes, length);
    flushAll();
  }

  onDrain(): void {
    this.outbox.drained();
  }

  onEnd(): void {
    if (this.decoder === undefined || (this.closeReceived === undefined && this.decoder.hasUnread)) {
      this.transport!.close('now');
      return;
    }
    // Without a close frame the connection is over (RFC 6455 §7.1.5). What was sent has lingerTimeout to leave.
    if (this.closeReceived === undefined) this.error ??= new WsimdError(CONNECTION_FAULTS.ended);
    this.heartbeat?.stop();
    this.end();
  }

  onClose(error?: Error): void {
    switch (this.currentState) {
      case 'dialing':
        this.fail(
          error instanceof WsimdError ? error : new WsimdError(CONNECTION_FAULTS.connect, error?.message, error),
        );
        return;
      case 'handshaking':
        this.fail(this.handshake!.ended(error));
        return;
      case 'open':
      case 'closing':
        this.lost = { error };
        this.heartbeat?.stop();
        this.outbox.close();
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
    if (!this.closeSent) this.events.onMessage(data, isBinary);
  }

  onPing(payload: Bytes): void {
    if (!this.closeSent) this.events.onPing(payload);
  }

  onPong(payload: Bytes): void {
    const roundTrip = this.heartbeat?.pong(payload);
    if (!this.closeSent) this.events.onPong(payload, roundTrip);
  }

  onCloseFrame(code: number, reason: string): void {
    this.closeReceived = { code, reason };
    this.heartbeat?.stop();
    this.step('close');
    this.readOn();
    this.events.onCloseFrame(code, reason);
    if (this.state === 'closed' || this.lost !== undefined) return;
    // "the endpoint MUST send a Close frame in response [...] typically echos the status code it received" (§5.5.1).
    if (!this.closeSent) this.sendClose(closeBody(code === 1005 ? undefined : code));
    // "The client SHOULD wait for the server to close the connection but MAY close the connection at any time" (§5.5.1).
    this.setDeadline(this.lingerTimeout, () => this.end());
  }

  onFault(error: WsimdError): void {
    this.fail(error);
  }

  onException(error: unknown): void {
    this.events.onException(error);
  }

  // Sending.

  /** Sends a message in one frame; before the handshake is done it is kept until then. */
  send(data: string | Uint8Array, opcode: typeof OP_TEXT | typeof OP_BINARY): void {
    if (typeof data === 'string') this.outbox.text(data, opcode | FIN_BIT);
    else this.outbox.bytes(data, opcode | FIN_BIT);
  }

  ping(payload: Uint8Array): void {
    if (this.currentState === 'open') this.outbox.bytes(payload, OP_PING | FIN_BIT);
  }

  /** A pong; behind a stalled peer only the latest is kept (RFC 6455 §5.5.3). */
  pong(payload: Uint8Array): void {
    if (this.currentState !== 'open' || !this.outbox.pong(payload) || this.isHeldBack) return;
    // It pings on and reads nothing. Its own buffers fill up instead of ours: it goes on when it reads.
    this.isHeldBack = true;
    this.read();
  }

  /** Begins the closing handshake (RFC 6455 §7.1.2); an attempt that is not open yet is given up. */
  close(body: Uint8Array): void {
    if (this.currentState === 'open') {
      this.step('close');
      this.heartbeat?.stop();
      this.sendGathered();
      this.sendClose(body);
      this.resume();
      this.readOn();
      this.setDeadline(this.closeTimeout, () => {
        this.error ??= new WsimdError(CONNECTION_FAULTS.closeTimeout);
        this.finish();
      });
    } else if (this.lost !== undefined) {
      this.decoder!.stop();
      this.settle();
    } else if (this.currentState === 'dialing' || this.currentState === 'handshaking') {
      this.finish();
    }
  }

  /** Ends now; what is unsent is dropped. */
  destroy(): void {
    if (this.currentState !== 'initial') this.finish();
  }

  // Flow and life.

  /** Stops delivery at once, and reading from the transport; a closing handshake is not held up. */
  pause(): void {
    if (this.closeSent) return;
    this.isPaused = true;
    this.decoder?.pause();
    this.read();
  }

  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.decoder?.resume();
    this.read();
    // Behind what the decoder now delivers.
    if (this.lost !== undefined) queueMicrotask(() => this.settle());
  }

  /** Pings every so many seconds and expects a pong in time, while open; undefined ends it. */
  setHeartbeat(times: readonly [every: number, timeout: number] | undefined): void {
    this.heartbeatTimes = times;
    this.heartbeat?.stop();
    if (times === undefined || this.currentState !== 'open') return;
    this.heartbeat ??= new Heartbeat({
      onPingDue: (payload) => this.ping(payload),
      onDead: () => this.presumeDead(),
    });
    this.heartbeat.start(...times);
  }

  private readHandshake(bytes: Uint8Array, length: number): void {
    const handshake = this.handshake!;
    const verdict = handshake.read(bytes, length);
    if (verdict === 'more') return;
    if (verdict === 'body') {
      // A refusal is told with the beginning of its body, but not kept waiting for it, and within connectTimeout as all else.
      const left = Math.max(0, this.connectBy - performance.now()) / 1000;
      this.setDeadline(Math.min(this.lingerTimeout, left), () => this.fail(handshake.ended()));
      return;
    }
    if (verdict instanceof WsimdError) {
      this.fail(verdict);
      return;
    }
    this.open(verdict, bytes, handshake.taken, length);
  }

  /** 101: frames may have come in the same chunk, and messages may wait to be sent. */
  private open(response: HandshakeResponse, bytes: Uint8Array, start: number, end: number): void {
    try {
      const { maxMessage, sizeOption, maxFragments, isBinaryLent } = this.settings!;
      this.decoder = new Decoder({ role: 'client', maxMessage, sizeOption, maxFragments, isBinaryLent }, this);
    } catch (error) {
      this.fail(error as WsimdError);
      return;
    }
    this.step('accepted');
    this.handshake = undefined;
    this.settings = undefined;
    this.clearDeadline();
    if (this.isPaused) this.pause();
    this.gathered = this.outbox.open(this.transport!);
    this.setHeartbeat(this.heartbeatTimes);
    this.events.onOpen(response);
    this.sendGathered();
    this.decoder.feed(bytes, start, end);
  }

  /** What was sent before the handshake was done follows what `onOpen` sends, but not a close frame. */
  private sendGathered(): void {
    this.outbox.append(this.gathered);
    this.gathered = NOTHING;
  }

  /** Nothing is held back any more. */
  private readOn(): void {
    if (!this.isHeldBack) return;
    this.isHeldBack = false;
    this.read();
  }

  /** Nothing waits any more. */
  private relieve(): void {
    this.readOn();
    if (this.currentState === 'open') this.events.onDrain();
    else if (this.currentState === 'ending') this.transport!.close('flush');
  }

  /** Tells the transport whether to read; before the handshake is done it always does. */
  private read(): void {
    if (this.decoder !== undefined && this.lost === undefined) this.transport!.read(!this.isPaused && !this.isHeldBack);
  }

  private sendClose(body: Uint8Array): void {
    this.closeSent = true;
    this.outbox.last(body, OP_CLOSE | FIN_BIT);
  }

  private presumeDead(): void {
    // A pong may be among what a pause left unread: then it is not the peer that is silent.
    if (this.isPaused) this.setHeartbeat(this.heartbeatTimes);
    else this.fail(new WsimdError(CONNECTION_FAULTS.deadPeer));
  }

  /**
   * _Fail the WebSocket Connection_ (RFC 6455 §7.1.7): an endpoint then "SHOULD send a Close frame with an appropriate status
   * code", if there is one, and "MUST NOT continue to attempt to process data (including a responding Close frame)".
   */
  private fail(error: WsimdError): void {
    if (this.currentState === 'closed' || this.error !== undefined) return;
    this.error = error;
    this.decoder?.stop();
    this.heartbeat?.stop();
    const isAnswered = error.status !== undefined && this.decoder !== undefined && this.lost === undefined;
    if (isAnswered) {
      if (!this.closeSent) this.sendClose(closeBody(error.status));
      this.end();
    }
    this.events.onError(error);
    if (!isAnswered) this.finish();
  }

  /** No frame follows: flush, FIN ("cleanly closes the TCP connection", RFC 6455 §7.1.1), and a while for the peer's. */
  private end(): void {
    if (!this.step('end')) return;
    this.outbox.flush();
    if (this.outbox.size === 0) this.transport!.close('flush');
    this.setDeadline(this.lingerTimeout, () => this.finish());
  }

  /** The transport is gone: the end, unless a pause holds back what it had delivered. */
  private settle(): void {
    if (this.currentState === 'closed' || this.decoder!.hasUnread) return;
    if (this.closeReceived === undefined) {
      const { error } = this.lost!;
      this.error ??= error instanceof WsimdError ? error : new WsimdError(CONNECTION_FAULTS.ended, undefined, error);
    }
    this.finish();
  }

  /** The end, whatever the cause. */
  private finish(): void {
    if (!this.step('gone')) return;
    this.clearDeadline();
    this.heartbeat?.stop();
    this.decoder?.stop();
    this.outbox.close();
    this.gathered = NOTHING;
    this.transport?.close('now');
    const { code, reason } = this.closeReceived ?? { code: 1006, reason: '' };
    const wasClean = this.closeSent && this.closeReceived !== undefined && this.error === undefined;
    this.events.onClose({ code, reason, wasClean, error: this.error });
  }

  /** False: it cannot happen in this state. */
  private step(step: Step): boolean {
    const next = follow(this.currentState, step);
    if (next === undefined) return false;
    this.currentState = next;
    return true;
  }

  private clearDeadline(): void {
    clearTimeout(this.deadline);
    this.deadline = undefined;
  }

  private setDeadline(seconds: number, action: () => void): void {
    clearTimeout(this.deadline);
    this.deadline = setTimeout(action, seconds * 1000);
  }
}
