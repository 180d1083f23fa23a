// `new WebSocket()` of the WHATWG face (WebSockets §3.1, "get a URL record" of §2): what it takes and refuses, and what it is at
// first.

import { afterEach, describe, expect, test } from 'vitest';
import { rawServer } from '../support/servers';
import { configure, oursOnly, Untyped, WebSocket } from '../support/web-classes';
import { connecting } from '../support/web-log';

afterEach(() => configure({}));

/** What `make` throws; nothing else may happen. */
function thrownBy(make: () => unknown): unknown {
  try {
    make();
  } catch (error) {
    return error;
  }
  return expect.unreachable('It threw nothing.');
}

function expectSyntaxError(make: () => unknown): void {
  const error = thrownBy(make) as DOMException;
  expect(error).toBeInstanceOf(DOMException);
  expect([error.name, error.code]).toEqual(['SyntaxError', 12]);
}

/** No server is on its port: what is connected to does not matter here. */
const ADDRESS = 'ws://127.0.0.1:1/';

describe('the URL (WebSockets §2, "get a URL record")', () => {
  test.each([
    ['ws://127.0.0.1:1', 'ws://127.0.0.1:1/', 'has a path'],
    ['WS://127.0.0.1:1/', 'ws://127.0.0.1:1/', 'has its scheme in lower case'],
    ['http://127.0.0.1:1/', 'ws://127.0.0.1:1/', 'is ws: for http:'],
    ['https://127.0.0.1:1/', 'wss://127.0.0.1:1/', 'is wss: for https:'],
    ['HTTP://127.0.0.1:1/', 'ws://127.0.0.1:1/', 'is ws: for HTTP:'],
    ['ws://127.0.0.1:80/', 'ws://127.0.0.1/', 'has no default port of ws:'],
    ['wss://127.0.0.1:443/', 'wss://127.0.0.1/', 'has no default port of wss:'],
    ['http://127.0.0.1:80/', 'ws://127.0.0.1/', 'has no default port of http:'],
    ['http://127.0.0.1:443/', 'ws://127.0.0.1:443/', 'keeps a port that is the default of another scheme'],
    ['wss://127.0.0.1:80/', 'wss://127.0.0.1:80/', 'keeps the port of ws: in wss:'],
    ['ws://127.0.0.1:00001/', 'ws://127.0.0.1:1/', 'has a port without zeros in front'],
    ['ws://0x7f.1:1/', 'ws://127.0.0.1:1/', 'has an IPv4 address in four decimal numbers'],
    ['ws://[0:0::1]:1/', 'ws://[::1]:1/', 'has an IPv6 address in its shortest form'],
    ['ws://LocalHost:1/', 'ws://localhost:1/', 'has a host in lower case'],
    ['ws://bücher.invalid:1/', 'ws://xn--bcher-kva.invalid:1/', 'has a host in Punycode'],
    ['ws://127.0.0.1:1/a/../b/./c', 'ws://127.0.0.1:1/b/c', 'has a path without dots'],
    ['ws://127.0.0.1:1/ä b', 'ws://127.0.0.1:1/%C3%A4%20b', 'has a path that is percent-encoded'],
    ['ws://127.0.0.1:1?a=b c', 'ws://127.0.0.1:1/?a=b%20c', 'has a query that is percent-encoded'],
    ['ws://127.0.0.1:1/?', 'ws://127.0.0.1:1/?', 'keeps an empty query'],
    ['ws:127.0.0.1:1', 'ws://127.0.0.1:1/', 'may lack the slashes'],
    ['ws:\\\\127.0.0.1:1\\a', 'ws://127.0.0.1:1/a', 'may have backslashes'],
    ['  ws://127.0.0.1:1/\n', 'ws://127.0.0.1:1/', 'may have white space around'],
    ['ws://127.0.0.1:1/a\tb', 'ws://127.0.0.1:1/ab', 'loses tabs within'],
    ['ws://user:pass@127.0.0.1:1/', 'ws://user:pass@127.0.0.1:1/', 'keeps a user and a password'],
    ['ws://127.0.0.1:1/\ud800', 'ws://127.0.0.1:1/%EF%BF%BD', 'is a USVString: U+FFFD for a lone surrogate'],
    ['ws://127.0.0.1:1/\u{1f600}', 'ws://127.0.0.1:1/%F0%9F%98%80', 'is a USVString: pairs of surrogates stay'],
  ])('%j is %j: it %s', (given, url) => {
    expect(connecting(given).url).toBe(url);
  });

  test.each([
    ['', 'is empty, and relative to nothing'],
    ['/path', 'is relative to nothing'],
    ['127.0.0.1:1', 'has no scheme'],
    ['ftp://127.0.0.1:1/', 'has the scheme ftp:'],
    ['file:///tmp', 'has the scheme file:'],
    ['mailto:a@b.invalid', 'has the scheme mailto:'],
    ['about:blank', 'has the scheme about:'],
    ['wsx://127.0.0.1:1/', 'has the scheme wsx:'],
    ['ws+unix:///tmp/socket', 'has the scheme ws+unix:'],
    ['blob:http://127.0.0.1:1/', 'has the scheme blob:'],
    ['ws:', 'has no host'],
    ['ws://', 'has an empty host'],
    ['ws://a b/', 'has a host with a space'],
    ['ws://127.0.0.1:65536/', 'has a port above 65535'],
    ['ws://127.0.0.1:-1/', 'has a port below 0'],
    ['ws://127.0.0.1:a/', 'has a port that is no number'],
    ['ws://[::1/', 'has an IPv6 address without its end'],
    ['ws://256.256.256.256/', 'has an IPv4 address out of range'],
    ['ws://127.0.0.1:1/#a', 'has a fragment'],
    ['ws://127.0.0.1:1/#', 'has an empty fragment'],
    ['wss://127.0.0.1:1/path?query#fragment', 'has a fragment behind a query'],
    ['http://127.0.0.1:1/#a', 'has a fragment in http:'],
  ])('%j is a SyntaxError: it %s', (url) => {
    expectSyntaxError(() => new WebSocket(url));
  });

  test.each([
    ['/chat', 'wss://base.invalid/chat'],
    ['chat', 'wss://base.invalid/dir/chat'],
    ['../chat', 'wss://base.invalid/chat'],
    ['?a', 'wss://base.invalid/dir/page?a'],
    ['', 'wss://base.invalid/dir/page?query'],
    ['//127.0.0.1:1/chat', 'wss://127.0.0.1:1/chat'],
    ['ws://127.0.0.1:1/chat', 'ws://127.0.0.1:1/chat'],
  ])('%j is relative to the base URL that configure() was told', (given, url) => {
    configure({ baseURL: 'https://base.invalid/dir/page?query' });
    expect(connecting(given).url).toBe(url);
  });

  oursOnly('undici takes whatever it is told for http or https')('configure() refuses a base URL that is none', () => {
    expect(() => configure({ baseURL: '/path' })).toThrow(TypeError);
    expect(() => configure({ baseURL: 'no base' })).toThrow(TypeError);
  });

  test('configure() without a base URL forgets that of before', () => {
    configure({ baseURL: 'https://base.invalid/' });
    configure({});
    expectSyntaxError(() => new WebSocket('/chat'));
  });
});

describe('the subprotocols (WebSockets §3.1, RFC 6455 §4.1)', () => {
  test.each([
    [undefined, 'no list'],
    [[], 'an empty list'],
    ['chat', 'a string'],
    [['chat'], 'a list of one'],
    [['chat', 'superchat'], 'a list of two'],
    [["!#$%&'*+-.^_`|~09azAZ"], 'every character of a token that is no letter or digit'],
    [['a', 'aa'], 'one that begins like another'],
    [new Set(['a', 'b']), 'another iterable than an array'],
    [[1, null, true], 'values that are no strings, as strings'],
    [null, 'null as a string: a union of string and sequence takes it so'],
    [7, 'a number as a string'],
  ])('%j are taken: %s', (protocols, _which) => {
    const webSocket = new Untyped(ADDRESS, protocols);
    expect([webSocket.readyState, webSocket.protocol]).toEqual([0, '']);
    webSocket.close();
  });

  const separators = [...'()<>@,;:\\"/[]?={} \t'];
  const others = ['\0', '\n', '\r', '\x1f', '\x7f', '\x80', 'é', 'ſ', '\u212a', '€', '\u{1f600}', '\ud800'];
  test.each([...separators, ...others])(
    'one with %j in it is a SyntaxError, as a string and in a list',
    (character) => {
      expectSyntaxError(() => new WebSocket(ADDRESS, `a${character}b`));
      expectSyntaxError(() => new WebSocket(ADDRESS, ['good', `a${character}`]));
      expectSyntaxError(() => new WebSocket(ADDRESS, [`${character}b`]));
    },
  );

  test.each([
    ['', 'an empty string'],
    [[''], 'an empty string in a list'],
    [['a', ''], 'an empty string behind another'],
    [['a', 'a'], 'one twice'],
    [['a', 'b', 'a'], 'one twice with another between'],
    [['echo', 'Echo'], 'one twice that differs in ASCII case'],
    [[1, '1'], 'one twice after its conversion'],
    [{ protocols: ['a', 'a'] }, 'one twice in the options'],
    [{ protocols: 'a b' }, 'a wrong one in the options'],
    [{ protocols: [''] }, 'an empty one in the options'],
    [[['a', 'b']], 'a list in a list, as a string'],
  ])('%j is a SyntaxError: %s', (protocols, _which) => {
    expectSyntaxError(() => new Untyped(ADDRESS, protocols));
  });
});

describe('arguments (WebIDL §3.2, §3.7.1)', () => {
  test('none is a TypeError', () => {
    expect(() => new Untyped()).toThrow(TypeError);
  });

  test.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [{}, '[object Object]'],
    [7, '7'],
    [true, 'true'],
  ])('%j as a URL is the string %j', (url, text) => {
    configure({ baseURL: 'http://127.0.0.1:1/' });
    expect(new Untyped(url).url).toBe(new URL(text, 'ws://127.0.0.1:1/').href);
  });

  test.each([
    [Symbol('a'), undefined],
    [ADDRESS, Symbol('a')],
    [ADDRESS, [Symbol('a')]],
    [Object.create(null), undefined],
    [ADDRESS, { [Symbol.iterator]: 7 }],
  ])('what has no string is a TypeError (%#)', (url, protocols) => {
    expect(() => new Untyped(url, protocols)).toThrow(TypeError);
  });

  test('a URL object is its string', () => {
    expect(connecting(new URL(ADDRESS) as unknown as string).url).toBe(ADDRESS);
  });

  test('each value is converted once', () => {
    const calls: string[] = [];
    const counted = (name: string, text: string): object => ({
      toString: () => {
        calls.push(name);
        return text;
      },
    });
    new Untyped(counted('url', ADDRESS), [counted('first', 'a'), counted('second', 'b')]).close();
    expect(calls.sort()).toEqual(['first', 'second', 'url']);
  });

  test('what a conversion throws is what the constructor throws', () => {
    const fault = new Error('mine');
    const bad = {
      toString: () => {
        throw fault;
      },
    };
    expect(thrownBy(() => new Untyped(bad))).toBe(fault);
    expect(thrownBy(() => new Untyped(ADDRESS, [bad]))).toBe(fault);
  });

  test('an iterator is read once, to its end', () => {
    let count = 0;
    const list = {
      *[Symbol.iterator]() {
        count += 1;
        yield 'a';
        yield 'b';
      },
    };
    new Untyped(ADDRESS, list).close();
    expect(count).toBe(1);
  });
});

describe('a WebSocket at first (WebSockets §3.1)', () => {
  test('is connecting, without what the server has chosen, and gives Blobs', () => {
    const { readyState, bufferedAmount, extensions, protocol, binaryType, onopen, onerror, onclose, onmessage } =
      connecting(ADDRESS, ['a', 'b']);
    expect({ readyState, bufferedAmount, extensions, protocol, binaryType }).toEqual({
      readyState: 0,
      bufferedAmount: 0,
      extensions: '',
      protocol: '',
      binaryType: 'blob',
    });
    expect([onopen, onerror, onclose, onmessage]).toEqual([null, null, null, null]);
  });

  test('is an EventTarget', () => {
    expect(connecting(ADDRESS)).toBeInstanceOf(EventTarget);
  });

  test('has not been connected by one that was refused', async () => {
    const server = await rawServer('ws');
    expectSyntaxError(() => new WebSocket(`${server.url}/#fragment`));
    expectSyntaxError(() => new WebSocket(server.url, ['a', 'a']));
    expectSyntaxError(() => new WebSocket(server.url, ['a b']));
    connecting(`${server.url}/right`);
    const peer = await server.peer();
    expect(await peer.readHead()).toMatch(/^GET \/right /);
    expect(server.count).toBe(1);
  });
});
