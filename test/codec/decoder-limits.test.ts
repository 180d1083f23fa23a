// How much a decoder takes and what it costs: large messages and many pieces, limits, ownership of what is told, options, and
// the records of wasm memory, which must not run out.

import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { RECORDS } from '../../assembly/layout';
import { Decoder, type DecoderOptions, WsimdError } from '../../src/framing';
import { mostKept } from '../support/buffers';
import { openCodec } from '../support/codecs';
import { binary, isSame, join, open, opened, pattern, text } from '../support/decoders';
import { encodeFrame, line, recorder } from '../support/reference';
import { collectGarbage } from '../whole/resources/meter.mjs';

it('the reason of a close frame is no message: maxMessage does not hold for it, nor behind a pause', async () => {
  const told: unknown[] = [];
  const codec = openCodec(
    { onMessage: () => codec.pause(), onCloseFrame: (code, reason) => told.push([code, reason]) },
    { maxMessage: 1 },
  );
  const body = Buffer.concat([Buffer.of(0x0b, 0xb8), Buffer.from('𐀀 끝')]);
  codec.feed(join(text(''), encodeFrame({ opcode: 8, payload: body })));
  codec.resume();
  await setImmediate();
  expect(told).toEqual([[3000, '𐀀 끝']]);
});

describe('large messages', () => {
  const size = 32 * 1024 * 1024;

  it.each([size + 10, 65_521])('of 32 MiB in one frame, in chunks of %i', (chunk) => {
    const payload = pattern(size);
    const stream = binary(payload);
    const told: Uint8Array[] = [];
    const decoder = open({ maxMessageSize: size, onMessage: (data) => told.push(data as Uint8Array) });
    for (let at = 0; at < stream.length; at += chunk) decoder.feed(stream.subarray(at, at + chunk));
    expect(told.length).toBe(1);
    expect(isSame(told[0]!, payload)).toBe(true);
    expect(told[0]!.buffer.byteLength).toBe(size);
  });

  it.each(['ascii ', 'naïve café ', '대한민국 만세 ', '😀 a é 가 '])(
    'of 1 MiB of text in fragments of 64 bytes: %j',
    (unit) => {
      const content = unit.repeat(Math.ceil(2 ** 20 / Buffer.byteLength(unit)));
      const payload = Buffer.from(content);
      const told: unknown[] = [];
      const decoder = open({ onMessage: (data) => told.push(data) });
      for (let at = 0; at < payload.length; at += 64) {
        const fin = at + 64 >= payload.length;
        decoder.feed(encodeFrame({ opcode: at === 0 ? 1 : 0, fin, payload: payload.subarray(at, at + 64) }));
      }
      expect(told.length).toBe(1);
      expect(told[0] === content).toBe(true);
    },
  );

  it('of 64 KiB in chunks of one byte', () => {
    const content = '가é'.repeat(13_108);
    const told: unknown[] = [];
    const decoder = open({ onMessage: (data) => told.push(data) });
    for (const byte of text(content)) decoder.feed(Uint8Array.of(byte));
    expect(told.length).toBe(1);
    expect(told[0] === content).toBe(true);
  });

  it('cost nothing as long as they are only declared', () => {
    // RFC 6455 §10.4: a length is a claim. 2,000 claims of 10 MiB, each with one byte to show for it.
    const start = Uint8Array.of(0x82, 0x7f, 0, 0, 0, 0, 0, 0xa0, 0, 0, 0x78);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 2_000; i += 1) open({}).feed(start);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  });

  it('may have 65,537 fragments, and by default 131,072', () => {
    for (const count of [65_537, 131_072]) {
      const told: Uint8Array[] = [];
      const decoder = open({ onMessage: (data) => told.push(data as Uint8Array) });
      const fragment = encodeFrame({ opcode: 0, fin: false, payload: [7] });
      decoder.feed(encodeFrame({ opcode: 2, fin: false, payload: [7] }));
      for (let sent = 2; sent < count; sent += 1) decoder.feed(fragment);
      expect(told.length).toBe(0);
      decoder.feed(encodeFrame({ opcode: 0, payload: [7] }));
      expect(told.map(({ length }) => length)).toEqual([count]);
    }
  });

  it('are refused at one fragment more than the default, though all are empty', () => {
    const log: string[] = [];
    const decoder = open(recorder((entry) => log.push(entry)));
    decoder.feed(encodeFrame({ opcode: 1, fin: false }));
    decoder.feed(new Uint8Array(2 * 131_071));
    expect(log).toEqual([]);
    decoder.feed(encodeFrame({ opcode: 0 }));
    expect(log).toEqual([line.fault('TOO_MANY_FRAGMENTS', 1008)]);
  });

  it('are refused with the limit and the size in the text of the error', () => {
    const errors: WsimdError[] = [];
    const onError = (error: WsimdError): number => errors.push(error);
    open({ maxMessageSize: 10, onError }).feed(binary(pattern(11)));
    open({ maxFragments: 1, onError }).feed(Uint8Array.of(0x02, 0, 0x00, 0));
    expect(errors.map(({ message }) => message)).toEqual([
      'The message is larger than this connection accepts: it has at least 11 bytes, and maxMessageSize is 10.',
      'The message has more fragments than this connection accepts: maxFragments is 1.',
    ]);
  });
});

describe('bytes that are told', () => {
  it('belong to the receiver, whatever happens to the chunk and in later feeds', () => {
    // Around every size at which copying might be done in another way, whole and in pieces.
    const lengths = [0, 1, 63, 64, 65, 2_047, 2_048, 2_049, 32_767, 32_768, 32_769, 100_000];
    const told: Uint8Array[] = [];
    const take = (payload: Uint8Array | string): unknown => told.push(payload as Uint8Array);
    const decoder = open({ onMessage: take, onPing: take, onPong: take });
    const sent: Uint8Array[] = [];
    const feed = (opcode: number, payload: Uint8Array, split: number): void => {
      const frame = encodeFrame({ opcode, payload });
      const chunks = [frame.slice(0, split), frame.slice(split)];
      for (const chunk of chunks) {
        decoder.feed(chunk);
        chunk.fill(0xee);
      }
      sent.push(payload);
    };
    for (const [index, length] of lengths.entries()) {
      const payload = pattern(length, index + 1);
      feed(2, payload, 0);
      feed(2, payload, 10 + (length >> 1));
      if (length <= 125) feed(9, payload, 0);
      if (length <= 125) feed(10, payload, 2 + (length >> 1));
    }
    expect(told.length).toBe(sent.length);
    for (const [index, data] of told.entries()) expect(isSame(data, sent[index]!), `message ${index}`).toBe(true);
    // No two share a byte, and a small one does not keep a large buffer alive.
    for (const data of told) data.fill(0x11);
    for (const data of told) expect(data.every((byte) => byte === 0x11)).toBe(true);
    for (const data of told) expect(data.buffer.byteLength).toBeLessThanOrEqual(mostKept(data.length));
    for (const data of told) data.fill(data.length & 0xff);
    for (const data of told) expect(data.every((byte) => byte === (data.length & 0xff))).toBe(true);
  });

  it('fill their ArrayBuffer, if the message was assembled from pieces', () => {
    const told: Uint8Array[] = [];
    const decoder = open({ onMessage: (data) => told.push(data as Uint8Array) });
    for (const length of [1, 100, 3_000, 70_001]) {
      decoder.feed(encodeFrame({ opcode: 2, fin: false, payload: pattern(length) }));
      decoder.feed(encodeFrame({ opcode: 0, payload: pattern(length) }));
    }
    expect(told.map(({ buffer }) => buffer.byteLength)).toEqual([2, 200, 6_000, 140_002]);
  });
});

// Options and records.

describe('options', () => {
  it.each([undefined, {}, { role: 'peer' }])('refuse %j: a role is needed', (options) => {
    expect(() => new Decoder(options as DecoderOptions)).toThrow(TypeError);
    expect(() => new Decoder(options as DecoderOptions)).toThrow(/"role" must be "client" or "server"/);
  });

  it.each(['maxMessageSize', 'maxFragments'] as const)('refuse a %s that is no whole number above 0', (name) => {
    for (const value of [0, -1, 1.5, Number.NaN, Infinity, '10', null, 2 ** 53]) {
      const attempt = (): Decoder => new Decoder({ role: 'client', [name]: value });
      if (value === null) continue;
      expect(attempt, String(value)).toThrow(RangeError);
      expect(attempt, String(value)).toThrow(new RegExp(`"${name}" must be a whole number from 1 to \\d+; it is`));
    }
  });

  it('without onError let feed throw the fault, once', () => {
    const decoder = open({});
    let error: unknown;
    try {
      decoder.feed(Uint8Array.of(0xc1, 0x00));
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(WsimdError);
    expect(error).toMatchObject({ name: 'WsimdError', code: 'WS_ERR_UNEXPECTED_RSV_1', status: 1002 });
    expect(() => decoder.feed(Uint8Array.of(0xc1, 0x00))).not.toThrow();
  });

  it('need no handlers: what nobody listens to is dropped', () => {
    const frames = [text('a'), binary(pattern(9)), Uint8Array.of(0x89, 0x00, 0x8a, 0x00, 0x88, 0x00)];
    expect(() => open({}).feed(join(...frames))).not.toThrow();
  });
});

describe('feed()', () => {
  it.each([[undefined], [null], ['81'], [[0x81]], [{ length: 2 }]])('refuses %j: bytes are a Uint8Array', (chunk) => {
    const decoder = open({});
    expect(() => decoder.feed(chunk as unknown as Uint8Array)).toThrow(new TypeError('A chunk must be a Uint8Array.'));
  });

  it('takes any other view, and a chunk whose own length lies, for the bytes they are', () => {
    const told: unknown[] = [];
    const decoder = open({ onMessage: (data) => told.push(data) });
    const chunk = text('ab');
    decoder.feed(new DataView(chunk.buffer) as unknown as Uint8Array);
    decoder.feed(Object.defineProperty(chunk, 'length', { value: 100 }));
    expect(told).toEqual(['ab', 'ab']);
  });
});

describe('records', () => {
  it('are given back by close: 70,000 decoders in turn', () => {
    for (let i = 0; i < RECORDS + 4_464; i += 1) {
      const told: unknown[] = [];
      const decoder = new Decoder({ role: 'client', onMessage: (data) => told.push(data) });
      // Left in the middle of a message: the next owner of the record must not notice.
      decoder.feed(Uint8Array.of(0x81, 0x01, 0x61, 0x01, 0x03, 0xe2, 0x82));
      decoder.close();
      decoder.close();
      if (told[0] !== 'a' || told.length !== 1) expect(told, `decoder ${i}`).toEqual(['a']);
    }
  });

  it('are 65,536, and the next decoder is refused until one closes', () => {
    for (let i = 0; i < RECORDS; i += 1) open({});
    const attempt = (): Decoder => new Decoder({ role: 'client' });
    expect(attempt).toThrow(WsimdError);
    expect(attempt).toThrow(expect.objectContaining({ code: 'WS_ERR_TOO_MANY_CONNECTIONS' }));
    const [first] = opened;
    first!.close();
    const told: unknown[] = [];
    open({ onMessage: (data) => told.push(data) }).feed(text('room'));
    expect(told).toEqual(['room']);
    expect(attempt).toThrow(WsimdError);
  });

  it('are given back by decoders that were forgotten', async () => {
    for (let i = 0; i < RECORDS; i += 1) new Decoder({ role: 'client', onMessage: () => {} });
    expect(() => open({})).toThrow(WsimdError);
    // Finalizers run in tasks of their own, some time after the collection.
    await vi.waitFor(() => {
      collectGarbage();
      for (let i = 0; i < 1_000; i += 1) open({});
    }, 10_000);
    expect(opened.size).toBeGreaterThanOrEqual(1_000);
  });
});
