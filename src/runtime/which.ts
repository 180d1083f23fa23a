// Which runtime this is, which of Node's modules it lends, and from which lengths on its own way with strings is the fast one: asked
// here only, and once. What else follows from it is said where it follows.

interface Process {
  readonly versions?: { readonly node?: string };
  readonly getBuiltinModule?: (name: string) => unknown;
}

const { process } = globalThis as { process?: Process };

export const isBun = 'Bun' in globalThis;
export const isDeno = 'Deno' in globalThis;

/** The major version of Node.js, or the one that a runtime says it is compatible with; Infinity where there is none. */
export const nodeMajor: number = Number.parseInt(process?.versions?.node ?? '', 10) || Number.POSITIVE_INFINITY;

/**
 * Which way with a string is the fastest, by its length. Those of the runtime are calls with a fixed price, and some are slow in what
 * is not ASCII; the core's are one call into WebAssembly and one into the runtime.
 */
export interface StringThresholds {
  /** ASCII of up to so many bytes is spelled out (`String.fromCharCode`); longer the runtime makes it (`latin1Slice`). */
  readonly spelled: number;
  /** Other text from so many bytes on the runtime decodes (`utf8Slice`, or a TextDecoder), shorter the core. */
  readonly decoded: number;
  /** Up to so many characters a loop writes ASCII. */
  readonly looped: number;
  /** From so many units on the runtime encodes what has no character above U+00FF (`utf8Write`, or a TextEncoder), else the core. */
  readonly narrow: number;
  /** From so many units on it encodes what has such characters. */
  readonly wide: number;
  /** From so many units on it pays to ask whether a text is ASCII, and to write it as Latin-1 if so. */
  readonly asked: number;
  /** From so many units on its length as UTF-8 is counted here; shorter, or never, by `Buffer.byteLength`. */
  readonly counted: number;
}

const NEVER = Number.POSITIVE_INFINITY;

// Nanoseconds for a string made or written, the best of nine rounds on one machine. "French" has 4 % of characters with two bytes and
// none above U+00FF, in Russian nearly all have two, in Korean three.
//
// Making one, by the core and by the runtime:
//   Node.js 20    French 200 B 103 and 343, 1 KiB 285 and 1,721; Russian 1 KiB 440 and 3,445; Korean 359 and 3,424; 22 the same
//   Node.js 24    French 200 B 101 and 134, 512 B 170 and 136, 1 KiB 270 and 182; Russian 128 B 113 and 97, 1 KiB 438 and 345;
//                 Korean 128 B 106 and 111, 1 KiB 361 and 366, 64 KiB 17,843 and 13,995; 26 the same
//   Bun           Russian 128 B 146 and 177, 512 B 471 and 401, 1 KiB 894 and 301; Korean 512 B 378 and 404, 1 KiB 775 and 727
//   Deno          Russian 512 B 254 and 251 by its TextDecoder, 1 KiB 442 and 382; Korean 368 and 412, 4 KiB 1,356 and 1,177
//   ASCII, spelled and by `latin1Slice`: 16 B 24 and 56 on Node.js, 68 and 48 on Bun
//
// Writing one, by the core and by the runtime:
//   Node.js 20    ASCII 100 B 74 and 83 as Latin-1, 200 B 82 and 81, 1 KiB 163 and 90; French 1 KiB 392 and 549; Russian 482 and 735
//   Node.js 22    ASCII or French 200 B 77–122 and 25–34, 1 KiB 154–392 and 31–64; Russian 1 KiB 466 and 494, Korean 450 and 550
//   Node.js 24    ASCII or French 200 B 84–136 and 37–47, 1 KiB 159–422 and 44–134; Russian 1 KiB 476 and 1,089, Korean 482 and 830
//   Node.js 26    ASCII or French 200 B 68–117 and 34–49; Russian 48 units 77 and 95, 64 83 and 62, 1 KiB 450 and 120
//   Bun           ASCII 200 B 40 and 24; French 1 KiB 312 and 95, Russian 363 and 75, Korean 482 and 139, 16 B 34 and 30
//   Deno          ASCII 64 B 841 and 83 by its TextEncoder, 1 KiB 8,782 and 95, Korean 4,196 and 1,143: its Buffer writes one by one
//   how many bytes that will be, µs for 1 MiB of ASCII and of Korean by `byteLength`: 102 and 295 on Node.js 20, 125 and 329 on 24, and
//   11 and 14 on 26; counted by a write that is forgotten, of ASCII, 59 and 26; by the core, of Korean, 85
//   a loop, where the runtime takes: 16 characters 27–33 (Node.js 22 to 26: 14–27; Bun 18 and 21), 32 93 (Node.js 20: 57–69)
const NODE_20: StringThresholds = {
  spelled: 32,
  decoded: NEVER,
  looped: 32,
  narrow: NEVER,
  wide: NEVER,
  asked: 200,
  counted: 16_384,
};
const NODE_22: StringThresholds = { ...NODE_20, looped: 16, narrow: 0 };
const NODE_24: StringThresholds = { ...NODE_22, decoded: 128 };
const NODE_26: StringThresholds = { ...NODE_24, wide: 64, counted: NEVER };
const BUN: StringThresholds = { ...NODE_26, spelled: 0, decoded: 512, wide: 0 };
const WEB: StringThresholds = { ...NODE_26, decoded: 1_024, looped: 48, wide: 0 };

/** Those of this runtime. `hasBuffer`: it has a Buffer like Node's. */
export function stringThresholds(hasBuffer: boolean): StringThresholds {
  if (isDeno || !hasBuffer) return WEB;
  if (isBun) return BUN;
  if (nodeMajor >= 26) return NODE_26;
  if (nodeMajor >= 24) return NODE_24;
  // There `utf8Write` comes to write Latin-1, once it is compiled (nodejs/node#54521).
  const isWrong = process?.versions?.node?.startsWith('22.7.') === true;
  return nodeMajor >= 22 && !isWrong ? NODE_22 : NODE_20;
}

/** One of Node's modules, where it can be had. Not imported: that would end on a runtime that has none. */
export function builtinModule<Module>(name: string): Module | undefined {
  // Asked anew: a runtime may lend more of them later, and tests do.
  return (globalThis as { process?: Process }).process?.getBuiltinModule?.(name) as Module | undefined;
}
