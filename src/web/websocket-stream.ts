// WebSocketStream (WebSockets §7): a connection as two streams, whose back-pressure reaches TCP both ways. It owns the streams
// and the promises; its life is in session.ts.

import { isAbortSignal } from '../base/brands';
import type { Bytes } from '../base/bytes';
import { unheld, type WsimdError } from '../base/faults';
import { enumerate, nameClass } from '../base/public-class';
import { showAs, withoutSecrets } from '../base/shown';
import { CLOSED, OPEN } from '../connection/ready-state';
import { whenAborted } from '../runtime/abort';
import { parseAddress } from './address';
import { closeRequestFor, closeRequestOf, lostError, type WebSocketCloseInfo } from './closing';
import { connect } from './connect';
import { NativeDOMException } from './dom-classes';
import type { BufferSource } from './dom-types';
import { bytesOf, defineTag, requireArguments, toDictionary, toSequence, toUsvString } from './idl';
import { report } from './listening';
import { settle, type WebSocketInit } from './options';
import { type End, WebSession } from './session';

export interface WebSocketStreamOptions extends WebSocketInit {
  /** Ends an attempt; a connection that is open stays so. */
  signal?: AbortSignal | undefined;
}

export interface WebSocketOpenInfo {
  readonly extensions: string;
  readonly protocol: string;
  /** Strings for text, bytes for binary. */
  readonly readable: ReadableStream<string | Uint8Array>;
  readonly writable: WritableStream<string | BufferSource>;
}

/** A connection as streams; what is not read is not received, and a write lasts until the runtime has taken it. */
export class WebSocketStream {
  readonly #url: string;
  readonly #session: StreamSession;

  /**
   * @param url as of a WebSocket
   * @throws DOMException SyntaxError for the URL or a subprotocol; TypeError for an option
   */
  constructor(url: string | URL, options: WebSocketStreamOptions = {}) {
    // biome-ignore lint/complexity/noArguments: WebIDL counts them, and a rest parameter would not be counted in `length`
    requireArguments(arguments.length, 1, "The constructor of 'WebSocketStream'");
    const address = toUsvString(url);
    const { protocols, signal, ...others } = toOptions(options);
    const record = parseAddress(address);
    const settled = settle({ ...others, protocols });
    this.#url = record.href;
    const session = new StreamSession(this);
    this.#session = session;
    if (signal?.aborted) {
      session.abort(signal);
      return;
    }
    connect(session, record, settled);
    if (signal !== undefined) session.letGo = whenAborted(signal, () => session.abort(signal));
  }

  get url(): string {
    return this.#url;
  }

  /** Rejects with a WebSocketError, or with the signal's reason, if there is no connection. */
  get opened(): Promise<WebSocketOpenInfo> {
    return this.#session.opening.promise;
  }

  /** Resolves at the end of a closing handshake; rejects with a WebSocketError behind any other end. */
  get closed(): Promise<Required<WebSocketCloseInfo>> {
    return this.#session.closing.promise;
  }

  /**
   * @throws TypeError for what is no dictionary, or a code that is no number from 0 to 65535; DOMException InvalidAccessError,
   *   SyntaxError as a WebSocket's `close` does
   */
  close(info: WebSocketCloseInfo = {}): void {
    const session = this.#session;
    const { code, reason } = closeRequestOf(info);
    session.close(code, reason);
  }
}
nameClass(WebSocketStream, 'WebSocketStream');
showAs(WebSocketStream, ({ url }) => ({ url: withoutSecrets(url) }));
defineTag(WebSocketStream, 'WebSocketStream');
enumerate(WebSocketStream.prototype, ['url', 'opened', 'closed', 'close']);

/** Members that the standard has, in its order, and those that only this library has. */
function toOptions(options: unknown): WebSocketStreamOptions {
  const dictionary = toDictionary<WebSocketStreamOptions>(options);
  const { protocols, signal, headers, origin, tls, transport, perMessageDeflate } = dictionary;
  const list = protocols === undefined ? [] : toSequence(protocols, 'protocols');
  if (signal !== undefined && !isAbortSignal(signal)) throw new TypeError('signal must be an AbortSignal.');
  return { protocols: list, signal, headers, origin, tls, transport, perMessageDeflate };
}

function ownCopy(bytes: Bytes): Bytes {
  try {
    return bytes.slice();
  } catch (cause) {
    throw unheld(cause);
  }
}

function closedError(): DOMException {
  return new NativeDOMException('The connection is closed.', 'InvalidStateError');
}

class Deferred<Value> {
  resolve!: (value: Value) => void;
  reject!: (reason: unknown) => void;
  readonly promise = new Promise<Value>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  constructor() {
    // Nobody has to look at it.
    this.promise.catch(() => {});
  }
}

class StreamSession extends WebSession {
  protected get face(): 'stream' {
    return 'stream';
  }

  readonly opening = new Deferred<WebSocketOpenInfo>();
  readonly closing = new Deferred<Required<WebSocketCloseInfo>>();
  private reader: ReadableStreamDefaultController<string | Uint8Array> | undefined;
  private writer: WritableStreamDefaultController | undefined;
  private isCanceled = false;
  /** Lets go of the signal, if there is one. */
  letGo = (): void => {};

  constructor(protected readonly shownAs: WebSocketStream) {
    super();
  }

  /** The signal is aborted. */
  abort({ reason }: AbortSignal): void {
    this.opening.reject(reason);
    this.closing.reject(reason);
    this.close(undefined, '');
  }

  protected override opened(): void {
    this.letGo();
    const readable = new ReadableStream<string | Uint8Array>({
      start: (controller) => {
        this.reader = controller;
      },
      pull: () => this.connection.resume(),
      cancel: (reason) => {
        this.isCanceled = true;
        this.closeFor(reason);
      },
    });
    const writable = new WritableStream<string | BufferSource>({
      start: (controller) => {
        this.writer = controller;
      },
      write: (chunk) => this.write(chunk),
      close: () => this.closeAndWait(),
      abort: (reason) => this.closeFor(reason),
    });
    const { extensions, protocol } = this;
    this.opening.resolve({ extensions, protocol, readable, writable });
  }

  override onMessage(data: string | Bytes): void {
    const { reader } = this;
    if (this.isClosing || this.isCanceled || reader === undefined) return;
    reader.enqueue(typeof data === 'string' ? data : ownCopy(data));
    if ((reader.desiredSize ?? 0) <= 0) this.connection.pause();
  }

  override onException(error: unknown): void {
    report(error);
  }

  protected override ended({ wasClean, code, reason }: End, failed: boolean, cause: WsimdError | undefined): void {
    this.letGo();
    if (wasClean && !failed) {
      if (!this.isCanceled) this.reader?.close();
      this.writer?.error(closedError());
      this.closing.resolve({ closeCode: code, reason });
      return;
    }
    this.opening.reject(lostError('The connection could not be made.', null, '', cause));
    const error = lostError('The connection was lost, or could not be made.', code, reason, cause);
    if (!this.isCanceled) this.reader?.error(error);
    this.writer?.error(error);
    this.closing.reject(error);
  }

  private async write(chunk: unknown): Promise<void> {
    const bytes = bytesOf(chunk);
    const text = bytes === undefined ? toUsvString(chunk) : '';
    if (this.readyState !== OPEN) throw new NativeDOMException('The connection is not open.', 'InvalidStateError');
    const { sender } = this.connection;
    if (bytes === undefined) sender.text(text, sender.whole(false, true));
    else sender.bytes(bytes, sender.whole(true, true));
    try {
      await this.connection.whenSent();
    } catch {
      // Why it was not sent is why the connection ended, which is told in a moment, in the words of the standard.
      await this.closing.promise;
      throw closedError();
    }
  }

  private async closeAndWait(): Promise<void> {
    if (this.readyState !== CLOSED) this.close(undefined, '');
    await this.closing.promise;
  }

  /** Says so, if the reason has a code. */
  private closeFor(reason: unknown): void {
    const { code, reason: text } = closeRequestFor(reason);
    this.close(code, text);
  }
}
