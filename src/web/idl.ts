// What WebIDL makes of the values that users pass, and of their number. It knows no WebSocket.

import { isArrayBuffer } from '../base/brands';
import { viewOf } from '../base/bytes';

export function defineTag(Class: { readonly prototype: object }, tag: string): void {
  Object.defineProperty(Class.prototype, Symbol.toStringTag, { value: tag, configurable: true });
}

/** @throws TypeError if there are fewer arguments than that */
export function requireArguments(given: number, needed: number, what: string): void {
  if (given >= needed) return;
  const some = needed === 1 ? '1 argument' : `${needed} arguments`;
  throw new TypeError(`${what} needs ${some}, but got ${given}.`);
}

/** A dictionary: null and undefined stand for an empty one. */
export function toDictionary<Dictionary extends object>(value: unknown): Partial<Dictionary> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' && typeof value !== 'function') throw new TypeError('A dictionary must be an object.');
  return value;
}

/** USVString: a lone surrogate becomes U+FFFD. */
export function toUsvString(value: unknown): string {
  const text = `${value as string}`;
  return /\p{Surrogate}/u.test(text) ? text.replace(/\p{Surrogate}/gu, '\uFFFD') : text;
}

/** sequence<USVString>, of whatever has an iterator and is no string. */
export function toSequence(value: unknown, name: string): string[] {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  if (!isObject || typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] !== 'function') {
    throw new TypeError(`${name} must be a list.`);
  }
  return Array.from(value as Iterable<unknown>, toUsvString);
}

/** [EnforceRange] unsigned short: whatever is out of range is refused, and a fraction cut off. */
export function toEnforcedShort(value: unknown, name: string): number {
  const number = Math.trunc(+(value as number));
  if (!(number >= 0 && number <= 65_535)) throw new TypeError(`${name} must be a number from 0 to 65535.`);
  return number + 0;
}

/** [Clamp] unsigned short: whatever is out of range becomes the nearest in it; a half goes to the even number. */
export function toClampedShort(value: unknown): number {
  // Unlike Number(), it refuses a BigInt, as WebIDL does.
  const number = +(value as number);
  if (Number.isNaN(number)) return 0;
  const clamped = Math.min(Math.max(number, 0), 65_535);
  const floor = Math.floor(clamped);
  const rest = clamped - floor;
  if (rest === 0.5) return floor + (floor % 2);
  return rest > 0.5 ? floor + 1 : floor;
}

/**
 * BufferSource, neither [AllowShared] nor [AllowResizable] (WebIDL §3.2.27).
 *
 * @throws TypeError for bytes that are shared, may change their size, or were transferred: WebIDL would have them be none, but
 *   what is meant to be a message must not leave as an empty one
 */
export function bytesOf(data: unknown): Uint8Array | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const isView = ArrayBuffer.isView(data);
  const buffer: unknown = isView ? data.buffer : data;
  if (!isArrayBuffer(buffer)) {
    if (isView) throw new TypeError('The bytes must not be in a SharedArrayBuffer.');
    return undefined;
  }
  if ((buffer as { resizable?: boolean }).resizable) {
    throw new TypeError('The bytes must not be in a resizable ArrayBuffer.');
  }
  return viewOf(data);
}
