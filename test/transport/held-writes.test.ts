// A pipe that holds what it is given: the request of the handshake, when its answer comes already, so that nothing is written behind it
// before `onWritten`, which counts for the request; or a message, when TCP is to end behind it.

import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { AsyncTcpConnection, type TransportHandlers } from '../../src/index';
import { record } from '../support/event-log';
import { frame, PING, RawPeer } from '../support/raw-peer';

interface Pipe {
  readonly written: Buffer[];
  /** What it was told to close, and behind how many writes. */
  readonly closed: [how: string, writes: number][];
  told: TransportHandlers;
  /** Whether it holds what is written from here on. */
  holds: boolean;
}

async function opened(): Promise<{ connection: AsyncTcpConnection; pipe: Pipe; head: number }> {
  const pipe: Pipe = { written: [], closed: [], told: undefined as never, holds: true };
  const connection = new AsyncTcpConnection('ws://example.com/', {
    transport: (_, told) => {
      pipe.told = told;
      queueMicrotask(() => told.onConnect());
      return {
        endpoints: {},
        write: (bytes) => {
          pipe.written.push(Buffer.from(bytes));
          return !pipe.holds;
        },
        read: () => {},
        startTls: () => {},
        close: (how) => {
          pipe.closed.push([how, pipe.written.length]);
          queueMicrotask(() => told.onClose());
        },
      };
    },
  });
  const log = record(connection);
  connection.connect();
  await setImmediate();
  const answer = Buffer.from(RawPeer.answer(pipe.written[0]!.toString('latin1')));
  pipe.told.onRead(answer, answer.length);
  await log.until('open 101');
  return { connection, pipe, head: pipe.written[0]!.length };
}

it('what is sent meanwhile leaves as one write, when the request has left', async () => {
  const { connection, pipe, head } = await opened();
  let isSent = false;
  const sent = connection.sendAsync('first').then(() => {
    isSent = true;
  });
  expect(connection.send('second')).toBe(null);
  await setImmediate();
  expect([pipe.written.length, connection.bytesWritten, isSent]).toEqual([1, 0, false]);
  pipe.told.onWritten();
  await setImmediate();
  const frames = 2 * 6 + 'firstsecond'.length;
  expect([pipe.written.length, pipe.written[1]!.length, connection.bytesWritten, isSent]).toEqual([
    2,
    frames,
    head,
    false,
  ]);
  pipe.told.onWritten();
  await sent;
  expect([connection.bytesWritten, connection.getSendBufferQueueSize()]).toEqual([head + frames, 0]);
  pipe.holds = false;
  expect(connection.send('third')).toBe(true);
  await setImmediate();
  expect(pipe.written.length).toBe(3);
});

it('what is not sent when it goes was not begun: it is told, and none of it is in doubt', async () => {
  const { connection, pipe } = await opened();
  const unsent: unknown[] = [];
  connection.onUnsent = (_, messages) => void unsent.push(...messages);
  let unconfirmed: number | undefined;
  connection.onClose = (_, event) => {
    unconfirmed = event.unconfirmed;
  };
  connection.send('one');
  connection.send('two');
  await setImmediate();
  connection.destroy();
  expect([unsent, unconfirmed, pipe.written.length]).toEqual([['one', 'two'], 0, 1]);
});

it('a pong that waited behind the last message leaves in front of the end of TCP', async () => {
  const { connection, pipe } = await opened();
  pipe.told.onWritten();
  connection.send('held');
  await setImmediate();
  const ping = frame(PING, 'p');
  pipe.told.onRead(ping, ping.length);
  connection.end();
  await setImmediate();
  expect([pipe.written.length, pipe.closed]).toEqual([2, []]);
  pipe.holds = false;
  pipe.told.onWritten();
  await setImmediate();
  expect([pipe.written[2]?.length, pipe.closed]).toEqual([2 + 4 + 1, [['flush', 3]]]);
});
