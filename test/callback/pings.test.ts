// What a ping of the program resolves with: its own round trip, whichever pong answers it, or why there is none.

import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { AsyncTcpConnection, type WsimdError } from '../../src/index';
import { record } from '../support/event-log';
import { openTo } from '../support/hostile-peer';
import { CLOSE, closeFrame, frame, PING, PONG } from '../support/raw-peer';
import { rawServer, SCHEMES, wsServer } from '../support/servers';
import { unheard } from '../support/unheard';

const TURNS = 20;

/** Which of them have settled, and how, once a pong has been told. */
function settled(promises: readonly Promise<number>[]): string[] {
  const states = promises.map(() => 'waits');
  promises.forEach((promise, i) => {
    promise.then(
      (seconds) => {
        states[i] = typeof seconds;
      },
      (error: WsimdError) => {
        states[i] = error.code;
      },
    );
  });
  return states;
}

/** Reads so many pings, and returns their payloads. */
async function pingsOf(peer: Awaited<ReturnType<typeof openTo>>['peer'], count: number): Promise<Buffer[]> {
  const payloads: Buffer[] = [];
  while (payloads.length < count) payloads.push((await peer.readFrameOf(PING)).payload);
  return payloads;
}

describe.each(SCHEMES)('ping() over %s', (scheme) => {
  it('resolves with the seconds until its pong, of a server that is not ours', async () => {
    const server = await wsServer(scheme);
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    await log.until('open 101');
    const begin = performance.now();
    const seconds = await connection.ping();
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual((performance.now() - begin) / 1000);
    expect(await connection.ping('mine')).toBeGreaterThan(0);
    expect(log.events).toContain('pong mine');
    expect(connection.latency).toBeUndefined();
  });
});

describe('ping()', () => {
  it('has a payload of its own, unless it is given one, an empty one too', async () => {
    const { connection, peer } = await openTo();
    connection.ping();
    connection.ping('');
    connection.ping(Uint8Array.of(1));
    connection.ping();
    const payloads = await pingsOf(peer, 4);
    expect(payloads.map(String)).toEqual(['ping 1', '', '\x01', 'ping 4']);
  });

  it('gives each caller its own round trip, though the pongs come in one', async () => {
    const { connection, peer } = await openTo();
    const first = connection.ping('a');
    await pingsOf(peer, 1);
    await setTimeout(30);
    const second = connection.ping('b');
    await pingsOf(peer, 1);
    peer.write(frame(PONG, 'a'), frame(PONG, 'b'));
    const [one, other] = await Promise.all([first, second]);
    // 30 ms lie between the two; timers may fire 1 ms early.
    expect(one - other).toBeGreaterThan(0.028);
  });

  it.each([
    // A pong answers those in front of its ping, too (RFC 6455 §5.5.3).
    ['a b c', 'c', 'number number number'],
    ['a b c', 'b', 'number number waits'],
    // Of several with one payload the first one.
    ['a a a', 'a', 'number waits waits'],
    ['a b a', 'a', 'number waits waits'],
    ['a b a', 'b', 'number number waits'],
    // One that nobody has asked for, or that was answered already.
    ['a b', 'x', 'waits waits'],
    ['a b', '', 'waits waits'],
    ['a b', 'ab', 'waits waits'],
  ])('%s, and the pong %j: %s', async (pings, pong, states) => {
    const { connection, log, peer } = await openTo();
    const promises = settled(pings.split(' ').map((payload) => connection.ping(payload)));
    await pingsOf(peer, promises.length);
    peer.write(frame(PONG, pong));
    await log.until(`pong ${pong}`);
    await setTimeout(0);
    expect(promises.join(' ')).toBe(states);
  });

  it('is answered by a pong to a ping of the heartbeat behind it, and not by one in front of it', async () => {
    const { connection, log, peer } = await openTo();
    const before = settled([connection.ping('before')]);
    connection.websocketPingTimeout = 3_000;
    connection.websocketPingInterval = 0.05;
    const [, heartbeat] = await pingsOf(peer, 2);
    connection.websocketPingInterval = 3_000;
    const after = settled([connection.ping('after')]);
    await pingsOf(peer, 1);
    peer.write(frame(PONG, heartbeat!));
    await log.until(({ events }) => events.some((line) => line.startsWith('pong')));
    await setTimeout(0);
    expect([before, after]).toEqual([['number'], ['waits']]);
    expect(connection.latency).toBeGreaterThan(0);
  });

  it('copies the payload: what is written to the bytes later changes no answer', async () => {
    const { connection, peer } = await openTo();
    const bytes = Uint8Array.of(1, 2, 3);
    const ping = connection.ping(bytes);
    bytes.fill(9);
    const [payload] = await pingsOf(peer, 1);
    expect([...payload!]).toEqual([1, 2, 3]);
    peer.write(frame(PONG, payload!));
    expect(await ping).toBeGreaterThan(0);
  });

  it('throws at once for a payload that cannot be sent, whatever the state', async () => {
    const { connection } = await openTo();
    for (const one of [connection, new AsyncTcpConnection('ws://127.0.0.1:9')]) {
      expect(() => one.ping('x'.repeat(126))).toThrow(RangeError);
      expect(() => one.ping(5 as never)).toThrow(TypeError);
      expect(() => one.ping(null as never)).toThrow(TypeError);
    }
  });
});

describe('ping() rejects, and nobody has to hear it,', () => {
  it('where the connection is not open', async () => {
    const nobodys = unheard();
    const server = await rawServer('ws');
    const connection = server.client();
    const refused = { code: 'WS_ERR_NOT_OPEN', message: 'No ping was sent: the connection is not open.' };
    connection.ping();
    await expect(connection.ping()).rejects.toMatchObject(refused);
    connection.connect();
    await expect(connection.ping()).rejects.toMatchObject(refused);
    const peer = await server.acceptedPeer();
    await vi.waitFor(() => expect(connection.getStatus(false)).toBe('ESTABLISHED'));
    connection.close();
    await expect(connection.ping()).rejects.toMatchObject(refused);
    expect((await peer.readFrame()).first).toBe(CLOSE);
    connection.destroy();
    await expect(connection.ping()).rejects.toMatchObject(refused);
    await setTimeout(TURNS);
    expect(nobodys).toEqual([]);
  });

  it.each([
    ['a reset', 'RESET|ENDED'],
    ['a close frame', 'first\\.$'],
    ['destroy()', 'first\\.$'],
  ])('where the connection is gone first: %s', async (how, says) => {
    const nobodys = unheard();
    const { connection, log, peer } = await openTo();
    const [one, other] = [connection.ping(), connection.ping()];
    await pingsOf(peer, 2);
    if (how === 'destroy()') connection.destroy();
    else if (how === 'a reset') peer.socket.resetAndDestroy();
    else {
      peer.write(closeFrame(1000));
      await peer.readFrameOf(CLOSE);
      peer.socket.end();
    }
    await log.until(({ closings }) => closings.length > 0);
    for (const ping of [one, other]) {
      const error: WsimdError = await ping.then(
        () => expect.fail(),
        (reason) => reason,
      );
      expect([error.code, error.kind, error.cause]).toEqual([
        'WS_ERR_NO_PONG',
        AsyncTcpConnection.SEND_FAIL,
        log.closings[0]!.error,
      ]);
      expect(`${error.message}${(error.cause as WsimdError | undefined)?.code ?? ''}`).toMatch(new RegExp(says));
    }
    expect(nobodys).toEqual([]);
  });

  it('and no pong of the next connection answers it', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    await server.acceptedPeer();
    await log.until('open 101');
    const ping = connection.ping('same');
    connection.destroy();
    await expect(ping).rejects.toMatchObject({ code: 'WS_ERR_NO_PONG' });
    connection.connect();
    const peer = await server.acceptedPeer();
    await log.until('open 101', 2);
    const next = settled([connection.ping('other')]);
    peer.write(frame(PONG, 'same'));
    await log.until('pong same');
    expect(next).toEqual(['waits']);
  });

  it('where more than 256 wait: the first ones, so that a peer which never answers costs no memory', async () => {
    const nobodys = unheard();
    const { connection, log, peer } = await openTo();
    const states = settled(Array.from({ length: 1_000 }, () => connection.ping()));
    const payloads = await pingsOf(peer, 1_000);
    await setTimeout(0);
    expect(states.slice(0, 744)).toEqual(Array(744).fill('WS_ERR_NO_PONG'));
    expect(states.slice(744)).toEqual(Array(256).fill('waits'));
    peer.write(frame(PONG, payloads.at(-1)!));
    await log.until('pong ping 1000');
    await vi.waitFor(() => expect(states.slice(745)).toEqual(Array(255).fill('number')));
    expect(nobodys).toEqual([]);
  });

  it('where maxSendBufferSize bytes wait behind a peer that reads nothing', async () => {
    const { connection, peer } = await openTo((connection) => {
      connection.maxSendBufferSize = 1_000;
    });
    peer.socket.pause();
    // More than the kernel takes.
    connection.send(new Uint8Array(16 * 1024 * 1024));
    await expect(connection.ping()).rejects.toMatchObject({ code: 'WS_ERR_SEND_BUFFER_FULL' });
    const size = connection.getSendBufferQueueSize();
    for (let i = 0; i < 10_000; i += 1) connection.ping();
    expect(connection.getSendBufferQueueSize()).toBe(size);
  });
});
