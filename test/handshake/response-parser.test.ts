// The head of the response: the parser fed whole, byte by byte and in pieces of every size.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fault, WsimdError } from '../../src/base/faults';
import {
  type HandshakeResponse,
  MAX_HEAD_BYTES,
  MAX_HEADERS,
  ResponseParser,
} from '../../src/handshake/response-parser';
import { ACCEPT, ANSWER, fault, latin1, parse, SWITCHING } from '../support/heads';

/** What came of the bytes: the response in plain values or the code of the error, and how many bytes were taken. */
interface Outcome {
  readonly response?: Omit<HandshakeResponse, 'toString'> & { readonly head: string };
  readonly code?: Fault['code'];
  readonly taken: number;
}

/** Feeds the bytes in pieces of `size`, each at an offset inside a larger buffer, as a socket's window has it. */
function feed(bytes: Uint8Array, size = Infinity): Outcome {
  const parser = new ResponseParser();
  let taken = 0;
  try {
    for (let start = 0; start < bytes.length && parser.response === undefined; start += size) {
      const piece = bytes.subarray(start, start + size);
      const window = new Uint8Array(piece.length + 7).fill(0x0a);
      window.set(piece, 3);
      taken += parser.push(window, 3, 3 + piece.length);
    }
  } catch (error) {
    if (error instanceof WsimdError) return { code: error.code, taken: -1 };
    throw error;
  }
  if (parser.response === undefined) return { taken };
  const { toString: _, ...values } = parser.response;
  return { response: { ...values, head: String(parser.response) }, taken };
}

describe('ResponseParser', () => {
  it('reads a response', () => {
    const head = `${SWITCHING}${ANSWER}Sec-WebSocket-Protocol: chat\r\nX-Name:\t caf\xe9\x85 \t\r\nx-name: 2\r\nX-Empty:\r\n\r\n`;
    const response = parse(head);
    expect({ ...response }).toMatchObject({
      status: 101,
      statusText: 'Switching Protocols',
      protocol: 'chat',
      extensions: '',
    });
    expect(response.headers).toEqual({
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-accept': ACCEPT,
      'sec-websocket-protocol': 'chat',
      'x-name': 'caf\xe9\x85, 2',
      'x-empty': '',
    });
    expect(String(response)).toBe(head);
  });

  it('keeps cookies apart', () => {
    const response = parse('HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Expires=Thu, 01 Jan\r\nset-cookie: b=2\r\n\r\n');
    expect(response.setCookie).toEqual(['a=1; Expires=Thu, 01 Jan', 'b=2']);
    expect(response.headers['set-cookie']).toBe('a=1; Expires=Thu, 01 Jan, b=2');
  });

  it('trims spaces and tabs only: in Latin-1 a no-break space is text', () => {
    expect(parse('HTTP/1.1 200 OK\r\nX: \xa0a\xa0 \r\n\r\n').headers.x).toBe('\xa0a\xa0');
  });

  it('has no prototype under its headers', () => {
    const plain = parse('HTTP/1.1 200 OK\r\n\r\n');
    expect(plain.headers.constructor).toBeUndefined();
    expect(Object.getPrototypeOf(plain.headers)).toBeNull();
    const { headers } = parse(
      'HTTP/1.1 200 OK\r\nconstructor: a\r\n__proto__: b\r\n__proto__: c\r\ntoString: d\r\n\r\n',
    );
    expect(Object.entries(headers)).toEqual([
      ['constructor', 'a'],
      ['__proto__', 'b, c'],
      ['tostring', 'd'],
    ]);
  });

  it('reads over interim responses', () => {
    const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nSet-Cookie: x=1\r\n\r\n';
    const final = `${SWITCHING}${ANSWER}\r\n`;
    const response = parse(`HTTP/1.1 100\r\n\r\n${hints}${final}`);
    expect(String(response)).toBe(final);
    expect(response.headers.link).toBeUndefined();
    expect(response.setCookie).toEqual([]);
  });

  const good: [name: string, head: string][] = [
    ['101', `${SWITCHING}${ANSWER}\r\n`],
    ['no reason', 'HTTP/1.1 101\r\n\r\n'],
    ['an empty reason', 'HTTP/1.1 500 \r\n\r\n'],
    ['a reason in Latin-1', 'HTTP/1.1 403 Verbot\xe9n\t!\r\nA: b\r\n\r\n'],
    ['HTTP/1.0', 'HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n'],
    ['an interim response', `HTTP/1.1 102 Processing\r\nA: b\r\n\r\n${SWITCHING}${ANSWER}\r\n`],
  ];
  describe.each(good)('%s', (_name, head) => {
    // What follows is a text frame whose bytes would do as a header: not one of them may be taken.
    const bytes = latin1(`${head}\x81\x05A: b\r\n\r\n`);
    it('comes out the same at every chunk size, and the frame behind it stays', () => {
      const whole = feed(bytes);
      expect(whole.response).toBeDefined();
      expect(whole.taken).toBe(head.length);
      for (let size = 1; size <= bytes.length; size += 1) expect(feed(bytes, size), `size ${size}`).toEqual(whole);
    });

    it('is not there before its last byte', () => {
      for (let length = 0; length < head.length; length += 1) {
        expect(feed(latin1(head.slice(0, length)))).toEqual({ taken: length });
      }
    });
  });

  it('takes nothing more once the head is complete', () => {
    const parser = new ResponseParser();
    const bytes = latin1('HTTP/1.1 200 OK\r\n\r\n');
    expect(parser.push(bytes, 0, bytes.length)).toBe(bytes.length);
    expect(parser.push(bytes, 0, bytes.length)).toBe(0);
  });

  // The first byte that cannot be of a response head is the last of each of these; in front of it all is well.
  const bad: [name: string, head: string][] = [
    ['SSH', 'S'],
    ['TLS', '\x15'],
    ['a line end first', '\r'],
    ['a lone LF first', '\n'],
    ['HTTP/2', 'HTTP/2'],
    ['lower case', 'h'],
    ['a version of two digits', 'HTTP/1.11'],
    ['a version and nothing', 'HTTP/1.1\r'],
    ['two spaces', 'HTTP/1.1  '],
    ['no digit', 'HTTP/1.1 1x'],
    ['two digits', 'HTTP/1.1 10\r'],
    ['two digits and a reason', 'HTTP/1.1 10 '],
    ['four digits', 'HTTP/1.1 1010'],
    ['a reason without a space', 'HTTP/1.1 101S'],
    ['NUL in the reason', 'HTTP/1.1 101 a\0'],
    ['LF after the status line', 'HTTP/1.1 101 OK\n'],
    ['CR CR LF', 'HTTP/1.1 101 OK\r\r'],
    ['LF after a header', 'HTTP/1.1 101 OK\r\nA: b\n'],
    ['LF for the blank line', 'HTTP/1.1 101 OK\r\nA: b\r\n\n'],
    ['CR inside a header', 'HTTP/1.1 101 OK\r\nA: b\rc'],
    ['NUL in a header', 'HTTP/1.1 101 OK\r\nA: \0'],
    ['DEL in a header', 'HTTP/1.1 101 OK\r\nA: \x7f'],
    ['a folded header', 'HTTP/1.1 101 OK\r\nA: b\r\n c: d\r\n'],
    ['a folded header, with a tab', 'HTTP/1.1 101 OK\r\nA: b\r\n\tc: d\r\n'],
    ['a space before the first header', 'HTTP/1.1 101 OK\r\n A: b\r\n'],
    ['a space before the colon', 'HTTP/1.1 101 OK\r\nA : b\r\n'],
    ['no name', 'HTTP/1.1 101 OK\r\n: b\r\n'],
    ['no colon', 'HTTP/1.1 101 OK\r\nA\r\n'],
    ['no token', 'HTTP/1.1 101 OK\r\nA(: b\r\n'],
    ['a name beyond ASCII', 'HTTP/1.1 101 OK\r\n\xe9: b\r\n'],
    ['garbage after an interim response', 'HTTP/1.1 100 Continue\r\n\r\nX'],
  ];
  it.each(bad)('refuses %s at once, at every chunk size', (_name, head) => {
    expect(feed(latin1(head.slice(0, -1)))).toEqual({ taken: head.length - 1 });
    const bytes = latin1(`${head}\r\n\r\n`);
    for (let size = 1; size <= bytes.length; size += 1) {
      expect(feed(bytes, size)).toEqual({ code: 'WS_ERR_HANDSHAKE_SYNTAX', taken: -1 });
    }
  });

  it('says what it has seen, fit for a log', () => {
    const says = (text: string): string => fault(() => parse(text)).message;
    expect(says('SSH-2.0-OpenSSH_9.6\r\n')).toContain('"SSH-2.0-OpenSSH_9.6\\x0d\\x0a".');
    expect(says(`HTTP/1.1 \x1b[31m\xff${'x'.repeat(100)}`)).toMatch(/"HTTP\/1\.1 \\x1b\[31m\\xffx+…"\.$/);
    expect(says('HTTP/1.1 200 OK\r\nBad Name: x\r\nNext: y')).toMatch(/a header line without .*, in "Bad Name: x"\.$/);
  });

  /** A head of exactly `length` bytes with a single header. */
  const headOf = (length: number): Uint8Array =>
    latin1(`${SWITCHING}A: ${'x'.repeat(length - SWITCHING.length - 7)}\r\n\r\n`);

  it('takes a head of 16,384 bytes and refuses one of 16,385', () => {
    for (const size of [Infinity, 1, 1000, MAX_HEAD_BYTES]) {
      expect(headOf(MAX_HEAD_BYTES)).toHaveLength(MAX_HEAD_BYTES);
      expect(feed(headOf(MAX_HEAD_BYTES), size)).toMatchObject({ taken: MAX_HEAD_BYTES });
      expect(feed(headOf(MAX_HEAD_BYTES), size).response).toBeDefined();
      expect(feed(headOf(MAX_HEAD_BYTES + 1), size).code).toBe('WS_ERR_HANDSHAKE_TOO_LARGE');
    }
  });

  it('refuses a status line beyond that, whatever came before it', () => {
    const long = latin1(`HTTP/1.1 200 ${'x'.repeat(MAX_HEAD_BYTES)}`);
    for (const bytes of [long, latin1(`HTTP/1.1 103 Early\r\n\r\n${'HTTP/1.1 103 '}${'x'.repeat(MAX_HEAD_BYTES)}`)]) {
      expect(feed(bytes).code).toBe('WS_ERR_HANDSHAKE_TOO_LARGE');
      expect(feed(bytes, 1).code).toBe('WS_ERR_HANDSHAKE_TOO_LARGE');
    }
  });

  it('takes 100 headers and refuses 101', () => {
    const headers = (count: number): Uint8Array => latin1(`${SWITCHING}${'A: b\r\n'.repeat(count)}\r\n`);
    for (const size of [Infinity, 1, 5]) {
      expect(feed(headers(MAX_HEADERS), size).response?.headers.a).toHaveLength(MAX_HEADERS * 3 - 2);
      expect(feed(headers(MAX_HEADERS + 1), size).code).toBe('WS_ERR_HANDSHAKE_TOO_LARGE');
    }
  });

  it('counts interim responses towards the limits', () => {
    const interim = 'HTTP/1.1 100 Continue\r\n';
    expect(feed(latin1(`${interim}\r\n`.repeat(1000))).code).toBe('WS_ERR_HANDSHAKE_TOO_LARGE');
    expect(feed(latin1(`${interim}A: b\r\n\r\n`.repeat(101))).code).toBe('WS_ERR_HANDSHAKE_TOO_LARGE');
  });

  it('throws nothing but WsimdError on arbitrary bytes, and does not depend on the splitting', () => {
    const line = fc.oneof(
      fc.constantFrom('A: b', 'Set-Cookie: x', 'HTTP/1.1 101 OK', 'HTTP/1.1 100', ' folded', 'a : b', '', '\r', '\n'),
      fc.string({ unit: 'binary-ascii', maxLength: 12 }),
    );
    const nearly = fc
      .array(line, { maxLength: 8 })
      .map((lines) => latin1(['HTTP/1.1 200 OK', ...lines, '', ''].join('\r\n')));
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 200 }), nearly),
        fc.integer({ min: 1, max: 40 }),
        (bytes, size) => {
          expect(feed(bytes, size)).toEqual(feed(bytes));
        },
      ),
      { numRuns: 500 },
    );
  });
});
