// A gigabyte piped through two connections of different speed, both ways, with servers that are not ours: every byte arrives once
// and in its place, and no more of it than the limit waits in between.

import { createHash, type Hash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { Random } from '../suites/soak/random';
import { record } from '../support/event-log';
import { wsServer } from '../support/servers';

const MiB = 1024 * 1024;
const LARGEST = 256 * 1024;

/** Where all messages are cut from. */
const POOL = Buffer.alloc(4 * MiB);
{
  const random = new Random(5);
  for (let at = 0; at < POOL.length; at += 4) POOL.writeUInt32LE(random.next(), at);
}
/** The same as ASCII. */
const ASCII = Buffer.from(POOL.map((byte) => 32 + (byte % 90)));

/** What went by: all messages in their order, with their kinds and lengths. */
class Digest {
  bytes = 0;
  private readonly hash: Hash = createHash('sha1');

  add(data: Buffer, isBinary: boolean): void {
    this.bytes += data.length;
    this.hash.update(`${isBinary} ${data.length}\n`);
    this.hash.update(data);
  }

  toString(): string {
    return `${this.bytes} ${this.hash.copy().digest('hex')}`;
  }
}

/** Sends messages of every size, as fast as they are taken. */
async function produce(socket: WebSocket, total: number, seed: number): Promise<Digest> {
  const random = new Random(seed);
  const digest = new Digest();
  while (digest.bytes < total) {
    const isBinary = random.chance(0.7);
    const length = Math.min(
      random.chance(0.5) ? random.between(LARGEST / 2, LARGEST) : random.scaled(1, LARGEST),
      total - digest.bytes,
    );
    const start = random.between(0, POOL.length - length);
    const data = (isBinary ? POOL : ASCII).subarray(start, start + length);
    digest.add(data, isBinary);
    const sent = new Promise<void>((resolve, reject) =>
      socket.send(data, { binary: isBinary }, (error) => (error ? reject(error) : resolve())),
    );
    if (socket.bufferedAmount > MiB) await sent;
  }
  return digest;
}

/** Takes messages until so many bytes have come, with a rest behind each so many. */
function consume(socket: WebSocket, total: number, restEvery: number): Promise<Digest> {
  const digest = new Digest();
  let untilRest = restEvery;
  return new Promise((resolve) => {
    socket.on('message', (data: Buffer, isBinary) => {
      digest.add(data, isBinary);
      if (digest.bytes >= total) resolve(digest);
      untilRest -= data.length;
      if (untilRest > 0) return;
      untilRest = restEvery;
      socket.pause();
      setTimeout(5).then(() => socket.resume());
    });
  });
}

describe('1 GiB there and 128 MiB back, piped', () => {
  it('arrive whole and in order, and wait where they came from', { timeout: 120_000 }, async () => {
    const options = { maxPayload: MiB, skipUTF8Validation: true };
    const [fast, slow] = [await wsServer('ws', () => {}, options), await wsServer('ws', () => {}, options)];
    const [source, destination] = [fast.client(), slow.client()];
    const logs = [record(source), record(destination)];
    let most = 0;
    for (const connection of [source, destination]) {
      const { onBufferFull } = connection;
      connection.onBufferFull = (connection) => {
        most = Math.max(most, connection.getSendBufferQueueSize());
        onBufferFull!(connection);
      };
    }
    const ends = Promise.all([fast.nextSocket(), slow.nextSocket()]);
    source.pipe(destination).pipe(source);
    source.connect();
    destination.connect();
    const [left, right] = await ends;
    const [there, back] = [1024 * MiB, 128 * MiB];
    const [sentThere, arrivedThere, sentBack, arrivedBack] = await Promise.all([
      produce(left, there, 1),
      consume(right, there, 8 * MiB),
      produce(right, back, 2),
      consume(left, back, 64 * MiB),
    ]);
    expect(`${arrivedThere}`).toBe(`${sentThere}`);
    expect(`${arrivedBack}`).toBe(`${sentBack}`);
    expect([sentThere.bytes, sentBack.bytes]).toEqual([there, back]);

    const count = (lines: readonly string[], name: string): number => lines.filter((line) => line === name).length;
    const { events } = logs[1]!;
    expect(count(events, 'full')).toBeGreaterThan(10);
    expect(count(events, 'drain')).toBeGreaterThanOrEqual(count(events, 'full') - 1);
    // One message may begin below the limit.
    expect(most).toBeLessThan(destination.maxSendBufferSize + LARGEST + 14);
    expect(logs.flatMap(({ errors }) => errors)).toEqual([]);
    left.close();
    await Promise.all(logs.map((log) => log.until(({ closings }) => closings.length === 1)));
    expect(logs.map(({ closings }) => closings[0]!.wasClean)).toEqual([true, true]);
  });
});
