// What a server may put into its stream that no client may accept, wherever it comes between two whole messages, with the
// fault that it has to end the connection with.

import { BINARY, CLOSE, closeFrame, frame, PING, TEXT } from '../../support/raw-peer';

export interface Breach {
  readonly bytes: Buffer;
  readonly code: string;
  /** Status of the close frame that answers it (RFC 6455 §7.4.1). */
  readonly status: number;
}

/** More than the 10 MiB that are accepted: as a length of 64 bits. */
const LENGTH_TOO_LARGE = [127, 0, 0, 0, 0, 0x10, 0, 0, 0];
const LENGTH_WITH_TOP_BIT = [127, 0x80, 0, 0, 0, 0, 0, 0, 0];

export const BREACHES: readonly Breach[] = [
  { bytes: frame(0xc1, 'x'), code: 'WS_ERR_UNEXPECTED_RSV_1', status: 1002 },
  { bytes: frame(0xa2, 'x'), code: 'WS_ERR_UNEXPECTED_RSV_2_3', status: 1002 },
  { bytes: frame(0x83, 'x'), code: 'WS_ERR_INVALID_OPCODE', status: 1002 },
  { bytes: frame(0x8b), code: 'WS_ERR_INVALID_OPCODE', status: 1002 },
  { bytes: frame(0x80, 'continues nothing'), code: 'WS_ERR_INVALID_OPCODE', status: 1002 },
  { bytes: Buffer.of(BINARY, 0x81, 1, 2, 3, 4, 5), code: 'WS_ERR_UNEXPECTED_MASK', status: 1002 },
  { bytes: frame(0x09, 'half a ping'), code: 'WS_ERR_EXPECTED_FIN', status: 1002 },
  { bytes: frame(PING, 'x'.repeat(126)), code: 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH', status: 1002 },
  { bytes: frame(CLOSE, 'x'), code: 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH', status: 1002 },
  { bytes: closeFrame(1006), code: 'WS_ERR_INVALID_CLOSE_CODE', status: 1002 },
  { bytes: Buffer.of(BINARY, ...LENGTH_WITH_TOP_BIT), code: 'WS_ERR_INVALID_PAYLOAD_LENGTH', status: 1002 },
  { bytes: frame(TEXT, Buffer.of(0x61, 0xc3, 0x28)), code: 'WS_ERR_INVALID_UTF8', status: 1007 },
  { bytes: Buffer.of(BINARY, ...LENGTH_TOO_LARGE), code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', status: 1009 },
];
