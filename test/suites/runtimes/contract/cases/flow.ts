// At whose pace. See ../cases.ts.

import type { Cases } from '../cases';
import { expectSame, expectTrue, type Stage, sleep } from '../stage';

/** Sends more than fits until the peer reads. */
function backPressure(send: (data: Uint8Array) => unknown, size: number): { bytes: number; count: number } {
  const count = 64;
  let isKept = false;
  for (let i = 0; i < count; i += 1)
    isKept = send(i === count - 1 ? lastOf(size) : new Uint8Array(size)) !== true || isKept;
  expectTrue(isKept, 'everything was on its way at once, to a server that does not read');
  return { bytes: count * size, count };
}

function lastOf(size: number): Uint8Array {
  const last = new Uint8Array(size);
  last.set(new TextEncoder().encode('last'));
  return last;
}

export const FLOW: Cases = {
  async 'a peer that does not read: what is sent waits, and leaves in order'(stage: Stage) {
    const id = stage.id();
    const { connection, told } = await stage.open(`/stall?id=${id}`, (one) => {
      one.maxSendBufferSize = 8 * 1024 * 1024;
    });
    const expected = backPressure((data) => connection.send(data), 1_048_576 / 2);
    await told.until('full');
    const dropped = told.lines.filter((line) => line === 'error WS_ERR_SEND_BUFFER_FULL').length;
    expectTrue(dropped > 0, `nothing was dropped beyond the limit: ${told.lines.join(' | ')}`);
    await stage.open(`/release?id=${id}`);
    await told.until('drain');
    connection.send(lastOf(4));
    await told.until('text');
    const { bytes, count } = JSON.parse(told.messages.at(-1) as string);
    expectSame([bytes, count], [expected.bytes - dropped * (1_048_576 / 2) + 4, expected.count - dropped + 1]);
  },

  async 'a pause: the server has to wait, and nothing is lost'(stage: Stage) {
    const id = stage.id();
    const [count, size] = [3_000, 20_000];
    let isPaused = false;
    const seen: unknown[] = [];
    const { connection, told } = await stage.open(`/flood?id=${id}&count=${count}&size=${size}`);
    connection.onMessage = (_, data) => {
      if (isPaused) told.tell('a message in a pause');
      const { buffer, byteOffset } = data as Uint8Array;
      seen.push(new DataView(buffer, byteOffset).getUint32(0, true));
      if (seen.length === 10) {
        isPaused = true;
        connection.pauseRecv();
        told.tell('paused');
      }
      if (seen.length === count) told.tell('all');
    };
    connection.send('go');
    await told.until('paused');
    await sleep(500);
    const state = await stage.open(`/state?id=${id}`);
    state.connection.send('how far');
    await state.told.until('text');
    const { sent, waiting } = JSON.parse(state.told.messages[0] as string);
    expectTrue(seen.length === 10, `${seen.length} messages in place of 10`);
    expectTrue(sent < count && waiting > 0, `the server had sent ${sent} messages, and ${waiting} bytes waited`);
    isPaused = false;
    connection.resumeRecv();
    await told.until('all');
    expectTrue(
      seen.every((number, i) => number === i),
      'messages out of order',
    );
    expectSame(told.lines, ['open', 'paused', 'all']);
  },

  async 'a pause in the middle of a batch'(stage: Stage) {
    const { connection, told } = await stage.open('/echo');
    const seen: unknown[] = [];
    connection.onMessage = (_, data) => {
      seen.push(data);
      connection.pauseRecv();
      told.tell('paused');
    };
    for (let i = 0; i < 20; i += 1) connection.send(`message ${i}`);
    for (let i = 1; i <= 20; i += 1) {
      await told.until('paused', i);
      await sleep(2);
      expectSame(seen.length, i);
      connection.resumeRecv();
    }
  },
};
