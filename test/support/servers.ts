// What the tests connect to: servers of the npm package `ws`, and raw ones that speak by script, in the clear and over TLS,
// each on a free port of 127.0.0.1 and gone after the test that started it.

import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { type Certificate, createCA, createCert } from 'mkcert';
import { onTestFinished } from 'vitest';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { AsyncTcpConnection, type SocketOptions } from '../../src/index';
import { RawPeer } from './raw-peer';

export const SCHEMES = ['ws', 'wss'] as const;
export type Scheme = (typeof SCHEMES)[number];

/** For whom the certificate of a TLS server is made out, unless a test says otherwise. */
const DOMAINS = ['127.0.0.1', 'localhost'];

let authority: Promise<Certificate> | undefined;

/** A certificate authority that nobody trusts unless told to: made once per test file. */
export function testAuthority(): Promise<Certificate> {
  authority ??= createCA({ organization: 'wsimd', countryCode: 'NL', state: 'Test', locality: 'Test', validity: 1 });
  return authority;
}

const certificates = new Map<string, Promise<Certificate>>();

/** A certificate of that authority, made once per test file for the same domains. */
export function certificate(domains: string[] = DOMAINS): Promise<Certificate> {
  const key = domains.join();
  const made = certificates.get(key) ?? testAuthority().then((ca) => createCert({ ca, domains, validity: 1 }));
  certificates.set(key, made);
  return made;
}

/** Where a server listens, and connections to it. */
export class TestServer {
  constructor(
    readonly scheme: Scheme,
    readonly port: number,
    private readonly trusted: SocketOptions,
  ) {}

  get url(): string {
    return `${this.scheme}://127.0.0.1:${this.port}`;
  }

  /** A connection to this server that trusts its certificate, not begun yet; destroyed after the test. */
  client(path = '/', options: SocketOptions = {}): AsyncTcpConnection {
    const connection = new AsyncTcpConnection(`${this.url}${path}`, { ...this.trusted, ...options });
    onTestFinished(() => connection.destroy());
    return connection;
  }
}

export class WsTestServer extends TestServer {
  constructor(
    scheme: Scheme,
    port: number,
    trusted: SocketOptions,
    readonly server: WebSocketServer,
  ) {
    super(scheme, port, trusted);
  }

  /** The server's end of the next connection. */
  async nextSocket(): Promise<WebSocket> {
    const [socket] = (await once(this.server, 'connection')) as [WebSocket];
    return socket;
  }
}

/** A server of the npm package `ws`: an implementation that is not ours. */
export async function wsServer(
  scheme: Scheme,
  onSocket: (socket: WebSocket) => void = () => {},
  options: ServerOptions & { domains?: string[] } = {},
): Promise<WsTestServer> {
  const { domains, host, ...wsOptions } = options;
  const httpServer = scheme === 'ws' ? createHttpServer() : createHttpsServer(await certificate(domains));
  const server = new WebSocketServer({ ...wsOptions, server: httpServer });
  server.on('connection', (socket) => {
    // A peer that is cut off in a test is no error of the test.
    socket.on('error', () => {});
    onSocket(socket);
  });
  const port = await listen(httpServer, host);
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    httpServer.close();
  });
  return new WsTestServer(scheme, port, await trust(scheme), server);
}

/** Sends back every message as it came. */
export function echoServer(
  scheme: Scheme,
  options: ServerOptions & { domains?: string[] } = {},
): Promise<WsTestServer> {
  const echo = (socket: WebSocket): void => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  };
  return wsServer(scheme, echo, options);
}

export class RawTestServer extends TestServer {
  /** Connections so far. */
  count = 0;
  private readonly peers: RawPeer[] = [];
  private readonly waiting: ((peer: RawPeer) => void)[] = [];

  /** The next peer, as soon as its connection (TLS included) is up. */
  peer(): Promise<RawPeer> {
    const peer = this.peers.shift();
    return peer === undefined ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve(peer);
  }

  /** The next peer, after a correct handshake. */
  async acceptedPeer(): Promise<RawPeer> {
    const peer = await this.peer();
    await peer.accept();
    return peer;
  }

  add(peer: RawPeer): void {
    this.count += 1;
    const next = this.waiting.shift();
    if (next === undefined) this.peers.push(peer);
    else next(peer);
  }
}

/** A server that does nothing by itself, not even end its connections: tests read and write its bytes. */
export async function rawServer(scheme: Scheme): Promise<RawTestServer> {
  const sockets = new Set<Socket>();
  const onSocket = (socket: Socket): void => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    rawTestServer.add(new RawPeer(socket));
  };
  const options = { allowHalfOpen: true };
  const server =
    scheme === 'ws'
      ? createTcpServer(options, onSocket)
      : createTlsServer({ ...options, ...(await certificate()) }, onSocket);
  // A client that refuses the certificate is no error of the test.
  server.on('tlsClientError', () => {});
  const rawTestServer = new RawTestServer(scheme, await listen(server), await trust(scheme));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return rawTestServer;
}

/** Below those that systems give to whoever asks for any: no other test gets it meanwhile, nor does a client of its own. */
const FIRST_PORT = 20_000;
const PORTS = 10_000;

/** A port on which nobody listens. */
export async function closedPort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    const server = createTcpServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** What makes a client trust a server of this file. */
export async function trust(scheme: Scheme): Promise<SocketOptions> {
  return scheme === 'ws' ? {} : { ca: (await testAuthority()).cert };
}

export async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
