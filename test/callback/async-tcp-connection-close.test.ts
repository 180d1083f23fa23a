// The end of a connection in every way it can come: by either side's close frame, by a peer that never answers or never
// goes, by destroy() anywhere. onClose comes exactly once, and last.

import { once } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { elapse } from '../support/clock';
import { CALLBACKS, record } from '../support/event-log';
import { CLOSE, closeFrame, frame, PING, statusOf, TEXT } from '../support/raw-peer';
import { rawServer, SCHEMES, wsServer } from '../support/servers';
import { WHOLE_LIFE, wholeLife } from '../support/whole-life';

vi.mock('../../src/runtime/tasks', async (real) => (await import('../support/clock')).onFakeTimers(await real()));
vi.mock('../../src/transport/node/unacknowledged', async () => (await import('../support/clock')).withoutKernel());

describe.each(SCHEMES)('over %s, close()', (scheme) => {
  it('sends code and reason, and ends cleanly when the server has answered', async () => {
    const server = await wsServer(scheme);
    const connection = server.client();
    const log = record(connection, { onWebSocketConnect: () => connection.close(4001, '안녕') });
    connection.connect();
    const [code, reason] = (await once(await server.nextSocket(), 'close')) as [number, Buffer];
    expect([code, String(reason)]).toEqual([4001, '안녕']);
    await log.until('close 4001');
    expect(log.events).toEqual(['connect', 'open 101', 'close frame 4001 안녕', 'close 4001']);
    expect(log.closings).toEqual([{ code: 4001, reason: '안녕', wasClean: true, error: undefined }]);
  });

  it('sends 1000 by default', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    record(connection, { onWebSocketConnect: () => connection.close() });
    connection.connect();
    const peer = await server.acceptedPeer();
    const close = await peer.readFrame();
    expect([close.first, statusOf(close), close.payload.length]).toEqual([CLOSE, 1000, 2]);
  });

  it.each([
    ['text', 'the last words', 'the last words'],
    ['bytes', Uint8Array.of(104, 105), 'hi'],
    ['an empty text', '', ''],
  ])('sends %s first', async (_, data, expected) => {
    const server = await wsServer(scheme);
    const connection = server.client();
    const log = record(connection, { onWebSocketConnect: () => connection.close(data) });
    connection.connect();
    const socket = await server.nextSocket();
    const closed = once(socket, 'close') as Promise<[number]>;
    const [message] = await once(socket, 'message');
    expect(String(message)).toBe(expected);
    expect((await closed)[0]).toBe(1000);
    await log.until('close 1000');
    expect(log.closings[0]!.wasClean).toBe(true);
  });

  it('comes behind everything that was sent before', async () => {
    const server = await wsServer(scheme);
    const connection = server.client();
    record(connection, {
      onWebSocketConnect: () => {
        for (let i = 0; i < 50; i += 1) connection.send(`${i}`.repeat(10_000));
        connection.close();
      },
    });
    connection.connect();
    const socket = await server.nextSocket();
    let count = 0;
    socket.on('message', () => {
      count += 1;
    });
    const [code] = await once(socket, 'close');
    expect([code, count]).toEqual([1000, 50]);
  });

  it('delivers nothing more, but still sees the answer behind what the server had sent', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    const log = record(connection, { onMessage: () => connection.close() });
    connection.connect();
    const peer = await server.peer();
    await peer.accept(frame(TEXT, 'one'), frame(TEXT, 'two'), frame(PING, 'unanswered'));
    expect((await peer.readFrame()).first).toBe(CLOSE);
    peer.write(frame(TEXT, 'three'), closeFrame(1000));
    peer.socket.end();
    await log.until('close 1000');
    expect(log.events).toEqual(['connect', 'open 101', 'message one', 'close frame 1000', 'close 1000']);
    await expect(peer.read(1)).rejects.toThrow('ended');
  });

  it.each(['before', 'after'])('is not held up by a pauseRecv() %s it: the answer must be seen', async (when) => {
    const server = await wsServer(scheme);
    const connection = server.client();
    const log = record(connection, {
      onWebSocketConnect: () => {
        if (when === 'before') connection.pauseRecv();
        connection.close();
        if (when === 'after') connection.pauseRecv();
      },
    });
    connection.connect();
    await log.until(({ closings }) => closings.length > 0);
    expect(log.closings).toEqual([{ code: 1000, reason: '', wasClean: true, error: undefined }]);
  });

  it('inside onWebSocketConnect comes behind what was queued before', async () => {
    const server = await wsServer(scheme);
    const connection = server.client();
    const log = record(connection, { onWebSocketConnect: () => connection.close('the last words') });
    connection.connect();
    expect(connection.send('queued')).toBeNull();
    const socket = await server.nextSocket();
    const received: string[] = [];
    socket.on('message', (data) => received.push(String(data)));
    await log.until('close 1000');
    expect(received.sort()).toEqual(['queued', 'the last words']);
  });

  it('ends in closeTimeout when the server never answers', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    connection.closeTimeout = 0.1;
    const log = record(connection, { onWebSocketConnect: () => connection.close(1001) });
    connection.connect();
    const peer = await server.acceptedPeer();
    await log.until('close 1006');
    expect(log.events).toEqual(['connect', 'open 101', 'close 1006']);
    expect(log.closings[0]).toMatchObject({ code: 1006, wasClean: false, error: { code: 'WS_ERR_CLOSE_TIMEOUT' } });
    expect(log.closings[0]!.error!.message).toContain('closeTimeout');
    expect(statusOf(await peer.readFrame())).toBe(1001);
    await expect(peer.read(1)).rejects.toThrow('ended');
  });

  it('ends in lingerTimeout when the server answers, but never ends TCP', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    connection.lingerTimeout = 0.1;
    const log = record(connection, { onWebSocketConnect: () => connection.close(1000, 'bye') });
    connection.connect();
    const peer = await server.acceptedPeer();
    await peer.readFrame();
    peer.write(closeFrame(1000, 'bye'));
    await log.until('close 1000');
    expect(log.closings).toEqual([{ code: 1000, reason: 'bye', wasClean: true, error: undefined }]);
    await expect(peer.read(1)).rejects.toThrow('ended');
  });

  it('gives up an attempt on its way, without an error but that of what was sent', async () => {
    const server = await rawServer(scheme);
    const dialing = server.client();
    const dialingLog = record(dialing);
    dialing.connect();
    dialing.close();
    expect(dialingLog.events).toEqual(['close 1006']);
    expect(dialingLog.closings).toEqual([{ code: 1006, reason: '', wasClean: false, error: undefined }]);

    const handshaking = server.client();
    const handshakingLog = record(handshaking);
    handshaking.connect();
    handshaking.send('never sent');
    // TLS may have come up for the first connection too.
    let peer = await server.peer();
    await peer.readHead().catch(async () => {
      peer = await server.peer();
      await peer.readHead();
    });
    handshaking.close();
    expect(handshakingLog.events).toEqual(['connect', 'error SEND_FAIL', 'close 1006']);
    await expect(peer.read(1)).rejects.toThrow('ended');
    expect(dialingLog.events).toHaveLength(1);
  });

  it('does nothing on a connection that is new, closing or closed', async () => {
    const server = await wsServer(scheme);
    const connection = server.client();
    connection.close();
    expect(connection.getStatus(false)).toBe('INITIAL');
    const log = record(connection, {
      onWebSocketConnect: () => {
        connection.close(4001);
        connection.close(4002);
      },
      onWebSocketClose: () => connection.close(4003),
      onClose: () => connection.close(4004),
    });
    connection.connect();
    await log.until('close 4001');
    connection.close();
    expect(log.events).toEqual(['connect', 'open 101', 'close frame 4001', 'close 4001']);
  });
});

describe.each(SCHEMES)('over %s, a close frame of the server', (scheme) => {
  it.each([
    ['with code and reason', closeFrame(4002, '다람쥐'), 4002, '다람쥐'],
    ['with a code alone', closeFrame(1001), 1001, ''],
    ['with nothing, which counts as 1005', frame(CLOSE), 1005, ''],
  ])('%s is told and answered with the same code', async (_, sent, code, reason) => {
    const server = await rawServer(scheme);
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    const peer = await server.peer();
    await peer.accept(sent, frame(TEXT, 'not read any more'));
    const answer = await peer.readFrame();
    expect([answer.first, answer.payload]).toEqual([CLOSE, code === 1005 ? Buffer.alloc(0) : sent.subarray(2, 4)]);
    peer.socket.end();
    await log.until(`close ${code}`);
    expect(log.events).toEqual(['connect', 'open 101', `close frame ${code} ${reason}`.trim(), `close ${code}`]);
    expect(log.closings).toEqual([{ code, reason, wasClean: true, error: undefined }]);
  });

  it('ends the connection in time although TCP stays up', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    connection.lingerTimeout = 0.1;
    const log = record(connection);
    connection.connect();
    const peer = await server.peer();
    await peer.accept(closeFrame(1000));
    await log.until('close 1000');
    expect(log.closings[0]!.wasClean).toBe(true);
    await peer.readFrame();
    await expect(peer.read(1)).rejects.toThrow('ended');
  });

  it('crosses with ours: both are sent, none is answered twice', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    const log = record(connection, { onMessage: () => connection.close(4001) });
    connection.connect();
    const peer = await server.peer();
    await peer.accept(frame(TEXT, 'close now'), closeFrame(4002));
    expect(statusOf(await peer.readFrame())).toBe(4001);
    peer.socket.end();
    await log.until('close 4002');
    await expect(peer.read(1)).rejects.toThrow('ended');
    expect(log.closings[0]!.wasClean).toBe(true);
  });
});

describe('a server that goes without a close frame', () => {
  it.each([
    ['ws', 'FIN', 'end', 'WS_ERR_ENDED'],
    ['wss', 'FIN', 'end', 'WS_ERR_ENDED'],
    ['ws', 'a reset', 'resetAndDestroy', 'WS_ERR_RESET'],
  ] as const)('over %s, by %s, gives onClose with 1006 and the error in its event', async (scheme, _, how, code) => {
    const server = await rawServer(scheme);
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    const peer = await server.peer();
    await peer.accept(frame(TEXT, 'one'));
    await log.until('message one');
    peer.socket[how]();
    await log.until('close 1006');
    expect(log.events).toEqual(['connect', 'open 101', 'message one', 'close 1006']);
    expect(log.closings[0]).toMatchObject({ reason: '', wasClean: false, error: { code } });
  });
});

describe.each(SCHEMES)('over %s, destroy()', (scheme) => {
  it.each(CALLBACKS)('from %s ends everything at once', async (name) => {
    const log = await wholeLife(scheme, (connection) => ({ [name]: () => connection.destroy() }));
    const last = WHOLE_LIFE.findIndex(([callback]) => callback === name);
    const expected = WHOLE_LIFE.slice(0, last + 1).map(([, line]) => line);
    if (name !== 'onClose') expected.push(name === 'onWebSocketClose' ? 'close 1000' : 'close 1006');
    if (name === 'onBufferFull' || name === 'onError') {
      // It was full, and nobody shall wait for the end of that.
      await log.until('drain');
      expected.push('drain');
    }
    expect(log.events).toEqual(expected);
    expect(log.closings[0]!.wasClean).toBe(name === 'onClose');
  });

  it('leaves no timer behind', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const server = await rawServer(scheme);
    const connection = server.client();
    connection.websocketPingInterval = 1;
    const log = record(connection);
    connection.connect();
    const peer = await server.acceptedPeer();
    await log.until('open 101');
    await elapse(1000);
    await peer.readFrameOf(PING);
    // The interval, and the deadline of the pong. Others may have timers too: only the difference counts.
    const before = vi.getTimerCount();
    connection.destroy();
    expect(vi.getTimerCount()).toBe(before - 2);
  });

  it('does nothing on a connection that is new or closed', async () => {
    const server = await wsServer(scheme);
    const connection = server.client();
    const log = record(connection);
    connection.destroy();
    expect(connection.getStatus(false)).toBe('INITIAL');
    connection.connect();
    connection.destroy();
    expect(log.events).toEqual(['close 1006']);
    connection.destroy();
    expect(log.events).toEqual(['close 1006']);
  });

  it('ends a connection that is closing or ending', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    let peer = await server.acceptedPeer();
    await log.until('open 101');
    connection.close();
    connection.destroy();
    expect(log.events).toEqual(['connect', 'open 101', 'close 1006']);

    connection.connect();
    peer = await server.acceptedPeer();
    peer.write(frame(0xff));
    await log.until('error PROTOCOL_ERROR');
    expect(connection.getStatus(false)).toBe('ENDING');
    connection.destroy();
    expect(log.events.slice(3)).toEqual(['connect', 'open 101', 'error PROTOCOL_ERROR', 'close 1006']);
  });
});
