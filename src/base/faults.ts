// Every way in which a connection can fail, in two tables: code, close status, sentence. This one has what goes wrong around the
// frames, frame-faults.ts what a peer does wrong in them. Codes are the names that the npm package `ws` uses where it has one.
// README.md has a heading for each code.

import { isError } from './brands';
import {
  ABORTED,
  CALLBACK_EXCEPTION,
  CONNECT_FAIL,
  DEAD_PEER,
  type ErrorKind,
  type Fault,
  HANDSHAKE_FAIL,
  PROTOCOL_ERROR,
  PROXY_FAIL,
  SEND_FAIL,
  TIMEOUT,
  TLS_FAIL,
} from './fault-kinds';
import type { FRAME_FAULT } from './frame-faults';
import { nameClass } from './public-class';

export { ERROR_KIND, type ErrorKind, type Fault } from './fault-kinds';

/** What can go wrong around the frames: on the way to the connection, in the handshake, at its end. */
export const CONNECTION_FAULTS = {
  connect: {
    kind: CONNECT_FAIL,
    code: 'WS_ERR_CONNECT',
    sentence: 'The server could not be reached',
  },
  tls: {
    kind: TLS_FAIL,
    code: 'WS_ERR_TLS',
    sentence: 'The TLS connection could not be made',
  },
  provider: {
    kind: CONNECT_FAIL,
    code: 'WS_ERR_PROVIDER',
    sentence: 'No attempt was made, since a function that provides its URL, headers, subprotocol or cookies failed',
  },
  aborted: {
    kind: ABORTED,
    code: 'WS_ERR_ABORTED',
    sentence: 'The attempt was given up, since its signal was aborted',
  },
  closedEarly: {
    kind: ABORTED,
    code: 'WS_ERR_ABORTED',
    sentence: 'The attempt was given up, since close() was called before the connection was open',
  },
  unsupported: {
    kind: CONNECT_FAIL,
    code: 'WS_ERR_UNSUPPORTED',
    sentence: 'This runtime cannot do what was asked for',
  },
  connectTimeout: {
    kind: TIMEOUT,
    code: 'WS_ERR_CONNECT_TIMEOUT',
    sentence: 'No connection within connectTimeout, which covers providers, proxy, DNS, TCP, TLS and handshake',
  },
  proxyVariable: {
    kind: PROXY_FAIL,
    code: 'WS_ERR_PROXY_VARIABLE',
    sentence: 'No attempt was made, since a variable of the environment names no proxy',
  },
  proxyConnect: {
    kind: PROXY_FAIL,
    code: 'WS_ERR_PROXY_CONNECT',
    sentence: 'The proxy could not be reached',
  },
  proxyTls: {
    kind: PROXY_FAIL,
    code: 'WS_ERR_PROXY_TLS',
    sentence: 'The TLS connection to the proxy could not be made',
  },
  proxyRefused: {
    kind: PROXY_FAIL,
    code: 'WS_ERR_PROXY_REFUSED',
    sentence: 'The proxy refused the tunnel',
  },
  proxySyntax: {
    kind: PROXY_FAIL,
    code: 'WS_ERR_PROXY_SYNTAX',
    sentence: 'The proxy did not answer as its protocol asks',
  },
  proxyEnded: {
    kind: PROXY_FAIL,
    code: 'WS_ERR_PROXY_ENDED',
    sentence: 'The connection to the proxy ended before the tunnel was open',
  },
  headSyntax: {
    kind: HANDSHAKE_FAIL,
    code: 'WS_ERR_HANDSHAKE_SYNTAX',
    sentence: 'The server did not answer with an HTTP/1.1 response head',
  },
  headSize: {
    kind: HANDSHAKE_FAIL,
    code: 'WS_ERR_HANDSHAKE_TOO_LARGE',
    sentence: 'The head of the response is larger than 16,384 bytes or has more than 100 headers',
  },
  headEnded: {
    kind: HANDSHAKE_FAIL,
    code: 'WS_ERR_HANDSHAKE_ENDED',
    sentence: 'The connection ended before the server had answered the handshake',
  },
  handshakeStatus: {
    kind: HANDSHAKE_FAIL,
    code: 'WS_ERR_HANDSHAKE_STATUS',
    sentence: 'The server did not answer 101 Switching Protocols (RFC 6455 §4.1)',
  },
  redirect: {
    kind: HANDSHAKE_FAIL,
    code: 'WS_ERR_REDIRECT',
    sentence: 'The server redirects to where this client does not follow (RFC 9110 §15.4)',
  },
  handshakeUpgrade: {
    kind: HANDSHAKE_FAIL,
    code: 'WS_ERR_HANDSHAKE_UPGRADE',
    sentence: 'The Upgrade header of the response is not "websocket" (RFC 6455 §4.1)',
  },
  handshakeConnection: {
    kind: HANDSHAKE_FAIL,
    code: 'WS_ERR_HANDSHAKE_CONNECTION',
    sentence: 'The Connection header of the response has no token "Upgrade" (RFC 6455 §4.1)',
  },
  handshakeAccept: {
    kind: HANDSHAKE_FAIL,
    code: 'WS_ERR_HANDSHAKE_ACCEPT',
    sentence: 'The Sec-WebSocket-Accept header of the response does not answer the key that was sent (RFC 6455 §4.1)',
  },
  handshakeProtocol: {
    kind: HANDSHAKE_FAIL,
    code: 'WS_ERR_HANDSHAKE_PROTOCOL',
    sentence: 'The server chose a subprotocol that was not offered, or none of those offered (RFC 6455 §4.1)',
  },
  handshakeExtension: {
    kind: HANDSHAKE_FAIL,
    code: 'WS_ERR_HANDSHAKE_EXTENSION',
    sentence: 'The server uses an extension that was not offered (RFC 6455 §4.1)',
  },
  extensionAnswer: {
    kind: HANDSHAKE_FAIL,
    code: 'WS_ERR_HANDSHAKE_EXTENSION',
    sentence: 'The server did not answer the offer of permessage-deflate as it may (RFC 7692 §7.1)',
  },
  ended: {
    kind: CONNECT_FAIL,
    code: 'WS_ERR_ENDED',
    sentence: 'The connection ended without a close frame (RFC 6455 §7.1.5)',
  },
  reset: {
    kind: CONNECT_FAIL,
    code: 'WS_ERR_RESET',
    sentence: 'The connection broke',
  },
  closeTimeout: {
    kind: TIMEOUT,
    code: 'WS_ERR_CLOSE_TIMEOUT',
    sentence: 'The peer did not answer the close frame within closeTimeout (RFC 6455 §7.1.1)',
  },
  closed: {
    kind: CONNECT_FAIL,
    code: 'WS_ERR_CLOSED',
    sentence: 'The connection is closed',
  },
  deadPeer: {
    kind: DEAD_PEER,
    code: 'WS_ERR_DEAD_PEER',
    sentence: 'No pong came within websocketPingTimeout',
  },
  sendBufferFull: {
    kind: SEND_FAIL,
    code: 'WS_ERR_SEND_BUFFER_FULL',
    sentence: 'The message was dropped: maxSendBufferSize bytes are already waiting',
  },
  sendQueueFull: {
    kind: SEND_FAIL,
    code: 'WS_ERR_SEND_QUEUE_FULL',
    sentence: 'There is no room in the sendQueue, which keeps messages until a connection is open',
  },
  sendQueueAge: {
    kind: SEND_FAIL,
    code: 'WS_ERR_SEND_QUEUE_AGE',
    sentence: 'A message was too old before a connection was open',
  },
  notSent: {
    kind: SEND_FAIL,
    code: 'WS_ERR_NOT_SENT',
    sentence: 'The connection was gone before the message had left',
  },
  blobUnread: {
    kind: SEND_FAIL,
    code: 'WS_ERR_BLOB_UNREAD',
    sentence: 'The message was dropped: the Blob could not be read',
  },
  notOpen: {
    kind: SEND_FAIL,
    code: 'WS_ERR_NOT_OPEN',
    sentence: 'The message was dropped: the connection is closing or closed',
  },
  pingNotOpen: {
    kind: SEND_FAIL,
    code: 'WS_ERR_NOT_OPEN',
    sentence: 'No ping was sent: the connection is not open',
  },
  noPong: {
    kind: SEND_FAIL,
    code: 'WS_ERR_NO_PONG',
    sentence: 'No pong answered the ping (RFC 6455 §5.5.3)',
  },
  messageCut: {
    kind: CONNECT_FAIL,
    code: 'WS_ERR_MESSAGE_CUT',
    sentence: 'The connection was closed before the message was complete',
  },
  sourceFailed: {
    kind: SEND_FAIL,
    code: 'WS_ERR_SOURCE_FAILED',
    status: 1011,
    sentence:
      'The source of a message failed of which a part had been sent, and a message cannot be taken back (RFC 6455 §5.4)',
  },
  tooManyConnections: {
    kind: CONNECT_FAIL,
    code: 'WS_ERR_TOO_MANY_CONNECTIONS',
    sentence: 'One thread decodes at most 65,536 connections at a time',
  },
  callback: {
    kind: CALLBACK_EXCEPTION,
    code: 'WS_ERR_CALLBACK',
    sentence: 'A callback threw an exception',
  },
  messageUnheld: {
    code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
    status: 1009,
    sentence: 'The message is larger than a string or a buffer of this runtime can be',
  },
  inflate: {
    code: 'WS_ERR_INVALID_DEFLATE_DATA',
    status: 1007,
    sentence: 'A compressed message cannot be inflated (RFC 7692 §6.2)',
  },
  internal: { code: 'WS_ERR_INTERNAL', status: 1011, sentence: 'The decoder failed; please report this' },
} as const satisfies Record<string, Fault>;

/** The code of every fault of the two tables: what `code` of a WsimdError may be. */
export type WsimdErrorCode = (
  | (typeof CONNECTION_FAULTS)[keyof typeof CONNECTION_FAULTS]
  | (typeof FRAME_FAULT)[keyof typeof FRAME_FAULT]
)['code'];

/** What an attempt to connect is about, one after the other; a proxy's comes before TLS with the server. */
export type AttemptPhase = 'providers' | 'DNS' | 'TCP' | 'DNS or TCP' | 'TLS' | 'proxy' | 'handshake';

/** An error of this library: `code` names the fault, `status` the close status it was answered with. */
export class WsimdError extends Error {
  override readonly name: string = 'WsimdError';
  /** What `onError` gets as its number. */
  readonly kind: ErrorKind;
  readonly code: WsimdErrorCode;
  /** Close status sent to the peer (RFC 6455 §7.4.1), if one could be sent. */
  readonly status: number | undefined;
  // Not enumerable: the message says it, and whoever prints an error would see it twice.
  declare readonly fault: Fault;
  declare readonly detail: string | undefined;
  declare readonly found: number | undefined;
  /** What an attempt that failed was about: 'providers', 'DNS', 'TCP', 'DNS or TCP', 'TLS', 'proxy' or 'handshake'; else undefined. */
  declare phase: AttemptPhase | undefined;

  /**
   * @param fault what happened
   * @param detail the value or limit that broke the rule, and what to do about it; ends the sentence, after a colon, whether or
   *   not it has a full stop of its own
   * @param cause the error behind this one, usually the runtime's own
   * @param found the number in a frame that broke the rule, where one number did: a reserved opcode, or that of a new message
   *   inside a fragmented one; the 7 bits of a control frame's length (126 or 127); a close code; the least size of a message
   *   that is too large, in bytes, up to 2^53 - 1 (RFC 6455 §5.2, §5.4, §5.5, §7.4)
   */
  constructor(fault: Fault, detail?: string, cause?: unknown, found?: number) {
    const ending = detail === undefined ? undefined : withoutStop(detail);
    super(`${ending ? `${fault.sentence}: ${ending}` : fault.sentence}.`, cause === undefined ? {} : { cause });
    for (const [name, value] of Object.entries({ fault, detail: ending, found, phase: undefined })) {
      Object.defineProperty(this, name, { value, writable: name === 'phase' || name === 'detail' });
    }
    this.kind = fault.kind ?? PROTOCOL_ERROR;
    this.code = fault.code as WsimdErrorCode;
    this.status = fault.status;
  }
}
nameClass(WsimdError, 'WsimdError');

/** Ends its sentence so, too: whoever made it did not know that. */
export function tellAlso(error: WsimdError, more: string): void {
  const { message, detail, stack } = error;
  (error as { detail: string }).detail = detail ? `${detail}, ${more}` : more;
  error.message = `${withoutStop(message)}${detail ? ',' : ':'} ${more}.`;
  // V8 has written the message down there already.
  if (stack !== undefined) error.stack = stack.replace(message, () => error.message);
}

/** What runtimes and users say has often a full stop already, or ends in a list that is empty. */
export function withoutStop(text: string): string {
  let { length } = text;
  while (length > 0 && STOPS.includes(text[length - 1]!)) length -= 1;
  return text.slice(0, length);
}

const STOPS = '.:,; \t\r\n';

/** A time, for a sentence. */
export function secondsOf(time: number): string {
  return `${time} ${time === 1 ? 'second' : 'seconds'}`;
}

/** A host or a socket file, and a port unless it is 0. */
export function placeOf(hostname: string, port: number): string {
  return port === 0 ? hostname : `${hostname} port ${port}`;
}

/** A received message could not be made into what it is to be told as: there is no memory for it. */
export function unheld(cause: unknown): WsimdError {
  return new WsimdError(CONNECTION_FAULTS.messageUnheld, isError(cause) ? cause.message : undefined, cause);
}
