// A peer that goes while reception is paused, or that asks for pongs and reads none: nothing that has arrived is lost, and
// nobody's memory fills up. TCP and TLS differ in when they notice an end, so both are tried.

import { setImmediate } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { AsyncTcpConnection } from '../../src/index';
import { type EventLog, record } from '../support/event-log';
import { openTo } from '../support/hostile-peer';
import { CLOSE, closeFrame, frame, PING, PONG, type RawPeer, TEXT } from '../support/raw-peer';
import { rawServer, SCHEMES, type Scheme } from '../support/servers';

/** A connection that pauses in its first message; behind that, what is given has arrived in the same segment. */
async function paused(scheme: Scheme, ...rest: Uint8Array[]) {
  const server = await rawServer(scheme);
  const connection = server.client();
  const log = record(connection, { onMessage: (_, data) => data === 'one' && connection.pauseRecv() });
  connection.connect();
  const peer = await server.peer();
  await peer.accept(frame(TEXT, 'one'), frame(TEXT, 'two'), frame(TEXT, 'three'), ...rest);
  await log.until('message one');
  return { connection, log, peer };
}

/** Breaks the connection and has the client notice: a paused socket learns of it when it writes. */
async function reset(connection: AsyncTcpConnection, peer: RawPeer): Promise<void> {
  // Node resets plain sockets only; what is sent to one that is closed comes back as a reset all the same.
  if (peer.socket instanceof TLSSocket) peer.socket.destroy();
  else peer.socket.resetAndDestroy();
  while (connection.getStatus(false) === 'ESTABLISHED') {
    connection.send('is anybody there?');
    await setImmediate();
  }
}

function errorCode(log: EventLog): string | undefined {
  return log.closings[0]?.error?.code;
}

describe.each(SCHEMES)('over %s, a peer that goes while reception is paused', (scheme) => {
  it('by a reset: what had arrived is delivered after resumeRecv(), then onClose comes', async () => {
    const { connection, log, peer } = await paused(scheme);
    await reset(connection, peer);
    expect(connection.getStatus(false)).toBe('CLOSING');
    expect(connection.send('nobody there')).toBe(false);
    expect(log.events).toEqual(['connect', 'open 101', 'message one']);
    connection.resumeRecv();
    await log.until('close 1006');
    expect(log.events.slice(2)).toEqual(['message one', 'message two', 'message three', 'close 1006']);
    expect(errorCode(log)).toMatch(/^WS_ERR_(RESET|ENDED)$/);
    expect(log.closings[0]!.wasClean).toBe(false);
  });

  it('by a reset, and who pauses again between two messages waits again', async () => {
    const { connection, log, peer } = await paused(scheme);
    await reset(connection, peer);
    const { onMessage } = connection;
    connection.onMessage = (self, data, isBinary) => {
      onMessage!(self, data, isBinary);
      if (data === 'two') connection.pauseRecv();
    };
    connection.resumeRecv();
    await log.until('message two');
    for (let i = 0; i < 10; i += 1) await setImmediate();
    expect(log.events.slice(2)).toEqual(['message one', 'message two']);
    connection.resumeRecv();
    await log.until('close 1006');
    expect(log.events.slice(2)).toEqual(['message one', 'message two', 'message three', 'close 1006']);
  });

  it('behind a close frame and a reset: its code is told, but the closing was not clean', async () => {
    const { connection, log, peer } = await paused(scheme, closeFrame(1001, 'bye'));
    await reset(connection, peer);
    connection.resumeRecv();
    await log.until('close 1001');
    expect(log.events.slice(3)).toEqual(['message two', 'message three', 'close frame 1001 bye', 'close 1001']);
    expect(log.closings[0]).toMatchObject({ code: 1001, reason: 'bye', wasClean: false, error: undefined });
  });

  it('behind a broken frame and a reset: the fault is told', async () => {
    const { connection, log, peer } = await paused(scheme, frame(0xc1, 'RSV1'), frame(TEXT, 'not delivered'));
    await reset(connection, peer);
    connection.resumeRecv();
    await log.until('close 1006');
    expect(log.events.slice(3)).toEqual(['message two', 'message three', 'error PROTOCOL_ERROR', 'close 1006']);
    expect(errorCode(log)).toBe('WS_ERR_UNEXPECTED_RSV_1');
  });

  it.each(['close', 'destroy'] as const)('by a reset: %s() gives up what is held back', async (end) => {
    const { connection, log, peer } = await paused(scheme);
    await reset(connection, peer);
    connection[end]();
    expect(log.events.slice(2)).toEqual(['message one', 'close 1006']);
    connection.resumeRecv();
    await setImmediate();
    expect(log.events.slice(2)).toEqual(['message one', 'close 1006']);
  });

  it('by a close frame and FIN: all is told, and the closing is clean', async () => {
    const { connection, log, peer } = await paused(scheme);
    peer.write(frame(TEXT, 'four'), closeFrame(1000));
    for (let i = 0; i < 10; i += 1) await setImmediate();
    connection.resumeRecv();
    await peer.end();
    peer.socket.end();
    await log.until('close 1000');
    expect(log.events.slice(3)).toEqual([
      'message two',
      'message three',
      'message four',
      'close frame 1000',
      'close 1000',
    ]);
    expect(log.closings[0]!.wasClean).toBe(true);
  });
});

describe.each(SCHEMES)('over %s, a peer that pings and reads nothing', (scheme) => {
  const LARGE = 32 * 1024 * 1024;

  it('is not read any more, and read again as soon as it reads', async () => {
    const { connection, log, peer } = await openTo(undefined, scheme);
    expect(connection.send(new Uint8Array(LARGE))).toBeNull();

    // As much as the kernel's buffers hold, and more: a socket that nobody reads does not take it.
    const flood = Buffer.concat(Array.from({ length: 4096 }, (_, i) => frame(PING, `${i}`)));
    let floods = 0;
    const isTaken = (): Promise<boolean> =>
      new Promise((resolve) => {
        peer.socket.write(flood, () => resolve(true));
        setTimeout(resolve, 500, false);
      });
    while (await isTaken()) floods += 1;
    expect(floods).toBeLessThan(3_000);
    peer.write(frame(TEXT, 'behind the flood'));
    expect(log.events).not.toContain('message behind the flood');

    await peer.read(LARGE + 14);
    const pong = await peer.readFrameOf(PONG);
    expect(Number(pong.payload.toString())).toBeGreaterThan(0);
    void peer.end();
    await log.until('message behind the flood');
    expect(log.errors).toEqual([]);
  });

  it('can still close: what comes behind its pings is not held back', async () => {
    const { connection, log, peer } = await openTo((connection) => {
      connection.lingerTimeout = 30;
    }, scheme);
    connection.send(new Uint8Array(LARGE));
    peer.write(frame(PING, 'one'), frame(PING, 'two'), frame(PING, 'three'), closeFrame(1000));
    await log.until('close frame 1000');
    await peer.readFrameOf(CLOSE);
    peer.socket.end();
    await log.until('close 1000');
    expect(log.closings[0]!.wasClean).toBe(true);
  });
});
