// Bytes ⇄ strings, mostly without the runtime's UTF-8 code: ASCII goes as Latin-1, everything else is transcoded between UTF-8
// and UTF-16 by the core, which is several times faster on Node 20. What comes in was validated by the decoder.

import { SCRATCH } from '../../assembly/layout';
import type { Bytes } from '../base/bytes';
import { decodeUtf8, encodeUtf8Into, RuntimeBuffer, stringBytes, utf8Length } from '../runtime/strings';
import { isBun, isDeno, nodeMajor } from '../runtime/which';
import { core } from './memory';
import { readShortAscii, SHORT_ASCII } from './short-ascii';

/**
 * Whether the runtime decodes long text with SIMD of its own, wider than that of WebAssembly: 64 KiB of Korean take 20 µs on
 * Node.js 24 and 26, Bun and Deno, where the core takes 27–50; but 240–400 on Node.js 20 and 22.
 */
export const DECODES_LONG_TEXT = nodeMajor >= 24;

/** From so many bytes on it is ahead: 4 KiB take 1.4–1.9 µs against 1.8–3.3, 1 KiB 0.55 against 0.50. */
const LONG_TEXT = 4096;

/** The string that the bytes of `memory` from `start` to `end` spell: valid UTF-8, at most half of SCRATCH_BYTES. */
export function readUtf8(start: number, end: number): string {
  if (DECODES_LONG_TEXT && end - start >= LONG_TEXT) return decodeUtf8(core.bytes.subarray(start, end));
  const units = core.utf8ToUtf16(start, end - start, SCRATCH);
  return readUtf16(SCRATCH, SCRATCH + units * 2);
}

/** The string of the units of UTF-16 in `memory` from `start` to `end`. */
export function readUtf16(start: number, end: number): string {
  return core.strings.ucs2Slice(start, end);
}

/** The string of the bytes of `memory` from `start` to `end`, a character each: of those that are ASCII the right one. */
export function readLatin1(start: number, end: number): string {
  return core.strings.latin1Slice(start, end);
}

/** The string of the bytes from `start` to `end`, all of them ASCII. */
export function readAscii(bytes: Bytes, start: number, end: number): string {
  if (end - start <= SHORT_ASCII) return readShortAscii(bytes, start, end);
  return (bytes === core.bytes ? core.strings : stringBytes(bytes)).latin1Slice(start, end);
}

/** The string of these units of UTF-16. */
export function readUnits(bytes: Bytes): string {
  return stringBytes(bytes).ucs2Slice(0, bytes.length);
}

/**
 * Up to this many characters a loop beats a native call: 16 cost 45 ns against 104 for `ucs2Write`, 32 cost 100 against 112,
 * 64 cost 276 against 120.
 */
const SHORT_WRITE = 32;

/** Writes a short ASCII text at `at`. False: it is longer or not ASCII, and what was written means nothing. */
export function writeShortAscii(text: string, at: number): boolean {
  if (text.length > SHORT_WRITE) return false;
  const { bytes } = core;
  let seen = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    seen |= unit;
    bytes[at + i] = unit;
  }
  return seen < 0x80;
}

/**
 * From this many characters on it pays to ask whether a text is ASCII, and to write it as Latin-1 if so: at 1 KiB 140 ns
 * against 200 by way of UTF-16, at 16 KiB 0.6 µs against 2.2.
 */
const LONG_ASCII = 512;

/** Whether the text is long and ASCII throughout: then `writeAscii` is the fast way. */
export function isLongAscii(text: string): boolean {
  if (text.length < LONG_ASCII) return false;
  // The exact answer is slow for text that is not ASCII (1 ns for each character), and a look at a few tells most of it.
  const step = text.length >> 3;
  for (let at = 0; at < text.length; at += step) if (text.charCodeAt(at) > 0x7f) return false;
  return utf8Length(text) === text.length;
}

/** Writes a text that is ASCII throughout, or a part of one, at `at`. */
export function writeAscii(text: string, at: number): void {
  core.strings.latin1Write(text, at);
}

/**
 * Whether the runtime's encoder is the fast way to write text of any kind: Deno's Buffer, and what stands in for one, write
 * character by character. On Deno 1 KiB of ASCII takes 2.8 µs by `latin1Write`, 9.7 by `ucs2Write` and 0.09 by the encoder.
 */
export const ENCODES_ALL = RuntimeBuffer === undefined || isDeno;

/**
 * From so many units on the runtime's encoder is the fast way for text that is not ASCII. On Bun 1 KiB of Korean sent costs 0.40
 * µs, and 1.0 by way of the core; 16 KiB 4.4 and 15.5; 16 bytes 0.11 and 0.07. On Node.js 20 it takes 20 µs for 16 KiB, where the
 * core takes 7.
 */
const ENCODED_UNITS = ENCODES_ALL ? 0 : isBun ? 128 : Number.POSITIVE_INFINITY;

/** Whether this text, which is not known to be ASCII, is better written by `encodeText`. */
export function isEncoded(text: string): boolean {
  return text.length >= ENCODED_UNITS;
}

/** Writes the UTF-8 of a text at `at` by the runtime's encoder; returns how many bytes they are. */
export function encodeText(text: string, at: number): number {
  return encodeUtf8Into(text, core.bytes.subarray(at));
}

/** Writes the UTF-8 of a text at `at`, where three bytes for each unit must fit; returns how many bytes they are. */
export function writeText(text: string, at: number): number {
  if (writeShortAscii(text, at)) return text.length;
  if (!ENCODES_ALL && isLongAscii(text)) {
    writeAscii(text, at);
    return text.length;
  }
  return isEncoded(text) ? encodeText(text, at) : core.utf16ToUtf8(SCRATCH, writeUnits(text), at);
}

/** Writes the text's UTF-16 to SCRATCH, which must have room for it; returns the number of units. */
export function writeUnits(text: string): number {
  core.strings.ucs2Write(text, SCRATCH);
  return text.length;
}
