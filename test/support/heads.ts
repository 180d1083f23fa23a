// What the tests of the handshake share: the RFC's own key and answer, and what became of a head.

import { WsimdError } from '../../src/base/faults';
import type { DeflateOffer } from '../../src/handshake/permessage-deflate';
import { type HandshakeResponse, ResponseParser } from '../../src/handshake/response-parser';

// RFC 6455 §1.3.
export const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
export const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

export const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\n';
export const ANSWER = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n`;

export const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');

export function parse(head: string): HandshakeResponse {
  const parser = new ResponseParser();
  parser.push(latin1(head), 0, head.length);
  return parser.response!;
}

export function fault(run: () => unknown): WsimdError {
  try {
    run();
  } catch (error) {
    if (error instanceof WsimdError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** The offer of permessage-deflate without any option. */
export const OFFER: DeflateOffer = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: undefined,
  serverMaxWindowBits: undefined,
  clientMaxWindowBits: true,
  threshold: 1_024,
  deflate: { level: 4 },
  inflate: {},
};
