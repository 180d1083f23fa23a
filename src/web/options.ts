// The second argument of `new WebSocket()`: subprotocols, or a dictionary of what Node.js, Deno and Bun know, too. What it does
// not know it passes over, as WebIDL does with dictionaries.

import { socketOptions } from '#socket-options';
import { hasZlib } from '../deflate/zlib';
import type { DeflateOffer } from '../handshake/permessage-deflate';
import { checkHeaders, checkOrigin, type HeaderValue } from '../handshake/request';
import { offersOf, type PerMessageDeflateSetting } from '../options/per-message-deflate';
import type { ConnectionOptions } from '../options/socket-options';
import type { Connect, DialOptions } from '../transport/contract';
import { checkSubprotocols } from './address';
import { defaultOrigin } from './configuration';

export interface WebSocketInit {
  /** Subprotocols, in order of preference. */
  protocols?: string | Iterable<string> | undefined;
  /** Extra headers of the handshake, as `fetch` takes them; `Host`, `Origin` and `Authorization` replace the library's own. */
  headers?:
    | Headers
    | Iterable<readonly [string, string]>
    | Readonly<Record<string, HeaderValue | undefined>>
    | undefined;
  /** The Origin header of this connection; default: what `configure` says. */
  origin?: string | undefined;
  /** Options of TLS and of the socket, by Node's names: `ca`, `cert`, `key`, `rejectUnauthorized`, `servername`, `lookup` … */
  tls?: ConnectionOptions | undefined;
  /** Opens the byte pipe in place of the runtime's own: see AsyncTcpConnection's. */
  transport?: Connect | undefined;
  /** Whether compression is offered (RFC 7692), and how; default true, as in browsers. See AsyncTcpConnection's. */
  perMessageDeflate?: PerMessageDeflateSetting | undefined;
}

export interface Settled {
  readonly protocols: readonly string[];
  readonly headers: Readonly<Record<string, HeaderValue>>;
  readonly origin: string | undefined;
  readonly dial: DialOptions;
  readonly offers: readonly DeflateOffer[] | undefined;
  readonly transport: Connect | undefined;
}

/**
 * @throws DOMException SyntaxError for a subprotocol that is none or is there twice; TypeError, RangeError for a header or an
 *   option that is wrong
 */
export function settle(argument: unknown): Settled {
  const isObject = (typeof argument === 'object' && argument !== null) || typeof argument === 'function';
  const isList = isObject && Symbol.iterator in argument;
  const init: WebSocketInit = isObject && !isList ? (argument as WebSocketInit) : {};
  const given = isList || (!isObject && argument !== undefined && argument !== null) ? argument : init.protocols;
  const protocols = toList(given);
  checkSubprotocols(protocols);
  const headers = toRecord(init.headers);
  checkHeaders(headers);
  const { origin = defaultOrigin() } = init;
  if (origin !== undefined) checkOrigin(origin, 'origin');
  const {
    signal: _,
    transport,
    ...dial
  } = socketOptions({ ...init.tls, transport: init.transport ?? init.tls?.transport });
  const offers = offersOf(init.perMessageDeflate ?? hasZlib, 'perMessageDeflate');
  return { protocols, headers, origin, dial, offers, transport };
}

/** (DOMString or sequence<DOMString>) */
function toList(value: unknown): string[] {
  if (value === undefined) return [];
  const isList = typeof value === 'object' && value !== null && Symbol.iterator in value;
  return isList
    ? Array.from(value as Iterable<unknown>, (protocol) => `${protocol as string}`)
    : [`${value as string}`];
}

function toRecord(headers: WebSocketInit['headers']): Record<string, HeaderValue> {
  if (headers === undefined || headers === null) return {};
  if (!(Symbol.iterator in headers)) {
    const given = Object.entries(headers as Record<string, HeaderValue | undefined>);
    return Object.fromEntries(given.filter((one): one is [string, HeaderValue] => one[1] !== undefined));
  }
  const record: Record<string, HeaderValue> = {};
  // Names that differ in their case are one (RFC 9110 §5.1).
  const names = new Map<string, string>();
  for (const [name, value] of headers as Iterable<readonly [string, string]>) {
    const known = names.get(`${name}`.toLowerCase()) ?? name;
    names.set(`${name}`.toLowerCase(), known);
    const before = record[known];
    record[known] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return record;
}
