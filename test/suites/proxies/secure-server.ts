// A TLS echo server that asks for a certificate of the client and remembers what each connection showed of its options.

import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { certificate, testAuthority } from '../../support/servers';

export interface Seen {
  /** SNI (RFC 6066 §3); false if there was none. */
  readonly servername: string | false;
  /** The name in the client's certificate. */
  readonly client: string | undefined;
  readonly alpn: string | false;
}

/** @param domains for whom its certificate is made out */
export async function secureServer(domains: string[]): Promise<{ readonly port: number; readonly seen: Seen[] }> {
  const ca = await testAuthority();
  const server = createServer({
    ...(await certificate(domains)),
    ca: ca.cert,
    requestCert: true,
    rejectUnauthorized: false,
  });
  const seen: Seen[] = [];
  server.on('tlsClientError', () => {});
  server.on('secureConnection', (socket: TLSSocket & { servername?: string | false }) => {
    const { subject } = socket.getPeerCertificate() as { subject?: { CN?: string } };
    const client = socket.authorized ? subject?.CN : undefined;
    seen.push({ servername: socket.servername ?? false, client, alpn: socket.alpnProtocol ?? false });
  });
  const webSocketServer = new WebSocketServer({ server });
  webSocketServer.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of webSocketServer.clients) socket.terminate();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, seen };
}
