// What a server sees of the handshake of a WebSocket of the WHATWG face (WebSockets §2, Fetch), and what the client makes of its
// answer.

import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { RawPeer } from '../support/raw-peer';
import { echoServer, rawServer, trust } from '../support/servers';
import { configure, isControl, oursOnly, Untyped, WebSocket, type WebSocketInit } from '../support/web-classes';
import { connecting, logOf, nextData, opened } from '../support/web-log';

afterEach(() => configure({}));

/** The request line, and the values of each header. */
interface Request {
  readonly line: string;
  readonly headers: ReadonlyMap<string, readonly string[]>;
}

function parseRequest(head: string): Request {
  const [line, ...lines] = head.trim().split('\r\n');
  const headers = new Map<string, string[]>();
  for (const field of lines) {
    const [name, value] = [
      field.slice(0, field.indexOf(':')).toLowerCase(),
      field.slice(field.indexOf(':') + 1).trim(),
    ];
    headers.set(name, [...(headers.get(name) ?? []), value]);
  }
  return { line: line!, headers };
}

/** The request that this makes; `path` is what follows the port in the URL. */
async function requestOf(path: string, protocols?: string | string[] | WebSocketInit, user = ''): Promise<Request> {
  const server = await rawServer('ws');
  connecting(`ws://${user}127.0.0.1:${server.port}${path}`, protocols);
  const peer = await server.peer();
  return parseRequest(await peer.readHead());
}

describe('the request (WebSockets §2, "establish a WebSocket connection")', () => {
  test.each([
    ['', '/'],
    ['/a/b', '/a/b'],
    ['/a?b=c', '/a?b=c'],
    ['?b', '/?b'],
    ['/ä?ö', '/%C3%A4?%C3%B6'],
  ])('of %j asks for %j', async (path, target) => {
    expect((await requestOf(path)).line).toBe(`GET ${target} HTTP/1.1`);
  });

  test('has the headers of RFC 6455 §4.1, each once', async () => {
    const { headers } = await requestOf('/');
    expect(headers.get('host')).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+$/)]);
    expect(headers.get('upgrade')).toEqual(['websocket']);
    expect(headers.get('connection')).toEqual([expect.stringMatching(/^upgrade$/i)]);
    expect(headers.get('sec-websocket-version')).toEqual(['13']);
    expect(headers.get('sec-websocket-key')).toEqual([expect.stringMatching(/^[A-Za-z0-9+/]{22}==$/)]);
    expect(headers.has('sec-websocket-protocol')).toBe(false);
    expect(headers.has('authorization')).toBe(false);
  });

  test.each([
    ['chat', 'chat'],
    [['chat'], 'chat'],
    [['chat', 'superchat'], 'chat, superchat'],
    [{ protocols: ['a', 'b'] }, 'a, b'],
    [{ protocols: 'a' }, 'a'],
  ])('offers the subprotocols %j in their order', async (protocols, header) => {
    const { headers } = await requestOf('/', protocols);
    expect(headers.get('sec-websocket-protocol')!.join(', ').split(/, ?/)).toEqual(header.split(', '));
  });

  test.each([[[]], [{}], [{ protocols: [] }]])('has no Sec-WebSocket-Protocol for %j', async (protocols) => {
    expect((await requestOf('/', protocols)).headers.has('sec-websocket-protocol')).toBe(false);
  });

  oursOnly('undici drops the credentials of the URL')(
    'authenticates with the user of the URL (RFC 7617 §2)',
    async () => {
      const { headers } = await requestOf('/', undefined, 'user:p%40ss@');
      expect(headers.get('authorization')).toEqual([`Basic ${Buffer.from('user:p@ss').toString('base64')}`]);
    },
  );

  oursOnly('undici tells a server the origin "null"')('has no Origin by default: there is no page', async () => {
    expect((await requestOf('/')).headers.has('origin')).toBe(false);
  });

  oursOnly('undici has no configure()')('has the origin of the base URL (RFC 6455 §10.2)', async () => {
    configure({ baseURL: 'https://base.invalid:8443/dir/page' });
    expect((await requestOf('/')).headers.get('origin')).toEqual(['https://base.invalid:8443']);
  });

  oursOnly('undici has no configure()')('has the origin that configure() was told, whatever the base URL', async () => {
    configure({ baseURL: 'https://base.invalid/', origin: 'https://other.invalid' });
    expect((await requestOf('/')).headers.get('origin')).toEqual(['https://other.invalid']);
  });

  oursOnly('undici has no option `origin`')('has the origin of its options before all others', async () => {
    configure({ origin: 'https://other.invalid' });
    const { headers } = await requestOf('/', { origin: 'https://mine.invalid' });
    expect(headers.get('origin')).toEqual(['https://mine.invalid']);
  });

  test.each([
    [{ 'X-A': '1', 'x-b': '2' }],
    [new Headers({ 'X-A': '1', 'x-b': '2' })],
    [
      [
        ['X-A', '1'],
        ['x-b', '2'],
      ] as [string, string][],
    ],
  ])('has the headers of its options (%#), beside subprotocols', async (headers) => {
    const request = await requestOf('/', { headers, protocols: ['a'] });
    expect([request.headers.get('x-a'), request.headers.get('x-b')]).toEqual([['1'], ['2']]);
    expect(request.headers.get('sec-websocket-protocol')).toEqual(['a']);
  });

  test.each([
    [{ headers: { 'a b': '1' } }],
    [{ headers: { a: '1\r\nb: 2' } }],
    [{ headers: { a: '1\0' } }],
    [{ headers: [['a b', '1']] }],
  ])('headers that are none (%j) are a TypeError', (options) => {
    expect(() => new Untyped('ws://127.0.0.1:1', options)).toThrow(TypeError);
  });
});

describe('the answer (WebSockets §4, "when the WebSocket connection is established")', () => {
  test('is what protocol and extensions say, from the event open on', async () => {
    const server = await echoServer('ws', { handleProtocols: () => 'b' });
    const webSocket = connecting(server.url, ['a', 'b']);
    expect([webSocket.protocol, webSocket.extensions]).toEqual(['', '']);
    const seen: unknown[] = [];
    webSocket.onopen = () => seen.push(webSocket.readyState, webSocket.protocol, webSocket.extensions);
    await once(webSocket, 'open');
    expect(seen).toEqual([1, 'b', '']);
    webSocket.close();
    await once(webSocket, 'close');
    expect([webSocket.readyState, webSocket.protocol]).toEqual([3, 'b']);
  });

  test('may choose none of the subprotocols, where none were offered', async () => {
    const server = await echoServer('ws');
    expect((await opened(server.url)).protocol).toBe('');
  });

  test('is under way over TLS, too', async () => {
    const server = await echoServer('wss');
    const { ca } = await trust('wss');
    if (!isControl) {
      const webSocket = await opened(server.url.replace('wss:', 'https:'), { tls: { ca } } as WebSocketInit);
      expect(webSocket.url).toBe(`${server.url}/`);
      webSocket.send('secret');
      expect(await nextData(webSocket)).toBe('secret');
    }
    const log = logOf(connecting(server.url));
    await log.until('close 1006 false');
    expect(log.events).toEqual(['error', 'close 1006 false']);
  });

  const accept = (request: string): string => RawPeer.answer(request);
  const answers: Record<string, (request: string) => string> = {
    'the status 200': () => 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    'the status 404': () => 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n',
    'the status 401': () => 'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n',
    'a redirection': () => 'HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n',
    'a wrong Sec-WebSocket-Accept': (request) => accept(request).replace(/Accept: ..../, 'Accept: AAAA'),
    'no Sec-WebSocket-Accept': (request) => accept(request).replace(/Sec-WebSocket-Accept.*\r\n/, ''),
    'no Upgrade': (request) => accept(request).replace(/Upgrade: websocket\r\n/, ''),
    'another Upgrade': (request) => accept(request).replace('websocket', 'h2c'),
    'another Connection': (request) => accept(request).replace('Connection: Upgrade', 'Connection: close'),
    'a subprotocol that was not offered': (request) => RawPeer.answer(request, 'Sec-WebSocket-Protocol: other'),
    'an extension that was not offered': (request) => RawPeer.answer(request, 'Sec-WebSocket-Extensions: other'),
    'no HTTP': () => 'SSH-2.0-a\r\n\r\n',
  };
  if (isControl) delete answers['the status 401']; // undici waits for credentials
  test.each(Object.entries(answers))('that is %s fails the connection', async (_name, answer) => {
    const server = await rawServer('ws');
    const webSocket = connecting(server.url, ['a']);
    const log = logOf(webSocket, (event) => `${event.type} ${webSocket.readyState} ${(event as CloseEvent).code}`);
    const peer = await server.peer();
    peer.socket.end(answer(await peer.readHead()));
    await log.until('close 3 1006');
    expect(log.events).toEqual(['error 3 undefined', 'close 3 1006']);
  });

  oursOnly('undici opens it: the list of what was asked for is what Fetch compares')(
    'without a subprotocol, where some were offered, fails the connection (WebSockets §2, step 12)',
    async () => {
      const server = await rawServer('ws');
      const log = logOf(connecting(server.url, ['a']));
      await server.acceptedPeer();
      await log.until('close 1006 false');
      expect(log.events).toEqual(['error', 'close 1006 false']);
    },
  );
});

test('constants say the states of RFC 6455 §7.1.4 in passing', async () => {
  const server = await echoServer('ws');
  const webSocket = connecting(server.url);
  const states = [webSocket.readyState];
  await once(webSocket, 'open');
  states.push(webSocket.readyState);
  webSocket.close();
  states.push(webSocket.readyState);
  await once(webSocket, 'close');
  states.push(webSocket.readyState);
  expect(states).toEqual([WebSocket.CONNECTING, WebSocket.OPEN, WebSocket.CLOSING, WebSocket.CLOSED]);
});
