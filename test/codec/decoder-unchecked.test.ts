// Text that is not validated: its bytes are told as they came, whatever they are, wherever the stream is cut. All other rules
// hold as ever.

import { describe, expect, it } from 'vitest';
import { ROLE_CLIENT, ROLE_SERVER } from '../../assembly/layout';
import type { DecoderOptions } from '../../src/codec/contract';
import { openCodec, TransportReader } from '../support/codecs';
import { binary, join, pattern } from '../support/decoders';
import { encodeFrame, line } from '../support/reference';
import { tapes } from '../support/tapes';

const text = (payload: ArrayLike<number>): Uint8Array => encodeFrame({ opcode: 1, payload });
const close = (...payload: number[]): Uint8Array => encodeFrame({ opcode: 8, payload });
const hexadecimal = (bytes: ArrayLike<number>): string => Buffer.from(bytes as Uint8Array).toString('hex');

// Nothing of a pattern is UTF-8 beyond a few bytes.
const payloads = [
  [],
  [0x61],
  [0xff],
  [0xe0, 0x80, 0x80],
  [0xea, 0xb0],
  ...Array.from({ length: 12 }, (_, i) => pattern(15, i)),
  ...[100, 126, 300, 3_000, 20_000].map((length) => pattern(length)),
];
const fragments = pattern(50);
const stream = join(
  ...payloads.map(text),
  encodeFrame({ opcode: 1, fin: false, payload: fragments.subarray(0, 9) }),
  encodeFrame({ opcode: 9, payload: [1] }),
  encodeFrame({ opcode: 0, fin: false }),
  encodeFrame({ opcode: 0, payload: fragments.subarray(9) }),
  binary(pattern(10)),
  close(0x03, 0xe8, 0x61, 0xff, 0x62),
);
const expected = [
  ...payloads.map((payload) => `text ${hexadecimal(payload)}`),
  line.ping([1]),
  `text ${hexadecimal(fragments)}`,
  line.binary(pattern(10)),
  'close 1000 "a\ufffdb" 61ff62',
];

function open(options: Partial<DecoderOptions> = {}) {
  const log: string[] = [];
  const codec = openCodec(
    {
      onMessage: (data, isBinary) => {
        if (typeof data === 'string') log.push('a string');
        else log.push(isBinary ? line.binary(data) : `text ${hexadecimal(data)}`);
      },
      onPing: (payload) => log.push(line.ping(payload)),
      onCloseFrame: (code, reason, bytes) => {
        log.push(`${line.close(code, reason)} ${bytes === undefined ? 'no bytes' : hexadecimal(bytes)}`);
        expect(Buffer.isBuffer(bytes)).toBe(options.isNodeBuffer === true);
      },
      onFault: (error) => log.push(error.code),
    },
    { isUtf8Unchecked: true, ...options },
  );
  return { codec, log };
}

describe.each([false, true])('text that is not validated, as Buffers: %s,', (isNodeBuffer) => {
  it('is told as it came, in chunks of every size', () => {
    for (const size of [1, 2, 3, 4, 5, 6, 7, 11, 16, 17, 63, 250, 4_096, 5_000, stream.length]) {
      const { codec, log } = open({ isNodeBuffer });
      for (let at = 0; at < stream.length; at += size) codec.feed(stream.subarray(at, at + size));
      expect(log, `chunks of ${size}`).toEqual(expected);
    }
  });

  it('is told as it came from a transport, also where it went by the window', () => {
    const large = text(pattern(800_000));
    const { codec, log } = open({ isNodeBuffer });
    const reader = new TransportReader(codec);
    const places = new Set<ArrayBufferLike>();
    const bytes = join(large, stream);
    for (let at = 0; at < bytes.length; ) {
      places.add(reader.target.buffer);
      at += reader.read(bytes.subarray(at, at + 100_000));
    }
    expect(log).toEqual([`text ${hexadecimal(pattern(800_000))}`, ...expected]);
    expect(places.size).toBeGreaterThan(1);
  });

  it('is told as it came behind pauses', async () => {
    const { codec, log } = open({ isNodeBuffer });
    codec.pause();
    for (let at = 0; at < stream.length; at += 777) codec.feed(stream.subarray(at, at + 777));
    codec.resume();
    await null;
    expect(log).toEqual(expected);
  });
});

it('is bytes, whatever the decoder is told', () => {
  const { codec, log } = open();
  codec.textAs = 'string';
  expect(codec.textAs).toBe('bytes');
  codec.feed(text([0x61]));
  expect(log).toEqual(['text 61']);
});

it.each([
  ['no body', [], 'close 1005 "" '],
  ['a code alone', [0x03, 0xe8], 'close 1000 "" '],
  ['a reason cut inside of a character', [0x03, 0xe8, 0xea, 0xb0], 'close 1000 "\ufffd" eab0'],
  ['a reason with a byte order mark', [0x03, 0xe8, 0xef, 0xbb, 0xbf, 0x61], 'close 1000 "\ufeffa" efbbbf61'],
  ['a forbidden code', [0x03, 0xed, 0xff], 'WS_ERR_INVALID_CLOSE_CODE'],
  ['one byte', [0x03], 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH'],
])('a close frame with %s is told or refused, whole and byte by byte', (_, payload, told) => {
  const whole = open();
  whole.codec.feed(close(...payload));
  expect(whole.log).toEqual([told]);
  const bytewise = open();
  for (const byte of close(...payload)) bytewise.codec.feed(Uint8Array.of(byte));
  expect(bytewise.log).toEqual([told]);
});

it('a decoder that validates tells no bytes of a reason', () => {
  const { codec, log } = open({ isUtf8Unchecked: false });
  codec.feed(close(0x03, 0xe8, 0x61));
  expect(log).toEqual(['close 1000 "a" no bytes']);
});

it('other rules and limits hold', () => {
  const { codec, log } = open({ maxMessage: 10 });
  codec.feed(join(text(pattern(10)), text(pattern(11))));
  expect(log).toEqual([`text ${hexadecimal(pattern(10))}`, 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH']);
});

it.each([
  ['client', ROLE_CLIENT, '81 02 ff fe'],
  ['server', ROLE_SERVER, '81 82 00 00 00 00 ff fe'],
])('the core refuses the same text of a %s unless it is told not to', (_, role, frame) => {
  expect(tapes(role, [frame])).toEqual([['fault UTF8']]);
  const [[entry]] = tapes(role, [frame], { isUnchecked: true }) as [[string]];
  expect(entry).toMatch(/^text "ÿþ" start first frame-end end/);
});
