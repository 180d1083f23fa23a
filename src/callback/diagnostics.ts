// What can be watched from outside the program's own code: node:diagnostics_channel events, where a runtime has them, and
// with NODE_DEBUG=wsimd a line on standard error for each. It knows no connection but by what it is told of it, and its lines
// name no header, no query, no payload: they end up in logs.

import type { WsimdError } from '../base/faults';
import type { HandshakeResponse } from '../handshake/response-parser';
import { debugLog } from '../runtime/debug-log';
import { reportException } from '../runtime/report';
import { builtinModule } from '../runtime/which';
import type { ConnectionCloseEvent } from './close-event';

/** What a line of the log says of a connection. */
export interface Named {
  readonly id: number;
  getRemoteHost(): string;
  getRemoteAddress(): string;
}

interface Told<Connection> {
  readonly connection: Connection;
}

/** What the subscribers of each channel get; the channels are called `wsimd:open`, `wsimd:close`, … */
export interface Messages<Connection> {
  /** The server's 101 was accepted. */
  open: Told<Connection> & { readonly response: HandshakeResponse };
  /** What `onClose` is about to be told. */
  close: Told<Connection> & { readonly event: ConnectionCloseEvent };
  /** What `onError` is about to be told, exceptions of callbacks included. */
  error: Told<Connection> & { readonly error: WsimdError };
  /** A ping came. */
  ping: Told<Connection> & { readonly payload: Uint8Array };
  /** A pong came; `roundTrip` in seconds if it answers the last ping of the heartbeat. */
  pong: Told<Connection> & { readonly payload: Uint8Array; readonly roundTrip: number | undefined };
  /** The policy has set its timer: the attempt begins in `delay` seconds. */
  reconnect: Told<Connection> & { readonly attempt: number; readonly delay: number };
}

interface Channel {
  readonly hasSubscribers: boolean;
  publish(message: unknown): void;
}

const channels = builtinModule<{ channel(name: string): Channel }>('node:diagnostics_channel');
const debug = debugLog();

class Diagnostic<Message extends Told<Named>> {
  private readonly channel: Channel | undefined;

  constructor(
    private readonly name: string,
    private readonly describe: (message: Message) => string,
  ) {
    this.channel = channels?.channel(`wsimd:${name}`);
  }

  /** Whether anybody wants to know: messages are not even made otherwise. */
  get isWatched(): boolean {
    return this.channel?.hasSubscribers === true || debug !== undefined;
  }

  /** What a subscriber throws (some runtimes let it through), or the log, is not the connection's affair. */
  tell(message: Message): void {
    try {
      this.channel?.publish(message);
      debug?.(`#${message.connection.id} ${this.name} ${this.describe(message)}`);
    } catch (error) {
      reportException(error);
    }
  }
}

export const diagnostics: { readonly [Name in keyof Messages<Named>]: Diagnostic<Messages<Named>[Name]> } = {
  open: new Diagnostic('open', ({ connection }) => `${connection.getRemoteHost()}, ${connection.getRemoteAddress()}`),
  close: new Diagnostic('close', ({ event: { code, wasClean, attempt, willReconnect, error } }) => {
    const after = willReconnect ? ', comes back' : '';
    return `${code}, ${wasClean ? 'clean' : 'not clean'}, attempt ${attempt}${after}${error ? `, ${error.code}` : ''}`;
  }),
  error: new Diagnostic('error', ({ error }) => error.code),
  ping: new Diagnostic('ping', ({ payload }) => `${payload.length} bytes`),
  pong: new Diagnostic('pong', ({ payload, roundTrip }) =>
    roundTrip === undefined ? `${payload.length} bytes` : `after ${roundTrip.toFixed(4)} s`,
  ),
  reconnect: new Diagnostic('reconnect', ({ attempt, delay }) => `attempt ${attempt} in ${delay.toFixed(3)} s`),
};
