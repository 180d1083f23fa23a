// A transport whose write sends: on the connection that it writes for, on others, on more of them than there are blocks; that
// flushes, stops and throws. Every outbox has the frames that were sent on it, whole and in order, and none of another's; every
// block comes back.

import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { BLOCK_BYTES } from '../../assembly/layout';
import { flushAll } from '../../src/sending/flush-queue';
import { Outbox } from '../../src/sending/outbox';
import { BusyTransport } from '../support/busy-transport';
import { bytesOf, describeFrame, expectBlocksBack, frameBytes, opened } from '../support/outboxes';
import { BINARY, PING, TEXT } from '../support/raw-peer';

expectBlocksBack();

interface Busy {
  readonly outbox: Outbox;
  readonly transport: BusyTransport;
  readonly broken: unknown[];
}

function busy(during: (busy: Busy, number: number) => void): Busy {
  const broken: unknown[] = [];
  const outbox = new Outbox({ onDrained: () => {}, onBroken: (cause) => broken.push(cause) });
  const transport: BusyTransport = new BusyTransport((number) => during(all, number));
  const all = { outbox, transport, broken };
  outbox.open(transport);
  return all;
}

/** Sends a frame, and says what it is on the wire. */
type Send = (outbox: Outbox, mark: number) => string;

const text = (length: number, unit: string): Send => {
  return (outbox, mark) => {
    const content = `${mark} ${unit.repeat(length)}`;
    outbox.text(content, TEXT);
    return describeFrame(TEXT, Buffer.from(content));
  };
};
const binary = (length: number): Send => {
  return (outbox, mark) => {
    const content = bytesOf(length);
    content[0] = mark;
    outbox.bytes(content, BINARY);
    return describeFrame(BINARY, content);
  };
};

const SENDS: readonly (readonly [string, Send])[] = [
  ['a short text', text(5, 'a')],
  ['a text that fills most of a block', text(BLOCK_BYTES / 4, 'é')],
  ['a text larger than a block', text(BLOCK_BYTES, 'é')],
  ['a long text of ASCII', text(2 * BLOCK_BYTES, 'a')],
  ['few bytes', binary(7)],
  ['bytes that fill a block', binary(BLOCK_BYTES - 14)],
  ['bytes larger than a block', binary(BLOCK_BYTES - 13)],
  ['bytes of several blocks', binary(2 * BLOCK_BYTES + 1)],
];

const drain = async ({ outbox, transport }: Pick<Busy, 'outbox' | 'transport'>): Promise<void> => {
  transport.isHolding = false;
  await setImmediate();
  while (transport.isHeld) transport.release(outbox);
  await setImmediate();
};

describe.each(SENDS)('%s, sent while the transport writes', (_, nested) => {
  it.each(SENDS)('%s', async (_, outer) => {
    const sent: string[] = [];
    let written = 0;
    const connection = busy(({ outbox }, number) => {
      if (number > 3) return;
      sent.push(nested(outbox, 100 + number));
      outbox.whenWritten((isWritten) => {
        expect(isWritten).toBe(true);
        written += 1;
      });
      if (number === 2) outbox.flush();
      if (number === 3) flushAll();
    });
    const { outbox, transport } = connection;
    const top: string[] = [];
    for (let mark = 1; mark <= 3; mark += 1) {
      top.push(outer(outbox, mark));
      if (mark !== 2) await setImmediate();
    }
    await drain(connection);
    const frames = await transport.frames();
    // Where a send has to write to make room, what is sent within that comes first: it was accepted first.
    expect(frames.filter((frame) => !sent.includes(frame))).toEqual(top);
    expect(frames.filter((frame) => sent.includes(frame))).toEqual(sent);
    expect(frames.length).toBe(top.length + sent.length);
    expect([outbox.size, outbox.bytesWritten, written]).toEqual([0, transport.takenBytes, sent.length]);
    expect(outbox.isStalled).toBe(false);
  });

  it('and held: it waits behind what is on its way, in order', async () => {
    const sent: string[] = [];
    const connection = busy(({ outbox, transport }, number) => {
      transport.isHolding = number % 2 === 1;
      if (number <= 4) for (let i = 0; i < 3; i += 1) sent.push(nested(outbox, number * 10 + i));
    });
    const { outbox, transport } = connection;
    sent.unshift(binary(3 * BLOCK_BYTES)(outbox, 1));
    for (let step = 0; step < 6; step += 1) {
      await setImmediate();
      if (transport.isHeld) transport.release(outbox);
    }
    await drain(connection);
    expect(await transport.frames()).toEqual(sent);
    expect([outbox.size, outbox.bytesWritten]).toEqual([0, transport.takenBytes]);
  });

  it('and held, with more behind it than a block has room for', async () => {
    const sent: string[] = [];
    const connection = busy(({ outbox }, number) => {
      if (number === 1) sent.push(nested(outbox, 2));
    });
    const { outbox, transport } = connection;
    transport.isHolding = true;
    sent.push(binary(100)(outbox, 1));
    await setImmediate();
    expect([transport.isHeld, outbox.isStalled]).toEqual([true, true]);
    for (let mark = 3; mark < 100; mark += 1) {
      sent.push(text(BLOCK_BYTES / 50, 'm')(outbox, mark));
      expect(outbox.isStalled).toBe(true);
    }
    await drain(connection);
    expect(await transport.frames()).toEqual(sent);
    expect([outbox.size, outbox.bytesWritten, outbox.isStalled]).toEqual([0, transport.takenBytes, false]);
  });

  it('on 30 others, more than there are blocks', async () => {
    const others = Array.from({ length: 30 }, () => busy(() => {}));
    const sent = others.map((): string[] => []);
    const own: string[] = [];
    const connection = busy((_, number) => {
      if (number > 2) return;
      for (const [i, { outbox }] of others.entries()) sent[i]!.push(nested(outbox, i + 1));
    });
    for (let round = 0; round < 3; round += 1) {
      for (const [i, { outbox }] of others.entries()) sent[i]!.push(text(3, 'b')(outbox, 50 + i));
      own.push(nested(connection.outbox, round), text(4, 'c')(connection.outbox, round));
      connection.outbox.flush();
    }
    await setImmediate();
    for (const [i, other] of others.entries()) {
      await drain(other);
      expect(await other.transport.frames()).toEqual(sent[i]);
      expect([other.outbox.size, other.outbox.bytesWritten]).toEqual([0, other.transport.takenBytes]);
    }
    await drain(connection);
    expect(await connection.transport.frames()).toEqual(own);
  });

  it.each([1, 2, 3])(
    'and then write %i throws: what has left is whole up to there, and others are not touched',
    async (at) => {
      const mine = new Error('mine');
      const receipts: boolean[] = [];
      const { outbox: other, transport: otherTransport } = opened();
      const sent: string[] = [];
      const connection = busy(({ outbox }, number) => {
        if (number > at) throw new Error('Nothing is written behind a write that threw.');
        nested(outbox, number);
        sent.push(nested(other, number));
        outbox.whenWritten((isWritten) => receipts.push(isWritten));
        if (number === at) throw mine;
      });
      const { outbox, transport, broken } = connection;
      for (let round = 0; round < 3; round += 1) {
        try {
          binary(2 * BLOCK_BYTES)(outbox, 9);
          outbox.flush();
        } catch (error) {
          expect(error).toBe(mine);
        }
      }
      await setImmediate();
      expect(transport.writes.length).toBe(at);
      expect(broken).toEqual([mine]);
      outbox.stop();
      expect(outbox.size).toBe(0);
      expect(receipts.length).toBe(at);
      expect(receipts).toContain(false);
      await drain({ outbox: other, transport: otherTransport as BusyTransport });
      expect(await otherTransport.frames()).toEqual(sent);
    },
  );

  it.each([1, 2, 3])('and then it is stopped, at write %i: not a byte more leaves', async (at) => {
    const receipts: boolean[] = [];
    const connection = busy(({ outbox, transport }, number) => {
      transport.isHolding = number === 2;
      nested(outbox, number);
      outbox.whenWritten((isWritten) => receipts.push(isWritten));
      if (number === at) outbox.stop();
      nested(outbox, number);
      outbox.pong(Buffer.from('p'));
      outbox.flush();
    });
    const { outbox, transport, broken } = connection;
    for (let round = 0; round < 3; round += 1) binary(2 * BLOCK_BYTES)(outbox, 9);
    await setImmediate();
    if (transport.isHeld) transport.release(outbox);
    await setImmediate();
    expect(transport.writes.length).toBe(at);
    expect(broken).toEqual([]);
    expect([outbox.size, receipts.at(-1)]).toEqual([0, false]);
  });

  it('stops others meanwhile, whose blocks come back', async () => {
    const others = Array.from({ length: 12 }, () => busy(() => {}));
    const connection = busy((_, number) => {
      if (number === 1) for (const { outbox } of others) outbox.stop();
    });
    for (const { outbox } of others) nested(outbox, 1);
    const before = others.map(({ transport }) => transport.writes.length);
    const sent = [nested(connection.outbox, 2)];
    connection.outbox.flush();
    sent.push(nested(connection.outbox, 3));
    await drain(connection);
    expect(others.map(({ transport }) => transport.writes.length)).toEqual(before);
    expect(await connection.transport.frames()).toEqual(sent);
  });
});

describe('pongs, sent while the transport writes', () => {
  it('each have their place, and behind a write that is held the latest is kept', async () => {
    const connection = busy(({ outbox, transport }, number) => {
      transport.isHolding = number === 2;
      if (number <= 2) for (let i = 0; i < 3; i += 1) outbox.pong(Buffer.from(`${number}${i}`));
    });
    const { outbox, transport } = connection;
    outbox.text('one', TEXT);
    await setImmediate();
    outbox.bytes(Buffer.from('two'), PING);
    await drain(connection);
    const frames = await transport.frames();
    expect(frames.slice(0, 4)).toEqual(['text one', 'pong 10', 'pong 11', 'pong 12']);
    expect(frames.filter((frame) => frame.startsWith('pong 2')).at(-1)).toBe('pong 22');
    expect(frames).toContain('ping two');
    expect(outbox.size).toBe(0);
  });

  it('between the pieces of a large frame wait until all of it has left', async () => {
    const connection = busy(({ outbox }, number) => {
      if (number <= 2) outbox.pong(Buffer.from(`${number}`));
    });
    connection.outbox.bytes(bytesOf(3 * BLOCK_BYTES), BINARY);
    await drain(connection);
    const frames = await connection.transport.frames();
    expect(frames[0]).toBe(describeFrame(BINARY, bytesOf(3 * BLOCK_BYTES)));
    expect(frames.slice(1).every((frame) => frame.startsWith('pong '))).toBe(true);
    expect(frames.length).toBeGreaterThan(1);
  });
});

it('sizes are right to the byte within a write', async () => {
  const sizes: number[] = [];
  const connection = busy(({ outbox }, number) => {
    if (number !== 1) return;
    sizes.push(outbox.size);
    outbox.bytes(bytesOf(300), BINARY);
    sizes.push(outbox.size);
    outbox.bytes(bytesOf(2 * BLOCK_BYTES), BINARY);
    sizes.push(outbox.size);
  });
  connection.outbox.bytes(bytesOf(100), BINARY);
  await drain(connection);
  const behind = sizes[0]!;
  expect(sizes).toEqual([behind, behind + frameBytes(300), behind + frameBytes(300) + frameBytes(2 * BLOCK_BYTES)]);
  expect(connection.outbox.bytesWritten).toBe(frameBytes(100) + frameBytes(300) + frameBytes(2 * BLOCK_BYTES));
});
