// A pipe whose other end answers within `write`, as one in the same process does: what its handler sends then leaves, and so does
// what is sent later.

import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { AsyncTcpConnection } from '../../src/index';
import { record } from '../support/event-log';
import { frame, RawPeer, TEXT } from '../support/raw-peer';

it('a conversation goes on, although each answer comes, and is answered, within a write', async () => {
  const writes: number[] = [];
  let isOpen = false;
  const connection = new AsyncTcpConnection('ws://example.com/', {
    transport: (_, told) => {
      queueMicrotask(() => told.onConnect());
      return {
        endpoints: {},
        write: (bytes) => {
          const answer = isOpen
            ? frame(TEXT, `answer ${writes.push(bytes.length)}`)
            : Buffer.from(RawPeer.answer(Buffer.from(bytes).toString('latin1')));
          isOpen = true;
          told.onRead(answer, answer.length);
          return true;
        },
        read: () => {},
        startTls: () => {},
        close: () => queueMicrotask(() => told.onClose()),
      };
    },
  });
  const log = record(connection, {
    onMessage: (connection, data) => {
      if (/answer \d*[147]$/.test(String(data))) connection.send('again');
    },
  });
  connection.connect();
  await log.until('open 101');
  for (let i = 0; i < 5; i += 1) {
    const before = writes.length;
    connection.send(`${i}`);
    await setImmediate();
    expect(writes.length).toBeGreaterThan(before);
  }
  connection.destroy();
});
