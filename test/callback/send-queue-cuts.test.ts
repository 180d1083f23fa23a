// The promise of `send()` over a thousand cuts, with seeds: each message that was accepted was delivered once, or told by `onUnsent`,
// or counted by `onClose` as one that may have arrived; never in silence, never twice, and in order.

import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Decoder } from '../../src/framing';
import { AsyncTcpConnection } from '../../src/index';
import { RawPeer } from '../support/raw-peer';
import { listen } from '../support/servers';

/** A generator of numbers from 0 to 1 (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Campaign {
  readonly url: string;
  /** The numbers of the messages that arrived, in order, by connection. */
  readonly arrived: number[][];
  cuts: number;
  /** From here on nothing is cut. */
  isOver: boolean;
}

/** A server that reads numbered messages, and ends each connection in a way and at a byte that chance says. */
async function cuttingServer(random: () => number, compresses: boolean): Promise<Campaign> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    serve(socket);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const campaign: Campaign = { url: '', arrived: [], cuts: 0, isOver: false };
  const cut = (socket: Socket): void => {
    campaign.cuts += 1;
    if (random() < 0.5) socket.resetAndDestroy();
    else socket.destroy();
  };

  function serve(socket: Socket): void {
    let numbers: number[] = [];
    const way = campaign.isOver ? 1 : random();
    if (way < 0.1) {
      cut(socket);
      return;
    }
    // Some never read, so that what is sent waits on our side; most read so many bytes.
    let left = way < 0.25 ? 0 : way < 0.9 ? Math.floor(random() ** 3 * (compresses ? 3_000 : 80_000)) : Infinity;
    if (campaign.isOver) left = Infinity;
    let head = '';
    const decoder = new Decoder({
      role: 'server',
      maxMessageSize: 64 * 1024 * 1024,
      ...(compresses && { perMessageDeflate: true }),
      onMessage: (data) => void numbers.push(Number.parseInt(Buffer.from(data as string).toString(), 10)),
      onClose: () => {
        if (campaign.isOver) socket.end(Buffer.of(0x88, 2, 0x03, 0xe8));
      },
    });
    const stop = (): void => {
      socket.pause();
      setTimeout(() => cut(socket), random() * 8);
    };
    socket.on('data', (bytes: Buffer) => {
      let frames = bytes;
      if (!head.endsWith('\r\n\r\n')) {
        const end = bytes.indexOf('\r\n\r\n');
        head += bytes.subarray(0, end + 4).toString('latin1');
        frames = bytes.subarray(end + 4);
        if (!campaign.isOver && random() < 0.1) {
          socket.end('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n');
          campaign.cuts += 1;
          return;
        }
        // Each attempt says which it is: not all of them come as far as here.
        numbers = campaign.arrived[Number(/x-attempt: (\d+)/i.exec(head)?.[1])] = [];
        socket.write(RawPeer.answer(head, ...(compresses ? ['Sec-WebSocket-Extensions: permessage-deflate'] : [])));
        if (left === 0) {
          stop();
          return;
        }
        // Some go away with a close frame, which is answered.
        if (left === Infinity && !campaign.isOver) {
          setTimeout(() => {
            campaign.cuts += 1;
            socket.end(Buffer.of(0x88, 2, 0x03, 0xe9));
          }, random() * 20);
        }
      }
      if (frames.length >= left) {
        decoder.feed(frames.subarray(0, left));
        left = 0;
        stop();
        return;
      }
      left -= frames.length;
      decoder.feed(frames);
    });
  }

  return Object.assign(campaign, { url: `ws://127.0.0.1:${await listen(server)}` });
}

interface Policy {
  readonly compresses: boolean;
  readonly whenFull: 'refuse' | 'drop-oldest';
  readonly maxMessages: number;
}

const CUTS = 250;

describe.each<[number, Policy]>([
  [1, { compresses: false, whenFull: 'refuse', maxMessages: Infinity }],
  [2, { compresses: true, whenFull: 'refuse', maxMessages: Infinity }],
  [3, { compresses: false, whenFull: 'drop-oldest', maxMessages: 40 }],
  [4, { compresses: true, whenFull: 'refuse', maxMessages: 40 }],
])(`${CUTS} cuts with seed %i`, (seed, { compresses, whenFull, maxMessages }) => {
  it(`${compresses ? 'compressed' : 'plain'}, at most ${maxMessages}, ${whenFull}`, { timeout: 300_000 }, async () => {
    const random = seeded(seed);
    const campaign = await cuttingServer(random, compresses);
    const connection = new AsyncTcpConnection(campaign.url);
    onTestFinished(() => connection.destroy());
    let attempts = 0;
    connection.headers = () => ({ 'X-Attempt': attempts++ });
    connection.perMessageDeflate = compresses;
    connection.reconnectPolicy = { minDelay: 0.001, maxDelay: 0.003 };
    connection.sendQueue = { maxMessages, whenFull };
    connection.maxSendBufferSize = 4 * 1024 * 1024;
    connection.closeTimeout = 0.5;

    let count = 0;
    const accepted: number[] = [];
    const told: number[] = [];
    const unconfirmed: number[] = [];
    const answers = { true: 0, null: 0, false: 0 };
    const sent: Promise<void>[] = [];
    let isClosed = false;
    let lastCode = 0;
    connection.onUnsent = (_, messages) =>
      void told.push(...messages.map((data) => Number.parseInt(`${textOf(data)}`, 10)));
    connection.onClose = (_, event) => {
      unconfirmed.push(event.unconfirmed);
      lastCode = event.code;
      isClosed = !event.willReconnect;
    };
    connection.connect();

    const send = (size: number): void => {
      count += 1;
      const number = count;
      const text = `${number} `.padEnd(size, 'some text ');
      if (random() < 0.05) {
        const settled = connection.sendAsync(text).then(
          () => void accepted.push(number),
          // It may have arrived, or it was refused or given up: its promise has told it.
          () => void told.push(number),
        );
        sent.push(settled);
        return;
      }
      const answer = connection.send(random() < 0.3 ? Buffer.from(text) : text);
      answers[`${answer}`] += 1;
      if (answer !== false) accepted.push(number);
    };
    while (campaign.cuts < CUTS) {
      expect(isClosed).toBe(false);
      const isFlood = random() < 0.02;
      // More than the kernel holds for a peer that does not read.
      for (let left = isFlood ? 24 : Math.floor(random() * 8); left > 0; left -= 1) {
        send(isFlood ? 300_000 : random() < 0.05 ? 20_000 : Math.floor(random() * 300));
      }
      await sleep(random() * 2);
    }
    campaign.isOver = true;
    // What is left goes to a connection that reads all of it.
    while (!connection.bufferIsEmpty() || connection.getStatus() !== 2) await sleep(5);
    // A cut from before may still be under way: one of these arrives at last.
    let last: number;
    do {
      last = ++count;
      const ends = unconfirmed.length;
      const isSent = await connection.sendAsync(`${last}`).then(
        () => true,
        () => false,
      );
      if (isSent) accepted.push(last);
      else told.push(last);
      while (isSent && unconfirmed.length === ends && campaign.arrived.at(-1)!.at(-1) !== last) await sleep(1);
    } while (campaign.arrived.at(-1)!.at(-1) !== last);
    connection.close();
    while (!isClosed) await sleep(1);
    await Promise.all(sent);

    const order = campaign.arrived.flat();
    // Never twice, and in order.
    expect(order).toEqual([...new Set(order)].sort((one, other) => one - other));
    const isArrived = new Set(order);
    // Not one that was told as unsent by onUnsent has arrived. (A promise may be rejected for one that has.)
    const isTold = new Set(told);
    expect(isTold.size).toBe(told.length);
    const missing = accepted.filter((number) => !isArrived.has(number) && !isTold.has(number));
    // Each that is neither is counted by the end of the connection that had it: no more are missing between two that have arrived
    // than the connections between them say.
    let at = 0;
    let gap = 0;
    for (let index = 0; index < attempts; index += 1) {
      const numbers = campaign.arrived[index] ?? [];
      const first = numbers[0];
      if (first !== undefined) {
        const skipped = missing.filter((number) => number > at && number < first).length;
        expect(skipped).toBeLessThanOrEqual(gap);
        gap = 0;
        at = numbers.at(-1)!;
      }
      gap += unconfirmed[index] ?? 0;
    }
    expect(answers.true).toBeGreaterThan(100);
    expect(answers.null).toBeGreaterThan(100);
    // Unless the server was the first to close, of its own accord.
    if (lastCode === 1000) expect(unconfirmed.at(-1)).toBe(0);
    if (whenFull === 'drop-oldest') expect(told.length).toBeGreaterThan(10);
  });
});

function textOf(data: string | Uint8Array | Blob): string {
  return typeof data === 'string' ? data : Buffer.from(data as Uint8Array).toString();
}
