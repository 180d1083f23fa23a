// How a program sends: messages, pings and pongs, with the limit on what may wait and its two callbacks. What becomes of the
// bytes is sender.ts' business.

import { CONTROL_MAX } from '../../assembly/layout';
import { type BinaryData, lengthOf, viewOf } from '../base/bytes';
import { CONNECTION_FAULTS, WsimdError } from '../base/faults';
import { messageOf } from '../base/thrown';
import { describe } from '../options/checks';
import { BINARY_FRAME, TEXT_FRAME } from '../sending/sender';
import { Inquiries } from './inquiries';
import { statistics } from './statistics';
import { Ws } from './ws';

/** What can be sent: text, or bytes. */
export type SendData = string | BinaryData | Blob;

export interface SendOptions {
  /** Whether a string goes as binary; default: as `websocketType` says. Bytes always do. */
  readonly binary?: boolean;
  /** Whether the message may be compressed where `perMessageDeflate` was agreed; default true. */
  readonly compress?: boolean;
}

const utf8 = new TextEncoder();

export abstract class Sending extends Inquiries {
  #isBufferFull = false;

  /**
   * Sends one message: a string as `websocketType` says, bytes as binary. Bytes are copied before it returns, except those
   * of a Blob, which are read first; what is sent behind a Blob follows it.
   *
   * @returns true: accepted and on its way this tick; null: kept, before the handshake is done, behind a Blob or a long
   *   message that is being compressed, or behind a slow peer; false: dropped, because the connection is closed, or with `onError(SEND_FAIL)` because maxSendBufferSize is reached
   */
  send(data: SendData, options?: SendOptions): boolean | null {
    const result = this.#send(data, options);
    if (typeof result === 'boolean' || result === null) return result;
    if (result === CONNECTION_FAULTS.sendBufferFull) this.tellError(this.#dropped(result));
    return false;
  }

  /**
   * Sends one message, and resolves when the runtime has taken all of it to send.
   *
   * @throws (rejects with) a WsimdError if the message is dropped, or the connection is gone before the message has left
   */
  async sendAsync(data: SendData, options?: SendOptions): Promise<void> {
    let unread: WsimdError | undefined;
    const result = this.#send(data, options, (error) => {
      unread = error;
    });
    if (typeof result !== 'boolean' && result !== null) throw this.#dropped(result);
    await this.present.whenSent();
    if (unread !== undefined) throw unread;
  }

  /** Calls `send`, and what that sends leaves as one write, at once (of more than 128 KiB, as several). */
  cork(send: (connection: this) => void): void {
    try {
      send(this);
    } finally {
      this.present.sender.flush();
    }
  }

  /** Sends a ping (RFC 6455 §5.5.2) of at most 125 bytes; nothing happens unless the connection is open. */
  ping(payload: string | BinaryData = ''): void {
    this.present.ping(controlPayload('ping', payload));
  }

  /**
   * Sends a pong (RFC 6455 §5.5.3) of at most 125 bytes; nothing happens unless the connection is open. Behind a peer that
   * does not read only the latest waits.
   */
  pong(payload: string | BinaryData = ''): void {
    this.present.pong(controlPayload('pong', payload));
  }

  /** @internal Whether what is sent now would be dropped until `onBufferDrain`, which follows even if the limit was lowered. */
  isFull(): boolean {
    const { state, sender } = this.present;
    const isFull = state !== 'closed' && sender.isStalled && sender.size >= this.maxSendBufferSize;
    if (isFull) this.#isBufferFull = true;
    return isFull;
  }

  /** @internal Nothing waits any more. */
  protected relieved(): void {
    if (!this.#isBufferFull) return;
    this.#isBufferFull = false;
    this.call(this.onBufferDrain);
  }

  /** @internal Whatever waited has gone with its connection. */
  protected forgetFull(): void {
    this.#isBufferFull = false;
  }

  /** A fault is the reason why the message was dropped. */
  #send(
    data: SendData,
    options: SendOptions | undefined,
    onUnread?: (error: WsimdError) => void,
  ): boolean | null | Dropped {
    const { state, sender } = this.present;
    const isText = typeof data === 'string';
    const bytes = isText ? undefined : viewOf(data);
    if (!isText && bytes === undefined && !(data instanceof Blob)) {
      throw new TypeError(`send() takes a string, an ArrayBuffer, a view of one or a Blob, not ${describe(data)}.`);
    }
    if (state === 'closing' || state === 'ending' || state === 'closed') return drop(CONNECTION_FAULTS.notOpen);
    if (sender.isStalled && sender.size >= this.maxSendBufferSize) return drop(CONNECTION_FAULTS.sendBufferFull);
    const rsv1 = options?.compress === false ? 0 : sender.rsv1;
    if (isText) sender.text(data, this.#frame(options) | rsv1);
    else if (bytes !== undefined) sender.bytes(bytes, BINARY_FRAME | rsv1);
    else this.#sendBlob(data as Blob, BINARY_FRAME | rsv1, onUnread);
    if (!sender.isStalled) return true;
    if (!this.#isBufferFull && sender.size >= this.maxSendBufferSize) {
      this.#isBufferFull = true;
      this.call(this.onBufferFull);
    }
    return null;
  }

  /** A method of its own: a closure in `#send` would cost each message what only a Blob needs. */
  #sendBlob(blob: Blob, first: number, onUnread = (error: WsimdError) => this.tellError(error)): void {
    this.present.sender.blob(blob, first, (cause) => {
      statistics.send_fail += 1;
      onUnread(new WsimdError(CONNECTION_FAULTS.blobUnread, messageOf(cause), cause));
    });
  }

  /** Of a string. */
  #frame(options: SendOptions | undefined): number {
    const isBinary = options?.binary ?? this.websocketType === Ws.BINARY_TYPE_ARRAYBUFFER;
    return isBinary ? BINARY_FRAME : TEXT_FRAME;
  }

  #dropped(fault: Dropped): WsimdError {
    return new WsimdError(fault, fault === CONNECTION_FAULTS.sendBufferFull ? `${this.maxSendBufferSize}` : undefined);
  }
}

type Dropped = typeof CONNECTION_FAULTS.notOpen | typeof CONNECTION_FAULTS.sendBufferFull;

function drop(fault: Dropped): Dropped {
  statistics.send_fail += 1;
  return fault;
}

function controlPayload(name: string, payload: string | BinaryData): Uint8Array {
  const bytes = typeof payload === 'string' ? utf8.encode(payload) : viewOf(payload);
  if (bytes === undefined) {
    throw new TypeError(`${name}() takes a string, an ArrayBuffer or a view of one, not ${describe(payload)}.`);
  }
  const length = lengthOf(bytes);
  if (length > CONTROL_MAX) {
    throw new RangeError(`${name}() takes at most ${CONTROL_MAX} bytes (RFC 6455 §5.5); these are ${length}.`);
  }
  return bytes;
}
