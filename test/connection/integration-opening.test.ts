// The way to an open connection: which certificates are believed, and what the server sees of the settings.

import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { AsyncTcpConnection, type WsimdError } from '../../src/index';
import { type EventLog, record } from '../support/event-log';
import { echoServer, SCHEMES, testAuthority, trust, type WsTestServer } from '../support/servers';

/** The request of the handshake that this connection sends. */
async function requestOf(server: WsTestServer, connection: AsyncTcpConnection): Promise<[IncomingMessage, EventLog]> {
  const log = record(connection);
  const request = new Promise<IncomingMessage>((resolve) => {
    server.server.once('connection', (_, request) => resolve(request));
  });
  connection.connect();
  await log.until('open 101');
  return [await request, log];
}

/** The only error of a connection that was never up. */
async function refusal(connection: AsyncTcpConnection): Promise<{ events: string[]; error: WsimdError }> {
  const log = record(connection);
  connection.connect();
  await log.until('close 1006');
  return { events: log.events, error: log.errors[0]!.cause as WsimdError };
}

describe('TLS', () => {
  it('refuses an authority that it does not know', async () => {
    const server = await echoServer('wss');
    const { events, error } = await refusal(new AsyncTcpConnection(server.url));
    expect(events).toEqual(['error TLS_FAIL', 'close 1006']);
    expect(error.message).toContain(`The TLS connection could not be made: 127.0.0.1 port ${server.port}`);
    expect(error.code).toBe('WS_ERR_TLS');
    expect((error.cause as NodeJS.ErrnoException).code).toMatch(/SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY/);
  });

  it('refuses a certificate for another host', async () => {
    const server = await echoServer('wss', { domains: ['example.test'] });
    const { events, error } = await refusal(server.client());
    expect(events).toEqual(['error TLS_FAIL', 'close 1006']);
    expect(error.message).toContain('127.0.0.1');
    expect((error.cause as NodeJS.ErrnoException).code).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('refuses a server that speaks no TLS', async () => {
    const server = await echoServer('ws');
    const connection = server.client();
    connection.transport = 'ssl';
    const { events } = await refusal(connection);
    expect(events).toEqual(['error TLS_FAIL', 'close 1006']);
  });

  it('believes the authority in `ca`', async () => {
    const server = await echoServer('wss');
    const [, log] = await requestOf(server, server.client());
    expect(log.events).toEqual(['connect', 'open 101']);
  });

  it('checks the name that `servername` gives', async () => {
    const server = await echoServer('wss', { domains: ['example.test'] });
    const [, log] = await requestOf(server, server.client('/', { servername: 'example.test' }));
    expect(log.events).toEqual(['connect', 'open 101']);
  });

  it('leaves the check to `checkServerIdentity`', async () => {
    const server = await echoServer('wss', { domains: ['example.test'] });
    const [, log] = await requestOf(server, server.client('/', { checkServerIdentity: () => undefined }));
    expect(log.events).toEqual(['connect', 'open 101']);
    const checkServerIdentity = (): Error => new Error('not this one');
    const { events, error } = await refusal(server.client('/', { checkServerIdentity }));
    expect(events).toEqual(['error TLS_FAIL', 'close 1006']);
    expect(error.message).toContain('not this one');
  });

  it('believes anybody with `rejectUnauthorized: false`', async () => {
    const server = await echoServer('wss');
    const connection = new AsyncTcpConnection(server.url, { rejectUnauthorized: false });
    const [, log] = await requestOf(server, connection);
    expect(log.events).toEqual(['connect', 'open 101']);
    connection.destroy();
  });

  it('is what transport = "ssl" makes of a ws: URL', async () => {
    const server = await echoServer('wss');
    const { cert: ca } = await testAuthority();
    const connection = new AsyncTcpConnection(`ws://localhost:${server.port}/`, { ca });
    expect(connection.transport).toBe('tcp');
    connection.transport = 'ssl';
    const [request, log] = await requestOf(server, connection);
    expect(request.headers.host).toBe(`localhost:${server.port}`);
    expect(log.events).toEqual(['connect', 'open 101']);
    connection.destroy();
  });

  it('is preset by a wss: URL', () => {
    expect(new AsyncTcpConnection('wss://example.test').transport).toBe('ssl');
  });
});

describe.each(SCHEMES)('the handshake over %s', (scheme) => {
  it('asks for the path and query, with the host and a fresh key', async () => {
    const server = await echoServer(scheme);
    const [one] = await requestOf(server, server.client('/path/%EB%8B%A4?q=1&r'));
    const [other] = await requestOf(server, server.client('/path/%EB%8B%A4?q=1&r'));
    expect(one.url).toBe('/path/%EB%8B%A4?q=1&r');
    expect(one.headers).toEqual({
      host: `127.0.0.1:${server.port}`,
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-version': '13',
      'sec-websocket-key': expect.stringMatching(/^[A-Za-z0-9+/]{22}==$/),
    });
    expect(other.headers['sec-websocket-key']).not.toBe(one.headers['sec-websocket-key']);
  });

  it('carries the headers of the user', async () => {
    const server = await echoServer(scheme);
    const connection = server.client();
    connection.headers = {
      Cookie: 'PHPSID=82u98fjhakfusuanfnahfi; token=2hf9a929jhfihaf9i',
      OtherKey: 'values',
      Host: 'other.example:8080',
      'X-List': ['one', 'two'],
      'X-Number': 7,
    };
    const [{ rawHeaders }] = await requestOf(server, connection);
    const lines = rawHeaders.flatMap((text, i) => (i % 2 === 0 ? [`${text}: ${rawHeaders[i + 1]}`] : []));
    expect(lines).toContain('Cookie: PHPSID=82u98fjhakfusuanfnahfi; token=2hf9a929jhfihaf9i');
    expect(lines).toContain('OtherKey: values');
    expect(lines).toContain('X-List: one');
    expect(lines).toContain('X-List: two');
    expect(lines).toContain('X-Number: 7');
    expect(lines.filter((line) => /^host:/i.test(line))).toEqual(['Host: other.example:8080']);
  });

  it('carries the origin', async () => {
    const server = await echoServer(scheme);
    const connection = server.client();
    connection.websocketOrigin = 'https://example.test';
    const [request] = await requestOf(server, connection);
    expect(request.headers.origin).toBe('https://example.test');
  });

  it('carries the credentials of the URL as Basic authentication, in UTF-8', async () => {
    const server = await echoServer(scheme);
    const url = server.url.replace('127.0.0.1', 'user%20name:p%C3%A4ss%3A@127.0.0.1');
    const connection = new AsyncTcpConnection(url, await trust(scheme));
    const [request] = await requestOf(server, connection);
    const [kind, credentials] = request.headers.authorization!.split(' ');
    expect(kind).toBe('Basic');
    expect(Buffer.from(credentials!, 'base64').toString()).toBe('user name:päss:');
    expect(request.url).toBe('/');
    connection.destroy();
  });

  it('offers subprotocols and tells which one the server chose', async () => {
    const server = await echoServer(scheme, { handleProtocols: () => 'mqtt' });
    for (const offer of ['mqtt', ['chat', 'mqtt']]) {
      const connection = server.client();
      connection.websocketClientProtocol = offer;
      const [request, log] = await requestOf(server, connection);
      expect(request.headers['sec-websocket-protocol']).toBe([offer].flat().join(', '));
      expect(log.response!.protocol).toBe('mqtt');
    }
  });

  it('fails if the server chooses none of the subprotocols', async () => {
    const server = await echoServer(scheme, { handleProtocols: () => false });
    const connection = server.client();
    connection.websocketClientProtocol = ['chat', 'mqtt'];
    const { events, error } = await refusal(connection);
    expect(events).toEqual(['connect', 'error HANDSHAKE_FAIL', 'close 1006']);
    expect(error.code).toBe('WS_ERR_HANDSHAKE_PROTOCOL');
    expect(error.message).toContain('subprotocol');
    expect(error.message).toContain('it chose none; offered: "chat", "mqtt"');
  });

  it('hands over the head of the response', async () => {
    const server = await echoServer(scheme);
    server.server.on('headers', (headers) => headers.push('Set-Cookie: a=1', 'Set-Cookie: b=2', 'X-Server: yes'));
    const [, { response }] = await requestOf(server, server.client());
    expect(response).toMatchObject({
      status: 101,
      statusText: 'Switching Protocols',
      protocol: '',
      extensions: '',
      setCookie: ['a=1', 'b=2'],
    });
    expect(response!.headers['x-server']).toBe('yes');
    expect(String(response)).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\nUpgrade: websocket\r\n/);
    expect(String(response)).toMatch(/X-Server: yes\r\n\r\n$/);
  });
});
