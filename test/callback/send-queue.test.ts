// What is sent while there is no open connection (`sendQueue`), on real sockets: what is kept, for how long, in which order it
// leaves, and that all else is told once. What becomes of it over many cuts: callback/send-queue-cuts.test.ts.

import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { AsyncTcpConnection, type SendQueuePolicy, Ws, type WsimdError } from '../../src/index';
import { record } from '../support/event-log';
import { openTo } from '../support/hostile-peer';
import { begunInVain, SOON } from '../support/policies';
import { BINARY, CLOSE, closeFrame, frame, PING, PONG, type RawPeer, TEXT } from '../support/raw-peer';
import { closedPort, rawServer, SCHEMES, wsServer } from '../support/servers';

interface Told {
  readonly messages: readonly (string | Uint8Array | Blob)[];
  readonly cause: WsimdError;
}

/** What onUnsent gets from here on. */
function unsentOf(connection: AsyncTcpConnection): Told[] {
  const told: Told[] = [];
  connection.onUnsent = (_, messages, cause) => void told.push({ messages, cause });
  return told;
}

/** One that is never connected. */
function idle(): AsyncTcpConnection {
  const connection = new AsyncTcpConnection('ws://127.0.0.1:9');
  onTestFinished(() => connection.destroy());
  return connection;
}

async function texts(peer: RawPeer, count: number): Promise<string[]> {
  const texts: string[] = [];
  while (texts.length < count) texts.push((await peer.readFrame()).payload.toString());
  return texts;
}

const codeOf = (sent: Promise<void>): Promise<string> =>
  sent.then(
    () => 'sent',
    (error: WsimdError) => error.code,
  );

describe.each(SCHEMES)('over %s', (scheme) => {
  it('messages of before connect() leave in order, as they were, behind those of onWebSocketConnect', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    record(connection, { onWebSocketConnect: () => void connection.send('subscribe') });
    const bytes = Uint8Array.of(1, 2, 3);
    const sent = [
      connection.send('한글'),
      connection.send(bytes),
      connection.send(new Blob(['blob'])),
      connection.send('as binary', { binary: true }),
      connection.send(bytes.buffer),
    ];
    connection.websocketType = Ws.BINARY_TYPE_ARRAYBUFFER;
    sent.push(connection.send('binary by its type'), connection.send('', { binary: false }));
    bytes.fill(9);
    expect(sent).toEqual(Array(7).fill(null));
    connection.websocketType = Ws.BINARY_TYPE_BLOB;
    connection.connect();
    const peer = await server.acceptedPeer();
    const frames: [number, string][] = [];
    while (frames.length < 8) {
      const { first, payload } = await peer.readFrame();
      frames.push([first, payload.toString()]);
    }
    expect(frames).toEqual([
      [TEXT, 'subscribe'],
      [TEXT, '한글'],
      [BINARY, '\x01\x02\x03'],
      [BINARY, 'blob'],
      [BINARY, 'as binary'],
      [BINARY, '\x01\x02\x03'],
      [BINARY, 'binary by its type'],
      [TEXT, ''],
    ]);
    expect(connection.bufferIsEmpty()).toBe(true);
  });

  it('they wait while attempts fail and between them, and leave once', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    connection.reconnectPolicy = SOON;
    const told = unsentOf(connection);
    let count = 0;
    const results: unknown[] = [];
    const send = (): void => void results.push(connection.send(`${++count}`));
    const log = record(connection, { onConnect: send, onClose: send, onReconnect: send });
    send();
    connection.connect();
    for (let i = 0; i < 3; i += 1) {
      const peer = await server.peer();
      await peer.readHead();
      peer.write(Buffer.from('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n'));
      peer.socket.end();
    }
    const peer = await server.acceptedPeer();
    await log.until('open 101');
    // Before connect(), and in three callbacks of each attempt that failed, and one of the last.
    expect(results).toEqual(Array(11).fill(null));
    expect(await texts(peer, 11)).toEqual(Array.from({ length: 11 }, (_, i) => `${i + 1}`));
    expect(told).toEqual([]);
  });

  it('what a stalled connection had not begun to send leaves with the next one, and the rest is counted', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    connection.reconnectPolicy = SOON;
    connection.maxSendBufferSize = 64 * 1024 * 1024;
    const told = unsentOf(connection);
    const log = record(connection);
    connection.connect();
    const first = await server.acceptedPeer();
    await log.until('open 101');
    first.socket.pause();
    const count = 300;
    for (let i = 0; i < count; i += 1) connection.send(`${i} ${'x'.repeat(200_000)}`);
    const sent = connection.sendAsync('the last');
    await vi.waitFor(() => expect(connection.bytesWritten).toBeGreaterThan(100_000));
    first.socket.destroy();
    const second = await server.acceptedPeer();
    const [next] = (await texts(second, 1))[0]!.split(' ');
    const unconfirmed = log.unconfirmed[0]!;
    expect(unconfirmed).toBeGreaterThan(0);
    expect(Number(next)).toBe(unconfirmed);
    expect((await texts(second, count - unconfirmed)).at(-1)).toBe('the last');
    await sent;
    expect(told).toEqual([]);
  });
});

describe('without an open connection', () => {
  it('send() says null where reConnect() is at work, and false behind the end', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    const results: unknown[] = [];
    const log = record(connection, {
      onClose: () => {
        results.push(connection.send('lost'));
        connection.reConnect(0.01);
        results.push(connection.send('kept'));
      },
    });
    connection.connect();
    (await server.acceptedPeer()).socket.end();
    const second = await server.acceptedPeer();
    expect(await texts(second, 1)).toEqual(['kept']);
    expect(results).toEqual([false, null]);
    expect(log.errors).toEqual([]);
  });

  it('what was kept is told behind onClose, if onClose brings nothing back', async () => {
    const connection = new AsyncTcpConnection(`ws://127.0.0.1:${await closedPort()}`);
    const log = record(connection, { onClose: () => log.write(`${connection.send('too late')}`) });
    connection.onUnsent = (_, messages, { code }) => log.write(`unsent ${messages} ${code}`);
    connection.send('one');
    connection.send('two');
    connection.connect();
    await log.until('unsent one,two WS_ERR_NOT_SENT');
    expect(log.events).toEqual(['error CONNECT_FAIL', 'close 1006', 'false', 'unsent one,two WS_ERR_NOT_SENT']);
  });

  it('… and in front of it, if the policy gives up or the user has ended it', async () => {
    const { connection, log } = await begunInVain({ ...SOON, maxRetries: 1 });
    connection.onUnsent = (_, messages, { cause }) => log.write(`unsent ${messages} ${(cause as WsimdError)?.code}`);
    connection.send('one');
    await log.until('reconnect failed');
    const ends = ['unsent one WS_ERR_CONNECT', 'close 1006', 'reconnect failed'];
    expect(log.events.slice(-3)).toEqual(ends);
    connection.connect();
    connection.send('two');
    connection.destroy();
    expect(log.events.slice(-2)).toEqual(['unsent two undefined', 'close 1006']);
  });

  it.each(['close', 'end', 'destroy', 'cancelReconnect'] as const)(
    '%s() settles what waits for a reconnect: it is told in order, once, or by sendAsync()',
    async (method) => {
      const { connection, log } = await begunInVain({ minDelay: 1000, maxDelay: 1000, jitter: 0 });
      const told = unsentOf(connection);
      await log.until('reconnect 1');
      const bytes = Uint8Array.of(1);
      const blob = new Blob(['b']);
      for (const data of ['a', bytes, blob]) expect(connection.send(data)).toBe(null);
      const failed = codeOf(connection.sendAsync('c'));
      connection[method]();
      expect(told).toHaveLength(1);
      expect(told[0]!.messages).toEqual(['a', bytes, blob]);
      expect(told[0]!.cause).toMatchObject({ code: 'WS_ERR_NOT_SENT', cause: { code: 'WS_ERR_CONNECT' } });
      expect(told[0]!.cause.message).toMatch(/3 messages of 3 bytes/);
      expect(await failed).toBe('WS_ERR_NOT_SENT');
      expect(connection.bufferIsEmpty()).toBe(true);
      expect(connection.send('late')).toBe(false);
    },
  );

  it('without onUnsent, onError has the count and the bytes', () => {
    const connection = idle();
    const log = record(connection);
    for (const text of ['a', '한', 'c']) connection.send(text);
    const fails = AsyncTcpConnection.statistics.send_fail;
    connection.destroy();
    expect(AsyncTcpConnection.statistics.send_fail).toBe(fails + 3);
    expect(log.events).toEqual(['error SEND_FAIL']);
    expect(log.errors[0]!.message).toBe('The connection was gone before the message had left: 3 messages of 5 bytes.');
  });

  it('end() on its way sends what was kept, then ends', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    const log = record(connection);
    connection.send('one');
    connection.connect();
    connection.end('two');
    const peer = await server.acceptedPeer();
    expect(await texts(peer, 2)).toEqual(['one', 'two']);
    peer.socket.end();
    await log.until('close 1006');
    expect(log.errors).toEqual([]);
  });

  it('close() in onWebSocketConnect sends what was kept in front of its close frame', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    const log = record(connection, {
      onWebSocketConnect: () => {
        connection.send('first');
        connection.close(4000);
      },
    });
    connection.send('second');
    connection.connect();
    const peer = await server.acceptedPeer();
    expect(await texts(peer, 2)).toEqual(['first', 'second']);
    expect((await peer.readFrame()).first).toBe(CLOSE);
    peer.write(closeFrame(4000));
    peer.socket.end();
    await log.until('close 4000');
    expect(log.unconfirmed).toEqual([0]);
  });

  it('connect() in CLOSING hands over what the connection that gives way had not sent', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    const told = unsentOf(connection);
    const log = record(connection);
    connection.connect();
    const peer = await server.acceptedPeer();
    await log.until('open 101');
    peer.socket.pause();
    connection.maxSendBufferSize = 64 * 1024 * 1024;
    connection.send('x'.repeat(32 * 1024 * 1024));
    connection.send('next');
    connection.close();
    connection.connect();
    expect(await texts(await server.acceptedPeer(), 1)).toEqual(['next']);
    expect(told).toEqual([]);
    expect(log.unconfirmed).toEqual([1]);
  });
});

describe('what may have arrived', () => {
  it.each(['ping()', 'heartbeat'] as const)(
    'is what was sent behind the last ping that was answered: %s',
    async (kind) => {
      const server = await rawServer('ws');
      const connection = server.client();
      if (kind === 'heartbeat') connection.websocketPingInterval = 0.2;
      const log = record(connection);
      connection.connect();
      const peer = await server.acceptedPeer();
      await log.until('open 101');
      for (const text of ['1', '2', '3']) connection.send(text);
      const answered = kind === 'heartbeat' ? undefined : connection.ping();
      const ping = await peer.readFrameOf(PING);
      peer.write(frame(PONG, ping.payload));
      await answered;
      await vi.waitFor(() => expect(log.events.some((event) => event.startsWith('pong'))).toBe(true));
      for (const text of ['4', '5']) connection.send(text);
      await peer.readFrameOf(TEXT);
      peer.socket.destroy();
      await log.until('close 1006');
      expect(log.unconfirmed).toEqual([2]);
    },
  );

  it('a pong that came unasked confirms nothing, nor does one of a ping that overtook a Blob', async () => {
    const { connection, log, peer } = await openTo();
    connection.send('1');
    connection.send(new Blob(['2']));
    const answered = connection.ping('mine');
    peer.write(frame(PONG, 'unasked'));
    peer.write(frame(PONG, (await peer.readFrameOf(PING)).payload));
    await answered;
    peer.socket.destroy();
    await log.until('close 1006');
    expect(log.unconfirmed).toEqual([2]);
  });

  it("nothing, behind the peer's answer to our close frame; all, behind a close frame of its own", async () => {
    for (const isOurs of [true, false]) {
      const { connection, log, peer } = await openTo();
      connection.send('1');
      if (isOurs) {
        connection.close();
        await peer.readFrameOf(CLOSE);
      }
      peer.write(closeFrame(1000));
      peer.socket.end();
      await log.until('close 1000');
      expect(log.unconfirmed).toEqual([isOurs ? 0 : 1]);
    }
  });
});

describe('bounds', () => {
  const lines = (connection: AsyncTcpConnection): string[] => {
    const log = record(connection);
    connection.onUnsent = (_, messages, { code }) => log.write(`unsent ${messages} ${code}`);
    return log.events;
  };

  it('maxMessages: send() says false, and onBufferFull and onError say it', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    connection.sendQueue = { maxMessages: 2 };
    const events = lines(connection);
    expect([1, 2, 3, 4].map((i) => connection.send(`${i}`))).toEqual([null, null, false, false]);
    expect(await codeOf(connection.sendAsync('5'))).toBe('WS_ERR_SEND_QUEUE_FULL');
    expect(events).toEqual(['full', 'error SEND_FAIL', 'error SEND_FAIL']);
    connection.connect();
    const peer = await server.acceptedPeer();
    expect(await texts(peer, 2)).toEqual(['1', '2']);
    await vi.waitFor(() => expect(events.at(-1)).toBe('drain'));
    // They are bounds of what waits for a connection.
    expect([1, 2, 3].map((i) => connection.send(`${i}`))).toEqual([true, true, true]);
  });

  it.each<[string, SendQueuePolicy, number]>([
    ['maxMessages', { maxMessages: 2 }, 1024 * 1024],
    ['maxBytes', { maxBytes: 13 }, 1024 * 1024],
    ['maxSendBufferSize', {}, 13],
  ])("%s, with 'drop-oldest': the oldest give way, and are told", (_, bounds, maxSendBufferSize) => {
    const connection = idle();
    connection.sendQueue = { ...bounds, whenFull: 'drop-oldest' };
    connection.maxSendBufferSize = maxSendBufferSize;
    const events = lines(connection);
    for (let i = 1; i <= 4; i += 1) expect(connection.send(`${i}`)).toBe(null);
    const full = 'WS_ERR_SEND_QUEUE_FULL';
    expect(events).toEqual([`unsent 1 ${full}`, `unsent 2 ${full}`]);
    connection.destroy();
    expect(events.at(-1)).toBe('unsent 3,4 WS_ERR_NOT_SENT');
  });

  it('false: nothing is kept, send() says false, and what a connection did not send is told', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    connection.sendQueue = false;
    connection.reconnectPolicy = SOON;
    connection.maxSendBufferSize = 64 * 1024 * 1024;
    const log = record(connection);
    const told = unsentOf(connection);
    expect(connection.send('early')).toBe(false);
    expect(await codeOf(connection.sendAsync('early'))).toBe('WS_ERR_NOT_OPEN');
    connection.connect();
    expect(connection.send('on its way')).toBe(false);
    const peer = await server.acceptedPeer();
    await log.until('open 101');
    peer.socket.pause();
    connection.send('x'.repeat(32 * 1024 * 1024));
    connection.send('behind');
    await vi.waitFor(() => expect(connection.bytesWritten).toBeGreaterThan(100_000));
    peer.socket.destroy();
    await log.until('reconnect 1');
    expect(told.map(({ messages }) => messages)).toEqual([['behind']]);
    expect(log.unconfirmed).toEqual([1]);
    expect(log.errors).toEqual([]);
  });

  it('false, while something waits: it is told', () => {
    const connection = idle();
    const told = unsentOf(connection);
    connection.send('kept');
    connection.sendQueue = false;
    expect(told.map(({ messages }) => messages)).toEqual([['kept']]);
  });

  it.each<[unknown, RegExp]>([
    [true, /^sendQueue must be an object of bounds, or false, not a value of type boolean\.$/],
    [null, /^sendQueue must be an object of bounds, or false, not null\.$/],
    [{ maxBytes: 0 }, /^sendQueue\.maxBytes must be a whole number of bytes, at least 1; it is 0\.$/],
    [{ maxMessages: 1.5 }, /^sendQueue\.maxMessages must be a whole number/],
    [{ maxMessages: '1' }, /^sendQueue\.maxMessages must be a number, not a value of type string\.$/],
    [{ maxAge: 0 }, /^sendQueue\.maxAge must be more than 0/],
    [{ whenFull: 'drop' }, /^sendQueue\.whenFull must be "refuse" or "drop-oldest"\.$/],
    [{ maxByte: 1 }, /^sendQueue has no maxByte\. Did you mean maxBytes\?$/],
  ])('%o is refused', (value, message) => {
    expect(() => {
      idle().sendQueue = value as SendQueuePolicy;
    }).toThrow(message);
  });
});

describe('what the user does meanwhile', () => {
  it('an exception of onUnsent is told, and harms nothing', () => {
    const connection = idle();
    const log = record(connection);
    connection.onUnsent = () => {
      throw new Error('mine');
    };
    connection.send('x');
    connection.destroy();
    expect(log.errors.map(({ cause }) => cause)).toEqual([new Error('mine')]);
  });

  it('who listens to unsent gets them as well as the callback, and without it in place of onError', () => {
    for (const hasCallback of [true, false]) {
      const connection = idle();
      const log = record(connection);
      if (hasCallback) connection.onUnsent = (_, messages) => log.write(`callback ${messages}`);
      connection.on('unsent', (_, messages) => log.write(`listener ${messages}`));
      connection.send('x');
      connection.destroy();
      expect(log.events).toEqual(hasCallback ? ['callback x', 'listener x'] : ['listener x']);
    }
  });

  it.each(['close', 'destroy', 'end', 'cancelReconnect'] as const)(
    '%s() in the onUnsent of a message that gave way: the new one is told, too',
    async (method) => {
      const { connection, log } = await begunInVain({ minDelay: 1000, maxDelay: 1000, jitter: 0 });
      connection.sendQueue = { maxMessages: 1, whenFull: 'drop-oldest' };
      await log.until('reconnect 1');
      const told: unknown[] = [];
      connection.onUnsent = (_, messages) => {
        told.push(...messages);
        connection[method]();
      };
      connection.send('a');
      expect(connection.send('b')).toBe(null);
      expect(told).toEqual(['a', 'b']);
      expect(connection.bufferIsEmpty()).toBe(true);
    },
  );

  it.each([true, false])(
    'connect() in the abort() of a sink follows the end that is told then; policy: %s',
    async (hasPolicy) => {
      const server = await rawServer('ws');
      const connection = server.client();
      if (hasPolicy) connection.reconnectPolicy = { ...SOON, maxRetries: 0 };
      const told = unsentOf(connection);
      const log = record(connection);
      connection.onMessageStart = () => ({
        write: () => {},
        end: () => {},
        abort: () => {
          connection.connect();
          connection.send('for the next one');
        },
      });
      connection.connect();
      const peer = await server.acceptedPeer();
      await log.until('open 101');
      connection.send('sent');
      peer.write(Buffer.of(0x01, 1, 0x61));
      await peer.readFrameOf(TEXT);
      await vi.waitFor(() => expect(connection.bytesRead).toBeGreaterThan(100));
      peer.socket.destroy();
      const next = await server.acceptedPeer();
      expect(await texts(next, 1)).toEqual(['for the next one']);
      expect(log.events.slice(0, 4)).toEqual(['connect', 'open 101', 'close 1006', 'connect']);
      expect([log.outlooks[0]!.willReconnect, log.unconfirmed[0], told]).toEqual([true, 1, []]);
      expect(AsyncTcpConnection.connections.get(connection.id)).toBe(connection);
    },
  );

  it('a sendStream() that is lost is not sent again, though nothing is in it', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    connection.reconnectPolicy = SOON;
    connection.maxSendBufferSize = 64 * 1024 * 1024;
    const log = record(connection);
    connection.connect();
    const peer = await server.acceptedPeer();
    await log.until('open 101');
    peer.socket.pause();
    connection.send('x'.repeat(32 * 1024 * 1024));
    const lost = codeOf(connection.sendStream([]));
    connection.send('next');
    await vi.waitFor(() => expect(connection.bytesWritten).toBeGreaterThan(100_000));
    peer.socket.destroy();
    expect(await texts(await server.acceptedPeer(), 1)).toEqual(['next']);
    expect(await lost).toBe('WS_ERR_NOT_SENT');
  });

  it('the end() of a sink that takes its time holds no closing handshake up', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    connection.closeTimeout = 10;
    const log = record(connection);
    let isEnded = false;
    connection.onMessageStart = () => ({
      write: () => {},
      end: () => {
        isEnded = true;
        return new Promise(() => {});
      },
      abort: () => {},
    });
    connection.connect();
    const peer = await server.acceptedPeer();
    peer.write(frame(TEXT, 'whole'));
    await vi.waitFor(() => expect(isEnded).toBe(true));
    connection.close();
    await peer.readFrameOf(CLOSE);
    peer.write(closeFrame(1000));
    peer.socket.end();
    await log.until('close 1000');
    expect(log.closings[0]).toMatchObject({ wasClean: true, error: undefined });
  });

  it('what onUnsent sends again is kept, and told again when that is given up', async () => {
    const { connection, log } = await begunInVain({ ...SOON, maxRetries: 0 });
    connection.onUnsent = (_, messages) => log.write(`unsent ${messages} ${connection.send(messages[0]!)}`);
    connection.send('x');
    await log.until('reconnect failed');
    expect(log.events).toEqual(['error CONNECT_FAIL', 'unsent x false', 'close 1006', 'reconnect failed']);
  });

  it('messages of a server that answers, sent again after a reconnect, come once', async () => {
    const received: string[] = [];
    const server = await wsServer('ws', (socket) => {
      socket.on('message', (data) => {
        received.push(`${data}`);
        if (received.length === 1) socket.terminate();
        if (`${data}` === 'last') socket.close();
      });
    });
    const connection = server.client();
    connection.reconnectPolicy = SOON;
    connection.perMessageDeflate = true;
    const log = record(connection, { onReconnect: () => void connection.send('between') });
    connection.connect();
    connection.send('first');
    await log.until('reconnect 1');
    connection.send('last');
    await log.until('close 1005');
    expect(received).toEqual(['first', 'between', 'last']);
  });
});

describe('who sends when he is told that a Blob cannot be read', () => {
  const unreadable = (): Blob =>
    Object.assign(new Blob(['x']), { arrayBuffer: () => Promise.reject(new Error('the file has changed')) });

  it.each([
    ['texts', ['t1', 't2', 't3']],
    ['texts and Blobs', ['t1', new Blob(['b2']), 't3', new Blob(['b4']), 't5']],
    ['a Blob first', [new Blob(['b1']), 't2', 't3']],
  ])('sends each once, in order: %s', async (_, more) => {
    const { connection, log, peer } = await openTo();
    connection.onError = () => {
      for (const data of more) connection.send(data);
    };
    connection.send(unreadable());
    const expected = await Promise.all(more.map((data) => (typeof data === 'string' ? data : data.text())));
    expect(await texts(peer, more.length)).toEqual(expected);
    connection.send('later');
    expect(await texts(peer, 1)).toEqual(['later']);
    connection.close();
    peer.write(closeFrame(1000));
    peer.socket.end();
    await log.until('close 1000');
    expect(log.unconfirmed).toEqual([0]);
  });
});

describe('an attempt that cannot even begin', () => {
  async function broken(change: (connection: AsyncTcpConnection) => void) {
    const server = await wsServer('ws');
    const connection = server.client();
    connection.reconnectPolicy = { minDelay: 0.05, jitter: 0 };
    const told = unsentOf(connection);
    const log = record(connection);
    connection.connect();
    await log.until('open 101');
    // Half of what SOCKS5 takes: it may be set, and the attempt throws.
    connection.proxySocks5 = '127.0.0.1:9';
    connection.proxySocks5Username = 'me';
    for (const socket of server.server.clients) socket.terminate();
    await log.until('reconnect 1');
    expect(connection.send('kept')).toBe(null);
    const later = codeOf(connection.sendAsync('awaited'));
    const stream = codeOf(connection.sendStream(['streamed']));
    change(connection);
    await log.until('close 1006', 2);
    return { connection, log, told, later, stream };
  }

  it('tells what was kept, and takes nothing more', async () => {
    const { connection, log, told, later, stream } = await broken(() => {});
    await log.until('reconnect failed');
    expect(told.map(({ messages, cause }) => [messages, cause.code])).toEqual([[['kept'], 'WS_ERR_NOT_SENT']]);
    expect([await later, await stream]).toEqual(['WS_ERR_NOT_SENT', 'WS_ERR_NOT_SENT']);
    expect([connection.send('more'), connection.getSendBufferQueueSize()]).toEqual([false, 0]);
    expect((await connection.closed).willReconnect).toBe(false);
    // With settings that are right it begins anew.
    connection.proxySocks5Username = undefined;
    connection.proxySocks5 = undefined;
    connection.connect();
    expect(connection.send('again')).toBe(null);
    await connection.opened;
  });

  it('and keeps it where somebody has it come back', async () => {
    const { connection, log, told } = await broken((connection) => {
      connection.onError = () => {
        connection.onError = null;
        connection.proxySocks5Username = undefined;
        connection.proxySocks5 = undefined;
        connection.reConnect(0.02);
      };
    });
    await log.until('open 101', 2);
    expect(log.outlooks.map(({ willReconnect }) => willReconnect)).toEqual([true, true]);
    expect(told).toEqual([]);
    expect(connection.getSendBufferQueueSize()).toBe(0);
  });
});
