// Streams of frames for fast-check: lawful ones, nearly lawful ones and noise, in both roles, with the places where they
// are cut. It makes bytes and knows no decoder: whoever tests one takes its cases from here.

import fc from 'fast-check';
import { DEFAULT_LIMITS, encodeFrame, encodeUtf8, type Limits, type ReferenceFrame, type Role } from './reference';

/** What a decoder is fed: a stream, cut into chunks. */
export interface StreamCase {
  readonly role: Role;
  readonly limits: Limits;
  readonly stream: Uint8Array;
  /** Where chunks end, in order; a place that comes twice makes an empty chunk. */
  readonly splits: readonly number[];
}

/** Every chunk is a copy, to be overwritten once it has been fed; every other one a Buffer, which is not quite a Uint8Array. */
export function chunksOf({ stream, splits }: Pick<StreamCase, 'stream' | 'splits'>): Uint8Array[] {
  return [...splits, stream.length].map((end, index) => {
    const part = stream.subarray(splits[index - 1] ?? 0, end);
    return index % 2 === 0 ? new Uint8Array(part) : Buffer.from(part);
  });
}

const isMasked = (role: Role): boolean => role === 'server';

/** The bytes of the frames as they come in at `role`: masked for a server, each with another key. */
export function encodeAll(frames: readonly ReferenceFrame[], role: Role, key: Uint8Array): Uint8Array {
  const encoded = frames.map((frame, index) =>
    encodeFrame({ ...frame, key: isMasked(role) ? key.map((byte) => byte + index) : undefined }),
  );
  return new Uint8Array(Buffer.concat(encoded));
}

/** One out of `times` + 1 is of the rare kind. What fails shrinks to the usual kind, if that fails too. */
export function mostly<T, U>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<U>, times: number): fc.Arbitrary<T | U> {
  return fc.oneof<fc.MaybeWeightedArbitrary<T | U>[]>(
    { weight: times, arbitrary: usual },
    { weight: 1, arbitrary: rare },
  );
}

// Payloads.

const CHARACTERS = ['a', 'é', '가', '😀'];

/** Exactly so many bytes of text: one character over and over, behind as many of ASCII as are left over. */
function textOf(length: number, character: string): Uint8Array {
  const payload = new Uint8Array(length).fill(0x61);
  const bytes = encodeUtf8(character);
  for (let at = length % bytes.length; at < length; at += bytes.length) payload.set(bytes, at);
  return payload;
}

interface Body {
  readonly opcode: number;
  readonly payload: Uint8Array;
}

const short: fc.Arbitrary<Body> = fc.oneof(
  fc
    .string({ unit: 'grapheme', maxLength: 30 })
    .map((text) => ({ opcode: 1, payload: Uint8Array.from(encodeUtf8(text)) })),
  fc.uint8Array({ maxLength: 60 }).map((payload) => ({ opcode: 2, payload })),
);

const repeated: fc.Arbitrary<Body> = fc
  .record({ body: short, times: fc.oneof(fc.integer({ min: 2, max: 60 }), fc.constant(600)) })
  .map(({ body, times }) => {
    return { ...body, payload: new Uint8Array(Buffer.concat(Array<Uint8Array>(times).fill(body.payload))) };
  });

/**
 * Lengths that are nearly one of these: the ends of the length forms (RFC 6455 §5.2), those of the decoder's windows. A few
 * are nearly 0, and what fails shrinks to one of those, if that fails too.
 */
export function lengthsAround(...edges: number[]): fc.Arbitrary<number> {
  return fc
    .record({ edge: fc.constantFrom(0, ...edges, ...edges, ...edges), beside: fc.integer({ min: -16, max: 4 }) })
    .map(({ edge, beside }) => Math.max(0, edge + beside));
}

function bodyOf(lengths: fc.Arbitrary<number>): fc.Arbitrary<Body> {
  const character = fc.constantFrom(...CHARACTERS);
  return fc
    .record({ opcode: fc.constantFrom(1, 2), length: lengths, character })
    .map(({ opcode, length, character }) => {
      const payload = textOf(length, character);
      return { opcode, payload: opcode === 1 ? payload : payload.map((byte, at) => byte + at + (at >> 8)) };
    });
}

// Frames.

const control = fc.record({ opcode: fc.constantFrom(9, 10), payload: fc.uint8Array({ maxLength: 125 }) });

/** A message in one frame or in many, with pings and pongs between them. */
function messageOf(body: fc.Arbitrary<Body>): fc.Arbitrary<ReferenceFrame[]> {
  const cuts = mostly(fc.array(fc.nat(), { maxLength: 4 }), fc.array(fc.nat(), { maxLength: 150 }), 20);
  return fc
    .record({ body, cuts, between: fc.array(control, { maxLength: 3 }) })
    .map(({ body: { opcode, payload }, cuts, between }) => {
      const at = [0, ...cuts.map((cut) => cut % (payload.length + 1)).sort((a, b) => a - b), payload.length];
      return at.slice(1).flatMap((end, index): ReferenceFrame[] => {
        const fin = index === at.length - 2;
        const frame = { opcode: index === 0 ? opcode : 0, fin, payload: payload.slice(at[index], end) };
        return between[index] === undefined ? [frame] : [frame, between[index]];
      });
    });
}

/** Mostly short, some around the ends of the length forms. */
export const message: fc.Arbitrary<ReferenceFrame[]> = fc.oneof(
  { withCrossShrink: true },
  { weight: 30, arbitrary: messageOf(short) },
  { weight: 3, arbitrary: messageOf(repeated) },
  { weight: 2, arbitrary: messageOf(bodyOf(lengthsAround(126))) },
  { weight: 1, arbitrary: messageOf(bodyOf(lengthsAround(32_768, 65_536))) },
);

/** The smallest frames there are, in long rows: what a chunk can hold most of. */
const tiny: fc.Arbitrary<ReferenceFrame[]> = fc
  .array(fc.record({ opcode: fc.constantFrom(1, 2, 9, 10), size: fc.nat(1) }), { maxLength: 400 })
  .map((all) => all.map(({ opcode, size }) => ({ opcode, payload: Array<number>(size).fill(0x61) })));

/** At the sizes of the windows that a decoder reads from: 32 KiB and 512 KiB (see assembly/layout.ts). */
const largeMessage = messageOf(bodyOf(lengthsAround(32_768, 65_536, 524_288)));

const closeFrame = fc
  .record({
    code: mostly(fc.constantFrom(1000, 1001, 1007, 1014, 3000, 4999), fc.nat(5100), 2),
    reason: fc.string({ unit: 'grapheme', maxLength: 20 }),
  })
  .map(({ code, reason }): ReferenceFrame => {
    return { opcode: 8, payload: [code >> 8, code & 0xff, ...encodeUtf8(reason)].slice(0, 125) };
  });

/** Mostly unlawful: any opcode, any reserved bits, lengths in too many bytes. */
const anyFrame: fc.Arbitrary<ReferenceFrame> = fc.record({
  opcode: fc.nat(15),
  fin: fc.boolean(),
  rsv: mostly(fc.constant(0), fc.nat(7), 5),
  lengthBytes: fc.constantFrom(undefined, 0, 2, 8),
  payload: fc.uint8Array({ maxLength: 130 }),
});

function framesOf(messages: fc.Arbitrary<ReferenceFrame[]>, maxLength: number): fc.Arbitrary<ReferenceFrame[]> {
  const ending = fc.array(fc.oneof(closeFrame, anyFrame), { maxLength: 2 });
  return fc.tuple(fc.array(messages, { maxLength }), ending).map(([all, last]) => [...all.flat(), ...last]);
}

// Streams.

export const role = fc.constantFrom<Role>('client', 'server');

export const key = fc.uint8Array({ minLength: 4, maxLength: 4 });

const limits: fc.Arbitrary<Limits> = mostly(
  fc.constant(DEFAULT_LIMITS),
  fc.record({ maxMessageSize: fc.integer({ min: 1, max: 300 }), maxFragments: fc.integer({ min: 1, max: 6 }) }),
  3,
);

interface Mutation {
  readonly kind: 'replace' | 'insert' | 'delete';
  readonly at: number;
  readonly byte: number;
}

export const mutations: fc.Arbitrary<Mutation[]> = fc.array(
  fc.record({ kind: fc.constantFrom('replace', 'insert', 'delete'), at: fc.nat(), byte: fc.nat(255) }),
  { maxLength: 2 },
);

export function mutate(bytes: Uint8Array, mutations: readonly Mutation[]): Uint8Array {
  return mutations.reduce((bytes, { kind, at, byte }) => {
    const place = at % (bytes.length + 1);
    const rest = bytes.subarray(kind === 'insert' ? place : place + 1);
    const put = Uint8Array.from(kind === 'delete' ? [] : [byte]);
    return new Uint8Array(Buffer.concat([bytes.subarray(0, place), put, rest]));
  }, bytes);
}

/** Places to cut at, of a stream whose length is not known yet: anywhere, or in chunks of one size. */
type Cuts = { readonly at: readonly number[] } | { readonly size: number };

export const cuts: fc.Arbitrary<Cuts> = mostly(
  fc.record({ at: fc.array(fc.nat(), { maxLength: 12 }) }),
  fc.record({ size: fc.integer({ min: 1, max: 9 }) }),
  4,
);

/** So many chunks of one size are enough: long streams are cut into larger ones. */
const MOST_CHUNKS = 5_000;

export function splitsOf(cuts: Cuts, length: number): number[] {
  if ('at' in cuts) return cuts.at.map((at) => at % (length + 1)).sort((a, b) => a - b);
  const size = Math.max(cuts.size, Math.ceil(length / MOST_CHUNKS));
  return Array.from({ length: Math.ceil(length / size) }, (_, index) => index * size).slice(1);
}

/** The beginning of a frame whose length may be anything, and need not be true; its mask bit is wrong now and then. */
const boast = fc
  .record({
    opcode: fc.constantFrom(0, 1, 2, 8, 9),
    digits: fc.constantFrom(2, 8),
    bits: fc.nat(64),
    bytes: fc.uint8Array({ maxLength: 12 }),
    mask: mostly(fc.constant(0), fc.constant(0x80), 4),
  })
  .map(({ opcode, digits, bits, bytes, mask }) => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt.asUintN(8 * digits, (1n << BigInt(bits)) - (bytes.length % 2 === 0 ? 0n : 1n)));
    return [0x80 + opcode, mask + (digits === 2 ? 126 : 127), ...length.subarray(8 - digits), ...bytes];
  });

/** Not even the beginning of a frame, but out of bytes that have a meaning there: others hardly ever live for two. */
const meaningful = fc.constantFrom(0x00, 0x01, 0x02, 0x80, 0x81, 0x82, 0x83, 0x88, 0x89, 0x8a, 0x7e, 0x7f, 0xfe, 0xff);
const anyBytes = fc.array(mostly(meaningful, fc.nat(255), 3), { maxLength: 200 });

function streamsOf(
  frames: fc.Arbitrary<ReferenceFrame[]>,
  limits: fc.Arbitrary<Limits>,
  tail: fc.Arbitrary<readonly number[]>,
): fc.Arbitrary<StreamCase> {
  return fc
    .record({ role, limits, frames, tail, key, mutations, cuts })
    .map(({ role, limits, frames, tail, key, mutations, cuts }) => {
      const last = tail.map((byte, at) => (at === 1 && isMasked(role) ? byte ^ 0x80 : byte));
      const stream = mutate(Buffer.concat([encodeAll(frames, role, key), Uint8Array.from(last)]), mutations);
      return { role, limits, stream, splits: splitsOf(cuts, stream.length) };
    });
}

const noTail = fc.constant<readonly number[]>([]);

/** Frames of every kind, some of them broken by a byte or two. */
export const streams = streamsOf(mostly(framesOf(message, 6), framesOf(tiny, 2), 12), limits, mostly(noTail, boast, 8));

export const largeStreams = streamsOf(framesOf(largeMessage, 3), fc.constant(DEFAULT_LIMITS), noTail);

/** Noise, at the beginning of a connection or behind some messages. */
export const noise = streamsOf(
  mostly(fc.constant<ReferenceFrame[]>([]), messageOf(short), 1),
  limits,
  mostly(anyBytes, boast, 6),
);
