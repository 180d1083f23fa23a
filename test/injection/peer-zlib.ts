// permessage-deflate (RFC 7692) as the peer in memory speaks it: one stream of zlib for each direction, by synchronous calls. It
// knows no frames, and shares nothing with src/. Those of ../compressed-frames begin a stream for each message and are handed its
// context: 37 µs for one of 1,100 bytes and 33 µs back on Node.js 20, here 5 and 1; that was a sixth of all time of these tests.

import { constants, createDeflateRaw, createInflateRaw, type ZlibOptions } from 'node:zlib';

/** What is behind a stream of zlib in Node.js. */
interface Stream {
  readonly _handle: {
    writeSync(
      flush: number,
      input: Uint8Array,
      at: number,
      length: number,
      output: Uint8Array,
      outputAt: number,
      room: number,
    ): void;
    reset(): void;
    onerror(message: string): void;
  };
  /** Behind a call: bytes of room that are left, bytes of input that were not taken. */
  readonly _writeState: Uint32Array;
}

/** The end of a flushed message, which is not sent (RFC 7692 §7.2.1). */
const TAIL = Buffer.of(0x00, 0x00, 0xff, 0xff);

/** A small window is set up in a tenth of the time. */
const DEFLATE = { windowBits: 9, memLevel: 1, level: 1, strategy: constants.Z_FIXED } as const;

/** The room of a call; what is longer takes several. */
const ROOM_BYTES = 65_536;
const room = Buffer.allocUnsafeSlow(ROOM_BYTES);

class PeerZlib {
  private readonly stream: Stream;
  private error: Error | undefined;

  constructor(create: (options: ZlibOptions) => unknown, options: ZlibOptions) {
    this.stream = create({ ...options, chunkSize: 64 }) as Stream;
    this.stream._handle.onerror = (message) => {
      this.error = new Error(message);
    };
  }

  /** All that comes of these bytes. */
  run(bytes: Uint8Array): Buffer {
    const { _handle: handle, _writeState: state } = this.stream;
    const parts: Buffer[] = [];
    let at = 0;
    do {
      handle.writeSync(constants.Z_SYNC_FLUSH, bytes, at, bytes.length - at, room, 0, ROOM_BYTES);
      if (this.error !== undefined) throw this.error;
      parts.push(Buffer.from(room.subarray(0, ROOM_BYTES - state[0]!)));
      at = bytes.length - state[1]!;
    } while (state[0] === 0);
    return Buffer.concat(parts);
  }

  reset(): void {
    this.stream._handle.reset();
  }
}

/** Compresses what the server sends. */
export class PeerDeflate {
  private readonly zlib = new PeerZlib(createDeflateRaw, DEFLATE);

  /** @param keepsContext whether messages refer to those before them */
  constructor(private readonly keepsContext: boolean) {}

  /** The payloads of a message's frames, one for each part of it. */
  payloads(parts: readonly Uint8Array[]): Buffer[] {
    const payloads = parts.map((part) => this.zlib.run(part));
    payloads.push(payloads.pop()!.subarray(0, -TAIL.length));
    if (!this.keepsContext) this.zlib.reset();
    return payloads;
  }
}

/** Inflates what the client sends. */
export class PeerInflate {
  private readonly zlib = new PeerZlib(createInflateRaw, {});

  constructor(private readonly keepsContext: boolean) {}

  /** @throws Error what zlib says of it */
  message(payload: Uint8Array): Buffer {
    const message = this.zlib.run(Buffer.concat([payload, TAIL]));
    if (!this.keepsContext) this.zlib.reset();
    return message;
  }
}
