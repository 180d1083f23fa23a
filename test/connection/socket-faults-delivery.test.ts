// Faults to survive in how bytes come and go: a peer that stops reading, one byte per segment, everything in one segment, and
// a 101 followed by garbage.

import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AsyncTcpConnection, WsimdError } from '../../src/index';
import { bystander } from '../support/bystander';
import { elapse } from '../support/clock';
import { type EventLog, record } from '../support/event-log';
import { openTo } from '../support/hostile-peer';
import {
  BINARY,
  CLOSE,
  type ClientFrame,
  closeFrame,
  frame,
  PING,
  PONG,
  RawPeer,
  statusOf,
  TEXT,
} from '../support/raw-peer';
import { relayTo } from '../support/relay';
import { echoServer, rawServer, SCHEMES } from '../support/servers';
import { collectGarbage } from '../whole/resources/meter.mjs';

vi.mock('../../src/runtime/tasks', async (real) => (await import('../support/clock')).onFakeTimers(await real()));
vi.mock('../../src/transport/node/unacknowledged', async () => (await import('../support/clock')).withoutKernel());

const KiB = 1024;
const MiB = KiB * KiB;

describe.each(SCHEMES)('over %s, a peer that stops reading:', (scheme) => {
  afterEach(() => {
    vi.useRealTimers();
  });

  /** The kernels have taken what they take: for a tenth of a second nothing has left. */
  async function untilStill(connection: AsyncTcpConnection): Promise<void> {
    let written = -1;
    for (let since = performance.now(); performance.now() - since < 100; await setImmediate()) {
      if (connection.bytesWritten === written) continue;
      written = connection.bytesWritten;
      since = performance.now();
    }
  }

  /** More than the kernels of both ends take. */
  const LIMIT = 32 * MiB;
  const LARGE = new Uint8Array(MiB);

  /** Bytes; without what left and was not collected yet. */
  function buffersInUse(): number {
    collectGarbage();
    return process.memoryUsage().arrayBuffers;
  }

  /** An open connection that is full: send() has said null, then false. */
  async function stuffed() {
    const expectUnharmed = await bystander(scheme);
    const { connection, log, peer } = await openTo((connection) => {
      connection.maxSendBufferSize = LIMIT;
    }, scheme);
    const results = new Set([connection.send('small')]);
    while (!results.has(false)) results.add(connection.send(LARGE));
    expect([...results]).toEqual([true, null, false]);
    expect(log.events).toEqual(['connect', 'open 101', 'full', 'error SEND_FAIL']);
    return { connection, log, peer, expectUnharmed };
  }

  it('memory is held at the limit, however much is sent; onBufferFull is told once', async () => {
    const atFirst = buffersInUse();
    const { connection, log, expectUnharmed } = await stuffed();
    // What the kernels take at first makes room for more.
    do await untilStill(connection);
    while (connection.send(LARGE) !== false);
    const refused = log.errors.length;
    const held = buffersInUse();
    expect(held - atFirst).toBeLessThan(LIMIT + 3 * MiB);
    let peak = 0;
    for (let i = 0; i < 2000; i += 1) {
      expect(connection.send(LARGE)).toBe(false);
      peak = Math.max(peak, process.memoryUsage().arrayBuffers);
    }
    expect(peak - held).toBeLessThan(MiB);
    expect(log.events).toEqual(['connect', 'open 101', 'full', ...Array(refused + 2000).fill('error SEND_FAIL')]);
    expect(log.errors.every(({ cause }) => (cause as WsimdError).code === 'WS_ERR_SEND_BUFFER_FULL')).toBe(true);
    await expectUnharmed();
  });

  it('close() ends it in closeTimeout', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    const { connection, log, peer, expectUnharmed } = await stuffed();
    await untilStill(connection);
    connection.close(1000, 'never read');
    await elapse(4999);
    expect(log.events).toHaveLength(4);
    await elapse(1);
    expect(log.events.slice(4, 6)).toEqual(['error SEND_FAIL', 'close 1006']);
    expect(log.closings[0]).toMatchObject({ wasClean: false, error: { code: 'WS_ERR_CLOSE_TIMEOUT' } });
    // Whole frames or not, what the kernel had taken comes, and then the end.
    await peer.end();
    await expectUnharmed();
    await log.until('drain');
    expect(log.events.slice(4)).toEqual(['error SEND_FAIL', 'close 1006', 'drain']);
  });

  it('destroy() ends it at once', async () => {
    const { connection, log, peer, expectUnharmed } = await stuffed();
    connection.destroy();
    expect(log.events.slice(4)).toEqual(['error SEND_FAIL', 'close 1006']);
    expect(log.closings).toEqual([{ code: 1006, reason: '', wasClean: false, error: undefined }]);
    await peer.end();
    await expectUnharmed();
    await log.until('drain');
    expect(log.events.slice(4)).toEqual(['error SEND_FAIL', 'close 1006', 'drain']);
  });

  it('its own close frame ends it in lingerTimeout, although ours cannot leave', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    const { connection, log, peer, expectUnharmed } = await stuffed();
    await untilStill(connection);
    peer.write(closeFrame(1001, 'restart'));
    await log.until('close frame 1001 restart');
    await elapse(1999);
    expect(log.events).toHaveLength(5);
    await elapse(1);
    await log.until('drain');
    expect(log.events.slice(4)).toEqual(['close frame 1001 restart', 'close 1001', 'error SEND_FAIL', 'drain']);
    await peer.end();
    await expectUnharmed();
  });
});

describe.each(SCHEMES)('over %s, one byte per segment:', (scheme) => {
  const MESSAGES = [
    '',
    'a',
    '다람쥐 헌 쳇바퀴에 타고파 🐿',
    'x'.repeat(125),
    'y'.repeat(126),
    Uint8Array.from({ length: 300 }, (_, i) => i),
    new Uint8Array(0),
  ];

  it('TLS, handshake and frames, in both directions, through an echo server', async () => {
    const expectUnharmed = await bystander(scheme);
    const server = await echoServer(scheme);
    const atServer: (string | Buffer)[] = [];
    server.server.on('connection', (socket) => {
      socket.on('message', (data, isBinary) => atServer.push(isBinary ? (data as Buffer) : String(data)));
      socket.ping('p');
    });
    const relay = await relayTo(server, { segment: 1 });
    const connection = relay.client();
    const log = record(connection, { onWebSocketConnect: () => connection.ping('q') });
    connection.connect();
    for (const message of MESSAGES) connection.send(message);
    await log.until(({ messages }) => messages.length === MESSAGES.length);
    connection.close(4000, '안녕');
    await log.until('close 4000');
    const lines = MESSAGES.map(
      (data) => `message ${typeof data === 'string' ? data.slice(0, 40) : `<${data.length} bytes>`}`,
    );
    expect(log.events).toEqual(['connect', 'open 101', 'pong q', ...lines, 'close frame 4000 안녕', 'close 4000']);
    expect(log.messages).toEqual(MESSAGES);
    expect(atServer.map((data) => (typeof data === 'string' ? data : Uint8Array.from(data)))).toEqual(MESSAGES);
    expect(log.closings[0]!.wasClean).toBe(true);
    await expectUnharmed();
  });

  it('fragments, pings between them and a breach, told at its first byte', async () => {
    const server = await rawServer(scheme);
    const relay = await relayTo(server, { segment: 1 });
    const connection = relay.client();
    const log = record(connection);
    connection.connect();
    const peer = await server.peer();
    const korean = Buffer.from('다람쥐');
    await peer.accept(
      frame(0x01, korean.subarray(0, 4)),
      frame(PING, 'between'),
      frame(0x00, korean.subarray(4, 5)),
      frame(0x80, korean.subarray(5)),
      Buffer.of(TEXT, 126, 0xff, 0xff),
      Buffer.from('good so far\xff', 'latin1'),
    );
    expect((await peer.readFrameOf(PONG)).payload.toString()).toBe('between');
    expect(statusOf(await peer.readFrameOf(CLOSE))).toBe(1007);
    peer.socket.end();
    await log.until('close 1006');
    expect(log.events).toEqual(['connect', 'open 101', 'message 다람쥐', 'error PROTOCOL_ERROR', 'close 1006']);
  });
});

describe.each(SCHEMES)('over %s, everything in one segment:', (scheme) => {
  it('101, pings and close frame: pings are answered behind the message that waited for the 101', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    connection.send('queued');
    const peer = await server.peer();
    await peer.accept(frame(PING, 'p'), frame(PING, 'q'), closeFrame(1000));
    const frames: ClientFrame[] = [];
    while (frames.length < 4) frames.push(await peer.readFrame());
    expect(frames.map(({ first }) => first)).toEqual([TEXT, PONG, PONG, CLOSE]);
    expect(frames.map(({ payload }) => payload.toString()).slice(0, 3)).toEqual(['queued', 'p', 'q']);
    peer.socket.end();
    await log.until('close 1000');
  });

  it('101, messages, ping, close frame and FIN in one write', async () => {
    const expectUnharmed = await bystander(scheme);
    const server = await rawServer(scheme);
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    const peer = await server.peer();
    const answer = RawPeer.answer(await peer.readHead());
    peer.socket.end(
      Buffer.concat([
        Buffer.from(answer),
        frame(TEXT, 'one'),
        frame(BINARY, Buffer.of(1, 2, 3)),
        frame(0x01, 'in '),
        frame(PING, 'between'),
        frame(0x80, 'fragments'),
        frame(PONG, 'unasked'),
        closeFrame(4001, 'bye'),
        frame(TEXT, 'data after close'),
      ]),
    );
    await log.until('close 4001');
    expect(log.events).toEqual([
      'connect',
      'open 101',
      'message one',
      'message <3 bytes>',
      'message in fragments',
      'pong unasked',
      'close frame 4001 bye',
      'close 4001',
    ]);
    expect(log.closings).toEqual([{ code: 4001, reason: 'bye', wasClean: true, error: undefined }]);
    const answers = [await peer.readFrame(), await peer.readFrame()];
    expect(answers.map(({ first, payload }) => [first, payload.toString('latin1')])).toEqual([
      [PONG, 'between'],
      [CLOSE, '\x0f\xa1'],
    ]);
    await expect(peer.read(1)).rejects.toThrow('ended');
    await expectUnharmed();
  });

  it('101, a message and FIN in one write, without a close frame', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    const peer = await server.peer();
    const answer = RawPeer.answer(await peer.readHead());
    peer.socket.end(Buffer.concat([Buffer.from(answer), frame(TEXT, 'the only one'), Buffer.of(TEXT, 5)]));
    await log.until('close 1006');
    expect(log.events).toEqual(['connect', 'open 101', 'message the only one', 'close 1006']);
    expect(log.closings[0]).toMatchObject({ wasClean: false, error: { code: 'WS_ERR_ENDED' } });
  });

  it('a refusal and FIN in one write', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    const peer = await server.peer();
    await peer.readHead();
    peer.socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno');
    await log.until('close 1006');
    expect(log.events).toEqual(['connect', 'error HANDSHAKE_FAIL', 'close 1006']);
    expect(log.errors[0]!.cause).toMatchObject({ code: 'WS_ERR_HANDSHAKE_STATUS', body: 'no' });
  });
});

describe.each(SCHEMES)('over %s, a 101 followed by garbage:', (scheme) => {
  const GARBAGE = [
    ['a web page', Buffer.from('<!DOCTYPE html>\r\n<html>'), 'WS_ERR_UNEXPECTED_RSV_2_3'],
    ['another response', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'WS_ERR_UNEXPECTED_RSV_1'],
    ['zeros', Buffer.alloc(1000), 'WS_ERR_INVALID_OPCODE'],
    ['ones', Buffer.alloc(1000, 0xff), 'WS_ERR_UNEXPECTED_RSV_1'],
    ['a line end', Buffer.from('\r\n'), 'WS_ERR_INVALID_OPCODE'],
    ['a TLS alert', Buffer.of(0x15, 3, 3, 0, 2, 2, 40), 'WS_ERR_UNEXPECTED_RSV_2_3'],
    ['a frame of a client', Buffer.of(TEXT, 0x82, 1, 2, 3, 4, 0x69, 0x6b), 'WS_ERR_UNEXPECTED_MASK'],
  ] as const;

  async function refused(send: (peer: RawPeer, log: EventLog) => Promise<unknown>): Promise<WsimdError> {
    const expectUnharmed = await bystander(scheme);
    const server = await rawServer(scheme);
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    const peer = await server.peer();
    await send(peer, log);
    const close = await peer.readFrame();
    expect([close.first, statusOf(close)]).toEqual([CLOSE, 1002]);
    await expect(peer.read(1)).rejects.toThrow('ended');
    peer.socket.end();
    await log.until('close 1006');
    await expectUnharmed();
    expect(log.events).toEqual(['connect', 'open 101', 'error PROTOCOL_ERROR', 'close 1006']);
    const error = log.errors[0]!.cause as WsimdError;
    expect(log.closings).toEqual([{ code: 1006, reason: '', wasClean: false, error }]);
    return error;
  }

  it.each(GARBAGE)('%s in the same segment gets 1002', async (_, garbage, code) => {
    expect((await refused((peer) => peer.accept(garbage))).code).toBe(code);
  });

  it.each(GARBAGE)('%s in a segment of its own gets 1002', async (_, garbage, code) => {
    const error = await refused(async (peer, log) => {
      await peer.accept();
      await log.until('open 101');
      peer.write(garbage);
    });
    expect(error.code).toBe(code);
  });
});
