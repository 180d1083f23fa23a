// The body of a close frame (RFC 6455 §5.5.1, §7.4), as both the connection and `wsimd/framing` send it.

import { isCloseCode } from '../../assembly/close-codes';
import { CONTROL_MAX } from '../../assembly/layout';
import { isUint8Array } from '../base/brands';
import { viewOf } from '../base/bytes';
import { encodeUtf8 } from '../runtime/strings';

export { isCloseCode };

/**
 * Two bytes of status and a reason, at most 125 bytes together; empty without a code. Throws a RangeError for a code that
 * must not be sent or a reason that is too long, a TypeError for a reason that is no string, has no code, or was transferred.
 */
export function closeBody(code?: number, reason: string | Uint8Array = ''): Uint8Array {
  if (typeof reason !== 'string' && !isUint8Array(reason)) {
    throw new TypeError('A close reason must be a string (RFC 6455 §5.5.1).');
  }
  if (typeof reason !== 'string') viewOf(reason);
  if (code === undefined) {
    if (reason.length > 0) throw new TypeError('A close reason needs a close code in front of it (RFC 6455 §5.5.1).');
    return new Uint8Array(0);
  }
  if (!Number.isInteger(code) || !isCloseCode(code)) {
    throw new RangeError(
      `The close code ${code} must not be sent: 1000–1003, 1007–1014 and 3000–4999 may (RFC 6455 §7.4).`,
    );
  }
  const text = typeof reason === 'string' ? encodeUtf8(reason) : reason;
  if (text.length > CONTROL_MAX - 2) {
    throw new RangeError(
      `A close reason is limited to 123 bytes of UTF-8 (RFC 6455 §5.5); this one has ${text.length}.`,
    );
  }
  const body = new Uint8Array(2 + text.length);
  body[0] = code >> 8;
  body[1] = code & 0xff;
  body.set(text, 2);
  return body;
}
