// Binary messages that are told as lists of their fragments: one part for each frame that is not empty, wherever the stream is
// cut, by way of the window or past it. Text stays whole.

import { describe, expect, it } from 'vitest';
import type { DecoderOptions } from '../../src/codec/contract';
import type { FrameDecoder } from '../../src/codec/decoder';
import { openCodec, TransportReader } from '../support/codecs';
import { join, pattern } from '../support/decoders';
import { encodeFrame, encodeUtf8 } from '../support/reference';

/** Payloads of the frames of each message; a string stands for a text. */
type Message = readonly Uint8Array[] | string;

const parts = (...lengths: number[]): Uint8Array[] => lengths.map((length, seed) => pattern(length, seed + length));
const small: Message[] = [
  parts(5),
  parts(0),
  parts(3, 4, 5),
  parts(0, 0),
  parts(0, 6, 0, 7, 0),
  'a text in two',
  parts(80, 1, 200),
  ...Array.from({ length: 8 }, (_, i) => parts(20 + i)),
  'another',
  parts(1, 1, 1, 1, 1, 1, 1, 1, 1),
];
const large: Message[] = [parts(70_000, 3, 300_000), parts(200_000), ...small, parts(5, 150_000, 0, 9_000)];

function encode(messages: readonly Message[]): Uint8Array {
  const frames = messages.flatMap((message) => {
    const payloads =
      typeof message === 'string' ? [encodeUtf8(message).slice(0, 3), encodeUtf8(message).slice(3)] : message;
    return payloads.flatMap((payload, i) => {
      const opcode = i > 0 ? 0 : typeof message === 'string' ? 1 : 2;
      const frame = encodeFrame({ opcode, fin: i === payloads.length - 1, payload });
      return i % 3 === 1 ? [encodeFrame({ opcode: 9, payload: [i] }), frame] : [frame];
    });
  });
  return join(...frames);
}

const hexadecimal = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const listed = (message: Message): unknown =>
  typeof message === 'string' ? message : message.filter(({ length }) => length > 0).map(hexadecimal);
const whole = (message: Message): unknown => (typeof message === 'string' ? message : hexadecimal(join(...message)));

function open(options: Partial<DecoderOptions> = {}, act = (_told: number, _codec: FrameDecoder): void => {}) {
  const told: unknown[] = [];
  const tell = (data: unknown): void => {
    told.push(data);
    act(told.length, codec);
  };
  const codec: FrameDecoder = openCodec(
    {
      onMessage: (data) => tell(typeof data === 'string' ? data : hexadecimal(data)),
      onFragments: (fragments) => {
        for (const part of fragments) expect(Buffer.isBuffer(part)).toBe(options.isNodeBuffer === true);
        tell(fragments.map(hexadecimal));
      },
    },
    options,
  );
  return { codec, told };
}

const feedIn = (codec: FrameDecoder, stream: Uint8Array, size: number): void => {
  for (let at = 0; at < stream.length; at += size) codec.feed(stream.subarray(at, at + size));
};

describe.each([
  ['copied', {}],
  ['lent', { isBinaryLent: true }],
  ['copied to Buffers', { isNodeBuffer: true }],
])('fragments that are %s', (_, options: Partial<DecoderOptions>) => {
  it('come as they were sent, in chunks of every size', () => {
    const stream = encode(small);
    for (let size = 1; size <= stream.length; size += size < 60 ? 1 : 37) {
      const { codec, told } = open(options);
      codec.tellsFragments = true;
      expect(codec.tellsFragments).toBe(true);
      feedIn(codec, stream, size);
      expect(told, `chunks of ${size}`).toEqual(small.map(listed));
      expect(codec.unreadBytes).toBe(0);
    }
  });

  it('come as they were sent where they are large, from a transport and from elsewhere', () => {
    const stream = encode(large);
    for (const size of [9_001, 65_536, 500_000]) {
      const fed = open(options);
      fed.codec.tellsFragments = true;
      feedIn(fed.codec, stream, size);
      expect(fed.told).toEqual(large.map(listed));
      const read = open(options);
      read.codec.tellsFragments = true;
      const reader = new TransportReader(read.codec);
      const places = new Set<ArrayBufferLike>();
      for (let at = 0; at < stream.length; at += reader.read(stream.subarray(at, at + size))) {
        places.add(reader.target.buffer);
      }
      expect(read.told).toEqual(large.map(listed));
      expect(places.size).toBeGreaterThan(1);
    }
  });

  it('survive pauses at every message', async () => {
    const stream = encode(small);
    for (const size of [1, 30, stream.length]) {
      const { codec, told } = open(options, (_, codec) => codec.pause());
      codec.tellsFragments = true;
      feedIn(codec, stream, size);
      for (let turn = 0; turn < small.length; turn += 1) {
        codec.resume();
        await null;
      }
      expect(told).toEqual(small.map(listed));
    }
  });
});

it('no message is half a list: what its first piece found holds for all of it', () => {
  const message = parts(3, 4, 5, 6);
  const frames = message.map((payload, i) => encodeFrame({ opcode: i === 0 ? 2 : 0, fin: i === 3, payload }));
  for (const tells of [true, false]) {
    const { codec, told } = open();
    codec.tellsFragments = tells;
    codec.feed(frames[0]!);
    codec.tellsFragments = !tells;
    codec.feed(join(...frames.slice(1)));
    codec.feed(join(...frames));
    const forms = [listed(message), whole(message)];
    expect(told).toEqual(tells ? forms : [forms[1], forms[0]]);
  }
});

it('it may change at every message, in chunks of every size: no byte is lost', () => {
  const stream = encode(small);
  for (let size = 1; size <= stream.length; size += size < 60 ? 1 : 37) {
    const { codec, told } = open({}, (told, codec) => {
      codec.tellsFragments = told % 3 === 1;
    });
    feedIn(codec, stream, size);
    expect(told.map((data) => (Array.isArray(data) ? data.join('') : data))).toEqual(small.map(whole));
    for (const [i, data] of told.entries()) {
      if (typeof small[i] !== 'string') expect(Array.isArray(data), `message ${i}`).toBe(i % 3 === 1);
    }
  }
});

it('what has been gathered counts as unread, and is dropped by a stop', () => {
  const { codec } = open();
  codec.tellsFragments = true;
  codec.feed(encodeFrame({ opcode: 2, fin: false, payload: pattern(100) }));
  codec.feed(encodeFrame({ opcode: 0, fin: false, payload: pattern(50) }));
  codec.feed(encodeFrame({ opcode: 0, payload: pattern(30) }).subarray(0, 12));
  expect(codec.unreadBytes).toBe(160);
  codec.stop();
  codec.tellsFragments = false;
  expect(codec.unreadBytes).toBe(0);
});
