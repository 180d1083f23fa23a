// The async context in which an AsyncTcpConnection tells what it tells: the one in which connect() was called, or in which the
// reconnect was asked for, whoever sends, pauses, ends, aborts or sets a heartbeat.

import { channel } from 'node:diagnostics_channel';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AsyncTcpConnection, type Transport, type TransportHandlers } from '../../src/index';
import { ContextLog, contextName, inContext } from '../support/contexts';
import { CALLBACKS } from '../support/event-log';
import { BINARY, closeFrame, frame, PING, PONG, type RawPeer, TEXT } from '../support/raw-peer';
import { closedPort, type RawTestServer, rawServer, SCHEMES, wsServer } from '../support/servers';

const ALL = [...CALLBACKS, 'onReconnect', 'onReconnectFailed'] as const;

/** Writes down what each callback is told in. */
function watched(connection: AsyncTcpConnection): ContextLog {
  const log = new ContextLog();
  for (const name of ALL) connection[name] = () => log.tell(name);
  return log;
}

interface Open {
  readonly connection: AsyncTcpConnection;
  readonly log: ContextLog;
  readonly peer: RawPeer;
}

/** One that was made in one context and connected in another, whose name is given, to a peer of scripts. */
async function opened(name: string, server: RawTestServer, options = {}, closeTimeout = 5): Promise<Open> {
  const connection = inContext('made', () => server.client('/', options));
  connection.closeTimeout = closeTimeout;
  const log = watched(connection);
  inContext(name, () => connection.connect());
  const peer = await server.acceptedPeer();
  await log.until('onWebSocketConnect');
  return { connection, log, peer };
}

const count = (log: ContextLog, name: string): number => log.lines.filter((line) => line.startsWith(name)).length;

describe.each(SCHEMES)('async context over %s', (scheme) => {
  it('of several connections, whose events come side by side', async () => {
    const server = await rawServer(scheme);
    const all = [await opened('A', server), await opened('B', server), await opened('C', server)];
    for (const { peer } of all) peer.write(frame(TEXT, 'x'), frame(PING), frame(PONG), frame(BINARY, 'x'));
    inContext('X', () => {
      for (const { connection } of all) connection.send('x');
    });
    await Promise.all(all.map(({ log }) => log.until('onMessage', 2)));
    for (const { peer } of all) {
      peer.write(closeFrame(1000));
      peer.socket.end();
    }
    await Promise.all(all.map(({ log }) => log.until('onClose')));
    expect(all.map(({ log }, i) => log.outOf('ABC'[i]!))).toEqual([[], [], []]);
    expect(all.map(({ log }) => new Set(log.lines).size)).toEqual([7, 7, 7]);
  });

  it('of what a pause holds back, and of an end behind it', async () => {
    const server = await rawServer(scheme);
    const { connection, log, peer } = await opened('A', server);
    inContext('B', () => connection.pauseRecv());
    peer.write(...Array.from({ length: 5 }, () => frame(TEXT, 'x')));
    connection.onMessage = () => {
      log.tell('onMessage');
      if (count(log, 'onMessage') === 2) inContext('C', () => connection.pauseRecv());
    };
    inContext('D', () => connection.resumeRecv());
    await log.until('onMessage', 2);
    peer.socket.destroy();
    setImmediate(() => inContext('E', () => connection.resumeRecv()));
    await log.until('onClose');
    expect(count(log, 'onMessage')).toBe(5);
    expect(log.outOf('A')).toEqual([]);
  });

  it('of a buffer that is full and drains, and of what is too much', async () => {
    const server = await rawServer(scheme);
    const { connection, log, peer } = await opened('A', server);
    peer.socket.pause();
    connection.maxSendBufferSize = 1_000;
    inContext('B', () => {
      while (connection.send(Buffer.alloc(100_000)) !== false);
    });
    peer.socket.resume();
    await log.until('onBufferDrain');
    inContext('C', () => connection.destroy());
    expect(log.lines.slice(-5)).toEqual(
      ['onWebSocketConnect', 'onBufferFull', 'onError', 'onBufferDrain', 'onClose'].map((name) => `${name} in A`),
    );
  });
});

describe('async context', () => {
  it('of a drain behind an end, whoever ends it or calls off the reconnect', async () => {
    const server = await rawServer('ws');
    for (const end of ['destroy', 'cancelReconnect'] as const) {
      const { connection, log, peer } = await opened('A', server);
      peer.socket.pause();
      connection.maxSendBufferSize = 1_000;
      inContext('B', () => {
        while (connection.send(Buffer.alloc(100_000)) === true);
      });
      connection.reconnectPolicy = () => 60;
      if (end === 'cancelReconnect') {
        peer.socket.destroy();
        await log.until('onReconnect');
      }
      inContext('C', () => connection[end]());
      await log.until('onBufferDrain');
      expect(log.outOf('A')).toEqual([]);
    }
  });

  it('of ends that somebody else asks for', async () => {
    const server = await rawServer('ws');
    const destroyed = await opened('A', server);
    const closed = await opened('B', server);
    const ended = await opened('C', server);
    const late = await opened('D', server, {}, 0.03);
    const silent = await opened('E', server, {}, 0.03);
    inContext('X', () => destroyed.connection.destroy());
    expect(destroyed.log.lines.at(-1)).toBe('onClose in A');
    inContext('X', () => closed.connection.close());
    closed.peer.write(closeFrame(1000));
    closed.peer.socket.end();
    inContext('X', () => ended.connection.end());
    ended.peer.socket.end();
    // The time is over in the context of whoever closes.
    inContext('X', () => late.connection.close());
    inContext('X', () => {
      silent.connection.close();
      silent.connection.pauseRecv();
    });
    for (const { log } of [closed, ended, late, silent]) await log.until('onClose');
    expect([destroyed, closed, ended, late, silent].map(({ log }, i) => log.outOf('ABCDE'[i]!))).toEqual([
      ...[[], [], [], [], []],
    ]);
  });

  it('of a heartbeat that somebody else sets', async () => {
    const server = await rawServer('ws');
    const { connection, log, peer } = await opened('A', server);
    inContext('B', () => {
      connection.websocketPingTimeout = 0.05;
      connection.websocketPingInterval = 0.02;
    });
    await peer.readFrame();
    await log.until('onClose');
    expect(count(log, 'onError')).toBe(1);
    expect(log.outOf('A')).toEqual([]);
  });

  it('of an AbortSignal that ends attempts of several, from elsewhere', async () => {
    const server = await rawServer('ws');
    const controller = new AbortController();
    const logs = ['A', 'B', 'C'].map((name) => {
      const connection = server.client('/', { signal: controller.signal });
      const log = watched(connection);
      inContext(name, () => connection.connect());
      return log;
    });
    inContext('X', () => controller.abort());
    expect(logs.map((log) => log.lines)).toEqual(
      ['A', 'B', 'C'].map((name) => [`onError in ${name}`, `onClose in ${name}`]),
    );
  });

  it('of providers, lookups, refusals and a policy: each attempt goes on where the last one was', async () => {
    const port = await closedPort();
    const log = new ContextLog();
    const connection = new AsyncTcpConnection(
      async () => {
        log.tell('url');
        return `ws://some.name:${port}`;
      },
      {
        lookup: (_name, options, callback) => {
          log.tell('lookup');
          // Whose callback it is, is nobody's business.
          setImmediate(() =>
            inContext('resolver', () => {
              if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
              else callback(null, '127.0.0.1', 4);
            }),
          );
        },
      },
    );
    onTestFinished(() => connection.destroy());
    for (const name of ALL) connection[name] = () => log.tell(name);
    connection.headers = () => {
      log.tell('headers');
      return {};
    };
    connection.reconnectPolicy = (attempt) => {
      log.tell('policy');
      return attempt < 3 ? 0.001 : -1;
    };
    inContext('A', () => connection.connect());
    await log.until('onReconnectFailed');
    expect(['url', 'headers', 'lookup', 'onError', 'onClose', 'policy'].map((name) => count(log, name))).toEqual([
      ...[3, 3, 3, 3, 3, 3],
    ]);
    expect(log.outOf('A')).toEqual([]);
  });

  it('of reConnect() is that of its caller, and connect() in onClose goes on where that was told', async () => {
    const server = await wsServer('ws', (socket) => socket.on('message', () => socket.terminate()));
    const connection = server.client();
    const log = watched(connection);
    inContext('A', () => connection.connect());
    await log.until('onWebSocketConnect');
    inContext('B', () => connection.destroy());
    inContext('C', () => connection.reConnect(0.001));
    await log.until('onWebSocketConnect', 2);
    connection.onClose = () => {
      log.tell('onClose');
      connection.onClose = () => log.tell('onClose');
      connection.connect();
    };
    inContext('D', () => connection.send('cut'));
    await log.until('onWebSocketConnect', 3);
    inContext('E', () => connection.destroy());
    const told = (name: string): string[] =>
      log.lines.filter((line) => line.startsWith(name)).map((line) => line.slice(-1));
    expect([told('onConnect'), told('onWebSocketConnect'), told('onClose')]).toEqual([
      ['A', 'C', 'C'],
      ['A', 'C', 'C'],
      ['A', 'C', 'C'],
    ]);
  });

  it('of sendAsync() is that of whoever waits, whoever flushes', async () => {
    const server = await rawServer('ws');
    const all = [await opened('A', server), await opened('B', server)];
    const log = new ContextLog();
    const send = async ({ connection }: Open, data: string | Blob, name: string): Promise<void> => {
      await connection.sendAsync(data);
      log.tell(name);
    };
    await Promise.all([
      inContext('1', () => send(all[0]!, 'x', '1')),
      inContext('2', () => send(all[1]!, 'x', '2')),
      inContext('3', () => send(all[0]!, new Blob(['x']), '3')),
      inContext('4', () => send(all[0]!, 'x', '4')),
    ]);
    expect([...log.lines].sort()).toEqual(['1 in 1', '2 in 2', '3 in 3', '4 in 4']);
  });

  it('of a Blob that cannot be read, and of an exception', async () => {
    const server = await rawServer('ws');
    const { connection, log, peer } = await opened('A', server);
    const blob = new Blob(['x']);
    blob.arrayBuffer = () => Promise.reject(new Error('unreadable'));
    inContext('B', () => connection.send(blob));
    await log.until('onError');
    connection.onMessage = () => {
      throw new Error('thrown');
    };
    peer.write(frame(TEXT, 'x'));
    await log.until('onError', 2);
    expect(log.outOf('A')).toEqual([]);
  });

  it('of a pipe: each end in its own', async () => {
    const server = await rawServer('ws');
    const [source, destination] = [await opened('A', server), await opened('B', server)];
    destination.connection.maxSendBufferSize = 200_000;
    destination.peer.socket.pause();
    inContext('X', () => source.connection.pipe(destination.connection));
    const { onMessage } = source.connection;
    source.connection.onMessage = (...told) => {
      source.log.tell('onMessage');
      onMessage!(...told);
    };
    for (let i = 0; i < 200; i += 1) source.peer.write(frame(BINARY, Buffer.alloc(100_000)));
    await destination.log.until('onBufferFull');
    destination.peer.socket.resume();
    await destination.log.until('onBufferDrain');
    await source.log.until('onMessage', 200);
    inContext('Y', () => source.connection.destroy());
    await destination.log.until('onBufferDrain');
    inContext('Y', () => destination.connection.destroy());
    expect([source.log.outOf('A'), destination.log.outOf('B')]).toEqual([[], []]);
  });

  it('of a transport that throws in a flush which another one has scheduled', async () => {
    const server = await rawServer('ws');
    const calls = new ContextLog();
    let isBroken = false;
    const transport = (_: unknown, handlers: TransportHandlers): Transport => {
      const below = inContext('pump', () => connect(server.port, '127.0.0.1'));
      below.on('connect', () => handlers.onConnect());
      below.on('data', (chunk: Buffer) => handlers.onRead(chunk, chunk.length));
      return {
        endpoints: {},
        write: (bytes) => {
          calls.tell('write');
          if (isBroken) throw new Error('broken');
          below.write(bytes);
          return true;
        },
        read: () => {},
        startTls: () => {},
        close: () => {
          calls.tell('close');
          below.destroy();
        },
      };
    };
    const other = await opened('O', server);
    const { connection, log } = await opened('A', server, { transport });
    isBroken = true;
    inContext('X', () => other.connection.send('x'));
    inContext('Y', () => connection.send('x'));
    await log.until('onClose');
    expect(log.lines).toEqual(['onConnect', 'onWebSocketConnect', 'onError', 'onClose'].map((name) => `${name} in A`));
    expect(calls.outOf('A')).toEqual([]);
    expect(other.log.outOf('O')).toEqual([]);
  });

  it('of subscribers to the diagnostics', async () => {
    const server = await rawServer('ws');
    const seen = new ContextLog();
    const names = ['open', 'close', 'error', 'ping', 'pong'];
    for (const name of names) {
      const subscriber = (): void => seen.tell(name);
      const own = channel(`wsimd:${name}`);
      own.subscribe(subscriber);
      onTestFinished(() => void own.unsubscribe(subscriber));
    }
    const { connection, log, peer } = await opened('A', server);
    peer.write(frame(PING), frame(PONG), frame(TEXT, 'x'));
    await log.until('onMessage');
    connection.maxSendBufferSize = 1_000;
    peer.socket.pause();
    inContext('B', () => {
      while (connection.send(Buffer.alloc(100_000)) !== false);
    });
    inContext('C', () => connection.destroy());
    expect([...seen.lines].sort()).toEqual(names.map((name) => `${name} in A`).sort());
  });

  it('is what it was behind each call', async () => {
    const server = await rawServer('ws');
    const { connection } = await opened('A', server);
    inContext('B', () => {
      connection.pauseRecv();
      connection.resumeRecv();
      connection.destroy();
      expect(contextName()).toBe('B');
    });
  });
});
