// Who shows whom which certificate: client certificates, server names, identities of the user's own, and the one protocol
// that TLS is asked for. That certificates are verified at all is in connection/hardening-tls.test.ts.

import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { checkServerIdentity, type TLSSocket, type TlsOptions } from 'node:tls';
import { createCA, createCert } from 'mkcert';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { AsyncTcpConnection, type SocketOptions, type WsimdError } from '../../../src/index';
import { type EventLog, record } from '../../support/event-log';
import { testAuthority, trust } from '../../support/servers';

interface Seen {
  readonly name: string | false | null;
  readonly protocol: string | false | null;
  readonly client: string | undefined;
}

/** A server for these names; tells what it saw of each connection that TLS let through. */
async function tlsServer(options: TlsOptions = {}, domains = ['localhost', '127.0.0.1']): Promise<[number, Seen[]]> {
  const certificate = await createCert({ ca: await testAuthority(), domains, validity: 1 });
  const https = createServer({ ...certificate, ...options });
  const seen: Seen[] = [];
  const server = new WebSocketServer({ server: https });
  server.on('connection', (_socket, request) => {
    const { servername, alpnProtocol, getPeerCertificate } = request.socket as TLSSocket;
    const { subject } = getPeerCertificate.call(request.socket);
    seen.push({ name: servername ?? null, protocol: alpnProtocol, client: subject?.CN as string | undefined });
  });
  https.on('tlsClientError', () => {});
  https.listen(0, '127.0.0.1');
  await once(https, 'listening');
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    https.close();
  });
  return [(https.address() as AddressInfo).port, seen];
}

async function attempt(url: string, options: SocketOptions): Promise<EventLog> {
  const connection = new AsyncTcpConnection(url, options);
  onTestFinished(() => connection.destroy());
  const log = record(connection);
  connection.connect();
  return log.until(({ events }) => events.includes('open 101') || events.includes('close 1006'));
}

const codeOf = (log: EventLog): string | undefined => (log.errors[0]?.cause as WsimdError | undefined)?.code;

describe('a server that wants a certificate', () => {
  it('gets the one that was set, whose key may need a passphrase', async () => {
    const authority = await testAuthority();
    const client = await createCert({ ca: authority, domains: ['client.example.test'], validity: 1 });
    const encrypted = createPrivateKey(client.key).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'a secret',
    });
    const [port, seen] = await tlsServer({ requestCert: true, rejectUnauthorized: true, ca: authority.cert });
    const url = `wss://localhost:${port}`;
    const ca = authority.cert;
    expect((await attempt(url, { ca, cert: client.cert, key: client.key })).events).toContain('open 101');
    const options = { ca, cert: client.cert, key: encrypted };
    expect((await attempt(url, { ...options, passphrase: 'a secret' })).events).toContain('open 101');
    expect(seen.map(({ client }) => client)).toEqual(['client.example.test', 'client.example.test']);

    const refused = await attempt(url, { ...options, passphrase: 'another' });
    expect(codeOf(refused)).toBe('WS_ERR_CONNECT');
    expect(refused.errors[0]!.message).not.toContain('another');
    // Without a certificate TLS 1.3 is up before the server says no: the handshake has no answer.
    expect((await attempt(url, { ca })).events.at(-1)).toBe('close 1006');
    expect(seen).toHaveLength(2);
  });
});

describe('the server name', () => {
  it('is the host of the URL, or what was set; an address is none (RFC 6066 §3)', async () => {
    const [port, seen] = await tlsServer({}, ['localhost', '127.0.0.1', 'virtual.example.test']);
    const trusted = await trust('wss');
    expect((await attempt(`wss://localhost:${port}`, trusted)).events).toContain('open 101');
    const servername = 'virtual.example.test';
    expect((await attempt(`wss://127.0.0.1:${port}`, { ...trusted, servername })).events).toContain('open 101');
    expect((await attempt(`wss://127.0.0.1:${port}`, trusted)).events).toContain('open 101');
    expect(seen.map(({ name }) => name || null)).toEqual(['localhost', 'virtual.example.test', null]);
  });

  it('has no dot at its end, though that of the URL has (RFC 6066 §3)', async () => {
    const [port, seen] = await tlsServer();
    const log = await attempt(`wss://localhost.:${port}`, {
      ...(await trust('wss')),
      lookup: (_, options, answer) =>
        options.all ? answer(null, [{ address: '127.0.0.1', family: 4 }]) : answer(null, '127.0.0.1', 4),
    });
    expect(log.events).toContain('open 101');
    expect(seen.map(({ name }) => name)).toEqual(['localhost']);
  });

  it('that the certificate is not made out for is refused', async () => {
    const [port, seen] = await tlsServer();
    const log = await attempt(`wss://localhost:${port}`, { ...(await trust('wss')), servername: 'other.example.test' });
    expect([codeOf(log), seen]).toEqual(['WS_ERR_TLS', []]);
  });
});

describe('checkServerIdentity', () => {
  it('may pin a certificate: its verdict is the reason', async () => {
    const [port, seen] = await tlsServer();
    let fingerprint = '';
    const pinned = (wanted: () => string): SocketOptions['checkServerIdentity'] => {
      return (hostname, certificate) => {
        if (certificate.fingerprint256 !== wanted()) return new Error('another certificate than the one we know');
        return checkServerIdentity(hostname, certificate);
      };
    };
    const trusted = await trust('wss');
    const learn: SocketOptions['checkServerIdentity'] = (_hostname, certificate) => {
      fingerprint = certificate.fingerprint256;
      return undefined;
    };
    const url = `wss://localhost:${port}`;
    expect((await attempt(url, { ...trusted, checkServerIdentity: learn })).events).toContain('open 101');
    const same = await attempt(url, { ...trusted, checkServerIdentity: pinned(() => fingerprint) });
    expect(same.events).toContain('open 101');
    const other = await attempt(url, { ...trusted, checkServerIdentity: pinned(() => '00') });
    expect(codeOf(other)).toBe('WS_ERR_TLS');
    expect(other.errors[0]!.message).toContain('another certificate than the one we know');
    expect(seen).toHaveLength(2);
  });
});

describe('an authority that signed itself', () => {
  it('is refused, unless it is named or verification is switched off', async () => {
    const lone = await createCA({ organization: 'lone', countryCode: 'NL', state: 'T', locality: 'T', validity: 1 });
    const { key, cert } = await createCert({ ca: lone, domains: ['localhost'], validity: 1 });
    const [port, seen] = await tlsServer({ key, cert: `${cert}\n${lone.cert}` });
    const url = `wss://localhost:${port}`;
    const refused = await attempt(url, {});
    expect(codeOf(refused)).toBe('WS_ERR_TLS');
    expect(refused.errors[0]!.message).toMatch(/self-signed certificate/);
    const named = await attempt(url, { ca: lone.cert });
    expect(named.events).toContain('open 101');
    expect((await attempt(url, { rejectUnauthorized: false })).events).toContain('open 101');
    expect(seen).toHaveLength(2);
  });
});

describe('the protocol', () => {
  it('is http/1.1, which is what TLS is asked for (RFC 7301)', async () => {
    const [port, seen] = await tlsServer({ ALPNProtocols: ['h2', 'http/1.1'] });
    expect((await attempt(`wss://localhost:${port}`, await trust('wss'))).events).toContain('open 101');
    expect(seen.map(({ protocol }) => protocol)).toEqual(['http/1.1']);
  });
});
