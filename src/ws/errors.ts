// The errors of the `ws` face: codes, classes and texts of the npm package `ws` for what this library calls by its own names.
// The runtime's errors stay what they are.

import { isError } from '../base/brands';
import { CONNECTION_FAULTS, type Fault, WsimdError } from '../base/faults';
import { FRAME_FAULT } from '../base/frame-faults';

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

const TEXTS: ReadonlyMap<Fault, Text> = new Map<Fault, Text>([
  [FRAME_FAULT.rsv1, () => `${FRAME}RSV1 must be clear`],
  [FRAME_FAULT.rsv23, () => `${FRAME}RSV2 and RSV3 must be clear`],
  [FRAME_FAULT.opcode, opcode],
  [FRAME_FAULT.continuation, () => opcode(0)],
  [FRAME_FAULT.expectedContinuation, opcode],
  [FRAME_FAULT.controlFragmented, () => `${FRAME}FIN must be set`],
  [FRAME_FAULT.controlLength, payloadLength],
  [FRAME_FAULT.closeLength, () => payloadLength(1)],
  [FRAME_FAULT.unexpectedMask, () => `${FRAME}MASK must be clear`],
  [FRAME_FAULT.messageTooBig, () => 'Max payload size exceeded'],
  [FRAME_FAULT.tooManyFragments, () => 'Too many message fragments'],
  [FRAME_FAULT.closeCode, (found) => `${FRAME}invalid status code ${found}`],
  [FRAME_FAULT.utf8, utf8],
  [FRAME_FAULT.closeUtf8, utf8],
]);

/** The same failure as `ws` tells it; what it has no words for is told in ours. */
export function wsError(error: WsimdError): Error {
  const { fault, cause, found } = error;
  if (fault === CONNECTION_FAULTS.connectTimeout) return new Error('Opening handshake has timed out', { cause: error });
  if (isError(cause)) return isExplained(fault, cause) ? explained(cause, new WsimdError(fault, error.detail)) : cause;
  const isTooLong = fault === FRAME_FAULT.messageTooBig && found === undefined;
  if (isTooLong || fault === FRAME_FAULT.lengthTopBit) {
    return coded(new RangeError(TOO_LONG.text, { cause: error }), TOO_LONG.code);
  }
  const text = TEXTS.get(fault);
  if (text === undefined) return error;
  const Class = text === utf8 ? Error : RangeError;
  return coded(new Class(text(found), { cause: error }), fault.code);
}

/** Whether it is the runtime's own error for an attempt that failed: it says little, and a user's own has mostly no code. */
function isExplained(fault: Fault, cause: Error): boolean {
  const isOfAttempt = fault === CONNECTION_FAULTS.connect || fault === CONNECTION_FAULTS.tls;
  return isOfAttempt && typeof (cause as NodeJS.ErrnoException).code === 'string';
}

/**
 * The same error, as `ws` would tell it, with what explains it as its `cause`: where it has none, and is none of a user's own,
 * which may be told of other connections, too. It is not enumerable, so that whoever lists or compares errors sees what `ws` has.
 */
export function explained(error: Error, why: WsimdError | undefined): Error {
  const isOwn = why === undefined || 'cause' in error || !Object.isExtensible(error);
  if (isOwn) return error;
  return Object.defineProperty(error, 'cause', { value: why, writable: true, configurable: true });
}

/** What a method gets that sends when it is too late. */
export function streamDestroyed(): Error {
  return coded(new Error('Cannot call write after a stream was destroyed'), 'ERR_STREAM_DESTROYED');
}

function coded(error: Error, code: string): Error {
  return Object.assign(error, { code });
}
