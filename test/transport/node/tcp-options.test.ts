// keepAlive and noDelay on real sockets: what the kernel says of their timers, and what a socket is told; over TCP, TLS, a socket
// file and to a proxy; and what the drop-in makes of Node's own options of these names.

import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { AsyncTcpConnection, WebSocket as DropIn, type SocketOptions } from '../../../src/index';
import { connect } from '../../../src/transport/node/node';
import { WebSocket as Web } from '../../../src/web';
import { record } from '../../support/event-log';
import { httpProxy, socks5Proxy } from '../../support/proxy-servers';
import { echoServer, SCHEMES, type Scheme, trust } from '../../support/servers';

const TCP_TABLE = '/proc/net/tcp';

interface Handle {
  readonly _parent?: Handle;
  setNoDelay(isWanted: boolean): unknown;
  setKeepAlive(isWanted: boolean, seconds: number): unknown;
}

const handleOf = (socket: unknown): Handle => (socket as { _handle: Handle })._handle;

/** The class of the runtime's own handles, which is not exported. */
let handles: Handle;

beforeAll(async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connectTcp((server.address() as { port: number }).port, '127.0.0.1');
  await once(socket, 'connect');
  handles = Object.getPrototypeOf(handleOf(socket)) as Handle;
  socket.destroy();
  server.close();
});

afterEach(() => vi.restoreAllMocks());

/** A connection, or the port of its own end. */
type End = AsyncTcpConnection | number | undefined;

/** Seconds until the kernel's keep-alive timer of its socket fires; undefined: there is none. */
function timerOf(end: End): number | undefined {
  const hex = (port: number): string => `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  // A port of our own may be that of several connections, to different places.
  const [ours, theirs] =
    typeof end === 'object' ? [hex(end.getLocalPort()), hex(end.getRemotePort())] : [hex(end!), ''];
  const lines = readFileSync(TCP_TABLE, 'utf8').split('\n');
  const [kind, left] = lines
    .map((line) => line.trim().split(/\s+/))
    .find(([, local, remote]) => local?.endsWith(ours) && remote?.endsWith(theirs))![5]!
    .split(':');
  // 2 is keep-alive; its time is in hundredths of a second.
  return kind === '02' ? Number.parseInt(left!, 16) / 100 : undefined;
}

/** A timer of 5,000 seconds, which began just now; while something is underway the kernel shows another one. */
async function expectKept(end: End): Promise<void> {
  await expect.poll(() => timerOf(end) ?? 0, { timeout: 20_000 }).toBeGreaterThan(4_000);
  expect(timerOf(end) ?? 5_000).toBeLessThan(5_002);
}

async function opened(
  url: string,
  options: SocketOptions,
  configure: (connection: AsyncTcpConnection) => void = () => {},
): Promise<AsyncTcpConnection> {
  const connection = new AsyncTcpConnection(url, options);
  onTestFinished(() => connection.destroy());
  configure(connection);
  const log = record(connection);
  connection.connect();
  await log.until('open 101');
  return connection;
}

describe.each(SCHEMES)('over %s', (scheme) => {
  it.runIf(existsSync(TCP_TABLE))(
    'keepAlive starts the kernel’s timer, by address, by name and by a proxy',
    async () => {
      const server = await echoServer(scheme);
      const trusted = { ...(await trust(scheme)), family: 4 } as const;
      const [http, socks] = [await httpProxy(), await socks5Proxy()];
      const ways: readonly [string, (connection: AsyncTcpConnection) => void][] = [
        ['127.0.0.1', () => {}],
        ['localhost', () => {}],
        ['127.0.0.1', (connection) => Object.assign(connection, { proxyHttp: `127.0.0.1:${http.port}` })],
        ['127.0.0.1', (connection) => Object.assign(connection, { proxySocks5: `127.0.0.1:${socks.port}` })],
      ];
      for (const [host, configure] of ways) {
        const url = `${scheme}://${host}:${server.port}`;
        await expectKept(await opened(url, { ...trusted, keepAlive: 5_000 }, configure));
        for (const keepAlive of [false, undefined] as const) {
          const other = await opened(url, { ...trusted, keepAlive }, configure);
          expect(timerOf(other)).toBeUndefined();
        }
      }
    },
  );

  it('noDelay is true unless it is false, and both are told to the socket once', async () => {
    const server = await echoServer(scheme);
    for (const [options, noDelay, keepAlive] of [
      [{}, [[true]], []],
      [{ noDelay: true, keepAlive: false }, [[true]], []],
      [{ noDelay: false }, [], []],
      [{ keepAlive: 7 }, [[true]], [7]],
      [{ noDelay: false, keepAlive: 32_767 }, [], [32_767]],
    ] as const) {
      const calls = await toldTo(scheme, server.port, { ...(await trust(scheme)), ...options });
      expect([calls.noDelay, calls.keepAlive]).toEqual([noDelay, keepAlive]);
    }
  });

  /** What the socket of a pipe with these options is told until it is up. */
  async function toldTo(scheme: Scheme, port: number, options: SocketOptions) {
    const spies = [vi.spyOn(handles, 'setNoDelay'), vi.spyOn(handles, 'setKeepAlive')] as const;
    const place = new Uint8Array(1);
    const target = { secure: scheme === 'wss', hostname: '127.0.0.1', port, options };
    const transport = await new Promise<{ readonly socket: Socket; close(how: 'now'): void }>((resolve, reject) => {
      const nothing = (): void => {};
      const told = { readTarget: () => place, onRead: nothing, onWritten: nothing, onEnd: nothing, onClose: reject };
      const made = connect(target, { ...told, onConnect: () => resolve(made as never) });
    });
    const own = handleOf(transport.socket);
    const of = ({ mock }: { mock: { calls: unknown[][]; contexts: unknown[] } }): unknown[][] =>
      mock.calls.filter((_, i) => mock.contexts[i] === own || mock.contexts[i] === own._parent);
    const [noDelay, keepAlive] = [of(spies[0]), of(spies[1]).map(([, seconds]) => seconds)];
    vi.restoreAllMocks();
    transport.close('now');
    return { noDelay, keepAlive };
  }
});

it('to a socket file they mean nothing, and harm nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wsimd-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const server = createHttpServer();
  new WebSocketServer({ server });
  const path = join(folder, 'a.sock');
  await once(server.listen(path), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const connection = await opened(`ws+unix:${path}:/`, { keepAlive: 5, noDelay: false });
  expect(connection.getStatus(false)).toBe('ESTABLISHED');
});

it.runIf(existsSync(TCP_TABLE))('wsimd/web takes them as its `tls`', async () => {
  const server = await echoServer('ws');
  const { port } = server;
  const asked = once(server.server, 'connection');
  const socket = new Web(`ws://127.0.0.1:${port}`, { tls: { keepAlive: 5_000 } });
  onTestFinished(() => socket.close());
  const [, { socket: theirs }] = (await asked) as [unknown, { socket: Socket }];
  await expectKept(theirs.remotePort);
});

describe.runIf(existsSync(TCP_TABLE)).each(SCHEMES)('the drop-in over %s', (scheme) => {
  it('hands Node’s own keepAlive and keepAliveInitialDelay on, as `ws` does', async () => {
    const server = await echoServer(scheme);
    const options = { ...(await trust(scheme)), keepAlive: true, keepAliveInitialDelay: 5_000_000 };
    const socket = new DropIn(server.url, options as never);
    onTestFinished(() => socket.terminate());
    await once(socket, 'open');
    const { localPort } = (socket as unknown as { _socket: Socket })._socket;
    // What node:tls passes over of these it passes over here, too.
    if (scheme === 'ws') await expectKept(localPort);
    else expect(timerOf(localPort)).toBeUndefined();
  });
});
