// The outboxes of a tick (sending/flush-queue.ts): each is flushed once, whoever throws, and whoever comes back in.

import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { flushAll, flushSoon } from '../../src/sending/flush-queue';
import { Outbox } from '../../src/sending/outbox';
import { ScriptedTransport } from '../support/outboxes';

afterEach(async () => {
  flushAll();
  await setImmediate();
});

/** Outboxes with these names, which write down when they are flushed. */
function outboxes(names: string, log: string[], during: (name: string) => void = () => {}): { flush(): void }[] {
  return [...names].map((name) => ({
    flush: () => {
      log.push(name);
      during(name);
    },
  }));
}

describe('flushSoon', () => {
  it('flushes at the end of the tick, in the order of the calls, once', async () => {
    const log: string[] = [];
    for (const outbox of outboxes('abc', log)) flushSoon(outbox);
    expect(log).toEqual([]);
    await null;
    expect(log).toEqual(['a', 'b', 'c']);
    await setImmediate();
    flushAll();
    expect(log).toEqual(['a', 'b', 'c']);
  });

  it('within a flush takes its turn in the same one', async () => {
    const log: string[] = [];
    const [late] = outboxes('z', log);
    for (const outbox of outboxes('ab', log, (name) => name === 'a' && flushSoon(late!))) flushSoon(outbox);
    await null;
    expect(log).toEqual(['a', 'b', 'z']);
  });

  it('works again in the next tick', async () => {
    const log: string[] = [];
    for (let round = 1; round <= 3; round += 1) {
      for (const outbox of outboxes('ab', log)) flushSoon(outbox);
      await null;
      expect(log.length).toBe(2 * round);
    }
  });
});

describe('flushAll', () => {
  it('flushes at once, and nothing is left for the end of the tick', async () => {
    const log: string[] = [];
    for (const outbox of outboxes('abc', log)) flushSoon(outbox);
    flushAll();
    expect(log).toEqual(['a', 'b', 'c']);
    await setImmediate();
    expect(log).toEqual(['a', 'b', 'c']);
  });

  it('within a flush goes on with those behind it, each once', async () => {
    const log: string[] = [];
    for (const outbox of outboxes('abcd', log, () => flushAll())) flushSoon(outbox);
    flushAll();
    expect(log).toEqual(['a', 'b', 'c', 'd']);
    await setImmediate();
    expect(log).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('a flush that throws', () => {
  it.each(['a', 'b', 'c'])('(%s) holds up nobody, and has its turn again at the end of the tick', async (bad) => {
    const log: string[] = [];
    let failures = 1;
    const during = (name: string): void => {
      if (name === bad && failures-- > 0) throw new RangeError('Maximum call stack size exceeded');
    };
    for (const outbox of outboxes('abc', log, during)) flushSoon(outbox);
    expect(() => flushAll()).not.toThrow();
    expect(log).toEqual(['a', 'b', 'c']);
    await null;
    expect(log).toEqual(['a', 'b', 'c', bad]);
    await setImmediate();
    flushAll();
    expect(log).toEqual(['a', 'b', 'c', bad]);
  });

  it('within a nested flushAll holds up neither those behind it nor those in front', async () => {
    const log: string[] = [];
    let failures = 2;
    const during = (name: string): void => {
      if (name === 'a') flushAll();
      if ((name === 'b' || name === 'd') && failures-- > 0) throw new Error('mine');
    };
    for (const outbox of outboxes('abcde', log, during)) flushSoon(outbox);
    flushAll();
    await setImmediate();
    expect(log.slice(0, 5)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(log.slice(5).sort()).toEqual(['b', 'd']);
  });
});

describe('the exit of the process', () => {
  it('is watched, once, while outboxes have a transport, and not behind that', () => {
    const before = process.listenerCount('exit');
    const open = (): Outbox => {
      const outbox = new Outbox();
      outbox.open(new ScriptedTransport());
      return outbox;
    };
    const [first, second] = [open(), open()];
    first.open(new ScriptedTransport());
    expect(process.listenerCount('exit')).toBe(before + 1);
    first.stop();
    first.stop();
    expect(process.listenerCount('exit')).toBe(before + 1);
    second.stop();
    expect(process.listenerCount('exit')).toBe(before);
    new Outbox().stop();
    const third = open();
    expect(process.listenerCount('exit')).toBe(before + 1);
    third.stop();
    expect(process.listenerCount('exit')).toBe(before);
  });
});
