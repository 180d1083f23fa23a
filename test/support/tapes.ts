// The event tapes of the shipped binary, written as text: what each chunk leaves of a connection that begins with the first of
// them. It knows the layout of tape and record, and no rule of RFC 6455.

import {
  CONNECTION_RECORDS,
  EVENT_ASCII,
  EVENT_BYTES,
  EVENT_END,
  EVENT_FAULT,
  EVENT_FIRST_FRAME,
  EVENT_FRAME_END,
  EVENT_LENGTH_SHIFT,
  EVENT_OPCODE,
  EVENT_START,
  OP_BINARY,
  OP_CLOSE,
  OP_PING,
  OP_PONG,
  OP_TEXT,
  RECORD_BYTES,
  RECORD_MAX_FRAGMENTS,
  RECORD_MAX_MESSAGE,
  RECORD_ROLE,
  RECORD_TEXT,
  RECORD_UNCHECKED,
  RECORD_WANTS_FRAMES,
  TAPE,
  TEXT_ASCII,
  WINDOW,
} from '../../assembly/layout';
import { loadCore } from './core';
import { FAULT_NAMES } from './reference';

const { core, bytes, words } = loadCore();
const RECORD = CONNECTION_RECORDS;

const OPCODES = new Map([
  [OP_TEXT, 'text'],
  [OP_BINARY, 'binary'],
  [OP_CLOSE, 'close'],
  [OP_PING, 'ping'],
  [OP_PONG, 'pong'],
]);
const FLAGS = [
  [EVENT_START, 'start'],
  [EVENT_FIRST_FRAME, 'first'],
  [EVENT_FRAME_END, 'frame-end'],
  [EVENT_END, 'end'],
  [EVENT_ASCII, 'ascii'],
] as const;

/** The flags of what is whole. */
export const WHOLE = 'start first frame-end end';

/** Every kind of entry since it was cleared, without payloads. */
export const reached = new Set<string>();

export interface TapeOptions {
  readonly maxMessage?: number;
  readonly maxFragments?: number;
  /** Whether each frame is an entry of its own. */
  readonly wantsFrames?: boolean;
  /** Whether text is not validated. */
  readonly isUnchecked?: boolean;
}

export type TapeCase = readonly [
  name: string,
  /** Hexadecimal. */
  chunks: readonly string[],
  tapes: readonly (readonly string[])[],
  limits?: TapeOptions,
];

/** The tapes that chunks leave, one list for each. Chunks are hexadecimal, or bytes. */
export function tapes(
  role: number,
  chunks: readonly (string | Uint8Array)[],
  { maxMessage = 1000, maxFragments = 3, wantsFrames = true, isUnchecked = false }: TapeOptions = {},
): string[][] {
  bytes.fill(0, RECORD, RECORD + RECORD_BYTES);
  bytes[RECORD + RECORD_ROLE] = role;
  bytes[RECORD + RECORD_TEXT + TEXT_ASCII] = 1;
  bytes[RECORD + RECORD_WANTS_FRAMES] = wantsFrames ? 1 : 0;
  bytes[RECORD + RECORD_UNCHECKED] = isUnchecked ? 1 : 0;
  words[(RECORD + RECORD_MAX_MESSAGE) / 4] = maxMessage;
  words[(RECORD + RECORD_MAX_FRAGMENTS) / 4] = maxFragments;
  return chunks.map((chunk) => {
    const input = typeof chunk === 'string' ? Buffer.from(chunk.replaceAll(' ', ''), 'hex') : chunk;
    bytes.set(input, WINDOW);
    const count = core.decode(RECORD, WINDOW, input.length, TAPE);
    return Array.from({ length: count }, (_, i) => {
      const at = (TAPE + i * EVENT_BYTES) / 4;
      return entryText(words[at]!, words[at + 1]!);
    });
  });
}

function entryText(at: number, entry: number): string {
  const length = entry >>> EVENT_LENGTH_SHIFT;
  const opcode = entry & EVENT_OPCODE;
  if (opcode === EVENT_FAULT) {
    reached.add(`fault ${FAULT_NAMES.get(length)}`);
    return `fault ${FAULT_NAMES.get(length)}`;
  }
  const flags = FLAGS.flatMap(([flag, name]) => (entry & flag ? [name] : [])).join(' ');
  reached.add(`${OPCODES.get(opcode)} ${flags}`);
  return `${OPCODES.get(opcode)} "${Buffer.from(bytes.slice(at, at + length)).toString('latin1')}" ${flags}`;
}
