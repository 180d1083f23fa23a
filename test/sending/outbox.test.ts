// What one connection sends, on a transport that holds its writes: they are few, what is held does not change, what waits
// keeps its order, and what waits is counted to the byte.

import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { BLOCK_BYTES, BLOCKS } from '../../assembly/layout';
import { flushAll } from '../../src/sending/flush-queue';
import { Outbox } from '../../src/sending/outbox';
import {
  bytesOf,
  describeFrame,
  expectBlocksBack,
  frameBytes,
  opened,
  ScriptedTransport,
  stalled,
} from '../support/outboxes';
import { BINARY, PING, TEXT } from '../support/raw-peer';

expectBlocksBack();

describe('a tick', () => {
  it('leaves as one write, after the code that sent', async () => {
    const { outbox, transport } = opened();
    for (let i = 0; i < 500; i += 1) outbox.text(`${i}`, TEXT);
    outbox.bytes(bytesOf(1000), BINARY);
    outbox.bytes(Buffer.from('p'), PING);
    expect(transport.writes).toHaveLength(0);
    await setImmediate();
    expect(transport.writes).toHaveLength(1);
    const texts = Array.from({ length: 500 }, (_, i) => `text ${i}`);
    expect(await transport.frames()).toEqual([...texts, describeFrame(BINARY, bytesOf(1000)), 'ping p']);
    await setImmediate();
    expect(transport.writes).toHaveLength(1);
  });

  it('leaves at once by flushAll(), and not again', async () => {
    const { outbox, transport } = opened();
    outbox.text('one', TEXT);
    flushAll();
    expect(transport.writes).toHaveLength(1);
    outbox.text('two', TEXT);
    await setImmediate();
    expect(transport.writes).toHaveLength(2);
  });

  it('takes another write only when a block is full', async () => {
    const { outbox, transport } = opened();
    for (let i = 0; i < 7; i += 1) outbox.bytes(bytesOf(30_000), BINARY);
    expect(transport.writes.map(({ length }) => length)).toEqual([4 * frameBytes(30_000)]);
    await setImmediate();
    expect(transport.writes.map(({ length }) => length)).toEqual([4 * frameBytes(30_000), 3 * frameBytes(30_000)]);
    expect(await transport.frames()).toEqual(Array(7).fill(describeFrame(BINARY, bytesOf(30_000))));
  });

  it.each([
    ['binary', (outbox: Outbox) => outbox.bytes(bytesOf(40_000), BINARY), describeFrame(BINARY, bytesOf(40_000))],
    ['text', (outbox: Outbox) => outbox.text('x'.repeat(40_000), TEXT), describeFrame(TEXT, Buffer.alloc(40_000, 'x'))],
  ])('fills its blocks with frames of many bytes: %s', async (_, send, told) => {
    const { outbox, transport } = opened();
    for (let i = 0; i < 7; i += 1) send(outbox);
    await setImmediate();
    const total = 7 * frameBytes(40_000);
    expect(transport.writes.map(({ length }) => length)).toEqual([BLOCK_BYTES, BLOCK_BYTES, total - 2 * BLOCK_BYTES]);
    expect(await transport.frames()).toEqual(Array(7).fill(told));
  });

  it('writes nothing without frames', () => {
    const { outbox, transport } = opened();
    outbox.flush();
    outbox.onWritten();
    expect(transport.writes).toEqual([]);
  });
});

describe('behind a held write', () => {
  it('frames wait, in order, and leave when it is finished', async () => {
    const { outbox, transport } = await stalled();
    for (let i = 0; i < 1000; i += 1) outbox.text(`${i} ${'x'.repeat(i)}`, TEXT);
    await setImmediate();
    expect(transport.writes).toHaveLength(1);
    transport.isHolding = false;
    transport.release(outbox);
    const texts = Array.from({ length: 1000 }, (_, i) => Buffer.from(`${i} ${'x'.repeat(i)}`));
    expect(await transport.frames()).toEqual(['text held', ...texts.map((text) => describeFrame(TEXT, text))]);
    // Half a megabyte in chunks of 64 KiB, not in a thousand writes.
    expect(transport.writes.length).toBeLessThan(25);
  });

  it('frames leave write by write while each is held in turn', async () => {
    const { outbox, transport } = await stalled();
    const expected = ['text held'];
    for (let i = 0; i < 20; i += 1) {
      outbox.text(`a${i}`, TEXT);
      await setImmediate();
      outbox.text(`b${i}`, TEXT);
      transport.release(outbox);
      outbox.text(`c${i}`, TEXT);
      expected.push(`text a${i}`, `text b${i}`, `text c${i}`);
    }
    transport.isHolding = false;
    transport.release(outbox);
    expect(await transport.frames()).toEqual(expected);
  });

  it('memory stays as it is while others send', async () => {
    const { outbox, transport } = await stalled();
    const others = Array.from({ length: 50 }, () => opened());
    for (let round = 0; round < 10; round += 1) {
      for (const other of others) other.outbox.bytes(bytesOf(10_000), BINARY);
      await setImmediate();
    }
    outbox.bytes(bytesOf(200_000), BINARY);
    transport.isHolding = false;
    // It compares what was held with what was handed over.
    transport.release(outbox);
    expect(await transport.frames()).toEqual(['text held', describeFrame(BINARY, bytesOf(200_000))]);
  });

  it('what is sent is copied: the bytes may change as soon as it is accepted', async () => {
    const { outbox, transport } = await stalled();
    const sizes = [10, 1000, 300_000];
    for (const size of sizes) {
      const bytes = bytesOf(size);
      outbox.bytes(bytes, BINARY);
      bytes.fill(0);
    }
    transport.isHolding = false;
    transport.release(outbox);
    expect(await transport.frames()).toEqual([
      'text held',
      ...sizes.map((size) => describeFrame(BINARY, bytesOf(size))),
    ]);
  });
});

describe('a large frame', () => {
  const large = bytesOf(3 * 1024 * 1024 + 1);

  it('leaves in writes of at most a block, all of them full but the last', async () => {
    const { outbox, transport } = opened();
    outbox.text('before', TEXT);
    outbox.bytes(large, BINARY);
    outbox.text('after', TEXT);
    await setImmediate();
    expect(await transport.frames()).toEqual(['text before', describeFrame(BINARY, large), 'text after']);
    const sizes = transport.writes.map(({ length }) => length);
    expect(sizes.slice(0, -1)).toEqual(Array(sizes.length - 1).fill(BLOCK_BYTES));
    expect(sizes.at(-1)).toBeLessThanOrEqual(BLOCK_BYTES);
  });

  it('of text is the same', async () => {
    const { outbox, transport } = opened();
    const text = '다람쥐 🦊 '.repeat(50_000);
    outbox.text(text, TEXT);
    await setImmediate();
    expect(await transport.frames()).toEqual([describeFrame(TEXT, Buffer.from(text))]);
    // Each but the last is nearly full: where a character ends is known when it is written.
    const sizes = transport.writes.map(({ length }) => length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(BLOCK_BYTES);
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThan(BLOCK_BYTES - 4_096);
  });

  it('waits behind a write that is held in blocks, as long as half of them are free, and the rest on the heap', async () => {
    const { outbox, transport } = opened();
    transport.isHolding = true;
    outbox.bytes(large, BINARY);
    outbox.text('after', TEXT);
    await setImmediate();
    expect(transport.writes.map(({ length }) => length)).toEqual([BLOCK_BYTES]);
    transport.isHolding = false;
    transport.release(outbox);
    const sizes = transport.writes.map(({ length }) => length);
    const inBlocks = BLOCKS / 2;
    expect(sizes.slice(0, inBlocks)).toEqual(Array(inBlocks).fill(BLOCK_BYTES));
    const inPieces = sizes.slice(
      inBlocks,
      sizes.findIndex((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0) === frameBytes(large.length)),
    );
    expect(inPieces.length).toBeGreaterThan(1);
    expect(Math.max(...inPieces)).toBeLessThanOrEqual(2 * 131_072);
    expect(await transport.frames()).toEqual([describeFrame(BINARY, large), 'text after']);
  });

  it.each([BLOCK_BYTES - 15, BLOCK_BYTES - 14, BLOCK_BYTES - 13, BLOCK_BYTES, 2 * BLOCK_BYTES - 14, 2 * BLOCK_BYTES])(
    'of %i bytes, around the size of a block',
    async (size) => {
      const { outbox, transport } = opened();
      outbox.bytes(bytesOf(size), BINARY);
      outbox.text('after', TEXT);
      await setImmediate();
      expect(await transport.frames()).toEqual([describeFrame(BINARY, bytesOf(size)), 'text after']);
    },
  );
});

describe('size', () => {
  it('is the bytes of all frames that the transport has not taken, to the byte', async () => {
    const outbox = new Outbox();
    const transport = new ScriptedTransport();
    let expected = 0;
    const send = (length: number): void => {
      outbox.bytes(bytesOf(length), BINARY);
      expected += frameBytes(length);
      expect(outbox.size).toBe(expected);
    };
    expect(outbox.size).toBe(0);
    outbox.open(transport);
    transport.isHolding = true;
    send(10);
    await setImmediate();
    for (const length of [0, 125, 126, 65_535, 65_536, 200_000, 3]) send(length);
    expect(outbox.size).toBe(expected);
    await setImmediate();
    expect(outbox.size).toBe(expected);
    for (const length of [0, 1000, 70_000, 140_000]) send(length);
    while (outbox.size > 0) {
      expected -= transport.writes.at(-1)!.length;
      transport.release(outbox);
      expect(outbox.size).toBe(expected);
    }
    transport.isHolding = false;
    send(50);
    await setImmediate();
    expect(outbox.size).toBe(0);
    expect(outbox.isStalled).toBe(false);
  });
});
