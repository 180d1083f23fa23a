// Ten thousand connections with compression, ended in every way in the midst of a message by a program of its own
// (resources/deflate-cycles.mjs), with and without context: nothing of them is left, above all no stream of zlib.

import { expect, it } from 'vitest';
import type { WebSocket as Socket } from 'ws';
import { RECORDS } from '../../assembly/layout';
import { ChildProgram, reportOf } from '../support/child-program';
import { wsServer } from '../support/servers';

const WAYS = 11;
/** As many of each of them, half of them with context. */
const COUNT = WAYS * 910;
const LONG = JSON.stringify(Array.from({ length: 2_000 }, (_, id) => ({ id, symbol: 'BTCUSDT' })));

interface Report {
  /** How often onClose was called, by the way the connection ended and the code that was told. */
  readonly closings: Record<string, number>;
  /** Bytes in use that were not in use after the first cycles. */
  readonly grown: number;
  /** The same of all memory: zlib's own is neither on the heap nor in ArrayBuffers. */
  readonly grownRss: number;
  readonly streams: { readonly made: number; readonly before: number; readonly after: number };
  readonly live: number;
  readonly kept: string[];
  readonly records: number;
  /** What a hundred streams show that are left open on purpose. */
  readonly leak: { readonly rss: number; readonly streams: number };
}

/** The first fragment of a message, compressed; `then` when it has left. */
function begin(socket: Socket, then: () => void): void {
  socket.send(LONG, { fin: false, compress: true }, then);
}

it('10,010 cycles leave nothing behind', { timeout: 240_000 }, async () => {
  const server = await wsServer(
    'ws',
    (socket) => {
      socket.on('message', (data, isBinary) => {
        switch (isBinary ? '' : String(data)) {
          case 'begin':
            return begin(socket, () => socket.ping());
          case 'cut':
            return begin(socket, () => socket.terminate());
          case 'close':
            socket.send(LONG);
            return socket.close(1001);
          case 'long':
            return socket.send(LONG);
          case 'corrupt':
            // RSV1 and a block of a type that there is not; `ws` has no way to say that.
            return (socket as unknown as { _socket: NodeJS.WritableStream })._socket.write(
              Buffer.from('c10107', 'hex'),
            );
          default:
            return socket.send(data, { binary: isBinary });
        }
      });
    },
    { perMessageDeflate: { threshold: 0, zlibDeflateOptions: { level: 1, memLevel: 1 } } },
  );
  const program = new ChildProgram(
    `import { cycles } from './test/whole/resources/deflate-cycles.mjs'; cycles('${server.url}', ${COUNT});`,
  );
  const report = await reportOf<Report>(program);
  const { streams, leak } = report;
  const inKiB = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KiB`;
  console.info(
    `10,010 cycles with compression: ${inKiB(report.grown)} more than before them, ${inKiB(report.grownRss)} resident; ` +
      `${streams.made} streams of zlib made, ${streams.before} open before and ${streams.after} after. ` +
      `A hundred left open are ${inKiB(leak.rss)}.`,
  );

  const each = COUNT / WAYS;
  expect(report.closings).toEqual({
    'destroy() in the midst of a message that comes: 1006': each,
    'destroy() behind a message that came: 1006': each,
    'destroy() while a long message is compressed: 1006': each,
    'destroy() before that begins: 1006': each,
    'close() behind a message: 1000': each,
    'close() behind a long message: 1000': each,
    'close() in the midst of a message that comes: 1000': each,
    'the server closes behind a message: 1001': each,
    'the server cuts in the midst of a message: 1006': each,
    'the message is too large: 1006': each,
    'the data is corrupt: 1006': each,
  });
  expect([report.live, report.kept, report.records]).toEqual([0, [], RECORDS]);
  // Streams that wait for the next connection without context: four to inflate, four to deflate.
  expect(streams.after).toBeLessThanOrEqual(8);
  expect(streams.made).toBeGreaterThan(COUNT / 2);
  // The smallest thing that could be left of each, a timer, would be more; the code that is compiled meanwhile is less.
  expect(report.grown).toBeLessThan(100 * COUNT);
  // One stream in ten that is left would be more; and both measures see those that are left on purpose.
  expect(report.grownRss).toBeLessThan((COUNT / 10) * 100_000);
  expect(leak.streams).toBe(100);
  expect(leak.rss).toBeGreaterThan(100 * 100_000);
});
