// All that a program needs that has sockets of its own: what it is bundled with is measured.

import { Decoder, Encoder } from 'wsimd/framing';

globalThis.codec = { Decoder, Encoder };
