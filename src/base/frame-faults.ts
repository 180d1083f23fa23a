// What a peer can do wrong in its frames, in one table: code, close status, sentence.

import type { Fault } from './fault-kinds';

/** By name. */
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

/** By the numbers of assembly/layout.ts, which has the same names in the same order, from 1 on. */
export const FRAME_FAULTS: Readonly<Record<number, Fault>> = Object.fromEntries(
  Object.values(FRAME_FAULT).map((fault, place) => [place + 1, fault]),
);
