// What an option of a connection may be, by Node's names, and what is said of names that are none. It knows values, not what
// becomes of them, and no sentence repeats one that may be a secret.

import { isAbortSignal, isUint8Array } from '../base/brands';
import type { DialOption, SecureOptions } from '../transport/contract';
import { CALLBACK_NAMES } from './callback-names';
import { describe } from './checks';
import { meantBy } from './nearest';

export interface Rule {
  /** Ends the sentence "… must be". */
  readonly must: string;
  /** Some numbers do. */
  readonly isNumber?: boolean;
  readonly fits: (value: unknown) => boolean;
}

export const TEXT: Rule = { must: 'a string with text', fits: (value) => typeof value === 'string' && value !== '' };
export const SWITCH: Rule = { must: 'true or false', fits: (value) => typeof value === 'boolean' };
export const OBJECT: Rule = {
  must: 'an object',
  fits: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};
export const FUNCTION: Rule = { must: 'a function', fits: (value) => typeof value === 'function' };
/** What OpenSSL takes certificates from. */
const PEM: Rule = { must: 'PEM text or bytes, or a list of them', fits: (value) => isOneOrMore(value, isPem) };
/** What OpenSSL takes keys from: also a KeyObject, or an object with a passphrase of its own. */
const KEYS: Rule = {
  must: 'PEM text or bytes, or a list of keys',
  fits: (value) => isOneOrMore(value, (key) => isPem(key) || OBJECT.fits(key)),
};

function isOneOrMore(value: unknown, isOne: (value: unknown) => boolean): boolean {
  return Array.isArray(value) ? value.length > 0 && value.every(isOne) : isOne(value);
}

function isPem(value: unknown): boolean {
  return TEXT.fits(value) || ArrayBuffer.isView(value);
}

function whole(from: number, to: number, unit = ''): Rule {
  const must = `a whole number ${to === Infinity ? `of at least ${from}` : `from ${from} to ${to}`}${unit}`;
  return {
    must,
    isNumber: true,
    fits: (value) => Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to,
  };
}

/** Options of TLS. */
export const SECURE_RULES: Readonly<Record<keyof SecureOptions, Rule>> = {
  ca: PEM,
  cert: PEM,
  key: KEYS,
  pfx: KEYS,
  crl: PEM,
  passphrase: { must: 'a string', fits: (value) => typeof value === 'string' },
  servername: {
    must: 'a host name and no address (RFC 6066 §3), or empty for none',
    fits: (value) => typeof value === 'string' && !isAddress(value),
  },
  rejectUnauthorized: SWITCH,
  checkServerIdentity: FUNCTION,
  ciphers: TEXT,
  sigalgs: TEXT,
  ecdhCurve: TEXT,
  minDHSize: whole(1, Infinity, ' bits'),
  minVersion: TEXT,
  maxVersion: TEXT,
  secureOptions: whole(0, Infinity),
  secureContext: OBJECT,
  session: { must: 'a Buffer or a Uint8Array', fits: isUint8Array },
  pskCallback: FUNCTION,
};

/** What TCP_KEEPIDLE of Linux takes. */
const SECONDS = whole(1, 32_767, ' seconds until the first probe');
const KEEP_ALIVE: Rule = {
  ...SECONDS,
  must: `false, or ${SECONDS.must}`,
  fits: (value) => value === false || SECONDS.fits(value),
};

/** Options of TCP. */
export const DIAL_RULES: Readonly<Record<DialOption, Rule>> = {
  family: { must: '0, 4 or 6', isNumber: true, fits: (value) => value === 0 || value === 4 || value === 6 },
  hints: whole(0, Infinity),
  lookup: FUNCTION,
  localAddress: { must: 'an IP address', fits: (value) => typeof value === 'string' && isAddress(value) },
  localPort: whole(0, 65_535),
  autoSelectFamily: SWITCH,
  autoSelectFamilyAttemptTimeout: whole(1, 2_147_483_647, ' milliseconds, as in Node'),
  keepAlive: KEEP_ALIVE,
  noDelay: SWITCH,
};

export const SIGNAL: Rule = { must: 'an AbortSignal', fits: isAbortSignal };

/** @throws TypeError, RangeError that names the option */
export function check(option: string, { must, isNumber, fits }: Rule, value: unknown): void {
  if (fits(value)) return;
  const sentence = `${option} must be ${must}`;
  if (isNumber && typeof value === 'number') throw new RangeError(`${sentence}; it is ${value}.`);
  throw new TypeError(`${sentence}${typeof value === 'string' ? '' : `, not ${describe(value)}`}.`);
}

const ALWAYS_HTTP = 'ALPN is always http/1.1, which the opening handshake is made of (RFC 6455 §4.1)';
const IN_URL = 'the URL says it';
const BY_CHECK = 'checkServerIdentity is called with the certificate';
const VERSIONS = 'use minVersion and maxVersion';
const PEER_NAME = 'use peer_name';
const OF_SERVERS = 'it is for servers';
const OURS = 'it belongs to the library';

/** Names that users know from elsewhere, and what there is in their place. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['ALPNProtocols', ALWAYS_HTTP],
  ['ALPNCallback', ALWAYS_HTTP],
  ['alpn_protocols', ALWAYS_HTTP],
  ['host', IN_URL],
  ['hostname', IN_URL],
  ['port', IN_URL],
  ['path', `${IN_URL}, and that of a socket file with ws+unix:`],
  ['socketPath', 'use a ws+unix: URL'],
  ['timeout', 'use the property connectTimeout'],
  ['handshakeTimeout', 'use the property connectTimeout'],
  ['origin', 'use the property websocketOrigin'],
  ['protocol', 'use the property websocketClientProtocol'],
  ['protocols', 'use the property websocketClientProtocol'],
  ['maxPayload', 'use the property maxPackageSize'],
  ['maxRedirects', 'use the property followRedirects'],
  ['pingInterval', 'use the property websocketPingInterval, in seconds'],
  ['pingTimeout', 'use the property websocketPingTimeout, in seconds'],
  ['reconnect', 'use the property reconnectPolicy'],
  ['onOpen', 'use the callback onWebSocketConnect'],
  ['agent', 'for proxies there are the properties proxyHttp and proxySocks5'],
  ['tcp_nodelay', 'use noDelay'],
  ['keepAliveInitialDelay', 'use keepAlive, which is the seconds until the first probe'],
  ['allowHalfOpen', OURS],
  ['onread', OURS],
  ['fd', OURS],
  ['secureProtocol', VERSIONS],
  ['crypto_method', VERSIONS],
  ['min_proto_version', VERSIONS],
  ['max_proto_version', VERSIONS],
  ['capture_peer_cert', BY_CHECK],
  ['capture_peer_cert_chain', BY_CHECK],
  ['verify_depth', BY_CHECK],
  ['capath', 'use cafile, or ca with the certificates'],
  ['CN_match', PEER_NAME],
  ['SNI_server_name', PEER_NAME],
  ['security_level', 'use ciphers, with @SECLEVEL='],
  ['disable_compression', 'TLS is never compressed'],
  ['honorCipherOrder', OF_SERVERS],
  ['dhparam', OF_SERVERS],
  ['SNICallback', OF_SERVERS],
  ['SNI_server_certs', OF_SERVERS],
  ['requestCert', OF_SERVERS],
  ['backlog', OF_SERVERS],
  ['so_reuseport', OF_SERVERS],
  ['ipv6_v6only', OF_SERVERS],
]);

/** Names of AsyncTcpConnection that some take for options of its constructor. */
const PROPERTIES: ReadonlySet<string> = new Set([
  'headers',
  'websocketOrigin',
  'websocketClientProtocol',
  'websocketType',
  'websocketPingInterval',
  'websocketPingTimeout',
  'maxSendBufferSize',
  'sendQueue',
  'maxPackageSize',
  'maxFragments',
  'binaryDelivery',
  'perMessageDeflate',
  'connectTimeout',
  'closeTimeout',
  'lingerTimeout',
  'reconnectPolicy',
  'followRedirects',
  'cookies',
  'proxyHttp',
  'proxySocks5',
  'proxyAuthorization',
  'proxySocks5Username',
  'proxySocks5Password',
  'proxyHeaders',
  'proxyFromEnvironment',
  'context',
  ...CALLBACK_NAMES,
]);

/**
 * The error for a name that has no meaning at this place.
 *
 * @param names those that have
 */
export function unknown(parent: string, name: string, names: readonly string[], advice = adviceFor(name)): TypeError {
  const meant = advice === undefined ? meantBy(name, [...names, ...PROPERTIES]) : '';
  return new TypeError(`${parent} has no ${name}${advice === undefined ? '' : `: ${advice}`}.${meant}`);
}

function adviceFor(name: string): string | undefined {
  return ELSEWHERE.get(name) ?? (PROPERTIES.has(name) ? `use the property ${name}` : undefined);
}

/** Whether it is an IPv4 address, or an IPv6 address without brackets. */
export function isAddress(text: string): boolean {
  if (text.includes(':'))
    return /^[\da-f:.]+(%\w+)?$/i.test(text) && URL.canParse(`http://[${text.replace(/%.*/, '')}]`);
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && text.split('.').every((part) => Number(part) <= 255);
}
