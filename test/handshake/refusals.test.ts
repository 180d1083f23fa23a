// Servers that refuse or spoil the handshake, from a wrong digest to silence. Each gives exactly one onError, whose sentence
// names what was wrong, then onClose, and nothing else; a connection beside it notices nothing, and the process neither
// fails nor stays.

import { describe, expect, it } from 'vitest';
import { AsyncTcpConnection, HandshakeError, type WsimdError } from '../../src/index';
import { bystander } from '../support/bystander';
import { ChildProgram } from '../support/child-program';
import { type EventLog, record } from '../support/event-log';
import { frame, RawPeer, TEXT } from '../support/raw-peer';
import { closedPort, rawServer, SCHEMES, type Scheme } from '../support/servers';

interface Refusal {
  readonly name: string;
  /** What the server does after it has read the request. */
  readonly answer: (peer: RawPeer, request: string) => unknown;
  readonly code: string;
  /** What the sentence must name. */
  readonly says: readonly (string | RegExp)[];
}

/** Ends in a clean FIN after these bytes. */
const finish = (text: string) => (peer: RawPeer) => peer.socket.end(text, 'latin1');

/** A correct 101 with one thing replaced. */
const spoilt = (correct: string | RegExp, wrong: string) => (peer: RawPeer, request: string) =>
  peer.write(Buffer.from(RawPeer.answer(request).replace(correct, wrong)), frame(TEXT, 'must not be delivered'));

const withHeader = (header: string) => (peer: RawPeer, request: string) =>
  peer.write(Buffer.from(RawPeer.answer(request, header)), frame(TEXT, 'must not be delivered'));

const REFUSALS: readonly Refusal[] = [
  {
    name: 'a wrong Sec-WebSocket-Accept',
    answer: spoilt(/Accept: .*/, 'Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo='),
    code: 'WS_ERR_HANDSHAKE_ACCEPT',
    says: ['Sec-WebSocket-Accept', '"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="'],
  },
  {
    name: 'no Sec-WebSocket-Accept',
    answer: spoilt(/Sec-WebSocket-Accept: .*\r\n/, ''),
    code: 'WS_ERR_HANDSHAKE_ACCEPT',
    says: ['Sec-WebSocket-Accept', 'there is none'],
  },
  {
    name: 'another protocol to upgrade to',
    answer: spoilt('Upgrade: websocket', 'Upgrade: h2c'),
    code: 'WS_ERR_HANDSHAKE_UPGRADE',
    says: ['Upgrade header', '"h2c"'],
  },
  {
    name: 'no Connection header',
    answer: spoilt('Connection: Upgrade\r\n', ''),
    code: 'WS_ERR_HANDSHAKE_CONNECTION',
    says: ['Connection header', 'there is none'],
  },
  {
    name: 'an extension that was not offered',
    answer: withHeader('Sec-WebSocket-Extensions: permessage-deflate'),
    code: 'WS_ERR_HANDSHAKE_EXTENSION',
    says: ['extension', '"permessage-deflate"'],
  },
  {
    name: 'an extension named like a property of every object',
    answer: withHeader('Sec-WebSocket-Extensions: constructor'),
    code: 'WS_ERR_HANDSHAKE_EXTENSION',
    says: ['extension', '"constructor"'],
  },
  {
    name: 'a subprotocol that was not offered',
    answer: withHeader('Sec-WebSocket-Protocol: mqtt'),
    code: 'WS_ERR_HANDSHAKE_PROTOCOL',
    says: ['subprotocol', '"mqtt"'],
  },
  {
    name: 'a web page',
    answer: finish('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>'),
    code: 'WS_ERR_HANDSHAKE_STATUS',
    says: ['101', '"200 OK"'],
  },
  {
    name: 'a redirect, which is not followed',
    answer: finish('HTTP/1.1 302 Found\r\nLocation: wss://elsewhere.example/\r\nContent-Length: 0\r\n\r\n'),
    code: 'WS_ERR_HANDSHAKE_STATUS',
    says: ['"302 Found"', 'redirect to "wss://elsewhere.example/"', 'not followed'],
  },
  {
    name: 'another protocol altogether',
    answer: finish('SSH-2.0-OpenSSH_9.6\r\n'),
    code: 'WS_ERR_HANDSHAKE_SYNTAX',
    says: ['HTTP/1.1 response head', 'SSH-2.0-OpenSSH'],
  },
  {
    name: 'garbage in the middle of a head',
    answer: finish('HTTP/1.1 101 Switching Protocols\r\nUpgrade: web\0socket\r\n\r\n'),
    code: 'WS_ERR_HANDSHAKE_SYNTAX',
    says: ['control character', '"Upgrade: web'],
  },
  {
    name: 'a header that never ends',
    answer: (peer) => peer.write(Buffer.from(`HTTP/1.1 101 Switching Protocols\r\nX: ${'x'.repeat(20_000)}`)),
    code: 'WS_ERR_HANDSHAKE_TOO_LARGE',
    says: ['16,384 bytes', '100 headers'],
  },
  {
    name: 'headers without end',
    answer: (peer) => peer.write(Buffer.from(`HTTP/1.1 101 Switching Protocols\r\n${'X: y\r\n'.repeat(200)}`)),
    code: 'WS_ERR_HANDSHAKE_TOO_LARGE',
    says: ['16,384 bytes', '100 headers'],
  },
  {
    name: 'the end before any answer',
    answer: finish(''),
    code: 'WS_ERR_HANDSHAKE_ENDED',
    says: ['ended before the server had answered'],
  },
  {
    name: 'the end in the middle of the head',
    answer: finish('HTTP/1.1 101 Switching Protocols\r\nUpgrade: webso'),
    code: 'WS_ERR_HANDSHAKE_ENDED',
    says: ['ended before the server had answered'],
  },
];

/** One refused connection, told with a healthy one beside it. */
async function refused(scheme: Scheme, answer: Refusal['answer']): Promise<{ log: EventLog; error: WsimdError }> {
  const expectUnharmed = await bystander(scheme);

  const server = await rawServer(scheme);
  const connection = server.client();
  const log = record(connection);
  connection.connect();
  connection.send('must not be sent');
  const peer = await server.peer();
  answer(peer, await peer.readHead());
  await log.until('close 1006');
  // Not a byte after the request, and the end of the connection.
  await expect(peer.read(1)).rejects.toThrow('ended');

  await expectUnharmed();
  expect(connection.getStatus(false)).toBe('CLOSED');
  // The last one is about what was sent.
  expect(log.events).toEqual(['connect', 'error HANDSHAKE_FAIL', 'close 1006', 'error SEND_FAIL']);
  const error = log.errors[0]!.cause as WsimdError;
  expect(log.errors[0]!.message).toBe(error.message);
  expect(log.closings).toEqual([{ code: 1006, reason: '', wasClean: false, error }]);
  return { log, error };
}

describe.each(SCHEMES)('over %s, a server answers with', (scheme) => {
  it.each(REFUSALS)('$name', async ({ answer, code, says }) => {
    const { error } = await refused(scheme, answer);
    expect(error.code).toBe(code);
    for (const text of says) expect(error.message).toMatch(text);
    expect(error.message).toMatch(/^[A-Z].*\.$/);
  });

  const head = 'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="test"\r\n';
  it.each([
    ['of a declared length', `${head}Content-Length: 12\r\n\r\nwho are you?and more that is not body`, 'who are you?'],
    ['in chunks', `${head}Transfer-Encoding: chunked\r\n\r\n8\r\nwho are \r\n4\r\nyou?\r\n0\r\n\r\n`, 'who are you?'],
    ['up to the end of the connection', `${head}\r\nwho are you?`, 'who are you?'],
    ['of which only the first KiB is kept', `${head}Content-Length: 5000\r\n\r\n${'x'.repeat(5000)}`, 'x'.repeat(1024)],
    ['of nothing', `${head}Content-Length: 0\r\n\r\n`, ''],
  ])('a 401 with a body %s', async (_, answer, body) => {
    const { error } = await refused(scheme, finish(answer));
    expect(error).toBeInstanceOf(HandshakeError);
    const { response, body: seen, message } = error as HandshakeError;
    expect(message).toContain('"401 Unauthorized"');
    expect(response.status).toBe(401);
    expect(response.statusText).toBe('Unauthorized');
    expect(response.headers['www-authenticate']).toBe('Basic realm="test"');
    expect(String(response)).toBe(answer.slice(0, answer.indexOf('\r\n\r\n') + 4));
    expect(seen).toBe(body);
  });

  it('a 503 whose body comes byte by byte', async () => {
    const answer = 'HTTP/1.1 503 Busy\r\nContent-Length: 5\r\n\r\nlater';
    const { error } = await refused(scheme, (peer) => peer.trickle(Buffer.from(answer)));
    expect((error as HandshakeError).body).toBe('later');
  });

  it('a 503 whose body never comes: told after lingerTimeout', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    connection.lingerTimeout = 0.1;
    const log = record(connection);
    connection.connect();
    const peer = await server.peer();
    await peer.readHead();
    peer.write(Buffer.from('HTTP/1.1 503 Busy\r\nContent-Length: 500\r\n\r\nthe begin'));
    await log.until('close 1006');
    expect(log.events).toEqual(['connect', 'error HANDSHAKE_FAIL', 'close 1006']);
    expect((log.errors[0]!.cause as HandshakeError).body).toBe('the begin');
  });

  it('nothing at all, until connectTimeout', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    connection.connectTimeout = 0.1;
    const log = record(connection);
    connection.connect();
    const peer = await server.peer();
    await peer.readHead();
    peer.write(Buffer.from('HTTP/1.1 101 Swit'));
    await log.until('close 1006');
    expect(log.events).toEqual(['connect', 'error TIMEOUT', 'close 1006']);
    expect(log.errors[0]!.message).toContain('connectTimeout');
  });

  it('a refused port', async () => {
    const port = await closedPort();
    const connection = new AsyncTcpConnection(`${scheme}://127.0.0.1:${port}`);
    const log = record(connection);
    connection.connect();
    await log.until('close 1006');
    expect(log.events).toEqual(['error CONNECT_FAIL', 'close 1006']);
    expect(log.errors[0]!.message).toContain(`could not be reached: 127.0.0.1 port ${port}`);
    expect(log.errors[0]!.message).toContain('ECONNREFUSED');
  });
});

it('reports a TLS handshake that never comes to an end as a time-out', async () => {
  // A server without TLS, which reads the client's hello and says nothing.
  const server = await rawServer('ws');
  const connection = server.client();
  connection.transport = 'ssl';
  connection.connectTimeout = 0.1;
  const log = record(connection);
  connection.connect();
  await log.until('close 1006');
  expect(log.events).toEqual(['error TIMEOUT', 'close 1006']);
});

it('leaves no handle behind: a process whose connections were all refused ends by itself, with status 0', async () => {
  const server = await rawServer('ws');
  const program = new ChildProgram(`
    import { AsyncTcpConnection } from 'wsimd';
    const urls = ['ws://127.0.0.1:${await closedPort()}', ...Array(${REFUSALS.length}).fill('${server.url}')];
    for (const url of urls) {
      const connection = new AsyncTcpConnection(url);
      connection.websocketPingInterval = 55;
      connection.onError = (connection, code, message) => console.log('error: ' + message);
      connection.onClose = () => console.log('closed');
      connection.connect();
    }
  `);
  for (const { answer } of REFUSALS) {
    const peer = await server.peer();
    await answer(peer, await peer.readHead());
  }
  expect(await program.exit).toBe(0);
  const lines = program.output.trim().split('\n');
  expect(lines.filter((line) => line === 'closed')).toHaveLength(REFUSALS.length + 1);
  expect(lines.filter((line) => line.startsWith('error: '))).toHaveLength(REFUSALS.length + 1);
  expect(lines).toHaveLength(2 * (REFUSALS.length + 1));
});
