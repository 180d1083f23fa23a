// Public entry `wsimd/framing`: the codec alone, sans-I/O, both roles. Names, nothing else.

export { WsimdError, type WsimdErrorCode } from './base/faults';
export { Decoder, type DecoderOptions } from './framing/decoder';
export type { DeflateOptions, InflateOptions } from './framing/deflate';
export { Encoder, type EncoderOptions, type Frame, type MessageOptions } from './framing/encoder';
export type { Role } from './framing/role';
export type { BinaryDelivery } from './options/checks';
export type { ZlibSettings } from './options/per-message-deflate';
