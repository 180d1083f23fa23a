// onMessageStart: messages that a program takes in pieces, by a sink or a WritableStream: when it is asked, what it is told, how it
// holds delivery and reading, and what becomes of it when the connection or the sink itself fails. What a piece is, is tested in
// codec/streamed-messages.test.ts.

import { setImmediate, setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { AsyncTcpConnection, type MessageSink } from '../../src/index';
import { agreedTo } from '../support/agreed-peer';
import { PeerDeflate } from '../support/compressed-frames';
import { pattern } from '../support/decoders';
import { type EventLog, record } from '../support/event-log';
import { BINARY, CLOSE, closeFrame, frame, head, PING, PONG, type RawPeer, statusOf, TEXT } from '../support/raw-peer';
import { rawServer, SCHEMES, type Scheme } from '../support/servers';

const MiB = 1024 * 1024;

interface Opened {
  readonly connection: AsyncTcpConnection;
  readonly log: EventLog;
  readonly peer: RawPeer;
  /** What sinks were told, and the log's messages, in order. */
  readonly told: string[];
}

type Start = NonNullable<AsyncTcpConnection['onMessageStart']>;

async function opened(
  start: (told: string[], connection: AsyncTcpConnection) => Start | null,
  configure: (connection: AsyncTcpConnection) => void = () => {},
  scheme: Scheme = 'ws',
): Promise<Opened> {
  const server = await rawServer(scheme);
  const connection = server.client();
  const told: string[] = [];
  configure(connection);
  const log = record(connection, { onMessage: (_, data) => told.push(`message ${data}`) });
  connection.onMessageStart = start(told, connection);
  connection.connect();
  const peer = await server.acceptedPeer();
  await log.until('open 101');
  return { connection, log, peer, told };
}

/** A sink that writes down what it is told; what it returns is asked of `result`. */
const writing =
  (told: string[], result: (what: string) => unknown = () => undefined): Start =>
  (_, { isBinary }) => {
    const tell = (what: string): unknown => {
      told.push(what);
      return result(what);
    };
    told.push(isBinary ? 'binary' : 'text');
    return {
      write: (piece) => tell(`write ${piece.length > 40 ? piece.length : piece}`),
      end: () => tell('end'),
      abort: (error) => tell(`abort ${error.code}`),
    };
  };

const until = async (condition: () => boolean, what = condition): Promise<void> => {
  const began = Date.now();
  while (!condition()) {
    if (Date.now() - began > 15_000) throw new Error(`Waited for ${what}.`);
    await setTimeout(1);
  }
};

/** A promise that a test settles. */
function gate(): { promise: Promise<void>; open: () => void; fail: (error: unknown) => void } {
  let open = (): void => {};
  let fail = (_error: unknown): void => {};
  const promise = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { promise, open, fail };
}

describe.each(SCHEMES)('over %s', (scheme) => {
  it('a sink gets a message as it comes, whatever its size, and what nobody takes comes by onMessage', async () => {
    let bytes = 0;
    const { peer, log, told } = await opened(
      (told) =>
        (_, { isBinary }) =>
          isBinary
            ? {
                write: (piece) => (bytes += piece.length),
                end: () => told.push('end'),
                abort: () => told.push('abort'),
              }
            : undefined,
      (connection) => {
        connection.maxPackageSize = 10;
      },
      scheme,
    );
    peer.write(frame(TEXT, 'small'), frame(BINARY, pattern(3 * MiB)), frame(TEXT, 'ten bytes!'), frame(BINARY, ''));
    await until(() => told.length === 4);
    expect([told, bytes]).toEqual([['message small', 'end', 'message ten bytes!', 'end'], 3 * MiB]);
    peer.write(frame(TEXT, 'eleven byte'));
    const close = await peer.readFrameOf(CLOSE);
    expect(statusOf(close)).toBe(1009);
    await log.until('error PROTOCOL_ERROR');
    expect(log.errors[0]!.message).toMatch(/it has at least 11 bytes, and maxPackageSize is 10\./);
  });
});

describe('onMessageStart', () => {
  it('is asked once for each message, whatever chunks it comes in, and told its kind', async () => {
    const { peer, told } = await opened((told) => writing(told));
    peer.write(
      frame(TEXT, 'one'),
      frame(BINARY, 'two'),
      frame(0x01, ''),
      frame(0x00, 'th'),
      frame(PING, ''),
      frame(0x80, 'ree'),
    );
    await until(() => told.filter((line) => line === 'end').length === 3);
    expect(told.join(', ').replace('write th, write ree', 'write three')).toBe(
      'text, write one, end, binary, write 116,119,111, end, text, write three, end',
    );
    told.length = 0;
    await peer.trickle(Buffer.concat([frame(TEXT, 'é한'), frame(BINARY, '')]));
    await until(() => told.at(-1) === 'end' && told.length === 6);
    expect(told).toEqual(['text', 'write é', 'write 한', 'end', 'binary', 'end']);
  });

  it('is asked behind onWebSocketConnect, with what came in the same read as the handshake', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    const told: string[] = [];
    const log = record(connection);
    connection.onMessageStart = writing(told);
    connection.connect();
    const peer = await server.peer();
    await peer.accept(frame(TEXT, 'at once'));
    await log.until('open 101');
    await until(() => told.length === 3);
    expect(told).toEqual(['text', 'write at once', 'end']);
  });

  it('holds for connections that follow, and may be set and unset at any time', async () => {
    const { connection, peer, told } = await opened(() => null);
    const start = writing(told);
    peer.write(frame(TEXT, '1'));
    await until(() => told.length === 1);
    connection.onMessageStart = start;
    peer.write(frame(TEXT, '2'));
    await until(() => told.length === 4);
    connection.onMessageStart = null;
    peer.write(frame(TEXT, '3'), frame(0x01, '4'));
    await until(() => told.length === 5);
    connection.onMessageStart = start;
    // Nobody knows how much of it has come.
    peer.write(frame(0x80, '4'), frame(TEXT, '5'));
    await until(() => told.at(-1) === 'end' && told.includes('write 5'));
    expect(told.slice(0, 5)).toEqual(['message 1', 'text', 'write 2', 'end', 'message 3']);
    expect(told.slice(-3)).toEqual(['text', 'write 5', 'end']);
    expect(told.join()).toMatch(/message 44|text,write 4,?(write 4|4)?,end/);
  });

  it('of a subclass, as a field, is asked', async () => {
    class Taking extends AsyncTcpConnection {
      readonly told: string[] = [];
      override onMessageStart: Start = (...rest) => writing(this.told)(...rest);
    }
    const server = await rawServer('ws');
    const connection = new Taking(server.url);
    connection.connect();
    const peer = await server.acceptedPeer();
    peer.write(frame(TEXT, 'one'));
    await until(() => connection.told.length === 3);
    connection.destroy();
    expect(connection.told).toEqual(['text', 'write one', 'end']);
  });

  it('counts as a message received', async () => {
    const { peer, told } = await opened((told) => writing(told));
    const before = AsyncTcpConnection.statistics.total_request;
    peer.write(frame(TEXT, 'one'), frame(TEXT, 'two'));
    await until(() => told.length === 6);
    expect(AsyncTcpConnection.statistics.total_request - before).toBe(2);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'throws',
      () => {
        throw new Error('mine');
      },
      /mine/,
    ],
    ['is an async function', async () => undefined, /must return, at once, a sink.*returned a promise/],
    ['returns a number', () => 5, /returned a value of type number/],
    ['returns half a sink', () => ({ write: () => {}, end: () => {} }), /returned a value of type object/],
    [
      'returns a stream that is locked',
      () => {
        const stream = new WritableStream();
        stream.getWriter();
        return stream;
      },
      /./,
    ],
  ])('that %s is told by onError, and the message comes by onMessage', async (_, start, message) => {
    const { peer, told, log } = await opened(() => start as Start);
    peer.write(frame(TEXT, 'one'), frame(TEXT, 'two'));
    await until(() => told.length === 2);
    expect(told).toEqual(['message one', 'message two']);
    expect(log.errors).toHaveLength(2);
    expect(log.errors[0]).toMatchObject({ code: AsyncTcpConnection.CALLBACK_EXCEPTION });
    expect(log.errors[0]!.message).toMatch(message);
  });

  it('that is an async function which rejects is told of that, too', async () => {
    const { peer, told, log } = await opened(
      () =>
        (async () => {
          throw new Error('mine');
        }) as unknown as Start,
    );
    peer.write(frame(TEXT, 'one'));
    await until(() => told.length === 1 && log.errors.length === 2);
    expect(log.errors.map(({ message }) => message).join()).toMatch(/at once.*mine/);
  });
});

describe('a sink that is not ready', () => {
  it('holds what follows, by each of its promises, in order', async () => {
    const { peer, told } = await opened((told) =>
      writing(told, async () => {
        const { length } = told;
        await setTimeout(2);
        expect(told.length).toBe(length);
      }),
    );
    peer.write(
      frame(0x01, 'one'),
      frame(PING, 'p'),
      frame(0x00, ''),
      frame(0x80, 'two'),
      frame(TEXT, 'three'),
      frame(TEXT, ''),
      frame(BINARY, 'x'),
    );
    await until(() => told.filter((line) => line === 'end').length === 4);
    expect(told.join().replace('write onetwo', 'write one,write two')).toBe(
      'text,write one,write two,end,text,write three,end,text,end,binary,write 120,end',
    );
  });

  it('holds reading, too: TCP makes the peer wait', async () => {
    const wait = gate();
    const { connection, peer, told } = await opened((told) =>
      writing(told, (what) => (what === 'end' ? undefined : wait.promise)),
    );
    peer.write(frame(BINARY, pattern(1_000)));
    await until(() => told.length >= 2);
    let sent = 0;
    const chunk = frame(BINARY, pattern(MiB));
    // Until the kernel is full.
    while (peer.socket.write(chunk) || sent < 8) {
      sent += 1;
      if (sent > 200) break;
      await setImmediate();
    }
    for (let turn = 0; turn < 50; turn += 1) await setImmediate();
    const { bytesRead } = connection;
    await setTimeout(30);
    expect(connection.bytesRead).toBe(bytesRead);
    expect(connection.getRecvBufferQueueSize()).toBeLessThan(2 * MiB);
    expect(told.length).toBe(2);
    wait.open();
    await until(() => told.filter((line) => line === 'end').length === sent + 2);
  });

  it('and a pause of the user’s are two things: both have to go', async () => {
    const waits = [gate(), gate()];
    let writes = 0;
    const { connection, peer, told } = await opened((told) =>
      writing(told, (what) => {
        if (!what.startsWith('write')) return undefined;
        writes += 1;
        return waits[writes - 1]?.promise;
      }),
    );
    peer.write(frame(TEXT, 'one'), frame(TEXT, 'two'), frame(TEXT, 'three'));
    await until(() => told.length === 2);
    connection.pauseRecv();
    waits[0]!.open();
    await setTimeout(10);
    expect(told).toEqual(['text', 'write one', 'end']);
    connection.resumeRecv();
    await until(() => told.length === 5);
    connection.pauseRecv();
    connection.resumeRecv();
    await setTimeout(10);
    expect(told.slice(3)).toEqual(['text', 'write two']);
    waits[1]!.open();
    await until(() => told.length === 9);
    expect(told.slice(5)).toEqual(['end', 'text', 'write three', 'end']);
  });

  it('is waited for with what inflates, by turns, and with little in memory', async () => {
    let bytes = 0;
    let largest = 0;
    const { peer, connection } = await agreedTo(true, 'permessage-deflate', (connection) => {
      connection.maxPackageSize = 10;
      connection.onMessageStart = () => ({
        write: (piece) => {
          bytes += piece.length;
          largest = Math.max(largest, piece.length);
          return Promise.resolve();
        },
        end: () => {},
        abort: () => {},
      });
    });
    const bomb = new PeerDeflate().frame(2, Buffer.alloc(40 * MiB));
    peer.write(bomb, frame(PING, 'behind'));
    await peer.readFrameOf(PONG);
    expect([bytes, connection.getRecvBufferQueueSize()]).toEqual([40 * MiB, 0]);
    expect(largest).toBeLessThanOrEqual(131_072);
  });

  it('is told the end of a message whose last piece it has not taken when the connection goes', async () => {
    const wait = gate();
    const { connection, peer, told, log } = await opened((told) =>
      writing(told, (what) => (what === 'end' ? undefined : wait.promise)),
    );
    peer.write(frame(TEXT, 'one'));
    await until(() => told.length === 2);
    connection.destroy();
    expect(log.closings).toHaveLength(1);
    expect(told).toEqual(['text', 'write one']);
    wait.open();
    await until(() => told.length === 3);
    expect(told.at(-1)).toBe('end');
  });

  it('gets the rest of what had come, when the peer has gone meanwhile; onClose comes behind it', async () => {
    const wait = gate();
    const { peer, told, log } = await opened((told) =>
      writing(told, (what) => (what === 'write one' ? wait.promise : undefined)),
    );
    peer.write(frame(0x01, 'one'));
    await until(() => told.length === 2);
    peer.write(frame(0x80, ' two'), frame(TEXT, 'three'), closeFrame(1000));
    peer.socket.end();
    await setTimeout(20);
    expect(told.length).toBe(2);
    wait.open();
    await log.until('close 1000');
    expect(told).toEqual(['text', 'write one', 'write  two', 'end', 'text', 'write three', 'end']);
  });

  it('sends and receives in its methods as any callback does', async () => {
    const { peer, told } = await opened((told, connection) =>
      writing(told, async (what) => {
        connection.send(`echo ${what}`);
        await connection.sendAsync('later');
      }),
    );
    peer.write(frame(TEXT, 'one'), frame(TEXT, 'two'));
    await until(() => told.length === 6);
    const texts: string[] = [];
    while (texts.length < 8) texts.push((await peer.readFrame()).payload.toString());
    expect(texts).toEqual([
      'echo write one',
      'later',
      'echo end',
      'later',
      'echo write two',
      'later',
      'echo end',
      'later',
    ]);
  });
});

describe('abort()', () => {
  const ENDINGS: readonly (readonly [string, (opened: Opened) => unknown, string])[] = [
    ['destroy()', ({ connection }) => connection.destroy(), 'WS_ERR_MESSAGE_CUT'],
    ['close()', ({ connection }) => connection.close(), 'WS_ERR_MESSAGE_CUT'],
    ['a reset', ({ peer }) => peer.socket.resetAndDestroy(), 'WS_ERR_RESET'],
    ['the end without a close frame', ({ peer }) => peer.socket.end(), 'WS_ERR_ENDED'],
    ['a close frame in its midst', ({ peer }) => peer.write(closeFrame(1000)), 'WS_ERR_MESSAGE_CUT'],
    ['text that is wrong', ({ peer }) => peer.write(frame(0x80, Buffer.of(0xff))), 'WS_ERR_INVALID_UTF8'],
    ['a frame that is wrong', ({ peer }) => peer.write(frame(TEXT, 'another')), 'WS_ERR_INVALID_OPCODE'],
    [
      'too many fragments',
      ({ peer }) => peer.write(...Array.from({ length: 9 }, () => frame(0x00, 'x'))),
      'WS_ERR_TOO_MANY_BUFFERED_PARTS',
    ],
  ];

  it.each(ENDINGS)('is called once by %s, and end() is not', async (_, end, code) => {
    for (const isHeld of [false, true]) {
      const never = new Promise(() => {});
      const one = await opened(
        (told) => writing(told, (what) => (isHeld && what.startsWith('write begun') ? never : undefined)),
        (connection) => {
          connection.maxFragments = 8;
          connection.closeTimeout = 0.3;
          connection.lingerTimeout = 0.3;
        },
      );
      one.peer.write(frame(0x01, 'begun'));
      await until(() => one.told.length === 2);
      await end(one);
      // What is behind a hold that never ends is not seen: then the user gives up.
      if (isHeld && !['WS_ERR_MESSAGE_CUT', 'WS_ERR_RESET', 'WS_ERR_ENDED'].includes(code)) one.connection.destroy();
      if (isHeld && code === 'WS_ERR_MESSAGE_CUT' && one.connection.getStatus() === 2) one.connection.destroy();
      one.peer.end().catch(() => {});
      await until(() => one.told.length > 2 && one.log.closings.length > 0);
      const told = one.told.filter((line) => !/^write x+$/.test(line));
      const held = isHeld && !['WS_ERR_RESET', 'WS_ERR_ENDED'].includes(code);
      expect(told, `held: ${isHeld}`).toEqual(['text', 'write begun', `abort ${held ? 'WS_ERR_MESSAGE_CUT' : code}`]);
      expect(one.log.closings).toHaveLength(1);
      await setTimeout(5);
      expect(one.told.at(-1)).toMatch(/^abort/);
    }
  });

  it('comes before onError and onClose, and its error is theirs', async () => {
    const order: unknown[] = [];
    const one = await opened(
      () => () => ({ write: () => {}, end: () => {}, abort: (error) => order.push(error) }),
      (connection) => {
        connection.lingerTimeout = 0.2;
      },
    );
    one.connection.onError = (_, _code, _message, cause) => order.push(cause);
    one.connection.onClose = (_, { error }) => order.push(error);
    one.peer.write(frame(0x01, 'begun'), frame(0x80, Buffer.of(0xff)));
    await until(() => order.length === 3);
    expect(order[0]).toMatchObject({ code: 'WS_ERR_INVALID_UTF8' });
    expect([order[1], order[2]]).toEqual([order[0], order[0]]);
  });

  it('behind close(): the rest of the message is passed over, and the closing handshake goes on', async () => {
    const never = new Promise(() => {});
    for (const result of [undefined, never]) {
      const { connection, peer, told, log } = await opened((told) => writing(told, () => result));
      peer.write(frame(0x01, 'one'));
      await until(() => told.length === 2);
      connection.close(4001);
      expect(told.at(-1)).toBe('abort WS_ERR_MESSAGE_CUT');
      expect(statusOf(await peer.readFrameOf(CLOSE))).toBe(4001);
      peer.write(frame(0x00, 'two'), frame(0x80, 'three'), frame(TEXT, 'four'), closeFrame(4001));
      peer.socket.end();
      await log.until('close 4001');
      expect(told).toEqual(['text', 'write one', 'abort WS_ERR_MESSAGE_CUT']);
      expect(log.closings[0]).toMatchObject({ wasClean: true });
    }
  });

  it('waits with close() for what is on its way out: until then messages are told', async () => {
    const { connection, peer, told } = await opened((told) => writing(told));
    const blob = new Blob(['late']);
    const wait = gate();
    blob.arrayBuffer = () => wait.promise.then(() => new ArrayBuffer(4));
    connection.send(blob);
    peer.write(frame(0x01, 'one'));
    await until(() => told.length === 2);
    connection.close();
    peer.write(frame(0x80, 'two'));
    await until(() => told.length === 4);
    expect(told).toEqual(['text', 'write one', 'write two', 'end']);
    wait.open();
    await peer.readFrameOf(CLOSE);
  });

  it('that throws or rejects is told by onError', async () => {
    for (const fail of [
      () => {
        throw new Error('mine');
      },
      () => Promise.reject(new Error('mine')),
    ]) {
      const { connection, peer, told, log } = await opened((told) => () => ({
        write: () => told.push('write'),
        end: () => {},
        abort: fail,
      }));
      peer.write(frame(0x01, 'begun'));
      await until(() => told.length === 1);
      connection.destroy();
      await log.until('error CALLBACK_EXCEPTION');
      expect(log.errors).toHaveLength(1);
      expect(log.closings).toHaveLength(1);
    }
  });
});

describe('a sink that fails', () => {
  it.each<[string, 'write' | 'end', () => unknown]>([
    [
      'throws in write()',
      'write',
      () => {
        throw new Error('mine');
      },
    ],
    ['rejects in write()', 'write', () => Promise.reject(new Error('mine'))],
    [
      'throws in end()',
      'end',
      () => {
        throw new Error('mine');
      },
    ],
    ['rejects in end()', 'end', () => Promise.reject(new Error('mine'))],
    [
      'returns a thenable that throws',
      'write',
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: it is what is tested
        then: () => {
          throw new Error('mine');
        },
      }),
    ],
  ])('%s is told once, the rest is passed over, and others come', async (_, where, fail) => {
    let messages = 0;
    const { peer, told, log } = await opened((told) => (...rest) => {
      messages += 1;
      return messages === 1
        ? writing(told, (what) => (what.startsWith(where) ? fail() : undefined))(...rest)
        : writing(told)(...rest);
    });
    peer.write(frame(0x01, 'a'));
    await until(() => told.length === 2);
    peer.write(frame(0x00, 'b'), frame(0x80, 'c'), frame(TEXT, 'next'));
    await until(() => told.includes('write next') && told.at(-1) === 'end');
    await setImmediate();
    const first = told.slice(0, told.lastIndexOf('text'));
    if (where === 'write') expect(first).toEqual(['text', 'write a']);
    else expect(first.at(-1)).toBe('end');
    expect(told.slice(-3)).toEqual(['text', 'write next', 'end']);
    expect(log.errors.map(({ code, message }) => [code, message.slice(-5)])).toEqual([
      [AsyncTcpConnection.CALLBACK_EXCEPTION, 'mine.'],
    ]);
  });

  it('does not excuse the peer: the rest is still validated', async () => {
    const { peer, told, log } = await opened((told) =>
      writing(told, () => {
        throw new Error('mine');
      }),
    );
    peer.write(frame(0x01, 'a'));
    await until(() => told.length === 2);
    peer.write(frame(0x80, Buffer.of(0xff)));
    expect(statusOf(await peer.readFrameOf(CLOSE))).toBe(1007);
    await log.until('error PROTOCOL_ERROR');
    expect(told).toEqual(['text', 'write a']);
  });
});

describe('a WritableStream', () => {
  const strategy = (highWaterMark: number) => ({ highWaterMark });

  it.each([1, 4, 100])('gets pieces at its pace, with a high-water mark of %i', async (mark) => {
    const written: string[] = [];
    let inFlight = 0;
    const { peer, told } = await opened((told) => () => {
      inFlight = 0;
      return new WritableStream<string>(
        {
          write: async (piece) => {
            inFlight += 1;
            expect(inFlight).toBe(1);
            await setTimeout(1);
            inFlight -= 1;
            written.push(piece);
          },
          close: () => {
            told.push(`close ${written.splice(0).join('')}`);
          },
        },
        strategy(mark),
      );
    });
    peer.write(
      ...Array.from({ length: 10 }, (_, place) => frame((place === 0 ? 1 : 0) | (place === 9 ? 0x80 : 0), `${place} `)),
    );
    peer.write(frame(TEXT, 'next'), frame(TEXT, ''));
    await until(() => told.length === 3);
    expect(told).toEqual(['close 0 1 2 3 4 5 6 7 8 9 ', 'close next', 'close ']);
  });

  it('that is full holds delivery, and a heartbeat with it', async () => {
    const wait = gate();
    const written: unknown[] = [];
    const { connection, peer, told } = await opened(
      () => () =>
        new WritableStream({
          write: (piece) => {
            written.push(piece);
            return wait.promise;
          },
        }),
    );
    connection.websocketPingInterval = 0.05;
    peer.write(frame(0x01, 'one'));
    await until(() => written.length === 1);
    peer.write(frame(0x80, 'two'), frame(PING, ''));
    await setTimeout(200);
    // Not dead: what it says is behind the hold.
    expect([connection.getStatus(false), written, told]).toEqual(['ESTABLISHED', ['one'], []]);
    wait.open();
    await until(() => written.length === 2);
    await peer.readFrameOf(PONG);
  });

  it('is aborted with the connection, and with its error; what it has not written is no failure of its', async () => {
    const reasons: unknown[] = [];
    const wait = gate();
    let writes = 0;
    const sink: UnderlyingSink = {
      write: () => {
        writes += 1;
        return wait.promise;
      },
      abort: (reason) => {
        reasons.push(reason);
      },
    };
    const { connection, peer, log } = await opened(() => () => new WritableStream(sink, strategy(3)));
    peer.write(frame(0x01, 'one'), frame(PING, ''), frame(0x00, 'two'), frame(PING, ''));
    await until(() => writes === 1);
    await peer.readFrameOf(PONG);
    await peer.readFrameOf(PONG);
    connection.destroy();
    wait.open();
    await until(() => reasons.length === 1);
    await setImmediate();
    expect(reasons).toEqual([expect.objectContaining({ code: 'WS_ERR_MESSAGE_CUT' })]);
    expect([log.errors, writes]).toEqual([[], 1]);
  });

  it.each<[string, UnderlyingSink]>([
    ['in write()', { write: () => Promise.reject(new Error('mine')) }],
    ['in close()', { close: () => Promise.reject(new Error('mine')) }],
    ['in start()', { start: () => Promise.reject(new Error('mine')) }],
    [
      'by its controller, later',
      {
        write: (_, controller) => {
          setTimeout(3).then(() => controller.error(new Error('mine')));
          return setTimeout(10);
        },
      },
    ],
  ])('that fails %s is told once, and the connection goes on', async (_, sink) => {
    let isFirst = true;
    const { peer, told, log } = await opened((told) => (...rest) => {
      if (!isFirst) return writing(told)(...rest);
      isFirst = false;
      return new WritableStream(sink, strategy(3));
    });
    peer.write(frame(0x01, 'one'), frame(0x00, 'two'), frame(0x80, 'three'), frame(TEXT, 'next'));
    await until(() => told.length === 3);
    expect(told).toEqual(['text', 'write next', 'end']);
    await log.until('error CALLBACK_EXCEPTION');
    expect(log.errors.map(({ cause }) => (cause as Error).message)).toEqual(['mine']);
  });
});

it('takes a frame of an exabyte, as far as it comes', async () => {
  const { peer, told, connection } = await opened((told) => writing(told));
  peer.write(head(BINARY, 2n ** 60n), Buffer.alloc(1_000));
  await until(() => told.length >= 2);
  expect([told[0], connection.getRecvBufferQueueSize()]).toEqual(['binary', 0]);
  connection.destroy();
  expect(told.at(-1)).toBe('abort WS_ERR_MESSAGE_CUT');
});

it('begins anew with the next connection, and tells nothing of the one before', async () => {
  const server = await rawServer('ws');
  const connection = server.client();
  const told: string[] = [];
  connection.reconnectPolicy = { minDelay: 0.01, maxDelay: 0.01 };
  const wait = gate();
  const log = record(connection);
  connection.onMessageStart = writing(told, (what) => (what === 'write old' ? wait.promise : undefined));
  connection.connect();
  const first = await server.acceptedPeer();
  first.write(frame(0x01, 'old'));
  await until(() => told.length === 2);
  first.socket.resetAndDestroy();
  const second = await server.acceptedPeer();
  await log.until('open 101', 2);
  second.write(frame(TEXT, 'new'));
  await until(() => told.at(-1) === 'end');
  wait.open();
  second.write(frame(TEXT, 'newer'));
  await until(() => told.length === 9);
  expect(told).toEqual([
    'text',
    'write old',
    'abort WS_ERR_RESET',
    'text',
    'write new',
    'end',
    'text',
    'write newer',
    'end',
  ]);
});

describe('whoever is asked for a sink and', () => {
  it.each<[string, (connection: AsyncTcpConnection) => void]>([
    ['destroys the connection', (connection) => connection.destroy()],
    ['closes it', (connection) => connection.close()],
    [
      'begins another one',
      (connection) => {
        connection.close();
        connection.connect();
      },
    ],
  ])('%s has it back at once, with nothing in it', async (_, end) => {
    const { connection, peer, told } = await opened((told) => (self, start) => {
      const sink = writing(told)(self, start);
      self.onMessageStart = null;
      end(self);
      return { ...(sink as MessageSink), abort: ({ code }) => told.push(`abort ${code}`) };
    });
    peer.write(frame(TEXT, 'ab'), frame(TEXT, 'cd'));
    await until(() => told.length >= 2);
    expect(told).toEqual(['text', 'abort WS_ERR_MESSAGE_CUT']);
    connection.destroy();
    await setTimeout(20);
    expect(told.length).toBe(2);
  });
});
