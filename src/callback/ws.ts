// Workerman's protocol class, as far as programs name it: the two types of data frame.

/** What `websocketType` may be. The values are Workerman's own: the first byte of the frames that are sent. */
export const Ws = {
  /** Strings are sent as text frames (opcode 1). */
  BINARY_TYPE_BLOB: '\x81',
  /** Strings are sent as binary frames (opcode 2) that hold their UTF-8. */
  BINARY_TYPE_ARRAYBUFFER: '\x82',
} as const;

export type WebsocketType = (typeof Ws)[keyof typeof Ws];
