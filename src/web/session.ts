// The life of one WebSocket of the WHATWG's kind: its place in line, its connection, its state and the order of its events
// (WebSockets §3, §4). It does not know what users pass, nor how events are dispatched.

import type { Bytes } from '../base/bytes';
import { CONNECTION_FAULTS, WsimdError } from '../base/faults';
import { messageOf } from '../base/thrown';
import { closeBody } from '../codec/close-body';
import { Connection } from '../connection/connection';
import {
  type Accepted,
  type Closing,
  type ConnectionEnd,
  type ConnectionEvents,
  type ConnectionSettings,
  type Destination,
  PATIENT,
} from '../connection/contract';
import { addressOf, diagnostics, hostOf, type Subject } from '../connection/diagnostics';
import {
  CLOSED,
  CLOSING,
  CONNECTING,
  OPEN,
  type ReadyState,
  readyStateOf,
  STATE_NAMES,
} from '../connection/ready-state';
import { MAX_FRAGMENTS, WEB } from '../options/defaults';
import { queueTask } from '../runtime/tasks';
import { PlaceInLine } from './waiting-line';

export interface End {
  readonly wasClean: boolean;
  readonly code: number;
  readonly reason: string;
}

const CLOSING_SETTINGS: Closing = { ...PATIENT, closeTimeout: WEB.closeTimeout, lingerTimeout: WEB.lingerTimeout };

/** Whoever extends it tells what happens, each in a task of its own. */
export abstract class WebSession implements ConnectionEvents {
  readonly connection = new Connection(this);
  protocol = '';
  extensions = '';
  private placeInLine: PlaceInLine | undefined;
  protected isClosing = false;
  private isClosed = false;
  /** The end was asked for within a call of the user's. */
  private isInCall = false;
  private wasOpen = false;
  /** Of an attempt that is watched. */
  private lastAddress = '';
  /** It was refused before it began. */
  private isRefused = false;

  protected abstract readonly face: 'web' | 'stream';
  /** The object that the program has: whoever watches is told of it. */
  protected abstract readonly shownAs: object & { readonly url: string };
  protected abstract opened(): void;
  /** Bytes are lent until it returns. To be passed over while `isClosing`. */
  abstract onMessage(data: string | Bytes): void;
  abstract onException(error: unknown): void;
  /**
   * `failed`: the standard asks for an error in front of the end. `why` says more of the end than the standard does, where there
   * is something to say.
   */
  protected abstract ended(end: End, failed: boolean, why: WsimdError | undefined): void;

  get readyState(): ReadyState {
    if (this.isClosed) return CLOSED;
    if (this.isClosing) return CLOSING;
    return readyStateOf(this.connection.state);
  }

  /** Connects when it is the first in line. */
  begin(
    place: string,
    destination: Destination,
    { offers, connect }: Pick<ConnectionSettings, 'offers' | 'connect'>,
  ): void {
    const settings: ConnectionSettings = {
      connectTimeout: WEB.connectTimeout,
      signal: undefined,
      closing: CLOSING_SETTINGS,
      decoding: {
        role: 'client',
        maxMessage: WEB.maxMessage,
        sizeOption: 'the limit',
        maxFragments: MAX_FRAGMENTS,
        isBinaryLent: true,
        isNodeBuffer: false,
        isUtf8Unchecked: false,
      },
      offers,
      connect,
    };
    const { connection } = this;
    // Whoever is in front calls it, in a context of his own.
    connection.belongHere();
    const dial = (): void => connection.context.runInAsyncScope(connection.dial, connection, settings, destination);
    // What cannot even begin fails like whatever cannot connect; the program that was in front has no part in it.
    this.placeInLine = PlaceInLine.wait(place, dial, (cause) =>
      this.failSoon(new WsimdError(CONNECTION_FAULTS.connect, messageOf(cause), cause)),
    );
  }

  /** Fails without an attempt. */
  refuse(why: WsimdError): void {
    this.isRefused = true;
    this.failSoon(why);
  }

  /** "Close the WebSocket" of WebSockets §4; the code is right. */
  close(code: number | undefined, reason: string): void {
    const { readyState } = this;
    if (readyState === OPEN) {
      this.isClosing = true;
      this.connection.close(closeBody(code, code === undefined ? '' : reason));
    } else if (readyState === CONNECTING && !this.isRefused) {
      this.isClosing = true;
      this.placeInLine?.end();
      this.isInCall = true;
      if (this.connection.state === 'initial') this.failSoon(closedEarly());
      else this.connection.destroy();
      this.isInCall = false;
    } else this.isClosing = true;
  }

  /** In the socket's own context, though another's code may ask for it. */
  private failSoon(why: WsimdError): void {
    this.connection.context.runInAsyncScope(queueTask, undefined, () => {
      this.placeInLine?.end();
      this.end({ wasClean: false, code: 1006, reason: '' }, true, why);
    });
  }

  // What the connection tells.

  onConnect(): void {
    if (diagnostics.error.isWatched) this.lastAddress = addressOf(this.connection.endpoints);
  }

  onOpen({ response }: Accepted): void {
    this.wasOpen = true;
    this.lastAddress = '';
    this.protocol = response.protocol;
    this.extensions = response.extensions;
    this.placeInLine?.end();
    if (diagnostics.open.isWatched) diagnostics.open.tell(this.subject, { response });
    this.opened();
  }

  onPing(payload: Bytes): void {
    if (diagnostics.ping.isWatched) diagnostics.ping.tell(this.subject, { payload });
    this.connection.pong(payload);
  }

  onPong(payload: Bytes): void {
    if (diagnostics.pong.isWatched) diagnostics.pong.tell(this.subject, { payload, roundTrip: undefined });
  }

  onCloseFrame(): void {
    this.isClosing = true;
  }

  onDrained(): void {}

  onError(): void {
    this.isClosing = true;
  }

  onClose({ wasClean, code, reason, error }: ConnectionEnd): void {
    this.placeInLine?.end();
    // Whoever closes while it connects fails it; a peer that does not answer a close frame has failed nothing.
    const failed = this.isInCall || (error !== undefined && error.fault !== CONNECTION_FAULTS.closeTimeout);
    const end = { wasClean, code, reason };
    if (this.isInCall) queueTask(() => this.end(end, failed, error ?? closedEarly()));
    else this.end(end, failed, error);
  }

  private end(end: End, failed: boolean, why: WsimdError | undefined): void {
    if (this.isClosed) return;
    this.isClosed = true;
    if (failed && why !== undefined && diagnostics.error.isWatched) {
      const phase = this.wasOpen ? 'open' : 'connecting';
      diagnostics.error.tell({ ...this.subject, phase }, { error: why });
    }
    if (diagnostics.close.isWatched) {
      diagnostics.close.tell(this.subject, { event: { ...end, error: why, attempt: 0, willReconnect: false } });
    }
    this.ended(end, failed, why);
  }

  private get subject(): Subject {
    const { shownAs: connection, face, readyState } = this;
    const address = addressOf(this.connection.endpoints) || this.lastAddress;
    return { connection, face, host: hostOf(connection.url), address, phase: STATE_NAMES[readyState].toLowerCase() };
  }
}

/** The program itself has given it up. */
function closedEarly(): WsimdError {
  return new WsimdError(CONNECTION_FAULTS.closedEarly);
}
