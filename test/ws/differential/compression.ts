// Compression (RFC 7692) by a raw server: messages that it deflates, what the frames of its client inflate to, and clients
// that have agreed on it. It takes the zlib of Node.js for the truth, and knows nothing of how a client compresses.

import { once } from 'node:events';
import { promisify } from 'node:util';
import { constants, deflateRaw, deflateRawSync, inflateRawSync, type ZlibOptions } from 'node:zlib';
import type { WebSocket } from 'ws';
import { BINARY, type ClientFrame, frame, RawPeer, TEXT } from '../../support/raw-peer';
import { type Peer, showFrame } from './peers';
import { EVENTS, type Options, type Stage } from './stage';

/** The bit of a message that is compressed (§6). */
export const RSV1 = 0x40;
export const DEFLATED_TEXT = TEXT | RSV1;
export const DEFLATED_BINARY = BINARY | RSV1;
export const CONTINUATION = 0x00;
export const LAST = 0x80;

/** What a sender takes off the end of a message, and a receiver puts back (§7.2.1, §7.2.2). */
const TAIL = Buffer.of(0x00, 0x00, 0xff, 0xff);
/** The largest window (§7.1.2). */
const WINDOW = 2 ** 15;

/** The payload of a message. With `dictionary`, it refers to messages before it, of which that is the data. */
export function deflate(data: string | Uint8Array, options: ZlibOptions = {}): Buffer {
  return deflateRawSync(data, { ...options, finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -TAIL.length);
}

/** A part of a message that inflates to all of this: a sender of fragments leaves the tail on all but the last (§7.2.1). */
export function whole(data: string | Uint8Array): Buffer {
  return Buffer.concat([deflate(data), TAIL]);
}

/** A text that is compressed. */
export function text(data: string, options?: ZlibOptions): Buffer {
  return frame(DEFLATED_TEXT, deflate(data, options));
}

/** Bytes that are compressed. */
export function binary(data: string | Uint8Array, options?: ZlibOptions): Buffer {
  return frame(DEFLATED_BINARY, deflate(data, options));
}

/** A payload as frames of so many bytes. `first`: the first byte of the first one, without FIN. */
export function fragments(first: number, payload: Uint8Array, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(payload.length / size) }, (_, i) => {
    const opcode = i === 0 ? first : CONTINUATION;
    const end = (i + 1) * size;
    return frame(end < payload.length ? opcode : opcode | LAST, payload.subarray(i * size, end));
  });
}

/** Bytes that do not get smaller, and are the same in each run. */
export function noise(length: number): Buffer {
  let state = 1;
  return Buffer.from(
    Array.from({ length }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
      return state >>> 24;
    }),
  );
}

/** How a peer writes down frames: those of compressed messages by what they add to what inflates. */
export function inflating(windowBits = 15, keepsContext = true): (frame: ClientFrame) => string {
  /** What a message may refer to. */
  let dictionary = Buffer.alloc(0);
  /** The payloads so far of the compressed message that is under way. */
  let payloads: Buffer[] | undefined;
  let known = 0;
  return (clientFrame) => {
    const { first, payload } = clientFrame;
    const opcode = first & 0x0f;
    if (opcode === TEXT % LAST || opcode === BINARY % LAST) {
      payloads = (first & RSV1) === 0 ? undefined : [];
      known = 0;
    }
    if (opcode >= 8 || payloads === undefined) return showFrame(clientFrame);
    payloads.push(payload);
    const isLast = first >= LAST;
    const deflated = Buffer.concat(isLast ? [...payloads, TAIL] : payloads);
    let data: Buffer;
    try {
      data = inflateRawSync(deflated, { dictionary, windowBits, finishFlush: constants.Z_SYNC_FLUSH });
    } catch (error) {
      return `${showFrame(clientFrame)}, not inflated: ${(error as Error).message}`;
    }
    const line = `deflated ${showFrame({ ...clientFrame, payload: data.subarray(known) })}`;
    known = data.length;
    if (!isLast) return line;
    payloads = undefined;
    if (keepsContext) dictionary = Buffer.concat([dictionary, data]).subarray(-WINDOW);
    return payload.subarray(-TAIL.length).equals(TAIL) ? `${line} with the tail` : line;
  };
}

/** Resolves when the threads in which ws inflates have had far more turns than some small messages take. */
export async function threadPool(): Promise<void> {
  for (let i = 0; i < 50; i++) await promisify(deflateRaw)(Buffer.alloc(1000));
}

/** The head of an answer that agrees with these parameters, each behind a semicolon. */
export function agreeing(request: string, parameters = ''): string {
  return RawPeer.answer(request, `Sec-WebSocket-Extensions: permessage-deflate${parameters}`);
}

/** A client that is open to a raw server, both having agreed on these parameters. */
export async function agreed(
  stage: Stage,
  parameters = '',
  options: Options = {},
  events: readonly string[] = EVENTS,
): Promise<{ client: WebSocket; peer: Peer }> {
  const server = await stage.raw();
  const client = stage.connect(server.url, [], { perMessageDeflate: true, ...options }, events);
  const peer = await server.peer();
  const [, bits] = /client_max_window_bits=(\d+)/.exec(parameters) ?? [];
  peer.show = inflating(Number(bits ?? 15), !parameters.includes('client_no_context_takeover'));
  peer.write(Buffer.from(agreeing(await peer.readHead(), parameters)));
  await once(client, 'open');
  return { client, peer };
}
