// Messages told in pieces as they come, to whoever wants one so: whether somebody does is asked where a message begins, and what
// nobody wants goes the way of all others. It owns what a piece is: whole characters of text, bytes of the receiver's own. It does
// not know how messages are inflated, nor when delivery pauses.

import {
  EVENT_ASCII,
  EVENT_BEYOND,
  EVENT_COMPRESSED,
  EVENT_END,
  EVENT_FAULT,
  EVENT_LENGTH_SHIFT,
  EVENT_OPCODE,
  EVENT_START,
  FAULT_MESSAGE_TOO_BIG,
  LIMIT_TOLD,
  MOST_TOLD,
  OP_BINARY,
  OP_CLOSE,
  RECORD_LIMIT,
  RECORD_REFUSED,
} from '../../assembly/layout';
import type { Bytes } from '../base/bytes';
import { decodeUtf8 } from '../runtime/strings';
import type { DecoderHandlers, DecoderOptions, PieceReceiver } from './contract';
import { frameFault } from './frame-fault';
import { passingCopyOf } from './heap';
import { core, writeUint64 } from './memory';
import { CUT_MAX, characterLength, lastBoundary, textOf } from './text-buffer';

export class StreamedMessages {
  private isAsking = true;
  /** Who takes the message in progress; undefined: it is told as a whole, or none is in progress. */
  private receiver: PieceReceiver | undefined;
  /** The beginning of a character that the last piece cut. */
  private readonly cut: Bytes = new Uint8Array(CUT_MAX + 1);
  private cutLength = 0;

  /** @param isInMessage whether a message is in progress of which something has come: nobody is asked for that */
  constructor(
    private readonly record: number,
    private readonly options: DecoderOptions,
    private readonly handlers: DecoderHandlers,
    private isInMessage: boolean,
  ) {
    this.steer();
  }

  /** Whether somebody is asked; holds from the next message on of which nothing was told. */
  set isWanted(isWanted: boolean) {
    this.isAsking = isWanted;
    this.steer();
  }

  /** Whether the message in progress is told in pieces. */
  get isStreaming(): boolean {
    return this.receiver !== undefined;
  }

  /**
   * To be told of each event of a data message, in order. False: it is to be told as if there were none of this. Of a compressed
   * message that is told in pieces the caller inflates each event, and tells of what comes of it. Throws what is wrong with it.
   */
  takes(source: Bytes, start: number, end: number, event: number): boolean {
    const opcode = event & EVENT_OPCODE;
    if (opcode >= OP_CLOSE) {
      if (opcode < EVENT_BEYOND || opcode === EVENT_FAULT) return false;
      this.takeBeyond(event);
      return true;
    }
    if (!this.isInMessage) this.begin(opcode, (event & EVENT_START) !== 0);
    if ((event & EVENT_COMPRESSED) !== 0) return false;
    const { receiver } = this;
    const isEnd = (event & EVENT_END) !== 0;
    if (isEnd) this.isInMessage = false;
    if (receiver === undefined) return false;
    const piece = opcode === OP_BINARY ? passingCopyOf(source, start, end) : this.text(source, start, end, event);
    if (isEnd) this.end();
    if (piece.length > 0) receiver.onPiece(piece);
    if (isEnd) receiver.onEnd();
    return true;
  }

  /** A message that had begun before this was there has ended, of whose last bytes there was no event. */
  endUnseen(): void {
    this.isInMessage = false;
  }

  /** Nothing more is told. */
  forget(): void {
    this.receiver = undefined;
  }

  private begin(opcode: number, isStart: boolean): void {
    this.isInMessage = true;
    if (isStart && this.isAsking) this.receiver = this.handlers.onMessageStart!(opcode === OP_BINARY);
  }

  private end(): void {
    this.receiver = undefined;
    this.cutLength = 0;
    this.steer();
  }

  /** Whoever takes pieces takes as many as there are; else it is refused here, where the core would have refused it. */
  private takeBeyond(event: number): void {
    if (!this.isInMessage) this.begin(event & (EVENT_OPCODE - EVENT_BEYOND), true);
    if (this.receiver !== undefined) return;
    const total = event >>> EVENT_LENGTH_SHIFT;
    if (total < MOST_TOLD) writeUint64(this.record + RECORD_REFUSED, total);
    throw frameFault(FAULT_MESSAGE_TOO_BIG, this.record, this.options);
  }

  /** Whether the core leaves it to us what becomes of messages that are larger than the limit. */
  private steer(): void {
    const at = this.record + RECORD_LIMIT;
    if (!this.isAsking && !this.isStreaming) core.bytes[at] = 0;
    else if (core.bytes[at] === 0) core.bytes[at] = LIMIT_TOLD;
  }

  /** The characters that are whole with these bytes. */
  private text(source: Bytes, start: number, end: number, event: number): string {
    if ((event & EVENT_ASCII) !== 0) return textOf(source, start, end, true);
    const { cut } = this;
    let at = start;
    let first = '';
    if (this.cutLength > 0) {
      const length = characterLength(cut[0]!);
      while (this.cutLength < length && at < end) {
        cut[this.cutLength] = source[at]!;
        this.cutLength += 1;
        at += 1;
      }
      if (this.cutLength < length) return '';
      first = decodeUtf8(cut.subarray(0, length));
    }
    const to = lastBoundary(source, at, end);
    cut.set(source.subarray(to, end));
    this.cutLength = end - to;
    return first + textOf(source, at, to, false);
  }
}
