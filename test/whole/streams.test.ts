// Messages that need not fit into memory: 5 GiB sent and 5 GiB received over a real socket, each as one message, by the package as
// users have it, with a peer in a process of its own that reads and writes slowly for a while. What the client holds meanwhile is
// measured; pings are answered in between; and what is cut in its midst leaves nothing.

import { expect, it } from 'vitest';
import { ChildProgram, reportOf } from '../support/child-program';
import type { Costs } from './resources/meter.mjs';

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;
const SIZE = 5 * GiB;
/** Of memory, above what there was at the start. */
const MOST = 64 * MiB;
/** What one piece of a message may be: a read. */
const PIECE = 512 * 1024;
const PING_EVERY = 64 * MiB;

interface Seen {
  readonly bytes: number;
  readonly fragments: number;
  readonly pongs: number;
  readonly seconds: number;
}

interface Received {
  readonly bytes: number;
  readonly largest: number;
  readonly outcome: string;
  readonly seen: Seen;
  readonly seconds: number;
}

interface Streams extends Costs {
  readonly sentRss: number;
  readonly sentCpu: number;
  readonly sent: Seen;
  readonly received: Received;
  readonly cutSent: { readonly outcome: string; readonly returned: boolean; readonly waiting: number };
  readonly cutReceived: Received;
}

it('5 GiB go out as one message, and come in as one, within 64 MiB', { timeout: 120_000 }, async () => {
  const peer = new ChildProgram(['test/whole/resources/stream-peer.mjs']);
  await peer.until((output) => output.endsWith('\n'));
  const client = new ChildProgram(['test/whole/resources/streams.mjs', peer.output.trim(), String(SIZE / GiB)]);
  const { sent, received, cutSent, cutReceived, ...costs } = await reportOf<Streams>(client);
  const row = (rss: number, cpu: number, seconds: number) => ({
    'peak RSS, MiB': (rss / MiB).toFixed(1),
    'CPU, s': cpu.toFixed(2),
    seconds: seconds.toFixed(2),
    'MiB/s': Math.round(SIZE / MiB / seconds),
  });
  console.table({
    '5 GiB sent': row(costs.sentRss, costs.sentCpu, sent.seconds),
    'and 5 GiB received': row(costs.peakRss, costs.cpu - costs.sentCpu, received.seconds),
  });
  expect(costs.peakRss).toBeLessThan(MOST);
  expect(sent).toMatchObject({ bytes: SIZE });
  expect(sent.pongs).toBeGreaterThan(SIZE / PING_EVERY / 2);
  expect(received).toMatchObject({ bytes: SIZE, outcome: 'end', seen: { pongs: SIZE / 2 / PING_EVERY } });
  expect(received.largest).toBeLessThanOrEqual(PIECE);
  expect(cutSent).toEqual({ outcome: 'WS_ERR_NOT_SENT', returned: true, waiting: 0 });
  // The kernel says either, for what was cut.
  expect(['WS_ERR_RESET', 'WS_ERR_ENDED']).toContain(cutReceived.outcome);
  expect(cutReceived.bytes).toBeLessThan(512 * MiB);
});
