// The URL and the subprotocols of a WebSocket by the WHATWG's rules, and the ports that the web does not connect to.

import { subprotocolFault } from '../handshake/subprotocols';
import { portBeyond } from '../options/url';
import { newUrl } from '../runtime/host';
import { baseUrl } from './configuration';
import { NativeDOMException } from './dom-classes';

function syntaxError(sentence: string): DOMException {
  return new NativeDOMException(sentence, 'SyntaxError');
}

/**
 * "Get a URL record" of WebSockets §2, with http: and https: taken for ws: and wss:.
 *
 * @throws DOMException SyntaxError
 */
export function parseAddress(text: string): URL {
  const base = baseUrl();
  const url = parse(text, base);
  if (url.protocol === 'http:') url.protocol = 'ws:';
  else if (url.protocol === 'https:') url.protocol = 'wss:';
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
    throw syntaxError(`The URL has the scheme "${url.protocol}"; ws:, wss:, http: and https: are possible.`);
  }
  // Also an empty one.
  if (url.href.includes('#')) throw syntaxError('The URL must not have a fragment (RFC 6455 §3).');
  return url;
}

function parse(text: string, base: string | undefined): URL {
  try {
    return newUrl(text, base);
  } catch {
    const port = portBeyond(text);
    if (port !== undefined) throw syntaxError(`The URL has the port ${port}, and ports end at 65535.`);
    throw syntaxError('The URL is not valid, or it is relative and there is no base URL.');
  }
}

/** @throws DOMException SyntaxError unless each is a token, and there once */
export function checkSubprotocols(protocols: readonly string[]): void {
  const fault = subprotocolFault(protocols, true);
  if (fault?.rule === 'is a token') throw syntaxError('A subprotocol must be a token (RFC 6455 §4.1).');
  if (fault !== undefined) throw syntaxError('A subprotocol is there twice (RFC 6455 §4.1).');
}

/** Fetch §2.9: what listens there speaks another protocol, and might be fooled. */
const BLOCKED_PORTS: ReadonlySet<number> = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
  111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
  540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
  6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

export function isBlocked(port: number): boolean {
  return BLOCKED_PORTS.has(port);
}
