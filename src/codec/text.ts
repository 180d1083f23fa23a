// Bytes ⇄ strings. Text that is not ASCII is transcoded between UTF-8 and UTF-16 by the core, or by the runtime where that is
// faster; ASCII goes as Latin-1. What comes in was validated by the decoder.

import { SCRATCH } from '../../assembly/layout';
import type { Bytes } from '../base/bytes';
import { decodeUtf8, encodeUtf8Into, RuntimeBuffer, stringBytes, thresholds, utf8Length } from '../runtime/strings';
import { isDeno } from '../runtime/which';
import { core } from './memory';
import { readShortAscii } from './short-ascii';

// Each a constant of its own, which compilers know the value of.
const { spelled: SPELLED_BYTES, looped: LOOPED_UNITS, asked: ASKED_UNITS } = thresholds;
const { narrow: ENCODED_NARROW_UNITS, wide: ENCODED_WIDE_UNITS, counted: COUNTED_UNITS } = thresholds;
/** What core.utf8Length takes, and SCRATCH has room for in either encoding. */
const COUNTED_AT_ONCE = 65_536;

/** From so many bytes on the runtime decodes text that is not ASCII. */
const DECODED_BYTES = thresholds.decoded;

/** Whether the runtime decodes text faster than the core, if it is long. */
export const DECODES_LONG_TEXT = DECODED_BYTES < Number.POSITIVE_INFINITY;

/** Whether bytes from 0x80 on become the characters of these numbers: what the Web calls Latin-1 is windows-1252. */
export const READS_LATIN1 = RuntimeBuffer !== undefined;

/** The string that the bytes of `memory` from `start` to `end` spell: valid UTF-8, at most half of SCRATCH_BYTES. */
export function readUtf8(start: number, end: number): string {
  if (end - start >= DECODED_BYTES) {
    // Deno's Buffer takes twice as long.
    return isDeno ? decodeUtf8(core.bytes.subarray(start, end)) : core.strings.utf8Slice(start, end);
  }
  const characters = READS_LATIN1 ? core.utf8ToLatin1(start, end - start, SCRATCH) : -1;
  if (characters >= 0) return readLatin1(SCRATCH, SCRATCH + characters);
  const units = core.utf8ToUtf16(start, end - start, SCRATCH);
  return readUtf16(SCRATCH, SCRATCH + units * 2);
}

/** The string of the units of UTF-16 in `memory` from `start` to `end`. */
export function readUtf16(start: number, end: number): string {
  return core.strings.ucs2Slice(start, end);
}

/** The string of the bytes of `memory` from `start` to `end`, a character each: of those that are not ASCII if READS_LATIN1. */
export function readLatin1(start: number, end: number): string {
  return core.strings.latin1Slice(start, end);
}

/**
 * The string of the bytes from `start` to `end`, all of them ASCII.
 *
 * Tried for 384 KiB to 1 MiB, which V8 makes on its own heap: a part of a string of 1 MiB, which it makes outside. In a small heap
 * 768 KiB take 136 to 182 µs so, and 484 to 560 as it is; 384 KiB 120 to 222 and 244 to 290 on Node.js 20 to 24, but 180 and 155 on
 * 26. With half a million live objects 384 KiB take 513 to 630 and 49 to 330, and 768 KiB the same either way, since V8 collects
 * its heap for the sake of such strings. And each that is kept holds 1 MiB.
 */
export function readAscii(bytes: Bytes, start: number, end: number): string {
  if (end - start <= SPELLED_BYTES) return readShortAscii(bytes, start, end);
  return (bytes === core.bytes ? core.strings : stringBytes(bytes)).latin1Slice(start, end);
}

/** The string of these units of UTF-16. */
export function readUnits(bytes: Bytes): string {
  return stringBytes(bytes).ucs2Slice(0, bytes.length);
}

/** Writes a short ASCII text at `at`. False: it is longer or not ASCII, and what was written means nothing. */
export function writeShortAscii(text: string, at: number): boolean {
  if (text.length > LOOPED_UNITS) return false;
  const { bytes } = core;
  let seen = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    seen |= unit;
    bytes[at + i] = unit;
  }
  return seen < 0x80;
}

/** Whether the text is ASCII throughout, where it pays to know: then `writeAscii` is the fast way. */
export function isLongAscii(text: string): boolean {
  if (text.length < ASKED_UNITS) return false;
  // The exact answer is slow for text that is not ASCII (1 ns for each character), and a look at a few tells most of it.
  return highestSample(text) < 0x80 && utf8Length(text) === text.length;
}

/** How many bytes the text takes as UTF-8. SCRATCH is written to. */
export function utf8LengthOf(text: string): number {
  if (text.length < COUNTED_UNITS) return utf8Length(text);
  const seen = highestSample(text);
  // Of Latin-1 the runtime knows it as fast as anybody.
  if (seen >= 0x80 && seen < 0x100) return utf8Length(text);
  let length = 0;
  for (let at = 0; at < text.length; ) {
    let end = Math.min(at + COUNTED_AT_ONCE, text.length);
    if ((text.charCodeAt(end - 1) & 0xfc00) === 0xd800 && end < text.length) end -= 1;
    const part = text.slice(at, end);
    if (seen >= 0x100) length += core.utf8Length(SCRATCH, writeUnits(part));
    else if (core.strings.utf8Write(part, SCRATCH) === part.length) length += part.length;
    else return utf8Length(text);
    at = end;
  }
  return length;
}

/** Writes a text that is ASCII throughout, or a part of one, at `at`. */
export function writeAscii(text: string, at: number): void {
  if (ENCODED_NARROW_UNITS > 0) core.strings.latin1Write(text, at);
  else encodeText(text, at);
}

/** Whether this text, which is not short ASCII, is better written by `encodeText`. */
export function isEncoded(text: string): boolean {
  const { length } = text;
  if (length >= ENCODED_WIDE_UNITS) return true;
  return length >= ENCODED_NARROW_UNITS && highestSample(text) < 0x100;
}

/** The highest of a few units of the text: what is not seen by them costs time, and nothing else. */
function highestSample(text: string): number {
  const step = (text.length >> 3) + 1;
  let seen = 0;
  for (let at = 0; at < text.length; at += step) seen |= text.charCodeAt(at);
  return seen;
}

/** Writes the UTF-8 of a text at `at` by the runtime; returns how many bytes they are. */
export function encodeText(text: string, at: number): number {
  // Deno's Buffer takes 50 ns more.
  return isDeno ? encodeUtf8Into(text, core.bytes.subarray(at)) : core.strings.utf8Write(text, at);
}

/** Writes the UTF-8 of a text at `at`, where three bytes for each unit must fit; returns how many bytes they are. */
export function writeText(text: string, at: number): number {
  if (writeShortAscii(text, at)) return text.length;
  if (isEncoded(text)) return encodeText(text, at);
  if (!isLongAscii(text)) return core.utf16ToUtf8(SCRATCH, writeUnits(text), at);
  writeAscii(text, at);
  return text.length;
}

/** Writes the text's UTF-16 to SCRATCH, which must have room for it; returns the number of units. */
export function writeUnits(text: string): number {
  core.strings.ucs2Write(text, SCRATCH);
  return text.length;
}
