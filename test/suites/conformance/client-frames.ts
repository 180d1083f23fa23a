// What a client sends behind the handshake, taken apart frame by frame and held against RFC 6455 as it comes: whatever a
// client must never do is written down as a complaint, whichever case is being played.

import { CLOSE, PING, PONG, TEXT } from '../../support/raw-peer';
import { BINARY_BEGIN, lengthBytesOf } from './wire';

/** A frame of the client, unmasked. */
export interface ReceivedFrame {
  /** The header's first byte. */
  readonly first: number;
  readonly payload: Buffer;
}

const NAMES: Readonly<Record<number, string>> = {
  [TEXT & 15]: 'text',
  [BINARY_BEGIN]: 'binary',
  [CLOSE & 15]: 'close',
  [PING & 15]: 'ping',
  [PONG & 15]: 'pong',
};
const HEADER_MAX = 14;
/** Above every case: what declares more is no frame. */
const PAYLOAD_MAX = 256 * 1024 * 1024;

export class ClientFrames {
  readonly frames: ReceivedFrame[] = [];
  readonly complaints: string[] = [];
  /** The first close frame. */
  close: ReceivedFrame | undefined;
  /** Keys of the masks, as numbers. */
  readonly keys: number[] = [];
  private header = Buffer.alloc(0);
  private payload: Buffer | undefined;
  private filled = 0;
  private isLost = false;

  push(chunk: Buffer): void {
    let rest = chunk;
    while (!this.isLost) {
      if (this.payload === undefined) {
        const taken = this.takeHeader(rest);
        if (taken === undefined) return;
        rest = rest.subarray(taken);
      }
      const payload = this.payload!;
      const piece = rest.subarray(0, payload.length - this.filled);
      payload.set(piece, this.filled);
      this.filled += piece.length;
      rest = rest.subarray(piece.length);
      if (this.filled < payload.length) return;
      this.endFrame(payload);
    }
  }

  /** The client has ended TCP. */
  end(): void {
    if (this.header.length > 0 && !this.isLost) this.complain('ends in the middle');
    const distinct = new Set(this.keys).size;
    // "A fresh masking key for each frame" (§5.3): by chance two of some thousand may be the same, but not many.
    if (distinct < this.keys.length - 2)
      this.complaints.push(`only ${distinct} masking keys for ${this.keys.length} frames (§5.3)`);
  }

  /** Gathers a header; returns how many of these bytes belong to it, or undefined if more are needed. */
  private takeHeader(bytes: Buffer): number | undefined {
    const before = this.header.length;
    this.header = Buffer.concat([this.header, bytes.subarray(0, HEADER_MAX - before)]);
    const { header } = this;
    if (header.length < 2) return undefined;
    const short = header[1]! & 0x7f;
    const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
    const isMasked = header[1]! >= 0x80;
    const size = 2 + lengthBytes + (isMasked ? 4 : 0);
    if (header.length < size) return undefined;
    this.header = header.subarray(0, size);
    const length = lengthBytes === 0 ? short : Number(`0x${header.toString('hex', 2, 2 + lengthBytes)}`);
    this.checkHeader(length, lengthBytes, isMasked);
    if (length > PAYLOAD_MAX) {
      this.complain(`declares ${length} bytes`);
      this.isLost = true;
      return undefined;
    }
    // Memory of its own, for the words of `unmask`.
    this.payload = Buffer.from(new ArrayBuffer(length));
    this.filled = 0;
    return size - before;
  }

  private checkHeader(length: number, lengthBytes: number, isMasked: boolean): void {
    const first = this.header[0]!;
    if (first < 0x80) this.complain('is not final, though every message of this client fits a frame (§5.4)');
    if (first & 0x70) this.complain('has reserved bits (§5.2)');
    if (NAMES[first & 15] === undefined) this.complain('has an opcode that no client of this suite sends (§5.2)');
    if (first & 8 && length > 125) this.complain(`is a control frame of ${length} bytes (§5.5)`);
    if (lengthBytes !== lengthBytesOf(length)) this.complain(`has more bytes of length than ${length} needs (§5.2)`);
    if (this.close !== undefined) this.complain('comes behind the close frame (§5.5.1)');
    if (!isMasked) {
      this.complain('is not masked (§5.1)');
      return;
    }
    const key = this.header.readUInt32BE(this.header.length - 4);
    if (key === 0) this.complain('has a masking key of zeros (§5.3)');
    if (key === this.keys.at(-1)) this.complain('has the masking key of the frame before it (§5.3)');
    this.keys.push(key);
  }

  private endFrame(payload: Buffer): void {
    const first = this.header[0]!;
    if (this.header[1]! >= 0x80) unmask(payload, this.header.subarray(-4));
    if ((first & 15) === (CLOSE & 15)) this.checkClose(payload);
    const frame = { first, payload };
    if (first === CLOSE) this.close ??= frame;
    this.frames.push(frame);
    this.header = Buffer.alloc(0);
    this.payload = undefined;
  }

  private checkClose(payload: Buffer): void {
    if (payload.length === 1) this.complain('is a close frame of one byte (§5.5.1)');
    const reason = payload.subarray(2);
    if (!Buffer.from(reason.toString()).equals(reason)) this.complain('has a reason that is not UTF-8 (§5.5.1)');
  }

  private complain(what: string): void {
    const opcode = (this.header[0] ?? 0) & 15;
    this.complaints.push(`frame ${this.frames.length + 1} (${NAMES[opcode] ?? `opcode ${opcode}`}) ${what}`);
  }
}

/** RFC 6455 §5.3, four bytes at a time. */
function unmask(payload: Buffer, key: Buffer): void {
  const words = new Uint32Array(payload.buffer, 0, payload.length >> 2);
  const [word] = new Uint32Array(Uint8Array.from(key).buffer);
  for (let i = 0; i < words.length; i += 1) words[i]! ^= word!;
  for (let i = words.length * 4; i < payload.length; i += 1) payload[i]! ^= key[i % 4]!;
}
