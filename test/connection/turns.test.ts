// No turn of the event loop is spent on one peer: what inflates to much, or is much to read, is told in many turns, in order,
// with all that a program may do in between; and a decoder of wsimd/framing, which has nobody to go on later, tells all of it
// within `feed`.

import { constants, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { WebSocket } from '../../src/index';
import { type Agreed, agreedTo } from '../support/agreed-peer';
import { RSV1, TAIL } from '../support/compressed-frames';
import { open } from '../support/decoders';
import { closeFrame, frame, PING, PONG, RawPeer, TEXT } from '../support/raw-peer';
import { rawServer } from '../support/servers';

const MIB = 1024 * 1024;
const ANSWER = 'permessage-deflate; server_no_context_takeover';

/** One message that stands for so many bytes, compressed by itself. */
function bomb(length: number, letter = 'x'): Buffer {
  const content = deflateRawSync(Buffer.alloc(length, letter), { finishFlush: constants.Z_SYNC_FLUSH });
  return frame(TEXT | RSV1, content.subarray(0, -TAIL.length));
}

const LARGE = 60 * MIB;
const large = bomb(LARGE);
const COUNT = 200;
const LENGTH = 500_000;
const many = Buffer.concat(Array.from({ length: COUNT }, (_, i) => bomb(LENGTH, String.fromCharCode(0x61 + (i % 26)))));
/** Text that says which message it is. */
const brief = (data: unknown): string => `${String(data)[0]} ${(data as string | Uint8Array).length}`;
const manyTold = Array.from({ length: COUNT }, (_, i) => `${String.fromCharCode(0x61 + (i % 26))} ${LENGTH}`);

/** Counts the turns of the event loop until it is stopped. */
function countTurns(): { count: number; stop(): void } {
  let isOver = false;
  const turns = {
    count: 0,
    stop: () => {
      isOver = true;
    },
  };
  const next = (): void => {
    if (isOver) return;
    turns.count += 1;
    setImmediate(next);
  };
  setImmediate(next);
  return turns;
}

/** A connection that is open, and its peer. */
const opened = (): Promise<Agreed> =>
  agreedTo(true, ANSWER, (connection) => {
    connection.maxPackageSize = 100 * MIB;
  });

describe('AsyncTcpConnection', () => {
  it('tells one message of 60 MiB in many turns, answers the ping and tells the close frame behind it', async () => {
    const { peer, log } = await opened();
    const turns = countTurns();
    peer.write(large, frame(PING, 'p'), closeFrame(1000, 'bye'));
    await log.until('close frame 1000 bye');
    turns.stop();
    expect(log.messages.map(brief)).toEqual([`x ${LARGE}`]);
    expect(turns.count).toBeGreaterThan(30);
    expect(String((await peer.readFrameOf(PONG)).payload)).toBe('p');
    peer.socket.end();
    await log.until('close 1000');
  });

  it('tells 200 messages of one chunk in order, in many turns', async () => {
    const { peer, log } = await opened();
    const turns = countTurns();
    peer.write(many, frame(PING, 'p'), closeFrame(1000));
    await log.until('close frame 1000');
    turns.stop();
    expect(log.messages.map(brief)).toEqual(manyTold);
    expect(turns.count).toBeGreaterThan(50);
    expect(String((await peer.readFrameOf(PONG)).payload)).toBe('p');
  });

  it('may be paused and resumed at each of them', async () => {
    const { connection, peer, log } = await opened();
    connection.onMessage = (connection, data) => {
      log.messages.push(data);
      connection.pauseRecv();
      setImmediate(() => connection.resumeRecv());
    };
    peer.write(many, closeFrame(1000));
    await log.until('close frame 1000');
    expect(log.messages.map(brief)).toEqual(manyTold);
  });

  it.each(['destroy', 'close'] as const)('tells nothing more behind %s() in their midst', async (method) => {
    const { connection, peer, log } = await opened();
    connection.onMessage = (connection, data) => {
      log.messages.push(data);
      if (log.messages.length === 20) connection[method]();
    };
    peer.write(many, closeFrame(1000));
    await log.until((log) => log.events.some((event) => /^close \d/.test(event)));
    expect(log.messages.map(brief)).toEqual(manyTold.slice(0, 20));
    expect(log.events.at(-1)).toBe(method === 'destroy' ? 'close 1006' : 'close 1000');
  });

  it('is over when the peer resets it in their midst, at most behind what had come', async () => {
    const { connection, peer, log } = await opened();
    connection.onMessage = (_, data) => {
      log.messages.push(data);
      if (log.messages.length === 20) peer.socket.resetAndDestroy();
    };
    peer.write(many);
    await log.until('close 1006');
    const told = log.messages.map(brief);
    expect(told).toEqual(manyTold.slice(0, told.length));
    expect(told.length).toBeGreaterThanOrEqual(20);
  });

  it('lets the loop turn while a peer floods it with 32 MiB', async () => {
    const { connection, peer, log } = await opened();
    let count = 0;
    let inTurn = 0;
    let mostInTurn = 0;
    connection.onMessage = () => {
      // A window of 4,096 such messages takes all the time that there is for one peer.
      for (const end = performance.now() + 0.002; performance.now() < end; );
      count += 1;
      inTurn += 1;
      mostInTurn = Math.max(mostInTurn, inTurn);
    };
    let isOver = false;
    const turn = (): void => {
      inTurn = 0;
      if (!isOver) setImmediate(turn);
    };
    turn();
    const flood = Buffer.concat(Array<Buffer>(MIB / 128).fill(frame(TEXT, 'x'.repeat(126 - 4))));
    for (let i = 0; i < 32; i += 1) peer.socket.write(flood);
    peer.write(closeFrame(1000));
    await log.until('close frame 1000');
    isOver = true;
    expect(count).toBe((32 * MIB) / 128);
    // The window that uses up the time, the one in which that shows, and one that the socket had read when it was paused.
    expect(mostInTurn).toBeLessThanOrEqual(3 * 4_096);
  });
});

it('the drop-in tells 200 messages of one chunk in order, in many turns, and the close frame behind them', async () => {
  const server = await rawServer('ws');
  const socket = new WebSocket(server.url, { perMessageDeflate: true });
  const told: string[] = [];
  socket.on('message', (data: Buffer) => told.push(`${String.fromCharCode(data[0]!)} ${data.length}`));
  const isClosed = new Promise<number>((resolve) => socket.on('close', resolve));
  const peer = await server.peer();
  peer.write(Buffer.from(RawPeer.answer(await peer.readHead(), `Sec-WebSocket-Extensions: ${ANSWER}`)));
  const turns = countTurns();
  peer.write(many, frame(PING, 'p'), closeFrame(1000));
  expect(String((await peer.readFrameOf(PONG)).payload)).toBe('p');
  peer.socket.end();
  expect(await isClosed).toBe(1000);
  turns.stop();
  expect(told).toEqual(manyTold);
  expect(turns.count).toBeGreaterThan(50);
});

it('a decoder of wsimd/framing tells all of it within feed()', () => {
  const told: string[] = [];
  const decoder = open({
    perMessageDeflate: true,
    maxMessageSize: 100 * MIB,
    onMessage: (data) => told.push(brief(data)),
    onClose: (code) => told.push(`close ${code}`),
  });
  decoder.feed(Buffer.concat([large, many, closeFrame(1000)]));
  expect(told).toEqual([`x ${LARGE}`, ...manyTold, 'close 1000']);
});
