// Whether a response is the one that was asked for (RFC 6455 §4.1). Pure; response-parser.ts has read it.

import { CONNECTION_FAULTS, WsimdError } from '../base/faults';
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
 * @throws WsimdError with the fault that says why not
 */
export function checkResponse(response: HandshakeResponse, sent: Sent): Agreement | undefined {
  const { status, statusText, headers } = response;
  const { upgrade, connection } = headers;
  const accept = headers['sec-websocket-accept'];
  const protocol = headers['sec-websocket-protocol'];
  const extensions = headers['sec-websocket-extensions'];
  if (status !== 101) {
    const location = status >= 300 && status < 400 ? headers.location : undefined;
    const redirect = location === undefined ? '' : `, a redirect to ${quote(location)}; redirects are not followed`;
    throw new WsimdError(CONNECTION_FAULTS.handshakeStatus, `${quote(`${status} ${statusText}`.trim())}${redirect}`);
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
    throw new WsimdError(CONNECTION_FAULTS.handshakeProtocol, found(protocol));
  }
  return agreement;
}

function found(value: string | undefined): string {
  return value === undefined ? 'there is none' : quote(value);
}
