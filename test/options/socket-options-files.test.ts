// Options whose values are in files, and what a proxy gets to see of the options of TLS: the same servers and verdicts as in
// options/socket-options-tls.test.ts.

import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificate } from 'mkcert';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ConnectionOptions } from '../../src/options/socket-options';
import { httpProxy } from '../support/proxy-servers';
import { selfSigned } from '../support/self-signed';
import { certificate } from '../support/servers';
import { certificates, dial, digest, NOT_TRUSTED, not, tlsServer, UP } from '../support/verdicts';

let ca: string;
let good: Certificate;
let other: Certificate;

beforeAll(async () => {
  ({ ca, good, other } = await certificates());
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'wsimd-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

describe('files', () => {
  it('are read at every dial: authority, certificate and key of the client', async () => {
    const { port, shown } = await tlsServer(good, { ca, requestCert: true, rejectUnauthorized: false });
    const path = folder();
    const [cafile, local_cert, local_pk] = ['ca.pem', 'cert.pem', 'key.pem'].map((name) => join(path, name)) as [
      string,
      string,
      string,
    ];
    const options: ConnectionOptions = { ssl: { cafile, local_cert, local_pk } };
    const show = async (certificate: Certificate) => {
      writeFileSync(local_cert, certificate.cert);
      writeFileSync(local_pk, certificate.key);
      expect(await dial(port, options)).toMatch(UP);
    };
    writeFileSync(cafile, ca);
    await show(good);
    await show(other);
    expect(shown).toEqual([good, other].map((certificate) => digest(certificate, 'fingerprint256')));
  });

  it('local_cert may have the key in it, with a passphrase', async () => {
    const { port, shown } = await tlsServer(good, { ca, requestCert: true, rejectUnauthorized: false });
    const local_cert = join(folder(), 'both.pem');
    const key = createPrivateKey(other.key).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'open',
    });
    writeFileSync(local_cert, `${other.cert}\n${key}`);
    expect(await dial(port, { ca, ssl: { local_cert, passphrase: 'open' } })).toMatch(UP);
    expect(shown).toEqual([digest(other, 'fingerprint256')]);
    await expect(dial(port, { ca, ssl: { local_cert, passphrase: 'wrong' } })).rejects.toThrow();
  });

  it('that cannot be read are named', async () => {
    const cafile = join(folder(), 'missing.pem');
    await expect(dial(9, { ssl: { cafile } })).rejects.toThrow(/^options\.ssl\.cafile cannot be read, ENOENT/);
  });

  it('are left alone where there is no TLS', async () => {
    const told = await dial(9, { ssl: { cafile: 'missing.pem' } }, { secure: false });
    expect(told).toMatch(/^WS_ERR_CONNECT /);
  });
});

describe('through a proxy', () => {
  it.each<[string, () => Certificate, () => ConnectionOptions, RegExp]>([
    ['cafile', () => good, () => ({ ssl: { cafile: ca } }), UP],
    ['allow_self_signed', () => selfSigned(['localhost']), () => ({ ssl: { allow_self_signed: true } }), UP],
    ['no allow_self_signed', () => selfSigned(['localhost']), () => ({}), NOT_TRUSTED],
    [
      'peer_fingerprint',
      () => good,
      () => ({ ca, ssl: { peer_fingerprint: digest(other, 'fingerprint256') } }),
      not(/fingerprint/),
    ],
  ])('the server is verified by the same rules: %s', async (_, show, options, expected) => {
    const { port } = await tlsServer(show());
    const proxy = await httpProxy();
    const target = { kind: 'http', secure: false, hostname: '127.0.0.1', port: proxy.port } as const;
    expect(await dial(port, options(), { hostname: 'localhost', proxy: target })).toMatch(expected);
  });

  it('over TLS, it takes the authorities of the file, and nothing else', async () => {
    const { port } = await tlsServer(selfSigned(['localhost']));
    const proxy = await httpProxy(undefined, await certificate());
    const cafile = join(folder(), 'ca.pem');
    writeFileSync(cafile, ca);
    const target = { kind: 'http', secure: true, hostname: '127.0.0.1', port: proxy.port } as const;
    const options = { ssl: { cafile, allow_self_signed: true } };
    expect(await dial(port, options, { hostname: 'localhost', proxy: target })).toMatch(UP);
    const without = await dial(port, { ssl: { allow_self_signed: true } }, { hostname: 'localhost', proxy: target });
    expect(without).toMatch(/^WS_ERR_PROXY_TLS /);
  });
});
