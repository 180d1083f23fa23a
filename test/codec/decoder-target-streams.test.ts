// However a transport brings the bytes, and whatever handlers do meanwhile, the messages are those that were sent: several
// decoders that share the window, with reads of any size to where each wants them or elsewhere, pauses, exceptions and stops.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FrameDecoder } from '../../src/codec/decoder';
import { TransportReader } from '../support/codecs';
import { join, pattern } from '../support/decoders';
import { DEFAULT_LIMITS, encodeFrame } from '../support/reference';

interface Event {
  readonly kind: 'text' | 'binary' | 'ping';
  readonly bytes: Uint8Array;
}

interface Part {
  readonly kind: Event['kind'];
  readonly length: number;
  readonly seed: number;
  /** Where it is cut into fragments. */
  readonly cuts: readonly number[];
  /** Behind which fragments there are pings. */
  readonly pings: readonly boolean[];
}

interface Step {
  /** Which decoder gets bytes. */
  readonly on: number;
  readonly size: number;
  readonly isElsewhere: boolean;
  readonly resumes: boolean;
  readonly turns: boolean;
}

type Act = 'none' | 'pause' | 'pause and resume' | 'throw' | 'stop';

interface Member {
  readonly parts: readonly Part[];
  readonly isLent: boolean;
  /** What handlers do at each event, taken in a circle. */
  readonly acts: readonly Act[];
}

const large = fc.integer({ min: 60_000, max: 400_000 });
const part: fc.Arbitrary<Part> = fc.record({
  kind: fc.oneof(
    { weight: 5, arbitrary: fc.constant<'binary'>('binary') },
    { weight: 1, arbitrary: fc.constant<'text'>('text') },
    { weight: 1, arbitrary: fc.constant<'ping'>('ping') },
  ),
  length: fc.oneof({ weight: 3, arbitrary: large }, { weight: 2, arbitrary: fc.nat(3_000) }),
  seed: fc.nat(1_000),
  cuts: fc.oneof(fc.constant([]), fc.array(fc.nat(), { maxLength: 4 })),
  pings: fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }),
});

const acts = (...often: Act[]): fc.Arbitrary<Act[]> =>
  fc.array(fc.constantFrom<Act>('none', 'none', ...often), { minLength: 1, maxLength: 12 });
const member: fc.Arbitrary<Member> = fc.record({
  parts: fc.array(part, { minLength: 1, maxLength: 5 }),
  isLent: fc.boolean(),
  acts: fc.oneof(
    { weight: 2, arbitrary: fc.constant<Act[]>(['none']) },
    { weight: 4, arbitrary: acts('pause', 'pause and resume', 'throw') },
    { weight: 1, arbitrary: acts('pause', 'throw', 'stop') },
  ),
});

const step: fc.Arbitrary<Step> = fc.record({
  on: fc.nat(),
  size: fc.oneof(
    fc.integer({ min: 0, max: 20 }),
    fc.integer({ min: 100, max: 20_000 }),
    fc.constantFrom(16_384, 65_536),
    fc.integer({ min: 20_000, max: 600_000 }),
  ),
  isElsewhere: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  resumes: fc.boolean(),
  turns: fc.boolean(),
});

/** The last one brings a stream on, whatever the others do. */
const steps = fc
  .array(step, { maxLength: 20 })
  .map((some): Step[] => [...some, { on: 0, size: 30_000, isElsewhere: false, resumes: true, turns: true }]);

function bytesOf({ kind, length, seed }: Part): Uint8Array {
  if (kind === 'ping') return pattern(length % 126, seed);
  return kind === 'text' ? Buffer.from(`${seed}다é😀`.repeat(length >> 4)) : pattern(length, seed);
}

/** The frames of a part, and what is told of them. */
function write(part: Part): { frames: Uint8Array[]; events: Event[] } {
  const payload = bytesOf(part);
  if (part.kind === 'ping') {
    return { frames: [encodeFrame({ opcode: 9, payload })], events: [{ kind: 'ping', bytes: payload }] };
  }
  const frames: Uint8Array[] = [];
  const events: Event[] = [];
  const at = [0, ...part.cuts.map((cut) => cut % (payload.length + 1)).sort((a, b) => a - b), payload.length];
  for (let index = 1; index < at.length; index += 1) {
    const fin = index === at.length - 1;
    const opcode = index > 1 ? 0 : part.kind === 'text' ? 1 : 2;
    frames.push(encodeFrame({ opcode, fin, payload: payload.subarray(at[index - 1], at[index]) }));
    if (fin || !part.pings[index % part.pings.length]) continue;
    const ping = pattern(index * 7, part.seed + index);
    frames.push(encodeFrame({ opcode: 9, payload: ping }));
    events.push({ kind: 'ping', bytes: ping });
  }
  return { frames, events: [...events, { kind: part.kind, bytes: payload }] };
}

const isSame = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

/** A decoder, its transport, and what was told so far. */
class Connection {
  readonly expected: readonly Event[];
  readonly complaints: string[] = [];
  readonly codec: FrameDecoder;
  private readonly stream: Uint8Array;
  private readonly reader: TransportReader;
  private readonly kept: { readonly index: number; readonly bytes: Uint8Array }[] = [];
  private read = 0;
  told = 0;
  thrown = 0;
  caught = 0;
  private isPaused = false;
  isStopped = false;

  constructor(private readonly member: Member) {
    const written = member.parts.map(write);
    this.stream = join(...written.flatMap(({ frames }) => frames));
    this.expected = written.flatMap(({ events }) => events);
    const { maxMessageSize, maxFragments } = DEFAULT_LIMITS;
    this.codec = new FrameDecoder(
      {
        role: 'client',
        maxMessage: maxMessageSize,
        sizeOption: '',
        maxFragments,
        isBinaryLent: member.isLent,
        isNodeBuffer: false,
        isUtf8Unchecked: false,
      },
      {
        onMessage: (data) => {
          if (typeof data === 'string') this.tell({ kind: 'text', bytes: Buffer.from(data) });
          else this.tell({ kind: 'binary', bytes: data });
        },
        onPing: (bytes) => this.tell({ kind: 'ping', bytes }),
        onPong: () => this.complaints.push('a pong'),
        onCloseFrame: () => this.complaints.push('a close frame'),
        onFault: (error) => this.complaints.push(error.message),
        onException: (error) => {
          this.caught += 1;
          if (error !== this.member) this.complaints.push(String(error));
        },
      },
    );
    this.reader = new TransportReader(this.codec);
  }

  get isDone(): boolean {
    return this.isStopped || (this.read === this.stream.length && this.told === this.expected.length);
  }

  private tell({ kind, bytes }: Event): void {
    const index = this.told;
    this.told += 1;
    const expected = this.expected[index];
    if (this.isPaused) this.complaints.push(`event ${index} in a pause`);
    if (this.isStopped) this.complaints.push(`event ${index} behind stop()`);
    if (kind !== expected?.kind) this.complaints.push(`event ${index} is a ${kind}`);
    else if (!isSame(bytes, expected.bytes)) this.complaints.push(`event ${index}, a ${kind}, has other bytes`);
    if (kind === 'ping' || (kind === 'binary' && !this.member.isLent)) this.kept.push({ index, bytes });
    this.act(this.member.acts[index % this.member.acts.length]!);
  }

  private act(act: Act): void {
    if (act === 'pause' || act === 'pause and resume') this.codec.pause();
    if (act === 'pause') this.isPaused = true;
    if (act === 'pause and resume') this.codec.resume();
    if (act === 'stop') {
      this.codec.stop();
      this.isStopped = true;
    }
    if (act !== 'throw') return;
    this.thrown += 1;
    throw this.member;
  }

  resume(): void {
    this.isPaused = false;
    this.codec.resume();
  }

  take(size: number, isElsewhere: boolean): void {
    const bytes = this.stream.subarray(this.read, this.read + size);
    this.read += isElsewhere ? this.reader.readElsewhere(bytes) : this.reader.read(bytes);
  }

  /** What is wrong by the end: what was handed over must still be what it was. */
  verdict(): string[] {
    const spoilt = this.kept.filter(({ index, bytes }) => !isSame(bytes, this.expected[index]!.bytes));
    return [
      ...this.complaints,
      ...spoilt.map(({ index }) => `event ${index} was written to`),
      ...(this.isDone ? [] : [`only ${this.told} of ${this.expected.length} events`]),
      ...(this.caught === this.thrown ? [] : [`${this.caught} of ${this.thrown} exceptions`]),
    ];
  }
}

it('the messages are those that were sent', { timeout: 120_000 }, async () => {
  let events = 0;
  const property = fc.asyncProperty(
    fc.array(member, { minLength: 1, maxLength: 3 }),
    steps,
    async (members, steps): Promise<void> => {
      const connections = members.map((member) => new Connection(member));
      try {
        for (let turn = 0; turn < 10_000 && !connections.every(({ isDone }) => isDone); turn += 1) {
          const { on, size, isElsewhere, resumes, turns } = steps[turn % steps.length]!;
          // The circle moves on, so that no decoder waits for a step of its own.
          const connection = connections[(on + Math.floor(turn / steps.length)) % connections.length]!;
          connection.take(size, isElsewhere);
          if (resumes) connection.resume();
          if (turns) await null;
        }
        expect(connections.map((connection) => connection.verdict())).toEqual(members.map(() => []));
        for (const { told } of connections) events += told;
      } finally {
        for (const { codec } of connections) codec.stop();
      }
    },
  );
  await fc.assert(property, { numRuns: 100 });
  expect(events).toBeGreaterThan(300);
});
