// What an encoder makes, a decoder of the other role and the reference read back; and close bodies, both ways, for every
// code and reason.

import fc from 'fast-check';
import { Encoder } from '../../../src/framing';
import {
  DEFAULT_LIMITS,
  decodeUtf8,
  encodeFrame,
  encodeUtf8,
  firstBadByte,
  isCloseCode,
  line,
  ReferenceDecoder,
  type Role,
  recorder,
  VALID,
} from '../../support/reference';
import { chunksOf, cuts, key, lengthsAround, mostly, role, splitsOf } from '../../support/streams';
import { claim, expect, expectSame, type Property } from './property';
import { makeDecoder } from './subjects';

const peerOf = (role: Role): Role => (role === 'client' ? 'server' : 'client');

/** What comes out of a string on the other side: a surrogate without its other half is U+FFFD. */
const wellFormed = (text: string): string => decodeUtf8(encodeUtf8(text));

function told(role: Role, stream: Uint8Array, splits: readonly number[]): string[] {
  const log: string[] = [];
  const decoder = makeDecoder({ role, ...DEFAULT_LIMITS, ...recorder((entry) => log.push(entry)) });
  try {
    for (const chunk of chunksOf({ stream, splits })) decoder.feed(chunk);
  } finally {
    decoder.close();
  }
  return log;
}

// Messages.

type Payload = string | Uint8Array;

interface Sending {
  readonly kind: 'message' | 'fragments' | 'ping' | 'pong';
  /** The payloads of the fragments; of all others the first one is taken. */
  readonly parts: readonly Payload[];
  /** Bytes of room in front of the frame, in a buffer of ours; undefined for one of the encoder's. */
  readonly into: number | undefined;
  /** How much larger that buffer is than the frame. Below 0: the frame does not fit, and is made once more. */
  readonly more: number;
}

const stringOf = (unit: fc.Arbitrary<number>): fc.Arbitrary<string> =>
  fc.array(unit, { maxLength: 20 }).map((units) => String.fromCharCode(...units));

/** All of Unicode, all of Latin-1, and halves of surrogate pairs: 20 units anywhere have hardly ever one. */
const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  stringOf(mostly(fc.nat(0x7f), fc.integer({ min: 0x80, max: 0xff }), 4)),
  stringOf(fc.oneof(fc.nat(0xffff), fc.integer({ min: 0xd800, max: 0xdfff }), fc.nat(0x7f))),
);
const bytes = fc.uint8Array({ maxLength: 60 });

/** By the lengths of headers and of send blocks (see assembly/layout.ts): so many units of text, or bytes. */
const long: fc.Arbitrary<Payload> = fc
  .record({ some: fc.oneof(text, bytes), length: lengthsAround(126, 512, 43_690, 65_536, 131_072) })
  .map(({ some, length }) => {
    if (typeof some !== 'string') return new Uint8Array(Buffer.alloc(length, some.length === 0 ? 1 : some));
    return some === '' ? 'a'.repeat(length) : some.repeat(Math.ceil(length / some.length)).slice(0, length);
  });
const payload: fc.Arbitrary<Payload> = fc.oneof(
  { weight: 20, arbitrary: fc.oneof(text, bytes) },
  { weight: 1, arbitrary: long },
);

const sending: fc.Arbitrary<Sending> = fc
  .record({
    kind: fc.constantFrom('message', 'fragments', 'ping', 'pong'),
    parts: fc.array(payload, { minLength: 1, maxLength: 4 }),
    into: fc.option(fc.nat(40), { nil: undefined }),
    more: fc.integer({ min: -3, max: 40 }),
  })
  .map((sending) => {
    // A text is one message only if its fragments are text: each is encoded by itself.
    const isText = typeof sending.parts[0] === 'string';
    return { ...sending, parts: sending.parts.filter((part) => (typeof part === 'string') === isText) };
  });

const sendings = fc.record({ role, sendings: fc.array(sending, { maxLength: 8 }), cuts });

const utf8Of = (data: Payload): ArrayLike<number> => (typeof data === 'string' ? encodeUtf8(data) : data);

/** The frames of a sending and the line that the other side has to tell; no frame if the payload is not allowed. */
function encode(encoder: Encoder, { kind, parts, into, more }: Sending): { frames: Uint8Array[]; lines: string[] } {
  const put = (make: (into?: Uint8Array) => Uint8Array): Uint8Array =>
    into === undefined ? make() : encodeInto(make, into, more);
  const first = parts[0]!;
  if (kind === 'ping' || kind === 'pong') {
    const size = utf8Of(first).length;
    if (size > 125) {
      expectRangeError(() => encoder[kind](first), `(RFC 6455 §5.5); this one has ${size}.`);
      return { frames: [], lines: [] };
    }
    return { frames: [put((into) => encoder[kind](first, into))], lines: [line[kind](utf8Of(first))] };
  }
  const isText = typeof first === 'string';
  const whole = kind === 'message' ? [first] : parts;
  const lines = [
    isText ? line.text(whole.map((part) => wellFormed(String(part))).join('')) : line.binary(joined(whole)),
  ];
  if (kind === 'message') {
    return { frames: [put((into) => (isText ? encoder.text(first, into) : encoder.binary(first, into)))], lines };
  }
  const frames = parts.map((payload, index) => {
    const opcode = index > 0 ? 0 : isText ? 1 : 2;
    return put((into) => encoder.frame({ opcode, fin: index === parts.length - 1, payload }, into));
  });
  return { frames, lines };
}

const joined = (parts: readonly Payload[]): Uint8Array =>
  Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array)));

/** Into a buffer with room around it, which must stay as it was. */
function encodeInto(make: (into?: Uint8Array) => Uint8Array, before: number, more: number): Uint8Array {
  const { length } = make();
  if (more < 0) {
    const size = Math.max(0, length + more);
    expectRangeError(() => make(new Uint8Array(size)), `"into" has ${size}.`);
  }
  const room = new Uint8Array(before + length + Math.max(0, more) + 7).fill(0xa5);
  const frame = make(room.subarray(before, room.length - 7));
  expect(frame.buffer === room.buffer && frame.byteOffset === before, 'the frame is not where it should be');
  expect(frame.length === length, `the frame has ${frame.length} bytes in a buffer, and ${length} without`);
  const around = [room.subarray(0, before), room.subarray(before + length)];
  expect(
    around.every((part) => part.every((byte) => byte === 0xa5)),
    'bytes around the frame have been written to',
  );
  return frame;
}

/** The runtime has RangeErrors of its own: a part of ours must be in it. */
function expectRangeError(attempt: () => unknown, part: string): void {
  let thrown: unknown = 'nothing';
  try {
    attempt();
  } catch (error) {
    thrown = error;
  }
  expect(
    thrown instanceof RangeError && thrown.message.includes(part),
    `thrown: ${thrown}, not a RangeError: … ${part}`,
  );
}

export interface EncodeCase {
  readonly role: Role;
  readonly sendings: readonly Sending[];
  readonly cuts: Parameters<typeof splitsOf>[0];
}

export const encodeDecode: Property<EncodeCase> = claim(
  {
    name: 'encode',
    sentence:
      'What an encoder makes, the other role reads back: text, bytes, fragments, pings, pongs, into any buffer.',
    runs: 150,
  },
  sendings,
  ({ role, sendings, cuts }) => {
    const encoder = new Encoder({ role });
    const sent = sendings.map((sending) => encode(encoder, sending));
    const stream = new Uint8Array(Buffer.concat(sent.flatMap(({ frames }) => frames)));
    const lines = sent.flatMap(({ lines }) => lines);
    const reference = new ReferenceDecoder(peerOf(role));
    reference.feed(stream);
    expectSame(reference.log, lines, 0, ' of the reference');
    expectSame(told(peerOf(role), stream, splitsOf(cuts, stream.length)), lines);
  },
);

// Close bodies.

const closeCases = fc.record({
  role,
  code: mostly(fc.constantFrom(1000, 1001, 1014, 3000, 4999), fc.oneof(fc.nat(5_100), fc.nat(0xffff)), 1),
  reason: fc.oneof(
    text,
    lengthsAround(123).chain((length) => fc.constantFrom('r'.repeat(length), '가'.repeat(length / 3))),
  ),
  bytes: fc.oneof(
    fc.uint8Array({ maxLength: 123 }),
    text.map((text) => Uint8Array.from(encodeUtf8(text)).slice(0, 123)),
  ),
  key,
  cuts,
});

/** By RFC 6455 §5.5.1 and §7.4 alone. */
function lineOfClose(code: number, reason: Uint8Array): string {
  if (!isCloseCode(code)) return line.fault('CLOSE_CODE', 1002);
  return firstBadByte(reason) === VALID ? line.close(code, decodeUtf8(reason)) : line.fault('CLOSE_UTF8', 1007);
}

export const closeBodies = claim(
  {
    name: 'close-bodies',
    sentence:
      'Close frames with any code and reason are told, or refused by the rule they break; and never made wrong.',
    runs: 1_000,
  },
  closeCases,
  ({ role, code, reason, bytes, key, cuts }) => {
    const mask = role === 'server' ? key : undefined;
    const stream = encodeFrame({ opcode: 8, payload: [code >> 8, code & 0xff, ...bytes], key: mask });
    expectSame(told(role, stream, splitsOf(cuts, stream.length)), [lineOfClose(code, bytes)]);

    const encoder = new Encoder({ role });
    const length = encodeUtf8(reason).length;
    if (!isCloseCode(code)) {
      expectRangeError(() => encoder.close(code, reason), `close code ${code} must not be sent`);
    } else if (length > 123) {
      expectRangeError(() => encoder.close(code, reason), `(RFC 6455 §5.5); this one has ${length}.`);
    } else {
      const frame = encoder.close(code, reason);
      expectSame(told(peerOf(role), frame, splitsOf(cuts, frame.length)), [line.close(code, wellFormed(reason))]);
    }
  },
);
