// Proxies for the tests: HTTP CONNECT (plain or behind TLS) and SOCKS5, small and correct, which write down what they were
// asked for; and one that only does what a test's script says. Real ones are in test/suites/proxies/.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { onTestFinished } from 'vitest';
import { RawPeer } from './raw-peer';

export interface TestProxy {
  readonly port: number;
  /** What the clients asked for: heads of CONNECT, or `name:port` of SOCKS5 with the user name in front. */
  readonly asked: string[];
}

/** Where a name of the tests is, for the proxy alone: nobody else could resolve it. */
export const NAME = 'server.test.invalid';

const addressOf = (host: string): string => (host === NAME ? '127.0.0.1' : host);

/** Starts a server that gives each connection to `serve`; all that is left of it is gone after the test. */
async function proxy(
  serve: (peer: RawPeer, asked: string[]) => Promise<unknown>,
  tls?: TlsOptions,
): Promise<TestProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const onSocket = (socket: Socket): void => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    // A client that goes in mid-negotiation is what some of the tests want to see.
    serve(new RawPeer(socket), asked).catch(() => socket.destroy());
  };
  const options = { allowHalfOpen: true };
  const server: Server =
    tls === undefined ? createServer(options, onSocket) : createTlsServer({ ...options, ...tls }, onSocket);
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, asked };
}

/** A proxy that does what this says with each connection. */
export function scriptedProxy(serve: (peer: RawPeer) => Promise<unknown>, tls?: TlsOptions): Promise<TestProxy> {
  return proxy(serve, tls);
}

/** Dials the target; the reason why not, if it cannot be reached. */
async function dial(host: string, port: number): Promise<Socket | NodeJS.ErrnoException> {
  const target = connect({ host: addressOf(host), port, allowHalfOpen: true, noDelay: true });
  try {
    await once(target, 'connect');
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
  return target.on('error', () => {});
}

/** From now on each gets what the other sends, and ends with it. */
function join(peer: RawPeer, target: Socket): void {
  const { socket } = peer;
  socket.removeAllListeners('data');
  target.pipe(socket);
  socket.pipe(target);
  socket.once('close', () => target.destroy());
  target.once('close', () => socket.destroy());
}

/** @param authorization what Proxy-Authorization must be, if anything */
export function httpProxy(authorization?: string, tls?: TlsOptions): Promise<TestProxy> {
  return proxy(async (peer, asked) => {
    const head = await peer.readHead();
    asked.push(head);
    if (authorization !== undefined && !head.includes(`\r\nProxy-Authorization: ${authorization}\r\n`)) {
      peer.socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 8\r\n\r\nwho now?');
      return;
    }
    const [, host, port] = /^CONNECT \[?(.*?)\]?:(\d+) HTTP\/1\.1\r\n/.exec(head)!;
    const target = await dial(host!, Number(port));
    if (target instanceof Error) {
      peer.socket.end(`HTTP/1.1 502 Bad Gateway\r\nContent-Length: ${target.code!.length}\r\n\r\n${target.code}`);
      return;
    }
    peer.socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    join(peer, target);
  }, tls);
}

/** RFC 1928 §6. */
const REPLIES: Readonly<Record<string, number>> = { ENOTFOUND: 4, EAI_AGAIN: 4, ECONNREFUSED: 5 };

/** @param credentials `name:password`, if any are asked for */
export function socks5Proxy(credentials?: string): Promise<TestProxy> {
  return proxy(async (peer, asked) => {
    const [, count] = await peer.read(2);
    const methods = await peer.read(count!);
    const method = credentials === undefined ? 0 : 2;
    if (!methods.includes(method)) {
      peer.socket.end(Buffer.of(5, 0xff));
      return;
    }
    peer.write(Buffer.of(5, method));
    if (credentials !== undefined) {
      const name = await peer.read((await peer.read(2))[1]!);
      const password = await peer.read((await peer.read(1))[0]!);
      if (`${name}:${password}` !== credentials) {
        peer.socket.end(Buffer.of(1, 1));
        return;
      }
      peer.write(Buffer.of(1, 0));
    }
    const [, , , type] = await peer.read(4);
    const address = await peer.read(type === 1 ? 4 : type === 4 ? 16 : (await peer.read(1))[0]!);
    const port = (await peer.read(2)).readUInt16BE();
    const host =
      type === 1 ? address.join('.') : type === 4 ? address.toString('hex').replace(/....(?=.)/g, '$&:') : `${address}`;
    asked.push(`${host}:${port}`);
    const target = await dial(host, port);
    if (target instanceof Error) {
      peer.socket.end(Buffer.of(5, REPLIES[target.code!] ?? 1, 0, 1, 0, 0, 0, 0, 0, 0));
      return;
    }
    peer.write(Buffer.of(5, 0, 0, 1, 127, 0, 0, 1, 0, 0));
    join(peer, target);
  });
}
