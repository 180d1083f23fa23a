// What connections share, and what they tell: a few blocks of wasm memory for all of them, which must come back whatever
// happens; the one pong that waits; the moment when nothing waits any more; and random lives of an outbox.

import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCKS } from '../../assembly/layout';
import { flushAll } from '../../src/sending/flush-queue';
import { Outbox } from '../../src/sending/outbox';
import {
  bytesOf,
  countFreeBlocks,
  describeFrame,
  expectBlocksBack,
  frameBytes,
  opened,
  ScriptedTransport,
  stalled,
  unexpected,
} from '../support/outboxes';
import { BINARY, CLOSE, PING, TEXT } from '../support/raw-peer';

const freeBlocks = expectBlocksBack();

describe('many connections', () => {
  it('may all send in one tick, more of them than there are blocks', async () => {
    const all = Array.from({ length: 100 }, () => opened());
    for (let round = 0; round < 3; round += 1) {
      for (const [i, { outbox }] of all.entries()) outbox.text(`${i} ${round}`, TEXT);
    }
    await setImmediate();
    for (const [i, { outbox, transport }] of all.entries()) {
      expect(await transport.frames()).toEqual([`text ${i} 0`, `text ${i} 1`, `text ${i} 2`]);
      expect(outbox.size).toBe(0);
    }
  });

  it('may be stalled, more of them than there are blocks, and hold no other up', async () => {
    const slow = await Promise.all(Array.from({ length: 3 * BLOCKS }, () => stalled()));
    expect(countFreeBlocks()).toBe(0);
    const { outbox, transport } = opened();
    outbox.text('hello', TEXT);
    outbox.bytes(bytesOf(300_000), BINARY);
    await setImmediate();
    expect(await transport.frames()).toEqual(['text hello', describeFrame(BINARY, bytesOf(300_000))]);
    for (const { outbox } of slow) outbox.text('waits', TEXT);
    for (const { outbox, transport } of slow) {
      transport.isHolding = false;
      transport.release(outbox);
      expect(await transport.frames()).toEqual(['text held', 'text waits']);
    }
  });

  it('may send from the drained one of another one, which comes while a block is being looked for', async () => {
    const { outbox, transport } = opened();
    const drained = new Outbox({ onDrained: () => outbox.text('from the drained one', TEXT), onBroken: unexpected });
    const drainedTransport = new ScriptedTransport();
    drainedTransport.isHolding = true;
    drained.open(drainedTransport);
    drained.text('queued', TEXT);
    await setImmediate();
    const others = Array.from({ length: BLOCKS }, () => opened());
    for (const other of others) other.outbox.text('x', TEXT);
    // No block is free: all others are written early, and while that lasts `drained` has its held write written.
    drainedTransport.isHolding = false;
    drainedTransport.release(drained);
    outbox.text('at last', TEXT);
    await setImmediate();
    expect((await transport.frames()).sort()).toEqual(['text at last', 'text from the drained one']);
    expect(outbox.size).toBe(0);
  });
});

describe('pong()', () => {
  it('sends a pong at once, in its place among the frames', async () => {
    const { outbox, transport } = opened();
    outbox.text('one', TEXT);
    outbox.pong(Buffer.from('a'));
    outbox.pong(Buffer.from('b'));
    outbox.text('two', TEXT);
    await setImmediate();
    expect(await transport.frames()).toEqual(['text one', 'pong a', 'pong b', 'text two']);
  });

  it('keeps only the latest behind a held write, and counts none of them', async () => {
    const { outbox, transport } = await stalled();
    const before = outbox.size;
    for (let i = 0; i < 1000; i += 1) outbox.pong(Buffer.from(`${i}`));
    outbox.text('waits', TEXT);
    expect(outbox.size).toBe(before + frameBytes(5));
    transport.isHolding = false;
    transport.release(outbox);
    await setImmediate();
    expect(await transport.frames()).toEqual(['text held', 'text waits', 'pong 999']);
  });

  it('goes in front of the last frame, since nothing may follow a close frame', async () => {
    const { outbox, transport } = await stalled();
    outbox.pong(Buffer.from('p'));
    outbox.last(Buffer.from('bye'), CLOSE);
    transport.isHolding = false;
    transport.release(outbox);
    await setImmediate();
    expect(await transport.frames()).toEqual(['text held', 'pong p', 'close bye']);
  });
});

describe('drained', () => {
  it('is told when frames had to wait and no longer do, and only then', async () => {
    let count = 0;
    const { outbox, transport } = opened(() => {
      count += 1;
    });
    outbox.text('not held', TEXT);
    await setImmediate();
    expect(count).toBe(0);
    transport.isHolding = true;
    outbox.text('held', TEXT);
    await setImmediate();
    outbox.text('waits', TEXT);
    transport.release(outbox);
    expect(count).toBe(0);
    transport.isHolding = false;
    transport.release(outbox);
    expect(count).toBe(1);
  });

  it('is told although a pong was waiting', async () => {
    let count = 0;
    const { outbox, transport } = await stalled(() => {
      count += 1;
    });
    outbox.pong(Buffer.from('p'));
    transport.isHolding = false;
    transport.release(outbox);
    expect(count).toBe(1);
    await setImmediate();
    expect(count).toBe(1);
    expect(await transport.frames()).toEqual(['text held', 'pong p']);
  });
});

describe('close()', () => {
  it('gives all blocks back, and nothing leaves any more', async () => {
    const { outbox: waiting, transport: holding } = await stalled();
    waiting.text('waits', TEXT);
    waiting.pong(Buffer.from('p'));
    waiting.stop();
    const { outbox: filled, transport } = opened();
    filled.text('not written yet', TEXT);
    filled.stop();
    await setImmediate();
    expect(holding.writes).toHaveLength(1);
    expect(transport.writes).toHaveLength(0);
    expect([waiting.size, filled.size]).toEqual([0, 0]);
    expect(countFreeBlocks()).toBe(freeBlocks());
  });
});

describe('whatever is sent, held, finished and flushed in whatever order', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('text' as const), length: fc.nat(300) }),
    fc.record({ do: fc.constant('bytes' as const), length: fc.oneof(fc.nat(300), fc.nat(200_000)) }),
    fc.record({ do: fc.constantFrom('ping', 'hold', 'take', 'release', 'tick', 'flush') }),
  );

  it('arrives whole and in order, and size is right all the time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { outbox, transport } = opened();
        const sent: string[] = [];
        let sentBytes = 0;
        const send = (first: number, payload: Buffer): void => {
          if (first === TEXT) outbox.text(String(payload), TEXT);
          else outbox.bytes(payload, first);
          sent.push(describeFrame(first, payload));
          sentBytes += frameBytes(payload.length);
        };
        for (const [i, step] of steps.entries()) {
          if (step.do === 'text') send(TEXT, Buffer.from(`${i} 다 `.repeat(step.length)));
          else if (step.do === 'bytes') send(BINARY, Buffer.from(bytesOf(step.length)));
          else if (step.do === 'ping') send(PING, Buffer.from(`${i}`));
          else if (step.do === 'hold') transport.isHolding = true;
          else if (step.do === 'take') transport.isHolding = false;
          else if (step.do === 'release' && transport.isHeld) transport.release(outbox);
          else if (step.do === 'tick') await setImmediate();
          else if (step.do === 'flush') flushAll();
          expect(outbox.size).toBe(sentBytes - transport.takenBytes);
          if (transport.isHeld) expect(outbox.isStalled).toBe(true);
        }
        transport.isHolding = false;
        await setImmediate();
        while (transport.isHeld) transport.release(outbox);
        expect(await transport.frames()).toEqual(sent);
        expect(outbox.size).toBe(0);
        expect(countFreeBlocks()).toBe(freeBlocks());
      }),
    );
  });
});
