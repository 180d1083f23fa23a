// What can be sent, and in which form: messages, and the payloads of pings and pongs. Why a message was dropped. It knows no
// connection.

import { type BinaryData, blobOf, lengthOf, plainView, viewOf } from '../base/bytes';
import { CONNECTION_FAULTS, WsimdError } from '../base/faults';
import { describe } from '../options/checks';
import { encodeUtf8 } from '../runtime/strings';
import { MOST_CONTROL_BYTES } from '../sending/first-byte';
import type { LaterMessage, UnsentMessage } from '../sending/unsent';
import { statistics } from './workerman';

/** What can be sent: text, or bytes. */
export type SendData = string | BinaryData | Blob;

export interface SendOptions {
  /** Whether a string goes as binary; default: as `websocketType` says. Bytes always do. */
  readonly binary?: boolean | undefined;
  /** Whether the message may be compressed where `perMessageDeflate` was agreed; default true. */
  readonly compress?: boolean | undefined;
}

/** Why a message was dropped. */
export type Dropped = (typeof CONNECTION_FAULTS)['notOpen' | 'sendBufferFull' | 'sendQueueFull'];

export function drop(fault: Dropped): Dropped {
  statistics.send_fail += 1;
  return fault;
}

/** @param bound the limit that says so, if one does */
export function droppedError(fault: Dropped, bound: string | undefined): WsimdError {
  return new WsimdError(fault, fault === CONNECTION_FAULTS.notOpen ? undefined : bound);
}

/** A message that was accepted was not sent. */
export function notSent(cause: WsimdError | undefined): WsimdError {
  return new WsimdError(CONNECTION_FAULTS.notSent, cause?.message, cause);
}

/**
 * A message that may wait: text as a string, anything else as bytes that nobody else writes to, or as what gives them when it is asked.
 *
 * @param other what is no text
 */
export function keepable(
  data: SendData,
  other: Uint8Array | Blob | LaterMessage | undefined,
  isBinary: boolean,
): UnsentMessage['data'] {
  if (other === undefined) return isBinary ? encodeUtf8(data as string) : (data as string);
  return 'size' in other ? other : plainView(other).slice();
}

/** @throws TypeError unless it can be sent */
export function checkBlob(data: unknown): Blob {
  const blob = blobOf(data);
  if (blob !== undefined) return blob;
  throw new TypeError(`send() takes a string, an ArrayBuffer, a view of one or a Blob, not ${describe(data)}.`);
}

/** @throws TypeError, RangeError unless it can be the payload of a control frame */
export function controlPayload(name: string, payload: string | BinaryData): Uint8Array {
  const bytes = typeof payload === 'string' ? encodeUtf8(payload) : viewOf(payload);
  if (bytes === undefined) {
    throw new TypeError(`${name}() takes a string, an ArrayBuffer or a view of one, not ${describe(payload)}.`);
  }
  const length = lengthOf(bytes);
  if (length > MOST_CONTROL_BYTES) {
    throw new RangeError(`${name}() takes at most ${MOST_CONTROL_BYTES} bytes (RFC 6455 §5.5); these are ${length}.`);
  }
  return bytes;
}
