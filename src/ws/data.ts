// What users send and get, as the npm package `ws` takes and hands it over. It knows bytes and no connection.

import { Buffer } from 'node:buffer';
import { isBlob, isUint8Array } from '../base/brands';
import { type Bytes, lengthOf, viewOf } from '../base/bytes';
import { closeBody, isCloseCode } from '../codec/close-body';
import { toBlob } from '../runtime/blob';
import type { BinaryType } from './types';

export const EMPTY = Buffer.alloc(0);

/** Bytes of whatever is no Blob. Throws what Buffer.from does. */
export function dataOf(value: unknown): Uint8Array {
  return viewOf(value) ?? Buffer.from(value as string);
}

/** How many bytes it would have been. */
export function sizeOf(value: unknown): number {
  return isBlob(value) ? value.size : lengthOf(dataOf(value));
}

/**
 * The body of a close frame (RFC 6455 §5.5.1).
 *
 * @throws TypeError, RangeError as `ws` does
 */
export function closeFrameBody(code: unknown, reason: unknown): Uint8Array {
  if (code === undefined) return EMPTY;
  if (typeof code !== 'number' || !Number.isInteger(code) || !isCloseCode(code)) {
    throw new TypeError('First argument must be a valid error code number');
  }
  // Throws for one that was transferred, which has no length either.
  if (isUint8Array(reason)) viewOf(reason);
  if (reason === undefined || !(reason as string).length) return closeBody(code);
  if (Buffer.byteLength(reason as string) > 123) {
    throw new RangeError('The message must not be greater than 123 bytes');
  }
  if (typeof reason !== 'string' && !isUint8Array(reason)) {
    throw new TypeError('Second argument must be a string or a Uint8Array');
  }
  return closeBody(code, reason);
}

/** A binary message as the user wants it. */
export function receivedAs(bytes: Bytes, type: BinaryType): unknown {
  switch (type) {
    case 'nodebuffer':
      return bytes;
    case 'arraybuffer':
      return bytes.length === bytes.buffer.byteLength
        ? bytes.buffer
        : bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
    case 'blob':
      return toBlob(bytes);
    case 'fragments':
      return bytes.length === 0 ? [] : [bytes];
  }
}
