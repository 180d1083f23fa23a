// Whom the options believe, over real TLS: each server has a certificate of its own, and each row says whether the pipe comes
// up, or with which reason it does not. What names mean is in options/socket-options.test.ts.

import type { Certificate } from 'mkcert';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { ConnectionOptions } from '../../src/options/socket-options';
import { selfSigned } from '../support/self-signed';
import {
  certificates,
  dial,
  digest,
  EXPIRED,
  NAME,
  NOT_TRUSTED,
  not,
  tlsServer,
  UP,
  WRONG_NAME,
} from '../support/verdicts';

let ca: string;
let good: Certificate;
let other: Certificate;
let expired: Certificate;
let inChain: Certificate;

beforeAll(async () => {
  ({ ca, good, other, expired, inChain } = await certificates());
});

type Show = () => Certificate;

describe('the certificate', () => {
  const self: Show = () => selfSigned([NAME]);
  const selfOfOther: Show = () => selfSigned(['other.test']);
  const selfExpired: Show = () => selfSigned([NAME], -1);
  const ROWS: [string, Show, () => ConnectionOptions, RegExp][] = [
    ['is believed with its authority, cafile', () => good, () => ({ ssl: { cafile: ca } }), UP],
    ['is not believed without', () => good, () => ({}), NOT_TRUSTED],
    ['is not believed with PHP defaults', () => good, () => ({ ssl: { verify_peer: true } }), NOT_TRUSTED],
    ['may be of nobody with verify_peer: false', () => good, () => ({ ssl: { verify_peer: false } }), UP],
    ['verify_peer: false still checks the name', () => other, () => ({ ssl: { verify_peer: false } }), WRONG_NAME],
    ['verify_peer: false takes an expired one', () => expired, () => ({ ssl: { verify_peer: false } }), UP],
    ['verify_peer_name: false takes another name', () => other, () => ({ ca, ssl: { verify_peer_name: false } }), UP],
    [
      'verify_peer_name: false keeps the chain check',
      () => other,
      () => ({ ssl: { verify_peer_name: false } }),
      NOT_TRUSTED,
    ],
    [
      'verify_peer_name: false keeps the dates',
      () => expired,
      () => ({ ca, ssl: { verify_peer_name: false } }),
      EXPIRED,
    ],
    ['both false take anything', selfExpired, () => ({ ssl: { verify_peer: false, verify_peer_name: false } }), UP],
    ['rejectUnauthorized: false takes anything', selfOfOther, () => ({ rejectUnauthorized: false }), UP],
    ['that signed itself is refused by default', self, () => ({}), NOT_TRUSTED],
    ['allow_self_signed: it may have signed itself', self, () => ({ ssl: { allow_self_signed: true } }), UP],
    ['allow_self_signed: in its chain, too', () => inChain, () => ({ ssl: { allow_self_signed: true } }), UP],
    [
      'allow_self_signed: one of an authority is fine',
      () => good,
      () => ({ ca, ssl: { allow_self_signed: true } }),
      UP,
    ],
    [
      'allow_self_signed: not without the authority',
      () => good,
      () => ({ ssl: { allow_self_signed: true } }),
      NOT_TRUSTED,
    ],
    ['allow_self_signed: the name is checked', selfOfOther, () => ({ ssl: { allow_self_signed: true } }), WRONG_NAME],
    ['allow_self_signed: so are the dates', selfExpired, () => ({ ssl: { allow_self_signed: true } }), EXPIRED],
    [
      'allow_self_signed for anybody',
      selfOfOther,
      () => ({ ssl: { allow_self_signed: true, verify_peer_name: false } }),
      UP,
    ],
    ['peer_name replaces the URL in it', () => other, () => ({ ca, ssl: { peer_name: 'other.test' } }), UP],
    ['peer_name may be an address', () => other, () => ({ ca, ssl: { peer_name: '10.0.0.1' } }), UP],
    [
      'peer_name, an address, is checked',
      () => other,
      () => ({ ca, ssl: { peer_name: '10.0.0.2' } }),
      not(/10\.0\.0\.2/),
    ],
    ['peer_name is checked', () => good, () => ({ ca, ssl: { peer_name: 'other.test' } }), WRONG_NAME],
    [
      'peer_name is checked without SNI',
      () => good,
      () => ({ ca, ssl: { peer_name: 'other.test', SNI_enabled: false } }),
      WRONG_NAME,
    ],
    [
      'the name of the URL is checked without SNI',
      () => other,
      () => ({ ca, ssl: { SNI_enabled: false } }),
      WRONG_NAME,
    ],
  ];
  it.each(ROWS)('%s', async (_, show, options, expected) => {
    const { port } = await tlsServer(show());
    expect(await dial(port, options())).toMatch(expected);
  });
});

describe('peer_fingerprint', () => {
  it.each(['fingerprint', 'fingerprint256'] as const)('lets the right one in, by its length: %s', async (name) => {
    const { port } = await tlsServer(good);
    expect(await dial(port, { ca, ssl: { peer_fingerprint: digest(good, name) } })).toMatch(UP);
  });

  it('lets nobody else in, whoever signed', async () => {
    const { port } = await tlsServer(good);
    const told = await dial(port, { ca, ssl: { peer_fingerprint: digest(other, 'fingerprint256') } });
    const found = digest(good, 'fingerprint256').replaceAll(':', '').toLowerCase();
    expect(told).toMatch(not(new RegExp(`the sha256 fingerprint of the certificate is ${found}`)));
  });

  it.each<[string, ConnectionOptions]>([
    ['rejectUnauthorized: false', { rejectUnauthorized: false }],
    ['verify_peer and verify_peer_name: false', { ssl: { verify_peer: false, verify_peer_name: false } }],
    ['allow_self_signed', { ssl: { allow_self_signed: true } }],
  ])('holds with %s', async (_, options) => {
    const certificate = selfSigned([NAME]);
    const { port } = await tlsServer(certificate);
    const pinned = (pin: string) => ({ ...options, ssl: { ...options.ssl, peer_fingerprint: pin } });
    expect(await dial(port, pinned(digest(certificate, 'fingerprint256')))).toMatch(UP);
    expect(await dial(port, pinned(digest(good, 'fingerprint256')))).toMatch(not(/fingerprint/));
  });

  it('is no replacement for trust', async () => {
    const { port } = await tlsServer(good);
    expect(await dial(port, { ssl: { peer_fingerprint: digest(good, 'fingerprint256') } })).toMatch(NOT_TRUSTED);
  });

  it('has to be right in every digest that is given', async () => {
    const { port } = await tlsServer(good);
    const right = { sha256: digest(good, 'fingerprint256'), sha512: digest(good, 'fingerprint512') };
    expect(await dial(port, { ca, ssl: { peer_fingerprint: right } })).toMatch(UP);
    const wrong = { ...right, sha1: digest(other, 'fingerprint') };
    expect(await dial(port, { ca, ssl: { peer_fingerprint: wrong } })).toMatch(not(/the sha1 fingerprint/));
  });
});

describe('checkServerIdentity', () => {
  it('is asked about the name that PHP says, and its answer holds', async () => {
    const { port } = await tlsServer(other);
    const checkServerIdentity = vi.fn<NonNullable<ConnectionOptions['checkServerIdentity']>>(() => undefined);
    expect(await dial(port, { ca, checkServerIdentity, ssl: { peer_name: '10.9.9.9' } })).toMatch(UP);
    expect(checkServerIdentity.mock.calls.map(([name, { subjectaltname }]) => [name, subjectaltname])).toEqual([
      ['10.9.9.9', expect.stringContaining('other.test')],
    ]);
    checkServerIdentity.mockReturnValue(new Error('not my server'));
    expect(await dial(port, { ca, checkServerIdentity, ssl: { peer_name: '10.9.9.9' } })).toMatch(not(/not my server/));
  });

  it.each<[string, ConnectionOptions['ssl']]>([
    ['by itself', {}],
    ['beside allow_self_signed', { allow_self_signed: true }],
  ])('is refused by what it throws, %s', async (_, ssl) => {
    const { port } = await tlsServer(good);
    const checkServerIdentity = () => {
      throw new Error('thrown');
    };
    expect(await dial(port, { ca, checkServerIdentity, ssl })).toMatch(not(/thrown/));
  });
});

it.each<[string, ConnectionOptions['ssl'], string | false]>([
  ['the name of the URL by default', {}, NAME],
  ['peer_name', { peer_name: 'a.test', verify_peer_name: false }, 'a.test'],
  ['nothing for an address', { peer_name: '10.0.0.1', verify_peer_name: false }, false],
  ['nothing with SNI_enabled: false', { SNI_enabled: false }, false],
])('SNI has %s', async (_, ssl, name) => {
  const { port, names } = await tlsServer(good);
  expect(await dial(port, { ca, ssl })).toMatch(UP);
  expect(names).toEqual([name]);
});
