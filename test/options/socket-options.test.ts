// What the second argument of the constructor may say, and what it becomes: Node's names and Workerman's contexts. Nothing is
// dialled here.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConnectionOptions, socketOptions } from '../../src/options/socket-options';

const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const SHA256 = 'a1'.repeat(32);
const SHA1 = 'B2'.repeat(20);

/** What a plain program, without types, may hand over. */
const untyped = (options: unknown) => () => socketOptions(options as ConnectionOptions);

describe("Node's own names are handed on as they are", () => {
  const lookup: ConnectionOptions['lookup'] = (_, __, callback) => callback(null, '127.0.0.1', 4);
  const { signal } = new AbortController();
  const transport: ConnectionOptions['transport'] = () => {
    throw new Error('not called');
  };
  const ROWS: Required<Omit<ConnectionOptions, 'ssl' | 'socket' | 'secureContext'>> = {
    family: 6,
    transport,
    hints: 0,
    lookup,
    localAddress: '::1',
    localPort: 7000,
    autoSelectFamily: false,
    autoSelectFamilyAttemptTimeout: 250,
    keepAlive: 60,
    noDelay: false,
    ca: [PEM, Buffer.from(PEM)],
    cert: PEM,
    key: [{ pem: PEM, passphrase: 'secret' }] as never,
    pfx: Buffer.from('pfx'),
    crl: [PEM],
    passphrase: '',
    servername: 'example.test',
    rejectUnauthorized: true,
    checkServerIdentity: () => undefined,
    ciphers: 'HIGH',
    sigalgs: 'ed25519',
    ecdhCurve: 'X25519',
    minDHSize: 2048,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    secureOptions: 4,
    session: Buffer.from('session'),
    pskCallback: () => null,
    signal,
    proxyTls: { ca: PEM, checkServerIdentity: () => undefined },
  };
  it.each(Object.entries(ROWS))('%s', (name, value) => {
    const options = socketOptions({ family: 6, [name]: value }) as Record<string, unknown>;
    if (name === 'proxyTls') expect(options[name]).toEqual(value);
    else expect(options[name]).toBe(value);
  });

  it('all of them together', () => {
    expect(socketOptions(ROWS)).toEqual(ROWS);
  });

  it('secureContext', () => {
    const secureContext = { context: {} };
    expect(socketOptions({ secureContext }).secureContext).toBe(secureContext);
  });

  it('in the contexts, too', () => {
    expect(socketOptions({ socket: { family: 4, lookup }, ssl: { ca: PEM, servername: 'a.test' } })).toEqual({
      family: 4,
      lookup,
      ca: PEM,
      servername: 'a.test',
    });
  });

  it('undefined is nothing, wherever it stands', () => {
    const options = {
      ca: undefined,
      nonsense: undefined,
      socket: { bindto: undefined },
      ssl: { verify_peer: undefined },
    };
    expect(Object.keys(socketOptions(options as ConnectionOptions))).toEqual([]);
    expect(socketOptions({ socket: undefined, ssl: undefined })).toEqual({});
  });
});

describe('socket.bindto', () => {
  it.each([
    ['192.168.0.1:0', { localAddress: '192.168.0.1', family: 4 }],
    ['192.168.0.1:7000', { localAddress: '192.168.0.1', localPort: 7000, family: 4 }],
    ['192.168.0.1', { localAddress: '192.168.0.1', family: 4 }],
    ['[::1]:0', { localAddress: '::1', family: 6 }],
    ['[2001:db8::1]:7000', { localAddress: '2001:db8::1', localPort: 7000, family: 6 }],
    ['[::1]', { localAddress: '::1', family: 6 }],
    ['::1', { localAddress: '::1', family: 6 }],
    ['fe80::1%eth0', { localAddress: 'fe80::1%eth0', family: 6 }],
    ['0.0.0.0:0', { localAddress: '0.0.0.0', family: 4 }],
    ['0:7000', { localPort: 7000 }],
    ['0:0', {}],
  ])('%s', (bindto, expected) => {
    expect(socketOptions({ socket: { bindto } })).toEqual(expected);
  });

  it.each([
    'localhost:0',
    ':7000',
    '',
    '1.2.3:0',
    '1.2.3.256:0',
    '1.2.3.4:65536',
    '1.2.3.4:x',
    '[1.2.3.4]:0',
    '[]:0',
    '[::1',
    '::g',
    '[0]:0',
    '1.2.3.4:0:0',
  ])('not "%s"', (bindto) => {
    expect(untyped({ socket: { bindto } })).toThrow(/^options\.socket\.bindto must be /);
  });

  it('any address and port', () => {
    const v4 = fc.ipV4().map((ip) => [ip, ip, 4] as const);
    const v6 = fc.ipV6().map((ip) => [ip, `[${ip}]`, 6] as const);
    fc.assert(
      fc.property(fc.oneof(v4, v6), fc.integer({ min: 1, max: 65_535 }), ([ip, written, family], port) => {
        const bindto = `${written}:${port}`;
        expect(socketOptions({ socket: { bindto } })).toEqual({ localAddress: ip, localPort: port, family });
      }),
    );
  });

  it('a family that is given stays', () => {
    expect(socketOptions({ family: 0, socket: { bindto: '::1' } })).toEqual({ family: 0, localAddress: '::1' });
  });
});

describe("ssl by PHP's names", () => {
  const all = { fingerprints: {} };
  it.each<[string, ConnectionOptions['ssl'], unknown]>([
    ['cafile, a path', { cafile: '/a.pem' }, { files: { ca: { path: '/a.pem', option: 'options.ssl.cafile' } } }],
    ['cafile, a text', { cafile: PEM }, { ca: PEM }],
    ['local_cert with its key, a text', { local_cert: PEM }, { cert: PEM, key: PEM }],
    [
      'local_cert with its key, a path',
      { local_cert: 'c.pem' },
      {
        files: {
          cert: { path: 'c.pem', option: 'options.ssl.local_cert' },
          key: { path: 'c.pem', option: 'options.ssl.local_cert' },
        },
      },
    ],
    [
      'local_cert and local_pk',
      { local_cert: PEM, local_pk: 'k.pem', passphrase: 'secret' },
      { cert: PEM, passphrase: 'secret', files: { key: { path: 'k.pem', option: 'options.ssl.local_pk' } } },
    ],
    ["local_cert, and Node's key", { local_cert: PEM, key: 'key' }, { cert: PEM, key: 'key' }],
    ["Node's cert has no key in it", { cert: PEM }, { cert: PEM }],
    ['ciphers', { ciphers: 'HIGH' }, { ciphers: 'HIGH' }],
    ['peer_name', { peer_name: 'a.test' }, { servername: 'a.test' }],
    [
      'peer_name, an address',
      { peer_name: '10.0.0.1' },
      { servername: '', verification: { chain: 'trusted', name: '10.0.0.1', ...all } },
    ],
    ['SNI_enabled: true', { SNI_enabled: true }, {}],
    ['SNI_enabled: false', { SNI_enabled: false }, { servername: '' }],
    [
      'SNI_enabled: false with peer_name',
      { SNI_enabled: false, peer_name: 'a.test' },
      { servername: '', verification: { chain: 'trusted', name: 'a.test', ...all } },
    ],
    ['verify_peer: true', { verify_peer: true, verify_peer_name: true, allow_self_signed: false }, {}],
    [
      'verify_peer: false still wants the name',
      { verify_peer: false },
      { verification: { chain: 'any', name: undefined, ...all } },
    ],
    [
      'verify_peer_name: false still wants the chain',
      { verify_peer_name: false },
      { verification: { chain: 'trusted', name: false, ...all } },
    ],
    ['neither', { verify_peer: false, verify_peer_name: false }, { rejectUnauthorized: false }],
    [
      'allow_self_signed: true',
      { allow_self_signed: true },
      { verification: { chain: 'self-signed', name: undefined, ...all } },
    ],
    [
      'allow_self_signed for anybody',
      { allow_self_signed: true, verify_peer_name: false },
      { verification: { chain: 'self-signed', name: false, ...all } },
    ],
    [
      'peer_fingerprint, SHA-256 by its length',
      { peer_fingerprint: SHA256 },
      { verification: { chain: 'trusted', name: undefined, fingerprints: { sha256: SHA256 } } },
    ],
    [
      'peer_fingerprint, SHA-1 by its length, with colons',
      { peer_fingerprint: SHA1.replace(/..(?=.)/g, '$&:') },
      { verification: { chain: 'trusted', name: undefined, fingerprints: { sha1: SHA1.toLowerCase() } } },
    ],
    [
      'peer_fingerprint, several by name, with nothing else verified',
      {
        peer_fingerprint: { sha256: SHA256, sha1: SHA1, sha512: undefined },
        verify_peer: false,
        verify_peer_name: false,
      },
      { verification: { chain: 'any', name: false, fingerprints: { sha256: SHA256, sha1: SHA1.toLowerCase() } } },
    ],
  ])('%s', (_, ssl, expected) => {
    expect(socketOptions({ ssl })).toEqual(expected);
  });

  it('rejectUnauthorized: false does not switch off a fingerprint', () => {
    expect(socketOptions({ rejectUnauthorized: false, ssl: { peer_fingerprint: SHA256 } })).toEqual({
      rejectUnauthorized: false,
      verification: { chain: 'any', name: false, fingerprints: { sha256: SHA256 } },
    });
  });
});
