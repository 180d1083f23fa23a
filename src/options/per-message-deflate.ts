// The setting `perMessageDeflate`: the npm package `ws`' names for what RFC 7692 lets a client ask for, checked and turned into
// offers. It negotiates nothing.

import { LEVEL } from '../deflate/deflater';
import { hasZlib, type ZlibOptions } from '../deflate/zlib';
import type { DeflateOffer } from '../handshake/permessage-deflate';
import { checkObject, checkSwitch, describe } from './checks';
import { COMPRESSION_THRESHOLD } from './defaults';
import { unknownName } from './nearest';

/** What zlib may be told; the windows are a matter of the negotiation. */
export interface ZlibSettings {
  /**
   * 0 (stored) to 9 (smallest), or -1 for zlib's own 6; default 4, see src/deflate/README.md. Means nothing to what is received.
   */
  readonly level?: number | undefined;
  /** 1 to 9: the compressor takes 2^(memLevel + 9) bytes besides its window; default 8. Nothing to what is received. */
  readonly memLevel?: number | undefined;
  /** 0 to 4, zlib's Z_DEFAULT_STRATEGY … Z_FIXED; default 0. Nothing to what is received. */
  readonly strategy?: number | undefined;
}

/**
 * One offer of permessage-deflate. A connection takes up to 45 KiB to receive and 270 KiB to send with the largest windows, from
 * its first compressed message on; with windows of 10 bits 13 and 94; without context takeover nothing between two messages.
 */
export interface CompressionOptions {
  /** Asks the server to compress each message by itself; default false (RFC 7692 §7.1.1.1). */
  readonly serverNoContextTakeover?: boolean | undefined;
  /** Compresses each message by itself; default: if the server asks for it. False: it must not ask (RFC 7692 §7.1.1.2). */
  readonly clientNoContextTakeover?: boolean | undefined;
  /** The largest window that the server may use, as the logarithm of its bytes: 8 to 15; default: any (RFC 7692 §7.1.2.1). */
  readonly serverMaxWindowBits?: number | undefined;
  /**
   * The largest that this end uses, 8 to 15; true (default): what the server asks for; false: it may not ask (RFC 7692 §7.1.2.2).
   */
  readonly clientMaxWindowBits?: number | boolean | undefined;
  /** Where each message is compressed by itself: smaller ones are sent as they are; in bytes, default 1,024. */
  readonly threshold?: number | undefined;
  /** How zlib compresses. */
  readonly zlibDeflateOptions?: ZlibSettings | undefined;
  /** Taken as in `ws`; there is nothing to choose for zlib when it inflates. */
  readonly zlibInflateOptions?: ZlibSettings | undefined;
  /** Taken as in `ws`, and passed over: nothing is compressed in other threads. */
  readonly concurrencyLimit?: number | undefined;
}

/** Whether compression is offered, and how: several offers are in the order of preference. */
export type PerMessageDeflateSetting = boolean | CompressionOptions | readonly CompressionOptions[];

/** Inclusive bounds of a whole number. */
type Bounds = readonly [least: number, most: number];

export const WINDOW_BITS: Bounds = [8, 15];
export const NUMBERS: Readonly<Record<string, Bounds>> = {
  serverMaxWindowBits: WINDOW_BITS,
  clientMaxWindowBits: WINDOW_BITS,
  threshold: [0, Number.MAX_SAFE_INTEGER],
  concurrencyLimit: [1, Number.POSITIVE_INFINITY],
};
const ZLIB_NUMBERS: Readonly<Record<string, Bounds>> = { level: [-1, 9], memLevel: [1, 9], strategy: [0, 4] };
const SWITCHES = ['serverNoContextTakeover', 'clientNoContextTakeover', 'clientMaxWindowBits'];
const ZLIB_OPTIONS = ['zlibDeflateOptions', 'zlibInflateOptions'];
const KNOWN: readonly string[] = [...Object.keys(NUMBERS), ...SWITCHES, ...ZLIB_OPTIONS];

/**
 * The offers that a setting means; undefined: none.
 *
 * @throws TypeError, RangeError that names the option
 */
export function offersOf(setting: PerMessageDeflateSetting, name: string): readonly DeflateOffer[] | undefined {
  if (setting === false) return undefined;
  requireZlib(name);
  if (setting === true) return [offerOf({})];
  if (Array.isArray(setting)) {
    if (setting.length === 0) throw new TypeError(`${name} must have an offer in its list, or be false.`);
    return setting.map((options, place) => checkedOffer(options, `${name}[${place}]`));
  }
  return [checkedOffer(setting as CompressionOptions, name, 'true, false, an object of options or a list of these')];
}

/** @throws TypeError where there is none */
export function requireZlib(name: string): void {
  if (hasZlib) return;
  throw new TypeError(`${name} needs a zlib, which this runtime has not; workerd has it with the flag nodejs_compat.`);
}

function checkedOffer(options: CompressionOptions, name: string, must?: string): DeflateOffer {
  checkObject(options, name, must);
  for (const [option, value] of Object.entries(options)) {
    const full = `${name}.${option}`;
    if (value === undefined) continue;
    if (SWITCHES.includes(option) && (typeof value === 'boolean' || !(option in NUMBERS))) checkSwitch(full, value);
    else if (Object.hasOwn(NUMBERS, option)) checkNumber(value, NUMBERS[option]!, full);
    else if (ZLIB_OPTIONS.includes(option)) checkZlib(value, full);
    else throw unknownName(name, option, KNOWN);
  }
  return offerOf(options);
}

/** Without a check: whoever has rules of its own keeps them. */
export function offerOf(options: CompressionOptions): DeflateOffer {
  const { clientMaxWindowBits = true, threshold = COMPRESSION_THRESHOLD } = options;
  return {
    serverNoContextTakeover: options.serverNoContextTakeover ?? false,
    clientNoContextTakeover: options.clientNoContextTakeover,
    serverMaxWindowBits: options.serverMaxWindowBits,
    clientMaxWindowBits: clientMaxWindowBits === false ? undefined : clientMaxWindowBits,
    threshold,
    deflate: { level: LEVEL, ...defined(options.zlibDeflateOptions) },
    inflate: defined(options.zlibInflateOptions),
  };
}

/** zlib takes an undefined option for a wrong one. */
export function defined(options: ZlibSettings = {}): ZlibOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

export function checkZlib(options: unknown, name: string): void {
  checkObject(options, name);
  for (const [option, value] of Object.entries(options)) {
    const bounds = Object.hasOwn(ZLIB_NUMBERS, option) ? ZLIB_NUMBERS[option] : undefined;
    if (bounds === undefined) throw unknownName(name, option, Object.keys(ZLIB_NUMBERS));
    if (value !== undefined) checkNumber(value, bounds, `${name}.${option}`);
  }
}

export function checkNumber(value: unknown, [least, most]: Bounds, name: string): void {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, not ${describe(value)}.`);
  const isWhole = Number.isInteger(value) || value === Number.POSITIVE_INFINITY;
  if (isWhole && value >= least && value <= most) return;
  const range = most < Number.MAX_SAFE_INTEGER ? `from ${least} to ${most}` : `of at least ${least}`;
  throw new RangeError(`${name} must be a whole number ${range}; it is ${value}.`);
}
