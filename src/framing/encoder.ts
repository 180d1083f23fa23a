// The public encoder of `wsimd/framing`: frames into the caller's buffer or a fresh one, around codec/encoder.ts.

import { isUint8Array } from '../base/brands';
import { type BinaryData, lengthOf, plainView, setBytes, viewOf } from '../base/bytes';
import { nameClass } from '../base/public-class';
import { closeBody } from '../codec/close-body';
import { Compressor, utf8Of } from '../codec/deflated-messages';
import { frameRoom, LargeFrame, textRoom, writeFrame, writeTextFrame } from '../codec/encoder';
import { MOST_STAGED_BYTES, requireCore, STAGING, written } from '../codec/memory';
import { nextKey, refillKeys } from '../codec/shared';
import { whenForgotten } from '../runtime/forgotten';
import { encodeUtf8 } from '../runtime/strings';
import {
  CLOSE,
  type FirstByte,
  firstOfFrame,
  firstOfMessage,
  isControl,
  MOST_CONTROL_BYTES,
  PING,
  PONG,
} from '../sending/first-byte';
import { type DeflateOptions, deflateSettings } from './deflate';
import { type Role, roleOf } from './role';

export interface EncoderOptions {
  /** Which end of the connection encodes: a client masks (RFC 6455 §5.1). */
  role: Role;
  /** Whether permessage-deflate was agreed for what is encoded, and with which parameters (RFC 7692); default false. */
  perMessageDeflate?: boolean | DeflateOptions;
}

export interface MessageOptions {
  /** Whether the message is compressed where `perMessageDeflate` is set; default true. */
  compress?: boolean;
}

export interface Frame {
  opcode: number;
  fin?: boolean;
  payload?: BinaryData | string;
  rsv1?: boolean;
}

/** A forgotten encoder gives back what its compressor holds when it is collected. */
const forgotten = whenForgotten<Compressor>((compressor) => compressor.release());

/**
 * Messages in, bytes out. Every method returns one whole frame: a view of `into` from its first byte if that was given (a
 * RangeError if the frame does not fit), else fresh bytes. A client's frames are masked, each with a key of its own from
 * the platform's CSPRNG (RFC 6455 §5.3); what is handed over is never changed.
 */
export class Encoder {
  readonly #isMasked: boolean;
  #compressor: Compressor | undefined;

  /**
   * Throws a TypeError unless `role` is "client" or "server", a TypeError or RangeError for a wrong option, and a `WsimdError` with
   * the code WS_ERR_UNSUPPORTED if there is no memory for the codec.
   */
  constructor(options: EncoderOptions) {
    this.#isMasked = roleOf(options) === 'client';
    const deflate = deflateSettings(options.perMessageDeflate ?? false);
    requireCore();
    if (deflate === undefined) return;
    this.#compressor = new Compressor(deflate);
    forgotten.register(this, this.#compressor);
  }

  /** A text message in one frame. A surrogate without its other half becomes U+FFFD. */
  text(data: string, into?: Uint8Array, options?: MessageOptions): Uint8Array {
    if (typeof data !== 'string') throw new TypeError('A text message must be a string.');
    return this.#message(false, data, into, options);
  }

  /** A binary message in one frame. */
  binary(data: BinaryData, into?: Uint8Array, options?: MessageOptions): Uint8Array {
    return this.#message(true, bytesOf(data), into, options);
  }

  /** A ping (RFC 6455 §5.5.2); the payload is limited to 125 bytes (RangeError). */
  ping(payload: BinaryData | string = '', into?: Uint8Array): Uint8Array {
    return this.#control(PING, payload, into);
  }

  /** A pong (RFC 6455 §5.5.3); the payload is limited to 125 bytes (RangeError). */
  pong(payload: BinaryData | string = '', into?: Uint8Array): Uint8Array {
    return this.#control(PONG, payload, into);
  }

  /** A close frame (RFC 6455 §5.5.1). RangeError for a code that must not be sent or a reason of more than 123 bytes. */
  close(code?: number, reason?: string, into?: Uint8Array): Uint8Array {
    return this.#encode(CLOSE, closeBody(code, reason), into);
  }

  /**
   * Any frame, for fragmented messages: opcode 1 or 2 with `fin: false`, then opcode 0, the last one with `fin: true` (RFC 6455
   * §5.4). RangeError for a reserved opcode, a fragmented control frame or one of more than 125 bytes. The payload goes as it is:
   * `rsv1` says of a message's first frame that it was compressed elsewhere (RFC 7692 §6); RangeError on another.
   */
  frame({ opcode, fin = true, payload = '', rsv1 = false }: Frame, into?: Uint8Array): Uint8Array {
    const data = typeof payload === 'string' ? payload : bytesOf(payload);
    const first = firstOfFrame(opcode, fin, rsv1);
    return isControl(opcode) ? this.#control(first, data, into) : this.#encode(first, data, into);
  }

  /** Gives back the memory of the compressor, if there is one: nothing is compressed from here on. Else the collector does it. */
  dispose(): void {
    forgotten.unregister(this);
    this.#compressor?.release();
    this.#compressor = undefined;
  }

  #control(first: FirstByte, payload: BinaryData | string, into: Uint8Array | undefined): Uint8Array {
    const body = typeof payload === 'string' ? encodeUtf8(payload) : bytesOf(payload);
    const length = lengthOf(body);
    if (length > MOST_CONTROL_BYTES) {
      throw new RangeError(`A control frame is limited to 125 bytes (RFC 6455 §5.5); this one has ${length}.`);
    }
    return this.#encode(first, body, into);
  }

  #message(
    isBinary: boolean,
    data: string | Uint8Array,
    into: Uint8Array | undefined,
    { compress = true }: MessageOptions = {},
  ): Uint8Array {
    const compressor = compress ? this.#compressor : undefined;
    const plain = firstOfMessage(isBinary, false);
    if (compressor === undefined) return this.#encode(plain, data, into);
    const compressed = firstOfMessage(isBinary, true);
    const isTaken =
      typeof data === 'string'
        ? compressor.compressesText(compressed, data)
        : compressor.compresses(compressed, lengthOf(data));
    if (!isTaken) return this.#encode(plain, data, into);
    // From here on nothing is called that is not ours: what comes out lies where all compress to.
    refillKeys();
    const payload = typeof data === 'string' ? utf8Of(data) : plainView(data);
    const frame = this.#encode(compressed, compressor.compress(payload, compressed), into);
    // Else it did not fit, and will not be sent: nothing may refer to it.
    compressor.sent();
    return frame;
  }

  #encode(first: FirstByte, data: string | Uint8Array, into: Uint8Array | undefined): Uint8Array {
    const key = this.#isMasked ? nextKey() : 0;
    const length = typeof data === 'string' ? 0 : lengthOf(data);
    const room = typeof data === 'string' ? textRoom(data) : frameRoom(length);
    if (room > MOST_STAGED_BYTES) {
      const frame =
        typeof data === 'string' ? LargeFrame.ofText(data, first, key) : LargeFrame.ofBytes(data, first, key);
      const size = frame.remaining;
      if (into !== undefined) checkTarget(into, size);
      const target = into === undefined ? new Uint8Array(size) : plainView(into);
      frame.writeTo(target);
      return into?.subarray(0, size) ?? target;
    }
    const size =
      typeof data === 'string'
        ? writeTextFrame(data, STAGING, first, key)
        : writeFrame(data, length, STAGING, first, key);
    if (into === undefined) {
      const target = new Uint8Array(size);
      target.set(written(STAGING, size));
      return target;
    }
    checkTarget(into, size);
    setBytes(into, written(STAGING, size));
    return into.subarray(0, size);
  }
}
nameClass(Encoder, 'Encoder');

/** @throws TypeError, RangeError unless a frame of so many bytes has room there */
function checkTarget(into: Uint8Array, size: number): void {
  if (!isUint8Array(into)) throw new TypeError('"into" must be a Uint8Array.');
  const length = lengthOf(into);
  if (length < size) throw new RangeError(`The frame needs ${size} bytes; "into" has ${length}.`);
}

function bytesOf(data: unknown): Uint8Array {
  const view = viewOf(data);
  if (view === undefined) throw new TypeError('A payload must be an ArrayBuffer or a view of one.');
  return view;
}
