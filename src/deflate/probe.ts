// Whether what is behind the streams of node:zlib does what handle-stream.ts takes it to do: no documentation promises it, so
// each thread tries it on a few known bytes before the first connection relies on it. It never throws, and knows no connection.

import type { Bytes } from '../base/bytes';
import { messageOf } from '../base/thrown';
import { debugLog } from '../runtime/debug-log';
import type { PlatformZlib } from '../runtime/zlib-node';
import { Z_DATA_ERROR } from './data-error';
import { HandleStream } from './handle-stream';
import { type Kind, Z_SYNC_FLUSH, type Zlib, type ZlibOptions } from './stream';

/** RFC 7692 §7.2.3.2: Hello, and the same again by a reference to it; each with its tail. */
const FIRST: Bytes = Uint8Array.of(0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00, 0x00, 0xff, 0xff);
const SECOND: Bytes = Uint8Array.of(0xf2, 0x00, 0x11, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff);
/** RFC 7692 §7.2.3.4: the same with BFINAL, of which the last byte is another stream. */
const FINAL: Bytes = Uint8Array.of(0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00);
const HELLO: Bytes = Uint8Array.of(0x48, 0x65, 0x6c, 0x6c, 0x6f);

/** Little memory is enough. */
const OPTIONS: ZlibOptions = { windowBits: 9, memLevel: 1 };
/**
 * Where there is room for the output, and how much: around it all has to stay as it was. Within, zlib also writes behind what it
 * makes.
 */
const OUTPUT_START = 3;
const ROOM = 32;
const OUTPUT_BYTES = 64;
const UNTOUCHED = 0x2e;

const verdicts = new WeakMap<PlatformZlib, boolean>();

/** Tried once, and said with NODE_DEBUG=wsimd if it does not. */
export function handlesWork(zlib: PlatformZlib): boolean {
  let works = verdicts.get(zlib);
  if (works === undefined) {
    const failure = failureOf(zlib);
    works = failure === undefined;
    verdicts.set(zlib, works);
    if (!works)
      debugLog()?.(
        `zlib: the streams of this runtime cannot be called synchronously (${failure}); slower, without them`,
      );
  }
  return works;
}

/** What went wrong; undefined: nothing. */
function failureOf(zlib: PlatformZlib): string | undefined {
  const opened: HandleStream[] = [];
  const open = (kind: Kind): HandleStream => {
    const stream = new HandleStream(zlib, kind, OPTIONS);
    opened.push(stream);
    return stream;
  };
  let failure = attempt(() => {
    const [inflate, deflate] = [open('inflate'), open('deflate')];
    if (!inflate.isWhole || !deflate.isWhole) return 'a member is missing';
    return failureToInflate(inflate) ?? failureToDeflate(deflate, inflate) ?? failureToRefuse(inflate);
  });
  for (const stream of opened) {
    const refusal = attempt(() => {
      stream.close();
      return undefined;
    });
    failure ??= refusal;
  }
  return failure;
}

/** What it says is wrong, or what it throws. */
function attempt(action: () => string | undefined): string | undefined {
  try {
    return action();
  } catch (error) {
    return messageOf(error);
  }
}

/** Leaves it behind a reset. */
function failureToInflate(stream: Zlib): string | undefined {
  if (!inflates(stream, FIRST, FIRST.length)) return 'inflates wrongly';
  if (!inflates(stream, SECOND, SECOND.length)) return 'keeps no context';
  if (!inflatesInParts(stream)) return 'passes over the end of the output';
  stream.reset();
  if (!inflates(stream, FINAL, FINAL.length - 1)) return 'passes over the end of a stream';
  stream.reset();
  return undefined;
}

/** What it makes is zlib's own affair, and differs from one to the other: it has to be inflated to the same. */
function failureToDeflate(deflate: Zlib, inflate: Zlib): string | undefined {
  const compresses = (): boolean => {
    const compressed = run(deflate, HELLO, HELLO.length);
    return compressed !== undefined && inflates(inflate, compressed, compressed.length);
  };
  if (!compresses() || !compresses()) return 'compresses wrongly';
  deflate.reset();
  inflate.reset();
  return compresses() ? undefined : 'compresses wrongly when it begins anew';
}

/** A reference to what came before it began anew. */
function failureToRefuse(stream: Zlib): string | undefined {
  stream.reset();
  try {
    run(stream, SECOND, SECOND.length);
  } catch (error) {
    return (error as { errno?: unknown }).errno === Z_DATA_ERROR ? undefined : messageOf(error);
  }
  return 'refuses nothing';
}

/** Whether these bytes, as far as `taken`, are Hello. */
function inflates(stream: Zlib, input: Bytes, taken: number): boolean {
  const output = run(stream, input, taken);
  return output !== undefined && isHello(output);
}

/** The same of the last of them, where the room ends before the last byte. */
function inflatesInParts(stream: Zlib): boolean {
  const output = new Uint8Array(OUTPUT_BYTES).fill(UNTOUCHED);
  const most = HELLO.length - 1;
  const next = stream.run(Z_SYNC_FLUSH, SECOND, 0, SECOND.length, output, OUTPUT_START, most);
  if (stream.made !== most || !isUntouched(output, most)) return false;
  const end = stream.run(Z_SYNC_FLUSH, SECOND, next, SECOND.length, output, OUTPUT_START + most, ROOM);
  return end === SECOND.length && isHello(output.subarray(OUTPUT_START, OUTPUT_START + most + stream.made));
}

/** What comes of it if that much of it is taken, and nothing is touched but the room. */
function run(stream: Zlib, input: Bytes, taken: number): Bytes | undefined {
  const output = new Uint8Array(OUTPUT_BYTES).fill(UNTOUCHED);
  const next = stream.run(Z_SYNC_FLUSH, input, 0, input.length, output, OUTPUT_START, ROOM);
  if (next !== taken || stream.made >= ROOM || !isUntouched(output, ROOM)) return undefined;
  return output.slice(OUTPUT_START, OUTPUT_START + stream.made);
}

function isHello(bytes: Bytes): boolean {
  return bytes.length === HELLO.length && HELLO.every((byte, place) => bytes[place] === byte);
}

/** All but so many bytes. */
function isUntouched(output: Bytes, room: number): boolean {
  const end = OUTPUT_START + room;
  return output.every((byte, place) => (place >= OUTPUT_START && place < end) || byte === UNTOUCHED);
}
