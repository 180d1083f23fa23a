// A TLS server whose certificate nobody should believe, and what it gets to see of those who connect to it. Its certificates
// come from the authority that the other servers of the tests have; what is wrong with them is the test's to say.

import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:tls';
import { createCert } from 'mkcert';
import { onTestFinished } from 'vitest';
import { testAuthority } from './servers';

export interface Made {
  /** For whom the certificate is made out. */
  readonly domains: readonly string[];
  /** Days until it ends. */
  readonly validity: number;
}

export interface Witness {
  readonly port: number;
  /** All that came through TLS on the first connection, when that is over. */
  readonly received: Promise<string>;
}

/** Starts a server with such a certificate, which ends a connection as soon as something comes. */
export async function witness({ domains, validity }: Made): Promise<Witness> {
  const certificate = await createCert({ ca: await testAuthority(), domains: [...domains], validity });
  let text = '';
  const server = createServer(certificate, (socket) => {
    // A client that goes before the end of the handshake is what some of the tests want to see.
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      text += chunk;
      socket.end();
    });
  });
  server.on('tlsClientError', () => {});
  const received = once(server, 'connection').then(async ([socket]: Socket[]) => {
    await new Promise((resolve) => socket!.once('close', resolve));
    return text;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, received };
}
