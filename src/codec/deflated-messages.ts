// What one connection sends compressed (RFC 7692 §6.1): which messages, and what their frames hold then. A frame's first byte
// says what is asked for: RSV1 on a message's first one. It knows neither the order of messages nor where frames go.

import { FIN_BIT, OP_CLOSE, OPCODE_BITS, RSV1_BIT, STAGING } from '../../assembly/layout';
import type { Bytes } from '../base/bytes';
import { Deflater, TURN_BYTES } from '../deflate/deflater';
import type { DeflateSettings } from '../handshake/permessage-deflate';
import { encodeUtf8, utf8Length } from '../runtime/strings';
import { written } from './memory';
import { writeText } from './text';

export class Compressor {
  private readonly deflater: Deflater;
  /** Bytes from which on a message is compressed. */
  private readonly threshold: number;
  /**
   * Whether the message in progress is: "[RSV1] indicates whether the message is compressed" for all its frames (RFC 7692 §6).
   */
  private isCompressing = false;
  /** Something was compressed and is not known to have been sent: the peer may never see what later data would refer to. */
  private isUncertain = false;

  constructor(settings: DeflateSettings) {
    this.deflater = new Deflater(settings);
    // With context even short messages gain by those before them.
    this.threshold = settings.keepsContext ? 0 : settings.threshold;
  }

  /**
   * Whether the payload, of so many bytes, of a frame that begins with `first` is compressed. To be asked once for each frame, in
   * the order in which they are sent. Control frames are not (RFC 7692 §6.1).
   */
  compresses(first: number, length: number): boolean {
    if ((first & OP_CLOSE) !== 0) return false;
    if ((first & OPCODE_BITS) !== 0) this.isCompressing = (first & RSV1_BIT) !== 0 && length >= this.threshold;
    return this.isCompressing;
  }

  /** The same of a text. */
  compressesText(first: number, text: string): boolean {
    return this.compresses(first, text.length >= this.threshold ? text.length : utf8Length(text));
  }

  /** Whether so many bytes are better compressed in turns: others wait meanwhile. */
  isLong(length: number): boolean {
    return length > TURN_BYTES;
  }

  isLongText(text: string): boolean {
    return text.length * 3 > TURN_BYTES && this.isLong(utf8Length(text));
  }

  /** The most that a payload of so many bytes may come to: zlib's own bound for whatever settings, and a flush. */
  mostOf(length: number): number {
    return length + (length >> 3) + (length >> 6) + 64;
  }

  /**
   * A payload, compressed; lent for the moment until anything else is called (shared.ts). `sent` has to follow when it is on its
   * way; else what comes next refers to nothing in front of it (RFC 7692 §7.1.1 leaves that to the sender).
   */
  compress(payload: Uint8Array, first: number): Bytes {
    this.begin();
    return this.deflater.deflate(payload, (first & FIN_BIT) !== 0);
  }

  /** The same, without a long halt of the event loop; the bytes are the caller's. Undefined: it was closed meanwhile. */
  compressInTurns(payload: Uint8Array, first: number): Promise<Bytes | undefined> {
    this.begin();
    return this.deflater.deflateInTurns(payload, (first & FIN_BIT) !== 0);
  }

  /** What was compressed last is on its way. */
  sent(): void {
    this.isUncertain = false;
  }

  private begin(): void {
    if (this.isUncertain) this.deflater.beginAnew();
    this.isUncertain = true;
  }

  release(): void {
    this.deflater.release();
  }
}

/** A text as UTF-8; lent for a moment. */
export function utf8Of(text: string): Uint8Array {
  if (text.length * 3 <= TURN_BYTES) return written(STAGING, writeText(text, STAGING));
  return encodeUtf8(text);
}
