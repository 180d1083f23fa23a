// Many decoders at once, whose handlers feed, pause, resume and close one another: they share windows and a tape, and none
// may see anything of that.

import fc from 'fast-check';
import { type Limits, ReferenceDecoder, type Role, recorder } from '../../support/reference';
import { chunksOf, encodeAll, mostly, type StreamCase, streams } from '../../support/streams';
import { asyncClaim, expectSame, type Property } from './property';
import { type MakeSubject, makeDecoder, type Subject } from './subjects';

interface Step {
  readonly kind: 'feed' | 'pause' | 'resume' | 'close' | 'nothing';
  /** Which decoder it is done to: counted in a circle. */
  readonly on: number;
}

interface Company {
  readonly members: readonly StreamCase[];
  /** What handlers do, one step at each event of any decoder, until no step is left. */
  readonly steps: readonly Step[];
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: mostly(
    mostly(fc.constant('feed' as const), fc.constantFrom('pause' as const, 'resume' as const, 'nothing' as const), 4),
    fc.constant('close' as const),
    15,
  ),
  on: fc.nat(11),
});

const random: fc.Arbitrary<Company> = fc.record({
  members: fc.array(streams, { minLength: 1, maxLength: 12 }),
  steps: fc.array(step, { maxLength: 80 }),
});

/** More than there are windows for nested feeds (see assembly/layout.ts). */
const DEEPEST = 12;

/** Each handler feeds the next decoder, while it has more of its chunk before it. */
const deep: fc.Arbitrary<Company> = fc.array(streams, { minLength: DEEPEST, maxLength: DEEPEST }).map((members) => ({
  members: members.map(({ role, limits, stream }) => {
    const start = encodeAll([{ opcode: 1, payload: [0x61] }, { opcode: 9 }], role, Uint8Array.of(1, 2, 3, 4));
    return { role, limits, stream: new Uint8Array(Buffer.concat([start, stream])), splits: [] };
  }),
  steps: Array.from({ length: DEEPEST }, (_, index) => ({ kind: 'feed', on: index + 1 })),
}));

const companies = mostly(random, deep, 3);

/** A decoder, what it has still to be fed, and what it has told. */
class Member {
  readonly log: string[] = [];
  readonly expected: readonly string[];
  private readonly subject: Subject;
  private readonly chunks: Uint8Array[];
  private isPaused = false;
  /** How much had been told when it was closed. */
  private closedAt: number | undefined;

  constructor(
    make: MakeSubject,
    { role, limits, stream, splits }: { role: Role; limits: Limits; stream: Uint8Array; splits: readonly number[] },
    onEvent: () => void,
  ) {
    const tell = (entry: string): void => {
      this.log.push(this.isPaused ? `${entry} while paused` : entry);
      onEvent();
    };
    this.subject = make({ role, ...limits, ...recorder(tell) });
    this.chunks = chunksOf({ stream, splits });
    const reference = new ReferenceDecoder(role, limits);
    reference.feed(stream);
    this.expected = reference.log;
  }

  get hasMore(): boolean {
    return this.chunks.length > 0;
  }

  take(kind: Step['kind']): void {
    if (kind === 'feed') this.feed();
    else if (kind === 'pause') this.pause();
    else if (kind === 'resume') this.resume();
    else if (kind === 'close') this.close();
  }

  feed(): void {
    const chunk = this.chunks.shift();
    if (chunk === undefined) return;
    this.subject.feed(chunk);
    chunk.fill(0xee);
  }

  resume(): void {
    this.isPaused = false;
    this.subject.resume();
  }

  close(): void {
    this.closedAt ??= this.log.length;
    this.subject.close();
  }

  check(index: number): void {
    expectSame(this.log, this.expected.slice(0, this.closedAt), 0, `, decoder ${index + 1}`);
  }

  private pause(): void {
    this.isPaused = true;
    this.subject.pause();
  }
}

export const nesting = (make = makeDecoder): Property<Company> =>
  asyncClaim(
    {
      name: 'nesting',
      sentence: 'Decoders whose handlers feed, pause, resume and close one another each tell their own stream.',
      runs: 20,
    },
    companies,
    async ({ members: cases, steps }) => {
      let next = 0;
      const members: Member[] = [];
      const onEvent = (): void => {
        const step = steps[next];
        next += 1;
        if (step !== undefined) members[step.on % members.length]!.take(step.kind);
      };
      for (const each of cases) members.push(new Member(make, each, onEvent));
      try {
        while (members.some((member) => member.hasMore)) {
          for (const member of members) member.feed();
          await null;
        }
        // A resume may be followed by a pause at the very next event, as long as there are steps.
        for (let left = steps.length; left >= 0; left -= 1) {
          for (const member of members) member.resume();
          await null;
        }
        for (const [index, member] of members.entries()) member.check(index);
      } finally {
        for (const member of members) member.close();
      }
    },
  );
