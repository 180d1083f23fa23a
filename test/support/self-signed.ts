// Certificates that signed themselves, for any names and dates: a few lines of DER (RFC 5280 §4.1), since the authority of the
// other tests signs for others only.

import { generateKeyPairSync, sign } from 'node:crypto';
import { isIP } from 'node:net';
import type { Certificate } from 'mkcert';

const SEQUENCE = 0x30;
const SET = 0x31;
const DAY = 86_400_000;
/** id-at-commonName, ecdsa-with-SHA256, id-ce-subjectAltName. */
const COMMON_NAME = '0603550403';
const ECDSA_SHA256 = '06082a8648ce3d040302';
const SUBJECT_ALT_NAME = '0603551d11';

function der(tag: number, ...parts: (Uint8Array | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'hex') : part)));
  const { length } = body;
  const head =
    length < 128 ? [tag, length] : length < 256 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Uint8Array.from(head), body]);
}

function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/\.\d+|[-:T]/g, '');
  return der(0x17, Buffer.from(digits.slice(2)));
}

/** @param days from now until it ends; it began two days ago */
export function selfSigned(names: readonly string[], days = 1): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(SEQUENCE, ECDSA_SHA256);
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(0x0c, Buffer.from(names[0]!)))));
  const alternatives = names.map((one) =>
    isIP(one) ? der(0x87, Uint8Array.from(one.split('.').map(Number))) : der(0x82, Buffer.from(one)),
  );
  const extension = der(SEQUENCE, SUBJECT_ALT_NAME, der(0x04, der(SEQUENCE, ...alternatives)));
  const content = der(
    SEQUENCE,
    der(0xa0, '020102'),
    '020101',
    algorithm,
    name,
    der(SEQUENCE, time(new Date(Date.now() - 2 * DAY)), time(new Date(Date.now() + days * DAY))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(SEQUENCE, extension)),
  );
  const signed = der(SEQUENCE, content, algorithm, der(0x03, '00', sign('sha256', content, privateKey)));
  const base64 = signed.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}
