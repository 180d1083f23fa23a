// Messages that a connection had accepted and of which nothing has left when it was gone: they are read back from their frames, so
// that no message costs anything for it while all goes well. What was compressed cannot be read back by itself (RFC 7692 §7.1.1:
// it may refer to what was sent before): of those the originals are kept until they have left. It knows no transport.

import { LENGTH_16, LENGTH_64, LENGTH_BITS, OP_TEXT, OPCODE_BITS, RSV1_BIT } from '../../assembly/layout';
import type { Bytes } from '../base/bytes';
import { Queue } from '../base/queue';
import { decodeUtf8 } from '../runtime/strings';
import { type FirstByte, isWholeMessage } from './first-byte';
import type { Done, Receipts } from './receipts';

/** A message whose parts are asked for when it is its turn. */
export interface LaterMessage {
  /** Of what waits in memory: nothing. */
  readonly size: 0;
  begin(): void;
}

/** A message as it is handed over. */
export interface Message {
  /** A string is text; bytes that nobody else writes to. */
  readonly data: string | Bytes | Blob | LaterMessage;
  /** Whether it may be compressed. */
  readonly isCompressed: boolean;
}

/** One that has not left. */
export interface UnsentMessage extends Message {
  /** Who waits until it has left, or never will. */
  readonly receipts: readonly Done[];
}

interface Original {
  /** Of a text its UTF-8, perhaps. */
  readonly payload: string | Uint8Array;
  /** Where its frame ends in the stream of bytes. */
  readonly end: number;
}

export class CompressedOriginals {
  private readonly waiting = new Queue<Original>();

  push(payload: string | Uint8Array, end: number): void {
    this.waiting.push({ payload, end });
  }

  reach(position: number): void {
    for (let { first } = this.waiting; first !== undefined && first.end <= position; first = this.waiting.first) {
      this.waiting.shift();
    }
  }

  /** What they were, by where their frames end. */
  takeAll(): ReadonlyMap<number, string | Uint8Array> {
    return new Map(this.waiting.takeAll().map(({ payload, end }) => [end, payload]));
  }
}

interface Frames {
  /** Where they begin in the stream of bytes. */
  readonly start: number;
  /** Whole frames, masked. */
  readonly bytes: Uint8Array;
  readonly receipts: Receipts | undefined;
}

/** The messages among these frames, in order. Control frames are none, nor are fragments: whoever sends those hears of it. */
export function messagesOf(
  { start, bytes, receipts }: Frames,
  originals: CompressedOriginals | undefined,
): UnsentMessage[] {
  const found: { readonly data: string | Bytes; readonly isCompressed: boolean; readonly end: number }[] = [];
  const originalAt = originals?.takeAll();
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at]!;
    const { keyAt, length } = header(bytes, at + 1);
    const payloadAt = keyAt + 4;
    at = payloadAt + length;
    if (!isWholeMessage(first)) continue;
    const end = start + at;
    const isCompressed = (first & RSV1_BIT) !== 0;
    const payload = isCompressed ? originalAt!.get(end)! : unmasked(bytes, keyAt, payloadAt, at);
    found.push({ data: asSent(payload, first), isCompressed, end });
  }
  const receiptsAt = receipts?.take(new Set(found.map(({ end }) => end)));
  return found.map(({ data, isCompressed, end }) => ({ data, isCompressed, receipts: receiptsAt?.get(end) ?? [] }));
}

/** What was handed over that became the payload of a frame with this beginning. */
export function asSent(payload: string | Uint8Array, first: FirstByte): string | Bytes {
  if (typeof payload === 'string') return payload;
  const bytes = payload as Bytes;
  return (first & OPCODE_BITS) === OP_TEXT ? decodeUtf8(bytes) : bytes;
}

/** Of a frame whose length begins at `at` (RFC 6455 §5.2). */
function header(bytes: Uint8Array, at: number): { readonly keyAt: number; readonly length: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const short = bytes[at]! & LENGTH_BITS;
  if (short < LENGTH_16) return { keyAt: at + 1, length: short };
  if (short < LENGTH_64) return { keyAt: at + 3, length: view.getUint16(at + 1) };
  return { keyAt: at + 9, length: Number(view.getBigUint64(at + 1)) };
}

/** The payload up to `end`, its mask taken off (RFC 6455 §5.3). */
function unmasked(bytes: Uint8Array, keyAt: number, start: number, end: number): Bytes {
  const payload = new Uint8Array(bytes.subarray(start, end));
  for (let i = 0; i < payload.length; i += 1) payload[i]! ^= bytes[keyAt + (i & 3)]!;
  return payload;
}
