// How long a message may wait for a connection (`sendQueue.maxAge`), on a clock that stands still.

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { OfflineQueue } from '../../src/callback/offline-queue';
import { AsyncTcpConnection, type WsimdError } from '../../src/index';

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

it('maxAge: what was put back in front, and is younger, hides nothing', async () => {
  const dropped: unknown[] = [];
  const queue = new OfflineQueue(
    () => ({ maxBytes: Infinity, maxMessages: Infinity, maxAge: 10, whenFull: 'refuse' }),
    (messages) => dropped.push(...messages.map(({ data }) => data)),
  );
  const message = (data: string) => ({ data, isCompressed: true, receipts: [] });
  queue.push(message('old'));
  await vi.advanceTimersByTimeAsync(6_000);
  queue.putBack([message('young')]);
  await vi.advanceTimersByTimeAsync(4_010);
  expect(dropped).toEqual(['old']);
  await vi.advanceTimersByTimeAsync(6_000);
  expect([dropped, queue.isEmpty, queue.size, vi.getTimerCount()]).toEqual([['old', 'young'], true, 0, 0]);
});
