// Who is believed, as a test asks it: certificates of an authority that nobody knows, a TLS server that shows one of them, and a
// dial that says whether the pipe came up, or why not.

import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { type Certificate, createCert } from 'mkcert';
import { onTestFinished } from 'vitest';
import { type ConnectionOptions, socketOptions } from '../../src/options/socket-options';
import type { TransportTarget } from '../../src/transport/contract';
import { connect } from '../../src/transport/node/node';
import { testAuthority } from './servers';

/** The server's name, which is looked up as 127.0.0.1. */
export const NAME = 'server.test';
const lookup: ConnectionOptions['lookup'] = (_, { all }, callback) =>
  all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4);

/** Certificates for the name, for others, for the name but of yesterday, and for the name with its authority behind it. */
export async function certificates() {
  const authority = await testAuthority();
  const make = (domains: string[], validity: number) => createCert({ ca: authority, domains, validity });
  const [good, other, expired] = await Promise.all([
    make([NAME, 'localhost'], 1),
    make(['10.0.0.1', 'other.test'], 1),
    make([NAME], -1),
  ]);
  return {
    ca: authority.cert,
    good,
    other,
    expired,
    inChain: { key: good.key, cert: `${good.cert}${authority.cert}` },
  };
}

export const digest = (certificate: Certificate, name: 'fingerprint' | 'fingerprint256' | 'fingerprint512') =>
  new X509Certificate(certificate.cert)[name];

/** A server that writes one byte to whoever has come through, and remembers the names it was asked for. */
export async function tlsServer(certificate: Certificate, options: TlsOptions = {}) {
  const names: (string | false | undefined)[] = [];
  const clients: TLSSocket[] = [];
  /** Of the certificates that clients showed. */
  const shown: (string | undefined)[] = [];
  const listener = createServer({ ...certificate, ...options }, (socket) => {
    socket.on('error', () => {});
    names.push((socket as { servername?: string | false }).servername);
    clients.push(socket);
    shown.push(socket.authorized ? socket.getPeerX509Certificate()?.fingerprint256 : undefined);
    socket.write('!');
  });
  listener.on('tlsClientError', () => {});
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  onTestFinished(() => {
    for (const client of clients) client.destroy();
    listener.close();
  });
  return { port: (listener.address() as AddressInfo).port, names, shown };
}

/** Dials, and says 'up', or why not; if up, with the first byte of the server. A refused pipe must hand over nothing. */
export function dial(port: number, options: ConnectionOptions, over: Partial<TransportTarget> = {}): Promise<string> {
  const told: string[] = [];
  return new Promise((resolve) => {
    const target = { secure: true, hostname: NAME, port, options: socketOptions({ lookup, ...options }), ...over };
    const transport = connect(target, {
      onConnect: () => told.push('up'),
      readTarget: () => new Uint8Array(16),
      onRead: (bytes, length) => {
        told.push(Buffer.from(bytes.subarray(0, length)).toString());
        transport.close('now');
      },
      onWritten: () => {},
      onEnd: () => {},
      onClose: (error) => {
        if (error !== undefined) told.push((error as { code?: string }).code ?? 'no code', error.message);
        resolve(told.join(' '));
      },
    });
  });
}

export const UP = /^up !$/;
export const not = (reason: RegExp): RegExp => new RegExp(`^WS_ERR_TLS .*(?:${reason.source})`, reason.flags);
export const NOT_TRUSTED = not(/not trusted|unable to verify|self[- ]signed/);
export const WRONG_NAME = not(/is not in the cert's altnames/);
export const EXPIRED = not(/expired/i);
