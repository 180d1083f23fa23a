// The body of a refused handshake, for the user to read: its first 1,024 bytes and no more. It owns the framing of an
// HTTP/1.1 body (RFC 9112 §6, §7.1) and must not know sockets. Nothing here fails: the handshake has failed already, so
// a body that breaks the rules merely ends where it breaks them.

import { ofRuntime } from '../runtime/host';
import type { HandshakeResponse } from './response-parser';

/** Bytes of the body that are kept; the rest is not read. */
const BODY_LIMIT = 1024;

/** Bytes of a chunk's size line, extensions included. They count towards nothing else, so they need a limit of their own. */
const SIZE_LINE_LIMIT = 256;

const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;

/** Where the chunked coding stands (RFC 9112 §7.1). */
type ChunkPart = 'size' | 'extension' | 'data' | 'data end';

export class ErrorBody {
  private readonly bytes = new Uint8Array(BODY_LIMIT);
  private length = 0;
  /** Bytes to keep before the body, or the chunk, is at its end; never more than BODY_LIMIT. */
  private remaining: number;
  private readonly chunked: boolean;
  private part: ChunkPart = 'size';
  private sizeLineBytes = 0;
  private sizeDigits = 0;
  private isComplete: boolean;

  /** @param response the head that came before the body; its status and headers say where the body ends */
  constructor(response: Pick<HandshakeResponse, 'status' | 'headers'>) {
    const { status, headers } = response;
    const coding = headers['transfer-encoding'];
    this.chunked = coding?.toLowerCase().endsWith('chunked') ?? false;
    // RFC 9112 §6.3: "the Transfer-Encoding overrides the Content-Length".
    const length = coding === undefined ? headers['content-length'] : undefined;
    // Without one, or with one that is not 1*DIGIT, the end of the connection ends the body.
    const isNumber = length && [...length].every((character) => character >= '0' && character <= '9');
    const most = isNumber ? Number(length) : BODY_LIMIT;
    this.remaining = this.chunked ? 0 : Math.min(most, BODY_LIMIT);
    // RFC 9112 §6.3: a 1xx, 204 or 304 response "is always terminated by the first empty line after the header fields".
    this.isComplete = status < 200 || status === 204 || status === 304 || most === 0;
  }

  /** Whether nothing more is wanted: the body has ended, or as much of it as is kept has come. */
  get complete(): boolean {
    return this.isComplete;
  }

  /**
   * Copies what belongs to the body out of `bytes[start, end)`, which may be overwritten afterwards.
   *
   * @returns `complete`
   */
  push(bytes: Uint8Array, start: number, end: number): boolean {
    let position = start;
    while (position < end && !this.isComplete) {
      if (this.chunked && this.part !== 'data') {
        this.takeFraming(bytes[position]!);
        position += 1;
      } else {
        position += this.keep(bytes, position, end);
      }
    }
    return this.isComplete;
  }

  /** What has been kept, read as UTF-8 whatever the Content-Type says; a character cut at the end is left out. */
  text(): string {
    // `stream` holds an unfinished sequence back instead of replacing it by U+FFFD.
    return new (ofRuntime('TextDecoder'))().decode(this.bytes.subarray(0, this.length), { stream: true });
  }

  /** @returns the number of bytes taken */
  private keep(bytes: Uint8Array, start: number, end: number): number {
    const count = Math.min(end - start, this.remaining, BODY_LIMIT - this.length);
    this.bytes.set(bytes.subarray(start, start + count), this.length);
    this.length += count;
    this.remaining -= count;
    if (this.length === BODY_LIMIT || (this.remaining === 0 && !this.chunked)) this.isComplete = true;
    else if (this.remaining === 0) this.part = 'data end';
    return count;
  }

  /** One byte of the chunked coding that is not data. */
  private takeFraming(byte: number): void {
    if (this.part === 'data end') {
      if (byte === LINE_FEED) this.part = 'size';
      else if (byte !== CARRIAGE_RETURN) this.isComplete = true;
      return;
    }
    this.sizeLineBytes += 1;
    if (byte === LINE_FEED) this.endSizeLine();
    else if (this.sizeLineBytes === SIZE_LINE_LIMIT) this.isComplete = true;
    else if (this.part === 'size') this.takeSize(byte);
  }

  private takeSize(byte: number): void {
    const digit = Number.parseInt(String.fromCharCode(byte), 16);
    if (Number.isNaN(digit)) {
      this.part = 'extension';
      return;
    }
    this.sizeDigits += 1;
    // Beyond the limit the exact size no longer matters, and clamped it cannot overflow.
    this.remaining = Math.min(this.remaining * 16 + digit, BODY_LIMIT);
  }

  private endSizeLine(): void {
    // No digits is a broken coding, size 0 the last chunk: only trailers follow, which are not wanted.
    if (this.sizeDigits === 0 || this.remaining === 0) this.isComplete = true;
    this.part = 'data';
    this.sizeLineBytes = 0;
    this.sizeDigits = 0;
  }
}
