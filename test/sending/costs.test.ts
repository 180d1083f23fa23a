// What grows with what waits, and not with its square: twice as much costs twice as much. The bounds are wide, since other
// programs run too; what grew with the square took four times as long, and minutes with sizes such as these.

import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Sender } from '../../src/sending/sender';
import { openCodec } from '../support/codecs';
import { binary, open } from '../support/decoders';
import { ScriptedTransport, unexpected } from '../support/outboxes';

const MIB = 1024 * 1024;

/** CPU time in milliseconds. */
async function cpuOf(action: () => void | Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await action();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The least of three: what else the process does is in the others. */
async function leastCpu(action: () => void | Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 3; i += 1) times.push(await cpuOf(action));
  return Math.min(...times);
}

/** Twice as much takes less than this times as long; below so many milliseconds nothing can be said. */
const MOST = 3;
const LEAST_MS = 20;

async function expectLinear(small: () => void | Promise<void>, large: () => void | Promise<void>): Promise<void> {
  await small();
  const first = Math.max(LEAST_MS, await leastCpu(small));
  expect((await leastCpu(large)) / first).toBeLessThan(MOST);
}

describe('twice as much takes at most three times as long', () => {
  it('of one feed to a decoder that pauses at each message, and resumes in a microtask', async () => {
    const message = binary(new Uint8Array(16_000));
    const feedOf = (size: number) => {
      const stream = Buffer.concat(Array<Uint8Array>(Math.floor(size / message.length)).fill(message));
      return async (): Promise<void> => {
        let told = 0;
        const decoder = open({
          onMessage: () => {
            told += 1;
            decoder.pause();
            queueMicrotask(() => decoder.resume());
          },
        });
        decoder.feed(stream);
        const count = stream.length / message.length;
        while (told < count) await setImmediate();
        decoder.close();
      };
    };
    await expectLinear(feedOf(8 * MIB), feedOf(16 * MIB));
  });

  it('of sends behind one long message that is compressed in turns', async () => {
    const long = 'a long text. '.repeat(40_000);
    const sendsOf = (count: number) => async (): Promise<void> => {
      const sender = new Sender({ onDrained: () => {}, onBroken: unexpected });
      const deflate = { keepsContext: true, threshold: 0, options: { windowBits: 15, level: 1 } };
      sender.open(new ScriptedTransport(), deflate, false);
      sender.text(long, sender.whole(false, true));
      for (let i = 0; i < count; i += 1) sender.text('short', sender.whole(false, true));
      expect(sender.size).toBeGreaterThan(count);
      while (sender.size > 0) await setImmediate();
      sender.stop();
    };
    await expectLinear(sendsOf(20_000), sendsOf(40_000));
  });

  it('of what is unread, asked for 10,000 times while 10,000 or 20,000 chunks wait', async () => {
    const chunk = binary(new Uint8Array(10));
    const asksWith = (count: number) => (): void => {
      const codec = openCodec();
      codec.pause();
      for (let i = 0; i < count; i += 1) codec.feed(chunk);
      for (let i = 0; i < 10_000; i += 1) {
        if (codec.unreadBytes !== count * chunk.length) throw new Error('What is unread is counted wrongly.');
      }
      codec.stop();
    };
    await expectLinear(asksWith(10_000), asksWith(20_000));
    // One look at each of them for each question would be 100 million looks.
    expect(await leastCpu(asksWith(10_000))).toBeLessThan(500);
  });
});
