// What can be watched from outside the program's own code, for every face: node:diagnostics_channel events, where a runtime has
// them, and with NODE_DEBUG=wsimd a line on standard error for each. It knows no connection but by what it is told of it, and its
// lines name no header, no path, no query, no payload: they end up in logs.

import { isError } from '../base/brands';
import { CONNECTION_FAULTS, ERROR_KIND, type Fault, WsimdError } from '../base/faults';
import { HandshakeError } from '../handshake/reader';
import type { HandshakeResponse } from '../handshake/response-parser';
import { debugLog } from '../runtime/debug-log';
import { newUrl } from '../runtime/host';
import { reportException } from '../runtime/report';
import { builtinModule } from '../runtime/which';
import type { ConnectionEnd } from './contract';

/** AsyncTcpConnection, the drop-in for `ws`, `wsimd/web`'s WebSocket, its WebSocketStream. */
export type FaceName = 'callback' | 'ws' | 'web' | 'stream';

/** Of whom something is told: made when somebody wants to know. */
export interface Subject<Connection extends object = object> {
  /** The object that the program has. */
  readonly connection: Connection;
  readonly face: FaceName;
  /** The host name of its URL. */
  readonly host: string;
  /** The peer's address and port (the proxy's, if there is one); '' unless it is open. */
  readonly address: string;
  /** What it is in: 'initial', 'connecting', 'open', 'closing', 'closed'. */
  readonly phase: string;
}

/** What every message has. Not enumerable, but for the first. */
export interface Told<Connection> {
  readonly connection: Connection;
  readonly face: FaceName;
  readonly host: string;
  readonly address: string;
  /**
   * Where it stands: 'initial', 'connecting', 'open', 'closing', 'closed'; of an error in an attempt what that was about: 'providers',
   * 'DNS', 'TCP', 'TLS', 'proxy', 'handshake'.
   */
  readonly phase: string;
}

/** What `wsimd:close` tells of an end. */
export interface ToldEnd extends Omit<ConnectionEnd, 'reasonBytes' | 'isConfirmed'> {
  /** 0, or which attempt in a row it was, of an AsyncTcpConnection. */
  readonly attempt: number;
  readonly willReconnect: boolean;
  /** Of an AsyncTcpConnection: messages of which nobody knows whether they have arrived. */
  readonly unconfirmed?: number | undefined;
}

/** What the subscribers of each channel get; the channels are called `wsimd:open`, `wsimd:close`, … */
export interface Messages<Connection> {
  /** The server's 101 was accepted. */
  open: Told<Connection> & { readonly response: HandshakeResponse };
  /** What `onClose`, or an event of that name, is about to be told. */
  close: Told<Connection> & { readonly event: ToldEnd };
  /** What `onError` is about to be told, exceptions of callbacks included; what explains the error of another face. */
  error: Told<Connection> & { readonly error: WsimdError };
  /** A ping came. */
  ping: Told<Connection> & { readonly payload: Uint8Array };
  /** A pong came; `roundTrip` in seconds if it answers the last ping of the heartbeat. */
  pong: Told<Connection> & { readonly payload: Uint8Array; readonly roundTrip: number | undefined };
  /** The policy has set its timer: the attempt begins in `delay` seconds. */
  reconnect: Told<Connection> & { readonly attempt: number; readonly delay: number };
}

interface Channel {
  /** In workerd it is a method. */
  readonly hasSubscribers: boolean | (() => boolean);
  publish(message: unknown): void;
}

const channels = builtinModule<{ channel(name: string): Channel }>('node:diagnostics_channel');
const debug = debugLog();

type Own<Message> = Omit<Message, keyof Told<unknown>>;

class Diagnostic<Message extends Told<object>> {
  private readonly channel: Channel | undefined;

  constructor(
    private readonly name: string,
    private readonly describe: (message: Message) => string,
  ) {
    this.channel = channels?.channel(`wsimd:${name}`);
  }

  /** Whether anybody wants to know: messages are not even made otherwise. */
  get isWatched(): boolean {
    const { channel } = this;
    const has = channel?.hasSubscribers;
    return has === true || debug !== undefined || (typeof has === 'function' && has.call(channel));
  }

  /** What a subscriber throws (some runtimes let it through), or the log, is not the connection's affair. */
  tell({ connection, face, host, address, phase }: Subject, own: Own<Message>): void {
    try {
      const { error } = own as { readonly error?: WsimdError };
      const message = { connection, ...own } as unknown as Message;
      const about = error?.phase ?? (error?.kind === ERROR_KIND.PROTOCOL_ERROR ? 'open' : phase);
      for (const [name, value] of Object.entries({ face, host, address, phase: about })) {
        Object.defineProperty(message, name, { value });
      }
      this.channel?.publish(message);
      debug?.(`${labelOf(connection, face)} ${this.name} ${this.describe(message)}`);
    } catch (error) {
      reportException(error);
    }
  }
}

export const diagnostics: { readonly [Name in keyof Messages<object>]: Diagnostic<Messages<object>[Name]> } = {
  open: new Diagnostic('open', placeOf),
  close: new Diagnostic('close', ({ event: { code, wasClean, attempt, willReconnect, error }, face }) => {
    const after = willReconnect ? ', comes back' : '';
    const which = face === 'callback' ? `, attempt ${attempt}` : '';
    return `${code}, ${wasClean ? 'clean' : 'not clean'}${which}${after}${error ? `, ${error.code}` : ''}`;
  }),
  error: new Diagnostic('error', (message) => {
    const { error, phase } = message;
    return `${error.code}, ${phase}, ${placeOf(message)}, ${reasonOf(error)}${framesOf(error)}`;
  }),
  ping: new Diagnostic('ping', ({ payload }) => `${payload.length} bytes`),
  pong: new Diagnostic('pong', ({ payload, roundTrip }) =>
    roundTrip === undefined ? `${payload.length} bytes` : `after ${roundTrip.toFixed(4)} s`,
  ),
  reconnect: new Diagnostic('reconnect', ({ attempt, delay }) => `attempt ${attempt} in ${delay.toFixed(3)} s`),
};

/** What is told of an error that is none of ours. */
export function explanationOf(error: Error): WsimdError {
  if (error instanceof WsimdError) return error;
  if (error.cause instanceof WsimdError) return error.cause;
  return new WsimdError(CONNECTION_FAULTS.connect, error.message, error);
}

/** The host name of a URL; '' if it is none. */
export function hostOf(url: string): string {
  try {
    return newUrl(url).hostname;
  } catch {
    return '';
  }
}

/** `192.0.2.1:443`, `[2001:db8::1]:443`, or nothing. */
export function addressOf({ remoteAddress: ip, remotePort: port }: Endpoints): string {
  if (ip === undefined || port === undefined) return '';
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

interface Endpoints {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

let lastNumber = 0;
const numbers = new WeakMap<object, number>();

/** `#1` for an AsyncTcpConnection, which has an id; `ws#1`, `web#2`, … for others, in the order in which they are first told of. */
function labelOf(connection: object, face: FaceName): string {
  if (face === 'callback') return `#${(connection as { readonly id: number }).id}`;
  let number = numbers.get(connection);
  if (number === undefined) {
    lastNumber += 1;
    number = lastNumber;
    numbers.set(connection, number);
  }
  return `${face}#${number}`;
}

function placeOf({ host, address }: Told<object>): string {
  return address === '' ? host : `${host}, ${address}`;
}

/** Faults whose details quote what a server, a proxy or the program's own code has said. */
const QUOTING: ReadonlySet<Fault> = new Set<Fault>([
  CONNECTION_FAULTS.provider,
  CONNECTION_FAULTS.aborted,
  CONNECTION_FAULTS.proxyRefused,
  CONNECTION_FAULTS.proxySyntax,
  CONNECTION_FAULTS.headSyntax,
  CONNECTION_FAULTS.handshakeStatus,
  CONNECTION_FAULTS.handshakeUpgrade,
  CONNECTION_FAULTS.handshakeConnection,
  CONNECTION_FAULTS.handshakeAccept,
  CONNECTION_FAULTS.handshakeProtocol,
  CONNECTION_FAULTS.handshakeExtension,
  CONNECTION_FAULTS.extensionAnswer,
  CONNECTION_FAULTS.blobUnread,
  CONNECTION_FAULTS.sourceFailed,
  CONNECTION_FAULTS.callback,
]);

/** The sentence, as far as it may stand in a log. */
function reasonOf(error: WsimdError): string {
  const { fault, message } = error;
  if (!QUOTING.has(fault)) return message;
  const isStatus = error instanceof HandshakeError && fault === CONNECTION_FAULTS.handshakeStatus;
  return `${fault.sentence}${isStatus ? `: ${error.response.status}` : ''}.`;
}

/** Where a callback threw. Not what: that may be anything. */
function framesOf({ fault, cause }: WsimdError): string {
  if (fault !== CONNECTION_FAULTS.callback || !isError(cause)) return '';
  const frames = String(cause.stack)
    .split('\n')
    .filter((line) => /^\s+at /.test(line));
  return frames.length === 0 ? '' : `\n${frames.join('\n')}`;
}
