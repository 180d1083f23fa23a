// The opening of the `ws` face, as the documentation of the npm package has it: what two logs cannot say, since both might be
// wrong in the same way, or since it is random.

import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import WebSocketByDefault, * as wsimd from '../../src/index';
import { RawPeer } from '../support/raw-peer';
import { closedPort, rawServer, trust, wsServer } from '../support/servers';
import { closeOf, openClient, wsClient } from '../support/ws-clients';

const { WebSocket } = wsimd;

async function headOf(...rest: Parameters<typeof wsClient> extends [string, ...infer Rest] ? Rest : never) {
  const server = await rawServer('ws');
  wsClient(`${server.url}/path?query`, ...rest).on('error', () => {});
  const peer = await server.peer();
  return (await peer.readHead()).trimEnd().split('\r\n');
}

const header = (head: readonly string[], name: string): string | undefined =>
  head.find((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}: `))?.slice(name.length + 2);

describe('names', () => {
  test('the class is the default export, and one of that name', () => {
    expect(WebSocketByDefault).toBe(WebSocket);
    expect(WebSocket.name).toBe('WebSocket');
  });

  test('what only a server can do says so', () => {
    expect(() => new wsimd.WebSocketServer({ port: 0 })).toThrow(/client.*ws/);
    expect(() => new WebSocket(null as never)).toThrow(/client/);
  });

  test('the constants have the numbers of the WebSocket standard', () => {
    const { CONNECTING, OPEN, CLOSING, CLOSED } = WebSocket;
    expect([CONNECTING, OPEN, CLOSING, CLOSED]).toEqual([0, 1, 2, 3]);
  });
});

describe('the request', () => {
  test('asks for an upgrade to version 13', async () => {
    const head = await headOf();
    expect(head[0]).toBe('GET /path?query HTTP/1.1');
    expect(header(head, 'Upgrade')).toBe('websocket');
    expect(header(head, 'Connection')).toBe('Upgrade');
    expect(header(head, 'Sec-WebSocket-Version')).toBe('13');
  });

  test('has a key of 16 bytes that is another each time', async () => {
    const keys = await Promise.all(Array.from({ length: 5 }, async () => header(await headOf(), 'Sec-WebSocket-Key')!));
    expect(new Set(keys).size).toBe(5);
    for (const key of keys) {
      expect(Buffer.from(key, 'base64')).toHaveLength(16);
      expect(Buffer.from(key, 'base64').toString('base64')).toBe(key);
    }
  });

  test('offers no extension when compression is off', async () => {
    expect(header(await headOf(), 'Sec-WebSocket-Extensions')).toBeUndefined();
  });

  test('has the origin and the headers of the options', async () => {
    const head = await headOf([], { origin: 'https://site.example', headers: { 'X-Token': 'abc' } });
    expect(header(head, 'Origin')).toBe('https://site.example');
    expect(header(head, 'X-Token')).toBe('abc');
  });

  test('has the credentials of the URL as Basic authentication', async () => {
    const server = await rawServer('ws');
    wsClient(server.url.replace('ws://', 'ws://Aladdin:open%20sesame@')).on('error', () => {});
    const head = (await (await server.peer()).readHead()).split('\r\n');
    expect(header(head, 'Authorization')).toBe('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==');
  });

  test('goes no further before its turn has ended: listeners that are added behind it miss nothing', async () => {
    const server = await wsServer('ws', (socket) => socket.send('hello'));
    const client = wsClient(server.url);
    await Promise.resolve();
    expect(client.readyState).toBe(WebSocket.CONNECTING);
    const [data] = await once(client, 'message');
    expect(String(data)).toBe('hello');
  });
});

describe('an open connection', () => {
  test('has the subprotocol that the server chose', async () => {
    const server = await wsServer('ws', () => {}, { handleProtocols: () => 'v2' });
    const client = wsClient(server.url, ['v1', 'v2']);
    await once(client, 'open');
    expect(client.protocol).toBe('v2');
  });

  test('has the URL as it was understood', async () => {
    const server = await wsServer('ws');
    const client = wsClient(server.url.replace('ws:', 'HTTP:'));
    expect(client.url).toBe(`${server.url}/`);
    await once(client, 'open');
  });

  test('trusts what it is told to, over TLS', async () => {
    const server = await wsServer('wss', (socket) => socket.send('secret'));
    const client = wsClient(server.url, [], await trust('wss'));
    const [data, isBinary] = await once(client, 'message');
    expect(String(data)).toBe('secret');
    expect(isBinary).toBe(false);
  });

  test('does not end by the time for its handshake', async () => {
    const { client } = await openClient({ handshakeTimeout: 100 });
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(client.readyState).toBe(WebSocket.OPEN);
  });

  test('many at once do not mix', async () => {
    const server = await wsServer('ws', (socket) => {
      socket.on('message', (data) => socket.send(`re: ${data}`));
    });
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, number) => {
        const client = wsClient(server.url);
        await once(client, 'open');
        client.send(String(number));
        const [data] = await once(client, 'message');
        return String(data);
      }),
    );
    expect(answers).toEqual(Array.from({ length: 50 }, (_, number) => `re: ${number}`));
  });
});

describe('a connection that does not come about', () => {
  test('tells an error, then a close with 1006, once each', async () => {
    const events: string[] = [];
    const client = wsClient(`ws://127.0.0.1:${await closedPort()}`);
    client.on('open', () => events.push('open'));
    client.on('error', (error) => events.push(`error ${(error as NodeJS.ErrnoException).code}`));
    client.on('close', (code) => events.push(`close ${code}`));
    await closeOf(client);
    client.close();
    client.terminate();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(events).toEqual(['error ECONNREFUSED', 'close 1006']);
  });

  test('takes about as long as the time for the handshake', async () => {
    const server = await rawServer('ws');
    const begun = performance.now();
    const client = wsClient(server.url, [], { handshakeTimeout: 200 });
    const [error] = await once(client, 'error');
    expect(error.message).toBe('Opening handshake has timed out');
    expect(performance.now() - begun).toBeGreaterThan(180);
  });

  test('does not answer an Accept that is right but for one letter', async () => {
    const server = await rawServer('ws');
    const client = wsClient(server.url);
    const failed = once(client, 'error');
    const peer = await server.peer();
    const answer = RawPeer.answer(await peer.readHead());
    peer.write(Buffer.from(answer.replace(/(?<=Accept: .{5})./, (letter) => (letter === 'A' ? 'B' : 'A'))));
    expect((await failed)[0].message).toBe('Invalid Sec-WebSocket-Accept header');
    await peer.end();
  });

  test('lets a program read why', async () => {
    const server = await rawServer('ws');
    const client = wsClient(server.url);
    const told = once(client, 'unexpected-response');
    const peer = await server.peer();
    await peer.readHead();
    peer.write(Buffer.from('HTTP/1.1 429 Slow Down\r\nRetry-After: 7\r\nContent-Length: 8\r\n\r\n'));
    const [request, response] = await told;
    expect(client.readyState).toBe(WebSocket.CONNECTING);
    expect([response.statusCode, response.statusMessage, response.headers['retry-after']]).toEqual([
      429,
      'Slow Down',
      '7',
    ]);
    peer.write(Buffer.from('too many'));
    let body = '';
    for await (const chunk of response) body += chunk;
    expect(body).toBe('too many');
    request.destroy();
  });

  test('leaves no socket open', async () => {
    const server = await rawServer('ws');
    const client = wsClient(server.url);
    client.on('error', () => {});
    const peer = await server.peer();
    await peer.readHead();
    client.close();
    await closeOf(client);
    await peer.end();
  });
});

test('a redirect gives its secrets to nobody else', async () => {
  const requests: Record<string, unknown>[] = [];
  const target = await wsServer('ws', () => {}, {
    verifyClient: ({ req }: { req: import('node:http').IncomingMessage }) => {
      requests.push(req.headers);
      return true;
    },
  });
  const { createServer } = await import('node:http');
  const first = createServer((_request, response) => {
    response.writeHead(302, { Location: target.url });
    response.end();
  });
  first.listen(0, '127.0.0.1');
  await once(first, 'listening');
  onTestFinished(() => void first.close());
  const { port } = first.address() as import('node:net').AddressInfo;
  const headers = { Authorization: 'Bearer secret', Cookie: 'session=secret', 'X-Open': 'yes' };
  const client = wsClient(`ws://127.0.0.1:${port}`, [], { followRedirects: true, headers });
  await once(client, 'open');
  expect(client.url).toBe(`${target.url}/`);
  expect(JSON.stringify(requests)).not.toContain('secret');
  expect(requests[0]).toMatchObject({ 'x-open': 'yes' });
});
