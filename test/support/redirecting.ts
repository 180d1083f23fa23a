// Servers that answer the opening handshake with redirects, and write down what they were asked for.

import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { certificate, type Scheme } from './servers';

/** By path: where it leads (with 302, or another status in front), or nothing: the handshake is accepted. */
export type Signposts = Readonly<Record<string, string | undefined>>;

export interface Station {
  readonly port: number;
  /** Of each request, in order. */
  readonly asked: IncomingMessage[];
  readonly signposts: Record<string, string | undefined>;
  /** Set-Cookie lines of each answer, by path. */
  readonly cookies: Record<string, readonly string[]>;
  /** How many of its connections are there. */
  readonly open: () => number;
}

/** A server of node:http, with `ws` behind it. Where the path has no signpost the handshake is accepted, and messages come back. */
export async function station(scheme: Scheme, signposts: Signposts = {}, host = '127.0.0.1'): Promise<Station> {
  const server = scheme === 'ws' ? createHttpServer() : createHttpsServer(await certificate());
  const webSockets = new WebSocketServer({ noServer: true });
  webSockets.on('connection', (socket) =>
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })),
  );
  const asked: IncomingMessage[] = [];
  const own: Record<string, string | undefined> = { ...signposts };
  const cookies: Record<string, readonly string[]> = {};
  let open = 0;
  server.on(scheme === 'ws' ? 'connection' : 'secureConnection', (socket) => {
    open += 1;
    socket.on('error', () => {});
    socket.once('close', () => (open -= 1));
  });
  webSockets.on('headers', (headers: string[], request: IncomingMessage) => {
    for (const line of cookies[request.url!] ?? []) headers.push(`Set-Cookie: ${line}`);
  });
  server.on('upgrade', (request, socket, head) => {
    asked.push(request);
    socket.on('error', () => {});
    const signpost = own[request.url!];
    if (signpost === undefined) {
      webSockets.handleUpgrade(request, socket, head, (client) => webSockets.emit('connection', client, request));
      return;
    }
    const [, status = '302', location] = /^(?:(\d{3}) ?)?(.*)$/s.exec(signpost)!;
    const lines = (cookies[request.url!] ?? []).map((line) => `Set-Cookie: ${line}\r\n`).join('');
    const where = location === '' ? '' : `Location: ${location}\r\n`;
    socket.end(`HTTP/1.1 ${status} Elsewhere\r\n${where}${lines}Content-Length: 4\r\n\r\ngone`);
  });
  server.listen(0, host);
  await once(server, 'listening');
  onTestFinished(() => {
    for (const client of webSockets.clients) client.terminate();
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, asked, signposts: own, cookies, open: () => open };
}

/** Each of its paths, in order. */
export const pathsOf = ({ asked }: Station): (string | undefined)[] => asked.map(({ url }) => url);
