// Where a decoder wants its bytes: in the window, or, when much is missing of a binary frame, in the very place where they
// belong. Examples of each; codec/decoder-target-streams.test.ts has every combination.

import { afterEach, describe, expect, it, vi } from 'vitest';
import type { WsimdError } from '../../src/base/faults';
import type { FrameDecoder } from '../../src/codec/decoder';
import { limitBuffers } from '../support/buffers';
import { openCodec, TransportReader } from '../support/codecs';
import { binary, isSame, join, pattern, text } from '../support/decoders';
import { shortWindow, window } from '../support/memory';
import { encodeFrame } from '../support/reference';

/** So much must be missing of a frame: what is less passes through the window. */
const APART_BYTES = 65_536;
const HEADER = 10;

const payload = pattern(1_000_000);
const stream = binary(payload);

afterEach(() => {
  vi.restoreAllMocks();
});

/** Feeds the beginning of a stream by the window. */
function begin(codec: FrameDecoder, bytes: Uint8Array): TransportReader {
  const reader = new TransportReader(codec);
  expect(reader.read(bytes)).toBe(bytes.length);
  return reader;
}

describe('the target', () => {
  it('is the window at first, and behind what is whole', () => {
    const reader = new TransportReader(openCodec());
    expect(reader.target).toBe(window);
    reader.read(join(text('a'), binary(pattern(100_000)), encodeFrame({ opcode: 9, payload: [1] })));
    expect(reader.target).toBe(window);
  });

  it('is where the missing bytes of a large binary frame belong: the message is that very buffer', () => {
    const told: Uint8Array[] = [];
    const codec = openCodec({ onMessage: (data) => told.push(data as Uint8Array) });
    const reader = begin(codec, stream.subarray(0, HEADER + 300_000));
    const { target } = reader;
    expect(target.length).toBe(700_000);
    expect(target.byteOffset).toBe(300_000);
    reader.read(stream.subarray(HEADER + 300_000));
    expect(told.length).toBe(1);
    expect(told[0]!.buffer).toBe(target.buffer);
    expect(told[0]!.buffer.byteLength).toBe(payload.length);
    expect(isSame(told[0]!, payload)).toBe(true);
  });

  it.each([
    [APART_BYTES - 1, false],
    [APART_BYTES, true],
  ])('with %i bytes missing is such a place: %s', (missing, isApart) => {
    const reader = begin(openCodec(), binary(pattern(200_000)).subarray(0, HEADER + 200_000 - missing));
    expect(reader.target === window).toBe(!isApart);
    expect(reader.target.length === missing).toBe(isApart);
  });

  it('behind a message completed in its own buffer is the short window, and then the whole one', () => {
    const reader = begin(openCodec(), stream.subarray(0, HEADER + 300_000));
    reader.read(stream.subarray(HEADER + 300_000));
    expect(reader.target).toBe(shortWindow);
    expect([shortWindow.length, shortWindow.byteOffset]).toEqual([65_536, window.byteOffset]);
    reader.read(text('a'));
    expect(reader.target).toBe(window);
  });

  it('behind the short window is a place of its own again, if that began another such message', () => {
    const told: Uint8Array[] = [];
    const reader = begin(
      openCodec({ onMessage: (data) => told.push(data as Uint8Array) }),
      stream.subarray(0, HEADER + 300_000),
    );
    const rest = join(stream.subarray(HEADER + 300_000), stream, stream);
    const targets: Uint8Array[] = [];
    for (let at = 0; at < rest.length; ) {
      targets.push(reader.target);
      at += reader.read(rest.subarray(at));
    }
    const kinds = targets.map((target) => (target === shortWindow ? 'short' : target === window ? 'window' : 'apart'));
    expect(kinds).toEqual(['apart', 'short', 'apart', 'short', 'apart']);
    expect(told.map((message) => isSame(message, payload))).toEqual([true, true, true]);
  });

  it('behind a frame that does not end its message is the window', () => {
    const reader = begin(openCodec(), encodeFrame({ opcode: 2, fin: false, payload }).subarray(0, HEADER + 300_000));
    reader.read(payload.subarray(300_000));
    expect(reader.target).toBe(window);
  });

  it('is a place in proportion to what has arrived: a declared length is only a claim', () => {
    // As long as that is little, it is the window.
    expect(begin(openCodec(), stream.subarray(0, HEADER)).target).toBe(window);
    expect(begin(openCodec(), stream.subarray(0, HEADER + 1_000)).target).toBe(window);
    expect(begin(openCodec(), stream.subarray(0, HEADER + 3_000)).target.length).toBeLessThanOrEqual(32 * 3_001);
  });

  it('comes behind a first read to the window, and the message fills its ArrayBuffer all the same', () => {
    const told: Uint8Array[] = [];
    const reader = new TransportReader(openCodec({ onMessage: (data) => told.push(data as Uint8Array) }));
    reader.read(stream.subarray(0, HEADER));
    const targets: number[] = [];
    for (let at = HEADER; at < stream.length; ) {
      targets.push(reader.target.length);
      at += reader.read(stream.subarray(at));
    }
    expect(targets).toEqual([window.length, payload.length - window.length]);
    expect(told.map(({ length, buffer }) => [length, buffer.byteLength])).toEqual([[1_000_000, 1_000_000]]);
    expect(isSame(told[0]!, payload)).toBe(true);
  });
});

describe('the target is the window', () => {
  const start = stream.subarray(0, HEADER + 300_000);

  it('for a text: its bytes have to be looked at', () => {
    expect(begin(openCodec(), text('a'.repeat(1_000_000)).subarray(0, 300_000)).target).toBe(window);
  });

  it('for a server: what is masked has to be unmasked', () => {
    const masked = encodeFrame({ opcode: 2, payload, key: [1, 2, 3, 4] });
    expect(begin(openCodec({}, { role: 'server' }), masked.subarray(0, 300_000)).target).toBe(window);
  });

  it('for whoever wants frames', () => {
    expect(begin(openCodec({ onFrame: () => {} }), start).target).toBe(window);
  });

  it('in the middle of a ping inside a large message', () => {
    const first = encodeFrame({ opcode: 2, fin: false, payload: payload.subarray(0, 300_000) });
    const ping = encodeFrame({ opcode: 9, payload: pattern(100) });
    expect(begin(openCodec(), join(first, ping.subarray(0, 50))).target).toBe(window);
  });

  it('during a pause, and while something is kept behind it; and then it is where the bytes belong', async () => {
    const codec = openCodec();
    const reader = begin(codec, start);
    codec.pause();
    expect(codec.target()).toBe(window);
    reader.target = window;
    reader.read(stream.subarray(start.length, start.length + 1_000));
    codec.resume();
    expect(codec.target()).toBe(window);
    await null;
    expect(codec.target().byteOffset).toBe(301_000);
  });

  it('behind stop()', () => {
    const codec = openCodec();
    begin(codec, start);
    codec.stop();
    expect(codec.target()).toBe(window);
  });

  it('where there is no memory for the message, and the failure is told', () => {
    const faults: WsimdError[] = [];
    limitBuffers(100_000);
    const codec = openCodec({ onFault: (error) => faults.push(error) });
    const reader = begin(codec, stream.subarray(0, HEADER + 1_000));
    reader.read(stream.subarray(HEADER + 1_000, HEADER + 32_000));
    expect(reader.target).toBe(window);
    expect(faults).toEqual([]);
    reader.read(stream.subarray(HEADER + 32_000));
    expect(faults.map(({ code }) => code)).toEqual(['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH']);
  });
});

describe('what is read to a place of its own', () => {
  it('may be less than there is room for, down to nothing', () => {
    const told: Uint8Array[] = [];
    const reader = begin(
      openCodec({ onMessage: (data) => told.push(data as Uint8Array) }),
      stream.subarray(0, HEADER + 300_000),
    );
    for (const [from, to] of [
      [300_000, 300_000],
      [300_000, 300_001],
      [300_001, 500_000],
      [500_000, 1_000_000],
    ]) {
      expect(reader.target.byteOffset).toBe(from);
      reader.read(stream.subarray(HEADER + from!, HEADER + to!));
    }
    expect(told.map((message) => isSame(message, payload))).toEqual([true]);
  });

  it('is kept like all else if a pause came between', async () => {
    const told: Uint8Array[] = [];
    const codec = openCodec({ onMessage: (data) => told.push(data as Uint8Array) });
    const reader = begin(codec, stream.subarray(0, HEADER + 300_000));
    codec.pause();
    // The read was under way: it still goes to the place that was asked for before the pause.
    reader.read(stream.subarray(HEADER + 300_000));
    reader.read(text('b'));
    expect(told).toEqual([]);
    codec.resume();
    await null;
    expect(told.length).toBe(2);
    expect(isSame(told[0]!, payload)).toBe(true);
  });

  it('completes a message whose handler throws: that is reported, and the next one arrives', () => {
    const told: number[] = [];
    const thrown: unknown[] = [];
    const codec = openCodec({
      onMessage: (data) => {
        told.push(data.length);
        if (told.length === 1) throw new Error('mine');
      },
      onException: (error) => thrown.push(error),
    });
    new TransportReader(codec).readAll(join(stream, text('ab'), stream));
    expect(told).toEqual([1_000_000, 2, 1_000_000]);
    expect(thrown).toEqual([new Error('mine')]);
  });

  it('is not lost when the runtime puts the bytes elsewhere', () => {
    const told: Uint8Array[] = [];
    const codec = openCodec({ onMessage: (data) => told.push(data as Uint8Array) });
    const reader = begin(codec, stream.subarray(0, HEADER + 300_000));
    reader.readElsewhere(stream.subarray(HEADER + 300_000, HEADER + 400_000));
    expect(reader.target.byteOffset).toBe(400_000);
    reader.read(stream.subarray(HEADER + 400_000, HEADER + 500_000));
    reader.readElsewhere(join(stream.subarray(HEADER + 500_000), binary(pattern(9))));
    expect(told.map(({ length }) => length)).toEqual([1_000_000, 9]);
    expect(isSame(told[0]!, payload)).toBe(true);
  });
});

it('may be there from its first byte on, where memory that was used before is used again', () => {
  const told: boolean[] = [];
  const onMessage = (data: string | Uint8Array): void => {
    told.push(isSame(data as Uint8Array, payload));
  };
  const codec = openCodec({ onMessage }, { isBinaryLent: true });
  const reader = begin(codec, stream.subarray(0, HEADER + 300_000));
  for (let at = HEADER + 300_000; at < stream.length; ) at += reader.read(stream.subarray(at));
  expect(told).toEqual([true]);
  // A header, and nothing behind it: what it declares is believed as far as there is room already.
  begin(codec, stream.subarray(0, HEADER));
  const { target } = new TransportReader(codec);
  expect(target).not.toBe(window);
  const next = new TransportReader(codec);
  for (let at = HEADER; at < stream.length; ) at += next.read(stream.subarray(at));
  expect(told).toEqual([true, true]);
});
