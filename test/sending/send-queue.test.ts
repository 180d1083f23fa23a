// What waits its turn (src/sending/send-queue.ts): whatever is thrown or rejected with, undefined too, is told as an error, and
// is not taken for the end of the queue.

import { describe, expect, it } from 'vitest';
import { SendQueue } from '../../src/sending/send-queue';

const THROWN: readonly unknown[] = [undefined, null, 0, '', new Error('mine')];

function throwing(value: unknown): () => never {
  return () => {
    throw value;
  };
}

/** What came of one turn and of the one behind it. */
async function outcome(prepare: () => Promise<unknown> | undefined, take: () => void): Promise<unknown[]> {
  const told: unknown[] = [];
  await new Promise<void>((resolve) => {
    const queue = new SendQueue(resolve);
    queue.pushSlow('blob', 1, prepare, take, (cause) => told.push(cause));
    queue.push(
      () => told.push('the next'),
      () => {},
    );
  });
  return told;
}

describe.each(THROWN)('%o', (value) => {
  it.each([
    ['thrown as it is prepared', throwing(value), () => {}],
    ['rejected with', () => Promise.reject(value), () => {}],
    ['thrown as it is taken', () => Promise.resolve(1), throwing(value)],
    ['thrown as it is taken at once', () => undefined, throwing(value)],
  ])('%s', async (_, prepare, take) => {
    const [error, next] = await outcome(prepare, take);
    expect(error).toBeInstanceOf(Error);
    if (value instanceof Error) expect(error).toBe(value);
    expect(next).toBe('the next');
  });
});

it('is cleared without an error', () => {
  const told: unknown[] = [];
  const queue = new SendQueue(() => told.push('empty'));
  queue.pushSlow(
    'blob',
    1,
    () => new Promise(() => {}),
    () => {},
    (...cause) => told.push(cause),
  );
  queue.clear();
  expect(told).toEqual([[undefined, 'blob']]);
});

it.each(['blob', 'compression'] as const)('says to all that it drops what was waited for: %s', (slow) => {
  const queue = new SendQueue(() => {});
  const told: unknown[] = [];
  const drop = (cause?: Error, waitedFor?: string): void => void told.push(cause, waitedFor);
  const never = (): Promise<void> => new Promise(() => {});
  queue.pushSlow(slow, 1, never, () => {}, drop);
  queue.push(() => {}, drop);
  queue.pushReceipt(
    () => {},
    (isWritten, waitedFor) => told.push(isWritten, waitedFor),
  );
  queue.clear();
  expect(told).toEqual([undefined, slow, undefined, slow, false, slow]);
});

// Two at once would each take what is first, and then take it away.
it.each([
  ['cannot be read', () => Promise.reject(new Error('gone'))],
  ['is taken', () => Promise.resolve(1)],
  ['cannot be prepared', throwing(new Error('gone'))],
])('what is sent while the only one that waits %s comes once, in order, behind it', async (_, prepare) => {
  const told: unknown[] = [];
  await new Promise<void>((resolve) => {
    const queue = new SendQueue(() => {
      told.push('empty');
      resolve();
    });
    const sendMore = (): void => {
      told.push('first');
      queue.push(
        () => told.push('second'),
        () => told.push('dropped'),
      );
      queue.pushSlow(
        'blob',
        1,
        () => Promise.resolve('third'),
        (ready) => told.push(ready),
        () => told.push('dropped'),
      );
      queue.push(
        () => told.push('fourth'),
        () => told.push('dropped'),
      );
    };
    queue.pushSlow('blob', 1, prepare, sendMore, sendMore);
  });
  expect(told).toEqual(['first', 'second', 'third', 'fourth', 'empty']);
});
