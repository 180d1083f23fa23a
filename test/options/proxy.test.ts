// The settings of proxies: what they mean, that each is checked where it is set, and that no sentence repeats a secret.

import { describe, expect, it } from 'vitest';
import { AsyncTcpConnection } from '../../src/index';
import { parseProxy, proxyTarget } from '../../src/options/proxy';

const connection = (): AsyncTcpConnection => new AsyncTcpConnection('ws://127.0.0.1:9');

const SETTINGS = [
  'proxyHttp',
  'proxySocks5',
  'proxyAuthorization',
  'proxySocks5Username',
  'proxySocks5Password',
] as const;

/** What throwing it away would hide: the error of this assignment. */
function refusal(settings: Readonly<Record<string, unknown>>): Error {
  const target = connection();
  try {
    Object.assign(target, settings);
    target.connect();
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return error as Error;
  } finally {
    target.destroy();
  }
  throw new Error(`Nothing was thrown for ${JSON.stringify(settings)}.`);
}

describe('where the proxy is', () => {
  it.each([
    ['proxy.example:3128', false, 'proxy.example', 3128],
    ['127.0.0.1:80', false, '127.0.0.1', 80],
    ['[::1]:8080', false, '::1', 8080],
    ['http://Proxy.Example', false, 'proxy.example', 80],
    ['HTTP://bücher.example:8080/', false, 'xn--bcher-kva.example', 8080],
    ['https://proxy.example', true, 'proxy.example', 443],
    ['https://[2001:DB8::1]:8443', true, '2001:db8::1', 8443],
    ['user:secret@proxy.example:3128', false, 'proxy.example', 3128],
  ])('%s is an HTTP proxy', (value, secure, hostname, port) => {
    expect(parseProxy('proxyHttp', value)).toMatchObject({ kind: 'http', secure, hostname, port });
    if (value.includes('://')) expect(parseProxy('proxyHttp', new URL(value))).toMatchObject({ hostname, port });
  });

  it.each([
    ['proxy.example:1080', 'proxy.example', 1080],
    ['[::1]:80', '::1', 80],
    ['socks5://proxy.example', 'proxy.example', 1080],
    ['socks5://proxy.example:80', 'proxy.example', 80],
    ['SOCKS5H://Proxy.Example:9050/', 'proxy.example', 9050],
    ['socks5://bücher.example', 'xn--bcher-kva.example', 1080],
    ['socks5://0x7f.1:1', '127.0.0.1', 1],
  ])('%s is a SOCKS5 proxy', (value, hostname, port) => {
    expect(parseProxy('proxySocks5', value)).toMatchObject({ kind: 'socks5', secure: false, hostname, port });
  });

  const BOTH = ['', 'proxy.example', ':3128', 'a b:1', 'h:65536', '::1:3128', 'ftp://h:1', 'secret', 'ws://h:1'];
  const ENDS = ['h:1/path', 'h:1?query', 'h:1#fragment', 'h:1?', 'h:1#'];
  it.each([
    ...[...BOTH, ...ENDS, 'socks5://h:1', 'http://'].map((value) => ['proxyHttp', value]),
    ...[...BOTH, ...ENDS, 'http://h:1', 'socks4://h:1', 'socks5:h', 'socks5://'].map((value) => ['proxySocks5', value]),
  ])('%s = %j is refused', (name, value) => {
    const { message } = refusal({ [name!]: value });
    expect(message).toMatch(new RegExp(`^${name} must (be "host:port", or|end with the port)`));
    expect(message).not.toContain('secret');
  });

  it('any URL has the port at its end', () => {
    expect(refusal({ proxyHttp: 'http://h:1/path' }).message).toMatch(/^proxyHttp must end with the port/);
    expect(refusal({ proxySocks5: 'socks5://h:1?query' }).message).toMatch(/^proxySocks5 must end with the port/);
  });
});

describe('credentials', () => {
  const http = parseProxy('proxyHttp', 'http://us%40er:p%C3%BCss%3A@h:1');
  const socks5 = parseProxy('proxySocks5', 'socks5://us%40er:p%C3%BCss%3A@h:1');

  it('of a URL are decoded: Basic for HTTP, bytes for SOCKS5', () => {
    const authorization = `Basic ${Buffer.from('us@er:püss:').toString('base64')}`;
    expect(proxyTarget(http, {})).toMatchObject({ kind: 'http', authorization });
    const credentials = { username: Buffer.from('us@er'), password: Buffer.from('püss:') };
    expect(proxyTarget(socks5, {})).toMatchObject({ kind: 'socks5', credentials });
  });

  it('are replaced by settings of their own, each by itself', () => {
    expect(proxyTarget(http, { authorization: 'Bearer x' })).toMatchObject({ authorization: 'Bearer x' });
    expect(proxyTarget(socks5, { password: 'other' })).toMatchObject({
      credentials: { username: Buffer.from('us@er'), password: Buffer.from('other') },
    });
    expect(proxyTarget(parseProxy('proxySocks5', 'h:1'), { username: 'a', password: 'b' })).toMatchObject({
      credentials: { username: Buffer.from('a'), password: Buffer.from('b') },
    });
  });

  it('are not there where there are none, and those of one kind of proxy are not for the other', () => {
    const other = { username: 'a', password: 'b' };
    expect(proxyTarget(parseProxy('proxyHttp', 'h:1'), other)).toMatchObject({ authorization: undefined });
    expect(proxyTarget(parseProxy('proxySocks5', 'h:1'), { authorization: 'x' })).toMatchObject({
      credentials: undefined,
    });
  });

  it('that are no percent-encoding go as they stand', () => {
    expect(parseProxy('proxyHttp', 'http://u%zz:100%@h:1')).toMatchObject({ username: 'u%zz', password: '100%' });
    expect(parseProxy('proxySocks5', 'socks5://u%ff:%C3%BC%@h')).toMatchObject({ username: 'u%ff', password: 'ü%' });
  });

  it('may be a password alone for Basic', () => {
    const { authorization } = proxyTarget(parseProxy('proxyHttp', 'http://:key@h:1'), {});
    expect(authorization).toBe(`Basic ${Buffer.from(':key').toString('base64')}`);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['a colon for Basic', { proxyHttp: 'http://u%3Au:secret@h:1' }, /^proxyHttp: a user name .* no colon/],
    ['a line end', { proxyAuthorization: 'Basic secret\r\nX: y' }, /^proxyAuthorization has a control character/],
    ['a character that is no byte', { proxyAuthorization: 'Basic secret→' }, /^proxyAuthorization has/],
    ['no authorization', { proxyAuthorization: '' }, /^proxyAuthorization must be/],
    ['an empty user name', { proxySocks5Username: '' }, /^proxySocks5Username must have 1 to 255 bytes/],
    ['an empty password', { proxySocks5Password: '' }, /^proxySocks5Password must have 1 to 255 bytes/],
    ['too many bytes', { proxySocks5Password: 'secré'.repeat(43) }, /^proxySocks5Password must have 1 to 255 bytes/],
    [
      'too many in a user name',
      { proxySocks5: `socks5://${'secret'.repeat(43)}@h` },
      /^proxySocks5: the user name must/,
    ],
    [
      'too many in a password',
      { proxySocks5: `socks5://u:${'secret'.repeat(43)}@h` },
      /^proxySocks5: the password must/,
    ],
    [
      'a user name alone',
      { proxySocks5: 'h:1', proxySocks5Username: 'secret' },
      /takes a user name and a password, or/,
    ],
    ['a password alone', { proxySocks5: 'socks5://:secret@h:1' }, /takes a user name and a password, or neither/],
  ])('%s is refused without being repeated', (_, settings, says) => {
    const { message } = refusal(settings);
    expect(message).toMatch(says);
    expect(message).not.toContain('secr');
  });

  it('may have 255 bytes', () => {
    const target = connection();
    target.proxySocks5Username = 'é'.repeat(127);
    target.proxySocks5Password = 'x'.repeat(255);
    expect([target.proxySocks5Username, target.proxySocks5Password].map((text) => text?.length)).toEqual([127, 255]);
  });
});

describe('proxyHeaders', () => {
  it('are kept as they are, and can be switched off again', () => {
    const target = connection();
    const headers = { 'User-Agent': 'us/1', 'Proxy-Authorization': 'Bearer x', 'X-Two': ['a', 'b'], 'X-One': 1 };
    expect(target.proxyHeaders).toBeUndefined();
    target.proxyHeaders = headers;
    expect(target.proxyHeaders).toBe(headers);
    target.proxyHeaders = undefined;
    expect(target.proxyHeaders).toBeUndefined();
  });

  it.each([
    ['Host', { Host: 'a' }, /^proxyHeaders must not set Host: CONNECT sets it, or has none\.$/],
    ['a length', { 'content-length': 5 }, /^proxyHeaders must not set content-length: CONNECT/],
    ['a coding', { 'Transfer-Encoding': 'chunked' }, /^proxyHeaders must not set Transfer-Encoding/],
    ['a header of the handshake', { 'Sec-WebSocket-Key': 'a' }, /^proxyHeaders must not set Sec-WebSocket-Key/],
    ['an upgrade', { Upgrade: 'h2c' }, /^proxyHeaders must not set Upgrade/],
    ['a line end', { A: 'secret\r\nB: c' }, /^proxyHeaders: the value of A has a control character/],
    ['no token', { 'A B': 'c' }, /^proxyHeaders: "A B" is not a token/],
    ['a name twice', { A: 'b', a: 'c' }, /^proxyHeaders has a twice/],
    ['no object', 'A: b', /^proxyHeaders must be a plain object/],
    ['null', null, /^proxyHeaders must be a plain object/],
    ['a function', () => ({}), /^proxyHeaders must be a plain object/],
  ])('with %s are refused', (_, proxyHeaders, says) => {
    expect(refusal({ proxyHeaders }).message).toMatch(says);
    expect(refusal({ proxyHeaders }).message).not.toContain('secret');
  });

  it('contradict proxyAuthorization, whichever is set first, and stand in place of the URL’s credentials', () => {
    const proxyHeaders = { 'proxy-authorization': 'Bearer secret' };
    const sentence = 'proxyAuthorization and Proxy-Authorization in proxyHeaders contradict each other; give one.';
    expect(refusal({ proxyHeaders, proxyAuthorization: 'Basic secret' }).message).toBe(sentence);
    expect(refusal({ proxyAuthorization: 'Basic secret', proxyHeaders }).message).toBe(sentence);
    const http = parseProxy('proxyHttp', 'http://user:secret@h:1');
    expect(proxyTarget(http, { headers: proxyHeaders })).toMatchObject({
      authorization: undefined,
      headers: proxyHeaders,
    });
    expect(proxyTarget(http, { headers: { A: 'b' } })).toMatchObject({ authorization: `Basic ${btoa('user:secret')}` });
  });
});

describe('proxyFromEnvironment', () => {
  it('is false, and true or false', () => {
    const target = connection();
    expect(target.proxyFromEnvironment).toBe(false);
    target.proxyFromEnvironment = true;
    expect(target.proxyFromEnvironment).toBe(true);
  });

  it.each([null, undefined, 1, 'true', {}])('%j is refused', (proxyFromEnvironment) => {
    expect(refusal({ proxyFromEnvironment }).message).toMatch(/^proxyFromEnvironment must be true or false, not /);
  });
});

describe('the properties', () => {
  it('are off by default, keep what was set, and can be switched off again', () => {
    const target = connection();
    const values = {
      proxyHttp: 'http://u:p@h:1',
      proxyAuthorization: 'x',
      proxySocks5Username: 'u',
      proxySocks5Password: 'p',
    };
    expect(SETTINGS.map((name) => target[name])).toEqual(Array(5).fill(undefined));
    Object.assign(target, values);
    expect(target).toMatchObject(values);
    target.proxyHttp = undefined;
    target.proxySocks5 = 'h:1';
    expect(SETTINGS.map((name) => target[name])).toEqual([undefined, 'h:1', 'x', 'u', 'p']);
    for (const name of SETTINGS) target[name] = undefined;
    expect(SETTINGS.map((name) => target[name])).toEqual(Array(5).fill(undefined));
  });

  it.each(SETTINGS.flatMap((name) => [null, 5, true, {}, []].map((value) => [name, value] as const)))(
    '%s = %j throws a TypeError that names it',
    (name, value) => {
      expect(refusal({ [name]: value }).message).toMatch(new RegExp(`^${name} must be `));
    },
  );

  it('there is one proxy: the second is refused, whichever it is, and the first stays', () => {
    const target = connection();
    target.proxyHttp = 'h:1';
    expect(() => Object.assign(target, { proxySocks5: 'h:2' })).toThrow(/^proxySocks5: one proxy is set already/);
    target.proxySocks5 = undefined;
    expect([target.proxyHttp, target.proxySocks5]).toEqual(['h:1', undefined]);
    target.proxyHttp = undefined;
    target.proxySocks5 = 'h:2';
    expect(() => Object.assign(target, { proxyHttp: 'h:1' })).toThrow(/^proxyHttp: one proxy is set already/);
    target.proxyHttp = undefined;
    expect([target.proxyHttp, target.proxySocks5]).toEqual([undefined, 'h:2']);
  });
});
