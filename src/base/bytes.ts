// Bytes: what a user may hand over, how it becomes a Uint8Array without copying, and what is received.

/** Received bytes: never over a SharedArrayBuffer. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Any view, or a whole buffer. */
export type BinaryData = ArrayBufferView | ArrayBufferLike;

// What an array says of itself, whatever a property of its own, or of a class above it, would say in its place. What is believed
// is copied out of the memory of all connections: a lie would send what others left there.
const { prototype } = Object.getPrototypeOf(Uint8Array) as { prototype: object };
const getter = <Value>(name: string | symbol): ((this: unknown) => Value) =>
  Object.getOwnPropertyDescriptor(prototype, name)!.get as (this: unknown) => Value;
const tagGetter = getter<string | undefined>(Symbol.toStringTag);
const lengthGetter = getter<number>('length');
const offsetGetter = getter<number>('byteOffset');
const bufferGetter = getter<ArrayBuffer>('buffer');
const setter = (prototype as Uint8Array).set;

/** Whether it is one, of whatever class. */
export function isUint8Array(value: unknown): value is Uint8Array {
  return tagGetter.call(value) === 'Uint8Array';
}

/** How many bytes there are at this moment. */
export function lengthOf(bytes: Uint8Array): number {
  return lengthGetter.call(bytes);
}

/** The same bytes as a plain array, of which nothing is anybody's but ours. */
export function plainView(bytes: Uint8Array): Bytes {
  return new Uint8Array(bufferGetter.call(bytes), offsetGetter.call(bytes), lengthGetter.call(bytes));
}

/** Copies `source` to the beginning of `target`, of whatever class that is. */
export function setBytes(target: Uint8Array, source: Uint8Array): void {
  setter.call(target, source);
}

/** A view of the same bytes, which may be of a class of the user's (see `lengthOf`), or undefined if `data` is not binary. */
export function viewOf(data: unknown): Uint8Array | undefined {
  if (data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (typeof SharedArrayBuffer === 'function' && data instanceof SharedArrayBuffer) return new Uint8Array(data);
  return undefined;
}
