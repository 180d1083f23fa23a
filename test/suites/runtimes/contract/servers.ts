// The servers that the contract is played against, in a process of Node's: by the path of the URL they echo, flood, stall,
// vanish. The handshake and most frames are those of the npm package `ws`; where a server must do what none does, its bytes are
// written here.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createCA, createCert } from 'mkcert';
import { type WebSocket, WebSocketServer } from 'ws';

export interface Servers {
  readonly ws: string;
  readonly wss: string;
  readonly ca: string;
  close(): void;
}

const plain = new WebSocketServer({ noServer: true, maxPayload: 1 << 30 });
const compressing = new WebSocketServer({ noServer: true, perMessageDeflate: { threshold: 0 }, maxPayload: 1 << 30 });

/** What a case has to ask for by a connection of its own, by the `id` of its URL. */
const floods = new Map<string | null, { sent: number; waiting(): number }>();
const stalled = new Map<string | null, WebSocket>();
const attempts = new Map<string | null, number>();

function echo(socket: WebSocket): void {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
}

const BEHAVIOURS: Readonly<Record<string, (socket: WebSocket, query: URLSearchParams) => void>> = {
  echo,
  deflate: echo,
  /** Sends `count` numbered messages of `size` bytes. */
  flood(socket, query) {
    const [count, size] = [Number(query.get('count')), Number(query.get('size'))];
    const state = { sent: 0, waiting: () => socket.bufferedAmount };
    floods.set(query.get('id'), state);
    const next = (): void => {
      while (state.sent < count) {
        const payload = Buffer.alloc(size);
        payload.writeUInt32LE(state.sent, 0);
        state.sent += 1;
        const isEnough = socket.bufferedAmount > 1_000_000;
        socket.send(payload, isEnough ? next : undefined);
        if (isEnough) return;
      }
    };
    socket.once('message', next);
  },
  /** How far a flood has come: what it has handed over, and what the kernel has not taken of that. */
  state(socket, query) {
    socket.on('message', () => {
      const state = floods.get(query.get('id'))!;
      socket.send(JSON.stringify({ sent: state.sent, waiting: state.waiting() }));
    });
  },
  /** Reads nothing until another connection asks for /release, and tells then how much came. */
  stall(socket, query) {
    let [bytes, count] = [0, 0];
    socket.pause();
    socket.on('message', (message) => {
      const data = message as Buffer;
      bytes += data.length;
      count += 1;
      if (String(data.subarray(0, 4)) === 'last') socket.send(JSON.stringify({ bytes, count }));
    });
    stalled.set(query.get('id'), socket);
  },
  release(_socket, query) {
    stalled.get(query.get('id'))!.resume();
  },
  close(socket, query) {
    socket.close(Number(query.get('code')), query.get('reason') ?? '');
  },
  /** Numbers its connections, and cuts them off when told to. */
  comeback(socket, query) {
    const id = query.get('id');
    attempts.set(id, (attempts.get(id) ?? 0) + 1);
    socket.send(`connection ${attempts.get(id)}`);
    socket.on('message', (data, isBinary) => {
      if (String(data) === 'cut') socket.terminate();
      else socket.send(data, { binary: isBinary });
    });
  },
  ping(socket) {
    socket.on('pong', (payload) => socket.send(`pong ${payload}`));
    socket.ping('are you there');
  },
  fragments(socket) {
    socket.send('one ', { fin: false });
    socket.ping('between');
    socket.send('two ', { fin: false });
    socket.send('three', { fin: true });
  },
};

/** What is written behind a correct answer, and what follows. */
const RAW: Readonly<Record<string, (socket: Socket) => unknown>> = {
  /** Nothing, not even a pong. */
  silent: (socket) => socket.resume(),
  reset: (socket) => socket.once('data', () => socket.resetAndDestroy()),
  /** Says something, ends its half, and reads on. */
  half(socket) {
    socket.resume();
    socket.end(Buffer.from('810a6c61737420776f726473', 'hex'));
  },
  'bad-utf8': (socket) => socket.resume() && socket.write(Buffer.from('8102c328', 'hex')),
  huge: (socket) => socket.resume() && socket.write(Buffer.from('827f000000007fffffff', 'hex')),
  masked: (socket) => socket.resume() && socket.write(Buffer.from('818101020304', 'hex')),
};

/** The other half of a tunnel (RFC 9110 §9.3.6): to where it says, since all of it is on this machine. */
function tunnel(request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { hostname, port } = new URL(`http://${request.url}`);
  const outer = connect(Number(port), hostname === 'localhost' ? '127.0.0.1' : hostname, () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    outer.write(head);
    socket.pipe(outer).pipe(socket);
  });
  for (const end of [socket, outer])
    end.on('error', () => {}).on('close', () => [socket, outer].map((one) => one.destroy()));
}

function upgrade(request: IncomingMessage, duplex: Duplex, head: Buffer): void {
  const socket = duplex as Socket;
  socket.on('error', () => {});
  const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
  const name = pathname.slice(1);
  if (name === 'refuse') {
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno');
  } else if (name === 'redirect') {
    const cookies = 'Set-Cookie: a=1, 2\r\nSet-Cookie: b=3\r\n';
    socket.end(`HTTP/1.1 302 Found\r\nLocation: echo?from=redirect\r\n${cookies}Content-Length: 4\r\n\r\ngone`);
  } else if (Object.hasOwn(RAW, name)) {
    const key = request.headers['sec-websocket-key'];
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    RAW[name]!(socket);
  } else {
    const server = name === 'deflate' ? compressing : plain;
    server.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => {});
      BEHAVIOURS[name]!(webSocket, searchParams);
    });
  }
}

export async function startServers(): Promise<Servers> {
  const ca = await createCA({ organization: 'wsimd', countryCode: 'NL', state: 'Test', locality: 'Test', validity: 1 });
  const { cert, key } = await createCert({ ca, domains: ['127.0.0.1', 'localhost'], validity: 1 });
  const servers = [createHttpServer(), createHttpsServer({ cert, key })];
  const ports: number[] = [];
  for (const server of servers) {
    server.on('upgrade', upgrade).on('connect', tunnel);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ports.push((server.address() as AddressInfo).port);
  }
  return {
    ws: `ws://127.0.0.1:${ports[0]}`,
    wss: `wss://localhost:${ports[1]}`,
    ca: ca.cert,
    close() {
      for (const socket of [...plain.clients, ...compressing.clients]) socket.terminate();
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}
