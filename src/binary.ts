// Bytes: what a user may hand over, how it becomes a Uint8Array without copying, and what is received.

/** Received bytes: never over a SharedArrayBuffer. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Any view, or a whole buffer. */
export type BinaryData = ArrayBufferView | ArrayBufferLike;

/** What an array's length really is: a property of its own, or of a class above it, may say otherwise. */
const lengthOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'length')!.get as (
  this: Uint8Array,
) => number;

/** A view of the same bytes that tells its true length, or undefined if `data` is not binary. */
export function viewOf(data: unknown): Uint8Array | undefined {
  if (data instanceof Uint8Array) {
    const length = lengthOf.call(data);
    // What is believed here is copied out of the memory of all connections: a lie would send what others left there.
    return data.length === length ? data : new Uint8Array(data.buffer, data.byteOffset, length);
  }
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (typeof SharedArrayBuffer === 'function' && data instanceof SharedArrayBuffer) return new Uint8Array(data);
  return undefined;
}
