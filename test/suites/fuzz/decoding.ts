// What a decoder tells is what the reference tells, in the chunk that completes it, however the stream is cut; and what it
// is told to keep is told later, in order and once.

import fc from 'fast-check';
import { Decoder } from '../../../src/framing';
import { ReferenceDecoder, recorder } from '../../support/reference';
import {
  chunksOf,
  cuts,
  encodeAll,
  key,
  largeStreams,
  message,
  noise,
  role,
  type StreamCase,
  splitsOf,
  streams,
} from '../../support/streams';
import { asyncClaim, claim, expect, expectSame, type Property } from './property';
import { type MakeSubject, makeDecoder, makeTurningReader, makeWindowReader } from './subjects';

function tellsAsReference(make: MakeSubject): (found: StreamCase) => void {
  return ({ role, limits, stream, splits }) => {
    const log: string[] = [];
    const decoder = make({ role, ...limits, ...recorder((entry) => log.push(entry)) });
    const reference = new ReferenceDecoder(role, limits);
    try {
      let [compared, fed] = [0, 0];
      for (const [index, chunk] of chunksOf({ stream, splits }).entries()) {
        const before = stream.subarray(fed, fed + chunk.length);
        decoder.feed(chunk);
        expect(Buffer.compare(chunk, before) === 0, `chunk ${index + 1} has been written to`);
        chunk.fill(0xee);
        reference.feed(before);
        expectSame(log, reference.log, compared, `, in chunk ${index + 1}`);
        compared = log.length;
        fed += chunk.length;
      }
    } finally {
      decoder.close();
    }
  };
}

export const decode = (make = makeDecoder): Property<StreamCase> =>
  claim(
    { name: 'decode', sentence: 'Frames, lawful and not, are told as the reference tells them.', runs: 150 },
    streams,
    tellsAsReference(make),
  );

export const decodeNoise = claim(
  { name: 'decode-noise', sentence: 'Arbitrary bytes are told as the reference tells them.', runs: 2_000 },
  noise,
  tellsAsReference(makeDecoder),
);

export const decodeLarge = claim(
  { name: 'decode-large', sentence: 'Messages of up to half a MiB are told as the reference tells them.', runs: 3 },
  largeStreams,
  tellsAsReference(makeDecoder),
);

const windowCases = fc.oneof({ weight: 20, arbitrary: streams }, { weight: 1, arbitrary: largeStreams });

export const decodeWindow = claim(
  {
    name: 'decode-window',
    sentence: 'Chunks in the read window of a connection are told as the reference tells them.',
    runs: 40,
  },
  windowCases,
  tellsAsReference(makeWindowReader),
);

export const decodeBytes = claim(
  {
    name: 'decode-bytes',
    sentence: 'Text that is told as bytes now and then, and bytes as Buffers, are what the reference tells.',
    runs: 60,
  },
  windowCases,
  tellsAsReference(makeTurningReader),
);

// Frame by frame.

const dataStreams = fc
  .record({ role, key, messages: fc.array(message, { maxLength: 6 }), cuts })
  .map(({ role, key, messages, cuts }) => {
    const stream = encodeAll(messages.flat(), role, key);
    return { role, frames: messages.flat(), stream, splits: splitsOf(cuts, stream.length) };
  });

export const decodeFrames = claim(
  { name: 'decode-frames', sentence: 'With onFrame each data frame is told as it came.', runs: 100 },
  dataStreams,
  ({ role, frames, stream, splits }) => {
    const show = (opcode: number, fin: boolean, payload: Uint8Array): string =>
      `${opcode} ${fin} ${Buffer.from(payload).toString('hex')}`;
    const told: string[] = [];
    const decoder = new Decoder({ role, onFrame: ({ opcode, fin, payload }) => told.push(show(opcode, fin, payload)) });
    try {
      for (const chunk of chunksOf({ stream, splits })) decoder.feed(chunk);
    } finally {
      decoder.close();
    }
    const sent = frames.filter(({ opcode }) => opcode < 8);
    expectSame(
      told,
      sent.map(({ opcode, fin = true, payload = [] }) => show(opcode, fin, Uint8Array.from(payload))),
    );
  },
);

// Pauses.

export interface PauseCase extends StreamCase {
  /** Whether to pause at an event, to resume behind a chunk, and to let the event loop turn then: taken in a circle. */
  readonly choices: readonly boolean[];
}

function pausable(streams: fc.Arbitrary<StreamCase>): fc.Arbitrary<PauseCase> {
  const choices = fc.array(fc.boolean(), { minLength: 1, maxLength: 20 });
  return fc.record({ stream: streams, choices }).map(({ stream, choices }) => ({ ...stream, choices }));
}

function keepsInOrder(make: MakeSubject): (found: PauseCase) => Promise<void> {
  return async ({ role, limits, stream, splits, choices }) => {
    const choose = (at: number): boolean => choices[at % choices.length]!;
    const log: string[] = [];
    let isPaused = false;
    const decoder = make({
      role,
      ...limits,
      ...recorder((entry) => {
        log.push(isPaused ? `${entry} while paused` : entry);
        isPaused = choose(log.length);
        if (isPaused) decoder.pause();
      }),
    });
    const resume = (): void => {
      isPaused = false;
      decoder.resume();
    };
    const reference = new ReferenceDecoder(role, limits);
    reference.feed(stream);
    try {
      for (const [index, chunk] of chunksOf({ stream, splits }).entries()) {
        decoder.feed(chunk);
        chunk.fill(0xee);
        if (choose(index)) resume();
        if (choose(index + 1)) await null;
      }
      for (let resumes = 0; resumes <= reference.log.length; resumes += 1) {
        resume();
        await null;
      }
      expectSame(log, reference.log);
    } finally {
      decoder.close();
    }
  };
}

export const pauses = (make = makeDecoder): Property<PauseCase> =>
  asyncClaim(
    {
      name: 'pauses',
      sentence: 'Pauses at any event and resumes at any chunk lose, repeat and reorder nothing.',
      runs: 120,
    },
    pausable(streams),
    keepsInOrder(make),
  );

export const pausesWindow = asyncClaim(
  { name: 'pauses-window', sentence: 'Neither do they with chunks in the read window of a connection.', runs: 50 },
  pausable(windowCases),
  keepsInOrder(makeWindowReader),
);

export const pausesBytes = asyncClaim(
  { name: 'pauses-bytes', sentence: 'Neither do they where text is told as bytes now and then.', runs: 50 },
  pausable(windowCases),
  keepsInOrder(makeTurningReader),
);
