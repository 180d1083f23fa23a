// The WHATWG's WebSocket (WebSockets, https://websockets.spec.whatwg.org), to the letter: what it takes, refuses and shows. Its
// life is in session.ts, its listeners are in listening.ts.

import { type Bytes, blobOf } from '../base/bytes';
import { unheld, type WsimdError } from '../base/faults';
import { defineConstants, enumerate, nameClass } from '../base/public-class';
import { showAs, withoutSecrets } from '../base/shown';
import { CLOSED, CLOSING, CONNECTING, OPEN, type ReadyState, STATE_NAMES } from '../connection/ready-state';
import { toBlob } from '../runtime/blob';
import { utf8Length } from '../runtime/strings';
import { queueTask } from '../runtime/tasks';
import { parseAddress } from './address';
import { toCloseRequest } from './closing';
import { connect } from './connect';
import { NativeDOMException, NativeEventTarget } from './dom-classes';
import type { BufferSource, EventListenerOrObject } from './dom-types';
import { closeEvent, type ErrorMembers, errorEvent, Fired, failing, linkMessages, plainEvent } from './events';
import { bytesOf, defineTag, requireArguments, toUsvString } from './idl';
import { type Alone, Listeners, report } from './listening';
import { settle, type WebSocketInit } from './options';
import { WebSending } from './sending';
import { type End, WebSession } from './session';

export type BinaryType = 'blob' | 'arraybuffer';

type Listener<Kind> = ((this: WebSocket, event: Kind) => unknown) | null;
/** Without `this`, which TypeScript knows in an assignment: the class could not be assigned to the global one otherwise. */
type Handler<Kind> = ((event: Kind) => unknown) | null;

/** Fires what happens. Defined where the private members are. */
let Firing: new (target: WebSocket) => WebSession;

interface EventMap {
  open: Event;
  message: MessageEvent;
  error: Event & ErrorMembers;
  close: globalThis.CloseEvent;
}

/** A WebSocket as the web has it, for whatever is no browser. */
export class WebSocket extends NativeEventTarget {
  declare static readonly CONNECTING: 0;
  declare static readonly OPEN: 1;
  declare static readonly CLOSING: 2;
  declare static readonly CLOSED: 3;
  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSING: 2;
  declare readonly CLOSED: 3;

  readonly #url: string;
  readonly #session: WebSession;
  readonly #buffered: WebSending;
  readonly #listeners: Listeners;
  /** Called as a method, so that its `this` is right: that costs a short message a seventh less than `call`. */
  #alone: Alone;
  #binaryType: BinaryType = 'blob';

  /**
   * Begins to connect; at most one connection at a time to the same host and port is on its way (RFC 6455 §4.1).
   *
   * @param url ws:, wss:, http: or https:; relative to the base URL, if there is one
   * @param protocols subprotocols; or an object with them and more
   * @throws DOMException SyntaxError for the URL or a subprotocol; TypeError for a header or an option
   */
  constructor(url: string | URL, protocols: string | Iterable<string> | WebSocketInit = []) {
    // biome-ignore lint/complexity/noArguments: WebIDL counts them, and a rest parameter would not be counted in `length`
    requireArguments(arguments.length, 1, "The constructor of 'WebSocket'");
    super();
    const record = parseAddress(toUsvString(url));
    const settled = settle(protocols);
    this.#url = record.href;
    this.#listeners = new Listeners(this, (alone) => {
      this.#alone = alone;
      this.#yield();
    });
    this.#session = new Firing(this);
    this.#buffered = new WebSending(this.#session.connection.sender);
    connect(this.#session, record, settled);
  }

  override addEventListener<Type extends keyof EventMap>(
    type: Type,
    listener: Listener<EventMap[Type]> | { handleEvent(event: EventMap[Type]): void },
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerOrObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    callback: EventListenerOrObject | null,
    options: AddEventListenerOptions | boolean = false,
  ): void {
    // biome-ignore lint/complexity/noArguments: WebIDL counts them, and a rest parameter would not be counted in `length`
    requireArguments(arguments.length, 2, 'addEventListener');
    this.#listeners.add(type, callback, options);
  }

  override removeEventListener(
    type: string,
    callback: EventListenerOrObject | null,
    options: EventListenerOptions | boolean = false,
  ): void {
    // biome-ignore lint/complexity/noArguments: WebIDL counts them, and a rest parameter would not be counted in `length`
    requireArguments(arguments.length, 2, 'removeEventListener');
    this.#listeners.remove(type, callback, options);
  }

  override dispatchEvent(event: Event): boolean {
    // biome-ignore lint/complexity/noArguments: WebIDL counts them, and a rest parameter would not be counted in `length`
    requireArguments(arguments.length, 1, 'dispatchEvent');
    return this.#listeners.dispatch(event);
  }

  get url(): string {
    return this.#url;
  }

  get readyState(): ReadyState {
    return this.#session.readyState;
  }

  /** Bytes of payload that were sent and have not left; those sent too late never do. */
  get bufferedAmount(): number {
    return this.#buffered.amount;
  }

  get onopen(): Handler<Event> {
    this.#session;
    return this.#listeners.attribute('open') as Handler<Event>;
  }

  set onopen(listener: Handler<Event>) {
    this.#listeners.setAttribute('open', listener);
  }

  /** Its events say why: they have `message` and `error`, which the global class does not promise. */
  get onerror(): Handler<Event> {
    return this.#listeners.attribute('error') as Handler<Event>;
  }

  set onerror(listener: Handler<EventMap['error']>) {
    this.#listeners.setAttribute('error', listener);
  }

  get onclose(): Handler<globalThis.CloseEvent> {
    return this.#listeners.attribute('close') as Handler<globalThis.CloseEvent>;
  }

  set onclose(listener: Handler<globalThis.CloseEvent>) {
    this.#listeners.setAttribute('close', listener);
  }

  get onmessage(): Handler<MessageEvent> {
    return this.#listeners.attribute('message') as Handler<MessageEvent>;
  }

  set onmessage(listener: Handler<MessageEvent>) {
    this.#listeners.setAttribute('message', listener);
  }

  /** The extensions in use, as the server says: '' or permessage-deflate with its parameters. */
  get extensions(): string {
    return this.#session.extensions;
  }

  /** The subprotocol that the server chose, '' if none. */
  get protocol(): string {
    return this.#session.protocol;
  }

  /** Whether binary messages are told as Blobs (the default) or as ArrayBuffers. */
  get binaryType(): BinaryType {
    return this.#binaryType;
  }

  set binaryType(type: BinaryType) {
    const value = `${type}`;
    // An enumeration: what is none of its values is passed over.
    if (value === 'blob' || value === 'arraybuffer') this.#binaryType = value;
    else this.#session;
  }

  /**
   * Begins the closing handshake; a connection on its way fails.
   *
   * @param code 1000, or 3000 to 4999
   * @param reason at most 123 bytes of UTF-8
   * @throws DOMException InvalidAccessError for another code, SyntaxError for a longer reason
   */
  close(code?: number, reason?: string): void;
  close(code: unknown = undefined, reason: unknown = undefined): void {
    const session = this.#session;
    const request = toCloseRequest(code, reason);
    session.close(request.code, request.reason);
  }

  /**
   * Sends one message: text, or bytes, which are copied, except those of a Blob.
   *
   * @throws DOMException InvalidStateError while it is connecting
   */
  send(data: string | Blob | BufferSource): void {
    const session = this.#session;
    if (typeof data === 'string' && session.readyState === OPEN) {
      this.#buffered.text(data);
      return;
    }
    // biome-ignore lint/complexity/noArguments: WebIDL counts them, and a rest parameter would not be counted in `length`
    requireArguments(arguments.length, 1, 'send');
    this.#send(data);
  }

  #send(data: unknown): void {
    const bytes = bytesOf(data);
    const blob = bytes === undefined ? blobOf(data) : undefined;
    const text = bytes === undefined && blob === undefined ? toUsvString(data) : '';
    // Behind the conversions, which may call the user's own code: it may have closed the connection.
    const { readyState } = this.#session;
    if (readyState === CONNECTING) throw new NativeDOMException('The connection is not open yet.', 'InvalidStateError');
    if (readyState !== OPEN) {
      this.#buffered.tooLate(bytes?.length ?? blob?.size ?? utf8Length(text));
      return;
    }
    if (bytes !== undefined) this.#buffered.bytes(bytes);
    else if (blob !== undefined) this.#buffered.blob(blob);
    else this.#buffered.text(text);
  }

  #received(bytes: Bytes): Blob | ArrayBuffer {
    if (this.#binaryType === 'blob') return toBlob(bytes);
    try {
      return bytes.slice().buffer;
    } catch (cause) {
      throw unheld(cause);
    }
  }

  /** Whoever listens alone is called without a dispatch that nobody could observe. May throw what he throws. */
  #fireMessage(data: unknown): void {
    const event = new Fired(this.#listeners.dispatching, data);
    if (this.#alone === undefined) {
      this.#listeners.fire(event);
      return;
    }
    try {
      this.#alone(event);
    } finally {
      Fired.end(event, this);
    }
  }

  /** The rest of what has come is told in another task: whoever awaits an event listens to the next one only then. */
  #yield(): void {
    const { connection } = this.#session;
    if (connection.state !== 'open') return;
    connection.pause();
    queueTask(() => connection.resume());
  }

  static {
    Firing = class extends WebSession {
      protected get face(): 'web' {
        return 'web';
      }

      constructor(private readonly target: WebSocket) {
        super();
      }

      protected get shownAs(): WebSocket {
        return this.target;
      }

      protected override opened(): void {
        linkMessages();
        this.target.#listeners.fireNew(plainEvent, { type: 'open' });
        this.target.#yield();
      }

      override onMessage(data: string | Bytes): void {
        const { target } = this;
        if (!this.isClosing) target.#fireMessage(typeof data === 'string' ? data : target.#received(data));
      }

      override onException(error: unknown): void {
        report(error);
      }

      protected override ended(end: End, failed: boolean, error: WsimdError | undefined): void {
        const { target } = this;
        target.#buffered.lost(this.connection.unsentBytes);
        if (failed) target.#listeners.fireNew(errorEvent, failing(error));
        target.#listeners.fireNew(closeEvent, { type: 'close', ...end });
        target.#listeners.closed();
      }
    };
  }
}
nameClass(WebSocket, 'WebSocket');
showAs(WebSocket, (socket) => ({
  url: withoutSecrets(socket.url),
  readyState: STATE_NAMES[socket.readyState],
  protocol: socket.protocol,
  extensions: socket.extensions,
  binaryType: socket.binaryType,
  bufferedAmount: socket.bufferedAmount,
}));
defineConstants(WebSocket, { CONNECTING, OPEN, CLOSING, CLOSED });
defineTag(WebSocket, 'WebSocket');
enumerate(WebSocket.prototype, [
  ...['url', 'readyState', 'bufferedAmount', 'onopen', 'onerror', 'onclose', 'extensions', 'protocol', 'close'],
  ...['onmessage', 'binaryType', 'send'],
]);
