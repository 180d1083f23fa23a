// What one connection sends compressed (RFC 7692 §6.1): which messages, and what their frames hold then. A frame's first byte
// says what is asked for: RSV1 on a message's first one. It knows neither the order of messages nor where frames go.

import { BLOCK_BYTES, FIN_BIT, OP_CLOSE, OPCODE_BITS, RSV1_BIT } from '../../assembly/layout';
import type { Bytes } from '../binary';
import { Deflater, TURN_BYTES } from '../deflate/deflater';
import type { DeflateSettings } from '../handshake/permessage-deflate';
import { STAGING, written } from './memory';
import { encodeUtf8, utf8Length } from './string-bytes';
import { writeText } from './text';

export class Compressor {
  private readonly deflater: Deflater;
  /** Bytes from which on a message is compressed. */
  private readonly threshold: number;
  /** Whether the message in progress is: "[RSV1] indicates whether the message is compressed" for all its frames (RFC 7692 §6). */
  private isCompressing = false;

  constructor(settings: DeflateSettings) {
    this.deflater = new Deflater(settings);
    // With context even short messages gain by those before them.
    this.threshold = settings.keepsContext ? 0 : settings.threshold;
  }

  /**
   * Whether the payload, of so many bytes, of a frame that begins with `first` is compressed. To be asked once for each frame, in
   * the order in which they are sent. Control frames are not (RFC 7692 §6.1).
   */
  takes(first: number, length: number): boolean {
    if ((first & OP_CLOSE) !== 0) return false;
    if ((first & OPCODE_BITS) !== 0) this.isCompressing = (first & RSV1_BIT) !== 0 && length >= this.threshold;
    return this.isCompressing;
  }

  /** The same of a text. */
  takesText(first: number, text: string): boolean {
    return this.takes(first, text.length >= this.threshold ? text.length : utf8Length(text));
  }

  /** Whether so many bytes are better compressed in turns: others wait meanwhile. */
  isLong(length: number): boolean {
    return length > TURN_BYTES;
  }

  isLongText(text: string): boolean {
    return text.length * 3 > TURN_BYTES && this.isLong(utf8Length(text));
  }

  /** A payload, compressed; lent until the next call of any compressor. */
  compress(payload: Uint8Array, first: number): Bytes {
    return this.deflater.deflate(payload, (first & FIN_BIT) !== 0);
  }

  /** The same, without a long halt of the event loop. Undefined: it was closed meanwhile. */
  compressInTurns(payload: Uint8Array, first: number): Promise<Bytes | undefined> {
    return this.deflater.deflateInTurns(payload, (first & FIN_BIT) !== 0);
  }

  /** What was compressed last is not sent. */
  beginAnew(): void {
    this.deflater.beginAnew();
  }

  close(): void {
    this.deflater.close();
  }
}

/** A text as UTF-8; lent until anything else is sent. */
export function utf8Of(text: string): Uint8Array {
  if (text.length * 3 <= BLOCK_BYTES) return written(STAGING, writeText(text, STAGING));
  return encodeUtf8(text);
}
