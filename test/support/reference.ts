// The slow, obvious half of the tests: RFC 6455 §5 and UTF-8 (RFC 3629) a byte at a time, in plain JavaScript, written from
// the text of the standards. What the library does is right when it does what this file does. It shares no code with the
// library; only the recorder at the end knows it, to write what a real decoder tells in the words of this one.

import * as layout from '../../assembly/layout';
import type { WsimdError } from '../../src/base/faults';
import { FRAME_FAULTS } from '../../src/base/frame-faults';

export type Role = 'client' | 'server';

export interface Limits {
  maxMessageSize: number;
  maxFragments: number;
}

/** What the library does unless told otherwise. */
export const DEFAULT_LIMITS: Limits = { maxMessageSize: 10 * 1024 * 1024, maxFragments: 131_072 };

// UTF-8.

type Range = readonly [low: number, high: number];
const TAIL: Range = [0x80, 0xbf];

/** The grammar of RFC 3629 §4, line by line: UTF8-1, UTF8-2, UTF8-3 (four lines), UTF8-4 (three lines). */
const CHARACTERS: readonly (readonly Range[])[] = [
  [[0x00, 0x7f]],
  [[0xc2, 0xdf], TAIL],
  [[0xe0, 0xe0], [0xa0, 0xbf], TAIL],
  [[0xe1, 0xec], TAIL, TAIL],
  [[0xed, 0xed], [0x80, 0x9f], TAIL],
  [[0xee, 0xef], TAIL, TAIL],
  [[0xf0, 0xf0], [0x90, 0xbf], TAIL, TAIL],
  [[0xf1, 0xf3], TAIL, TAIL, TAIL],
  [[0xf4, 0xf4], [0x80, 0x8f], TAIL, TAIL],
];

/** The line of the grammar that a first byte chooses: never more than one. */
const lineOf = Array.from({ length: 256 }, (_, byte) =>
  CHARACTERS.find(([first]) => byte >= first![0] && byte <= first![1]),
);

export const VALID = -1;

/**
 * The index of the first byte that no valid text can have at its place; VALID if there is none; `end` if nothing is wrong
 * but that the text ends inside a character.
 */
export function firstBadByte(bytes: ArrayLike<number>, start = 0, end = bytes.length): number {
  let at = start;
  while (at < end) {
    const line = lineOf[bytes[at]!];
    if (line === undefined) return at;
    for (let i = 1; i < line.length; i += 1) {
      if (at + i === end) return end;
      const byte = bytes[at + i]!;
      if (byte < line[i]![0] || byte > line[i]![1]) return at + i;
    }
    at += line.length;
  }
  return VALID;
}

/** The string that valid UTF-8 spells. */
export function decodeUtf8(bytes: ArrayLike<number>): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at]!;
    const length = lineOf[first]!.length;
    let point = length === 1 ? first : first & (0xff >> (length + 1));
    for (let i = 1; i < length; i += 1) point = point * 64 + (bytes[at + i]! & 0x3f);
    text += String.fromCodePoint(point);
    at += length;
  }
  return text;
}

/** A text as UTF-8. A surrogate without its other half becomes U+FFFD, as WHATWG Encoding has it. */
export function encodeUtf8(text: string): number[] {
  const bytes: number[] = [];
  for (const character of text) {
    let point = character.codePointAt(0)!;
    if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 0x3f));
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
    else {
      const tails = [(point >> 12) & 0x3f, (point >> 6) & 0x3f, point & 0x3f].map((six) => 0x80 | six);
      bytes.push(0xf0 | (point >> 18), ...tails);
    }
  }
  return bytes;
}

// Frames out.

export interface ReferenceFrame {
  opcode: number;
  fin?: boolean;
  /** RSV1 is 4, RSV2 is 2, RSV3 is 1. */
  rsv?: number;
  payload?: ArrayLike<number>;
  /** Four bytes, if the frame is to be masked. */
  key?: ArrayLike<number> | undefined;
  /** Bytes of extended length; by itself the fewest that will do (RFC 6455 §5.2). */
  lengthBytes?: 0 | 2 | 8 | undefined;
}

/** One frame (RFC 6455 §5.2), lawful or not. */
export function encodeFrame({
  opcode,
  fin = true,
  rsv = 0,
  payload = [],
  key,
  lengthBytes,
}: ReferenceFrame): Uint8Array {
  const length = payload.length;
  const extended = lengthBytes ?? (length < 126 ? 0 : length < 65536 ? 2 : 8);
  const header = [(fin ? 0x80 : 0) + rsv * 16 + opcode, key === undefined ? 0 : 0x80];
  header[1]! += extended === 0 ? length : extended === 2 ? 126 : 127;
  for (let i = extended - 1; i >= 0; i -= 1) header.push(Math.floor(length / 256 ** i) % 256);
  if (key !== undefined) header.push(...Array.from(key));
  const frame = new Uint8Array(header.length + length);
  frame.set(header);
  for (let i = 0; i < length; i += 1) frame[header.length + i] = payload[i]! ^ (key?.[i % 4] ?? 0);
  return frame;
}

// Frames in.

/** Close status of a fault (RFC 6455 §7.4.1); for all others it is 1002, protocol error. */
const STATUS: Readonly<Record<string, number>> = {
  UTF8: 1007,
  CLOSE_UTF8: 1007,
  TOO_MANY_FRAGMENTS: 1008,
  MESSAGE_TOO_BIG: 1009,
};

/** Codes that may stand in a close frame (RFC 6455 §7.4 and the IANA registry up to 1014). */
export function isCloseCode(code: number): boolean {
  const isDefined = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014].includes(code);
  return isDefined || (code >= 3000 && code <= 4999);
}

interface Header {
  readonly fin: boolean;
  readonly opcode: number;
  readonly length: bigint;
  readonly key: readonly number[] | undefined;
}

interface Message {
  readonly opcode: number;
  readonly bytes: number[];
  fragments: number;
  /** How many bytes are whole characters: those behind them begin one that is not finished. */
  checked: number;
}

/** Big-endian (§5.2). */
const numberOf = (digits: readonly number[]): bigint => digits.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);

/** Bytes in, lines out: `text "…"`, `binary hex`, `ping hex`, `pong hex`, `close code "…"`, `fault NAME status`. */
export class ReferenceDecoder {
  readonly log: string[] = [];
  private isEnded = false;
  private header: number[] = [];
  private frame: Header | undefined;
  private payload: number[] = [];
  private message: Message | undefined;

  constructor(
    private readonly role: Role,
    private readonly limits: Limits = DEFAULT_LIMITS,
  ) {}

  feed(bytes: Uint8Array): void {
    for (const byte of bytes) {
      // §5.5.1 and §7.1.7: nothing is read behind a close frame or a fault.
      if (this.isEnded) return;
      this.take(byte);
    }
  }

  private take(byte: number): void {
    if (this.frame === undefined) {
      this.header.push(byte);
      this.frame = this.readHeader(this.header);
    } else {
      const { key, opcode } = this.frame;
      this.payload.push(key === undefined ? byte : byte ^ key[this.payload.length % 4]!);
      if (opcode === 8) this.checkClosePayload();
      else if (opcode < 8) this.takeDataByte(this.payload.at(-1)!);
    }
    if (!this.isEnded && this.frame !== undefined && BigInt(this.payload.length) === this.frame.length) {
      this.endFrame(this.frame);
      this.header = [];
      this.payload = [];
      this.frame = undefined;
    }
  }

  /** Reads as much of a header as there is (§5.2), from its first byte each time. Undefined: not whole, or a fault. */
  private readHeader(header: readonly number[]): Header | undefined {
    const first = header[0]!;
    const opcode = first % 16;
    const fin = first >= 0x80;
    if (first & 0x40) return this.fault('RSV1');
    if (first & 0x30) return this.fault('RSV23');
    if (![0, 1, 2, 8, 9, 10].includes(opcode)) return this.fault('OPCODE');
    if (opcode >= 8 && !fin) return this.fault('CONTROL_FRAGMENTED');
    if (opcode === 0 && this.message === undefined) return this.fault('CONTINUATION');
    if ((opcode === 1 || opcode === 2) && this.message !== undefined) return this.fault('EXPECTED_CONTINUATION');
    const { maxMessageSize, maxFragments } = this.limits;
    if (opcode === 0 && this.message!.fragments === maxFragments) return this.fault('TOO_MANY_FRAGMENTS');
    if (header.length < 2) return undefined;

    const isMasked = header[1]! >= 0x80;
    const short = header[1]! % 128;
    if (isMasked && this.role === 'client') return this.fault('UNEXPECTED_MASK');
    if (!isMasked && this.role === 'server') return this.fault('EXPECTED_MASK');
    if (opcode >= 8 && short > 125) return this.fault('CONTROL_LENGTH');
    if (opcode === 8 && short === 1) return this.fault('CLOSE_LENGTH');
    const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
    const digits = header.slice(2, 2 + extended);
    // Of a length that is cut, all that is known is where it must lie: between all zeros and all ones behind what is there.
    const [lowest, highest] = [0, 255].map((rest) =>
      numberOf([...digits, ...Array(extended - digits.length).fill(rest)]),
    );
    if (extended === 8 && lowest! >= 2n ** 63n) return this.fault('LENGTH_TOP_BIT');
    if (extended === 2 && highest! < 126n) return this.fault('LENGTH_NOT_MINIMAL');
    if (extended === 8 && highest! < 65536n) return this.fault('LENGTH_NOT_MINIMAL');
    const length = extended === 0 ? BigInt(short) : lowest!;
    const received = BigInt(this.message?.bytes.length ?? 0);
    if (opcode < 8 && received + length > BigInt(maxMessageSize)) return this.fault('MESSAGE_TOO_BIG');
    const size = 2 + extended + (isMasked ? 4 : 0);
    if (header.length < size) return undefined;

    if (opcode === 1 || opcode === 2) this.message = { opcode, bytes: [], fragments: 0, checked: 0 };
    if (opcode < 8) this.message!.fragments += 1;
    return { fin, opcode, length, key: isMasked ? header.slice(size - 4) : undefined };
  }

  private takeDataByte(byte: number): void {
    const message = this.message!;
    const { bytes, opcode } = message;
    bytes.push(byte);
    if (opcode !== 1) return;
    // §8.1, at once: "when an endpoint is to interpret a byte stream as UTF-8 but finds that [it] is not".
    const bad = firstBadByte(bytes, message.checked);
    if (bad === VALID) message.checked = bytes.length;
    else if (bad < bytes.length) this.fault('UTF8');
  }

  /** §5.5.1: a code, then UTF-8. */
  private checkClosePayload(): void {
    const { payload } = this;
    if (payload.length === 2 && !isCloseCode(payload[0]! * 256 + payload[1]!)) this.fault('CLOSE_CODE');
    const bad = firstBadByte(payload, 2);
    if (bad !== VALID && bad < payload.length) this.fault('CLOSE_UTF8');
  }

  private endFrame({ opcode, fin }: Header): void {
    const { payload, message } = this;
    if (opcode === 9) this.log.push(line.ping(payload));
    else if (opcode === 10) this.log.push(line.pong(payload));
    else if (opcode === 8) this.endClose();
    else if (fin && message !== undefined) {
      if (message.opcode === 2) this.log.push(line.binary(message.bytes));
      else if (message.checked < message.bytes.length) this.fault('UTF8');
      else this.log.push(line.text(decodeUtf8(message.bytes)));
      this.message = undefined;
    }
  }

  private endClose(): void {
    const { payload } = this;
    if (firstBadByte(payload, 2) !== VALID) {
      this.fault('CLOSE_UTF8');
      return;
    }
    // "If this Close control frame contains no status code, [it] is considered to be 1005" (§7.1.5).
    const code = payload.length === 0 ? 1005 : payload[0]! * 256 + payload[1]!;
    this.log.push(line.close(code, decodeUtf8(payload.slice(2))));
    this.isEnded = true;
  }

  private fault(name: string): undefined {
    if (!this.isEnded) this.log.push(line.fault(name, STATUS[name] ?? 1002));
    this.isEnded = true;
  }
}

// The log.

const hexadecimal = (bytes: ArrayLike<number>): string => Buffer.from(bytes as Uint8Array).toString('hex');

/** The lines of a log. */
export const line = {
  text: (text: string): string => `text ${JSON.stringify(text)}`,
  binary: (bytes: ArrayLike<number>): string => `binary ${hexadecimal(bytes)}`,
  ping: (bytes: ArrayLike<number>): string => `ping ${hexadecimal(bytes)}`,
  pong: (bytes: ArrayLike<number>): string => `pong ${hexadecimal(bytes)}`,
  close: (code: number, reason: string): string => `close ${code} ${JSON.stringify(reason)}`,
  fault: (name: string, status: number | undefined): string => `fault ${name} ${status}`,
};

/** Handlers for a decoder of the library that tell each event as a line. */
export function recorder(tell: (line: string) => void) {
  return {
    onMessage: (data: string | Uint8Array, isBinary: boolean): void => {
      if (isBinary !== (typeof data !== 'string')) throw new TypeError(`isBinary is ${isBinary} for a ${typeof data}`);
      tell(typeof data === 'string' ? line.text(data) : line.binary(data));
    },
    onPing: (payload: Uint8Array): void => tell(line.ping(payload)),
    onPong: (payload: Uint8Array): void => tell(line.pong(payload)),
    onClose: (code: number, reason: string): void => tell(line.close(code, reason)),
    onError: (error: WsimdError): void => tell(line.fault(faultName(error), error.status)),
  };
}

/** The names of assembly/layout.ts without FAULT_, by their numbers: several faults share a code, none its sentence. */
export const FAULT_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(layout)
    .filter(([name]) => name.startsWith('FAULT_'))
    .map(([name, fault]) => [fault, name.slice('FAULT_'.length)]),
);

function faultName(error: WsimdError): string {
  const entry = Object.entries(FRAME_FAULTS).find(([, fault]) => error.message.startsWith(fault.sentence));
  if (entry === undefined) return error.message;
  return error.code === entry[1].code
    ? FAULT_NAMES.get(Number(entry[0]))!
    : `${error.code} is not the code of ${entry[0]}`;
}
