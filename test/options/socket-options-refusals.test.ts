// What the second argument of the constructor must not say, and in which sentence it is told: every name that is unknown, every
// value that is wrong, every two that contradict each other.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConnectionOptions, socketOptions } from '../../src/options/socket-options';

const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';

/** What a plain program, without types, may hand over. */
const untyped = (options: unknown) => () => socketOptions(options as ConnectionOptions);

describe('what is refused', () => {
  it.each<[string, unknown, string]>([
    ['null', null, 'options must be an object, not null.'],
    ['a list', [], 'options must be an object, not an array.'],
    ['a function', () => {}, 'options must be an object, not a value of type function.'],
    [
      'ALPNProtocols',
      { ALPNProtocols: ['h2'] },
      'options has no ALPNProtocols: ALPN is always http/1.1, which the opening handshake is made of (RFC 6455 §4.1).',
    ],
    ['ssl.ALPNProtocols', { ssl: { ALPNProtocols: ['h2'] } }, 'options.ssl has no ALPNProtocols: ALPN is always'],
    ['a name from nowhere', { rejectUnauthorised: false }, 'options has no rejectUnauthorised.'],
    ['a name of Object.prototype', JSON.parse('{"constructor":1}'), 'options has no constructor.'],
    ['__proto__', JSON.parse('{"ssl":{"__proto__":1}}'), 'options.ssl has no __proto__.'],
    ['what is ours alone', { verification: { chain: 'any' } }, 'options has no verification.'],
    ['files', { files: {} }, 'options has no files.'],
    ["PHP's name at the top", { verify_peer: false }, 'options has no verify_peer: it belongs into options.ssl.'],
    ['bindto at the top', { bindto: '0:0' }, 'options has no bindto: it belongs into options.socket.'],
    ["TLS's name in socket", { socket: { ca: PEM } }, 'options.socket has no ca.'],
    ['host', { host: 'example.test' }, 'options has no host: the URL says it.'],
    ['headers', { headers: {} }, 'options has no headers: use the property headers.'],
    ['heders', { heders: {} }, 'options has no heders. Did you mean headers?'],
    ['reconnect', { reconnect: true }, 'options has no reconnect: use the property reconnectPolicy.'],
    [
      'pingInterval',
      { pingInterval: 9 },
      'options has no pingInterval: use the property websocketPingInterval, in seconds.',
    ],
    ['onOpen', { onOpen: () => {} }, 'options has no onOpen: use the callback onWebSocketConnect.'],
    ['agent', { agent: {} }, 'options has no agent: for proxies there are the properties proxyHttp and proxySocks5.'],
    [
      'secureProtocol',
      { secureProtocol: 'TLSv1_method' },
      'options has no secureProtocol: use minVersion and maxVersion.',
    ],
    [
      'ssl.crypto_method',
      { ssl: { crypto_method: 9 } },
      'options.ssl has no crypto_method: use minVersion and maxVersion.',
    ],
    [
      'ssl.capture_peer_cert',
      { ssl: { capture_peer_cert: true } },
      'options.ssl has no capture_peer_cert: checkServerIdentity is called with the certificate.',
    ],
    [
      'ssl.disable_compression',
      { ssl: { disable_compression: true } },
      'options.ssl has no disable_compression: TLS is never compressed.',
    ],
    [
      'ssl.capath',
      { ssl: { capath: '/etc/ssl' } },
      'options.ssl has no capath: use cafile, or ca with the certificates.',
    ],
    ['socket.tcp_nodelay', { socket: { tcp_nodelay: true } }, 'options.socket has no tcp_nodelay: use noDelay.'],
    [
      'keepAliveInitialDelay',
      { keepAlive: 5, keepAliveInitialDelay: 5000 },
      'options has no keepAliveInitialDelay: use keepAlive, which is the seconds until the first probe.',
    ],
    [
      'keepAlive as Node has it',
      { keepAlive: true },
      'options.keepAlive must be false, or a whole number from 1 to 32767 seconds until the first probe, not a value of type boolean.',
    ],
    [
      'keepAlive, a text',
      { keepAlive: '5' },
      'options.keepAlive must be false, or a whole number from 1 to 32767 seconds',
    ],
    ['noDelay', { noDelay: 1 }, 'options.noDelay must be true or false, not a value of type number.'],
    [
      'keepAlive twice',
      { keepAlive: 5, socket: { keepAlive: 6 } },
      'options.keepAlive and options.socket.keepAlive contradict each other; give one of them.',
    ],
    ['ssl, a list', { ssl: [] }, 'options.ssl must be an object, not an array.'],
    ['socket, null', { socket: null }, 'options.socket must be an object, not null.'],
    [
      'checkServerIdentity',
      { checkServerIdentity: true },
      'options.checkServerIdentity must be a function, not a value of type boolean.',
    ],
    ['lookup', { lookup: '127.0.0.1' }, 'options.lookup must be a function.'],
    ['ca', { ca: 1 }, 'options.ca must be PEM text or bytes, or a list of them, not a value of type number.'],
    ['an empty list of ca', { ca: [] }, 'options.ca must be PEM text or bytes, or a list of them, not an array.'],
    ['key', { key: [null] }, 'options.key must be PEM text or bytes, or a list of keys, not an array.'],
    [
      'servername, an address',
      { servername: '10.0.0.1' },
      'options.servername must be a host name and no address (RFC 6066 §3), or empty for none.',
    ],
    [
      'rejectUnauthorized',
      { rejectUnauthorized: 0 },
      'options.rejectUnauthorized must be true or false, not a value of type number.',
    ],
    [
      'passphrase, without telling it',
      { ssl: { passphrase: 12345 } },
      'options.ssl.passphrase must be a string, not a value of type number.',
    ],
    ['localAddress', { localAddress: 'localhost' }, 'options.localAddress must be an IP address.'],
    ['signal', { signal: new AbortController() }, 'options.signal must be an AbortSignal, not a value of type object.'],
    ['proxyTls', { proxyTls: { lookup: () => {} } }, 'options.proxyTls has no lookup.'],
    ['a part of proxyTls', { proxyTls: { ca: 1 } }, 'options.proxyTls.ca must be PEM'],
    [
      'ssl.cafile',
      { ssl: { cafile: Buffer.from(PEM) } },
      'options.ssl.cafile must be a string with text, not a value of type object.',
    ],
    ['ssl.verify_peer', { ssl: { verify_peer: 'false' } }, 'options.ssl.verify_peer must be true or false.'],
    ['ssl.peer_name', { ssl: { peer_name: '' } }, 'options.ssl.peer_name must be a string with text.'],
    [
      'ssl.peer_fingerprint, MD5',
      { ssl: { peer_fingerprint: { md5: 'a'.repeat(32) } } },
      'options.ssl.peer_fingerprint takes sha256, sha1 or sha512, and no md5.',
    ],
    [
      'ssl.peer_fingerprint, too short',
      { ssl: { peer_fingerprint: 'a'.repeat(32) } },
      'options.ssl.peer_fingerprint: a fingerprint of sha256 has 64 hexadecimal digits.',
    ],
    [
      'ssl.peer_fingerprint, no digits',
      { ssl: { peer_fingerprint: { sha1: 'g'.repeat(40) } } },
      'options.ssl.peer_fingerprint: a fingerprint of sha1 has 40',
    ],
    [
      'ssl.peer_fingerprint, none',
      { ssl: { peer_fingerprint: {} } },
      'options.ssl.peer_fingerprint has no fingerprint in it.',
    ],
    [
      'ssl.peer_fingerprint, a number',
      { ssl: { peer_fingerprint: 1 } },
      'options.ssl.peer_fingerprint must be a string or an object, not a value of type number.',
    ],
    [
      'ssl.peer_fingerprint, a part',
      { ssl: { peer_fingerprint: { sha1: 1 } } },
      'options.ssl.peer_fingerprint: sha1 must be a string, not a value of type number.',
    ],
  ])('%s', (_, options, sentence) => {
    expect(untyped(options)).toThrow(TypeError);
    expect(untyped(options)).toThrow(sentence);
  });

  it.each<[string, unknown, string]>([
    ['family', { family: 5 }, 'options.family must be 0, 4 or 6; it is 5.'],
    ['localPort', { localPort: 65_536 }, 'options.localPort must be a whole number from 0 to 65535; it is 65536.'],
    ['a time-out', { autoSelectFamilyAttemptTimeout: 0.5 }, 'milliseconds, as in Node; it is 0.5.'],
    [
      'keepAlive in milliseconds',
      { keepAlive: 60_000 },
      'options.keepAlive must be false, or a whole number from 1 to 32767 seconds until the first probe; it is 60000.',
    ],
    ['keepAlive of nothing', { keepAlive: 0 }, 'seconds until the first probe; it is 0.'],
    ['a part of a second', { socket: { keepAlive: 0.5 } }, 'seconds until the first probe; it is 0.5.'],
    ['hints', { socket: { hints: -1 } }, 'options.socket.hints must be a whole number of at least 0; it is -1.'],
  ])('a number out of range: %s', (_, options, sentence) => {
    expect(untyped(options)).toThrow(RangeError);
    expect(untyped(options)).toThrow(sentence);
  });
});

describe('two names for the same thing', () => {
  it.each<[string, ConnectionOptions, string, string]>([
    ['certificates', { ca: PEM, ssl: { cafile: '/a.pem' } }, 'options.ca', 'options.ssl.cafile'],
    ['the same name twice', { ca: PEM, ssl: { ca: `${PEM}${PEM}` } }, 'options.ca', 'options.ssl.ca'],
    ['keys', { ssl: { local_pk: 'a', key: 'a' } }, 'options.ssl.local_pk', 'options.ssl.key'],
    ['passphrases', { passphrase: 'one', ssl: { passphrase: 'two' } }, 'options.passphrase', 'options.ssl.passphrase'],
    [
      'addresses',
      { localAddress: '10.0.0.1', socket: { bindto: '10.0.0.2:0' } },
      'options.localAddress',
      'options.socket.bindto',
    ],
    ['ports', { localPort: 1, socket: { bindto: '0:2' } }, 'options.localPort', 'options.socket.bindto'],
    [
      'server names',
      { servername: 'a.test', ssl: { peer_name: 'b.test' } },
      'options.servername',
      'options.ssl.peer_name',
    ],
    [
      'a server name, and an address',
      { servername: 'a.test', ssl: { peer_name: '10.0.0.1' } },
      'options.servername',
      'options.ssl.peer_name',
    ],
    [
      'a server name, and none',
      { ssl: { SNI_enabled: false, servername: 'a.test' } },
      'options.ssl.servername',
      'options.ssl.SNI_enabled',
    ],
    [
      'verification on and off',
      { rejectUnauthorized: true, ssl: { verify_peer: false } },
      'options.rejectUnauthorized',
      'options.ssl.verify_peer',
    ],
    [
      'verification off and on',
      { rejectUnauthorized: false, ssl: { verify_peer: true } },
      'options.rejectUnauthorized',
      'options.ssl.verify_peer',
    ],
    [
      'names, off and on',
      { rejectUnauthorized: false, ssl: { verify_peer_name: true } },
      'options.rejectUnauthorized',
      'options.ssl.verify_peer_name',
    ],
    [
      'a check of names, and none',
      { checkServerIdentity: () => undefined, ssl: { verify_peer_name: false } },
      'options.checkServerIdentity',
      'options.ssl.verify_peer_name',
    ],
  ])('%s', (_, options, one, other) => {
    expect(() => socketOptions(options)).toThrow(TypeError);
    expect(() => socketOptions(options)).toThrow(`${one} and ${other} contradict each other; give one of them.`);
  });

  it.each<[string, ConnectionOptions, unknown]>([
    ['certificates', { ca: PEM, ssl: { cafile: PEM } }, { ca: PEM }],
    [
      'addresses',
      { localAddress: '::1', family: 6, socket: { bindto: '[::1]:0' } },
      { localAddress: '::1', family: 6 },
    ],
    ['server names', { servername: 'a.test', ssl: { peer_name: 'a.test' } }, { servername: 'a.test' }],
    ['no server name', { servername: '', ssl: { SNI_enabled: false } }, { servername: '' }],
    ['verification off', { rejectUnauthorized: false, ssl: { verify_peer: false } }, { rejectUnauthorized: false }],
    ['verification on', { rejectUnauthorized: true, ssl: { verify_peer: true } }, { rejectUnauthorized: true }],
  ])('may say the same: %s', (_, options, expected) => {
    expect(socketOptions(options)).toEqual(expected);
  });

  it('a secureContext holds the others already', () => {
    const options: ConnectionOptions = { secureContext: { context: {} }, ssl: { cafile: '/a.pem' } };
    expect(() => socketOptions(options)).toThrow(
      'options.ssl.cafile has no effect beside options.secureContext, which holds it already.',
    );
  });
});

it('names every option of the argument in its errors, and no value', () => {
  const name = fc.constantFrom('passphrase', 'servername', 'ciphers', 'key', 'lookup', 'signal', 'ssl', 'secret-name');
  fc.assert(
    fc.property(
      name,
      fc.oneof(fc.constant('s3cr3t'), fc.constant(['s3cr3t', 1]), fc.constant({ s3cr3t: 's3cr3t' })),
      (name, value) => {
        try {
          socketOptions({ [name]: value } as ConnectionOptions);
        } catch (error) {
          expect((error as Error).message).toContain(name);
          if (name !== 'ssl') expect((error as Error).message).not.toContain('s3cr3t');
        }
      },
    ),
  );
});
