// What a proxy may answer: refusals, which are told with all that came, what is no answer at all, and what is only odd.

import { performance } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { AsyncTcpConnection, ProxyError } from '../../../src/index';
import { ChildProgram } from '../../support/child-program';
import { record } from '../../support/event-log';
import {
  ANSWERS,
  afterConnect,
  afterSocks,
  bytes,
  failure,
  type Script,
  STEPS,
  through,
  URLS,
} from '../../support/proxy-attempts';
import { scriptedProxy } from '../../support/proxy-servers';
import { frame, TEXT } from '../../support/raw-peer';

describe('an HTTP proxy that refuses', () => {
  const REFUSAL = 'HTTP/1.1 407 Who are you?\r\nProxy-Authenticate: Basic realm="x"\r\n';

  it.each([
    ['with a body', 'Content-Length: 7\r\n\r\nnot you', 'not you'],
    ['with a chunked body', 'Transfer-Encoding: chunked\r\n\r\n7\r\nnot you\r\n0\r\n\r\n', 'not you'],
    ['with more than is kept of its body', `Content-Length: 5000\r\n\r\n${'x'.repeat(5000)}`, 'x'.repeat(1024)],
    ['without a body', 'Content-Length: 0\r\n\r\n', ''],
  ])('%s is told with status, headers and body at once', async (_, rest, body) => {
    const error = await failure(
      'http',
      afterConnect(async (peer) => {
        peer.socket.write(REFUSAL + rest);
        await peer.end();
      }),
    );
    expect(error).toBeInstanceOf(ProxyError);
    expect(error).toMatchObject({ code: 'WS_ERR_PROXY_REFUSED', name: 'ProxyError', body });
    expect(error.response).toMatchObject({ status: 407, headers: { 'proxy-authenticate': 'Basic realm="x"' } });
    expect(error.message).toBe('The proxy refused the tunnel: "407 Who are you?".');
  });

  it('and never ends its body is not waited for longer than about a second', async () => {
    let since = 0;
    const error = await failure(
      'http',
      afterConnect(async (peer) => {
        peer.socket.write(`${REFUSAL}Content-Length: 100\r\n\r\nbegun`);
        since = performance.now();
        await peer.end();
      }),
    );
    expect(error.body).toBe('begun');
    expect(performance.now() - since).toBeGreaterThan(900);
  });

  it('is told with the part of its body that came before it broke', async () => {
    const error = await failure(
      'http',
      afterConnect(async (peer) => {
        await peer.trickle(Buffer.from(`${REFUSAL}Content-Length: 100\r\n\r\nbegun`));
        peer.socket.resetAndDestroy();
      }),
    );
    expect(error).toMatchObject({ code: 'WS_ERR_PROXY_REFUSED', response: { status: 407 } });
  });

  it('leaves no timer behind when it is given up on while its body comes', async () => {
    const proxy = await scriptedProxy(
      afterConnect(async (peer) => {
        peer.socket.write(`${REFUSAL}Content-Length: 100\r\n\r\n`);
        await peer.end();
      }),
    );
    // Its exit is the proof: a timer would hold it for a second, and print that.
    const program = new ChildProgram(`
      import { AsyncTcpConnection } from 'wsimd';
      const connection = new AsyncTcpConnection('${URLS[1]}');
      connection.proxyHttp = '127.0.0.1:${proxy.port}';
      connection.connectTimeout = 0.5;
      connection.onError = (connection, code) => console.log('error', code);
      connection.onClose = () => console.log('closed', process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length);
      connection.connect();`);
    expect(await program.exit).toBe(0);
    expect(program.output).toBe('error 5\nclosed 0\n');
  });
});

describe('a SOCKS5 proxy that refuses', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 255])('with reply %i is told with that number', async (reply) => {
    const error = await failure(
      'socks5',
      afterSocks(2, async (peer) => peer.write(bytes(5, reply))),
    );
    expect(error).toBeInstanceOf(ProxyError);
    expect(error).toMatchObject({ code: 'WS_ERR_PROXY_REFUSED', reply, response: undefined, body: '' });
  });

  it.each([
    ['all methods', afterSocks(0, async (peer) => peer.write(bytes(5, 0xff)))],
    ['the password', afterSocks(1, async (peer) => peer.write(bytes(1, 1)))],
  ])('%s is told', async (_, script) => {
    expect(await failure('socks5', script)).toMatchObject({ code: 'WS_ERR_PROXY_REFUSED', reply: undefined });
  });
});

describe('a proxy that speaks something else', () => {
  const head = (size: number): string => `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(size)}`;
  it.each<[string, 'http' | 'socks5', Script]>([
    ['SSH, unasked', 'http', async (peer) => peer.socket.write('SSH-2.0-OpenSSH_9.6\r\n')],
    ['a head without end', 'http', afterConnect(async (peer) => peer.socket.write(head(100_000)))],
    ['SOCKS5 as HTTP', 'http', afterConnect(async (peer) => peer.write(bytes(5, 0)))],
    ['HTTP as SOCKS5', 'socks5', async (peer) => peer.socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['SOCKS4', 'socks5', afterSocks(0, async (peer) => peer.write(bytes(0, 0x5a, 0, 0, 0, 0, 0, 0)))],
    ['a method of its own', 'socks5', afterSocks(0, async (peer) => peer.write(bytes(5, 0x80)))],
    ['a wrong version in the middle', 'socks5', afterSocks(1, async (peer) => peer.write(bytes(5, 0)))],
    ['an unknown type of address', 'socks5', afterSocks(2, async (peer) => peer.write(bytes(5, 0, 0, 7)))],
    ['all answers at once', 'socks5', afterSocks(0, async (peer) => peer.write(bytes(5, 2, 1, 0, 5, 0, 0, 1)))],
  ])('%s is no tunnel', async (_, kind, script) => {
    expect(await failure(kind, script)).toMatchObject({ code: 'WS_ERR_PROXY_SYNTAX' });
  });

  it.each(['http', 'socks5'] as const)('bytes of its own in front of TLS are refused, kind %s', async (kind) => {
    const script: Script =
      kind === 'http'
        ? afterConnect(async (peer) => peer.socket.write('HTTP/1.1 200 OK\r\n\r\nhello'))
        : afterSocks(2, async (peer) => peer.write(bytes(5, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x16)));
    const error = await failure(kind, script, URLS[1]);
    expect(error.code).toBe('WS_ERR_PROXY_SYNTAX');
    expect(error.message).toContain('in front of TLS');
  });
});

describe('a proxy that is only odd', () => {
  /** Answers byte by byte, and then is the server itself. */
  const ODD: readonly ['http' | 'socks5', Script][] = [
    ['http', afterConnect((peer) => peer.trickle(Buffer.from('HTTP/1.0 200 \r\nContent-Length: 9\r\nX: y\r\n\r\n')))],
    [
      'socks5',
      afterSocks(0, async (peer) => {
        await peer.trickle(ANSWERS[0]!);
        await peer.read(STEPS[1]!);
        await peer.trickle(ANSWERS[1]!);
        await peer.read(STEPS[2]!);
        await peer.trickle(bytes(5, 0, 0, 3, 2, 0x61, 0x62, 0, 0));
      }),
    ],
  ];
  it.each(ODD)('and answers byte by byte opens the tunnel, kind %s', async (kind, script) => {
    const proxy = await scriptedProxy(async (peer) => {
      await script(peer);
      await peer.accept(frame(TEXT, 'through'));
    });
    const { connection, log } = through(`${kind}://user:secret@127.0.0.1:${proxy.port}`);
    await log.until('message through');
    expect(log.events).toEqual(['connect', 'open 101', 'message through']);
    connection.destroy();
  });

  it.each([
    ['http', 'HTTP/1.1 200 OK\r\n\r\n', afterConnect],
    ['socks5', '\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00', (then: Script) => afterSocks(2, then)],
  ] as const)('what comes in one segment with its answer reaches the handshake, kind %s', async (kind, answer, at) => {
    const proxy = await scriptedProxy(
      at(async (peer) => {
        peer.socket.write(`${answer}HTTP/1.1 503 Too early\r\nContent-Length: 4\r\n\r\nlate`, 'latin1');
      }),
    );
    const { log } = through(`${kind}://user:secret@127.0.0.1:${proxy.port}`);
    await log.until('close 1006');
    expect(log.events).toEqual(['connect', 'error HANDSHAKE_FAIL', 'close 1006']);
    expect(log.errors[0]!.cause).toMatchObject({ response: { status: 503 }, body: 'late' });
  });

  it('nothing of it reaches a connection that ends itself in onConnect', async () => {
    const proxy = await scriptedProxy(
      afterConnect(async (peer) => peer.socket.write('HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 503 Too early\r\n\r\n')),
    );
    const connection = new AsyncTcpConnection(URLS[0]);
    connection.proxyHttp = `127.0.0.1:${proxy.port}`;
    const log = record(connection, { onConnect: (connection) => connection.destroy() });
    connection.connect();
    await log.until('close 1006');
    expect(log.events).toEqual(['connect', 'close 1006']);
  });
});
