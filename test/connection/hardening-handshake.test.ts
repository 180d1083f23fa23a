// What a hostile or broken peer gets, in the opening handshake and around it: each line of the list has one test, by its
// name, on a real socket wherever a socket matters. The matrices behind them are in handshake/response-parser.test.ts,
// handshake/handshake.test.ts, handshake/refusals.test.ts, handshake/error-body.test.ts and callback/settings.test.ts.

import { afterEach, describe, expect, it, vi } from 'vitest';
import { HandshakeReader } from '../../src/handshake/reader';
import { AsyncTcpConnection, type HandshakeError, type SocketOptions } from '../../src/index';
import { record } from '../support/event-log';
import { ANSWER, KEY, SWITCHING } from '../support/heads';
import { answered, correct, spoilt } from '../support/hostile-peer';
import { closeFrame, frame, PING, PONG, RawPeer, TEXT } from '../support/raw-peer';
import { rawServer, SCHEMES, type Scheme, testAuthority } from '../support/servers';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A head of nearly `size` bytes, all of them in the place that `around` says; the rest of it is correct. */
const worstHead = (size: number, around: (filling: (unit: string) => string) => string): Uint8Array => {
  const room = size - SWITCHING.length - ANSWER.length - 200;
  const filling = (unit: string): string => unit.repeat(Math.floor(room / unit.length));
  return Buffer.from(`${SWITCHING}${ANSWER}${around(filling)}\r\n\r\n`, 'latin1');
};

type Filling = (unit: string) => string;

/** Where a quadratic reader would lose its time: backtracking over blanks, joins, quoted strings, names, the status. */
const WORST: readonly [string, (filling: Filling) => string][] = [
  ['spaces inside a subprotocol', (filling) => `Sec-WebSocket-Protocol: a${filling(' ')}b`],
  ['spaces around a token', (filling) => `Connection: a${filling(' ')},`],
  ['commas', (filling) => `Connection: ${filling(',')}`],
  ['colons', (filling) => `X${filling(':')}`],
  ['tabs behind a value', (filling) => `X: y${filling('\t')}`],
  ['a quoted string of an extension that never ends', (filling) => `Sec-WebSocket-Extensions: a; b="${filling('\\c')}`],
  ['a name', (filling) => `${filling('x')}: y`],
  ['lines of one name', (filling) => `X: y\r\nX: y${filling(`\r\nX: ${'y'.repeat(180)}`)}`],
];

/** The least CPU time, of several attempts, that a head costs which comes byte by byte. In milliseconds. */
function cost(head: Uint8Array): number {
  const chunk = new Uint8Array(1);
  const once = (): number => {
    const reader = new HandshakeReader('', { key: KEY, protocols: [] });
    const start = performance.now();
    for (const byte of head) {
      chunk[0] = byte;
      if (reader.read(chunk, 1) !== 'more') break;
    }
    return performance.now() - start;
  };
  return Math.min(...Array.from({ length: 15 }, once));
}

/** A resolver that takes its time. */
const slowly =
  (milliseconds: number): NonNullable<SocketOptions['lookup']> =>
  (_hostname, _options, callback) => {
    setTimeout(() => callback(null, [{ address: '127.0.0.1', family: 4 }]), milliseconds);
  };

const trusted = async (): Promise<SocketOptions> => ({ ca: (await testAuthority()).cert });

describe('Handshake', () => {
  const headOf = (bytes: number) => (request: string) => {
    const bare = RawPeer.answer(request, 'X: ');
    return RawPeer.answer(request, `X: ${'x'.repeat(bytes - bare.length)}`);
  };
  const headersOf = (count: number) => correct(...Array.from({ length: count - 3 }, (_, i) => `X-${i}: y`));

  it.each([
    ['16,384 bytes', headOf(16_384), 'accepted'],
    ['16,385 bytes', headOf(16_385), 'WS_ERR_HANDSHAKE_TOO_LARGE'],
    ['100 headers', headersOf(100), 'accepted'],
    ['101 headers', headersOf(101), 'WS_ERR_HANDSHAKE_TOO_LARGE'],
  ])('response head capped (16 KiB, 100 headers): %s', async (_, answer, outcome) => {
    expect((await answered(answer)).code).toBe(outcome);
  });

  it.each(WORST)(
    'parsed incrementally, linearly, CVE-2021-32640, CVE-2023-26103, CVE-2020-7662: 16 KiB of %s',
    (_, around) => {
      // Warm, so that the compiler is no part of the ratio.
      cost(worstHead(2_048, around));
      // Eight times the bytes: 8 if it is linear, 64 if it is quadratic.
      expect(cost(worstHead(16_384, around)) / cost(worstHead(2_048, around))).toBeLessThan(24);
    },
  );

  it('parsed without regular expressions on peer input', () => {
    // Whatever applies one, be it split, replace or test, goes through this method (ECMA-262, RegExpExec).
    const exec = vi.spyOn(RegExp.prototype, 'exec');
    for (const [, around] of WORST) {
      const head = worstHead(2_048, around);
      new HandshakeReader('', { key: KEY, protocols: [] }).read(head, head.length);
    }
    const calls = exec.mock.calls.length;
    'a'.split(/b/);
    expect([calls, exec.mock.calls.length]).toEqual([0, 1]);
  });

  it('header bytes are Latin-1, never assumed ASCII, CVE-2026-55517', async () => {
    const bytes = Buffer.from(Array.from({ length: 128 }, (_, i) => 0x80 + i)).toString('latin1');
    const answer = (request: string): string =>
      RawPeer.answer(request, `X: ${bytes}`, `Set-Cookie: ${bytes}`).replace('Switching Protocols', bytes);
    const { log, request } = await answered(answer);
    const { statusText, headers, setCookie } = log.response!;
    expect([statusText, headers.x, setCookie]).toEqual([bytes, bytes, [bytes]]);
    expect(String(log.response)).toBe(answer(request));
  });

  it.each([
    ['Sec-WebSocket-Extensions: constructor', 'WS_ERR_HANDSHAKE_EXTENSION'],
    ['Sec-WebSocket-Extensions: __proto__; toString=valueOf', 'WS_ERR_HANDSHAKE_EXTENSION'],
    ['Sec-WebSocket-Protocol: hasOwnProperty', 'WS_ERR_HANDSHAKE_PROTOCOL'],
    ['__proto__: polluted', 'accepted'],
    ['constructor: polluted', 'accepted'],
  ])('maps without prototypes: %s', async (line, outcome) => {
    const { log, code } = await answered(correct(line));
    expect(code).toBe(outcome);
    expect(log.errors[0]?.message ?? log.response!.headers[line.split(':')[0]!]).toContain(line.split(/[:;] ?/)[1]);
  });

  it.each([
    ['Upgrade', spoilt(/Upgrade: .*\r\n/, ''), 'WS_ERR_HANDSHAKE_UPGRADE'],
    ['Connection', spoilt(/Connection: .*\r\n/, ''), 'WS_ERR_HANDSHAKE_CONNECTION'],
    ['Sec-WebSocket-Accept', spoilt(/Sec-WebSocket-Accept: .*\r\n/, ''), 'WS_ERR_HANDSHAKE_ACCEPT'],
    ['every header', () => SWITCHING.concat('\r\n'), 'WS_ERR_HANDSHAKE_UPGRADE'],
    ['every header of a refusal', () => 'HTTP/1.1 400 Bad Request\r\n\r\n', 'WS_ERR_HANDSHAKE_STATUS'],
    ['the Location of a redirect', () => 'HTTP/1.1 302 Found\r\n\r\n', 'WS_ERR_HANDSHAKE_STATUS'],
  ])('every header may be absent, CVE-2024-37890: %s', async (_, answer, outcome) => {
    const { log, code } = await answered(answer);
    expect(code).toBe(outcome);
    expect(log.events).toEqual(['connect', 'error HANDSHAKE_FAIL', 'close 1006']);
  });

  it.each([
    ['keep-alive, UPGRADE', 'Connection: Upgrade', 'Connection: keep-alive,\t UPGRADE ,', 'accepted'],
    ['two lines', 'Connection: Upgrade', 'Connection: close\r\nConnection: upgrade', 'accepted'],
    ['a token that only contains it', 'Connection: Upgrade', 'Connection: no-upgrade', 'WS_ERR_HANDSHAKE_CONNECTION'],
    ['no reason', ' Switching Protocols', '', 'accepted'],
    ['an empty reason', 'Switching Protocols', '', 'accepted'],
  ])('Connection is a token list, the reason phrase is optional: %s', async (_, part, other, outcome) => {
    expect((await answered(spoilt(part, other))).code).toBe(outcome);
  });

  it.each([
    ['status', spoilt('101', '200'), 'WS_ERR_HANDSHAKE_STATUS'],
    ['Upgrade', spoilt('Upgrade: websocket', 'Upgrade: h2c, websocket'), 'WS_ERR_HANDSHAKE_UPGRADE'],
    ['Connection', spoilt('Connection: Upgrade', 'Connection: close'), 'WS_ERR_HANDSHAKE_CONNECTION'],
    ['Accept', spoilt(/Accept: ./, 'Accept: '), 'WS_ERR_HANDSHAKE_ACCEPT'],
    ['an unrequested subprotocol', correct('Sec-WebSocket-Protocol: chat'), 'WS_ERR_HANDSHAKE_PROTOCOL'],
    ['an unrequested extension', correct('Sec-WebSocket-Extensions: x-rot13'), 'WS_ERR_HANDSHAKE_EXTENSION'],
  ])('all checked (an unrequested one refuses): %s', async (_, answer, outcome) => {
    const { log, code } = await answered(
      (request) => `${answer(request)}${frame(TEXT, 'too early').toString('latin1')}`,
    );
    expect(code).toBe(outcome);
    expect(log.events).toEqual(['connect', 'error HANDSHAKE_FAIL', 'close 1006']);
  });

  it('one deadline over DNS, TCP, TLS and HTTP, CVE-2023-43669, CVE-2026-54465', async () => {
    const outlast = async (scheme: Scheme): Promise<string[]> => {
      const server = await rawServer(scheme);
      const lookup = slowly(1_200);
      const connection = new AsyncTcpConnection(`${scheme}://localhost:${server.port}`, {
        ...(await trusted()),
        lookup,
      });
      connection.connectTimeout = 2;
      const log = record(connection);
      connection.connect();
      // A deadline that began anew behind DNS would come behind this: timers of one process fire in the order of their times.
      const later = setTimeout(() => log.write('too late'), 2_800);
      const peer = await server.peer();
      const head = RawPeer.answer(await peer.readHead(), `X: ${'x'.repeat(10_000)}`);
      let at = 0;
      const trickle = setInterval(() => peer.socket.write(head[at++]!), 20);
      await log.until('close 1006');
      clearInterval(trickle);
      clearTimeout(later);
      return log.events;
    };
    const expected = ['connect', 'error TIMEOUT', 'close 1006'];
    expect(await Promise.all(SCHEMES.map(outlast))).toEqual([expected, expected]);
  });

  it('the first KiB of an error body is kept for the user, the rest is not read', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    const peer = await server.peer();
    await peer.readHead();
    peer.write(Buffer.from('HTTP/1.1 500 No\r\nContent-Length: 9007199254740991\r\n\r\n'));
    // Without end, as fast as the client takes it: until it hangs up.
    const hungUp = new Promise((resolve) => peer.socket.once('close', resolve));
    const more = (): unknown => peer.socket.destroyed || peer.socket.write('body '.repeat(4_096), more);
    more();
    await log.until('close 1006');
    await hungUp;
    expect(log.events).toEqual(['connect', 'error HANDSHAKE_FAIL', 'close 1006']);
    expect((log.errors[0]!.cause as HandshakeError).body).toBe('body '.repeat(205).slice(0, 1_024));
  });

  it('frames that arrive with the 101 are processed at once', async () => {
    const server = await rawServer('ws');
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    const peer = await server.peer();
    await peer.accept(frame(TEXT, 'one'), frame(PING, 'p'), frame(TEXT, 'two'), closeFrame(1000));
    expect((await peer.readFrame()).first).toBe(PONG);
    await log.until('close frame 1000');
    expect(log.events).toEqual(['connect', 'open 101', 'message one', 'message two', 'close frame 1000']);
  });

  const hostile = 'a\r\nX-Injected: yes\r\n\r\nGET / HTTP/1.1';
  it.each([
    ['Host', { headers: { Host: hostile } }],
    ['a space in Host', { headers: { Host: 'a b' } }],
    ['Origin', { websocketOrigin: hostile }],
    ['protocol', { websocketClientProtocol: hostile }],
    ['one protocol of several', { websocketClientProtocol: ['chat', hostile] }],
    ['the value of a header', { headers: { Cookie: hostile } }],
    ['one value of several', { headers: { Cookie: ['a=1', hostile] } }],
    ['the name of a header', { headers: { [hostile]: 'a' } }],
    ['an upgrade of the user’s own', { headers: { Upgrade: hostile } }],
  ])('everything on the request line or in a header is checked, CVE-2026-1527: %s', (_, settings) => {
    const connection = new AsyncTcpConnection('ws://127.0.0.1:9');
    const connect = (): void => {
      Object.assign(connection, settings);
      connection.connect();
    };
    expect(connect).toThrow(TypeError);
    expect(connection.getStatus(false)).toBe('INITIAL');
  });

  it('everything on the request line or in a header is checked, CVE-2026-1527: path and credentials', async () => {
    const server = await rawServer('ws');
    const credentials = 'user%0d%0aX-Injected:pass%0d%0aX-Injected%3A yes';
    const url = `${server.url}/a b\r\nX-Injected: yes\r\n\r\n?q= \t\0\u{1f98a}`.replace('//', `//${credentials}@`);
    const connection = new AsyncTcpConnection(url);
    connection.connect();
    const peer = await server.peer();
    const head = await peer.readHead();
    connection.destroy();
    const names = head
      .trim()
      .split('\r\n')
      .map((line) => line.split(':')[0]!);
    expect(names).toEqual([
      'GET /a%20bX-Injected',
      'Host',
      'Upgrade',
      'Connection',
      'Sec-WebSocket-Key',
      'Sec-WebSocket-Version',
      'Authorization',
    ]);
    expect(head).toMatch(/^GET \/a%20bX-Injected:%20yes\?q=%20%00%F0%9F%A6%8A HTTP\/1\.1\r\n/);
    expect(head).toMatch(/^[\r\n -~]+$/);
  });
});
