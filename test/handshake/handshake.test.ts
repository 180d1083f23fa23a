// The opening handshake: the text of the request, and each reason for which a response is refused.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONNECTION_FAULTS } from '../../src/base/faults';
import { acceptFor, createKey } from '../../src/handshake/key';
import {
  checkHeaders,
  checkOrigin,
  checkProtocols,
  type HandshakeRequest,
  type HeaderValue,
  requestHead,
} from '../../src/handshake/request';
import { checkResponse } from '../../src/handshake/response-check';
import { ACCEPT, ANSWER, fault, KEY, parse, SWITCHING } from '../support/heads';

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('key and accept', () => {
  it('answers the key of RFC 6455 §1.3', () => {
    expect(acceptFor(KEY)).toBe(ACCEPT);
  });

  it('creates keys of 16 bytes, each a new one', () => {
    const keys = Array.from({ length: 100 }, createKey);
    expect(new Set(keys).size).toBe(100);
    for (const key of keys) {
      expect(key).toMatch(/^[A-Za-z0-9+/]{22}==$/);
      expect(Buffer.from(key, 'base64')).toHaveLength(16);
    }
  });
});

describe('requestHead', () => {
  const request: HandshakeRequest = { path: '/chat?x=1', host: 'example.com:81', key: KEY, protocols: [], headers: {} };

  it('writes the least that is needed', () => {
    expect(requestHead(request)).toBe(
      `GET /chat?x=1 HTTP/1.1\r\nHost: example.com:81\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
  });

  it('writes everything there is, the user’s headers last and as they are spelt', () => {
    const head = requestHead({
      ...request,
      origin: 'https://example.com',
      protocols: ['chat', 'superchat'],
      authorization: 'Basic dTpw',
      headers: {
        Cookie: 'a=1',
        OtherKey: 'caf\xe9\t;',
        'X-Many': ['1', '2'],
        'X-Number': 55,
        'X-None': [],
        'X-Empty': '',
      },
    });
    expect(head.split('\r\n').slice(6)).toEqual([
      'Origin: https://example.com',
      'Sec-WebSocket-Protocol: chat, superchat',
      'Authorization: Basic dTpw',
      'Cookie: a=1',
      'OtherKey: caf\xe9\t;',
      'X-Many: 1',
      'X-Many: 2',
      'X-Number: 55',
      'X-Empty: ',
      '',
      '',
    ]);
  });

  it('lets Host, Origin and Authorization of the user replace the default, in its place', () => {
    const headers = { host: 'other', ORIGIN: 'null', authorization: 'Bearer t' };
    const lines = requestHead({ ...request, origin: 'https://a', authorization: 'Basic x', headers }).split('\r\n');
    expect(lines[1]).toBe('host: other');
    expect(lines.slice(6)).toEqual(['ORIGIN: null', 'authorization: Bearer t', '', '']);
  });

  it('joins several cookies to one header (RFC 6265 §5.4)', () => {
    const lines = requestHead({ ...request, headers: { cookie: ['a=1', 'b=2; c=3'] } }).split('\r\n');
    expect(lines.slice(6)).toEqual(['cookie: a=1; b=2; c=3', '', '']);
  });

  it('takes names of Object.prototype for what they are', () => {
    const headers = JSON.parse('{ "__proto__": "a", "constructor": "b", "toString": "c" }');
    expect(requestHead({ ...request, headers })).toContain('__proto__: a\r\nconstructor: b\r\ntoString: c\r\n\r\n');
  });

  it.each(['/a b', '/a\r\nX: y', '/a\0', '/\x7f', '/é', ''])('refuses the path %j', (path) => {
    expect(refusal(() => requestHead({ ...request, path }))).toMatch(/^The path must be/);
  });

  it.each(['a b', 'a\r\nX: y', 'a\n', 'é', ''])('refuses the host %j, also as a header', (host) => {
    expect(refusal(() => requestHead({ ...request, host }))).toMatch(/^The Host header must be/);
    expect(refusal(() => requestHead({ ...request, headers: { Host: host } }))).toMatch(/Host/);
  });

  it('checks once more what may have changed since it was set', () => {
    expect(refusal(() => requestHead({ ...request, origin: 'a\r\nb' }))).toMatch(/^websocketOrigin/);
    expect(refusal(() => requestHead({ ...request, headers: { A: 'a\nb' } }))).toMatch(/^headers/);
    expect(refusal(() => requestHead({ ...request, authorization: 'a\nb' }))).toMatch(/^authorization/);
  });

  it('never lets a value start a line of its own, nor leave Latin-1', () => {
    // Mostly harmless characters, so that both outcomes are common.
    const unit = fc.oneof(
      { weight: 30, arbitrary: fc.constantFrom('a', 'B', '-', '\xe9') },
      fc.constantFrom(...'\r\n\0\t :€'),
    );
    const text = fc.string({ unit, minLength: 1, maxLength: 8 });
    const headers = fc.dictionary(text, fc.oneof(text, fc.array(text, { maxLength: 3 })), { maxKeys: 4 });
    fc.assert(
      fc.property(headers, text, text, (headers, origin, path) => {
        let head: string;
        try {
          head = requestHead({ ...request, headers, origin, path: `/${path}` });
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          return;
        }
        const lines = Object.values(headers).flat().length;
        expect(head.split(/[\r\n]+/)).toHaveLength(8 + lines);
        expect(Buffer.from(head, 'latin1').toString('latin1')).toBe(head);
      }),
    );
  });
});

describe('checkHeaders', () => {
  it.each(['', 'a b', 'a:', 'a\r\nb', 'é', '한', 'a\0', '\x1b[31m', '(x)'])('refuses the name %j', (name) => {
    expect(refusal(() => checkHeaders({ [name]: 'x' }))).toMatch(/^headers: "[ -~]*" is not a token/);
  });

  it.each(['a\rb', 'a\nb', 'a\0b', '한', 'a\x7f', '\u0100'])('refuses the value %j and names the header', (value) => {
    expect(refusal(() => checkHeaders({ Fine: 'x', 'X-Bad': value }))).toMatch(/^headers: the value of X-Bad has/);
    expect(refusal(() => checkHeaders({ 'X-Bad': ['x', value] }))).toMatch(/^headers: the value of X-Bad has/);
  });

  it.each([undefined, null, {}, true, [undefined]])('refuses %j for a value', (value) => {
    const headers = { 'X-Bad': value as unknown as HeaderValue };
    expect(refusal(() => checkHeaders(headers))).toBe('headers: the value of X-Bad must be a string.');
  });

  it.each([
    ['Sec-WebSocket-Key', 'sets it itself'],
    ['sec-websocket-version', 'sets it itself'],
    ['Sec-WebSocket-Extensions', 'sets it itself'],
    ['UPGRADE', 'sets it itself'],
    ['Connection', 'sets it itself'],
    ['Sec-WebSocket-Accept', 'only a server'],
    ['Sec-WebSocket-Protocol', 'websocketClientProtocol'],
    ['Content-Length', 'no body'],
    ['Transfer-Encoding', 'no body'],
  ])('refuses %s', (name, why) => {
    const sentence = refusal(() => checkHeaders({ [name]: 'x' }, 'options.headers'));
    expect(sentence).toContain(`options.headers must not set ${name}: `);
    expect(sentence).toContain(why);
  });

  it('refuses the same name in two spellings, and more than one Host', () => {
    expect(refusal(() => checkHeaders({ 'X-A': '1', 'x-a': '2' }))).toContain('x-a twice');
    expect(refusal(() => checkHeaders({ Host: ['a', 'b'] }))).toContain('Host must be one string');
  });

  it.each([[null], [undefined], ['a: b'], [['a: b']], [new Map([['a', 'b']])], [new Headers({ a: 'b' })]])(
    'refuses %s for headers',
    (headers) => {
      expect(refusal(() => checkHeaders(headers as never))).toContain('plain object');
    },
  );
});

describe('checkProtocols', () => {
  it('takes a string or a list, and copies the list', () => {
    const list = ['a', 'b.v1'];
    expect(checkProtocols('chat')).toEqual(['chat']);
    expect(checkProtocols([])).toEqual([]);
    expect(checkProtocols(list)).toEqual(list);
    expect(checkProtocols(list)).not.toBe(list);
  });

  it.each([['a, b'], [''], [['a', 'b c']], [['a\r\n']], [['é']], [[5]], [['a', 'a']], [5], [new Set(['a'])]])(
    'refuses %j',
    (protocols) => {
      expect(refusal(() => checkProtocols(protocols as never))).toMatch(/^websocketClientProtocol/);
      expect(refusal(() => checkProtocols(protocols as never, 'protocols'))).toMatch(/^protocols/);
    },
  );

  it('takes spellings that differ in case for different subprotocols', () => {
    expect(checkProtocols(['a', 'A'])).toEqual(['a', 'A']);
  });
});

describe('checkOrigin', () => {
  it('takes an origin and refuses what would break the line', () => {
    expect(() => checkOrigin('https://example.com')).not.toThrow();
    for (const origin of ['', 'a\r\nb', 'a\0', '한', undefined]) {
      expect(refusal(() => checkOrigin(origin as string))).toMatch(/^websocketOrigin/);
    }
    expect(refusal(() => checkOrigin('\n', 'origin'))).toMatch(/^origin/);
  });
});

describe('checkResponse', () => {
  const check = (head: string, protocols: readonly string[] = []) =>
    checkResponse(parse(head), { key: KEY, protocols });
  const code = (head: string, protocols: readonly string[] = []): string => fault(() => check(head, protocols)).code;
  const answer = (more = ''): string => `${SWITCHING}${ANSWER}${more}\r\n`;

  it('accepts what RFC 6455 §4.1 asks for, whatever the case and the order', () => {
    check(answer());
    check(
      `HTTP/1.1 101\r\nsec-websocket-accept:${ACCEPT}\r\nCONNECTION: keep-alive ,\tupGRADE\r\nUPGRADE: WebSocket\r\n\r\n`,
    );
    check(answer('Connection: keep-alive\r\n'));
    check(answer('Sec-WebSocket-Protocol: b\r\n'), ['a', 'b']);
  });

  it('refuses another status, with its reason', () => {
    const error = fault(() => check('HTTP/1.1 403 Forbidden\r\nLocation: /not-a-redirect\r\n\r\n'));
    expect(error.code).toBe(CONNECTION_FAULTS.handshakeStatus.code);
    expect(error.message).toMatch(/: "403 Forbidden"\.$/);
    expect(fault(() => check('HTTP/1.0 500\r\n\r\n')).message).toMatch(/: "500"\.$/);
    expect(code(answer().replace('101', '200'))).toBe('WS_ERR_HANDSHAKE_STATUS');
  });

  it('does not follow a redirect, but says where to', () => {
    const { message } = fault(() => check('HTTP/1.1 301 Moved\r\nLocation: wss://b/\x80\r\n\r\n'));
    expect(message).toMatch(/"301 Moved", a redirect to "wss:\/\/b\/\\x80"; redirects are not followed\.$/);
    expect(fault(() => check('HTTP/1.1 302 Found\r\n\r\n')).message).toMatch(/: "302 Found"\.$/);
  });

  it('refuses 101 in HTTP/1.0', () => {
    expect(code(answer().replace('HTTP/1.1', 'HTTP/1.0'))).toBe('WS_ERR_HANDSHAKE_SYNTAX');
  });

  it.each([
    ['', 'there is none'],
    ['Upgrade: h2c\r\n', '"h2c"'],
    ['Upgrade: websocket, h2c\r\n', '"websocket, h2c"'],
    ['Upgrade: websocket\r\nUpgrade: websocket\r\n', '"websocket, websocket"'],
  ])('refuses the Upgrade header in %j', (upgrade, seen) => {
    const error = fault(() => check(answer().replace('Upgrade: websocket\r\n', upgrade)));
    expect(error.code).toBe('WS_ERR_HANDSHAKE_UPGRADE');
    expect(error.message).toContain(seen);
  });

  it.each(['', 'Connection: close\r\n', 'Connection: upgraded\r\n', 'Connection:\r\n', 'Connection: \xa0Upgrade\r\n'])(
    'refuses the Connection header in %j',
    (connection) => {
      expect(code(answer().replace('Connection: Upgrade\r\n', connection))).toBe('WS_ERR_HANDSHAKE_CONNECTION');
    },
  );

  it.each(['', `Sec-WebSocket-Accept: ${ACCEPT.toLowerCase()}\r\n`, 'Sec-WebSocket-Accept:\r\n'])(
    'refuses the accept header in %j',
    (accept) => {
      const head = answer().replace(`Sec-WebSocket-Accept: ${ACCEPT}\r\n`, accept);
      expect(code(head)).toBe('WS_ERR_HANDSHAKE_ACCEPT');
    },
  );

  it('refuses an accept that came twice', () => {
    expect(code(answer(`Sec-WebSocket-Accept: ${ACCEPT}\r\n`))).toBe('WS_ERR_HANDSHAKE_ACCEPT');
  });

  it.each(['permessage-deflate', 'constructor', ''])('refuses the extension %j: none was offered', (extension) => {
    expect(code(answer(`Sec-WebSocket-Extensions: ${extension}\r\n`))).toBe('WS_ERR_HANDSHAKE_EXTENSION');
  });

  it.each([
    ['one when none was offered', 'Sec-WebSocket-Protocol: a\r\n', []],
    ['an empty one when none was offered', 'Sec-WebSocket-Protocol:\r\n', []],
    ['one that was not offered', 'Sec-WebSocket-Protocol: c\r\n', ['a', 'b']],
    ['one in another case', 'Sec-WebSocket-Protocol: A\r\n', ['a']],
    ['a name of Object.prototype', 'Sec-WebSocket-Protocol: constructor\r\n', ['a']],
    ['two', 'Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n', ['a', 'b']],
    ['none when some were offered', '', ['a', 'b']],
  ])('refuses as subprotocol: %s', (_name, line, offered) => {
    expect(code(answer(line), offered)).toBe('WS_ERR_HANDSHAKE_PROTOCOL');
  });
});
