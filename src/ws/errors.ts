// The errors of the `ws` face: codes, classes and texts of the npm package `ws` for what this library calls by its own names.
// The runtime's errors stay what they are.

import {
  FAULT_CLOSE_CODE,
  FAULT_CLOSE_LENGTH,
  FAULT_CLOSE_UTF8,
  FAULT_CONTINUATION,
  FAULT_CONTROL_FRAGMENTED,
  FAULT_CONTROL_LENGTH,
  FAULT_EXPECTED_CONTINUATION,
  FAULT_LENGTH_TOP_BIT,
  FAULT_MESSAGE_TOO_BIG,
  FAULT_OPCODE,
  FAULT_RSV1,
  FAULT_RSV23,
  FAULT_TOO_MANY_FRAGMENTS,
  FAULT_UNEXPECTED_MASK,
  FAULT_UTF8,
} from '../../assembly/layout';
import { CONNECTION_FAULTS, type Fault, FRAME_FAULTS, type WsimdError } from '../base/faults';

type Text = (found: number | undefined) => string;

const FRAME = 'Invalid WebSocket frame: ';
const opcode: Text = (found) => `${FRAME}invalid opcode ${found}`;
const payloadLength: Text = (found) => `${FRAME}invalid payload length ${found}`;
const utf8: Text = () => `${FRAME}invalid UTF-8 sequence`;

/** The two that `ws` tells apart by their code. */
const TOO_LONG = {
  code: 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
  text: 'Unsupported WebSocket frame: payload length > 2^53 - 1',
};

const TEXTS: ReadonlyMap<Fault, Text> = new Map(
  (
    [
      [FAULT_RSV1, () => `${FRAME}RSV1 must be clear`],
      [FAULT_RSV23, () => `${FRAME}RSV2 and RSV3 must be clear`],
      [FAULT_OPCODE, opcode],
      [FAULT_CONTINUATION, () => opcode(0)],
      [FAULT_EXPECTED_CONTINUATION, opcode],
      [FAULT_CONTROL_FRAGMENTED, () => `${FRAME}FIN must be set`],
      [FAULT_CONTROL_LENGTH, payloadLength],
      [FAULT_CLOSE_LENGTH, () => payloadLength(1)],
      [FAULT_UNEXPECTED_MASK, () => `${FRAME}MASK must be clear`],
      [FAULT_MESSAGE_TOO_BIG, () => 'Max payload size exceeded'],
      [FAULT_TOO_MANY_FRAGMENTS, () => 'Too many message fragments'],
      [FAULT_CLOSE_CODE, (found: number | undefined) => `${FRAME}invalid status code ${found}`],
      [FAULT_UTF8, utf8],
      [FAULT_CLOSE_UTF8, utf8],
    ] as const
  ).map(([fault, text]) => [FRAME_FAULTS[fault]!, text]),
);

/** The same failure as `ws` tells it; what it has no words for is told in ours. */
export function wsError(error: WsimdError): Error {
  const { fault, cause, found } = error;
  if (fault === CONNECTION_FAULTS.connectTimeout) return new Error('Opening handshake has timed out', { cause: error });
  if (cause instanceof Error) return cause;
  const isTooLong = fault === FRAME_FAULTS[FAULT_MESSAGE_TOO_BIG] && found === undefined;
  if (isTooLong || fault === FRAME_FAULTS[FAULT_LENGTH_TOP_BIT]) {
    return coded(new RangeError(TOO_LONG.text, { cause: error }), TOO_LONG.code);
  }
  const text = TEXTS.get(fault);
  if (text === undefined) return error;
  const Class = text === utf8 ? Error : RangeError;
  return coded(new Class(text(found), { cause: error }), fault.code);
}

/** What a method gets that sends when it is too late. */
export function streamDestroyed(): Error {
  return coded(new Error('Cannot call write after a stream was destroyed'), 'ERR_STREAM_DESTROYED');
}

function coded(error: Error, code: string): Error {
  return Object.assign(error, { code });
}
