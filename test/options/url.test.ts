// The `url` option: what is taken out of it and what is refused.

import { describe, expect, it } from 'vitest';
import { basicAuthorization, checkUsername, parseUrl } from '../../src/options/url';

function refusal(url: string, name?: string): TypeError {
  try {
    parseUrl(url, name);
  } catch (error) {
    if (error instanceof TypeError) return error;
  }
  throw new Error(`no TypeError for ${url}`);
}

describe('parseUrl', () => {
  it('takes a URL apart', () => {
    expect(parseUrl('wss://user:p%40ss@example.com:8443/chat/room?token=a%20b')).toEqual({
      secure: true,
      hostname: 'example.com',
      port: 8443,
      host: 'example.com:8443',
      path: '/chat/room?token=a%20b',
      href: 'wss://user:p%40ss@example.com:8443/chat/room?token=a%20b',
      username: 'user',
      password: 'p@ss',
    });
  });

  it('takes a URL object', () => {
    expect(parseUrl(new URL('ws://localhost/x')).path).toBe('/x');
  });

  it.each([
    ['ws://example.com', { secure: false, port: 80, host: 'example.com', path: '/' }],
    ['ws://example.com:80', { secure: false, port: 80, host: 'example.com', path: '/' }],
    ['ws://example.com:443', { secure: false, port: 443, host: 'example.com:443', path: '/' }],
    ['wss://example.com', { secure: true, port: 443, host: 'example.com', path: '/' }],
    ['wss://example.com:443/', { secure: true, port: 443, host: 'example.com', path: '/' }],
    ['wss://example.com:80', { secure: true, port: 80, host: 'example.com:80', path: '/' }],
    ['WS://EXAMPLE.com?q', { secure: false, port: 80, host: 'example.com', path: '/?q' }],
  ])('%s: default ports, Host and path', (url, expected) => {
    expect(parseUrl(url)).toMatchObject(expected);
  });

  it('gives an IPv6 address without brackets to dial and with brackets for the Host header', () => {
    expect(parseUrl('ws://[::1]:1234/')).toMatchObject({ hostname: '::1', host: '[::1]:1234', port: 1234 });
    expect(parseUrl('wss://[2001:db8::1]/')).toMatchObject({ hostname: '2001:db8::1', host: '[2001:db8::1]' });
  });

  it('never leaves a line end or a space in host or path', () => {
    const { host, path } = parseUrl('ws://exam\r\nple.com/a b\r\nX: y?c d\n');
    expect(host).toBe('example.com');
    expect(path).toBe('/a%20bX:%20y?c%20d');
  });

  it.each(['http://h', 'https://h', 'websocket://0.0.0.0:2346', 'tcp://h', 'localhost:8080', 'file:///tmp/x'])(
    'refuses %s by its scheme',
    (url) => {
      const scheme = url.slice(0, url.indexOf(':') + 1);
      const meant = url.startsWith('http') ? ` (did you mean ${scheme.replace('http', 'ws')}//?)` : '';
      expect(refusal(url).message).toBe(
        `url has the scheme "${scheme}": this is a client, which connects to URLs that begin with ws:// or wss://${meant}.`,
      );
    },
  );

  it.each(['', '/chat', '127.0.0.1:80', 'ws://', 'ws://:80', 'ws://user@/', 'ws://h:99999', 'ws://a b/'])(
    'refuses %j, which is no absolute URL with a host',
    (url) => {
      expect(refusal(url).message).toMatch(/^url is not an absolute URL with a host: this is a client/);
    },
  );

  it('refuses a fragment, even an empty one, but not an escaped number sign', () => {
    expect(refusal('ws://h/#top').message).toContain('RFC 6455 §3');
    expect(refusal('ws://h/#').message).toContain('fragment');
    expect(parseUrl('ws://h/%23').path).toBe('/%23');
  });

  it.each([
    ['%zz', '%zz'],
    ['100%', '100%'],
    ['%', '%'],
    ['%f', '%f'],
    ['%ff', '%ff'],
    ['%C3%BC%ff%C3', 'ü%ff%C3'],
    ['a%20b%zz', 'a b%zz'],
    ['%F0%9F%98%80%e4%bd%a0', '😀你'],
    ['%C0%80%ED%A0%80%F4%90%80%80', '%C0%80%ED%A0%80%F4%90%80%80'],
  ])('decodes %s of the credentials to %s: what is no percent-encoded UTF-8 goes as it stands', (encoded, text) => {
    expect(parseUrl(`ws://${encoded}@h/`)).toMatchObject({ username: text, password: '' });
    expect(parseUrl(`ws://:${encoded}@h/`)).toMatchObject({ username: '', password: text });
  });

  it('names the option as its caller does, and never repeats the URL', () => {
    const error = refusal('ws://user:secret@h:99999/?token=secret', 'proxyHttp');
    expect(error.message).toMatch(/^proxyHttp is not/);
    expect(String(error.stack) + String(error.cause)).not.toContain('secret@');
  });
});

describe('basicAuthorization', () => {
  it('encodes the example of RFC 7617 §2, and UTF-8', () => {
    expect(basicAuthorization('Aladdin', 'open sesame')).toBe('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==');
    expect(basicAuthorization('test', '123£')).toBe('Basic dGVzdDoxMjPCow==');
  });

  it('takes a user name alone and a password alone, and is none without both', () => {
    expect(basicAuthorization('', 'token')).toBe('Basic OnRva2Vu');
    expect(basicAuthorization('token', '')).toBe('Basic dG9rZW46');
    expect(basicAuthorization('', '')).toBeUndefined();
  });

  it('has a colon of the password; one of the user name can be refused', () => {
    expect(basicAuthorization('a', 'b:c')).toBe('Basic YTpiOmM=');
    expect(() => checkUsername('a:b')).toThrow(TypeError);
  });
});
