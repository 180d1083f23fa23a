// The body of a refused handshake: where it ends, how much of it is kept, and that no splitting changes either.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ErrorBody } from '../../src/handshake/error-body';

interface Outcome {
  readonly text: string;
  readonly complete: boolean;
}

const CHUNKED = { 'transfer-encoding': 'chunked' };

/** Feeds the body in pieces of `size` bytes through one buffer that is overwritten each time, as a socket does. */
function collect(headers: Record<string, string>, body: string | Uint8Array, size = Infinity, status = 403): Outcome {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const collector = new ErrorBody({ status, headers: Object.assign(Object.create(null), headers) });
  const window = new Uint8Array(bytes.length + 2);
  let complete = collector.complete;
  for (let start = 0; start < bytes.length; start += size) {
    const piece = bytes.subarray(start, start + size);
    window.fill(0x3f);
    window.set(piece, 1);
    complete = collector.push(window, 1, 1 + piece.length);
    expect(complete).toBe(collector.complete);
  }
  return { text: collector.text(), complete };
}

function chunk(text: string, extension = ''): string {
  return `${Buffer.byteLength(text).toString(16)}${extension}\r\n${text}\r\n`;
}

const cases: [name: string, headers: Record<string, string>, body: string, expected: Outcome][] = [
  ['Content-Length', { 'content-length': '5' }, 'hello, and more', { text: 'hello', complete: true }],
  ['Content-Length, incomplete', { 'content-length': '9' }, 'hello', { text: 'hello', complete: false }],
  ['Content-Length beyond 1 KiB', { 'content-length': '9'.repeat(400) }, 'x'.repeat(2000), full('x')],
  ['Content-Length of no digits', { 'content-length': '+5' }, 'hello!', { text: 'hello!', complete: false }],
  ['Content-Length, empty value', { 'content-length': '' }, 'hello!', { text: 'hello!', complete: false }],
  ['no length', {}, 'hello', { text: 'hello', complete: false }],
  ['no length, beyond 1 KiB', {}, 'y'.repeat(1025), full('y')],
  [
    'another transfer coding',
    { 'transfer-encoding': 'gzip', 'content-length': '1' },
    'hi',
    { text: 'hi', complete: false },
  ],
  ['chunks', CHUNKED, `${chunk('hel')}${chunk('lo')}0\r\n\r\n`, { text: 'hello', complete: true }],
  [
    'chunks, upper case',
    { 'transfer-encoding': 'gzip, Chunked' },
    'A\r\n0123456789\r\n',
    { text: '0123456789', complete: false },
  ],
  [
    'chunks with extensions',
    CHUNKED,
    `${chunk('hi', ';a="b";c')}${chunk('!', ' ')}000\r\n`,
    { text: 'hi!', complete: true },
  ],
  ['chunks with trailers', CHUNKED, `${chunk('hi')}0\r\nX: y\r\n\r\n`, { text: 'hi', complete: true }],
  [
    'chunks instead of Content-Length',
    { ...CHUNKED, 'content-length': '1' },
    chunk('hello'),
    { text: 'hello', complete: false },
  ],
  ['chunks beyond 1 KiB', CHUNKED, chunk('z'.repeat(700)) + chunk('z'.repeat(700)), full('z')],
  ['one endless chunk', CHUNKED, `${'f'.repeat(200)}\r\n${'z'.repeat(2000)}`, full('z')],
  ['a size line without end', CHUNKED, `1;${'e'.repeat(300)}`, { text: '', complete: true }],
  ['a size line without size', CHUNKED, 'nonsense\r\nmore', { text: '', complete: true }],
  ['a chunk longer than its size', CHUNKED, '2\r\nhello\r\n', { text: 'he', complete: true }],
];

function full(character: string): Outcome {
  return { text: character.repeat(1024), complete: true };
}

describe('ErrorBody', () => {
  describe.each(cases)('%s', (_name, headers, body, expected) => {
    it.each([Infinity, 1, 2, 3, 7, 1000])('in pieces of %d', (size) => {
      expect(collect(headers, body, size)).toEqual(expected);
    });
  });

  it.each([100, 101, 204, 304])('expects none with status %d', (status) => {
    expect(collect({}, '', Infinity, status)).toEqual({ text: '', complete: true });
    expect(collect({ 'content-length': '5' }, 'hello', Infinity, status)).toEqual({ text: '', complete: true });
  });

  it('is complete before the first byte when Content-Length is 0', () => {
    expect(collect({ 'content-length': '0' }, '')).toEqual({ text: '', complete: true });
  });

  it('is not complete with 1,023 bytes and is with 1,024', () => {
    expect(collect({}, 'x'.repeat(1023)).complete).toBe(false);
    expect(collect({}, 'x'.repeat(1024)).complete).toBe(true);
  });

  it('leaves out a character that the limit cuts, and replaces what is no UTF-8', () => {
    const { text } = collect({}, '한'.repeat(400));
    expect(text).toBe('한'.repeat(341));
    expect(collect({}, Uint8Array.of(0x61, 0xff, 0x62)).text).toBe('a\ufffdb');
  });

  it('never throws, never keeps more than 1 KiB, and does not depend on the splitting', () => {
    const framing = fc.constantFrom({}, CHUNKED, { 'content-length': '20' });
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom('5\r\nhello\r\n', '0\r\n', '\r\n', 'ff;x\r\n'),
    );
    fc.assert(
      fc.property(
        framing,
        fc.array(piece, { maxLength: 12 }),
        fc.integer({ min: 1, max: 50 }),
        (headers, pieces, size) => {
          const body = Buffer.concat(pieces.map((part) => Buffer.from(part as Uint8Array)));
          const whole = collect(headers, body);
          expect(collect(headers, body, size)).toEqual(whole);
          expect(whole.text.length).toBeLessThanOrEqual(1024);
        },
      ),
    );
  });
});
