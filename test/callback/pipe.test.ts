// pipe(): messages of one connection forwarded to another as they came, at the pace of the slower one, until one of them ends.
// Its two servers are scripts. What a lot of data does is callback/pipe-volume.test.ts' business.

import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { AsyncTcpConnection } from '../../src/index';
import { type Callbacks, type EventLog, record } from '../support/event-log';
import { BINARY, CLOSE, closeFrame, frame, PING, PONG, type RawPeer, statusOf, TEXT } from '../support/raw-peer';
import { type RawTestServer, rawServer, SCHEMES, type Scheme } from '../support/servers';

const MiB = 1024 * 1024;
const HALF = new Uint8Array(512 * 1024);

interface End {
  readonly connection: AsyncTcpConnection;
  readonly log: EventLog;
  readonly server: RawTestServer;
  readonly peer: RawPeer;
}

async function openEnd(scheme: Scheme, callbacks: Callbacks = {}): Promise<End> {
  const server = await rawServer(scheme);
  const connection = server.client();
  const log = record(connection, callbacks);
  connection.connect();
  const peer = await server.acceptedPeer();
  await log.until('open 101');
  return { connection, log, server, peer };
}

interface Piped {
  readonly source: End;
  readonly destination: End;
}

async function piped(scheme: Scheme, callbacks: { source?: Callbacks; destination?: Callbacks } = {}): Promise<Piped> {
  const source = await openEnd(scheme, callbacks.source);
  const destination = await openEnd(scheme, callbacks.destination);
  expect(source.connection.pipe(destination.connection)).toBe(destination.connection);
  return { source, destination };
}

/** Writes these bytes again and again until the peer's own socket has been full for a while; returns how often. */
async function fillUp(peer: RawPeer, bytes: Uint8Array, atMost: number): Promise<number> {
  for (let count = 1; count <= atMost; count += 1) {
    const isTaken = new Promise<boolean>((resolve) => peer.socket.write(bytes, () => resolve(true)));
    if (!(await Promise.race([isTaken, setTimeout(300, false)]))) return count;
  }
  return atMost;
}

describe.each(SCHEMES)('over %s, pipe()', (scheme) => {
  it('forwards every message as it came, in order, and nothing else', async () => {
    const { source, destination } = await piped(scheme);
    source.peer.write(
      frame(TEXT, 'text'),
      frame(BINARY, 'bytes'),
      frame(PING, 'ping'),
      frame(0x01, 'in '),
      frame(0x80, 'parts'),
      frame(PONG, 'pong'),
      frame(TEXT, ''),
      frame(BINARY, ''),
      frame(TEXT, '다람쥐 헌 쳇바퀴에 타고파'),
      frame(BINARY, HALF),
    );
    for (const [first, payload] of [
      [TEXT, Buffer.from('text')],
      [BINARY, Buffer.from('bytes')],
      [TEXT, Buffer.from('in parts')],
      [TEXT, Buffer.alloc(0)],
      [BINARY, Buffer.alloc(0)],
      [TEXT, Buffer.from('다람쥐 헌 쳇바퀴에 타고파')],
      [BINARY, HALF],
    ] as const) {
      const received = await destination.peer.readFrame();
      expect([received.first, received.payload.length]).toEqual([first, payload.length]);
      expect(Buffer.compare(received.payload, payload)).toBe(0);
    }
    // The source's own business.
    expect((await source.peer.readFrameOf(PONG)).payload.toString()).toBe('ping');
    expect(source.log.events).toEqual(['connect', 'open 101', 'pong pong']);
  });

  it('keeps text text and bytes bytes, whatever websocketType and binaryDelivery say', async () => {
    const server = await rawServer(scheme);
    const destination = await openEnd(scheme);
    const source = server.client();
    source.binaryDelivery = 'borrow';
    destination.connection.websocketType = '\x82';
    source.pipe(destination.connection);
    source.connect();
    const peer = await server.acceptedPeer();
    peer.write(frame(TEXT, 'text'), frame(BINARY, 'lent'), frame(TEXT, 'text'), frame(BINARY, 'lent too'));
    for (const [first, text] of [
      [TEXT, 'text'],
      [BINARY, 'lent'],
      [TEXT, 'text'],
      [BINARY, 'lent too'],
    ] as const) {
      const received = await destination.peer.readFrame();
      expect([received.first, received.payload.toString()]).toEqual([first, text]);
    }
  });

  it('both ways, makes one connection of two', async () => {
    const { source, destination } = await piped(scheme);
    destination.connection.pipe(source.connection);
    source.peer.write(frame(TEXT, 'there'), frame(BINARY, 'and'));
    destination.peer.write(frame(TEXT, 'back'), frame(BINARY, 'again'));
    const there = [await destination.peer.readFrame(), await destination.peer.readFrame()];
    const back = [await source.peer.readFrame(), await source.peer.readFrame()];
    expect([...there, ...back].map(({ first, payload }) => [first, payload.toString()])).toEqual([
      [TEXT, 'there'],
      [BINARY, 'and'],
      [TEXT, 'back'],
      [BINARY, 'again'],
    ]);
  });

  it('stops in the middle of a batch when the destination is full, and loses nothing', async () => {
    const source = await openEnd(scheme);
    const server = await rawServer(scheme);
    // Nothing can leave before it is open.
    const destination = server.client();
    destination.maxSendBufferSize = 20;
    const log = record(destination);
    source.connection.pipe(destination);
    const texts = Array.from({ length: 100 }, (_, i) => `message ${i}`);
    source.peer.write(...texts.map((text) => frame(TEXT, text)), frame(PING, 'behind them'));
    await log.until('full');
    await setTimeout(20);
    // Two frames of 15 bytes, not a hundred of them.
    expect(destination.getSendBufferQueueSize()).toBe(30);
    destination.connect();
    const peer = await server.acceptedPeer();
    for (const text of texts) expect((await peer.readFrame()).payload.toString()).toBe(text);
    expect((await source.peer.readFrame()).payload.toString()).toBe('behind them');
    expect(log.events.slice(0, 3)).toEqual(['full', 'connect', 'open 101']);
    expect(log.errors).toEqual([]);
    expect(source.log.events).toEqual(['connect', 'open 101']);
  });

  it('makes the source’s server wait when the destination’s does not read, and holds no more than the limit', async () => {
    const { source, destination } = await piped(scheme);
    const message = frame(BINARY, HALF);
    const atMost = 400;
    const count = await fillUp(source.peer, message, atMost);
    // The buffers of the two sockets on both sides, and 1 MiB between them: far less than the 200 MiB.
    expect(count).toBeLessThan(atMost / 2);
    expect(destination.log.events.at(-1)).toBe('full');
    expect(destination.connection.getSendBufferQueueSize()).toBeLessThanOrEqual(MiB + message.length + 4);
    expect(source.connection.getRecvBufferQueueSize()).toBeLessThanOrEqual(MiB);
    for (let i = 0; i < count; i += 1) expect((await destination.peer.readFrame()).payload.length).toBe(HALF.length);
    source.peer.write(frame(TEXT, 'and on'));
    expect((await destination.peer.readFrame()).payload.toString()).toBe('and on');
    expect(destination.log.events).toContain('drain');
  });
});

describe('a destination that is full already', () => {
  it('before it is open: the source waits for it', async () => {
    const source = await openEnd('ws');
    const server = await rawServer('ws');
    const destination = server.client();
    destination.maxSendBufferSize = 10;
    const log = record(destination);
    destination.send('0123456789');
    source.connection.pipe(destination);
    source.peer.write(frame(TEXT, 'one'), frame(TEXT, 'two'));
    destination.connect();
    const peer = await server.acceptedPeer();
    for (const text of ['0123456789', 'one', 'two']) expect((await peer.readFrame()).payload.toString()).toBe(text);
    expect(log.events.filter((line) => line.startsWith('error'))).toEqual([]);
  });

  it('because its limit was lowered: the source waits, and goes on', async () => {
    const source = await openEnd('ws');
    const server = await rawServer('ws');
    const destination = server.client();
    destination.send('0123456789');
    destination.maxSendBufferSize = 10;
    source.connection.pipe(destination);
    source.peer.write(frame(TEXT, 'one'), frame(TEXT, 'two'));
    destination.connect();
    const peer = await server.acceptedPeer();
    for (const text of ['0123456789', 'one', 'two']) expect((await peer.readFrame()).payload.toString()).toBe(text);
  });

  it('with what leaves this very tick is not full: nothing waits for a drain that never comes', async () => {
    const source = await openEnd('ws');
    const destination = await openEnd('ws');
    destination.connection.maxSendBufferSize = 10;
    expect(destination.connection.send('0123456789')).toBe(true);
    source.connection.pipe(destination.connection);
    source.peer.write(frame(TEXT, 'one'));
    for (const text of ['0123456789', 'one']) {
      expect((await destination.peer.readFrame()).payload.toString()).toBe(text);
    }
  });
});

describe('the end', () => {
  it('of the source closes the destination, behind all that was forwarded', async () => {
    const { source, destination } = await piped('ws');
    source.peer.write(frame(TEXT, 'last'), closeFrame(1001));
    expect((await destination.peer.readFrame()).payload.toString()).toBe('last');
    source.peer.socket.end();
    expect(statusOf(await destination.peer.readFrameOf(CLOSE))).toBe(1000);
    destination.peer.write(closeFrame(1000));
    destination.peer.socket.end();
    await destination.log.until('close 1000');
  });

  it('of the source by a cut closes the destination, too', async () => {
    const { source, destination } = await piped('ws');
    source.peer.socket.destroy();
    expect(statusOf(await destination.peer.readFrameOf(CLOSE))).toBe(1000);
    expect(source.log.events.at(-1)).toBe('close 1006');
  });

  it('of the destination closes the source when there is something to forward', async () => {
    const { source, destination } = await piped('ws');
    destination.peer.socket.destroy();
    await destination.log.until('close 1006');
    expect(source.connection.getStatus(false)).toBe('ESTABLISHED');
    source.peer.write(frame(TEXT, 'to nobody'), frame(TEXT, 'to nobody'));
    expect(statusOf(await source.peer.readFrameOf(CLOSE))).toBe(1000);
  });

  it('of a destination that was full does not leave the source waiting for ever', async () => {
    const { source, destination } = await piped('ws');
    await fillUp(source.peer, frame(BINARY, HALF), 400);
    expect(destination.log.events.at(-1)).toBe('full');
    destination.connection.destroy();
    expect(statusOf(await source.peer.readFrameOf(CLOSE))).toBe(1000);
    source.peer.socket.destroy();
    await source.log.until('close 1006');
  });

  it.each(['source', 'destination'] as const)(
    'of the %s closes the other one, if both ways are piped',
    async (first) => {
      const ends = await piped('ws');
      ends.destination.connection.pipe(ends.source.connection);
      const other = first === 'source' ? ends.destination : ends.source;
      ends[first].peer.write(closeFrame(4000));
      expect(statusOf(await ends[first].peer.readFrameOf(CLOSE))).toBe(4000);
      ends[first].peer.socket.end();
      expect(statusOf(await other.peer.readFrameOf(CLOSE))).toBe(1000);
      other.peer.write(closeFrame(1000));
      other.peer.socket.end();
      await other.log.until('close 1000');
      expect([ends.source.log.closings.length, ends.destination.log.closings.length]).toEqual([1, 1]);
    },
  );
});

describe('callbacks that were set before', () => {
  it('are still called, once each; only onMessage of the source is not', async () => {
    const lines: string[] = [];
    const { source, destination } = await piped('ws', {
      source: {
        onMessage: () => lines.push('source message'),
        onClose: (_, { code }) => lines.push(`source close ${code}`),
      },
      destination: {
        onMessage: (_, data) => lines.push(`destination message ${data}`),
        onClose: (_, { code }) => lines.push(`destination close ${code}`),
        onBufferFull: () => lines.push('full'),
        onBufferDrain: () => lines.push('drain'),
      },
    });
    destination.peer.write(frame(TEXT, 'hello'));
    await destination.log.until('message hello');
    destination.connection.maxSendBufferSize = MiB;
    source.peer.write(...Array<Buffer>(32).fill(frame(BINARY, HALF)));
    await destination.log.until('full');
    for (let i = 0; i < 32; i += 1) await destination.peer.readFrame();
    await destination.log.until('drain');
    source.peer.socket.destroy();
    await destination.peer.readFrameOf(CLOSE);
    destination.peer.write(closeFrame(1000));
    destination.peer.socket.end();
    await destination.log.until('close 1000');
    const once = [...new Set(lines)];
    expect(once).toEqual(['destination message hello', 'full', 'drain', 'source close 1006', 'destination close 1000']);
    expect(lines.filter((line) => line.includes('close')).length).toBe(2);
  });
});
