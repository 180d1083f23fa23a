// What a program may say at the end of a connection: the codes and reasons of `close()`, and the error of a WebSocketStream that
// carries them (WebSockets §3, §7).

import { enumerate } from '../base/public-class';
import { utf8Length } from '../runtime/strings';
import { defineTag, toClampedShort, toUsvString } from './idl';

export interface CloseRequest {
  readonly code: number | undefined;
  readonly reason: string;
}

/**
 * @throws DOMException InvalidAccessError unless the code is 1000, or from 3000 to 4999; SyntaxError for a reason of more than
 *   123 bytes of UTF-8
 */
export function toCloseRequest(code: unknown, reason: unknown): CloseRequest {
  const status = code === undefined ? undefined : toClampedShort(code);
  const text = reason === undefined ? '' : toUsvString(reason);
  if (status !== undefined && status !== 1000 && !(status >= 3000 && status <= 4999)) {
    throw new DOMException(`The code must be 1000, or from 3000 to 4999; it is ${status}.`, 'InvalidAccessError');
  }
  if (utf8Length(text) > 123) {
    throw new DOMException('The reason must not have more than 123 bytes of UTF-8.', 'SyntaxError');
  }
  // Without a code a close frame has no room for a reason.
  return { code: status ?? (text === '' ? undefined : 1000), reason: text };
}

export interface WebSocketCloseInfo {
  /** 1000, or 3000 to 4999. */
  closeCode?: number | undefined;
  /** At most 123 bytes of UTF-8. */
  reason?: string | undefined;
}

/** Why a WebSocketStream failed, or is to end: whoever aborts or cancels with one has its code and reason sent. */
export class WebSocketError extends DOMException {
  readonly #closeCode: number | null;
  readonly #reason: string;

  /** @throws DOMException InvalidAccessError, SyntaxError as `close` does */
  constructor(message = '', { closeCode, reason }: WebSocketCloseInfo = {}) {
    super(message, 'WebSocketError');
    const request = toCloseRequest(closeCode, reason);
    this.#closeCode = request.code ?? null;
    this.#reason = request.reason;
  }

  get closeCode(): number | null {
    return this.#closeCode;
  }

  get reason(): string {
    return this.#reason;
  }
}
enumerate(WebSocketError.prototype, ['closeCode', 'reason']);
defineTag(WebSocketError, 'WebSocketError');
Object.defineProperty(WebSocketError, 'name', { value: 'WebSocketError', configurable: true });
