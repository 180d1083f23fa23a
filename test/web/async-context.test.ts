// The async context in which sockets of the WHATWG's kind tell what they tell: the one in which they were made, though they wait
// in line behind others, and whoever closes, sends, or sets a listener.

import { AsyncLocalStorage } from 'node:async_hooks';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { overStreams, type Transport, type TransportHandlers } from '../../src/index';
import { WebSocket, type WebSocketInit, WebSocketStream } from '../../src/web';
import { ContextLog, contextName, inContext } from '../support/contexts';
import { closeFrame, frame, TEXT } from '../support/raw-peer';
import { closedPort, echoServer, rawServer } from '../support/servers';

const TYPES = ['open', 'message', 'error', 'close'] as const;

/** A socket that was made in this context, and tells of all its events. */
function made(name: string, url: string, init?: WebSocketInit): { socket: WebSocket; log: ContextLog } {
  const log = new ContextLog();
  const socket = inContext(name, () => new WebSocket(url, init));
  for (const type of TYPES) socket.addEventListener(type, () => log.tell(type));
  onTestFinished(() => socket.close());
  return { socket, log };
}

describe('async context of a WebSocket', () => {
  it('of several to one host, which are dialled one behind the other', async () => {
    const server = await echoServer('ws');
    const names = ['A', 'B', 'C', 'D'];
    const all = names.map((name) => made(name, server.url));
    await Promise.all(all.map(({ log }) => log.until('open')));
    inContext('X', () => {
      for (const { socket } of all) socket.send('x');
    });
    await Promise.all(all.map(({ log }) => log.until('message')));
    inContext('Y', () => {
      for (const { socket } of all) socket.close();
    });
    await Promise.all(all.map(({ log }) => log.until('close')));
    expect(all.map(({ log }) => log.lines)).toEqual(
      names.map((name) => ['open', 'message', 'close'].map((type) => `${type} in ${name}`)),
    );
  });

  it('of those that wait behind one that fails, and of the transport that each of them opens', async () => {
    const url = `ws://127.0.0.1:${await closedPort()}`;
    const transports = new ContextLog();
    const transport = (): Transport => {
      transports.tell('dialled');
      throw new Error('no way');
    };
    const all = ['A', 'B', 'C'].map((name) => made(name, url, { transport }));
    await Promise.all(all.map(({ log }) => log.until('close')));
    expect(all.map(({ log }) => log.lines)).toEqual(
      ['A', 'B', 'C'].map((name) => [`error in ${name}`, `close in ${name}`]),
    );
    expect(transports.lines).toEqual(['dialled in A', 'dialled in B', 'dialled in C']);
  });

  it('closed from elsewhere while it dials, while it waits in line, and where the web does not connect', async () => {
    const server = await rawServer('ws');
    const [dialling, waiting] = ['A', 'B'].map((name) => made(name, server.url));
    const blocked = made('C', 'ws://127.0.0.1:25');
    inContext('X', () => waiting!.socket.close());
    inContext('Y', () => dialling!.socket.close());
    const all = [dialling!, waiting!, blocked];
    await Promise.all(all.map(({ log }) => log.until('close')));
    expect(all.map(({ log }, i) => [log.lines.length, ...log.outOf('ABC'[i]!)])).toEqual([[2], [2], [2]]);
  });

  it('messages that wait since somebody else set a listener, and a close frame behind them', async () => {
    const server = await rawServer('ws');
    const { socket, log } = made('A', server.url);
    const peer = await server.acceptedPeer();
    await log.until('open');
    socket.addEventListener('message', () => {
      if (log.lines.length === 2) inContext('B', () => socket.addEventListener('message', () => log.tell('also')));
    });
    peer.write(...Array.from({ length: 5 }, () => frame(TEXT, 'x')), closeFrame(1000));
    peer.socket.end();
    await log.until('close');
    expect(log.lines.length).toBeGreaterThan(8);
    expect(log.outOf('A')).toEqual([]);
  });

  it('an abort from elsewhere reaches only who listens to it', async () => {
    const server = await echoServer('ws');
    const { socket, log } = made('A', server.url);
    const controller = new AbortController();
    inContext('B', () => socket.addEventListener('open', () => log.tell('late'), { signal: controller.signal }));
    inContext('C', () => controller.abort());
    await log.until('open');
    expect(log.lines).toEqual(['open in A']);
  });

  it('a transport is called, and tells, where its socket was made', async () => {
    const server = await echoServer('ws');
    const calls = new ContextLog();
    const transport = (_: unknown, handlers: TransportHandlers): Transport => {
      calls.tell('dial');
      // Whatever comes, comes in a context of the transport's own.
      const below = inContext('pump', () => connect(server.port, '127.0.0.1'));
      below.on('connect', () => handlers.onConnect());
      below.on('data', (chunk: Buffer) => handlers.onRead(chunk, chunk.length));
      below.on('end', () => handlers.onEnd());
      below.on('close', () => handlers.onClose());
      return {
        endpoints: {},
        write: (bytes) => {
          calls.tell('write');
          below.write(bytes);
          return true;
        },
        read: (isWanted) => {
          calls.tell('read');
          if (isWanted) below.resume();
          else below.pause();
        },
        startTls: () => {},
        close: (how) => {
          calls.tell('close');
          if (how === 'now') below.destroy();
          else below.end();
        },
      };
    };
    const other = made('O', server.url);
    const { socket, log } = made('A', server.url, { transport });
    await Promise.all([log.until('open'), other.log.until('open')]);
    // The other one's send is what schedules the flush.
    inContext('O', () => other.socket.send('x'));
    inContext('B', () => socket.send('x'));
    await log.until('message');
    inContext('C', () => socket.close());
    await log.until('close');
    expect(log.outOf('A')).toEqual([]);
    expect(calls.outOf('A')).toEqual([]);
    expect(new Set(calls.lines)).toEqual(new Set(['dial in A', 'write in A', 'read in A', 'close in A']));
  });

  it('streams of a transport, read on from elsewhere', async () => {
    const server = await echoServer('ws');
    const transport = (_: unknown, handlers: TransportHandlers): Transport => {
      const below = inContext('pump', () => connect(server.port, '127.0.0.1'));
      return overStreams(Duplex.toWeb(below) as never, handlers);
    };
    const { socket, log } = made('A', server.url, { transport });
    await log.until('open');
    for (let i = 1; i <= 3; i += 1) {
      inContext('B', () => socket.addEventListener('message', () => {}));
      inContext('C', () => socket.send('x'));
      await log.until('message', i);
    }
    inContext('D', () => socket.close());
    await log.until('close');
    expect(log.outOf('A')).toEqual([]);
  });
});

describe('async context of a WebSocketStream', () => {
  it('whoever waits goes on in his own, and whoever is behind in line is dialled in his', async () => {
    const server = await echoServer('ws');
    const log = new ContextLog();
    const converse = async (name: string): Promise<void> => {
      const stream = new WebSocketStream(server.url);
      const { readable, writable } = await stream.opened;
      log.tell(`opened ${name}`);
      const [reader, writer] = [readable.getReader(), writable.getWriter()];
      for (const text of ['one', 'two', 'three']) {
        const written = writer.write(text).then(() => log.tell(`written ${name}`));
        await reader.read();
        log.tell(`read ${name}`);
        await written;
      }
      stream.close();
      await stream.closed;
      log.tell(`closed ${name}`);
    };
    await Promise.all(['A', 'B', 'C'].map((name) => inContext(name, () => converse(name))));
    expect(log.lines.length).toBe(24);
    for (const line of log.lines) expect(line).toMatch(/ (\w) in \1$/);
  });

  it('an abort, a close and a failure from elsewhere', async () => {
    const server = await rawServer('ws');
    const log = new ContextLog();
    const controller = new AbortController();
    const begin = (name: string, url: string): WebSocketStream =>
      inContext(name, () => {
        const stream = new WebSocketStream(url, { signal: controller.signal });
        stream.opened.catch(() => log.tell(`opened ${name}`));
        stream.closed.catch(() => log.tell(`closed ${name}`));
        return stream;
      });
    begin('A', server.url);
    const waiting = begin('B', server.url);
    begin('C', `ws://127.0.0.1:${await closedPort()}`);
    inContext('X', () => waiting.close());
    await log.until('closed', 2);
    inContext('Y', () => controller.abort());
    await log.until('closed', 3);
    expect(log.lines.length).toBe(6);
    for (const line of log.lines) expect(line).toMatch(/ (\w) in \1$/);
  });

  it('keeps what was bound to it, as any promise does', async () => {
    const server = await echoServer('ws');
    const stream = inContext('A', () => new WebSocketStream(server.url));
    const { readable, writable } = await inContext('B', () =>
      stream.opened.then((opened) => {
        expect(contextName()).toBe('B');
        return opened;
      }),
    );
    const snapshot = inContext('C', () => AsyncLocalStorage.snapshot());
    await snapshot(async () => {
      const writer = writable.getWriter();
      await writer.write('x');
      expect(contextName()).toBe('C');
      await readable.getReader().read();
      expect(contextName()).toBe('C');
    });
    stream.close();
    await stream.closed;
  });
});
