// What the tests of the decoder share: decoders that are closed behind each test, and frames to feed them.

import { afterEach } from 'vitest';
import { Decoder, type DecoderOptions } from '../../src/framing';
import { encodeFrame, encodeUtf8 } from './reference';

/** Decoders that are open: each holds a record of wasm memory until it is closed. */
export const opened = new Set<Decoder>();

export function open(options: Partial<DecoderOptions>): Decoder {
  const decoder = new Decoder({ role: 'client', ...options });
  opened.add(decoder);
  return decoder;
}

export function close(decoder: Decoder): void {
  decoder.close();
  opened.delete(decoder);
}

afterEach(() => {
  for (const decoder of opened) close(decoder);
});

export const text = (content: string): Uint8Array => encodeFrame({ opcode: 1, payload: encodeUtf8(content) });
export const binary = (payload: Uint8Array): Uint8Array => encodeFrame({ opcode: 2, payload });
export const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
export const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Bytes that show when they come from the wrong place. */
export function pattern(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0, state = seed; i < length; i += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}
