// The proxy that variables of the environment name: HTTP_PROXY for ws:, HTTPS_PROXY for wss:, ALL_PROXY for both, and NO_PROXY for
// what goes directly. It owns how these are read; no sentence repeats a value, which may carry a password.

import { addressBytes } from '../base/address-bytes';
import { CONNECTION_FAULTS, WsimdError } from '../base/faults';
import { messageOf } from '../base/thrown';
import { newUrl } from '../runtime/host';
import { type ParsedProxy, parseProxy } from './proxy';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a connection goes; host and port as a URL has them, IPv6 without brackets. */
export interface Target {
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: number;
}

/**
 * The proxy for this target; undefined: there is none, or it goes directly. Of each variable the one in lower case counts first.
 *
 * @throws WsimdError proxyVariable if a variable names none
 */
export function environmentProxy(target: Target, environment = environmentHere()): ParsedProxy | undefined {
  try {
    const own = target.secure ? 'https_proxy' : 'http_proxy';
    const found = first(environment, own) ?? first(environment, 'all_proxy');
    if (found === undefined || isExempt(target, first(environment, 'no_proxy')?.value ?? '')) return undefined;
    const [name, value] = [found.name, found.value.trim()];
    return parseProxy(name, value.includes('://') ? value : `http://${value}`, 'environment');
  } catch (error) {
    // Deno wants to be allowed to read them.
    throw new WsimdError(CONNECTION_FAULTS.proxyVariable, messageOf(error), error);
  }
}

/** Pages have none, and Workers where they are told so. */
function environmentHere(): Environment {
  return (globalThis as { readonly process?: { readonly env?: Environment } }).process?.env ?? {};
}

/** One that is empty is not set. */
function first(environment: Environment, name: string): { readonly name: string; readonly value: string } | undefined {
  for (const one of [name, name.toUpperCase()]) {
    // A CGI program gets the header `Proxy` of a request by this name: whoever asks would choose its proxy (CVE-2016-5385).
    if (one === 'HTTP_PROXY' && environment.REQUEST_METHOD !== undefined) continue;
    const value = environment[one];
    if (value !== undefined && value.trim() !== '') return { name: one, value };
  }
  return undefined;
}

/**
 * Whether the list, by commas or blanks, has the target: `*`, a host and all below it, `.host` or `*.host` for what is below it
 * alone, an address, a range of them (RFC 4632, RFC 4291 §2.3); a host or an address with a port is for that port. Nothing else is
 * exempt, loopback neither.
 */
export function isExempt(target: Target, list: string): boolean {
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && (entry === '*' || isMeant(target, entry)));
}

function isMeant({ hostname, port }: Target, entry: string): boolean {
  const range = /^\[?([^\]/]+)\]?\/(\d{1,3})$/.exec(entry);
  if (range !== null) return isWithin(hostname, normal(range[1]!), Number(range[2]));
  // A bare IPv6 address has more than one colon, and no port.
  const [, host, wanted] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [undefined, entry];
  if (wanted !== undefined && Number(wanted) !== port) return false;
  const below = /^\*?\.(.+)$/.exec(host!)?.[1];
  const name = normal(below ?? host!.replace(/^\[|\]$/g, ''));
  const ours = withoutDot(hostname);
  if (name === undefined) return false;
  if (addressBytes(ours) === undefined) return (below === undefined && ours === name) || ours.endsWith(`.${name}`);
  return below === undefined && addressesOf(ours).some((address) => address.join() === addressBytes(name)?.join());
}

/** As a URL has it: Punycode, addresses in their one form; undefined: there is no such host. */
function normal(host: string): string | undefined {
  if (/[/?#@\\]/.test(host)) return undefined;
  try {
    const { hostname } = newUrl(`http://${host.includes(':') ? `[${host}]` : host}`);
    return withoutDot(hostname.replace(/^\[|\]$/g, ''));
  } catch {
    return undefined;
  }
}

function withoutDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name;
}

function isWithin(hostname: string, network: string | undefined, bits: number): boolean {
  const range = addressBytes(network ?? '');
  if (range === undefined || bits > range.length * 8) return false;
  return addressesOf(hostname).some(
    (address) => address.length === range.length && prefix(address, bits) === prefix(range, bits),
  );
}

function prefix(address: Uint8Array, bits: number): string {
  return Array.from(address, (byte) => byte.toString(2).padStart(8, '0'))
    .join('')
    .slice(0, bits);
}

/** Its bytes, and for one of IPv4 in an IPv6 address (RFC 4291 §2.5.5.2) those of that, too; a name has none. */
function addressesOf(hostname: string): Uint8Array[] {
  const bytes = addressBytes(hostname);
  if (bytes === undefined) return [];
  const isMapped = bytes.length === 16 && prefix(bytes, 96) === `${'0'.repeat(80)}${'1'.repeat(16)}`;
  return isMapped ? [bytes, bytes.slice(12)] : [bytes];
}
