// The option `perMessageDeflate` of the codec alone: what a negotiation, which is its user's own, has come to for one direction
// (RFC 7692 §7.1).

import type { ContextSettings } from '../deflate/context';
import { LEVEL } from '../deflate/deflater';
import type { DeflateSettings } from '../handshake/permessage-deflate';
import { checkObject, checkSwitch } from '../options/checks';
import { COMPRESSION_THRESHOLD } from '../options/defaults';
import { unknownName } from '../options/nearest';
import {
  checkNumber,
  checkZlib,
  defined,
  NUMBERS,
  requireZlib,
  WINDOW_BITS,
  type ZlibSettings,
} from '../options/per-message-deflate';

/** The direction that is decoded. */
export interface InflateOptions {
  /** The window that the sender was limited to, as the logarithm of its bytes: 8 to 15; default 15 (RFC 7692 §7.1.2). */
  readonly maxWindowBits?: number | undefined;
  /** Whether the sender compresses each message by itself; default false (RFC 7692 §7.1.1). */
  readonly noContextTakeover?: boolean | undefined;
}

/** The direction that is encoded. */
export interface DeflateOptions extends InflateOptions {
  /** Without context takeover smaller messages stay as they are; in bytes, default 1,024. */
  readonly threshold?: number | undefined;
  /** How zlib compresses; default: level 4. */
  readonly zlibDeflateOptions?: ZlibSettings | undefined;
}

const NAME = 'The option "perMessageDeflate"';

/** @throws TypeError, RangeError that names the option */
export function inflateSettings(setting: boolean | InflateOptions): ContextSettings | undefined {
  const { keepsContext, options } = settingsOf(setting, ['maxWindowBits', 'noContextTakeover']) ?? {};
  return keepsContext === undefined ? undefined : { keepsContext, options: { windowBits: options!.windowBits } };
}

/** @throws TypeError, RangeError that names the option */
export function deflateSettings(setting: boolean | DeflateOptions): DeflateSettings | undefined {
  return settingsOf(setting, ['maxWindowBits', 'noContextTakeover', 'threshold', 'zlibDeflateOptions']);
}

function settingsOf(setting: boolean | DeflateOptions, known: readonly string[]): DeflateSettings | undefined {
  if (setting === false) return undefined;
  requireZlib(NAME);
  const options: DeflateOptions = setting === true ? {} : setting;
  checkObject(options, NAME, 'true, false or an object of options');
  for (const [option, value] of Object.entries(options)) {
    const full = `${NAME}: ${option}`;
    if (!known.includes(option)) throw unknownName(NAME, option, known);
    if (value === undefined) continue;
    if (option === 'noContextTakeover') checkSwitch(full, value);
    else if (option === 'zlibDeflateOptions') checkZlib(value, full);
    else checkNumber(value, option === 'maxWindowBits' ? WINDOW_BITS : NUMBERS.threshold!, full);
  }
  const { maxWindowBits: windowBits = 15, noContextTakeover = false, threshold = COMPRESSION_THRESHOLD } = options;
  return {
    keepsContext: !noContextTakeover,
    options: { level: LEVEL, ...defined(options.zlibDeflateOptions), windowBits },
    threshold,
  };
}
