// The negotiation of permessage-deflate (RFC 7692 §5, §7.1): what a client offers, what a server may answer, and what both mean
// for the two directions. Pure: it compresses nothing.

import { CONNECTION_FAULTS, WsimdError } from '../base/faults';
import type { ContextSettings } from '../deflate/context';
import type { ZlibOptions } from '../deflate/zlib';
import { type Extension, parseExtensions } from './extensions';
import { quote } from './header-text';

export const PERMESSAGE_DEFLATE = 'permessage-deflate';

/** One offer, of which a client may make several, in the order of its preference (RFC 7692 §5). */
export interface DeflateOffer {
  /** Whether the server is asked to compress each message by itself (§7.1.1.1). */
  readonly serverNoContextTakeover: boolean;
  /** Whether we say that we do (§7.1.1.2); false: nor may the server ask for it. */
  readonly clientNoContextTakeover: boolean | undefined;
  /** The largest window that the server may use (§7.1.2.1), 8 to 15; undefined: any. */
  readonly serverMaxWindowBits: number | undefined;
  /** The largest window that we use (§7.1.2.2), 8 to 15; true: any that the server asks for; undefined: it may not ask. */
  readonly clientMaxWindowBits: number | true | undefined;
  /** Bytes from which on messages are compressed that are compressed by themselves. */
  readonly threshold: number;
  readonly deflate: ZlibOptions;
  readonly inflate: ZlibOptions;
}

/** How messages are compressed that are sent. */
export interface DeflateSettings extends ContextSettings {
  readonly threshold: number;
}

/** What was agreed, for either direction. */
export interface Agreement {
  readonly inflate: ContextSettings;
  readonly deflate: DeflateSettings;
}

const LEAST_BITS = 8;
const MOST_BITS = 15;

/** The value of the Sec-WebSocket-Extensions header; undefined without an offer. */
export function offerHeader(offers: readonly DeflateOffer[] | undefined): string | undefined {
  return offers?.map(offerText).join(', ');
}

function offerText(offer: DeflateOffer): string {
  let text = PERMESSAGE_DEFLATE;
  if (offer.serverNoContextTakeover) text += '; server_no_context_takeover';
  if (offer.clientNoContextTakeover) text += '; client_no_context_takeover';
  text += bitsText('server_max_window_bits', offer.serverMaxWindowBits);
  return text + bitsText('client_max_window_bits', offer.clientMaxWindowBits);
}

function bitsText(name: string, bits: number | true | undefined): string {
  if (bits === undefined) return '';
  return bits === true ? `; ${name}` : `; ${name}=${bits}`;
}

/**
 * What follows from the server's Sec-WebSocket-Extensions header, if there is one. It must be an answer to one of the offers.
 *
 * @throws WsimdError handshakeExtension, extensionAnswer
 */
export function agree(offers: readonly DeflateOffer[] | undefined, header: string | undefined): Agreement | undefined {
  if (header === undefined) return undefined;
  const extensions = offers && parseExtensions(header);
  if (offers === undefined || extensions?.some(({ name }) => name !== PERMESSAGE_DEFLATE)) {
    throw new WsimdError(CONNECTION_FAULTS.handshakeExtension, quote(header));
  }
  const [answer, second] = extensions ?? [];
  if (answer === undefined) throw refused('it is no list of extensions (RFC 6455 §9.1)', header);
  if (second !== undefined) throw refused('it is there twice', header);
  const parameters = readParameters(answer, header);
  let complaint = '';
  for (const offer of offers) {
    complaint = complaintOf(offer, parameters);
    if (complaint === '') return agreement(offer, parameters);
  }
  throw refused(complaint, header);
}

/** The parameters of an answer, each of them right by itself. */
interface Parameters {
  readonly server_no_context_takeover: boolean;
  readonly client_no_context_takeover: boolean;
  readonly server_max_window_bits: number | undefined;
  readonly client_max_window_bits: number | undefined;
}

/** "A client MUST _Fail the WebSocket Connection_ if the peer server accepted" with one of these things (RFC 7692 §7.1). */
function readParameters({ parameters }: Extension, header: string): Parameters {
  const found = new Map<string, string | true>();
  for (const [name, value] of parameters) {
    if (found.has(name)) throw refused(`${quote(name)} is there twice`, header);
    found.set(name, value);
  }
  const takeSwitch = (name: keyof Parameters): boolean => {
    const value = found.get(name);
    found.delete(name);
    if (value !== undefined && value !== true) throw refused(`${name} has a value`, header);
    return value === true;
  };
  const takeBits = (name: keyof Parameters): number | undefined => {
    const value = found.get(name);
    found.delete(name);
    if (value === undefined) return undefined;
    const bits = bitsOf(value);
    if (bits === undefined) throw refused(`${name} must be a number from ${LEAST_BITS} to ${MOST_BITS}`, header);
    return bits;
  };
  const read = {
    server_no_context_takeover: takeSwitch('server_no_context_takeover'),
    client_no_context_takeover: takeSwitch('client_no_context_takeover'),
    server_max_window_bits: takeBits('server_max_window_bits'),
    client_max_window_bits: takeBits('client_max_window_bits'),
  };
  for (const name of found.keys()) throw refused(`${quote(name)} is no parameter of it`, header);
  return read;
}

/** "a decimal integer value without leading zeroes between 8 to 15, inclusive" (RFC 7692 §7.1.2). */
function bitsOf(value: string | true): number | undefined {
  const bits = Number(value);
  const isBits = value !== true && String(bits) === value && Number.isInteger(bits);
  return isBits && bits >= LEAST_BITS && bits <= MOST_BITS ? bits : undefined;
}

/** Why this is no answer to the offer; '' if it is one. */
function complaintOf(offer: DeflateOffer, answer: Parameters): string {
  const { serverMaxWindowBits, clientMaxWindowBits } = offer;
  // Who asks for these has memory or a rule to keep: an answer without them would not keep it (§7.1.1.1, §7.1.2.1).
  if (offer.serverNoContextTakeover && !answer.server_no_context_takeover) {
    return 'server_no_context_takeover was asked for, and is missing';
  }
  if (serverMaxWindowBits !== undefined && !((answer.server_max_window_bits ?? MOST_BITS) <= serverMaxWindowBits)) {
    return `server_max_window_bits was asked for, with ${serverMaxWindowBits} at most`;
  }
  if (offer.clientNoContextTakeover === false && answer.client_no_context_takeover) {
    return 'client_no_context_takeover was not offered';
  }
  if (answer.client_max_window_bits === undefined) return '';
  // "the client that sent the offer without it doesn't support" it (§7.1.2.2).
  if (clientMaxWindowBits === undefined) return 'client_max_window_bits was not offered';
  const isTooLarge = clientMaxWindowBits !== true && answer.client_max_window_bits > clientMaxWindowBits;
  return isTooLarge ? `client_max_window_bits was offered with ${clientMaxWindowBits}` : '';
}

function agreement(offer: DeflateOffer, answer: Parameters): Agreement {
  const { clientMaxWindowBits } = offer;
  const ownBits = typeof clientMaxWindowBits === 'number' ? clientMaxWindowBits : MOST_BITS;
  return {
    inflate: {
      keepsContext: !answer.server_no_context_takeover,
      options: { ...offer.inflate, windowBits: answer.server_max_window_bits ?? MOST_BITS },
    },
    deflate: {
      keepsContext: !(answer.client_no_context_takeover || offer.clientNoContextTakeover),
      options: { ...offer.deflate, windowBits: answer.client_max_window_bits ?? ownBits },
      threshold: offer.threshold,
    },
  };
}

function refused(complaint: string, header: string): WsimdError {
  return new WsimdError(CONNECTION_FAULTS.extensionAnswer, `${complaint}, in ${quote(header)}`);
}
