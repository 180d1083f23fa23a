// Every property, cheap ones and dear ones: suites/fuzz/fuzz.test.ts runs each for a moment, run.ts all of them for as long as it
// is told.

import {
  decode,
  decodeBytes,
  decodeFrames,
  decodeLarge,
  decodeNoise,
  decodeWindow,
  pauses,
  pausesBytes,
  pausesWindow,
} from './decoding';
import { closeBodies, encodeDecode } from './encoding';
import { handshake, heads } from './handshake';
import { inflate } from './inflating';
import { injection } from './injecting';
import { nesting } from './nesting';
import type { Property } from './property';
import { besideWs } from './ws';

export const PROPERTIES: readonly Property[] = [
  decode(),
  decodeNoise,
  decodeLarge,
  decodeWindow,
  decodeBytes,
  decodeFrames,
  pauses(),
  pausesWindow,
  pausesBytes,
  nesting(),
  inflate,
  injection,
  encodeDecode,
  closeBodies,
  heads,
  handshake,
  besideWs,
];
