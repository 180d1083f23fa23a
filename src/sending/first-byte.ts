// The first byte of a frame (RFC 6455 §5.2): FIN, RSV1 and the opcode are put together here, and nowhere else.

import {
  CONTROL_MAX,
  FIN_BIT,
  OP_BINARY,
  OP_CLOSE,
  OP_CONTINUATION,
  OP_PING,
  OP_PONG,
  OP_TEXT,
  OPCODE_BITS,
  RSV1_BIT,
} from '../../assembly/layout';

/** "All control frames MUST have a payload length of 125 bytes or less" (RFC 6455 §5.5). */
export const MOST_CONTROL_BYTES = CONTROL_MAX;

/** It is made by the functions below, and handed on as it is. */
export type FirstByte = number;

export const PING: FirstByte = OP_PING | FIN_BIT;
export const PONG: FirstByte = OP_PONG | FIN_BIT;
export const CLOSE: FirstByte = OP_CLOSE | FIN_BIT;

/** A message in one frame begins with this. */
export function firstOfMessage(isBinary: boolean, isCompressed: boolean): FirstByte {
  return firstOfFragments(isBinary, isCompressed, true);
}

/** A message's first fragment begins with this; its RSV1 stands for all of them (RFC 7692 §6.1). */
export function firstOfFragments(isBinary: boolean, isCompressed: boolean, isLast: boolean): FirstByte {
  return (isBinary ? OP_BINARY : OP_TEXT) | (isCompressed ? RSV1_BIT : 0) | (isLast ? FIN_BIT : 0);
}

/** All fragments that follow begin with this (RFC 6455 §5.4). */
export function firstOfContinuation(isLast: boolean): FirstByte {
  return isLast ? OP_CONTINUATION | FIN_BIT : OP_CONTINUATION;
}

/**
 * Any frame begins with this.
 *
 * @throws RangeError for a reserved opcode, a control frame in fragments, or `rsv1` on what begins no message
 */
export function firstOfFrame(opcode: number, isLast: boolean, rsv1: boolean): FirstByte {
  if (![OP_CONTINUATION, OP_TEXT, OP_BINARY, OP_CLOSE, OP_PING, OP_PONG].includes(opcode)) {
    throw new RangeError(`The opcode ${opcode} is reserved: 0, 1, 2, 8, 9 and 10 are defined (RFC 6455 §5.2).`);
  }
  if (rsv1 && opcode !== OP_TEXT && opcode !== OP_BINARY) {
    throw new RangeError('"rsv1" is for the first frame of a message (RFC 7692 §6).');
  }
  if (isControl(opcode) && !isLast) throw new RangeError('A control frame must not be fragmented (RFC 6455 §5.5).');
  return opcode | (isLast ? FIN_BIT : 0) | (rsv1 ? RSV1_BIT : 0);
}

/** Whether a frame that begins with this is all of a message. */
export function isWholeMessage(first: FirstByte): boolean {
  const opcode = first & OPCODE_BITS;
  return (opcode === OP_TEXT || opcode === OP_BINARY) && (first & FIN_BIT) !== 0;
}

export function isControl(opcode: number): boolean {
  return opcode >= OP_CLOSE;
}
