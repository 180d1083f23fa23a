// permessage-deflate (RFC 7692) as a peer of the tests speaks it, slow and plain: each message is a call of zlib of its own, and
// the context is handed to it as a dictionary. It shares nothing with src/.

import { constants, deflateRawSync, inflateRawSync, type ZlibOptions } from 'node:zlib';
import { frame } from './raw-peer';

export const RSV1 = 0x40;
export const TAIL = Buffer.of(0x00, 0x00, 0xff, 0xff);

export interface Direction extends ZlibOptions {
  readonly windowBits?: number;
  readonly keepsContext?: boolean;
}

/** What messages may refer to. */
class History {
  private content = Buffer.alloc(0);
  readonly settings: ZlibOptions & { readonly windowBits: number };
  private readonly keepsContext: boolean;

  constructor({ keepsContext = true, windowBits = 15, ...options }: Direction) {
    this.settings = { finishFlush: constants.Z_SYNC_FLUSH, ...options, windowBits };
    this.keepsContext = keepsContext;
  }

  get options(): ZlibOptions {
    return this.content.length === 0 ? this.settings : { ...this.settings, dictionary: this.content };
  }

  add(part: Uint8Array): void {
    this.content = Buffer.concat([this.content, part]).subarray(-(1 << this.settings.windowBits));
  }

  messageEnded(): void {
    if (!this.keepsContext) this.content = Buffer.alloc(0);
  }
}

/** Compresses what one end sends. */
export class PeerDeflate {
  private readonly history: History;

  constructor(direction: Direction = {}) {
    this.history = new History(direction);
  }

  /** The payloads of a message's frames, one for each part of it. */
  parts(...parts: readonly (string | Uint8Array)[]): Buffer[] {
    const payloads = parts.map((part, place) => {
      const bytes = Buffer.from(part);
      const compressed = deflateRawSync(bytes, this.history.options);
      this.history.add(bytes);
      return place === parts.length - 1 ? compressed.subarray(0, -TAIL.length) : compressed;
    });
    this.history.messageEnded();
    return payloads;
  }

  /** A whole message in one frame. */
  frame(opcode: number, message: string | Uint8Array): Buffer {
    return frame(0x80 | RSV1 | opcode, this.parts(message)[0]);
  }

  /** The same in a frame for each part. */
  frames(opcode: number, ...parts: readonly (string | Uint8Array)[]): Buffer[] {
    return framesOf(opcode, this.parts(...parts));
  }
}

/** Frames of one message that is compressed: so many payloads, cut anywhere. */
export function framesOf(opcode: number, payloads: readonly Uint8Array[]): Buffer[] {
  return payloads.map((payload, place) => {
    const first = place === 0 ? RSV1 | opcode : 0;
    return frame(place === payloads.length - 1 ? 0x80 | first : first, payload);
  });
}

/** Inflates what the other end sent. */
export class PeerInflate {
  private readonly history: History;

  constructor(direction: Direction = {}) {
    this.history = new History(direction);
  }

  message(payload: Uint8Array): Buffer {
    const message = inflateRawSync(Buffer.concat([payload, TAIL]), this.history.options);
    this.history.add(message);
    this.history.messageEnded();
    return message;
  }
}
