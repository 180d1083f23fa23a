// `wsimd/framing` behind the interface of codec.mjs. It must not know rows or measurements.

/** @import { Decoder as DecoderOfRow, Encoder as EncoderOfRow, OnBytes, OnMessage } from '../runner/measured/codec.mjs' */

import { Decoder, Encoder } from 'wsimd/framing';

const LONGEST_HEADER = 14;

/** @type {(onMessage: OnMessage) => DecoderOfRow} */
export function createDecoder(onMessage) {
  return new Decoder({ role: 'client', onMessage });
}

/** @type {(onBytes: OnBytes, longestPayload: number) => EncoderOfRow} */
export function createEncoder(onBytes, longestPayload) {
  const encoder = new Encoder({ role: 'client' });
  const frame = new Uint8Array(LONGEST_HEADER + longestPayload);
  return {
    encode: (data) => onBytes(typeof data === 'string' ? encoder.text(data, frame) : encoder.binary(data, frame)),
  };
}
