// Settings and arguments that cannot be right are refused where they are given, by a TypeError or RangeError whose sentence
// names them; what they would have replaced stays as it was. Correct ones are taken as they are.

import { describe, expect, it } from 'vitest';
import { AsyncTcpConnection, Ws } from '../../src/index';

const URL_OF_NOBODY = 'ws://127.0.0.1:9';

function connection(): AsyncTcpConnection {
  return new AsyncTcpConnection(URL_OF_NOBODY);
}

/** An assignment as a program without types may do it. */
function set(target: AsyncTcpConnection, name: string, value: unknown): void {
  Object.assign(target, { [name]: value });
}

function get(target: AsyncTcpConnection, name: string): unknown {
  return target[name as keyof AsyncTcpConnection];
}

function errorOf(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('Nothing was thrown.');
}

/** A sentence about this name, of this class. */
function expectRefusal(action: () => unknown, kind: 'TypeError' | 'RangeError', name: string | RegExp): void {
  const { name: actualKind, message } = errorOf(action);
  expect(`${actualKind}: ${message}`).toMatch(new RegExp(`^${kind}: .*\\.$`));
  expect(message).toMatch(name);
}

describe('the URL', () => {
  it.each([
    ['', /^url is not an absolute URL/],
    ['127.0.0.1:80', /^url/],
    ['/path', /^url is not an absolute URL/],
    ['ws://', /^url is not an absolute URL/],
    ['ws://host:port', /^url is not an absolute URL/],
    ['ws://host/#fragment', /^url has a fragment/],
    ['http://127.0.0.1', /^url has the scheme "http:": this is a client/],
    ['https://127.0.0.1', /^url has the scheme "https:": this is a client/],
    ['websocket://0.0.0.0:1234', /^url has the scheme "websocket:": this is a client/],
    ['tcp://0.0.0.0:1234', /^url has the scheme "tcp:": this is a client/],
    [undefined, /^url/],
    [null, /^url/],
    [1234, /^url/],
  ])('%j is refused', (url, sentence) => {
    expectRefusal(() => new AsyncTcpConnection(url as string), 'TypeError', sentence);
  });

  it('is never quoted: it may hold a password', () => {
    const { message } = errorOf(() => new AsyncTcpConnection('http://user:secret@host/?token=secret'));
    expect(message).not.toContain('secret');
  });

  it.each(['ws://host', 'wss://host:8443/path?query', 'WS://HOST', new URL('ws://[::1]:80/')])('%s is taken', (url) => {
    expect(() => new AsyncTcpConnection(url)).not.toThrow();
  });
});

describe('the options of the socket', () => {
  it.each([[null], ['ca'], [1]])('%j are refused', (options) => {
    expectRefusal(() => new AsyncTcpConnection(URL_OF_NOBODY, options as never), 'TypeError', /^options /);
  });
});

describe('headers', () => {
  it.each([
    ['a line end in a value', { Cookie: 'a=1\r\nHost: evil' }, /^headers: the value of Cookie has a control character/],
    ['a lone CR', { Cookie: 'a\rb' }, /^headers: the value of Cookie/],
    ['a lone LF', { Cookie: 'a\nb' }, /^headers: the value of Cookie/],
    ['a NUL', { Cookie: 'a\0b' }, /^headers: the value of Cookie/],
    ['a character that is no byte', { Cookie: '다' }, /^headers: the value of Cookie/],
    ['one bad line of several', { Cookie: ['a', 'b\r\nc'] }, /^headers: the value of Cookie/],
    ['a line end in a name', { 'A\r\nB': 'c' }, /^headers: "A\\x0d\\x0aB" is not a token/],
    ['a colon in a name', { 'A:': 'b' }, /^headers: "A:" is not a token/],
    ['a blank in a name', { 'A B': 'c' }, /^headers: "A B" is not a token/],
    ['an empty name', { '': 'a' }, /^headers: "" is not a token/],
    ['a header of the handshake itself', { 'Sec-WebSocket-Key': 'a' }, /^headers must not set Sec-WebSocket-Key/],
    ['another', { upgrade: 'h2c' }, /^headers must not set upgrade/],
    ['the length of a body', { 'Content-Length': 5 }, /^headers must not set Content-Length/],
    ['the subprotocol', { 'Sec-WebSocket-Protocol': 'a' }, /websocketClientProtocol/],
    ['a name twice', { Cookie: 'a', cookie: 'b' }, /^headers has cookie twice/],
    ['two hosts', { Host: ['a', 'b'] }, /^headers: Host must be one string/],
    ['a value that is no text', { A: true }, /^headers: the value of A must be a string/],
    ['a list', ['Cookie: a'], /^headers must be a plain object/],
    ['null', null, /^headers must be a plain object/],
    ['a text', 'Cookie: a', /^headers must be a plain object/],
  ])('with %s are refused', (_, headers, sentence) => {
    const target = connection();
    const before = { Cookie: 'a=1' };
    target.headers = before;
    expectRefusal(() => set(target, 'headers', headers), 'TypeError', sentence);
    expect(target.headers).toBe(before);
  });

  it('that turn bad after they were set never reach the wire', () => {
    const headers: Record<string, string> = { Cookie: 'a=1' };
    const target = connection();
    target.headers = headers;
    headers.Cookie = 'a=1\r\nHost: evil';
    expectRefusal(() => target.connect(), 'TypeError', /^headers: the value of Cookie/);
    expect(target.getStatus(false)).toBe('INITIAL');
  });
});

const SECONDS = ['websocketPingInterval', 'websocketPingTimeout', 'connectTimeout', 'closeTimeout', 'lingerTimeout'];
const BYTES = ['maxSendBufferSize', 'maxPackageSize'];

describe.each(SECONDS)('%s', (name) => {
  it.each([[0], [-1], [Number.NaN], [Infinity], [-Infinity], [3_600.5], [55_000]])('%d is refused', (value) => {
    const target = connection();
    set(target, name, 7);
    expectRefusal(() => set(target, name, value), 'RangeError', new RegExp(`^${name} .*${value}`));
    expect(get(target, name)).toBe(7);
  });

  it.each([['55'], [null], [true], [[5]], [5n], [new Date(5)]])('%s of another type is refused', (value) => {
    const target = connection();
    expectRefusal(() => set(target, name, value), 'TypeError', new RegExp(`^${name} `));
  });

  it.each([0.05, 55, 3_600])('%d is taken', (value) => {
    const target = connection();
    set(target, name, value);
    expect(get(target, name)).toBe(value);
  });
});

it('times that are milliseconds by habit are refused with the unit', () => {
  const target = connection();
  expectRefusal(
    () => set(target, 'websocketPingInterval', 55_000),
    'RangeError',
    /^websocketPingInterval must be .* at most 3600 seconds, an hour; it is 55000\. It counts seconds, not milliseconds\.$/,
  );
  expectRefusal(
    () => target.reConnect(100_000),
    'RangeError',
    /^reConnect\(seconds\) .* 86400 seconds, a day; it is 100000\./,
  );
  // Those of a policy may be what a program needs that wakes up once in a week.
  target.reconnectPolicy = { minDelay: 604_800, maxDelay: 604_800 };
});

describe.each(BYTES)('%s', (name) => {
  it.each([[0], [-1], [1.5], [Number.NaN], [Infinity], [2 ** 53]])('%d is refused', (value) => {
    const target = connection();
    const before = get(target, name);
    expectRefusal(() => set(target, name, value), 'RangeError', new RegExp(`^${name} .*${value}`));
    expect(get(target, name)).toBe(before);
  });

  it.each([['1024'], [null], [undefined], [1n]])('%s of another type is refused', (value) => {
    expectRefusal(() => set(connection(), name, value), 'TypeError', new RegExp(`^${name} `));
  });

  it.each([1, 2 ** 31, 2 ** 53 - 1])('%d is taken', (value) => {
    const target = connection();
    set(target, name, value);
    expect(get(target, name)).toBe(value);
  });
});

describe('maxFragments', () => {
  it.each([[0], [-1], [1.5], [Number.NaN], [2 ** 31]])('%d is refused', (value) => {
    const target = connection();
    expectRefusal(() => set(target, 'maxFragments', value), 'RangeError', new RegExp(`^maxFragments .*${value}`));
    expect(target.maxFragments).toBe(131_072);
  });

  it.each([['7'], [null], [undefined], [1n]])('%s of another type is refused', (value) => {
    expectRefusal(() => set(connection(), 'maxFragments', value), 'TypeError', /^maxFragments /);
  });

  it.each([1, 2 ** 31 - 1])('%d is taken', (value) => {
    const target = connection();
    target.maxFragments = value;
    expect(target.maxFragments).toBe(value);
  });
});

describe('the other settings', () => {
  it.each([
    ['transport', 'tls'],
    ['transport', undefined],
    ['websocketType', 'blob'],
    ['websocketType', 1],
    ['websocketType', undefined],
    ['websocketOrigin', ''],
    ['websocketOrigin', 'https://a\r\nb'],
    ['websocketOrigin', null],
    ['websocketClientProtocol', ''],
    ['websocketClientProtocol', 'a, b'],
    ['websocketClientProtocol', ['a', 'a']],
    ['websocketClientProtocol', ['a', 1]],
    ['websocketClientProtocol', null],
    ['websocketClientProtocol', 5],
  ])('%s = %j is refused', (name, value) => {
    const target = connection();
    const before = get(target, name);
    expectRefusal(() => set(target, name, value), 'TypeError', new RegExp(`^${name}\\b`));
    expect(get(target, name)).toEqual(before);
  });

  it.each([
    ['transport', 'ssl'],
    ['websocketType', Ws.BINARY_TYPE_ARRAYBUFFER],
    ['websocketOrigin', 'https://example.test'],
    ['websocketClientProtocol', 'mqtt'],
    ['websocketClientProtocol', ['mqtt', 'chat']],
    ['websocketPingInterval', undefined],
    ['websocketPingTimeout', undefined],
  ])('%s = %j is taken', (name, value) => {
    const target = connection();
    set(target, name, value);
    expect(get(target, name)).toEqual(value);
  });

  it.each([
    ['followRedirects', 0, 'RangeError: followRedirects must be a whole number from 1 to 10; it is 0.'],
    ['followRedirects', 11, 'RangeError: followRedirects must be a whole number from 1 to 10; it is 11.'],
    ['followRedirects', 1.5, 'RangeError: followRedirects must be a whole number from 1 to 10; it is 1.5.'],
    [
      'followRedirects',
      '5',
      'TypeError: followRedirects must be true, false or a whole number from 1 to 10, not a value of type string.',
    ],
    [
      'followRedirects',
      null,
      'TypeError: followRedirects must be true, false or a whole number from 1 to 10, not null.',
    ],
    [
      'cookies',
      null,
      'TypeError: cookies must be an object with the functions get(url) and set(url, setCookie), not null.',
    ],
    ['cookies', {}, 'TypeError: cookies must be an object with the functions get(url) and set(url, setCookie).'],
    [
      'cookies',
      { get() {} },
      'TypeError: cookies must be an object with the functions get(url) and set(url, setCookie).',
    ],
    [
      'cookies',
      'a=1',
      'TypeError: cookies must be an object with the functions get(url) and set(url, setCookie), not a value of type string.',
    ],
  ])('%s = %j is refused with a sentence', (name, value, sentence) => {
    const target = connection();
    const before = get(target, name);
    const { name: kind, message } = errorOf(() => set(target, name, value));
    expect(`${kind}: ${message}`).toBe(sentence);
    expect(get(target, name)).toBe(before);
  });

  it.each([true, false, 1, 10])('followRedirects = %s is taken', (value) => {
    const target = connection();
    target.followRedirects = value;
    expect(target.followRedirects).toBe(value);
  });

  it('cookies is taken as it is, and can be taken away', () => {
    const target = connection();
    const jar = { get: () => undefined, set() {} };
    target.cookies = jar;
    expect(target.cookies).toBe(jar);
    target.cookies = undefined;
    expect(target.cookies).toBeUndefined();
  });

  it('have the documented defaults', () => {
    expect(new AsyncTcpConnection(URL_OF_NOBODY)).toMatchObject({
      context: {},
      transport: 'tcp',
      headers: {},
      websocketOrigin: undefined,
      websocketClientProtocol: undefined,
      websocketType: Ws.BINARY_TYPE_BLOB,
      websocketPingInterval: undefined,
      websocketPingTimeout: undefined,
      latency: undefined,
      maxSendBufferSize: 1024 * 1024,
      maxPackageSize: 10 * 1024 * 1024,
      maxFragments: 131_072,
      connectTimeout: 10,
      closeTimeout: 5,
      lingerTimeout: 1,
      followRedirects: false,
      cookies: undefined,
      proxyHeaders: undefined,
      proxyFromEnvironment: false,
    });
  });

  it('leave each connection an id of its own', () => {
    const [one, other] = [new AsyncTcpConnection(URL_OF_NOBODY), new AsyncTcpConnection(URL_OF_NOBODY)];
    expect(other.id).toBe(one.id + 1);
    expect(other.context).not.toBe(one.context);
  });
});

describe('send()', () => {
  it.each([[undefined], [null], [5], [5n], [true], [{}], [[1, 2, 3]], [Symbol('s')], [new Date(0)]])(
    'refuses %s',
    (data) => {
      expectRefusal(
        () => connection().send(data as never),
        'TypeError',
        /^send\(\) takes a string, an ArrayBuffer, a view of one or a Blob, not /,
      );
    },
  );
});

describe('close()', () => {
  it.each([[0], [999], [1004], [1005], [1006], [1015], [1016], [2999], [5000], [1000.5], [Number.NaN], [-1], [65_536]])(
    'refuses the code %d',
    (code) => {
      expectRefusal(() => connection().close(code), 'RangeError', new RegExp(`^The close code ${code} `));
    },
  );

  it.each([[1000], [1001], [1003], [1007], [1014], [3000], [4999]])('takes the code %d', (code) => {
    expect(() => connection().close(code)).not.toThrow();
  });

  it('refuses a reason of more than 123 bytes of UTF-8', () => {
    expectRefusal(() => connection().close(1000, 'x'.repeat(124)), 'RangeError', /close reason .*123 bytes.* 124/);
    expectRefusal(() => connection().close(1000, '다'.repeat(42)), 'RangeError', /close reason .*123 bytes.* 126/);
    expect(() => connection().close(1000, '다'.repeat(41))).not.toThrow();
  });

  it.each([[null], [{}], [true], [[1000]]])('refuses %j for a last message', (data) => {
    expectRefusal(() => connection().close(data as never), 'TypeError', /^(close|send)\(\) takes /);
  });
});

describe.each(['ping', 'pong'] as const)('%s()', (name) => {
  it('refuses a payload of more than 125 bytes', () => {
    const sentence = new RegExp(`^${name}\\(\\) takes at most 125 bytes .* 126\\.$`);
    expectRefusal(() => connection()[name](new Uint8Array(126)), 'RangeError', sentence);
    expectRefusal(() => connection()[name]('다'.repeat(42)), 'RangeError', sentence);
    expect(() => connection()[name](new Uint8Array(125))).not.toThrow();
  });

  it.each([[null], [5], [{}], [[1, 2]]])('refuses %j', (payload) => {
    expectRefusal(() => connection()[name](payload as never), 'TypeError', new RegExp(`^${name}\\(\\) takes a string`));
  });
});

describe('reConnect()', () => {
  it.each([[-1], [Number.NaN], [Infinity], [2_147_484]])('refuses %d', (seconds) => {
    expectRefusal(() => connection().reConnect(seconds), 'RangeError', /^reConnect\(seconds\) /);
  });

  it.each([['1'], [null], [{}]])('refuses %j', (seconds) => {
    expectRefusal(() => connection().reConnect(seconds as never), 'TypeError', /^reConnect\(seconds\) /);
  });
});
