// Every difference between this decoder and the receiver of `ws` 8.23, with its reason. Each is owned: `examples` are
// streams that show it, and fail when it is gone; `reread` says how `ws` reads on where the decoder refuses, which is all
// that the property in ws.ts lets pass.

import { DEFAULT_LIMITS, encodeFrame, type Limits, type Role } from '../../support/reference';
import type { WalkedFrame } from './frame-walk';
import { faultLine, WS_DEFAULTS, type WsLimits } from './ws-receiver';

/** A stream at its first fault. */
export interface Refusal {
  readonly role: Role;
  readonly limits: Limits;
  readonly stream: Uint8Array;
  /** As assembly/layout.ts has it, without FAULT_. */
  readonly fault: string;
  /** What was told before it. */
  readonly told: readonly string[];
  /** The frames up to the refused one, which is the last. */
  readonly frames: readonly WalkedFrame[];
}

/** Another stream: what the decoder tells of it is, put into other words by `translate`, what `ws` tells of this one. */
export interface Reread {
  readonly stream: Uint8Array;
  readonly limits?: Limits;
  translate?(log: readonly string[]): readonly string[];
}

export interface Example {
  readonly sentence: string;
  readonly role?: Role;
  readonly limits?: Limits;
  /** Those of `ws`, if it has others. */
  readonly wsLimits?: WsLimits;
  /** Chunks in hexadecimal, or as bytes. */
  readonly chunks: readonly (string | Uint8Array)[];
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
}

export interface Difference {
  readonly name: string;
  readonly reason: string;
  readonly examples: readonly Example[];
  readonly reread?: (refusal: Refusal) => Reread | undefined;
}

const TOO_MANY = faultLine('WS_ERR_TOO_MANY_BUFFERED_PARTS', 1008);
const BAD_UTF8 = faultLine('WS_ERR_INVALID_UTF8', 1007);
const BAD_LENGTH = faultLine('WS_ERR_INVALID_PAYLOAD_LENGTH', 1002);
const TOO_BIG = faultLine('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 1009);
const UNSUPPORTED = faultLine('WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH', 1009);

/** The stream with the byte at `at` replaced. */
function withByte(stream: Uint8Array, at: number, byte: number): Uint8Array {
  const changed = stream.slice();
  changed[at] = byte;
  return changed;
}

const manyFragments = Buffer.concat([
  encodeFrame({ opcode: 2, fin: false }),
  ...Array<Uint8Array>(65_535).fill(encodeFrame({ opcode: 0, fin: false })),
  encodeFrame({ opcode: 0, payload: [0x61] }),
]);

export const DIFFERENCES: readonly Difference[] = [
  {
    name: 'UTF-8 is refused at its first bad byte',
    reason:
      'ws validates a text when its last fragment is there, so that other faults and events of the same message come ' +
      'first. RFC 6455 §8.1: an endpoint that finds that the byte stream is not valid UTF-8 "MUST _Fail the WebSocket ' +
      'Connection_"; it has found that at the first byte that no text can have there.',
    examples: [
      { sentence: 'a text that is not whole', chunks: ['8103 61ff'], ours: [BAD_UTF8], theirs: [] },
      {
        sentence: 'a ping and a reserved bit behind a bad fragment',
        chunks: ['0101ff', '8900', 'c000'],
        ours: [BAD_UTF8],
        theirs: ['ping ', faultLine('WS_ERR_UNEXPECTED_RSV_1', 1002)],
      },
      {
        sentence: 'a close frame behind a bad fragment',
        chunks: ['0101ff', '880203e8'],
        ours: [BAD_UTF8],
        theirs: ['close 1000 ""'],
      },
    ],
    reread({ fault, stream, told, frames }) {
      if (fault !== 'UTF8') return undefined;
      // As bytes the message breaks no rule of text, and where it would be told, ws finds it wrong.
      const { at, first } = frames.filter(({ opcode }) => opcode === 1).at(-1)!;
      return {
        stream: withByte(stream, at, first + 1),
        translate(log) {
          const end = log.findIndex((entry, index) => index >= told.length && !/^p[io]ng /.test(entry));
          return log[end]?.startsWith('binary ') ? [...log.slice(0, end), BAD_UTF8] : log;
        },
      };
    },
  },
  {
    name: 'a header is refused at the byte that breaks a rule',
    reason:
      'ws reads two bytes before it looks at the first, a whole length before it judges one, and a whole close frame ' +
      'before it looks at its code. RFC 6455 §7.1.7 has it fail the connection; what has not come yet cannot change that.',
    examples: [
      {
        sentence: 'a reserved bit in the first byte',
        chunks: ['c1'],
        ours: [faultLine('WS_ERR_UNEXPECTED_RSV_1', 1002)],
        theirs: [],
      },
      {
        sentence: 'a close code, before its reason has come',
        chunks: ['8805 03ed'],
        ours: [faultLine('WS_ERR_INVALID_CLOSE_CODE', 1002)],
        theirs: [],
      },
      { sentence: 'the first byte of a 64-bit length', chunks: ['827f 80'], ours: [BAD_LENGTH], theirs: [] },
    ],
  },
  {
    name: 'a length has to be minimal',
    reason:
      'ws takes any. RFC 6455 §5.2: "in all cases, the minimal number of bytes MUST be used to encode the length, for ' +
      'example, the length of a 124-byte-long string can\'t be encoded as the sequence 126, 0, 124".',
    examples: [
      {
        sentence: 'a text of 5 bytes in 16 bits',
        chunks: ['817e0005 48656c6c6f'],
        ours: [BAD_LENGTH],
        theirs: ['text "Hello"'],
      },
      {
        sentence: 'one byte in 64 bits',
        role: 'server',
        chunks: ['82ff0000000000000001 00000000 61'],
        ours: [BAD_LENGTH],
        theirs: ['binary 61'],
      },
    ],
    reread({ stream, frames }) {
      const { at, first, opcode, digits, length, payloadAt } = frames.at(-1)!;
      const isMinimal = digits === 0 || length >= (digits === 2 ? 126n : 65_536n);
      if (opcode >= 8 || isMinimal) return undefined;
      const mask = stream[at + 1]! & 0x80;
      const short = length < 126n ? [Number(length)] : [126, Number(length >> 8n), Number(length & 0xffn)];
      const header = [first, short[0]! | mask, ...short.slice(1), ...stream.subarray(at + 2 + digits, payloadAt)];
      return { stream: Buffer.concat([stream.subarray(0, at), Uint8Array.from(header), stream.subarray(payloadAt)]) };
    },
  },
  {
    name: 'a length is a whole number of 64 bits',
    reason:
      'ws counts in doubles and has a fault of its own for what does not fit in one, top bit or not. RFC 6455 §5.2: "the ' +
      'most significant bit MUST be 0", which is the protocol broken (1002), and not a message that is too big (1009).',
    examples: [
      { sentence: 'the top bit', chunks: ['827f8000000000000000'], ours: [BAD_LENGTH], theirs: [UNSUPPORTED] },
      { sentence: '2^53 bytes', chunks: ['827f0020000000000000'], ours: [TOO_BIG], theirs: [UNSUPPORTED] },
    ],
    reread({ fault, stream, frames }) {
      const { at, length } = frames.at(-1)!;
      const isLength = fault === 'LENGTH_TOP_BIT' || fault === 'MESSAGE_TOO_BIG';
      if (!isLength || length <= BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
      return { stream: stream.subarray(0, at), translate: (log) => [...log, UNSUPPORTED] };
    },
  },
  {
    name: 'of two wrong reserved bits the first is named',
    reason: 'ws looks at RSV2 and RSV3 before RSV1. RFC 6455 §5.2 has no order; here it is that of the bits.',
    examples: [
      {
        sentence: 'RSV1 and RSV3',
        chunks: ['d100'],
        ours: [faultLine('WS_ERR_UNEXPECTED_RSV_1', 1002)],
        theirs: [faultLine('WS_ERR_UNEXPECTED_RSV_2_3', 1002)],
      },
    ],
    reread({ fault, stream, frames }) {
      const { at, first } = frames.at(-1)!;
      return fault === 'RSV1' && first & 0x30 ? { stream: withByte(stream, at, first & ~0x40) } : undefined;
    },
  },
  {
    name: 'a wrong mask is named before a wrong length',
    reason:
      'ws looks at the length of a control frame first. RFC 6455 has no order; here it is that of the bits (§5.2).',
    examples: [
      {
        sentence: 'a masked ping of 126 bytes',
        chunks: ['89fe'],
        ours: [faultLine('WS_ERR_UNEXPECTED_MASK', 1002)],
        theirs: [faultLine('WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH', 1002)],
      },
      {
        sentence: 'a close frame of one byte without a mask',
        role: 'server',
        chunks: ['8801'],
        ours: [faultLine('WS_ERR_EXPECTED_MASK', 1002)],
        theirs: [faultLine('WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH', 1002)],
      },
    ],
    reread({ fault, stream, frames }) {
      const { at, opcode, short } = frames.at(-1)!;
      const isTooLong = opcode >= 8 && (short > 125 || (opcode === 8 && short === 1));
      if (!fault.endsWith('_MASK') || !isTooLong) return undefined;
      // Where there was no mask there is no key: the header must be whole.
      return { stream: Buffer.concat([withByte(stream, at + 1, stream[at + 1]! ^ 0x80), Buffer.alloc(4)]) };
    },
  },
  {
    name: 'a fragment too many is refused by its header',
    reason:
      'ws counts a fragment when its payload is there, behind everything that is checked in a header. RFC 6455 §10.4 ' +
      'leaves limits to the implementation; what is refused anyway need not be waited for.',
    examples: [
      {
        sentence: 'the third fragment of two, without its payload',
        limits: { ...DEFAULT_LIMITS, maxFragments: 2 },
        chunks: ['020161', '000161', '8001'],
        ours: [TOO_MANY],
        theirs: [],
      },
    ],
    reread({ fault, stream, limits, told, frames }) {
      if (fault !== 'TOO_MANY_FRAGMENTS') return undefined;
      // What else is wrong with the header comes first. A text that ends there is wrong only once it counts.
      return {
        stream: stream.subarray(0, frames.at(-1)!.payloadAt),
        limits: { ...limits, maxFragments: limits.maxFragments + 1 },
        translate(log) {
          const last = log.at(-1) ?? '';
          return last.startsWith('fault ') && last !== BAD_UTF8 ? log : [...told, TOO_MANY];
        },
      };
    },
  },
  {
    name: 'a message may have 131,072 fragments',
    reason:
      'ws keeps an object for each fragment and stops at 16,384 unless told otherwise, so it refuses lawful messages. ' +
      'RFC 6455 §5.4 allows any number; here a fragment costs nothing beside its bytes. The property gives both one limit.',
    examples: [
      {
        sentence: '65,537 fragments, all but the last one empty',
        wsLimits: WS_DEFAULTS,
        chunks: [manyFragments],
        ours: ['binary 61'],
        theirs: [TOO_MANY],
      },
    ],
  },
  {
    name: 'a message may come in any number of chunks',
    reason:
      'ws keeps the chunks of a frame until the frame is whole, and stops at 262,144 of them unless told otherwise. TCP ' +
      'may cut anywhere; here chunks are appended to one buffer. The property sets no such limit.',
    examples: [
      {
        sentence: '300,000 bytes, one by one',
        wsLimits: WS_DEFAULTS,
        chunks: Array.from(encodeFrame({ opcode: 2, payload: new Uint8Array(300_000) }), (byte) => Uint8Array.of(byte)),
        ours: [`binary ${'00'.repeat(300_000)}`],
        theirs: [TOO_MANY],
      },
    ],
  },
];
