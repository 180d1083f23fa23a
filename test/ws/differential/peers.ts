// The servers of a trial: raw ones that speak by script, those of node:http, and those of the npm package `ws`. Each writes
// down what it sees of its client: requests without the key, frames unmasked, and how the client ended.

import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { type ClientFrame, closeFrame, RawPeer } from '../../support/raw-peer';
import type { Lines } from './lines';
import { show } from './show';

/** What a server needs of its trial. */
export interface Host {
  readonly seen: Lines;
  /** Called when the trial is over. */
  later(end: () => void): void;
}

export function showFrame({ first, isMasked, payload }: ClientFrame): string {
  return `frame 0x${first.toString(16)}${isMasked ? '' : ' UNMASKED'} ${show(payload)}`;
}

export class Peer extends RawPeer {
  /** How a frame is written down. */
  show: (frame: ClientFrame) => string = showFrame;
  private failure = '';

  constructor(
    socket: Socket,
    private readonly seen: Lines,
  ) {
    super(socket);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.failure = error.code ?? error.message;
    });
  }

  /** Reads the request, and writes it down. */
  async request(): Promise<string> {
    const head = await this.readHead();
    for (const line of head.trimEnd().split('\r\n')) {
      if (!/^sec-websocket-key:/i.test(line)) this.seen.write(line);
    }
    return head;
  }

  /** Reads one frame, and writes it down. */
  async next(): Promise<ClientFrame> {
    const frame = await this.readFrame();
    this.seen.write(this.show(frame));
    return frame;
  }

  /** Reads, and writes down, all frames up to one that begins like this. */
  async upTo(first: number): Promise<ClientFrame> {
    for (;;) {
      const frame = await this.next();
      if (frame.first === first) return frame;
    }
  }

  /** Reads, and writes down, all that comes until the client has ended its side; then ends this one. */
  async rest(): Promise<void> {
    for (;;) {
      let frame: ClientFrame;
      try {
        frame = await this.readFrame();
      } catch {
        this.seen.write(this.failure === '' ? 'end' : `end by ${this.failure}`);
        break;
      }
      this.seen.write(this.show(frame));
    }
    this.socket.end();
  }

  /** Ends the conversation properly: close frame, the client's, and the end of TCP. */
  async finish(code = 1000, reason = ''): Promise<void> {
    this.write(closeFrame(code, reason));
    await this.rest();
  }

  /** Ends the connection with a reset. */
  reset(): void {
    this.socket.resetAndDestroy();
  }
}

export class RawServer {
  private readonly peers: Peer[] = [];
  private readonly waiting: ((peer: Peer) => void)[] = [];

  constructor(readonly url: string) {}

  /** The next connection. */
  peer(): Promise<Peer> {
    const peer = this.peers.shift();
    return peer === undefined ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve(peer);
  }

  add(peer: Peer): void {
    const next = this.waiting.shift();
    if (next === undefined) this.peers.push(peer);
    else next(peer);
  }
}

/** A server that does nothing by itself. `where`: the socket file to listen on; `tls`: what makes it a TLS server. */
export async function rawServer(host: Host, { where, tls }: { where?: string; tls?: TlsOptions } = {}) {
  const onSocket = (socket: Socket): void => {
    socket.setNoDelay(true);
    server.add(new Peer(socket, host.seen));
  };
  const listener =
    tls === undefined
      ? createTcpServer({ allowHalfOpen: true }, onSocket)
      : createTlsServer({ allowHalfOpen: true, ...tls }, onSocket);
  listener.on('tlsClientError', () => {});
  const port = await listen(host, listener, where);
  const server = new RawServer(`${tls === undefined ? 'ws' : 'wss'}://127.0.0.1:${port}`);
  return server;
}

export interface HttpTestServer {
  readonly server: HttpServer;
  readonly port: number;
  readonly url: string;
}

/** Answers requests, upgrades among them, as `answer` says, and writes down what it is asked. */
export async function httpServer(host: Host, answer: RequestListener, tls?: TlsOptions): Promise<HttpTestServer> {
  const onRequest: RequestListener = (request, response) => {
    host.seen.write(`${request.method} ${request.url}`);
    for (const [name, value] of Object.entries(request.headers)) {
      if (name !== 'sec-websocket-key') host.seen.write(`  ${name}: ${value}`);
    }
    answer(request, response);
  };
  const server = tls === undefined ? createHttpServer(onRequest) : createHttpsServer(tls, onRequest);
  server.on('tlsClientError', () => {});
  const port = await listen(host, server);
  return { server, port, url: `${tls === undefined ? 'ws' : 'wss'}://127.0.0.1:${port}` };
}

/** A server of the npm package `ws`, which writes down what it gets. */
export async function wsServer(
  host: Host,
  onSocket: (socket: WebSocket) => void = () => {},
  { tls, ...options }: ServerOptions & { tls?: TlsOptions } = {},
): Promise<HttpTestServer> {
  const { seen } = host;
  const server = tls === undefined ? createHttpServer() : createHttpsServer(tls);
  const webSocketServer = new WebSocketServer({ perMessageDeflate: false, ...options, server });
  webSocketServer.on('connection', (socket, request) => {
    seen.write(`connection to ${request.url}`);
    socket.on('message', (data, isBinary) => seen.write(`message ${show(data)} ${isBinary}`));
    socket.on('ping', (data) => seen.write(`ping ${show(data)}`));
    socket.on('pong', (data) => seen.write(`pong ${show(data)}`));
    socket.on('close', (code, reason) => seen.write(`close ${code} ${show(reason)}`));
    socket.on('error', (error) => seen.write(`error ${show(error)}`));
    onSocket(socket);
  });
  host.later(() => {
    for (const socket of webSocketServer.clients) socket.terminate();
  });
  const port = await listen(host, server);
  return { server, port, url: `${tls === undefined ? 'ws' : 'wss'}://127.0.0.1:${port}` };
}

async function listen(host: Host, server: Server, where?: string): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  host.later(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  if (where === undefined) server.listen(0, '127.0.0.1');
  else server.listen(where);
  await once(server, 'listening');
  return where === undefined ? (server.address() as AddressInfo).port : 0;
}
