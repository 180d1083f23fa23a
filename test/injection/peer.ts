// The server's end of a connection in memory: its handshake and its frames, slow and plain, with permessage-deflate where that is
// asked for (RFC 7692). It shares nothing with the library, and does not know how bytes come and go.

import { createHash } from 'node:crypto';
import { frame, PING } from '../support/raw-peer';
import type { Ledger, Message } from './messages';
import { PeerDeflate, PeerInflate } from './peer-zlib';

const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** 'alone': each message is compressed by itself (RFC 7692 §7.1.1). */
export type Compression = 'none' | 'context' | 'alone';

/** RSV1: the message is compressed (RFC 7692 §6). */
const RSV1 = 0x40;

export interface Wire {
  /** Bytes for the client. */
  toClient(bytes: Buffer): void;
  /** The server ends TCP. */
  end(): void;
}

export class Peer {
  /** What is wrong with what came. */
  readonly complaints: string[] = [];
  /** Called with each message, behind the ledger. */
  onMessage: ((message: Message) => void) | undefined;
  /** Made with the first message: many peers never have one. */
  private deflate: PeerDeflate | undefined;
  private inflate: PeerInflate | undefined;
  private unread: Buffer = Buffer.alloc(0);
  private isOpen = false;
  private isOver = false;
  /** The message in progress. */
  private fragments: Buffer[] = [];
  private first = 0;

  constructor(
    private readonly ledger: Ledger,
    private readonly compression: Compression,
    private readonly wire: Wire,
  ) {}

  /** There is none where only frames are exchanged. */
  skipHandshake(): void {
    this.isOpen = true;
  }

  /** Bytes of the client. */
  take(bytes: Uint8Array): void {
    if (this.isOver) return;
    this.unread = Buffer.concat([this.unread, bytes]);
    if (!this.isOpen) this.answer();
    while (this.isOpen && !this.isOver && this.takeFrame());
  }

  /** Frames of these messages, cut into so many fragments each; compressed where that was agreed. */
  frames(messages: readonly Message[], fragments = 1): Buffer {
    return Buffer.concat(messages.flatMap((message) => this.framesOf(message, fragments)));
  }

  ping(text: string): Buffer {
    return frame(PING, text);
  }

  private framesOf({ isBinary, bytes }: Message, count: number): Buffer[] {
    const opcode = isBinary ? 2 : 1;
    const size = Math.ceil(bytes.length / count);
    const parts = Array.from({ length: count }, (_, place) => bytes.subarray(place * size, (place + 1) * size));
    const isCompressed = this.compression !== 'none';
    if (isCompressed) this.deflate ??= new PeerDeflate(this.compression === 'context');
    const first = isCompressed ? opcode | RSV1 : opcode;
    return (this.deflate?.payloads(parts) ?? parts).map((payload, place) =>
      frame((place === 0 ? first : 0) | (place === count - 1 ? 0x80 : 0), payload),
    );
  }

  private answer(): void {
    const end = this.unread.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.unread.toString('latin1', 0, end);
    this.unread = this.unread.subarray(end + 4);
    const key = /^sec-websocket-key: *(\S+)/im.exec(head)?.[1];
    if (!head.startsWith('GET ') || key === undefined) {
      this.complain(`no handshake: ${head.slice(0, 60)}`);
      return;
    }
    this.isOpen = true;
    const accept = createHash('sha1')
      .update(key + ACCEPT_SUFFIX)
      .digest('base64');
    const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
    lines.push(`Sec-WebSocket-Accept: ${accept}`);
    const alone = '; server_no_context_takeover; client_no_context_takeover';
    if (this.compression !== 'none') {
      lines.push(`Sec-WebSocket-Extensions: permessage-deflate${this.compression === 'alone' ? alone : ''}`);
    }
    this.wire.toClient(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`));
  }

  /** False: there is no whole one. */
  private takeFrame(): boolean {
    const { unread } = this;
    if (unread.length < 6) return false;
    let length = unread[1]! & 0x7f;
    let at = 2;
    if (length === 126) {
      if (unread.length < 8) return false;
      length = unread.readUInt16BE(2);
      at = 4;
    } else if (length === 127) {
      if (unread.length < 14) return false;
      length = Number(unread.readBigUInt64BE(2));
      at = 10;
    }
    if (unread.length < at + 4 + length) return false;
    const first = unread[0]!;
    if ((unread[1]! & 0x80) === 0 || ![0, 1, 2, 8, 9, 10].includes(first & 0x0f) || (first & 0x30) !== 0) {
      this.complain(`no client's frame: ${unread.subarray(0, 24).toString('hex')}`);
      return false;
    }
    const key = unread.subarray(at, at + 4);
    const payload = Buffer.from(unread.subarray(at + 4, at + 4 + length));
    for (let i = 0; i < length; i += 1) payload[i]! ^= key[i % 4]!;
    this.unread = unread.subarray(at + 4 + length);
    this.taken(first, payload);
    return true;
  }

  private taken(first: number, payload: Buffer): void {
    const opcode = first & 0x0f;
    if (opcode === 8) {
      this.isOver = true;
      this.wire.toClient(frame(0x88, payload));
      this.wire.end();
    } else if (opcode === 9) this.wire.toClient(frame(0x8a, payload));
    else if (opcode < 3) this.takeData(first, payload);
  }

  private takeData(first: number, payload: Buffer): void {
    if ((first & 0x0f) !== 0) this.first = first;
    this.fragments.push(payload);
    if ((first & 0x80) === 0) return;
    let bytes: Buffer = Buffer.concat(this.fragments);
    this.fragments = [];
    if ((this.first & RSV1) !== 0) {
      const inflated = this.inflated(bytes);
      if (inflated === undefined) return;
      bytes = inflated;
    }
    const message = { isBinary: (this.first & 0x0f) === 2, bytes };
    this.ledger.arrive(bytes, message.isBinary);
    this.onMessage?.(message);
  }

  /** Undefined: it is not what was agreed. */
  private inflated(bytes: Buffer): Buffer | undefined {
    if (this.compression === 'none') {
      this.complain('RSV1 where nothing was agreed');
      return undefined;
    }
    try {
      this.inflate ??= new PeerInflate(this.compression === 'context');
      return this.inflate.message(bytes);
    } catch (error) {
      this.complain(`it does not inflate: ${(error as Error).message}`);
    }
    return undefined;
  }

  private complain(what: string): void {
    this.isOver = true;
    this.complaints.push(`${this.ledger.name}, the server: ${what}`);
  }
}
