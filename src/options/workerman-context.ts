// The options of Workerman's stream contexts, by PHP's names: what each says in terms of Node's. It is a table of rules and
// reads no files; values that contradict others are its caller's business.

import type {
  DialOption,
  DialOptions,
  DigestName,
  NamedFile,
  SecureOptions,
  SocketOptions,
} from '../transport/contract';
import { describe } from './checks';
import { check, isAddress, OBJECT, SWITCH, TEXT } from './option-rules';

/** `socket`: by PHP's name, and Node's own. */
export type SocketContext = Partial<Pick<SocketOptions, DialOption>> & {
  /** The address to connect from: `'192.168.0.1:0'`, `'[::1]:7000'`, or without a port; 0 leaves it to the system. */
  readonly bindto?: string | undefined;
};

/** `ssl`: by PHP's names, and Node's own. Files are read at every attempt; text that holds PEM is taken as it is. */
export interface SslContext extends SecureOptions {
  /** The client's certificate (chain) as the path of a PEM file or as its text; with its key, unless there is `local_pk`. */
  readonly local_cert?: string | undefined;
  /** The client's private key, as the path of a PEM file or as its text. */
  readonly local_pk?: string | undefined;
  /** The authorities to trust in place of the runtime's own, as the path of a PEM file or as its text. */
  readonly cafile?: string | undefined;
  /** The server's name, for SNI and in the certificate, in place of the URL's. */
  readonly peer_name?: string | undefined;
  /** Whether the certificate must lead to an authority that is trusted; default true. The name is checked all the same. */
  readonly verify_peer?: boolean | undefined;
  /** Whether the certificate must be for the server's name; default true. */
  readonly verify_peer_name?: boolean | undefined;
  /** Whether a certificate that signed itself will do, if its name and its dates are right; default false. */
  readonly allow_self_signed?: boolean | undefined;
  /** Whether the server is told its name when TLS begins (RFC 6066 §3); default true. */
  readonly SNI_enabled?: boolean | undefined;
  /** The certificate's digest, in hexadecimal digits: SHA-256 or SHA-1 by its length, or several by name. All must match. */
  readonly peer_fingerprint?: string | { readonly [name in DigestName]?: string | undefined } | undefined;
}

/** Takes one option; `name` is what it is called in Node's terms, `option` what the user called it. */
export type Take = (name: keyof DialOptions, value: unknown, option: string) => void;

/** What PHP's names say of verification; `undefined` as PHP's default. */
export interface PeerRules {
  verify_peer?: boolean;
  verify_peer_name?: boolean;
  allow_self_signed?: boolean;
  SNI_enabled?: boolean;
  peer_name?: string;
  fingerprints?: Partial<Record<DigestName, string>>;
}

export const SOCKET_NAMES = ['bindto'] as const;

export const SSL_NAMES: ReadonlySet<string> = new Set([
  'local_cert',
  'local_pk',
  'cafile',
  'peer_name',
  'verify_peer',
  'verify_peer_name',
  'allow_self_signed',
  'SNI_enabled',
  'peer_fingerprint',
] satisfies (keyof SslContext)[]);

/** The context that one of PHP's names belongs into. */
export function contextOf(name: string): 'socket' | 'ssl' | undefined {
  if (name === 'bindto') return 'socket';
  return SSL_NAMES.has(name) ? 'ssl' : undefined;
}

const DIGITS: Readonly<Record<DigestName, number>> = { sha1: 40, sha256: 64, sha512: 128 };

/** @returns whether there is such an option of PHP's `socket` */
export function takeSocketOption(name: string, value: unknown, option: string, take: Take): boolean {
  if (name !== 'bindto') return false;
  check(option, TEXT, value);
  const [, inBrackets, v4, port = '0'] = /^(?:\[(.*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(value as string) ?? [];
  // A bare IPv6 address is full of colons.
  const address = inBrackets ?? v4 ?? (value as string);
  const isAny = address === '0' && inBrackets === undefined;
  if (
    (!isAny && !(isAddress(address) && (inBrackets === undefined || address.includes(':')))) ||
    Number(port) > 65_535
  ) {
    throw new TypeError(`${option} must be an IP address, with a port or without: "192.168.0.1:0", "[::1]:0".`);
  }
  if (!isAny) take('localAddress', address, option);
  if (Number(port) !== 0) take('localPort', Number(port), option);
  return true;
}

/** @returns whether there is such an option of PHP's `ssl` */
export function takeSslOption(name: string, value: unknown, option: string, take: Take, rules: PeerRules): boolean {
  switch (name) {
    case 'local_cert':
    case 'local_pk':
    case 'cafile':
      check(option, TEXT, value);
      take(FILES[name], fileOrPem(value as string, option), option);
      return true;
    case 'verify_peer':
    case 'verify_peer_name':
    case 'allow_self_signed':
    case 'SNI_enabled':
      check(option, SWITCH, value);
      rules[name] = value as boolean;
      return true;
    case 'peer_name':
      check(option, TEXT, value);
      rules.peer_name = value as string;
      return true;
    case 'peer_fingerprint':
      rules.fingerprints = fingerprints(value, option);
      return true;
    default:
      return false;
  }
}

const FILES = { local_cert: 'cert', local_pk: 'key', cafile: 'ca' } as const;

/** The path of a file, in place of what is in it. */
export class FilePath implements NamedFile {
  constructor(
    readonly path: string,
    readonly option: string,
  ) {}
}

/** PEM says what it is (RFC 7468 §2). */
function fileOrPem(value: string, option: string): string | FilePath {
  return value.includes('-----BEGIN ') ? value : new FilePath(value, option);
}

function fingerprints(value: unknown, option: string): Partial<Record<DigestName, string>> {
  if (typeof value === 'string') {
    const digits = value.replaceAll(':', '').length;
    return fingerprints({ [digits === DIGITS.sha1 ? 'sha1' : 'sha256']: value }, option);
  }
  check(option, { ...OBJECT, must: 'a string or an object' }, value);
  const entries = Object.entries(value as object).filter(([, digest]) => digest !== undefined);
  if (entries.length === 0) throw new TypeError(`${option} has no fingerprint in it.`);
  return Object.fromEntries(entries.map(([digest, text]) => [digest, fingerprint(digest, text, option)]));
}

function fingerprint(digest: string, text: unknown, option: string): string {
  const length = Object.hasOwn(DIGITS, digest) ? DIGITS[digest as DigestName] : undefined;
  // MD5 is PHP's third: whoever wants to can make another certificate of the same digest.
  if (length === undefined) throw new TypeError(`${option} takes sha256, sha1 or sha512, and no ${digest}.`);
  if (typeof text !== 'string') throw new TypeError(`${option}: ${digest} must be a string, not ${describe(text)}.`);
  const hex = text.replaceAll(':', '').toLowerCase();
  if (hex.length !== length || !/^[\da-f]+$/.test(hex)) {
    throw new TypeError(`${option}: a fingerprint of ${digest} has ${length} hexadecimal digits.`);
  }
  return hex;
}
