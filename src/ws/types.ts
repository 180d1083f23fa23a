// The types that programs written for the npm package `ws` name (those of @types/ws), as far as they are a client's.

/** A message as 'message' tells it: text as a Buffer too, binary as `binaryType` says. */
export type RawData = Buffer | ArrayBuffer | Buffer[];

/** A message as an event listener gets it. */
export type Data = string | Buffer | ArrayBuffer | Buffer[];

/** What can be sent. */
export type BufferLike =
  | string
  | Buffer
  | DataView
  | number
  | ArrayBufferView
  | Uint8Array
  | ArrayBuffer
  | SharedArrayBuffer
  | Blob
  // biome-ignore lint/suspicious/noExplicitAny: as in @types/ws
  | readonly any[]
  | readonly number[]
  | { valueOf(): ArrayBuffer }
  | { valueOf(): SharedArrayBuffer }
  | { valueOf(): Uint8Array }
  | { valueOf(): readonly number[] }
  | { valueOf(): string }
  | { [Symbol.toPrimitive](hint: string): string };

export interface SendOptions {
  /** Passed over: this version never compresses. */
  compress?: boolean | undefined;
  /** Whether the message is binary; default: whether `data` is not a string. */
  binary?: boolean | undefined;
  /** Whether this is the last fragment of its message; default true. */
  fin?: boolean | undefined;
  /** Passed over: a client masks all its frames (RFC 6455 §5.1). */
  mask?: boolean | undefined;
}

export interface PerMessageDeflateOptions {
  serverNoContextTakeover?: boolean | undefined;
  clientNoContextTakeover?: boolean | undefined;
  serverMaxWindowBits?: number | undefined;
  clientMaxWindowBits?: number | undefined;
  zlibDeflateOptions?: object | undefined;
  zlibInflateOptions?: object | undefined;
  threshold?: number | undefined;
  concurrencyLimit?: number | undefined;
}

export type BinaryType = 'nodebuffer' | 'arraybuffer' | 'blob' | 'fragments';
