// The decoder against the reference: random streams, lawful ones and broken ones, in both roles and in arbitrary chunks. Each
// event must be told in the chunk that completes it, and a pause anywhere must lose, repeat and reorder nothing.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { close, isSame, join, open } from './decoders';
import {
  DEFAULT_LIMITS,
  encodeFrame,
  encodeUtf8,
  ReferenceDecoder,
  type ReferenceFrame,
  type Role,
  recorder,
} from './reference';

const key = fc.uint8Array({ minLength: 4, maxLength: 4 });
const control = fc.record({ opcode: fc.constantFrom(9, 10), payload: fc.uint8Array({ maxLength: 125 }) });
// Mostly short, some around the boundaries of the length forms: a string of 1 to 30 characters, many times.
const times = fc.oneof(
  { weight: 30, arbitrary: fc.constant(1) },
  { weight: 3, arbitrary: fc.integer({ max: 60, min: 2 }) },
  {
    weight: 1,
    arbitrary: fc.constant(3_000),
  },
);
const body = fc.oneof(
  fc.record({ opcode: fc.constant(1), content: fc.string({ unit: 'grapheme', maxLength: 30 }), times }),
  fc.record({ opcode: fc.constant(2), content: fc.string({ unit: 'binary', maxLength: 30 }), times }),
);
const message = fc
  .record({ body, cuts: fc.array(fc.nat(), { maxLength: 4 }), between: fc.array(control, { maxLength: 3 }) })
  .map(({ body, cuts, between }): ReferenceFrame[] => {
    const payload = encodeUtf8(body.content.repeat(body.times));
    const at = [0, ...cuts.map((cut) => cut % (payload.length + 1)).sort((a, b) => a - b), payload.length];
    return at.slice(1).flatMap((end, index): ReferenceFrame[] => {
      const opcode = index === 0 ? body.opcode : 0;
      const frame = { opcode, fin: index === at.length - 2, payload: payload.slice(at[index], end) };
      return between[index] === undefined ? [frame] : [frame, between[index]];
    });
  });
const closeFrame = fc
  .record({ code: fc.nat(5100), reason: fc.string({ unit: 'grapheme', maxLength: 20 }) })
  .map(({ code, reason }): ReferenceFrame => {
    return { opcode: 8, payload: [code >> 8, code & 0xff, ...encodeUtf8(reason)].slice(0, 125) };
  });
const anyFrame: fc.Arbitrary<ReferenceFrame> = fc.record({
  opcode: fc.nat(15),
  fin: fc.boolean(),
  rsv: fc.nat(7),
  lengthBytes: fc.constantFrom(0, 2, 8),
  payload: fc.uint8Array({ maxLength: 130 }),
});
const ending = fc.array(fc.oneof(closeFrame, anyFrame), { maxLength: 2 });
const frames = fc
  .tuple(fc.array(message, { maxLength: 6 }), ending)
  .map(([messages, last]) => [...messages.flat(), ...last]);
const mutation = fc.record({ kind: fc.constantFrom('replace', 'insert', 'delete'), at: fc.nat(), byte: fc.nat(255) });
const splits = fc.array(fc.nat(), { maxLength: 12 });

function encodeAll(frames: readonly ReferenceFrame[], role: Role, key: Uint8Array): Uint8Array {
  return join(
    ...frames.map((frame, i) => encodeFrame({ ...frame, key: role === 'server' ? key.map((k) => k + i) : undefined })),
  );
}

function mutate(stream: Uint8Array, { kind, at, byte }: { kind: string; at: number; byte: number }): Uint8Array {
  const bytes = Array.from(stream);
  bytes.splice(at % (bytes.length + 1), kind === 'insert' ? 0 : 1, ...(kind === 'delete' ? [] : [byte]));
  return Uint8Array.from(bytes);
}

function cut(stream: Uint8Array, splits: readonly number[]): Uint8Array[] {
  const at = [0, ...splits.map((split) => split % (stream.length + 1)).sort((a, b) => a - b), stream.length];
  return at.slice(1).map((end, index) => stream.subarray(at[index], end));
}

describe.each<Role>(['client', 'server'])('random streams, %s role', (role) => {
  it('are told as the reference tells them, each event in the chunk that completes it', () => {
    const limits = fc.constantFrom(DEFAULT_LIMITS, { maxMessageSize: 100, maxFragments: 3 });
    fc.assert(
      fc.property(
        frames,
        key,
        fc.array(mutation, { maxLength: 2 }),
        splits,
        limits,
        (frames, key, mutations, splits, limits) => {
          const stream = mutations.reduce(mutate, encodeAll(frames, role, key));
          const log: string[] = [];
          const decoder = open({ role, ...limits, ...recorder((entry) => log.push(entry)) });
          const reference = new ReferenceDecoder(role, limits);
          for (const chunk of cut(stream, splits)) {
            const before = chunk.slice();
            decoder.feed(chunk);
            reference.feed(chunk);
            expect(log).toEqual(reference.log);
            expect(isSame(chunk, before)).toBe(true);
          }
          close(decoder);
        },
      ),
      { numRuns: 4_000 },
    );
  });

  it('are told frame by frame with onFrame', () => {
    const data = fc.array(message, { maxLength: 6 }).map((all) => all.flat().filter(({ opcode }) => opcode < 8));
    fc.assert(
      fc.property(data, key, splits, (frames, key, splits) => {
        const told: unknown[] = [];
        const decoder = open({ role, onFrame: (frame) => told.push({ ...frame, payload: [...frame.payload] }) });
        for (const chunk of cut(encodeAll(frames, role, key), splits)) decoder.feed(chunk);
        close(decoder);
        expect(told).toEqual(frames);
      }),
      { numRuns: 1_000 },
    );
  });

  it('survive pauses at any event and resumes at any chunk', async () => {
    await fc.assert(
      fc.asyncProperty(
        frames,
        key,
        splits,
        fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }),
        async (frames, key, splits, choices) => {
          const stream = encodeAll(frames, role, key);
          const log: string[] = [];
          const choose = (at: number): boolean => choices[at % choices.length]!;
          const decoder = open({
            role,
            ...recorder((entry) => {
              log.push(entry);
              if (choose(log.length)) decoder.pause();
            }),
          });
          for (const [index, chunk] of cut(stream, splits).entries()) {
            decoder.feed(chunk);
            if (choose(index)) decoder.resume();
            if (choose(index + 1)) await null;
          }
          const reference = new ReferenceDecoder(role);
          reference.feed(stream);
          const expected = reference.log;
          for (let resumes = 0; resumes <= expected.length; resumes += 1) {
            decoder.resume();
            await null;
          }
          expect(log).toEqual(expected);
          close(decoder);
        },
      ),
      { numRuns: 1_500 },
    );
  });
});
