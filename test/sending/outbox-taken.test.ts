// What a frame is made of may be taken away while it is sent: masking keys come from a source of the user's, or from the runtime,
// and either may send or throw; a payload may shrink, be transferred, or lie about its length. Then it is an error, and nothing
// but the payload leaves.

import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BLOCK_BYTES, KEYS_BYTES } from '../../assembly/layout';
import { Outbox } from '../../src/sending/outbox';
import { BusyTransport } from '../support/busy-transport';
import { bytesOf, describeFrame, expectBlocksBack, opened } from '../support/outboxes';
import { BINARY, TEXT } from '../support/raw-peer';

expectBlocksBack();

afterEach(() => {
  vi.restoreAllMocks();
});

const SIZES = [5, 1_000, BLOCK_BYTES / 2, BLOCK_BYTES - 14, 3 * BLOCK_BYTES];

describe.each(SIZES)('a source of masking keys, for %i bytes', (size) => {
  it('may send, on the same connection and on others', async () => {
    const { outbox, transport } = opened();
    const other = opened();
    let calls = 0;
    outbox.keysFrom(() => {
      calls += 1;
      if (calls === 2) outbox.text('from the source', TEXT);
      other.outbox.bytes(bytesOf(size), BINARY);
      return Uint8Array.of(calls, 2, 3, 4);
    });
    for (let i = 0; i < 3; i += 1) outbox.bytes(bytesOf(size), BINARY);
    await setImmediate();
    const told = describeFrame(BINARY, bytesOf(size));
    // It was accepted in front of the frame that its key is for.
    expect(await transport.frames()).toEqual([told, 'text from the source', told, told]);
    expect(await other.transport.frames()).toEqual([told, told, told, told]);
  });

  it('may throw: that frame is not sent, and the next one is', async () => {
    const { outbox, transport } = opened();
    const mine = new Error('mine');
    let calls = 0;
    outbox.keysFrom(() => {
      calls += 1;
      if (calls === 2) throw mine;
      return Uint8Array.of(1, 2, 3, 4);
    });
    outbox.text('one', TEXT);
    expect(() => outbox.bytes(bytesOf(size), BINARY)).toThrow(mine);
    const before = outbox.size;
    outbox.text('two', TEXT);
    expect(outbox.size).toBe(before + 9);
    await setImmediate();
    expect(await transport.frames()).toEqual(['text one', 'text two']);
  });
});

describe('getRandomValues', () => {
  /** So many frames use up all keys that are there. */
  const KEYS = KEYS_BYTES / 4;

  it('may send when the keys are used up', async () => {
    const { outbox, transport } = opened();
    const other = opened();
    const { getRandomValues } = globalThis.crypto;
    let calls = 0;
    const sent: string[] = [];
    vi.spyOn(globalThis.crypto, 'getRandomValues').mockImplementation((bytes) => {
      calls += 1;
      getRandomValues.call(globalThis.crypto, bytes);
      if (calls > 3) return bytes;
      // Each of these needs a key, and so calls here again.
      const name = `refill ${calls}`;
      outbox.text(name, TEXT);
      other.outbox.text(name, TEXT);
      sent.push(`text ${name}`);
      return bytes;
    });
    const own: string[] = [];
    for (let i = 0; i < 2 * KEYS; i += 1) {
      outbox.text(`${i}`, TEXT);
      own.push(`text ${i}`);
    }
    await setImmediate();
    const frames = await transport.frames();
    expect(calls).toBeGreaterThan(1);
    expect(frames.filter((frame) => sent.includes(frame))).toEqual(sent);
    expect(frames.filter((frame) => !sent.includes(frame))).toEqual(own);
    expect(await other.transport.frames()).toEqual(sent);
  });

  it('may throw: that frame is not sent, no key is used twice, and the next frame has one', async () => {
    const { outbox, transport } = opened();
    const mine = new Error('mine');
    const { getRandomValues } = globalThis.crypto;
    let failures = 3;
    vi.spyOn(globalThis.crypto, 'getRandomValues').mockImplementation((bytes) => {
      if (failures-- > 0) throw mine;
      return getRandomValues.call(globalThis.crypto, bytes);
    });
    const own: string[] = [];
    let thrown = 0;
    for (let i = 0; i < 2 * KEYS; i += 1) {
      try {
        outbox.text(`${i}`, TEXT);
        own.push(`text ${i}`);
      } catch (error) {
        expect(error).toBe(mine);
        thrown += 1;
      }
    }
    await setImmediate();
    expect(thrown).toBe(3);
    expect(await transport.frames()).toEqual(own);
    const keys = Buffer.concat(transport.writes);
    const seen = new Set<string>();
    for (let at = 0; at < keys.length; at += 6 + keys[at + 1]! - 0x80) seen.add(keys.toString('hex', at + 2, at + 6));
    // Random keys of four bytes are the same once in a million pairs of thousands.
    expect(seen.size).toBeGreaterThan(own.length - 10);
  });
});

describe('a payload that is taken away while it is sent', () => {
  /** What the source of keys, or a write, does to it. */
  const takes: readonly (readonly [string, (buffer: ArrayBuffer) => void])[] = [
    ['transferred', (buffer) => void structuredClone(buffer, { transfer: [buffer] })],
    ['shrunk', (buffer) => (buffer as ArrayBuffer & { resize(length: number): void }).resize(3)],
  ];

  function resizable(length: number): Uint8Array<ArrayBuffer> {
    const Resizable = ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer;
    const bytes = new Uint8Array(new Resizable(length, { maxByteLength: length }));
    bytes.set(bytesOf(length));
    return bytes;
  }

  describe.each(takes)('%s', (name, take) => {
    const hasResize = 'resize' in ArrayBuffer.prototype;

    it.skipIf(name === 'shrunk' && !hasResize).each([1, 2])(
      'at write %i of its pieces: no other byte leaves',
      async (at) => {
        const broken: unknown[] = [];
        const outbox = new Outbox({ onDrained: () => {}, onBroken: (cause) => broken.push(cause) });
        const payload = hasResize ? resizable(3 * BLOCK_BYTES) : new Uint8Array(bytesOf(3 * BLOCK_BYTES));
        const transport = new BusyTransport((number) => {
          if (number === at) take(payload.buffer);
        });
        outbox.open(transport);
        outbox.keysFrom(() => Uint8Array.of(0, 0, 0, 0));
        outbox.bytes(payload, BINARY);
        await setImmediate();
        expect(broken.length).toBe(1);
        expect(broken[0]).toBeInstanceOf(TypeError);
        outbox.stop();
        const sent = Buffer.concat(transport.writes);
        // With a key of zeros the payload lies there as it is, behind a header of 14 bytes.
        expect(sent.length).toBe(at * BLOCK_BYTES);
        expect(sent.subarray(14).equals(bytesOf(3 * BLOCK_BYTES).subarray(0, sent.length - 14))).toBe(true);
      },
    );

    it.skipIf(name === 'shrunk' && !hasResize)(
      'while room is made for it: it is not sent, and the next one is',
      async () => {
        const outbox = new Outbox();
        const payload = hasResize ? resizable(20_000) : new Uint8Array(bytesOf(20_000));
        const transport = new BusyTransport((number) => {
          if (number === 1) take(payload.buffer);
        });
        outbox.open(transport);
        const first = bytesOf(BLOCK_BYTES - 14);
        outbox.bytes(first, BINARY);
        // A block is full: it leaves, and within that the bytes go.
        expect(() => {
          for (let i = 0; i < 8; i += 1) outbox.bytes(payload, BINARY);
        }).toThrow(TypeError);
        outbox.text('next', TEXT);
        await setImmediate();
        expect(await transport.frames()).toEqual([describeFrame(BINARY, first), 'text next']);
      },
    );
  });

  it.each(SIZES.flatMap((size) => [0, 1].map((truths) => [size, truths] as const)))(
    '%i bytes, lies behind %i truths: they are sent as they are',
    async (size, truths) => {
      let questions = 0;
      class Stateful extends Uint8Array {
        override get length(): number {
          questions += 1;
          return questions <= truths ? size : 10 * BLOCK_BYTES;
        }

        override get byteLength(): number {
          return this.length;
        }

        override subarray(): Uint8Array<ArrayBuffer> {
          return new Uint8Array(10 * BLOCK_BYTES);
        }

        override slice(): Uint8Array<ArrayBuffer> {
          return new Uint8Array(10 * BLOCK_BYTES);
        }
      }
      const { outbox, transport } = opened();
      const payload = new Stateful(new Uint8Array(bytesOf(size)).buffer);
      outbox.bytes(payload, BINARY);
      outbox.text('next', TEXT);
      await setImmediate();
      expect(await transport.frames()).toEqual([describeFrame(BINARY, bytesOf(size)), 'text next']);
    },
  );
});
