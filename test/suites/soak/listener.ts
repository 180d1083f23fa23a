// The callbacks of one life, and what every callback has to keep to: the state in which it comes, nothing that was received
// while receiving is paused, nothing after onClose but what onClose itself has thrown. Any of them throws now and then, and
// every exception has to be told.

import { AsyncTcpConnection, type ConnectionCloseEvent } from '../../../src/index';
import type { Cast } from './endings';
import type { Random } from './random';
import { judgeClose, judgeCloseFrame } from './verdict';

/** What a life does when its connection tells something. */
export interface LifeEvents {
  onConnect(): void;
  onOpen(): void;
  onMessage(): void;
  /** The last event, which has been judged. */
  onClose(event: ConnectionCloseEvent): void;
}

/** What callbacks throw. It may be told when the object has begun its next life. */
class SoakException extends Error {
  constructor(readonly thrower: Listener) {
    super('thrown on purpose');
  }
}

/** Objects whose buffer is full: they keep that over their lives. */
const full = new WeakSet<AsyncTcpConnection>();

export class Listener {
  private thrownCount = 0;
  private toldCount = 0;

  constructor(
    private readonly cast: Cast,
    private readonly random: Random,
    private readonly events: LifeEvents,
  ) {}

  /** All exceptions were told. */
  get isAccountedFor(): boolean {
    return this.thrownCount === this.toldCount;
  }

  /** Sets all callbacks of the object. */
  attach(): void {
    const { connection, chronicle, talk, tally } = this.cast;
    const { plan } = chronicle;
    connection.onConnect = () => this.tell('onConnect', ['CONNECTING'], () => this.events.onConnect());
    connection.onWebSocketConnect = () =>
      this.tell('onWebSocketConnect', ['ESTABLISHED'], () => {
        chronicle.openedAt = performance.now();
        chronicle.toServer.beginRelease();
        this.events.onOpen();
        chronicle.toServer.endRelease();
      });
    connection.onMessage = (_, data, isBinary) =>
      this.tellReceived('a message', () => {
        if (isBinary !== (typeof data !== 'string')) chronicle.violate(`isBinary is ${isBinary} for a ${typeof data}`);
        chronicle.toClient.arrive(data, isBinary);
        this.events.onMessage();
      });
    const answer = (_: AsyncTcpConnection, payload: Uint8Array): void =>
      this.tellReceived('a ping', () => {
        // "If an endpoint receives a Ping frame and has not yet sent Pong frame(s) in response to previous Ping frame(s), the
        // endpoint MAY elect to send a Pong frame for only the most recently processed Ping frame" (RFC 6455 §5.5.3).
        if (this.random.chance(0.8)) connection.pong(payload);
      });
    connection.onWebSocketPing = plan.answersPingsItself ? answer : null;
    connection.onWebSocketPong = (_, payload) =>
      this.tellReceived('a pong', () => {
        chronicle.pongAt = performance.now();
        talk.onPong(Buffer.from(payload).toString());
      });
    connection.onWebSocketClose = (_, code, reason) =>
      this.tell(`onWebSocketClose ${code}`, ['CLOSING'], () => {
        if (chronicle.isPaused) chronicle.violate('a close frame was told while receiving was paused');
        judgeCloseFrame(chronicle, code, reason);
      });
    connection.onBufferFull = () =>
      this.tell('onBufferFull', ['INITIAL', 'CONNECTING', 'ESTABLISHED'], () => this.setFull(true));
    connection.onBufferDrain = () =>
      this.tell('onBufferDrain', ['ESTABLISHED', 'CLOSED'], () => {
        this.setFull(false);
        // Behind the end it says that nobody needs to wait for another one.
        if (connection.getStatus(false) === 'ESTABLISHED') talk.speak();
      });
    connection.onError = (_, code, message, cause) => this.onError(code, message, cause);
    // Told in front of onClose, or behind it, which may begin another life.
    connection.onUnsent = (_, messages) => {
      chronicle.note(`onUnsent ${messages.length}`);
      tally.add('messages that were told as unsent', messages.length);
    };
    connection.onClose = (_, event) =>
      this.tell(`onClose ${event.code} ${event.error ?? ''}`, ['CLOSED'], () => {
        if (chronicle.isOver) chronicle.violate('onClose came twice');
        judgeClose(chronicle, event, full.has(connection));
        chronicle.closeEvent = event;
        this.events.onClose(event);
      });
  }

  private tellReceived(what: string, action: () => void): void {
    const { chronicle } = this.cast;
    if (chronicle.isPaused) chronicle.violate(`${what} was told while receiving was paused`);
    // What had come before the peer went is told in its time.
    const isLate = chronicle.isGone && chronicle.closedByClientAt === undefined;
    this.tell(what, isLate ? ['ESTABLISHED', 'CLOSING'] : ['ESTABLISHED'], action);
  }

  private tell(what: string, states: readonly string[], action: () => void): void {
    const { connection, chronicle, tally } = this.cast;
    const state = connection.getStatus(false);
    if (what.startsWith('on')) chronicle.note(what);
    if (!states.includes(state)) chronicle.violate(`${what} was told while ${state}`);
    const isThrowing = this.random.chance(chronicle.plan.exception);
    action();
    if (!isThrowing) return;
    this.thrownCount += 1;
    tally.add('exceptions in callbacks');
    throw new SoakException(this);
  }

  private setFull(isFull: boolean): void {
    const { connection, chronicle, tally } = this.cast;
    if (full.has(connection) === isFull) chronicle.violate('onBufferFull and onBufferDrain did not take turns');
    if (isFull) full.add(connection);
    else full.delete(connection);
    tally.add(isFull ? 'back-pressure: onBufferFull' : 'back-pressure: onBufferDrain');
  }

  private onError(code: number, message: string, cause: unknown): void {
    const { chronicle, talk } = this.cast;
    if (code === AsyncTcpConnection.CALLBACK_EXCEPTION) {
      if (cause instanceof SoakException) cause.thrower.toldCount += 1;
      else chronicle.violate(`a callback of the soak failed: ${(cause as Error).stack}`);
      return;
    }
    if (chronicle.isOver) chronicle.violate(`onError after onClose: ${message}`);
    if (code === AsyncTcpConnection.SEND_FAIL) {
      talk.onDrop();
      return;
    }
    chronicle.note(`onError ${message}`);
    chronicle.errors.push(cause);
  }
}
