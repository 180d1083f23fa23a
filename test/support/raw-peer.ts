// One connection as a raw server sees it: bytes in the order of a script. It reads only when it is asked to, so a peer that
// stops reading is a test that asks for nothing; and it knows just enough of RFC 6455 to answer a handshake and to take the
// frames of a client apart.

import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';

/** First bytes of whole frames (RFC 6455 §5.2): fin and opcode. */
export const TEXT = 0x81;
export const BINARY = 0x82;
export const CLOSE = 0x88;
export const PING = 0x89;
export const PONG = 0x8a;

export type LengthBytes = 0 | 2 | 8;

/** What RFC 6455 §5.2 asks for: "the minimal number of bytes MUST be used". */
export function lengthBytesOf(length: number): LengthBytes {
  if (length < 126) return 0;
  return length < 65_536 ? 2 : 8;
}

/** A frame's header without a mask. The length need not be true, nor its form the shortest. */
export function head(first: number, length: number | bigint, lengthBytes?: LengthBytes): Buffer {
  const size = lengthBytes ?? lengthBytesOf(Number(length));
  const bytes = Buffer.alloc(2 + size);
  bytes[0] = first;
  bytes[1] = size === 0 ? Number(length) : size === 2 ? 126 : 127;
  if (size === 2) bytes.writeUInt16BE(Number(length), 2);
  else if (size === 8) bytes.writeBigUInt64BE(BigInt(length), 2);
  return bytes;
}

/** A frame as a server sends it, unmasked, of any size; `first` is the header's first byte. */
export function frame(first: number, payload: string | Uint8Array = '', lengthBytes?: LengthBytes): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  return Buffer.concat([head(first, bytes.length, lengthBytes), bytes]);
}

/** A close frame with this status and reason. */
export function closeFrame(code: number, reason = ''): Buffer {
  return frame(CLOSE, Buffer.concat([Buffer.of(code >> 8, code & 0xff), Buffer.from(reason)]));
}

/** A frame as the client sent it, its payload unmasked. */
export interface ClientFrame {
  readonly first: number;
  readonly isMasked: boolean;
  readonly key: Buffer;
  /** The payload as it was on the wire. */
  readonly masked: Buffer;
  readonly payload: Buffer;
}

/** Takes one frame apart, whoever has its bytes. */
export async function readFrame(read: (count: number) => Promise<Buffer>): Promise<ClientFrame> {
  const [first, second] = (await read(2)) as unknown as [number, number];
  const isMasked = (second & 0x80) !== 0;
  let length = second & 0x7f;
  if (length === 126) length = (await read(2)).readUInt16BE();
  else if (length === 127) length = Number((await read(8)).readBigUInt64BE());
  const key = await read(isMasked ? 4 : 0);
  const masked = await read(length);
  const payload = isMasked ? masked.map((byte, i) => byte ^ key[i % 4]!) : masked;
  return { first, isMasked, key, masked, payload: Buffer.from(payload) };
}

/** The status of a close frame. */
export function statusOf(closeFrame: ClientFrame): number {
  return closeFrame.payload.readUInt16BE(0);
}

export class RawPeer {
  private chunks: Buffer[] = [];
  private available = 0;
  private hasEnded = false;
  private wake: () => void = () => {};

  constructor(readonly socket: Socket) {
    socket.pause();
    socket.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.available += chunk.length;
      this.wake();
    });
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.hasEnded = true;
        this.wake();
      });
    }
  }

  /** Exactly so many bytes. Rejects if the client ends the connection before. */
  async read(count: number): Promise<Buffer> {
    while (this.available < count) {
      if (this.hasEnded) throw new Error('The client ended the connection.');
      await this.more();
    }
    const bytes = Buffer.concat(this.chunks);
    this.chunks = [bytes.subarray(count)];
    this.available -= count;
    return bytes.subarray(0, count);
  }

  /** The head of the client's request, blank line included. */
  async readHead(): Promise<string> {
    let head = '';
    while (!head.endsWith('\r\n\r\n')) head += (await this.read(1)).toString('latin1');
    return head;
  }

  /** The head of a correct answer to a request, with more header lines if wanted. */
  static answer(request: string, ...headers: string[]): string {
    const key = /^sec-websocket-key: (.*)\r$/im.exec(request)?.[1];
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    const lines = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`, ...headers];
    return `HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`;
  }

  /** Reads the request and answers it correctly; `bytes` leave in the same write as the answer. */
  async accept(...bytes: Uint8Array[]): Promise<void> {
    const answer = Buffer.from(RawPeer.answer(await this.readHead()));
    this.write(answer, ...bytes);
  }

  /** Writes all of this at once. */
  write(...bytes: Uint8Array[]): void {
    this.socket.write(Buffer.concat(bytes));
  }

  /** Writes byte by byte, with a turn of the event loop for the client to read each. */
  async trickle(bytes: Uint8Array): Promise<void> {
    for (const byte of bytes) {
      this.socket.write(Buffer.of(byte));
      await setImmediate();
    }
  }

  readFrame(): Promise<ClientFrame> {
    return readFrame((count) => this.read(count));
  }

  /** Reads frames up to one that begins like this, and returns it. */
  async readFrameOf(first: number): Promise<ClientFrame> {
    for (;;) {
      const frame = await this.readFrame();
      if (frame.first === first) return frame;
    }
  }

  /** Reads on until the client has ended its side, and drops what comes. */
  async end(): Promise<void> {
    while (!this.hasEnded) {
      await this.more();
      this.chunks = [];
      this.available = 0;
    }
  }

  /** Reads until something comes, be it the end. */
  private async more(): Promise<void> {
    this.socket.resume();
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    this.socket.pause();
  }
}
