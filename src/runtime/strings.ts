// What a runtime has for strings of bytes: the methods of Node's Buffer, which Bun and Deno have too, or the classes of the Web,
// which all have. Nobody else asks what there is.

import type { Bytes } from '../base/bytes';
import { ofRuntime } from './host';
import { type StringThresholds, stringThresholds } from './which';

/** A range of bytes, and the strings that are in it. */
export interface StringBytes {
  /** A character for each byte: of those that are ASCII the right one. */
  latin1Slice(start: number, end: number): string;
  ucs2Slice(start: number, end: number): string;
  /** Valid UTF-8. */
  utf8Slice(start: number, end: number): string;
  /** The text is ASCII. */
  latin1Write(text: string, at: number): number;
  /** The address is even. */
  ucs2Write(text: string, at: number): number;
  /** A surrogate without its other half becomes U+FFFD. There is room for three bytes for each unit. */
  utf8Write(text: string, at: number): number;
}

/** Node's Buffer, where there is one that can do all of it. */
export const RuntimeBuffer: BufferConstructor | undefined = hasStrings() ? Buffer : undefined;

/** Bundles for browsers may bring a Buffer without these methods; those of workerd refuse to write behind the first byte. */
function hasStrings(): boolean {
  try {
    (Buffer.alloc(2) as unknown as StringBytes).latin1Write('a', 1);
    return true;
  } catch {
    return false;
  }
}

class WebStrings implements StringBytes {
  constructor(private readonly bytes: Bytes) {}

  latin1Slice(start: number, end: number): string {
    return latin1Decoder().decode(this.bytes.subarray(start, end));
  }

  ucs2Slice(start: number, end: number): string {
    return utf16Decoder().decode(this.bytes.subarray(start, end));
  }

  utf8Slice(start: number, end: number): string {
    return decodeUtf8(this.bytes.subarray(start, end));
  }

  latin1Write(text: string, at: number): number {
    return this.utf8Write(text, at);
  }

  ucs2Write(text: string, at: number): number {
    const units = new Uint16Array(this.bytes.buffer, this.bytes.byteOffset + at, text.length);
    for (let i = 0; i < text.length; i += 1) units[i] = text.charCodeAt(i);
    return text.length * 2;
  }

  utf8Write(text: string, at: number): number {
    return encodeUtf8Into(text, this.bytes.subarray(at));
  }
}

let encoder: TextEncoder | undefined;
let utf8: TextDecoder | undefined;
let utf16: TextDecoder | undefined;
let latin1: TextDecoder | undefined;

// As few as are used: each is a native object, and some hosts have none.
function utf8Encoder(): TextEncoder {
  encoder ??= new (ofRuntime('TextEncoder'))();
  return encoder;
}

function utf8Decoder(): TextDecoder {
  utf8 ??= new (ofRuntime('TextDecoder'))('utf-8', { ignoreBOM: true });
  return utf8;
}

function utf16Decoder(): TextDecoder {
  utf16 ??= new (ofRuntime('TextDecoder'))('utf-16le', { ignoreBOM: true });
  return utf16;
}

/** By the Web's name for it; it is windows-1252, which differs from 0x80 to 0x9f. */
function latin1Decoder(): TextDecoder {
  latin1 ??= new (ofRuntime('TextDecoder'))('latin1');
  return latin1;
}

/** The strings of these bytes. */
export function stringBytes(bytes: Bytes): StringBytes {
  if (RuntimeBuffer === undefined) return new WebStrings(bytes);
  return RuntimeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) as unknown as StringBytes;
}

/** Which way with them is the fastest here. */
export const thresholds: StringThresholds = stringThresholds(RuntimeBuffer !== undefined);

/** The string of a text; what is not valid UTF-8 becomes U+FFFD. */
export function decodeUtf8(bytes: Bytes): string {
  return utf8Decoder().decode(bytes);
}

/** The bytes of a text; a surrogate without its other half becomes U+FFFD. */
export function encodeUtf8(text: string): Bytes {
  return RuntimeBuffer === undefined ? encodeUtf8Alone(text) : (RuntimeBuffer.from(text) as Bytes);
}

/** The same in memory of their own, which nothing else is in. */
export function encodeUtf8Alone(text: string): Uint8Array<ArrayBuffer> {
  return utf8Encoder().encode(text);
}

/** Writes the bytes of a text, for which there is room; returns how many they are. */
export function encodeUtf8Into(text: string, target: Bytes): number {
  return utf8Encoder().encodeInto(text, target).written;
}

/** How many bytes a text takes as UTF-8. */
export const utf8Length: (text: string) => number =
  RuntimeBuffer === undefined ? countUtf8 : (text) => RuntimeBuffer.byteLength(text);

function countUtf8(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    length += unit < 0x800 ? 1 : 2;
    // A pair of units takes four bytes, which its first half has been counted with.
    if ((unit & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) i += 1;
  }
  return length;
}
