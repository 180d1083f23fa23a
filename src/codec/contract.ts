// What whoever decodes gives to the codec, and is told by it.

import type { Bytes } from '../base/bytes';
import type { WsimdError } from '../base/faults';

/** Who takes one message in pieces, as they come. None of these may throw. */
export interface PieceReceiver {
  /** Text in whole characters, or bytes of the receiver's own; never nothing. */
  onPiece(piece: string | Bytes): void;
  /** The message is complete. Where it never will be, this is not told. */
  onEnd(): void;
}

/** What a decoder tells. Bytes are the receiver's own. */
export interface DecoderHandlers {
  /** One whole message: bytes for binary, a string for text, or its bytes if the decoder is told so (RFC 6455 §5.6). */
  onMessage(data: string | Bytes, isBinary: boolean): void;
  /**
   * One whole binary message, in place of `onMessage` while `FrameDecoder.tellsFragments` is set: one part for each frame that is
   * not empty.
   */
  onFragments?(fragments: Bytes[]): void;
  /**
   * A message begins, if `FrameDecoder.askStarts` was told to ask: who takes it in pieces, whatever its size; undefined: it comes by
   * `onMessage`. Must not throw.
   */
  onMessageStart?(isBinary: boolean): PieceReceiver | undefined;
  onPing(payload: Bytes): void;
  onPong(payload: Bytes): void;
  /**
   * A close frame; 1005 stands for a frame without a code (RFC 6455 §7.1.5). `bytes` spell the reason, and come only where text
   * is not validated: what is wrong in them is U+FFFD in the string. Nothing follows.
   */
  onCloseFrame(code: number, reason: string, bytes?: Bytes): void;
  /** The peer broke a rule (or the decoder itself failed). Nothing follows. */
  onFault(error: WsimdError): void;
  /**
   * More has come than is delivered in one turn of the event loop: it is a good time to read no more (true); or all of it is
   * delivered (false). Absent: all that is fed is delivered at once.
   */
  onBehind?(isBehind: boolean): void;
  /** One of the above threw. Must not throw itself. */
  onException(error: unknown): void;
  /**
   * One data frame as it came, in place of `onMessage`; opcode 0 is a continuation, `rsv1` begins a compressed message. Absent
   * where nobody wants frames.
   */
  onFrame?(opcode: number, fin: boolean, payload: Bytes, rsv1: boolean): void;
}

export interface DecoderOptions {
  /** Which end decodes: a client refuses masked frames, a server refuses others. */
  role: 'client' | 'server';
  /** The largest message, in bytes. */
  maxMessage: number;
  /** What the user calls that limit. */
  sizeOption: string;
  /** The most fragments in one message; empty ones count. */
  maxFragments: number;
  /** Whether messages told as bytes are lent until their handler returns, instead of copied. */
  isBinaryLent: boolean;
  /** Whether bytes are told as Buffers of Node, instead of plain Uint8Arrays. */
  isNodeBuffer: boolean;
  /** Whether text is taken as it comes, valid UTF-8 or not: messages are bytes then. RFC 6455 §8.1 forbids it. */
  isUtf8Unchecked: boolean;
}
