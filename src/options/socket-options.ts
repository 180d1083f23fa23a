// From the second argument of the constructor to what a transport is given: Node's own names, and Workerman's contexts
// `socket` and `ssl`. Everything is checked here, once, and kept as it is: functions stay functions. It reads no files.

import type { Connect, DialOptions, NamedFile, SocketOptions, Verification } from '../transport/contract';
import { describe } from './checks';
import {
  check,
  DIAL_RULES,
  FUNCTION,
  isAddress,
  OBJECT,
  type Rule,
  SECURE_RULES,
  SIGNAL,
  unknown,
} from './option-rules';
import {
  contextOf,
  FilePath,
  type PeerRules,
  SOCKET_NAMES,
  type SocketContext,
  SSL_NAMES,
  type SslContext,
  type Take,
  takeSocketOption,
  takeSslOption,
} from './workerman-context';

/**
 * How a connection is made. At the top Node's own names, as net and tls have them (their times are milliseconds), and `signal`,
 * which ends an attempt; or the contexts of Workerman. Two names for the same thing must say the same.
 */
export type ConnectionOptions = SocketOptions & {
  /** TCP, as in Workerman: `{ bindto }`. */
  readonly socket?: SocketContext | undefined;
  /**
   * Opens the byte pipe in place of the runtime's own: for a runtime that wsimd does not know, or a pipe of another kind. It gets
   * where to connect to, TLS included, and what to tell; `overStreams` makes a transport of a pair of streams.
   */
  readonly transport?: Connect | undefined;
  /** TLS, as in Workerman: `{ local_cert, local_pk, passphrase, cafile, peer_name, verify_peer, … }`. */
  readonly ssl?: SslContext | undefined;
};

/** What a `secureContext` holds already: beside it the runtime would pass these over without a word. */
const IN_CONTEXT = [
  'ca',
  'cert',
  'key',
  'pfx',
  'crl',
  'passphrase',
  'ciphers',
  'sigalgs',
  'ecdhCurve',
  'minVersion',
  'maxVersion',
  'secureOptions',
] as const;

const AT_THE_TOP = [
  ...Object.keys({ ...DIAL_RULES, ...SECURE_RULES }),
  ...['socket', 'ssl', 'proxyTls', 'signal', 'transport'],
];

/** @throws TypeError, RangeError that names the option which is unknown, wrong, or contradicts another */
export function socketOptions(argument: ConnectionOptions): DialOptions {
  if (!OBJECT.fits(argument)) throw new TypeError(`options must be an object, not ${describe(argument)}.`);
  const taken = new Taken();
  const rules: PeerRules = {};
  for (const [name, value] of given(argument)) {
    const option = `options.${name}`;
    if (name === 'socket') takeSocket(value, option, taken.take);
    else if (name === 'ssl') takeSsl(value, option, taken.take, rules);
    else if (name === 'proxyTls') taken.take(name, proxyTls(value, option), option);
    else if (name === 'signal') {
      check(option, SIGNAL, value);
      taken.take(name, value, option);
    } else if (name === 'transport') {
      check(option, FUNCTION, value);
      taken.take(name, value, option);
    } else if (!takeNode({ ...DIAL_RULES, ...SECURE_RULES }, name, value, option, taken.take)) {
      const context = contextOf(name);
      throw unknown('options', name, AT_THE_TOP, context && `it belongs into options.${context}`);
    }
  }
  // PHP's local_cert has both in one file.
  const cert = taken.get('cert');
  if (cert !== undefined && taken.optionOf('cert') === 'options.ssl.local_cert') taken.takeDefault('key', cert);
  // The system resolves names to addresses of both families, and of one of them only it can connect from there.
  const from = taken.get('localAddress') as string | undefined;
  if (from !== undefined) taken.takeDefault('family', from.includes(':') ? 6 : 4);
  applyPeerRules(rules, taken);
  const context = taken.optionOf('secureContext');
  const beside = context && IN_CONTEXT.find((name) => taken.get(name) !== undefined);
  if (beside) throw new TypeError(`${taken.optionOf(beside)} has no effect beside ${context}, which holds it already.`);
  return taken.options();
}

/** Shared by all connections without any. */
const NO_OPTIONS: DialOptions = {};

/** The options so far, each with the name by which the user gave it. */
class Taken {
  private readonly values = new Map<keyof DialOptions, { readonly value: unknown; readonly option: string }>();

  readonly take: Take = (name, value, option) => {
    const other = this.values.get(name);
    if (other !== undefined && !isSame(other.value, value)) throw contradiction(other.option, option);
    this.values.set(name, { value, option });
  };

  takeDefault(name: keyof DialOptions, value: unknown): void {
    if (!this.values.has(name)) this.values.set(name, { value, option: name });
  }

  get(name: keyof DialOptions): unknown {
    return this.values.get(name)?.value;
  }

  optionOf(name: keyof DialOptions): string | undefined {
    return this.values.get(name)?.option;
  }

  options(): DialOptions {
    if (this.values.size === 0) return NO_OPTIONS;
    const options: Record<string, unknown> = {};
    const files: Record<string, NamedFile> = {};
    for (const [name, { value }] of this.values) {
      if (value instanceof FilePath) files[name] = value;
      else options[name] = value;
    }
    return Object.keys(files).length === 0 ? options : { ...options, files };
  }
}

/** Whoever gives undefined gives nothing; the runtime would take some of them for a value. */
function given(options: object): [name: string, value: unknown][] {
  return Object.entries(options).filter(([, value]) => value !== undefined);
}

function takeNode(
  rules: Readonly<Record<string, Rule>>,
  name: string,
  value: unknown,
  option: string,
  take: Take,
): boolean {
  if (!Object.hasOwn(rules, name)) return false;
  check(option, rules[name]!, value);
  take(name as keyof DialOptions, value, option);
  return true;
}

function takeSocket(context: unknown, parent: string, take: Take): void {
  check(parent, OBJECT, context);
  for (const [name, value] of given(context as object)) {
    const option = `${parent}.${name}`;
    if (takeSocketOption(name, value, option, take) || takeNode(DIAL_RULES, name, value, option, take)) continue;
    throw unknown(parent, name, [...SOCKET_NAMES, ...Object.keys(DIAL_RULES)]);
  }
}

function takeSsl(context: unknown, parent: string, take: Take, rules: PeerRules): void {
  check(parent, OBJECT, context);
  for (const [name, value] of given(context as object)) {
    const option = `${parent}.${name}`;
    if (takeSslOption(name, value, option, take, rules) || takeNode(SECURE_RULES, name, value, option, take)) continue;
    throw unknown(parent, name, [...SSL_NAMES, ...Object.keys(SECURE_RULES)]);
  }
}

/** By Node's names only: it is none of Workerman's. */
function proxyTls(value: unknown, parent: string): unknown {
  check(parent, OBJECT, value);
  const options: Record<string, unknown> = {};
  for (const [name, part] of given(value as object)) {
    const take: Take = () => {
      options[name] = part;
    };
    if (!takeNode(SECURE_RULES, name, part, `${parent}.${name}`, take))
      throw unknown(parent, name, Object.keys(SECURE_RULES));
  }
  return options;
}

/** PHP's switches are independent of each other, where Node has one for all of them. */
function applyPeerRules(rules: PeerRules, taken: Taken): void {
  const { verify_peer, verify_peer_name, allow_self_signed, SNI_enabled, peer_name, fingerprints } = rules;
  const node = taken.get('rejectUnauthorized');
  const nodeOption = taken.optionOf('rejectUnauthorized') ?? '';
  for (const [name, value] of Object.entries({ verify_peer, verify_peer_name })) {
    const contradicts = node === false ? value === true : node === true && name === 'verify_peer' && value === false;
    if (contradicts) throw contradiction(nodeOption, `options.ssl.${name}`);
  }
  const checkOption = taken.optionOf('checkServerIdentity');
  if (verify_peer_name === false && checkOption !== undefined) {
    throw contradiction(checkOption, 'options.ssl.verify_peer_name');
  }
  const hasServerName = SNI_enabled !== false && (peer_name === undefined || !isAddress(peer_name));
  if (!hasServerName)
    taken.take('servername', '', `options.ssl.${SNI_enabled === false ? 'SNI_enabled' : 'peer_name'}`);
  else if (peer_name !== undefined) taken.take('servername', peer_name, 'options.ssl.peer_name');

  const anyChain = node === false || verify_peer === false;
  const chain = anyChain ? 'any' : allow_self_signed === true ? 'self-signed' : 'trusted';
  const anyName = node === false || verify_peer_name === false;
  const name = anyName ? false : hasServerName ? undefined : peer_name;
  if (chain === 'any' && anyName && fingerprints === undefined) {
    taken.takeDefault('rejectUnauthorized', false);
  } else if (chain !== 'trusted' || name !== undefined || fingerprints !== undefined) {
    const verification: Verification = { chain, name, fingerprints: fingerprints ?? {} };
    taken.takeDefault('verification', verification);
  }
}

function contradiction(one: string, other: string): TypeError {
  return new TypeError(`${one} and ${other} contradict each other; give one of them.`);
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || (one instanceof FilePath && other instanceof FilePath && one.path === other.path);
}
