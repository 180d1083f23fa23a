// The encoder: every frame it makes, read back by the reference, byte for byte. The shortest header always (RFC 6455 §5.2),
// a mask with a key of its own on what a client sends and none on what a server sends (§5.1, §5.3), and nothing lawless.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCK_BYTES } from '../../assembly/layout';
import { Decoder, Encoder } from '../../src/framing';
import {
  encodeFrame,
  encodeUtf8,
  isCloseCode,
  line,
  ReferenceDecoder,
  type Role,
  recorder,
} from '../support/reference';

const roles: Role[] = ['client', 'server'];
const keyOf = (frame: Uint8Array): Uint8Array => {
  const short = frame[1]! & 0x7f;
  const at = short === 126 ? 4 : short === 127 ? 10 : 2;
  return frame.subarray(at, at + 4);
};

/** A frame is right when it is the one that the slow encoder makes, with the same key. */
function check(role: Role, frame: Uint8Array, opcode: number, payload: ArrayLike<number>, fin = true): void {
  const key = role === 'client' ? keyOf(frame) : undefined;
  const expected = encodeFrame({ opcode, fin, payload, key });
  if (Buffer.compare(frame, expected) !== 0) {
    expect.fail(`opcode ${opcode}, ${payload.length} bytes: ${Buffer.from(frame.subarray(0, 40)).toString('hex')}`);
  }
}

/** What the peer, who decodes in the other role, is told. */
function told(role: Role, ...frames: Uint8Array[]): string[] {
  const reference = new ReferenceDecoder(role === 'client' ? 'server' : 'client');
  for (const frame of frames) reference.feed(frame);
  return reference.log;
}

const pattern = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => (index * 167 + 13) & 0xff);

/** Every length up to 300, the ends of the length forms, the end of a send block, and a MiB. */
const lengths = [
  ...Array.from({ length: 301 }, (_, length) => length),
  ...[65_535, 65_536].flatMap((length) => [length - 1, length, length + 1]),
  ...Array.from({ length: 41 }, (_, index) => BLOCK_BYTES - 20 + index),
  2 ** 20,
];

describe.each(roles)('in the %s role', (role) => {
  const encoder = new Encoder({ role });

  it('binary messages of every length', () => {
    for (const length of lengths) {
      const payload = pattern(length);
      check(role, encoder.binary(payload), 2, payload);
    }
  });

  it.each([
    ['ASCII', 'a'],
    ['Latin', 'é'],
    ['Korean', '가'],
    ['an emoji', '😀'],
    ['half a surrogate pair', '\ud83d'],
    ['the other half', '\ude00'],
  ])('text of %s of every length in UTF-16, and around every boundary in bytes', (_, character) => {
    const size = encodeUtf8(character).length;
    const counts = new Set(
      lengths.filter((length) => length < 1_000).map((length) => Math.floor(length / character.length)),
    );
    // A text goes through a send block if a header and three bytes for each unit fit in it.
    for (let units = 43_680; units <= 43_692; units += 1) counts.add(Math.floor(units / character.length));
    for (const boundary of [125, 126, 65_535, 65_536, BLOCK_BYTES]) {
      for (let more = -2; more <= 2; more += 1) counts.add(Math.floor(boundary / size) + more);
    }
    for (const count of counts) {
      const text = character.repeat(count);
      check(role, encoder.text(text), 1, encodeUtf8(text));
    }
  });

  it('text whose length in UTF-16 needs another header than its length in bytes, by one character', () => {
    // The payload is written where a header for `units` bytes would end, and moved when the header turns out longer.
    for (const bytes of [124, 125, 126, 127, 65_534, 65_535, 65_536, 65_537]) {
      for (const character of ['é', '가', '😀', '\ud800']) {
        for (const wide of [1, 2, 10]) {
          const some = character.repeat(wide);
          const filling = 'a'.repeat(bytes - encodeUtf8(some).length);
          for (const text of [filling + some, some + filling]) check(role, encoder.text(text), 1, encodeUtf8(text));
        }
      }
    }
  });

  it('views and buffers of every kind as bytes, and leaves them as they are', () => {
    const payload = pattern(64);
    const shared = new SharedArrayBuffer(64);
    new Uint8Array(shared).set(payload);
    const views = [
      payload,
      payload.buffer,
      Buffer.from(payload),
      new DataView(payload.buffer, 8, 16),
      new Float64Array(payload.buffer, 16, 2),
      shared,
      pattern(70).subarray(3, 67),
    ];
    for (const view of views) {
      const bytes = ArrayBuffer.isView(view)
        ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
        : new Uint8Array(view);
      const before = bytes.slice();
      check(role, encoder.binary(view), 2, before);
      check(role, encoder.ping(view), 9, before);
      expect(Buffer.compare(bytes, before)).toBe(0);
    }
    const large = pattern(200_000);
    encoder.binary(large);
    expect(Buffer.compare(large, pattern(200_000))).toBe(0);
  });

  it('pings and pongs, with text or bytes, up to 125 bytes', () => {
    check(role, encoder.ping(), 9, []);
    check(role, encoder.pong(), 10, []);
    check(role, encoder.ping('핑'), 9, encodeUtf8('핑'));
    for (let length = 0; length <= 125; length += 1) {
      check(role, encoder.ping(pattern(length)), 9, pattern(length));
      check(role, encoder.pong('p'.repeat(length)), 10, encodeUtf8('p'.repeat(length)));
    }
    expect(() => encoder.ping(pattern(126))).toThrow(RangeError);
    expect(() => encoder.pong('가'.repeat(42))).toThrow(/limited to 125 bytes \(RFC 6455 §5\.5\); this one has 126/);
  });

  it('close frames with every code that may be sent, and no other', () => {
    check(role, encoder.close(), 8, []);
    for (const code of [...Array(5_100).keys(), -1, 65_535, 65_536, 66_536]) {
      if (isCloseCode(code)) check(role, encoder.close(code), 8, [code >> 8, code & 0xff]);
      else expect(() => encoder.close(code)).toThrow(RangeError);
    }
    for (const code of [1000.5, Number.NaN, Infinity]) expect(() => encoder.close(code)).toThrow(RangeError);
    expect(() => encoder.close(1005)).toThrow(/1005 must not be sent: .* \(RFC 6455 §7\.4\)/);
  });

  it('close frames with a reason of up to 123 bytes', () => {
    for (let length = 0; length <= 123; length += 1) {
      check(role, encoder.close(1000, 'r'.repeat(length)), 8, [3, 0xe8, ...encodeUtf8('r'.repeat(length))]);
    }
    check(role, encoder.close(4321, '가'.repeat(41)), 8, [0x10, 0xe1, ...encodeUtf8('가'.repeat(41))]);
    expect(() => encoder.close(1000, 'r'.repeat(124))).toThrow(/limited to 123 bytes of UTF-8 .*; this one has 124/);
    expect(() => encoder.close(1000, '가'.repeat(42))).toThrow(RangeError);
    expect(() => encoder.close(undefined, 'why')).toThrow(/reason needs a close code/);
  });

  it('fragments: any text or bytes, with FIN or without', () => {
    const pieces = ['first ', '', '가나다 ', 'last'];
    const frames = pieces.map((payload, index) =>
      encoder.frame({ opcode: index === 0 ? 1 : 0, fin: index === pieces.length - 1, payload }),
    );
    for (const [index, frame] of frames.entries()) {
      check(role, frame, index === 0 ? 1 : 0, encodeUtf8(pieces[index]!), index === pieces.length - 1);
    }
    expect(told(role, ...frames)).toEqual([line.text(pieces.join(''))]);
    for (const length of [0, 126, 65_536, 131_073]) {
      check(role, encoder.frame({ opcode: 2, fin: false, payload: pattern(length) }), 2, pattern(length), false);
      check(
        role,
        encoder.frame({ opcode: 0, fin: false, payload: 'x'.repeat(length) }),
        0,
        encodeUtf8('x'.repeat(length)),
        false,
      );
    }
    check(role, encoder.frame({ opcode: 2 }), 2, []);
  });

  it('refuses frames that RFC 6455 forbids, and says by which rule', () => {
    for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15, 16, -1, 1.5, Number.NaN]) {
      expect(() => encoder.frame({ opcode }), String(opcode)).toThrow(RangeError);
      expect(() => encoder.frame({ opcode }), String(opcode)).toThrow(/opcode .* is reserved: .* \(RFC 6455 §5\.2\)/);
    }
    for (const opcode of [8, 9, 10]) {
      expect(() => encoder.frame({ opcode, fin: false })).toThrow(/must not be fragmented \(RFC 6455 §5\.5\)/);
      expect(() => encoder.frame({ opcode, payload: pattern(126) })).toThrow(
        /limited to 125 bytes .*; this one has 126/,
      );
      check(role, encoder.frame({ opcode, payload: pattern(2).fill(0x0f) }), opcode, [0x0f, 0x0f]);
    }
  });

  it('refuses what is neither text nor bytes', () => {
    for (const data of [undefined, null, 1, {}, [1, 2], 'text']) {
      expect(() => encoder.binary(data as never)).toThrow(TypeError);
    }
    for (const data of [undefined, null, 1, pattern(1)]) expect(() => encoder.text(data as never)).toThrow(TypeError);
    expect(() => encoder.ping(5 as never)).toThrow(/must be an ArrayBuffer or a view of one/);
  });

  it('writes into a given buffer, from its first byte, and no further than the frame', () => {
    const text = '가'.repeat(50);
    const makers: ((into?: Uint8Array) => Uint8Array)[] = [
      (into) => encoder.text('short', into),
      (into) => encoder.text(text, into),
      (into) => encoder.text('a'.repeat(200_000), into),
      (into) => encoder.binary(pattern(300), into),
      (into) => encoder.binary(pattern(200_000), into),
      (into) => encoder.ping('ping', into),
      (into) => encoder.pong(pattern(9), into),
      (into) => encoder.close(1000, 'bye', into),
      (into) => encoder.frame({ opcode: 2, fin: false, payload: pattern(5) }, into),
    ];
    for (const make of makers) {
      const fresh = make();
      const size = fresh.length;
      const room = new Uint8Array(size + 40).fill(0xa5);
      const into = room.subarray(20, 20 + size);
      const frame = make(into);
      expect([frame.buffer, frame.byteOffset, frame.length]).toEqual([room.buffer, 20, size]);
      expect(told(role, frame)).toEqual(told(role, fresh));
      expect(room.subarray(0, 20).every((byte) => byte === 0xa5)).toBe(true);
      expect(room.subarray(20 + size).every((byte) => byte === 0xa5)).toBe(true);

      const larger = new Uint8Array(size + 100).fill(0xa5);
      expect(make(larger).length).toBe(size);
      expect(larger.subarray(size).every((byte) => byte === 0xa5)).toBe(true);

      expect(() => make(new Uint8Array(size - 1))).toThrow(RangeError);
      expect(() => make(new Uint8Array(size - 1))).toThrow(`The frame needs ${size} bytes; "into" has ${size - 1}.`);
    }
  });

  it('refuses what is no Uint8Array to write to', () => {
    for (const into of [[0, 0, 0, 0], new Float64Array(4), {}]) {
      expect(() => encoder.text('x', into as never)).toThrow('"into" must be a Uint8Array.');
    }
  });

  it('gives fresh bytes without a buffer: a later frame changes none before', () => {
    const frames = [encoder.text('one'), encoder.binary(pattern(200)), encoder.text('가나다')];
    const copies = frames.map((frame) => frame.slice());
    encoder.text('x'.repeat(1_000));
    encoder.binary(pattern(100_000));
    for (const [index, frame] of frames.entries()) {
      expect(Buffer.compare(frame, copies[index]!)).toBe(0);
      expect(frame.buffer.byteLength).toBe(frame.length);
    }
  });

  it('comes back from a decoder in the other role, whatever it was', () => {
    const message = fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.uint8Array({ maxLength: 400 }));
    fc.assert(
      fc.property(fc.array(message, { maxLength: 10 }), fc.integer({ min: 1, max: 900 }), (messages, chunk) => {
        const frames = messages.map((data) => (typeof data === 'string' ? encoder.text(data) : encoder.binary(data)));
        const stream = Buffer.concat(frames);
        const log: string[] = [];
        const decoder = new Decoder({
          role: role === 'client' ? 'server' : 'client',
          ...recorder((entry) => log.push(entry)),
        });
        for (let at = 0; at < stream.length; at += chunk) decoder.feed(stream.subarray(at, at + chunk));
        decoder.close();
        expect(log).toEqual(messages.map((data) => (typeof data === 'string' ? line.text(data) : line.binary(data))));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a payload of 4 GiB', () => {
  // The allocator hands out untouched pages only: nothing of it is ever written.
  it.each<Role>(['client', 'server'])('is refused before a byte is copied, as a %s', (role) => {
    const payload = new Uint8Array(2 ** 32);
    expect(() => new Encoder({ role }).binary(payload)).toThrow(
      new RangeError('A message must be smaller than 4 GiB.'),
    );
  });
});

describe('masking keys', () => {
  // §5.3: "The masking key needs to be unpredictable; thus, the masking key MUST be derived from a strong source of entropy".
  it('are new for every frame, and every bit of them is as often 0 as 1', () => {
    const encoder = new Encoder({ role: 'client' });
    const count = 10_000;
    const seen = new Set<number>();
    const ones = new Array<number>(32).fill(0);
    for (let i = 0; i < count; i += 1) {
      // All ways to a frame take their key from the same place.
      const frame = [
        () => encoder.text('a'),
        () => encoder.binary(pattern(1)),
        () => encoder.ping(),
        () => encoder.close(),
      ][i % 4]!();
      const key = new DataView(keyOf(frame).slice().buffer).getUint32(0);
      seen.add(key);
      for (let bit = 0; bit < 32; bit += 1) ones[bit]! += (key >>> bit) & 1;
    }
    // Of 10,000 random numbers of 32 bits 0.01 pairs agree on average; four pairs come once in billions of runs.
    expect(seen.size).toBeGreaterThan(count - 4);
    // Standard deviation is 50: six of them, either way.
    for (const [bit, times] of ones.entries()) expect(Math.abs(times - count / 2), `bit ${bit}`).toBeLessThan(300);
  });

  it('are new for large frames too', () => {
    const encoder = new Encoder({ role: 'client' });
    const keys = Array.from({ length: 20 }, () => Buffer.from(keyOf(encoder.binary(pattern(140_000)))).toString('hex'));
    expect(new Set(keys).size).toBe(20);
  });
});

describe('options', () => {
  it.each([undefined, {}, { role: 'peer' }])('refuse %j: a role is needed', (options) => {
    expect(() => new Encoder(options as { role: Role })).toThrow(TypeError);
    expect(() => new Encoder(options as { role: Role })).toThrow(/"role" must be "client" or "server"/);
  });
});
