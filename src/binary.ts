// Bytes: what a user may hand over, how it becomes a Uint8Array without copying, and what is received.

/** Received bytes: never over a SharedArrayBuffer. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Any view, or a whole buffer. */
export type BinaryData = ArrayBufferView | ArrayBufferLike;

/** A view of the same bytes, or undefined if `data` is not binary. */
export function viewOf(data: unknown): Uint8Array | undefined {
  if (data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (typeof SharedArrayBuffer === 'function' && data instanceof SharedArrayBuffer) return new Uint8Array(data);
  return undefined;
}
