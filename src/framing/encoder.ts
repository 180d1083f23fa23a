// The public encoder of `wsimd/framing`: frames into the caller's buffer or a fresh one, around codec/encoder.ts.

import {
  BLOCK_BYTES,
  CONTROL_MAX,
  FIN_BIT,
  OP_BINARY,
  OP_CLOSE,
  OP_CONTINUATION,
  OP_PING,
  OP_PONG,
  OP_TEXT,
} from '../../assembly/layout';
import { type BinaryData, viewOf } from '../binary';
import { frameRoom, LargeFrame, textRoom, writeFrame, writeTextFrame } from '../codec/encoder';
import { STAGING, written } from '../codec/memory';
import { closeBody } from '../connection/close-body';
import { keepName } from '../keep-name';
import { type Role, roleOf } from './role';

const utf8 = new TextEncoder();

/**
 * Messages in, bytes out. Every method returns one whole frame: a view of `into` from its first byte if that was given (a
 * RangeError if the frame does not fit), else fresh bytes. A client's frames are masked, each with a key of its own from
 * the platform's CSPRNG (RFC 6455 §5.3); what is handed over is never changed.
 */
export class Encoder {
  readonly #isMasked: boolean;

  /** Throws a TypeError unless `role` is "client" or "server". */
  constructor(options: { role: Role }) {
    this.#isMasked = roleOf(options) === 'client';
  }

  /** A text message in one frame. A surrogate without its other half becomes U+FFFD. */
  text(data: string, into?: Uint8Array): Uint8Array {
    if (typeof data !== 'string') throw new TypeError('A text message must be a string.');
    return this.#encode(OP_TEXT | FIN_BIT, data, into);
  }

  /** A binary message in one frame. */
  binary(data: BinaryData, into?: Uint8Array): Uint8Array {
    return this.#encode(OP_BINARY | FIN_BIT, bytesOf(data), into);
  }

  /** A ping (RFC 6455 §5.5.2); the payload is limited to 125 bytes (RangeError). */
  ping(payload: BinaryData | string = '', into?: Uint8Array): Uint8Array {
    return this.frame({ opcode: OP_PING, payload }, into);
  }

  /** A pong (RFC 6455 §5.5.3); the payload is limited to 125 bytes (RangeError). */
  pong(payload: BinaryData | string = '', into?: Uint8Array): Uint8Array {
    return this.frame({ opcode: OP_PONG, payload }, into);
  }

  /** A close frame (RFC 6455 §5.5.1). RangeError for a code that must not be sent or a reason of more than 123 bytes. */
  close(code?: number, reason?: string, into?: Uint8Array): Uint8Array {
    return this.#encode(OP_CLOSE | FIN_BIT, closeBody(code, reason), into);
  }

  /**
   * Any frame, for fragmented messages: opcode 1 or 2 with `fin: false`, then opcode 0, the last one with `fin: true`
   * (RFC 6455 §5.4). RangeError for a reserved opcode, a fragmented control frame or one of more than 125 bytes.
   */
  frame(
    { opcode, fin = true, payload = '' }: { opcode: number; fin?: boolean; payload?: BinaryData | string },
    into?: Uint8Array,
  ): Uint8Array {
    const data = typeof payload === 'string' ? payload : bytesOf(payload);
    if (![OP_CONTINUATION, OP_TEXT, OP_BINARY, OP_CLOSE, OP_PING, OP_PONG].includes(opcode)) {
      throw new RangeError(`The opcode ${opcode} is reserved: 0, 1, 2, 8, 9 and 10 are defined (RFC 6455 §5.2).`);
    }
    if (opcode < OP_CLOSE) return this.#encode(opcode | (fin ? FIN_BIT : 0), data, into);
    if (!fin) throw new RangeError('A control frame must not be fragmented (RFC 6455 §5.5).');
    const body = typeof data === 'string' ? utf8.encode(data) : data;
    if (body.length > CONTROL_MAX) {
      throw new RangeError(`A control frame is limited to 125 bytes (RFC 6455 §5.5); this one has ${body.length}.`);
    }
    return this.#encode(opcode | FIN_BIT, body, into);
  }

  #encode(first: number, data: string | Uint8Array, into: Uint8Array | undefined): Uint8Array {
    const room = typeof data === 'string' ? textRoom(data) : frameRoom(data.length);
    if (room > BLOCK_BYTES) {
      const frame =
        typeof data === 'string'
          ? LargeFrame.ofText(data, first, this.#isMasked)
          : LargeFrame.ofBytes(data, first, this.#isMasked);
      const target = targetOf(frame.remaining, into);
      frame.writeTo(target);
      return target;
    }
    const size =
      typeof data === 'string'
        ? writeTextFrame(data, STAGING, first, this.#isMasked)
        : writeFrame(data, STAGING, first, this.#isMasked);
    const target = targetOf(size, into);
    target.set(written(STAGING, size));
    return target;
  }
}
keepName(Encoder, 'Encoder');

function targetOf(size: number, into: Uint8Array | undefined): Uint8Array {
  if (into === undefined) return new Uint8Array(size);
  if (into.length < size) throw new RangeError(`The frame needs ${size} bytes; "into" has ${into.length}.`);
  return into.subarray(0, size);
}

function bytesOf(data: unknown): Uint8Array {
  const view = viewOf(data);
  if (view === undefined) throw new TypeError('A payload must be an ArrayBuffer or a view of one.');
  return view;
}
