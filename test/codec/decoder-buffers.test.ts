// A decoder that is asked for Buffers of Node makes every byte that it hands over one, and the same ones as for anybody else.

import { describe, expect, it } from 'vitest';
import type { Bytes } from '../../src/base/bytes';
import { openCodec, TransportReader } from '../support/codecs';
import { binary, join, pattern, text } from '../support/decoders';
import { encodeFrame, ReferenceDecoder, recorder } from '../support/reference';

// Where something changes: V8's own heap (64), slabs (512, 16 KiB), and an ArrayBuffer of its own.
const LENGTHS = [0, 1, 16, 64, 65, 125, 126, 512, 513, 2_048, 2_049, 16_384, 16_385, 70_000];

const stream = join(
  ...LENGTHS.flatMap((length, seed) => [binary(pattern(length, seed)), text(`가 ${seed}`)]),
  // Runs.
  ...LENGTHS.slice(0, 9).flatMap((length) => Array.from({ length: 6 }, (_, seed) => binary(pattern(length, seed)))),
  encodeFrame({ opcode: 9, payload: [] }),
  encodeFrame({ opcode: 10, payload: pattern(125) }),
  // In pieces, which may be joined.
  encodeFrame({ opcode: 2, fin: false, payload: pattern(40) }),
  encodeFrame({ opcode: 9, payload: pattern(7) }),
  encodeFrame({ opcode: 0, fin: false, payload: pattern(300) }),
  encodeFrame({ opcode: 0, payload: [] }),
  binary(pattern(200_000)),
);

function expected(): string[] {
  const reference = new ReferenceDecoder('client');
  reference.feed(stream);
  return reference.log;
}

describe.each([false, true])('a decoder that makes Buffers, binary lent: %s,', (isBinaryLent) => {
  const log: string[] = [];
  const told: unknown[] = [];
  const { onMessage, onPing, onPong } = recorder((line) => {
    log.push(line);
    onLine();
  });
  let onLine = (): void => {};
  const open = () => {
    log.length = 0;
    told.length = 0;
    onLine = () => {};
    return openCodec(
      {
        onMessage: (data, isBinary) => {
          if (isBinary) told.push(data);
          onMessage(data as string | Bytes, isBinary);
        },
        onPing: (payload) => {
          told.push(payload);
          onPing(payload);
        },
        onPong: (payload) => {
          told.push(payload);
          onPong(payload);
        },
      },
      { isBinaryLent, isNodeBuffer: true },
    );
  };
  const expectBuffers = (): void => {
    expect(log).toEqual(expected());
    expect(told.length).toBeGreaterThan(60);
    for (const bytes of told) {
      expect(Buffer.isBuffer(bytes)).toBe(true);
      expect((bytes as Buffer).buffer).toBeInstanceOf(ArrayBuffer);
    }
  };

  it.each([1, 7, 100, 1_021, 65_536, stream.length])('makes nothing else in chunks of %d', (size) => {
    const codec = open();
    for (let at = 0; at < stream.length; at += size) codec.feed(stream.subarray(at, at + size));
    expectBuffers();
  });

  it('makes nothing else of what a transport brings', () => {
    const codec = open();
    new TransportReader(codec).readAll(stream);
    expectBuffers();
  });

  it('makes nothing else of what a pause kept', async () => {
    const codec = open();
    codec.pause();
    codec.feed(stream);
    codec.resume();
    await null;
    expectBuffers();
  });

  it('makes nothing else of what is unread on the tape', async () => {
    const codec = open();
    let pauses = 0;
    // Runs are entered and left in the middle.
    onLine = () => {
      if (log.length % 5 !== 3) return;
      codec.pause();
      pauses += 1;
    };
    new TransportReader(codec).readAll(stream);
    for (let resumed = 0; resumed < 40; resumed += 1) {
      codec.resume();
      await null;
    }
    expect(pauses).toBeGreaterThan(10);
    expectBuffers();
  });
});

it('makes plain arrays where nobody asks for Buffers', () => {
  const told: unknown[] = [];
  const codec = openCodec({ onMessage: (data) => told.push(data), onPing: (payload) => told.push(payload) });
  codec.feed(join(binary(pattern(3)), binary(pattern(600)), encodeFrame({ opcode: 9, payload: [1] })));
  codec.feed(join(...Array.from({ length: 9 }, () => binary(pattern(20)))));
  expect(told.length).toBe(12);
  for (const bytes of told) expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
});
