// The most usual mistakes, made on each face against real servers: what a person reads then. The drop-in for `ws` keeps that
// package's texts, which programs match, and explains in the error's `cause`.

import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AsyncTcpConnection, type ConnectionOptions, WebSocket as DropIn } from '../../src/index';
import { WebSocket as Web, WebSocketStream } from '../../src/web';
import { BINARY } from '../support/raw-peer';
import { selfSigned } from '../support/self-signed';
import { certificate, closedPort, echoServer, rawServer, trust, wsServer } from '../support/servers';

const FACES = ['callback', 'ws', 'web', 'stream'] as const;
type Face = (typeof FACES)[number];

interface Given {
  readonly tls?: ConnectionOptions;
  readonly protocols?: string[];
  /** What makes the server do what it shall, once it is open. */
  readonly whenOpen?: string;
}

interface Told {
  /** What is shown first. */
  readonly message: string;
  /** The sentence that explains. */
  readonly sentence: string;
  readonly code: string | undefined;
}

interface Failure {
  readonly message: string;
  readonly code?: string;
  readonly cause?: unknown;
}

const explained = ({ message, code, cause }: Failure): Told => {
  const why = cause as Failure | undefined;
  return { message, sentence: why?.message ?? message, code: why?.code ?? code };
};

/** How each face tells that a connection failed. */
const ATTEMPTS: Readonly<Record<Face, (url: string, given: Given) => Promise<Told>>> = {
  callback: (url, { tls = {}, protocols, whenOpen }) =>
    new Promise((resolve) => {
      const connection = new AsyncTcpConnection(url, tls);
      onTestFinished(() => connection.destroy());
      if (protocols !== undefined) connection.websocketClientProtocol = protocols;
      connection.onWebSocketConnect = () => whenOpen && connection.send(whenOpen);
      connection.onError = (_connection, _kind, message, cause) => {
        resolve({ message, sentence: message, code: (cause as Failure).code });
      };
      connection.connect();
    }),
  ws: (url, { tls = {}, protocols = [], whenOpen }) =>
    new Promise((resolve) => {
      const socket = new DropIn(url, protocols, tls as object);
      onTestFinished(() => socket.terminate());
      socket.on('open', () => whenOpen && socket.send(whenOpen));
      socket.on('error', (error) => resolve(explained(error as Failure)));
    }),
  web: (url, { tls, protocols = [], whenOpen }) =>
    new Promise((resolve) => {
      const socket = new Web(url, { protocols, tls });
      onTestFinished(() => socket.close());
      socket.onopen = () => whenOpen && socket.send(whenOpen);
      socket.onerror = (event) => {
        const { message, error } = event as Event & { message: string; error: Failure };
        expect(event).toBeInstanceOf(Event);
        expect(event.type).toBe('error');
        expect(error.message).toBe(message);
        resolve({ message, sentence: message, code: error.code });
      };
    }),
  stream: async (url, { tls, protocols = [], whenOpen }) => {
    const stream = new WebSocketStream(url, { protocols, tls });
    onTestFinished(() => stream.close());
    try {
      const { writable, readable } = await stream.opened;
      const reader = readable.getReader();
      await writable.getWriter().write(whenOpen!);
      await reader.read();
    } catch (error) {
      return explained(error as Failure);
    }
    throw new Error('nothing failed');
  },
};

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** Answers each request with this, whatever it is. */
function answering(status: number, headers: Record<string, string> = {}, body = ''): Promise<number> {
  const server = createHttpServer();
  server.on('upgrade', (_request, socket) => {
    const lines = Object.entries({ ...headers, 'Content-Length': `${body.length}` }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    socket.end(`HTTP/1.1 ${status} Told\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
  });
  return listening(server);
}

/** Says this to whatever comes, or as soon as somebody is there. */
function saying(bytes: string, isFirst = false): Promise<number> {
  return listening(
    createTcpServer((socket) => {
      socket.on('error', () => {});
      if (isFirst) socket.write(bytes, 'latin1');
      else socket.once('data', () => socket.end(bytes, 'latin1'));
    }),
  );
}

const PATH = '/chat?token=secret';

interface Mistake {
  readonly name: string;
  readonly server: () => Promise<string>;
  readonly given?: () => Promise<Given>;
  readonly code: string;
  readonly says: readonly RegExp[];
  /** What the drop-in says first, as `ws` does. */
  readonly ofWs: RegExp;
}

const MISTAKES: readonly Mistake[] = [
  {
    name: 'ws:// to a server of TLS, which hangs up',
    server: async () => `ws://127.0.0.1:${await listening(createHttpsServer(await certificate()))}${PATH}`,
    code: 'WS_ERR_HANDSHAKE_ENDED',
    says: [/it said nothing; if it speaks TLS, the URL must begin with wss:\/\//],
    ofWs: /^(socket hang up|read ECONNRESET)$/,
  },
  {
    name: 'ws:// to a server of TLS, which answers with an alert',
    server: async () => `ws://127.0.0.1:${await saying('\x15\x03\x03\0\x02\x02\x46')}${PATH}`,
    code: 'WS_ERR_HANDSHAKE_SYNTAX',
    says: [/that is TLS \(did you mean wss:\/\/\?\)\.$/],
    ofWs: /^Parse Error: Expected HTTP\//,
  },
  {
    name: 'ws:// to a server of TLS, which answers in plain text',
    server: async () =>
      `ws://127.0.0.1:${await answering(400, {}, '<h1>The plain HTTP request was sent to HTTPS port</h1>')}${PATH}`,
    code: 'WS_ERR_HANDSHAKE_STATUS',
    says: [/"400 Told" for "\/chat" at 127\.0\.0\.1 port \d+ \(did you mean wss:\/\/\?\)\.$/],
    ofWs: /^Unexpected server response: 400$/,
  },
  {
    name: 'wss:// to a server without TLS',
    server: async () => (await wsServer('ws')).url.replace('ws:', 'wss:'),
    code: 'WS_ERR_TLS',
    says: [/127\.0\.0\.1 port \d+, .*; what answers there does not speak TLS \(did you mean ws:\/\/\?\)\.$/],
    ofWs: /wrong version number|packet length too long/,
  },
  {
    name: 'wss:// to a server that hangs up on TLS',
    server: async () => `wss://127.0.0.1:${await saying('')}`,
    code: 'WS_ERR_TLS',
    says: [/it hung up on TLS \(did you mean ws:\/\/\?\)\.$/],
    ofWs: /before secure TLS connection was established$/,
  },
  {
    name: 'a closed port',
    server: async () => `ws://127.0.0.1:${await closedPort()}${PATH}`,
    code: 'WS_ERR_CONNECT',
    says: [/^The server could not be reached: 127\.0\.0\.1 port \d+, connect ECONNREFUSED/],
    ofWs: /^connect ECONNREFUSED 127\.0\.0\.1:\d+$/,
  },
  {
    name: 'an unknown name',
    server: async () => `ws://nobody.invalid:8080${PATH}`,
    code: 'WS_ERR_CONNECT',
    says: [
      /^The server could not be reached: nobody\.invalid port 8080, getaddrinfo E(NOTFOUND|AI_AGAIN) nobody\.invalid; t/,
    ],
    ofWs: /^getaddrinfo E(NOTFOUND|AI_AGAIN) nobody\.invalid$/,
  },
  {
    name: 'a certificate that signed itself',
    server: async () => `wss://127.0.0.1:${await listening(createHttpsServer(selfSigned(['127.0.0.1'])))}${PATH}`,
    code: 'WS_ERR_TLS',
    says: [
      /127\.0\.0\.1 port \d+, self-signed certificate; if it is your own, give it as the option ca \(tls\.ca in wsimd\/web\)\.$/,
    ],
    ofWs: /^self-signed certificate$/,
  },
  {
    name: 'a certificate of an authority that nobody knows',
    server: async () => `wss://127.0.0.1:${await listening(createHttpsServer(await certificate()))}${PATH}`,
    code: 'WS_ERR_TLS',
    says: [
      /its issuer is unknown here: give that as the option ca \(tls\.ca in wsimd\/web\), or let the server send its whole chain\.$/,
    ],
    ofWs: /^unable to verify the first certificate$/,
  },
  {
    name: 'a certificate that has expired',
    server: async () => `wss://127.0.0.1:${await listening(createHttpsServer(EXPIRED))}${PATH}`,
    given: async () => ({ tls: { ca: EXPIRED.cert } }),
    code: 'WS_ERR_TLS',
    says: [/certificate has expired; the server needs a new one, unless the clock here is wrong\.$/],
    ofWs: /^certificate has expired$/,
  },
  {
    name: 'a certificate for another name',
    server: async () => `wss://127.0.0.1:${await listening(createHttpsServer(await certificate(['elsewhere.test'])))}`,
    given: async () => ({ tls: await trust('wss') }),
    code: 'WS_ERR_TLS',
    says: [
      /IP: 127\.0\.0\.1 is not in the cert's list; use a name that is in it, in the URL or as the option servername\.$/,
    ],
    ofWs: /^Hostname\/IP does not match certificate's altnames/,
  },
  {
    name: 'a wrong path',
    server: async () => `ws://127.0.0.1:${await answering(404)}${PATH}`,
    code: 'WS_ERR_HANDSHAKE_STATUS',
    says: [/: "404 Told" for "\/chat" at 127\.0\.0\.1 port \d+ \(is the path right\?\)\.$/],
    ofWs: /^Unexpected server response: 404$/,
  },
  {
    name: 'missing credentials',
    server: async () => `ws://127.0.0.1:${await answering(401, { 'WWW-Authenticate': 'Basic' })}${PATH}`,
    code: 'WS_ERR_HANDSHAKE_STATUS',
    says: [
      /"401 Told" for "\/chat" at 127\.0\.0\.1 port \d+; it wants credentials: the header Authorization, or a user/,
    ],
    ofWs: /^Unexpected server response: 401$/,
  },
  {
    name: 'a redirect',
    server: async () =>
      `ws://127.0.0.1:${await answering(301, { Location: 'https://user:secret@there.test/new?secret' })}${PATH}`,
    code: 'WS_ERR_HANDSHAKE_STATUS',
    says: [
      /"\/chat" at .*, a redirect to "https:\/\/there\.test\/new"; redirects are not followed \(did you mean wss:\/\/\?\)\.$/,
    ],
    ofWs: /^Unexpected server response: 301$/,
  },
  {
    name: 'a plain page',
    server: async () => `ws://127.0.0.1:${await answering(200, {}, '<html>')}${PATH}`,
    code: 'WS_ERR_HANDSHAKE_STATUS',
    says: [/"200 Told" for "\/chat" .*; that is a page, and no WebSocket \(is the path right\?\)\.$/],
    ofWs: /^Unexpected server response: 200$/,
  },
  {
    name: 'another protocol, SSH',
    server: async () => `ws://127.0.0.1:${await saying('SSH-2.0-OpenSSH_9.6\r\n', true)}${PATH}`,
    code: 'WS_ERR_HANDSHAKE_SYNTAX',
    says: [/in "SSH-2\.0-OpenSSH_9\.6\\x0d\\x0a"; that is SSH \(is it the right port\?\)\.$/],
    ofWs: /^Parse Error: Expected HTTP\//,
  },
  {
    name: 'another protocol, SMTP',
    server: async () => `ws://127.0.0.1:${await saying('220 mail.test ESMTP\r\n', true)}${PATH}`,
    code: 'WS_ERR_HANDSHAKE_SYNTAX',
    says: [/that is SMTP or FTP \(is it the right port\?\)\.$/],
    ofWs: /^Parse Error: Expected HTTP\//,
  },
  {
    name: 'a subprotocol that the server has not',
    server: async () => (await wsServer('ws', () => {}, { handleProtocols: () => false })).url,
    given: async () => ({ protocols: ['graphql-ws', 'mqtt'] }),
    code: 'WS_ERR_HANDSHAKE_PROTOCOL',
    says: [/: it chose none; offered: "graphql-ws", "mqtt"\.$/],
    ofWs: /^Server sent no subprotocol$/,
  },
  {
    name: 'a message that is too big',
    server: async () => {
      const server = await rawServer('ws');
      void server.acceptedPeer().then(async (peer) => {
        await peer.readFrame();
        peer.write(Buffer.of(BINARY, 127, 0, 0, 0, 0, 0x10, 0, 0, 0));
      });
      return server.url;
    },
    given: async () => ({ whenOpen: 'go' }),
    code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
    says: [/^The message is larger than this connection accepts: it has at least 268435456 bytes, and .* is \d+\.$/],
    ofWs: /^Max payload size exceeded$/,
  },
];

const EXPIRED = selfSigned(['127.0.0.1'], -1);

describe.each(FACES)('on the face %s', (face) => {
  it.each(MISTAKES)('$name', async ({ server, given, code, says, ofWs }) => {
    const told = await ATTEMPTS[face](await server(), (await given?.()) ?? {});
    for (const text of says) expect(told.sentence).toMatch(text);
    expect(told.code).toBe(code);
    if (face === 'ws') expect(told.message).toMatch(ofWs);
    expect(told.sentence).not.toMatch(/\.\.$|secret|token/);
  });
});

describe('what is wrong before anything is sent', () => {
  const thrown = (action: () => unknown): Error => {
    try {
      action();
    } catch (error) {
      return error as Error;
    }
    throw new Error('nothing was thrown');
  };

  it.each([
    [
      'ftp://h',
      /^url has the scheme "ftp:": this is a client, which connects to URLs that begin with ws:\/\/ or wss:\/\/\.$/,
    ],
    ['http://h', / or wss:\/\/ \(did you mean ws:\/\/\?\)\.$/],
    [
      'localhost:8080',
      /^url has the scheme "localhost:": this is a client, which connects to URLs that begin with ws:\/\/ or wss:\/\/\.$/,
    ],
    ['ws://h:99999/?secret', /wss:\/\/; its port is 99999, and ports end at 65535\.$/],
    ['ws://user:secret@h:123456', /wss:\/\/; its port is 123456, and ports end at 65535\.$/],
    ['ws://user:secret@[::1]:123456', /wss:\/\/; its port is 123456, and ports end at 65535\.$/],
    [
      'h/path',
      /^url is not an absolute URL with a host: this is a client, which connects to URLs that begin with ws:\/\/ or wss:\/\/\.$/,
    ],
  ])('the URL %s', (url, says) => {
    const { message } = thrown(() => new AsyncTcpConnection(url));
    expect(message).toMatch(says);
    expect(message).not.toContain('secret');
  });

  it('the URL, for the web', () => {
    for (const Class of [Web, WebSocketStream]) {
      expect(thrown(() => new Class('ftp://h'))).toMatchObject({
        name: 'SyntaxError',
        message: 'The URL has the scheme "ftp:"; ws:, wss:, http: and https: are possible.',
      });
      expect(thrown(() => new Class('ws://h:99999'))).toMatchObject({
        name: 'SyntaxError',
        message: 'The URL has the port 99999, and ports end at 65535.',
      });
    }
  });

  it('the URL, for ws', () => {
    expect(thrown(() => new DropIn('ftp://h'))).toMatchObject({ name: 'SyntaxError' });
    expect(thrown(() => new DropIn('ws://h:99999'))).toMatchObject({ message: 'Invalid URL: ws://h:99999' });
  });

  it('a header', () => {
    const headers = { 'X-Token': 'secret\nX-More: injected' };
    const connection = new AsyncTcpConnection('ws://h');
    for (const action of [
      () => {
        connection.headers = headers;
      },
      () => new Web('ws://h', { headers }),
      () => new WebSocketStream('ws://h', { headers }),
    ]) {
      expect(thrown(action).message).toMatch(/^headers: the value of X-Token has a control character/);
    }
    expect(thrown(() => new DropIn('ws://h', { headers }))).toMatchObject({
      code: 'ERR_INVALID_CHAR',
      message: 'Invalid character in header content ["X-Token"]',
    });
  });

  it('a code to close with', async () => {
    const { url } = await echoServer('ws');
    const connection = new AsyncTcpConnection(url);
    expect(thrown(() => connection.close(1005)).message).toMatch(/1005/);
    const web = new Web(url);
    expect(thrown(() => web.close(1005))).toMatchObject({
      name: 'InvalidAccessError',
      message: 'The code must be 1000, or from 3000 to 4999; it is 1005.',
    });
    web.close();
    const dropIn = new DropIn(url);
    await new Promise((resolve) => dropIn.once('open', resolve));
    expect(thrown(() => dropIn.close(1005))).toMatchObject({
      message: 'First argument must be a valid error code number',
    });
    dropIn.terminate();
  });
});

describe('a message that is sent', () => {
  it('too early', async () => {
    const { url } = await echoServer('ws');
    const connection = new AsyncTcpConnection(url);
    // It waits for the connection.
    expect(connection.send('early')).toBe(null);
    const web = new Web(url);
    expect(() => web.send('early')).toThrow('The connection is not open yet.');
    web.close();
    const dropIn = new DropIn(url);
    expect(() => dropIn.send('early')).toThrow('WebSocket is not open: readyState 0 (CONNECTING)');
    await new Promise((resolve) => dropIn.once('open', resolve));
    dropIn.terminate();
  });

  it('too late', async () => {
    const { url } = await echoServer('ws');
    const connection = new AsyncTcpConnection(url);
    connection.connect();
    connection.close();
    await expect(connection.sendAsync('late')).rejects.toMatchObject({
      code: 'WS_ERR_NOT_OPEN',
      message: 'The message was dropped: the connection is closing or closed.',
    });
    const dropIn = new DropIn(url);
    await new Promise((resolve) => dropIn.once('open', resolve));
    dropIn.close();
    const error = await new Promise((resolve) => dropIn.send('late', resolve));
    expect(error).toMatchObject({ message: 'WebSocket is not open: readyState 2 (CLOSING)' });
  });
});
