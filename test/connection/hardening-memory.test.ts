// What leaves the process, and what stays in it: each line of the list about memory has one test, by its name, over real
// sockets wherever one matters. What a message costs while it is on its way is measured in whole/resources.test.ts.

import { describe, expect, it } from 'vitest';
import { BLOCK_BYTES } from '../../assembly/layout';
import { Encoder } from '../../src/framing';
import { AsyncTcpConnection, type BinaryData } from '../../src/index';
import { mostKept } from '../support/buffers';
import { pattern } from '../support/decoders';
import { openTo } from '../support/hostile-peer';
import { BINARY, CLOSE, closeFrame, frame, PING, PONG, TEXT } from '../support/raw-peer';
import { encodeFrame } from '../support/reference';
import { settledBytes } from '../whole/resources/meter.mjs';

/** What no frame but its own may ever contain. */
const SECRET = Buffer.from('secret '.repeat(2 * BLOCK_BYTES)).subarray(0, 3 * BLOCK_BYTES);

/** Around every edge between headers, send blocks and what goes another way because it is larger. */
const EDGES = [0, 1, 2, 124, 125, 126, 127, 2_047, 2_048, 65_535, 65_536].concat(
  [BLOCK_BYTES, 2 * BLOCK_BYTES].flatMap((edge) => [-15, -14, -13, -1, 0, 1].map((step) => edge + step)),
);

const bytes = pattern(4_096);
const VIEWS: readonly (readonly [name: string, data: BinaryData, expected: Uint8Array])[] = [
  ['a view in the middle of a buffer', bytes.subarray(1_000, 1_003), bytes.slice(1_000, 1_003)],
  ['an empty view in the middle of a buffer', bytes.subarray(1_000, 1_000), new Uint8Array(0)],
  ['a Buffer out of the pool of all Buffers', Buffer.from('abc'), Buffer.from('abc')],
  ['wide elements', new Float64Array(bytes.buffer, 8, 3), bytes.slice(8, 32)],
  ['a DataView', new DataView(bytes.buffer, 7, 70_000 % 77), bytes.slice(7, 7 + (70_000 % 77))],
];

/** Says that it is longer, or shorter, than it is. */
function lying(length: number, said: number): Uint8Array {
  return Object.defineProperty(new Uint8Array(length).fill(0x61), 'length', { value: said });
}

describe('Memory', () => {
  it('no byte beyond what was written ever leaves, CVE-2026-45736, CVE-2016-10518: at every edge', async () => {
    const { connection, peer } = await openTo((connection) =>
      Object.assign(connection, { maxSendBufferSize: 2 ** 30 }),
    );
    // Every block has held something else before.
    for (let i = 0; i < 30; i += 1) connection.send(SECRET);
    for (let i = 0; i < 30; i += 1) expect((await peer.readFrame()).payload.equals(SECRET)).toBe(true);

    const expected: [first: number, payload: Uint8Array][] = [];
    for (const size of EDGES) {
      const text = 'x'.repeat(size);
      const payload = pattern(size, size + 1);
      connection.send(payload);
      connection.send(text);
      expected.push([BINARY, payload], [TEXT, Buffer.from(text)]);
    }
    for (const [, data, payload] of VIEWS) {
      connection.send(data);
      connection.ping(data);
      expected.push([BINARY, payload], [PING, payload]);
    }
    connection.close(1000, 'done');
    expected.push([CLOSE, Buffer.from('\x03\xe8done', 'latin1')]);
    // Frame by frame to the last byte: one too many anywhere would be taken for the next header.
    for (const [first, payload] of expected) {
      const frame = await peer.readFrame();
      expect([frame.first, frame.payload.length]).toEqual([first, payload.length]);
      expect(frame.payload.equals(payload)).toBe(true);
    }
    peer.write(closeFrame(1000));
    await expect(peer.read(1)).rejects.toThrow('ended');
  });

  it('no byte beyond what was written ever leaves: a frame in the caller’s buffer ends where its view ends', () => {
    const encoder = new Encoder({ role: 'server' });
    encoder.binary(SECRET.subarray(0, BLOCK_BYTES - 14));
    for (const size of EDGES) {
      const payload = pattern(size, size + 1);
      const into = new Uint8Array(size + 100).fill(0xee);
      const frame = encoder.binary(payload, into);
      expect(Buffer.compare(frame, encodeFrame({ opcode: 2, payload }))).toBe(0);
      expect(into.subarray(frame.length).every((byte) => byte === 0xee)).toBe(true);
    }
  });

  it.each([
    ['a number', 1_000],
    ['a BigInt', 1_000n],
    ['what has a length', { length: 1_000 }],
    ['what has a byteLength', { byteLength: 1_000 }],
    ['a list', [1, 2, 3]],
  ])('no byte beyond what was written ever leaves, CVE-2016-10518: %s is no size to send', (_, value) => {
    const connection = new AsyncTcpConnection('ws://127.0.0.1:9');
    expect(() => connection.send(value as never)).toThrow(TypeError);
    expect(() => connection.ping(value as never)).toThrow(TypeError);
    expect(() => connection.pong(value as never)).toThrow(TypeError);
    const encoder = new Encoder({ role: 'client' });
    for (const encode of [encoder.text, encoder.binary, encoder.ping, encoder.pong]) {
      expect(() => encode.call(encoder, value as never)).toThrow(TypeError);
    }
  });

  it('no byte beyond what was written ever leaves: an array that lies about its length', () => {
    const encoder = new Encoder({ role: 'server' });
    encoder.binary(SECRET.subarray(0, 10_000));
    for (const [length, said] of [
      [3, 1_000],
      [3, 200_000],
      [1_000, 3],
    ] as const) {
      const frame = encoder.binary(lying(length, said));
      expect(Buffer.compare(frame, encodeFrame({ opcode: 2, payload: new Uint8Array(length).fill(0x61) }))).toBe(0);
    }
  });

  it('a small slice that outlives a read does not pin a large buffer', async () => {
    const { connection, log, peer } = await openTo();
    const kept: Uint8Array[] = [];
    connection.onWebSocketPing = (_, payload) => kept.push(payload);
    connection.onWebSocketPong = (_, payload) => kept.push(payload);
    const small = [1, 64, 65, 125, 1_000, 2_048, 2_049, 5_000, 20_000];
    const large = frame(BINARY, new Uint8Array(60_000));
    // Small ones between large ones, in pieces and whole, so that each comes out of a read that was nearly all others'.
    for (const size of small) {
      const payload = pattern(size);
      peer.write(large, frame(BINARY, payload), large, frame(0x02, payload.subarray(0, size >> 2)));
      peer.write(frame(0x80, payload.subarray(size >> 2)), large);
      if (size <= 125) peer.write(frame(PING, payload), large, frame(PONG, payload), large);
    }
    peer.write(frame(TEXT, 'end'));
    await log.until('message end');
    for (const message of log.messages)
      if (message instanceof Uint8Array && message.length < 60_000) kept.push(message);
    expect(kept.map(({ length }) => length).sort((one, other) => one - other)).toEqual(
      small.flatMap((size) => Array<number>(size <= 125 ? 4 : 2).fill(size)).sort((one, other) => one - other),
    );
    for (const { length, buffer } of kept) expect(buffer.byteLength).toBeLessThanOrEqual(mostKept(length));
  });

  it('a small text that outlives a read does not pin a large buffer', async () => {
    const { log, peer } = await openTo();
    const large = frame(TEXT, 'x'.repeat(60_000));
    const before = await settledBytes();
    // Were each a part of its read, or of a message, 400 texts would keep 24 MB of them alive.
    for (let i = 0; i < 400; i += 1) peer.write(large, frame(TEXT, `${i} 다람쥐 ${'y'.repeat(30)}`), large);
    await log.until(({ messages }) => messages.length === 1_200);
    const kept = log.messages.filter((message) => message.length < 1_000);
    log.messages.length = 0;
    log.events.length = 0;
    expect(kept.length).toBe(400);
    expect((await settledBytes()) - before).toBeLessThan(12_000_000);
    expect(kept[399]).toBe(`399 다람쥐 ${'y'.repeat(30)}`);
  });
});
