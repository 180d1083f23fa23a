// What programs written for Workerman know by its names: the types of data frame, the counters of a thread, the numbers of
// states.

import type { State } from '../connection/state';

/** What `websocketType` may be. The values are Workerman's own: the first byte of the frames that are sent. */
export const Ws = {
  /** Strings are sent as text frames (opcode 1). */
  BINARY_TYPE_BLOB: '\x81',
  /** Strings are sent as binary frames (opcode 2) that hold their UTF-8. */
  BINARY_TYPE_ARRAYBUFFER: '\x82',
} as const;

export type WebsocketType = (typeof Ws)[keyof typeof Ws];

/** They count all connections since the thread began, except where it says otherwise. */
export const statistics = {
  /** Connections that are on their way or open now. */
  connection_count: 0,
  /** Messages received. */
  total_request: 0,
  /** Exceptions that callbacks threw. */
  throw_exception: 0,
  /** Messages that `send()` dropped. */
  send_fail: 0,
};

export type Statistics = Readonly<typeof statistics>;

export type StatusName = 'INITIAL' | 'CONNECTING' | 'ESTABLISHED' | 'ENDING' | 'CLOSING' | 'CLOSED';

/** Its STATUS_ constants; a handshake in progress counts as connecting. */
export const STATUS: Readonly<Record<State, { readonly name: StatusName; readonly number: number }>> = {
  initial: { name: 'INITIAL', number: 0 },
  dialing: { name: 'CONNECTING', number: 1 },
  handshaking: { name: 'CONNECTING', number: 1 },
  open: { name: 'ESTABLISHED', number: 2 },
  ending: { name: 'ENDING', number: 4 },
  closing: { name: 'CLOSING', number: 8 },
  closed: { name: 'CLOSED', number: 16 },
};
