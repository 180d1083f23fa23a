// What a program may say at the end of a connection: the codes and reasons of `close()`, and the error of a WebSocketStream that
// carries them (WebSockets §3, §7).

import { enumerate } from '../base/public-class';
import { utf8Length } from '../runtime/strings';
import { NativeDOMException } from './dom-classes';
import { defineTag, toClampedShort, toDictionary, toEnforcedShort, toUsvString } from './idl';

export interface CloseRequest {
  readonly code: number | undefined;
  readonly reason: string;
}

/**
 * The arguments of a WebSocket's `close`.
 *
 * @throws DOMException as closeRequest does
 */
export function toCloseRequest(code: unknown, reason: unknown): CloseRequest {
  return closeRequest(
    code === undefined ? undefined : toClampedShort(code),
    reason === undefined ? '' : toUsvString(reason),
  );
}

/**
 * The same of a dictionary WebSocketCloseInfo.
 *
 * @throws TypeError for what is none, or a code that is no number from 0 to 65535; DOMException as closeRequest does
 */
export function closeRequestOf(info: unknown): CloseRequest {
  const { closeCode, reason } = toDictionary<WebSocketCloseInfo>(info);
  return closeRequest(
    closeCode === undefined ? undefined : toEnforcedShort(closeCode, 'closeCode'),
    reason === undefined ? '' : toUsvString(reason),
  );
}

/**
 * @throws DOMException InvalidAccessError unless the code is 1000, or from 3000 to 4999; SyntaxError for a reason of more than
 *   123 bytes of UTF-8
 */
function closeRequest(code: number | undefined, reason: string): CloseRequest {
  if (code !== undefined && !mayBeSent(code)) {
    throw new NativeDOMException(`The code must be 1000, or from 3000 to 4999; it is ${code}.`, 'InvalidAccessError');
  }
  if (utf8Length(reason) > 123) {
    throw new NativeDOMException('The reason must not have more than 123 bytes of UTF-8.', 'SyntaxError');
  }
  // Without a code a close frame has no room for a reason.
  return { code: code ?? (reason === '' ? undefined : 1000), reason };
}

function mayBeSent(code: number): boolean {
  return code === 1000 || (code >= 3000 && code <= 4999);
}

/** "Close using reason": the code and reason of a WebSocketError, unless a program must not send these. */
export function closeRequestFor(reason: unknown): CloseRequest {
  if (!(reason instanceof WebSocketError)) return { code: undefined, reason: '' };
  const { closeCode, reason: text } = reason;
  if (closeCode === null || !mayBeSent(closeCode)) return { code: undefined, reason: '' };
  return { code: closeCode, reason: text };
}

export interface WebSocketCloseInfo {
  /** 1000, or 3000 to 4999. */
  closeCode?: number | undefined;
  /** At most 123 bytes of UTF-8. */
  reason?: string | undefined;
}

/** Why a connection ended otherwise than by a closing handshake. */
export let lostError: (sentence: string, closeCode: number | null, reason: string, cause: unknown) => WebSocketError;

/**
 * Why a WebSocketStream failed, or is to end: whoever aborts or cancels with one has its code and reason sent. Of an end that was
 * not clean it has the code of the connection (1006, or the peer's), and as `cause` what the library knows of it.
 */
export class WebSocketError extends NativeDOMException {
  #closeCode: number | null;
  #reason: string;

  /** @throws TypeError for a dictionary or a code that is none; DOMException InvalidAccessError, SyntaxError as `close` does */
  constructor(message = '', init: WebSocketCloseInfo = {}) {
    super(message, 'WebSocketError');
    // Some versions of Node.js make a DOMException of it.
    if (Object.getPrototypeOf(this) !== new.target.prototype) Object.setPrototypeOf(this, new.target.prototype);
    const { code, reason } = closeRequestOf(init);
    this.#closeCode = code ?? null;
    this.#reason = reason;
  }

  get closeCode(): number | null {
    return this.#closeCode;
  }

  get reason(): string {
    return this.#reason;
  }

  static {
    lostError = (sentence, closeCode, reason, cause) => {
      const error = new WebSocketError(sentence);
      error.#closeCode = closeCode;
      error.#reason = reason;
      // As an Error has it, which this is a kind of.
      if (cause !== undefined)
        Object.defineProperty(error, 'cause', { value: cause, writable: true, configurable: true });
      return error;
    };
  }
}
enumerate(WebSocketError.prototype, ['closeCode', 'reason']);
defineTag(WebSocketError, 'WebSocketError');
Object.defineProperty(WebSocketError, 'name', { value: 'WebSocketError', configurable: true });
