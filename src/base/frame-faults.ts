// What a peer can do wrong in its frames, in one table: code, close status, sentence.

import {
  FAULT_CLOSE_CODE,
  FAULT_CLOSE_LENGTH,
  FAULT_CLOSE_UTF8,
  FAULT_CONTINUATION,
  FAULT_CONTROL_FRAGMENTED,
  FAULT_CONTROL_LENGTH,
  FAULT_EXPECTED_CONTINUATION,
  FAULT_EXPECTED_MASK,
  FAULT_LENGTH_NOT_MINIMAL,
  FAULT_LENGTH_TOP_BIT,
  FAULT_MESSAGE_TOO_BIG,
  FAULT_OPCODE,
  FAULT_RSV1,
  FAULT_RSV23,
  FAULT_TOO_MANY_FRAGMENTS,
  FAULT_UNEXPECTED_MASK,
  FAULT_UTF8,
} from '../../assembly/layout';

import type { Fault } from './faults';

/** By name, for whoever knows no numbers. */
export const FRAME_FAULT = {
  rsv1: {
    code: 'WS_ERR_UNEXPECTED_RSV_1',
    status: 1002,
    sentence: 'RSV1 is set where no extension that was negotiated defines it (RFC 6455 §5.2)',
  },
  rsv23: {
    code: 'WS_ERR_UNEXPECTED_RSV_2_3',
    status: 1002,
    sentence: 'RSV2 or RSV3 is set, which no extension that was negotiated defines (RFC 6455 §5.2)',
  },
  opcode: {
    code: 'WS_ERR_INVALID_OPCODE',
    status: 1002,
    sentence: 'The frame has a reserved opcode, 3–7 or 11–15 (RFC 6455 §5.2)',
  },
  continuation: {
    code: 'WS_ERR_INVALID_OPCODE',
    status: 1002,
    sentence: 'A continuation frame came without a message to continue (RFC 6455 §5.4)',
  },
  expectedContinuation: {
    code: 'WS_ERR_INVALID_OPCODE',
    status: 1002,
    sentence: 'A new data frame came inside a fragmented message, before its last fragment (RFC 6455 §5.4)',
  },
  controlFragmented: {
    code: 'WS_ERR_EXPECTED_FIN',
    status: 1002,
    sentence: 'A control frame must not be fragmented (RFC 6455 §5.5)',
  },
  controlLength: {
    code: 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH',
    status: 1002,
    sentence: 'The payload of a control frame is limited to 125 bytes (RFC 6455 §5.5)',
  },
  unexpectedMask: {
    code: 'WS_ERR_UNEXPECTED_MASK',
    status: 1002,
    sentence: 'A server must not mask its frames (RFC 6455 §5.1)',
  },
  expectedMask: {
    code: 'WS_ERR_EXPECTED_MASK',
    status: 1002,
    sentence: 'A client must mask its frames (RFC 6455 §5.1)',
  },
  lengthNotMinimal: {
    code: 'WS_ERR_INVALID_PAYLOAD_LENGTH',
    status: 1002,
    sentence: 'The minimal number of bytes must be used to encode a payload length (RFC 6455 §5.2)',
  },
  lengthTopBit: {
    code: 'WS_ERR_INVALID_PAYLOAD_LENGTH',
    status: 1002,
    sentence: 'The most significant bit of a 64-bit payload length must be 0 (RFC 6455 §5.2)',
  },
  messageTooBig: {
    code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
    status: 1009,
    sentence: 'The message is larger than this connection accepts',
  },
  tooManyFragments: {
    code: 'WS_ERR_TOO_MANY_BUFFERED_PARTS',
    status: 1008,
    sentence: 'The message has more fragments than this connection accepts',
  },
  utf8: {
    code: 'WS_ERR_INVALID_UTF8',
    status: 1007,
    sentence: 'A text message is not valid UTF-8 (RFC 6455 §8.1)',
  },
  closeLength: {
    code: 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH',
    status: 1002,
    sentence: 'The body of a close frame is empty or at least 2 bytes long; this one has 1 (RFC 6455 §5.5.1)',
  },
  closeCode: {
    code: 'WS_ERR_INVALID_CLOSE_CODE',
    status: 1002,
    sentence: 'A close frame carries a code that must not be sent (RFC 6455 §7.4)',
  },
  closeUtf8: {
    code: 'WS_ERR_INVALID_UTF8',
    status: 1007,
    sentence: 'The reason of a close frame is not valid UTF-8 (RFC 6455 §5.5.1)',
  },
} as const satisfies Readonly<Record<string, Fault>>;

/** By the numbers of assembly/layout.ts. */
export const FRAME_FAULTS: Readonly<Record<number, Fault>> = {
  [FAULT_RSV1]: FRAME_FAULT.rsv1,
  [FAULT_RSV23]: FRAME_FAULT.rsv23,
  [FAULT_OPCODE]: FRAME_FAULT.opcode,
  [FAULT_CONTINUATION]: FRAME_FAULT.continuation,
  [FAULT_EXPECTED_CONTINUATION]: FRAME_FAULT.expectedContinuation,
  [FAULT_CONTROL_FRAGMENTED]: FRAME_FAULT.controlFragmented,
  [FAULT_CONTROL_LENGTH]: FRAME_FAULT.controlLength,
  [FAULT_UNEXPECTED_MASK]: FRAME_FAULT.unexpectedMask,
  [FAULT_EXPECTED_MASK]: FRAME_FAULT.expectedMask,
  [FAULT_LENGTH_NOT_MINIMAL]: FRAME_FAULT.lengthNotMinimal,
  [FAULT_LENGTH_TOP_BIT]: FRAME_FAULT.lengthTopBit,
  [FAULT_MESSAGE_TOO_BIG]: FRAME_FAULT.messageTooBig,
  [FAULT_TOO_MANY_FRAGMENTS]: FRAME_FAULT.tooManyFragments,
  [FAULT_UTF8]: FRAME_FAULT.utf8,
  [FAULT_CLOSE_LENGTH]: FRAME_FAULT.closeLength,
  [FAULT_CLOSE_CODE]: FRAME_FAULT.closeCode,
  [FAULT_CLOSE_UTF8]: FRAME_FAULT.closeUtf8,
};
