// SOCKS5 as bytes (RFC 1928, RFC 1929): what is sent, and the verdict on answers cut anywhere, of any address, and wrong.

import { describe, expect, it } from 'vitest';
import { addressBytes } from '../../../src/base/address-bytes';
import { ProxyError } from '../../../src/transport/proxy/negotiation';
import { Socks5 } from '../../../src/transport/proxy/socks5';

const utf8 = new TextEncoder();
const CREDENTIALS = { username: utf8.encode('ü'), password: utf8.encode('hush') };
const TARGET = { hostname: 'a.example', port: 0x1234 };
const REQUEST = [5, 1, 0, 3, 9, ...utf8.encode('a.example'), 0x12, 0x34];

const NO_METHOD = [5, 0];
const PASSWORD_METHOD = [5, 2];
const ACCEPTED = [1, 0];
const OPEN = [5, 0, 0, 1, 127, 0, 0, 1, 0x1f, 0x90];

type Chunk = readonly number[];

/** Reads chunk by chunk; the verdicts, bytes as lists. */
function verdicts(socks: Socks5, ...chunks: Chunk[]): unknown[] {
  return chunks.map((chunk) => {
    const verdict = socks.read(Uint8Array.from(chunk), chunk.length);
    return verdict instanceof Uint8Array ? [...verdict] : verdict;
  });
}

/** The verdict on the last of these chunks. */
const verdict = (socks: Socks5, ...chunks: Chunk[]): unknown => verdicts(socks, ...chunks).at(-1);
const open = (): Socks5 => new Socks5(TARGET, undefined);
const withPassword = (): Socks5 => new Socks5(TARGET, CREDENTIALS);

describe('what is sent', () => {
  it('offers to go without authentication, and a user name and password only where there are some', () => {
    expect([...open().request]).toEqual([5, 1, 0]);
    expect([...withPassword().request]).toEqual([5, 2, 0, 2]);
  });

  it.each([
    ['an IPv4 address', '192.0.2.1', [1, 192, 0, 2, 1]],
    ['an IPv6 address', '2001:db8::ff00:42', [4, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0, 0, 0x42]],
    ['a name', 'x.example', [3, 9, ...utf8.encode('x.example')]],
    ['a name of digits and dots that is no address', '1.2.3.example', [3, 13, ...utf8.encode('1.2.3.example')]],
    ['the longest name', 'n'.repeat(255), [3, 255, ...utf8.encode('n'.repeat(255))]],
  ])('asks for %s as such, with the port', (_, hostname, address) => {
    expect(verdict(new Socks5({ hostname, port: 65_535 }, undefined), NO_METHOD)).toEqual([
      5,
      1,
      0,
      ...address,
      255,
      255,
    ]);
  });

  it('has no room for a longer name, and says so', () => {
    expect(() => new Socks5({ hostname: 'n'.repeat(256), port: 1 }, undefined)).toThrow(
      /256 bytes.*255 \(RFC 1928 §5\)/,
    );
  });

  it('answers the method of RFC 1929 with user name and password, and what follows with the request', () => {
    const sent = [1, 2, 0xc3, 0xbc, 4, ...utf8.encode('hush')];
    expect(verdicts(withPassword(), PASSWORD_METHOD, ACCEPTED, OPEN)).toEqual([sent, REQUEST, 'open']);
  });

  it('does not tell user name and password to a proxy that does not want them', () => {
    expect(verdicts(withPassword(), NO_METHOD, OPEN)).toEqual([REQUEST, 'open']);
  });
});

describe('addresses as bytes', () => {
  it.each([
    '::',
    '::1',
    '1::',
    '1:2:3:4:5:6:7:8',
    '2001:db8::1:0:0:1',
    'fe80::dead:beef',
    '::ffff:7f00:1',
    '1:0:0:4::8',
  ])('%s is 16 bytes that read the same again', (address) => {
    const bytes = addressBytes(address)!;
    expect(bytes).toHaveLength(16);
    const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16));
    expect(new URL(`ws://[${groups.join(':')}]`).hostname).toBe(new URL(`ws://[${address}]`).hostname);
  });

  it('a name is none', () => {
    expect(['example', '1.2.3', '1.2.3.4.5', 'a1.2.3.4', '1.2.3.4a'].map(addressBytes)).toEqual(
      Array(5).fill(undefined),
    );
  });
});

describe('the answers', () => {
  const ADDRESSES: readonly [name: string, bytes: Chunk][] = [
    ['an IPv4 address', [1, 127, 0, 0, 1]],
    ['an IPv6 address', [4, ...Array(16).fill(0xfe)]],
    ['a name', [3, 4, ...utf8.encode('here')]],
    ['an empty name', [3, 0]],
    ['the longest name', [3, 255, ...Array(255).fill(0x6e)]],
  ];
  it.each(ADDRESSES)('with %s open the tunnel at every split, and what is behind is not taken', (_, address) => {
    const reply = [5, 0, 0, ...address, 0x1f, 0x90];
    for (let cut = 1; cut < reply.length; cut += 1) {
      const socks = open();
      const rest = [...reply.slice(cut), 0x48, 0x54];
      expect(verdicts(socks, [5], [0], reply.slice(0, cut), rest)).toEqual(['more', REQUEST, 'more', 'open']);
      expect(socks.taken).toBe(rest.length - 2);
    }
  });

  it('may come byte by byte, with user name and password too', () => {
    const bytes = [...PASSWORD_METHOD, ...ACCEPTED, ...OPEN].map((byte) => [byte]);
    const told = verdicts(withPassword(), ...bytes);
    expect(told.filter((one) => one !== 'more')).toEqual([
      [1, 2, 0xc3, 0xbc, 4, ...utf8.encode('hush')],
      REQUEST,
      'open',
    ]);
    expect(told.at(-1)).toBe('open');
  });

  it.each([
    [1, /general SOCKS server failure/],
    [2, /its rules do not allow/],
    [3, /network cannot be reached/],
    [4, /host cannot be reached/],
    [5, /target refused/],
    [6, /TTL expired/],
    [7, /command CONNECT/],
    [8, /type of address/],
    [9, /RFC 1928 does not know, 0x09/],
    [255, /RFC 1928 does not know, 0xff/],
  ])('with the reply %i are a refusal by the second byte, in a sentence of its own', (reply, says) => {
    const error = verdict(open(), NO_METHOD, [5], [reply]);
    expect(error).toBeInstanceOf(ProxyError);
    expect(error).toMatchObject({ code: 'WS_ERR_PROXY_REFUSED', reply, response: undefined, body: '' });
    expect(`${error}`).toMatch(says);
  });

  it.each([
    ['no method, though one was offered', open, [[5, 0xff]], 'WS_ERR_PROXY_REFUSED', /without authentication \(/],
    [
      'no method, though both were',
      withPassword,
      [[5, 0xff]],
      'WS_ERR_PROXY_REFUSED',
      /, nor a user name and a password/,
    ],
    [
      'a wrong password',
      withPassword,
      [PASSWORD_METHOD, [1, 1]],
      'WS_ERR_PROXY_REFUSED',
      /does not accept the user name/,
    ],
    ['any other failure of it', withPassword, [PASSWORD_METHOD, [1, 255]], 'WS_ERR_PROXY_REFUSED', /RFC 1929/],
    ['a password nobody has', open, [PASSWORD_METHOD], 'WS_ERR_PROXY_SYNTAX', /method 0x02, which was not offered/],
    ['GSSAPI', withPassword, [[5, 1]], 'WS_ERR_PROXY_SYNTAX', /method 0x01/],
    ['SOCKS4', open, [[0]], 'WS_ERR_PROXY_SYNTAX', /0x00, not 0x05/],
    ['HTTP', open, [[0x48]], 'WS_ERR_PROXY_SYNTAX', /0x48, not 0x05/],
    ['a wrong version of RFC 1929', withPassword, [PASSWORD_METHOD, [5]], 'WS_ERR_PROXY_SYNTAX', /0x05, not 0x01/],
    ['a wrong version of the reply', open, [NO_METHOD, [1]], 'WS_ERR_PROXY_SYNTAX', /0x01, not 0x05/],
    ['an unknown type of address', open, [NO_METHOD, [5, 0, 0, 2]], 'WS_ERR_PROXY_SYNTAX', /type 0x02/],
    ['a reply before its request', open, [[...NO_METHOD, ...OPEN]], 'WS_ERR_PROXY_SYNTAX', /nothing asked for/],
    ['one behind the password', withPassword, [PASSWORD_METHOD, [1, 0, 5]], 'WS_ERR_PROXY_SYNTAX', /nothing asked for/],
  ] as [string, () => Socks5, Chunk[], string, RegExp][])(
    '%s is an error that says so',
    (_, socks, chunks, code, says) => {
      const error = verdict(socks(), ...chunks);
      expect(error).toMatchObject({ code });
      expect(`${error}`).toMatch(says);
      expect(`${error}`).not.toContain('hush');
    },
  );

  it('that end early are an end, with the reason if there is one', () => {
    const socks = open();
    verdicts(socks, NO_METHOD, OPEN.slice(0, 7));
    expect(socks.verdictAtEnd()).toMatchObject({ code: 'WS_ERR_PROXY_ENDED', detail: undefined });
    expect(socks.verdictAtEnd()).not.toHaveProperty('cause');
    const cause = new Error('reset by peer');
    expect(socks.verdictAtEnd(cause)).toMatchObject({ detail: 'reset by peer', cause });
  });

  it('looks at no more of a chunk than it is told to', () => {
    const socks = open();
    expect(socks.read(Uint8Array.of(5, 0, 9), 2)).toBeInstanceOf(Uint8Array);
    expect(socks.taken).toBe(2);
  });
});
