// What belongs to the object, and not to one of its connections, is there for all of them: each piece of src/callback/README.md's
// table. What is set is tested where it is tested what it means.

import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { AsyncTcpConnection } from '../../src/index';
import { type Callbacks, type EventLog, record } from '../support/event-log';
import { begun, begunInVain, refusing, SOON } from '../support/policies';
import { closeFrame, frame, TEXT } from '../support/raw-peer';
import { type RawTestServer, rawServer, SCHEMES } from '../support/servers';

const LARGE = new Uint8Array(16 * 1024 * 1024);

describe.each(SCHEMES)('over %s, a pause holds over attempts:', (scheme) => {
  /** The next connection greets and pings; nothing of that is told, in some turns of the event loop, until it may be. */
  async function expectPaused({ connection, log, server }: Awaited<ReturnType<typeof begun>>): Promise<void> {
    const before = log.events.filter((line) => line === 'open 101').length;
    const peer = await server.peer();
    await peer.accept(frame(TEXT, 'hello'));
    await log.until('open 101', before + 1);
    for (let turns = 0; turns < 20; turns += 1) await setImmediate();
    expect(log.messages).toEqual([]);
    connection.resumeRecv();
    await log.until('message hello');
    peer.write(frame(TEXT, 'again'));
    await log.until('message again');
  }

  it.each(['onError', 'onClose', 'onReconnect'] as const)(
    'one that begins in %s of an attempt in vain',
    async (name) => {
      const all = await begun(SOON, scheme, { [name]: (connection: AsyncTcpConnection) => connection.pauseRecv() });
      await refusing(503)(await all.server.peer());
      await expectPaused(all);
    },
  );

  it.each(['onClose', 'onReconnect'] as const)('one that begins in %s of a connection that is lost', async (name) => {
    const all = await begun(SOON, scheme, { [name]: (connection: AsyncTcpConnection) => connection.pauseRecv() });
    (await all.server.acceptedPeer()).socket.destroy();
    await all.log.until('reconnect 1');
    await expectPaused(all);
  });

  it('one that begins before connect(), over several attempts', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    connection.reconnectPolicy = SOON;
    const log = record(connection);
    connection.pauseRecv();
    connection.connect();
    for (const count of [1, 2]) {
      await refusing(503)(await server.peer());
      await log.until(`reconnect ${count}`);
    }
    await expectPaused({ connection, log, server });
  });

  it('one of a connection that is closed by us, until resumeRecv()', async () => {
    const all = await begun(SOON, scheme);
    const peer = await all.server.acceptedPeer();
    await all.log.until('open 101');
    all.connection.pauseRecv();
    all.connection.close();
    peer.write(closeFrame(1000));
    peer.socket.end();
    await all.log.until('close 1000');
    all.connection.connect();
    await expectPaused(all);
  });

  it('and one that has ended between two attempts holds no longer', async () => {
    const { log, server } = await begun(SOON, scheme, {
      onClose: (connection) => connection.pauseRecv(),
      onReconnect: (connection) => connection.resumeRecv(),
    });
    (await server.acceptedPeer()).socket.destroy();
    await (await server.peer()).accept(frame(TEXT, 'hello'));
    await log.until('message hello');
  });
});

describe.each(['destroy', 'close'] as const)('%s() before connect()', (end) => {
  it('drops what was sent, and what waits for it hears so', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    connection.maxSendBufferSize = 10;
    const log = record(connection);
    connection.pauseRecv();
    const sent = connection.sendAsync('stale, and more than the limit');
    connection[end]();
    await expect(sent).rejects.toMatchObject({ code: 'WS_ERR_NOT_SENT' });
    expect(connection.getSendBufferQueueSize()).toBe(0);
    await log.until('drain');
    connection.connect();
    const peer = await server.peer();
    await peer.accept(frame(TEXT, 'hello'));
    await log.until('open 101');
    connection.send('fresh');
    expect((await peer.readFrame()).payload.toString()).toBe('fresh');
    expect(log.messages).toEqual([]);
    connection.resumeRecv();
    await log.until('message hello');
    expect(log.events).toEqual(['full', 'drain', 'connect', 'open 101', 'message hello']);
  });
});

describe('each onBufferFull is followed by one onBufferDrain', () => {
  const flow = ({ events }: EventLog): string[] =>
    events.filter((line) => !line.startsWith('error') && line !== 'connect' && line !== 'pong');

  /** Sends until it is full. */
  const fill: NonNullable<Callbacks['onWebSocketConnect']> = (connection) => void connection.send(LARGE);

  /** Its first connection is full, and reset by a peer that reads nothing. */
  async function lostWhenFull(callbacks: Callbacks = {}): Promise<{
    connection: AsyncTcpConnection;
    log: EventLog;
    server: RawTestServer;
  }> {
    let isFirst = true;
    const all = await begun(SOON, 'ws', {
      ...callbacks,
      onWebSocketConnect: (connection, response) => {
        if (isFirst) fill(connection, response);
        isFirst = false;
        callbacks.onWebSocketConnect?.(connection, response);
      },
    });
    const peer = await all.server.acceptedPeer();
    await all.log.until('full');
    peer.socket.resetAndDestroy();
    return all;
  }

  it('when the next connection is open, where what is sent then leaves', async () => {
    const sent: (boolean | null)[] = [];
    const { connection, log, server } = await lostWhenFull({
      onBufferDrain: (connection) => sent.push(connection.send('next')),
    });
    const peer = await server.acceptedPeer();
    expect((await peer.readFrame()).payload.toString()).toBe('next');
    await log.until('drain');
    expect(sent).toEqual([true]);
    expect(flow(log)).toEqual(['open 101', 'full', 'close 1006', 'reconnect 1', 'open 101', 'drain']);
    expect(connection.bufferIsEmpty()).toBe(true);
  });

  it('when it has drained itself, if it was filled at once', async () => {
    let opened = 0;
    const { log, server } = await lostWhenFull({
      onWebSocketConnect: (connection) => {
        opened += 1;
        if (opened === 2) connection.send(LARGE);
      },
    });
    const peer = await server.acceptedPeer();
    await log.until('open 101', 2);
    for (let turns = 0; turns < 20; turns += 1) await setImmediate();
    expect(log.events).not.toContain('drain');
    await peer.read(LARGE.length + 14);
    await log.until('drain');
    expect(flow(log)).toEqual(['open 101', 'full', 'close 1006', 'reconnect 1', 'open 101', 'drain']);
  });

  it('whatever attempts fail in between', async () => {
    const { log, server } = await lostWhenFull();
    for (const count of [1, 2]) {
      await refusing(503)(await server.peer());
      await log.until('close 1006', count + 1);
    }
    await server.acceptedPeer();
    await log.until('drain');
    const ends = ['close 1006', 'reconnect 1', 'close 1006', 'reconnect 2', 'close 1006', 'reconnect 3'];
    expect(flow(log)).toEqual(['open 101', 'full', ...ends, 'open 101', 'drain']);
  });

  it('where it was full before the first attempt, which failed', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    connection.maxSendBufferSize = 10;
    connection.reconnectPolicy = SOON;
    const log = record(connection);
    connection.send('ten bytes, and more');
    connection.connect();
    await refusing(503)(await server.peer());
    await server.acceptedPeer();
    await log.until('drain');
    expect(flow(log)).toEqual(['full', 'close 1006', 'reconnect 1', 'open 101', 'drain']);
  });

  it('where no policy brings it back, behind onClose, and then send() says false', async () => {
    const sent: (boolean | null)[] = [];
    const { connection, log, server } = await begun(undefined as never, 'ws', {
      onWebSocketConnect: fill,
      onBufferDrain: (connection) => sent.push(connection.send('next')),
    });
    const peer = await server.acceptedPeer();
    await log.until('full');
    peer.socket.resetAndDestroy();
    await log.until('drain');
    expect(flow(log)).toEqual(['open 101', 'full', 'close 1006', 'drain']);
    expect([sent, connection.bufferIsEmpty()]).toEqual([[false], true]);
  });

  it.each<[string, (connection: AsyncTcpConnection) => void]>([
    ['destroy()', (connection) => connection.destroy()],
    ['cancelReconnect()', (connection) => connection.cancelReconnect()],
    ['close()', (connection) => connection.close()],
  ])('where %s calls the reconnect off', async (_, end) => {
    const { log } = await lostWhenFull({ onReconnect: (connection) => end(connection) });
    await log.until('drain');
    expect(flow(log)).toEqual(['open 101', 'full', 'close 1006', 'reconnect 1', 'drain']);
  });

  it.each<[string, (connection: AsyncTcpConnection) => void]>([
    ['destroy()', (connection) => connection.destroy()],
    ['end()', (connection) => connection.end()],
    ['close()', (connection) => connection.close()],
  ])('where it was full when %s ended it', async (_, end) => {
    const { connection, log, server } = await begun(SOON, 'ws', { onWebSocketConnect: fill });
    connection.closeTimeout = 0.1;
    await server.acceptedPeer();
    await log.until('full');
    end(connection);
    await log.until('drain');
    expect(flow(log)).toEqual(['open 101', 'full', 'close 1006', 'drain']);
  });

  it('where the policy gives up', async () => {
    const { connection, log } = await begunInVain({ ...SOON, maxRetries: 1 });
    connection.maxSendBufferSize = 10;
    connection.send('ten bytes, and more');
    await log.until('drain');
    expect(flow(log)).toEqual(['full', 'close 1006', 'reconnect 1', 'close 1006', 'reconnect failed', 'drain']);
  });

  it('where the next attempt cannot even begin', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    const log = record(connection, {
      onWebSocketConnect: fill,
      onClose: (connection) => {
        if (log.closings.length > 1) return;
        connection.websocketClientProtocol = () => 'not a protocol';
        connection.reConnect(0.001);
      },
    });
    connection.connect();
    const peer = await server.acceptedPeer();
    await log.until('full');
    peer.socket.resetAndDestroy();
    await log.until('drain');
    expect(flow(log)).toEqual(['open 101', 'full', 'close 1006', 'close 1006', 'drain']);
  });

  it('once for each, where connect() in onClose begins a connection that is filled before it is open', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    const log = record(connection, {
      onWebSocketConnect: (connection, response) => {
        if (log.closings.length === 0) fill(connection, response);
      },
      onClose: (connection) => {
        if (log.closings.length > 1) return;
        connection.connect();
        expect(connection.send(new Uint8Array(2 * 1024 * 1024))).toBeNull();
      },
    });
    connection.connect();
    const first = await server.acceptedPeer();
    await log.until('full');
    first.socket.resetAndDestroy();
    const second = await server.acceptedPeer();
    await second.read(2 * 1024 * 1024 + 14);
    await log.until('drain');
    connection.destroy();
    await log.until('close 1006', 2);
    for (let turns = 0; turns < 20; turns += 1) await setImmediate();
    expect(flow(log)).toEqual(['open 101', 'full', 'close 1006', 'open 101', 'drain', 'close 1006']);
  });
});

it('what was set, counters, id, context and the last round trip stay, and addresses and sizes go', async () => {
  const { connection, log, server } = await begun(SOON);
  connection.websocketPingInterval = 0.01;
  connection.websocketPingTimeout = 20;
  connection.headers = { 'X-One': '1' };
  connection.context.own = 1;
  const { id } = connection;
  const peer = await server.acceptedPeer();
  await log.until('open 101');
  const ping = await peer.readFrame();
  peer.write(frame(0x8a, ping.payload));
  await log.until(({ events }) => events.some((line) => line.startsWith('pong')));
  const [read, written, { latency }] = [connection.bytesRead, connection.bytesWritten, connection];
  expect(latency).toBeGreaterThan(0);
  peer.socket.destroy();
  await log.until('reconnect 1');
  expect([connection.getRemoteAddress(), connection.getLocalPort(), connection.getSendBufferQueueSize()]).toEqual([
    '',
    0,
    0,
  ]);
  const second = await server.peer();
  expect(await second.readHead()).toContain('X-One: 1');
  expect([connection.id, connection.context, connection.latency]).toEqual([id, { own: 1 }, latency]);
  expect(connection.bytesRead).toBeGreaterThanOrEqual(read);
  expect(connection.bytesWritten).toBeGreaterThan(written);
});
