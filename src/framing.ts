// Public entry `wsimd/framing`: the codec alone, sans-I/O, both roles. Names, nothing else.

export { WsimdError } from './faults';
export { Decoder, type DecoderOptions, type Role } from './framing/decoder';
export { Encoder } from './framing/encoder';
