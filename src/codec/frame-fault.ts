// The error for a rule of RFC 6455 that a frame broke, with what was found in the frame. It knows the record, not the tape.

import {
  FAULT_CLOSE_CODE,
  FAULT_CONTROL_LENGTH,
  FAULT_EXPECTED_CONTINUATION,
  FAULT_MESSAGE_TOO_BIG,
  FAULT_OPCODE,
  FAULT_RSV1,
  FAULT_TOO_MANY_FRAGMENTS,
  RECORD_DEFLATES,
  RECORD_REFUSED,
} from '../../assembly/layout';
import { WsimdError } from '../base/faults';
import { FRAME_FAULTS } from '../base/frame-faults';
import type { DecoderOptions } from './contract';
import { core, readBigUint64 } from './memory';

const NOTHING_NEGOTIATED = 'none was negotiated';
const ON_THE_FIRST_FRAME = 'permessage-deflate does so for the first frame of a data message alone (RFC 7692 §6.1)';

export function frameFault(fault: number, record: number, options: DecoderOptions): WsimdError {
  const { maxMessage, maxFragments, sizeOption } = options;
  const refused = readBigUint64(record + RECORD_REFUSED);
  const found = refused > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(refused);
  const error = (detail?: string, found?: number): WsimdError =>
    new WsimdError(FRAME_FAULTS[fault]!, detail, undefined, found);
  switch (fault) {
    case FAULT_RSV1:
      return error(core.bytes[record + RECORD_DEFLATES] === 0 ? NOTHING_NEGOTIATED : ON_THE_FIRST_FRAME);
    case FAULT_OPCODE:
    case FAULT_CLOSE_CODE:
      return error(`it is ${found}`, found);
    case FAULT_EXPECTED_CONTINUATION:
      return error(`its opcode is ${found}`, found);
    case FAULT_CONTROL_LENGTH:
      return error(`its length field is ${found}`, found);
    case FAULT_MESSAGE_TOO_BIG:
      return error(`it has at least ${refused} bytes, and ${sizeOption} is ${maxMessage}`, found);
    case FAULT_TOO_MANY_FRAGMENTS:
      return error(`maxFragments is ${maxFragments}`);
    default:
      return error();
  }
}
