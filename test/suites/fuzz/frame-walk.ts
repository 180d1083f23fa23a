// Where frames begin and end, by their headers alone (RFC 6455 §5.2): nothing is checked, nothing is refused.

import type { Limits, Role } from '../../support/reference';

export interface WalkedFrame {
  readonly at: number;
  readonly first: number;
  readonly opcode: number;
  /** The seven bits of length in the second byte. */
  readonly short: number;
  /** Bytes of extended length: 0, 2 or 8. */
  readonly digits: number;
  /** As declared. */
  readonly length: bigint;
  readonly payloadAt: number;
  /** The end of the frame, or that of the stream. */
  readonly end: number;
}

/** The frames whose headers are whole. */
export function walk(stream: Uint8Array): WalkedFrame[] {
  const frames: WalkedFrame[] = [];
  for (let at = 0; at < stream.length; ) {
    const frame = frameAt(stream, at);
    if (frame === undefined) break;
    frames.push(frame);
    at = frame.end;
  }
  return frames;
}

function frameAt(stream: Uint8Array, at: number): WalkedFrame | undefined {
  if (at + 2 > stream.length) return undefined;
  const [first, second] = [stream[at]!, stream[at + 1]!];
  const short = second & 0x7f;
  const digits = short === 126 ? 2 : short === 127 ? 8 : 0;
  const payloadAt = at + 2 + digits + (second & 0x80 ? 4 : 0);
  if (payloadAt > stream.length) return undefined;
  const length =
    digits === 0 ? BigInt(short) : BigInt(`0x${Buffer.from(stream).toString('hex', at + 2, at + 2 + digits)}`);
  const rest = stream.length - payloadAt;
  const end = length > BigInt(rest) ? stream.length : payloadAt + Number(length);
  return { at, first, opcode: first & 0x0f, short, digits, length, payloadAt, end };
}

/** What finishes a stream that may end anywhere: the rest of the header, zeros for the rest of the payload, a last fragment. */
export function ending(stream: Uint8Array, role: Role, { maxMessageSize }: Limits): Uint8Array {
  let whole = stream;
  const append = (count: number): void => {
    whole = new Uint8Array(Buffer.concat([whole, Buffer.alloc(count)]));
  };
  let frames = walk(whole);
  while ((frames.at(-1)?.end ?? 0) < whole.length) {
    append(1);
    frames = walk(whole);
  }
  const last = frames.at(-1);
  // What is longer than a message or a control frame may be is refused by its header.
  if (last !== undefined && last.length <= BigInt(last.opcode < 8 ? maxMessageSize : 125)) {
    append(last.payloadAt + Number(last.length) - whole.length);
  }
  const data = frames.filter(({ opcode }) => opcode < 8).at(-1);
  const isOpen = data !== undefined && data.first < 0x80;
  const final = isOpen ? (role === 'server' ? [0x80, 0x80, 0, 0, 0, 0] : [0x80, 0]) : [];
  return Uint8Array.from([...whole.subarray(stream.length), ...final]);
}
