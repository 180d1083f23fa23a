// Whether a response is the one that was asked for (RFC 6455 §4.1). Pure; response-parser.ts has read it.

import { CONNECTION_FAULTS, WsimdError } from '../base/faults';
import { type Asked, statusDetail } from './asked';
import { quote, trimBlanks } from './header-text';
import { acceptFor } from './key';
import { type Agreement, agree, type DeflateOffer } from './permessage-deflate';
import type { HandshakeResponse } from './response-parser';

/** What the answer is checked against. */
export interface Sent {
  readonly key: string;
  readonly protocols: readonly string[];
  /** What was offered of permessage-deflate, if anything. */
  readonly offers?: readonly DeflateOffer[] | undefined;
}

/**
 * Whether the response completes the handshake, by the list of RFC 6455 §4.1, and what was agreed on then.
 *
 * @param sent the key, the subprotocols and the offers of the request
 * @param asked for the sentence of a refusal
 * @throws WsimdError with the fault that says why not
 */
export function checkResponse(response: HandshakeResponse, sent: Sent, asked?: Asked): Agreement | undefined {
  const { status, headers } = response;
  const { upgrade, connection } = headers;
  const accept = headers['sec-websocket-accept'];
  const protocol = headers['sec-websocket-protocol'];
  const extensions = headers['sec-websocket-extensions'];
  if (status !== 101) {
    throw new WsimdError(CONNECTION_FAULTS.handshakeStatus, statusDetail(response, asked));
  }
  if (String(response).startsWith('HTTP/1.0')) {
    throw new WsimdError(CONNECTION_FAULTS.headSyntax, 'HTTP/1.0 knows no 101 (RFC 9110 §15.2)');
  }
  if (upgrade?.toLowerCase() !== 'websocket') throw new WsimdError(CONNECTION_FAULTS.handshakeUpgrade, found(upgrade));
  if (!connection?.split(',').some((token) => trimBlanks(token).toLowerCase() === 'upgrade')) {
    throw new WsimdError(CONNECTION_FAULTS.handshakeConnection, found(connection));
  }
  if (accept !== acceptFor(sent.key)) throw new WsimdError(CONNECTION_FAULTS.handshakeAccept, found(accept));
  const agreement = agree(sent.offers, extensions);
  // Offered some and got none: RFC 6455 would go on, the WHATWG fails, and so does ws.
  if (protocol === undefined ? sent.protocols.length > 0 : !sent.protocols.includes(protocol)) {
    throw new WsimdError(CONNECTION_FAULTS.handshakeProtocol, protocolDetail(protocol, sent.protocols));
  }
  return agreement;
}

/** Some programs hand over a token as a subprotocol: of a long name only the beginning is shown. */
function protocolDetail(chosen: string | undefined, offered: readonly string[]): string {
  const offer = offered.length === 0 ? 'none was offered' : `offered: ${offered.map(shown).join(', ')}`;
  return `${chosen === undefined ? 'it chose none' : `it chose ${shown(chosen)}`}; ${offer}`;
}

function shown(name: string): string {
  return name.length > LONG_NAME ? `${quote(name.slice(0, SHOWN))}…` : quote(name);
}

const LONG_NAME = 40;
const SHOWN = 16;

function found(value: string | undefined): string {
  return value === undefined ? 'there is none' : quote(value);
}
