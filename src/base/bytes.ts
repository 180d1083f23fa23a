// Bytes: what a user may hand over, how it becomes a Uint8Array without copying, and what is received.

import { isArrayBuffer, isBlob, isDetached, isSharedArrayBuffer, isUint8Array, isUnreadableBlob } from './brands';

/** Received bytes: never over a SharedArrayBuffer. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Any view, or a whole buffer. */
export type BinaryData = ArrayBufferView | ArrayBufferLike;

// What an array says of itself, whatever a property of its own, or of a class above it, would say in its place. What is believed
// is copied out of the memory of all connections: a lie would send what others left there.
const { prototype } = Object.getPrototypeOf(Uint8Array) as { prototype: object };
const getter = <Value>(name: string): ((this: unknown) => Value) =>
  Object.getOwnPropertyDescriptor(prototype, name)!.get as (this: unknown) => Value;
const lengthGetter = getter<number>('length');
const offsetGetter = getter<number>('byteOffset');
const bufferGetter = getter<ArrayBuffer>('buffer');
const setter = (prototype as Uint8Array).set;

/** How many bytes there are at this moment. */
export function lengthOf(bytes: Uint8Array): number {
  return lengthGetter.call(bytes);
}

/** The same bytes as a plain array, of which nothing is anybody's but ours. */
export function plainView(bytes: Uint8Array): Bytes {
  return new Uint8Array(bufferGetter.call(bytes), offsetGetter.call(bytes), lengthGetter.call(bytes));
}

/** Whether two arrays that are ours hold the same bytes. */
export function areSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

/** Copies `source` to the beginning of `target`, of whatever class that is. */
export function setBytes(target: Uint8Array, source: Uint8Array): void {
  setter.call(target, source);
}

/**
 * A view of the same bytes, which may be of a class of the user's or of another realm (see `lengthOf`), or undefined if `data` is
 * not binary.
 *
 * @throws TypeError if the bytes were transferred to somebody else: what is left has none, and would pass for an empty message
 */
export function viewOf(data: unknown): Uint8Array | undefined {
  if (isUint8Array(data)) {
    if (lengthGetter.call(data) === 0) checkPresent(bufferGetter.call(data));
    return data;
  }
  return ArrayBuffer.isView(data) ? viewOfView(data) : viewOfBuffer(data);
}

/**
 * It, if it is a Blob, of whatever class.
 *
 * @throws TypeError for one that cannot be read
 */
export function blobOf(data: unknown): Blob | undefined {
  if (isBlob(data)) return data;
  if (isUnreadableBlob(data)) throw new TypeError('A Blob without arrayBuffer() cannot be read.');
  return undefined;
}

function viewOfView(view: ArrayBufferView): Uint8Array {
  // That of a DataView throws if its bytes are gone, with a sentence of the engine's.
  checkPresent(view.buffer);
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function viewOfBuffer(data: unknown): Uint8Array | undefined {
  if (!isArrayBuffer(data) && !isSharedArrayBuffer(data)) return undefined;
  checkPresent(data);
  return new Uint8Array(data);
}

function checkPresent(buffer: ArrayBufferLike): void {
  if (isDetached(buffer)) throw new TypeError('The ArrayBuffer is detached: its bytes were transferred.');
}
