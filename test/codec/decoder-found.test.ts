// What a frame broke a rule with: a number for programs, and the same one in the sentence for people, at the same byte wherever
// the stream is cut.

import { expect, it } from 'vitest';
import { openCodec } from '../support/codecs';

const refusals: [name: string, stream: string, code: string, found: number | undefined, ending: string][] = [
  ['a reserved data opcode', '85', 'INVALID_OPCODE', 5, '§5.2): it is 5.'],
  ['a reserved control opcode', '8f', 'INVALID_OPCODE', 15, '§5.2): it is 15.'],
  ['a text inside a message', '0100 8161', 'INVALID_OPCODE', 1, '§5.4): its opcode is 1.'],
  ['bytes inside a message', '0200 8200', 'INVALID_OPCODE', 2, '§5.4): its opcode is 2.'],
  ['a ping of 126 bytes', '897e', 'INVALID_CONTROL_PAYLOAD_LENGTH', 126, '§5.5): its length field is 126.'],
  ['a pong of 64 bits', '8a7f', 'INVALID_CONTROL_PAYLOAD_LENGTH', 127, '§5.5): its length field is 127.'],
  ['a close code that is reserved', '8802 03ed', 'INVALID_CLOSE_CODE', 1005, '§7.4): it is 1005.'],
  ['a close code above all others', '8803 ffff 61', 'INVALID_CLOSE_CODE', 65_535, '§7.4): it is 65535.'],
  ['a message that is too large', '827e 03e9', 'UNSUPPORTED_MESSAGE_LENGTH', 1_001, '1001 bytes, and size is 1000.'],
  [
    'a message of 2^53 - 1 bytes',
    '827f 001fffffffffffff',
    'UNSUPPORTED_MESSAGE_LENGTH',
    Number.MAX_SAFE_INTEGER,
    'least 9007199254740991 bytes, and size is 1000.',
  ],
  [
    'a message of 2^62 bytes',
    '827f 4000000000000000',
    'UNSUPPORTED_MESSAGE_LENGTH',
    undefined,
    'least 4611686018427387904 bytes, and size is 1000.',
  ],
  ['a set RSV1', 'c1', 'UNEXPECTED_RSV_1', undefined, '§5.2): none was negotiated.'],
  ['a continuation of nothing', '8000', 'INVALID_OPCODE', undefined, '§5.4).'],
];

it.each(refusals)('%s is told', (_, stream, code, found, ending) => {
  const bytes = Buffer.from(stream.replaceAll(' ', ''), 'hex');
  const told: [string, number | undefined, string][] = [];
  const codec = openCodec(
    { onFault: (error) => told.push([error.code, error.found, error.message.slice(-ending.length)]) },
    { maxMessage: 1_000, sizeOption: 'size' },
  );
  codec.feed(bytes);
  expect(told).toEqual([[`WS_ERR_${code}`, found, ending]]);
});

it.each(refusals)('%s is told byte by byte, and behind a pause', async (_, stream, code, found, ending) => {
  const bytes = Buffer.from(stream.replaceAll(' ', ''), 'hex');
  for (const pauses of [false, true]) {
    const told: [string, number | undefined][] = [];
    const codec = openCodec(
      {
        onPing: () => codec.pause(),
        onFault: (error) => {
          told.push([error.code, error.found]);
          // The least that a cut length can be is known before all of it.
          if (found !== undefined && found < 70_000) expect(error.message.slice(-ending.length)).toBe(ending);
        },
      },
      { maxMessage: 1_000, sizeOption: 'size' },
    );
    if (pauses) {
      codec.feed(Buffer.concat([Buffer.of(0x89, 0), bytes]));
      codec.resume();
      await null;
      expect(told).toEqual([[`WS_ERR_${code}`, found]]);
    } else {
      for (const byte of bytes) codec.feed(Uint8Array.of(byte));
      expect(told[0]![0]).toBe(`WS_ERR_${code}`);
      if (found === undefined || found < 1_001) expect(told[0]![1]).toBe(found);
    }
  }
});
