// How long a message may wait for a connection (`sendQueue.maxAge`), on a clock that stands still.

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { OfflineQueue } from '../../src/callback/offline-queue';
import { AsyncTcpConnection, type WsimdError } from '../../src/index';
import type { UnsentMessage } from '../../src/sending/unsent';

vi.mock('../../src/runtime/tasks', async (real) => (await import('../support/clock')).onFakeTimers(await real()));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('maxAge: what is too old is told when it is, and not sent', async () => {
  const connection = new AsyncTcpConnection('ws://127.0.0.1:9');
  connection.sendQueue = { maxAge: 10 };
  const events: string[] = [];
  connection.onUnsent = (_, messages, { code }) => void events.push(`unsent ${messages} ${code}`);
  connection.send('1');
  const failed = connection.sendAsync('2').catch(({ code }: WsimdError) => code);
  await vi.advanceTimersByTimeAsync(6_000);
  connection.send('3');
  await vi.advanceTimersByTimeAsync(3_990);
  expect(events).toEqual([]);
  await vi.advanceTimersByTimeAsync(20);
  expect(events).toEqual(['unsent 1 WS_ERR_SEND_QUEUE_AGE']);
  expect(await failed).toBe('WS_ERR_SEND_QUEUE_AGE');
  // A shorter one holds at once.
  connection.sendQueue = { maxAge: 1 };
  expect(events.at(-1)).toBe('unsent 3 WS_ERR_SEND_QUEUE_AGE');
  connection.send('4');
  connection.destroy();
  expect(events.at(-1)).toBe('unsent 4 WS_ERR_NOT_SENT');
  expect(vi.getTimerCount()).toBe(0);
});

/** With its own list of what it has dropped. */
function queueOf(maxAge: number): { queue: OfflineQueue; dropped: unknown[] } {
  const dropped: unknown[] = [];
  const queue = new OfflineQueue(
    () => ({ maxBytes: Infinity, maxMessages: Infinity, maxAge, whenFull: 'refuse' }),
    (messages) => {
      for (const { data } of messages) dropped.push(data);
    },
  );
  return { queue, dropped };
}

const message = (data: string): UnsentMessage => ({ data, isCompressed: true, receipts: [] });

it('maxAge: what was put back was handed over before all that waits, and is no younger', async () => {
  const { queue, dropped } = queueOf(10);
  queue.push(message('second'));
  await vi.advanceTimersByTimeAsync(6_000);
  queue.putBack([message('first')]);
  queue.push(message('third'));
  await vi.advanceTimersByTimeAsync(4_010);
  expect(dropped).toEqual(['first', 'second']);
  queue.shift();
  queue.putBack([message('alone')]);
  await vi.advanceTimersByTimeAsync(9_000);
  expect(dropped.length).toBe(2);
  await vi.advanceTimersByTimeAsync(1_010);
  expect([dropped.slice(2), queue.isEmpty, queue.size, vi.getTimerCount()]).toEqual([['alone'], true, 0, 0]);
});

// One by one in front of each other, or all of them as arguments of one call, they would take minutes, or more stack than there is.
it.each([Infinity, 600])('half a million small messages go back in front of as many, with a maxAge of %s', (maxAge) => {
  const { queue, dropped } = queueOf(maxAge);
  const COUNT = 500_000;
  for (let i = 0; i < COUNT; i += 1) queue.push(message('b'));
  queue.putBack(Array.from({ length: COUNT }, () => message('a')));
  expect([queue.shift()!.data, queue.takeAll().length, dropped]).toEqual(['a', 2 * COUNT - 1, []]);
});
