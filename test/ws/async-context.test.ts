// The async context in which the drop-in tells what it tells: a socket's events in the one in which it was made, the callback of a
// send in that of the send, whoever flushes, ends or resumes. The npm package `ws` plays along wherever it keeps to that itself.

import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect, createServer } from 'node:net';
import { duplexPair } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as control from 'ws';
import { type ClientOptions, createWebSocketStream, WebSocket } from '../../src/index';
import { ContextLog, inContext } from '../support/contexts';
import { closeFrame, frame, TEXT } from '../support/raw-peer';
import { closedPort, echoServer, rawServer, type WsTestServer, wsServer } from '../support/servers';

interface Library {
  readonly WebSocket: typeof WebSocket;
  readonly createWebSocketStream: typeof createWebSocketStream;
}

const OURS: Library = { WebSocket, createWebSocketStream };
const BOTH: readonly (readonly [name: string, library: Library])[] = [
  ['wsimd', OURS],
  ['ws', control as unknown as Library],
];

const EVENTS = ['open', 'message', 'ping', 'pong', 'error', 'close', 'upgrade', 'redirect'] as const;

interface Made {
  readonly socket: WebSocket;
  readonly log: ContextLog;
}

/** A socket that was made in this context, and tells of all its events but those that have to be asked for. */
function made(
  { WebSocket }: Library,
  name: string,
  url: string,
  options: ClientOptions = {},
  events: readonly string[] = EVENTS.slice(0, 6),
): Made {
  const log = new ContextLog();
  const socket = inContext(name, () => {
    const socket = new WebSocket(url, { perMessageDeflate: false, ...options });
    for (const event of events) socket.on(event, () => log.tell(event));
    return socket;
  });
  onTestFinished(() => socket.terminate());
  return { socket, log };
}

async function opened(...values: Parameters<typeof made>): Promise<Made> {
  const both = made(...values);
  await both.log.until('open');
  return both;
}

/** Pings when it is told to, breaks the protocol, closes; all else comes back. */
function obedientServer(options = {}): Promise<WsTestServer> {
  return wsServer(
    'ws',
    (socket) => {
      socket.on('message', (data, isBinary) => {
        const word = String(data);
        if (word === 'ping') socket.ping();
        else if (word === 'close') socket.close(1000);
        else if (word === 'break') (socket as unknown as { _socket: NodeJS.WritableStream })._socket.write(frame(3));
        else socket.send(data, { binary: isBinary });
      });
    },
    options,
  );
}

describe.each(BOTH)('async context of %s', (_name, library) => {
  it('events of several sockets, whoever sends, are each told where the socket was made', async () => {
    const server = await obedientServer();
    const all = await Promise.all(['A', 'B', 'C'].map((name) => opened(library, name, server.url)));
    inContext('X', () => {
      for (const { socket } of all) {
        socket.send('text');
        socket.send('ping');
        socket.ping();
      }
    });
    await Promise.all(all.flatMap(({ log }) => ['message', 'ping', 'pong'].map((event) => log.until(event))));
    inContext('Y', () => {
      for (const { socket } of all) socket.close();
    });
    await Promise.all(all.map(({ log }) => log.until('close')));
    expect(all.map(({ log }, i) => log.outOf('ABC'[i]!))).toEqual([[], [], []]);
    expect(all.map(({ log }) => log.lines.length)).toEqual([5, 5, 5]);
  });

  it('callbacks of one tick, on several sockets, are each called where they were given', async () => {
    const server = await echoServer('ws');
    const sockets = await Promise.all(['A', 'B'].map((name) => opened(library, name, server.url)));
    const log = new ContextLog();
    const [one, other] = sockets.map(({ socket }) => socket);
    inContext('1', () => one!.send('x', () => log.tell('send 1')));
    inContext('2', () => other!.send('x', () => log.tell('send 2')));
    inContext('3', () => one!.send(Buffer.from('x'), () => log.tell('send 3')));
    inContext('4', () => other!.ping('x', true, () => log.tell('send 4')));
    inContext('5', () => one!.pong('x', true, () => log.tell('send 5')));
    await log.until('send', 5);
    expect([...log.lines].sort()).toEqual([1, 2, 3, 4, 5].map((n) => `send ${n} in ${n}`));
  });

  it('a callback that is too late is called where it was given', async () => {
    const server = await echoServer('ws');
    const { socket, log } = await opened(library, 'A', server.url);
    socket.close();
    await log.until('close');
    const sends = new ContextLog();
    inContext('B', () => socket.send('x', () => sends.tell('send')));
    await sends.until('send');
    expect(sends.lines).toEqual(['send in B']);
  });

  it("'close' behind terminate() from elsewhere, at once, behind a send and behind close()", async () => {
    const server = await echoServer('ws');
    const all = await Promise.all(['A', 'B', 'C'].map((name) => opened(library, name, server.url)));
    const [plain, sending, closing] = all;
    inContext('X', () => plain!.socket.terminate());
    inContext('X', () => {
      sending!.socket.send('x');
      sending!.socket.terminate();
    });
    inContext('X', () => closing!.socket.close());
    inContext('Y', () => closing!.socket.terminate());
    await Promise.all(all.map(({ log }) => log.until('close')));
    expect(all.map(({ log }) => log.lines.at(-1))).toEqual(['close in A', 'close in B', 'close in C']);
  });

  it('ends by the peer, by a violation, a refusal and a silence', async () => {
    const server = await obedientServer();
    const [closed, broken] = await Promise.all(['A', 'B'].map((name) => opened(library, name, server.url)));
    inContext('X', () => closed!.socket.send('close'));
    inContext('X', () => broken!.socket.send('break'));
    const refused = made(library, 'C', `ws://127.0.0.1:${await closedPort()}`);
    const silent = made(library, 'D', (await rawServer('ws')).url, { handshakeTimeout: 30 });
    const all = [closed!, broken!, refused, silent];
    await Promise.all(all.map(({ log }) => log.until('close')));
    expect(all.map(({ log }, i) => log.outOf('ABCD'[i]!))).toEqual([[], [], [], []]);
    expect(all.map(({ log }) => log.lines.filter((line) => line.startsWith('error')).length)).toEqual([0, 1, 1, 1]);
  });

  it('an answer that is read by node:http, a redirect, and a socket of an agent', async () => {
    const server = await echoServer('ws');
    const redirecting = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(`HTTP/1.1 302 Found\r\nLocation: ${server.url}\r\n\r\n`));
    });
    redirecting.listen(0, '127.0.0.1');
    await once(redirecting, 'listening');
    onTestFinished(() => void redirecting.close());
    const { port } = redirecting.address() as { port: number };
    const all = [
      made(library, 'A', server.url, {}, EVENTS),
      made(library, 'B', `ws://127.0.0.1:${port}`, { followRedirects: true }, EVENTS),
      made(library, 'C', server.url, { agent: new Agent() }, EVENTS),
      made(library, 'D', server.url, { createConnection: connect as never }, EVENTS),
    ];
    await Promise.all(all.map(({ log }) => log.until('open')));
    inContext('X', () => {
      for (const { socket } of all) socket.send('x');
    });
    await Promise.all(all.map(({ log }) => log.until('message')));
    inContext('Y', () => {
      for (const { socket } of all) socket.terminate();
    });
    await Promise.all(all.map(({ log }) => log.until('close')));
    expect(all.map(({ log }, i) => log.outOf('ABCD'[i]!))).toEqual([[], [], [], []]);
    expect(all[1]!.log.lines).toContain('redirect in B');
  });

  it('what is asked for while it connects is told where that was asked', async () => {
    const server = await echoServer('ws');
    const closed = made(library, 'A', server.url);
    const terminated = made(library, 'B', server.url);
    inContext('X', () => closed.socket.close());
    inContext('Y', () => terminated.socket.terminate());
    await Promise.all([closed, terminated].map(({ log }) => log.until('close')));
    expect([closed.log.lines, terminated.log.lines]).toEqual([
      ['error in X', 'close in X'],
      ['error in Y', 'close in Y'],
    ]);
  });

  it('createWebSocketStream: what comes, where the socket was made; callbacks of writes, where they were written', async () => {
    const server = await echoServer('ws');
    const { socket } = await opened(library, 'A', server.url);
    const log = new ContextLog();
    const stream = inContext('A', () => library.createWebSocketStream(socket));
    stream.on('data', () => log.tell('data'));
    stream.on('close', () => log.tell('close'));
    inContext('B', () => stream.write('x', () => log.tell('written 1')));
    await Promise.all([log.until('data'), log.until('written 1')]);
    inContext('C', () => stream.write('x', () => log.tell('written 2')));
    await Promise.all([log.until('data', 2), log.until('written 2')]);
    inContext('D', () => stream.destroy());
    await log.until('close');
    expect([...log.lines].sort()).toEqual(['close in A', 'data in A', 'data in A', 'written 1 in B', 'written 2 in C']);
  });
});

describe('async context of wsimd alone', () => {
  it('callbacks of compressed messages, long and short, and the events of their socket', async () => {
    const server = await echoServer('ws', { perMessageDeflate: { threshold: 0 } });
    const { socket, log } = await opened(OURS, 'A', server.url, { perMessageDeflate: { threshold: 0 } });
    const sends = new ContextLog();
    const sizes = [300_000, 10, 200_000, 70_000, 1_000];
    sizes.forEach((size, i) => {
      inContext(`${i}`, () => socket.send('x'.repeat(size), () => sends.tell(`send ${i}`)));
    });
    await Promise.all([sends.until('send', sizes.length), log.until('message', sizes.length)]);
    expect([...sends.lines].sort()).toEqual(sizes.map((_, i) => `send ${i} in ${i}`));
    expect(log.outOf('A')).toEqual([]);
  });

  it('callbacks behind a peer that reads nothing are each called where they were given', async () => {
    const server = await rawServer('ws');
    const { socket, log } = made(OURS, 'A', server.url);
    const peer = await server.acceptedPeer();
    await log.until('open');
    peer.socket.pause();
    const sends = new ContextLog();
    const COUNT = 40;
    for (let i = 0; i < COUNT; i += 1) {
      inContext(`${i}`, () => socket.send(Buffer.alloc(500_000), () => sends.tell(`send ${i}`)));
    }
    expect(socket.bufferedAmount).toBeGreaterThan(1_000_000);
    peer.socket.resume();
    await sends.until('send', COUNT);
    expect(sends.lines).toEqual(Array.from({ length: COUNT }, (_, i) => `send ${i} in ${i}`));
  });

  it('callbacks behind a Blob, and those that an end finds waiting', async () => {
    const server = await echoServer('ws');
    const { socket, log } = await opened(OURS, 'A', server.url);
    const sends = new ContextLog();
    inContext('1', () => socket.send(new Blob(['x']), () => sends.tell('send 1')));
    inContext('2', () => socket.send('x', () => sends.tell('send 2')));
    await sends.until('send', 2);
    inContext('3', () => socket.send(new Blob(['x']), () => sends.tell('send 3')));
    inContext('4', () => socket.send('x', () => sends.tell('send 4')));
    inContext('X', () => socket.terminate());
    await Promise.all([sends.until('send', 4), log.until('close')]);
    expect([...sends.lines].sort()).toEqual([1, 2, 3, 4].map((n) => `send ${n} in ${n}`));
    expect(log.outOf('A')).toEqual([]);
  });

  it('a Blob that cannot be read', async () => {
    const server = await echoServer('ws');
    const { socket, log } = await opened(OURS, 'A', server.url);
    const blob = new Blob(['x']);
    blob.arrayBuffer = () => Promise.reject(new Error('unreadable'));
    inContext('B', () => socket.send(blob));
    await log.until('close');
    expect(log.lines).toEqual(['open in A', 'error in A', 'close in A']);
  });

  it.each([true, false])(
    'messages that a pause held back, allowSynchronousEvents: %s',
    async (allowSynchronousEvents) => {
      const server = await rawServer('ws');
      const { socket, log } = made(OURS, 'A', server.url, { allowSynchronousEvents });
      const peer = await server.acceptedPeer();
      await log.until('open');
      socket.on('message', () => {
        if (log.lines.length < 4) inContext('B', () => socket.pause());
        setImmediate(() => inContext('C', () => socket.resume()));
      });
      peer.write(...Array.from({ length: 8 }, () => frame(TEXT, 'x')));
      await log.until('message', 8);
      peer.write(closeFrame(1000));
      peer.socket.end();
      await log.until('close');
      expect(log.outOf('A')).toEqual([]);
    },
  );

  it('a stream of the user is called, and tells, where the socket was made', async () => {
    const server = await echoServer('ws');
    const log = new ContextLog();
    const createConnection = () => {
      // Whatever comes of this one comes in the context of whoever pushes it.
      const [near, far] = duplexPair();
      inContext('pump', () => {
        const below = connect(server.port, '127.0.0.1');
        below.on('error', () => {}).on('data', (chunk) => inContext('pump', () => far.write(chunk)));
        far.on('data', (chunk) => below.write(chunk)).on('error', () => {});
        onTestFinished(() => void below.destroy());
      });
      const { write } = near;
      near.write = function (this: typeof near, ...values: unknown[]) {
        log.tell('write');
        return (write as (...values: unknown[]) => boolean).apply(this, values);
      } as never;
      return near;
    };
    const { socket, log: told } = await opened(OURS, 'A', server.url, { createConnection: createConnection as never });
    const other = await opened(OURS, 'O', server.url);
    inContext('B', () => {
      other.socket.send('first in the tick');
      socket.send('x');
    });
    await told.until('message');
    inContext('C', () => socket.terminate());
    await told.until('close');
    expect(told.outOf('A')).toEqual([]);
    expect(log.lines.length).toBeGreaterThan(1);
    expect(log.outOf('A')).toEqual([]);
  });
});
