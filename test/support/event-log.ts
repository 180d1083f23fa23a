// What a connection tells, written down in order, one line for each callback: tests compare the whole list, so that a
// callback too many fails as surely as one too few.

import type { AsyncTcpConnection, ConnectionCloseEvent, HandshakeResponse } from '../../src/index';

type Name =
  | 'onConnect'
  | 'onWebSocketConnect'
  | 'onMessage'
  | 'onWebSocketPing'
  | 'onWebSocketPong'
  | 'onWebSocketClose'
  | 'onClose'
  | 'onError'
  | 'onBufferFull'
  | 'onBufferDrain'
  | 'onReconnect'
  | 'onReconnectFailed';

/** Those that need no policy. */
export const CALLBACKS: readonly Name[] = [
  'onConnect',
  'onWebSocketConnect',
  'onMessage',
  'onWebSocketPing',
  'onWebSocketPong',
  'onWebSocketClose',
  'onClose',
  'onError',
  'onBufferFull',
  'onBufferDrain',
];

/** A test's own callbacks, called after the line has been written. */
export type Callbacks = { readonly [name in Name]?: NonNullable<AsyncTcpConnection[name]> };

/** Error numbers by name. */
const KINDS = [
  '',
  'CONNECT_FAIL',
  'SEND_FAIL',
  'HANDSHAKE_FAIL',
  'PROTOCOL_ERROR',
  'TIMEOUT',
  'DEAD_PEER',
  'TLS_FAIL',
  'CALLBACK_EXCEPTION',
  'PROXY_FAIL',
  'ABORTED',
];

/** Kept away from fake timers. */
const { setTimeout, clearTimeout } = globalThis;
const PATIENCE = 20_000;

export class EventLog {
  /** `connect`, `open 101`, `message hello`, `message <3 bytes>`, `error DEAD_PEER`, `close 1006`, … */
  readonly events: string[] = [];
  readonly messages: (string | Uint8Array)[] = [];
  readonly errors: { readonly code: number; readonly message: string; readonly cause: unknown }[] = [];
  readonly closings: Omit<ConnectionCloseEvent, 'attempt' | 'willReconnect' | 'unconfirmed'>[] = [];
  /** What follows each of them. */
  readonly outlooks: Pick<ConnectionCloseEvent, 'attempt' | 'willReconnect'>[] = [];
  /** Messages that each may have lost on their way. */
  readonly unconfirmed: number[] = [];
  response: HandshakeResponse | undefined;
  private readonly checks = new Set<() => void>();

  /** Resolves when the condition holds, or when this line has been written so many times; at once if it is so already. */
  until(condition: string | ((log: this) => boolean), times = 1): Promise<this> {
    const holds =
      typeof condition === 'function'
        ? condition
        : (): boolean => this.events.filter((event) => event === condition).length >= times;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.checks.delete(check);
        reject(new Error(`Waited for ${condition}, but only this happened: ${this.events.slice(0, 50).join(', ')}`));
      }, PATIENCE);
      const check = (): void => {
        if (!holds(this)) return;
        clearTimeout(timer);
        this.checks.delete(check);
        resolve(this);
      };
      this.checks.add(check);
      check();
    });
  }

  write(line: string): void {
    this.events.push(line);
    for (const check of this.checks) check();
  }
}

/** Writes down all that the connection tells from now on. A ping is only written down, and then not answered, if asked for. */
export function record(connection: AsyncTcpConnection, callbacks: Callbacks = {}): EventLog {
  const log = new EventLog();
  connection.onConnect = (...rest) => {
    log.write('connect');
    callbacks.onConnect?.(...rest);
  };
  connection.onWebSocketConnect = (...rest) => {
    log.response = rest[1];
    log.write(`open ${rest[1].status}`);
    callbacks.onWebSocketConnect?.(...rest);
  };
  connection.onMessage = (...rest) => {
    const data = rest[1];
    log.messages.push(data);
    log.write(`message ${typeof data === 'string' ? data.slice(0, 40) : `<${data.length} bytes>`}`);
    callbacks.onMessage?.(...rest);
  };
  const { onWebSocketPing } = callbacks;
  if (onWebSocketPing !== undefined) {
    connection.onWebSocketPing = (...rest) => {
      log.write(`ping ${Buffer.from(rest[1])}`);
      onWebSocketPing(...rest);
    };
  }
  connection.onWebSocketPong = (...rest) => {
    log.write(`pong ${Buffer.from(rest[1])}`);
    callbacks.onWebSocketPong?.(...rest);
  };
  connection.onWebSocketClose = (...rest) => {
    log.write(`close frame ${rest[1]} ${rest[2]}`.trim());
    callbacks.onWebSocketClose?.(...rest);
  };
  connection.onClose = (...rest) => {
    const { attempt, willReconnect, unconfirmed, ...closing } = rest[1];
    log.closings.push(closing);
    log.outlooks.push({ attempt, willReconnect });
    log.unconfirmed.push(unconfirmed);
    log.write(`close ${closing.code}`);
    callbacks.onClose?.(...rest);
  };
  connection.onError = (...rest) => {
    const [, code, message, cause] = rest;
    log.errors.push({ code, message, cause });
    log.write(`error ${KINDS[code]}`);
    callbacks.onError?.(...rest);
  };
  connection.onBufferFull = (...rest) => {
    log.write('full');
    callbacks.onBufferFull?.(...rest);
  };
  connection.onBufferDrain = (...rest) => {
    log.write('drain');
    callbacks.onBufferDrain?.(...rest);
  };
  connection.onReconnect = (...rest) => {
    log.write(`reconnect ${rest[1]}`);
    callbacks.onReconnect?.(...rest);
  };
  connection.onReconnectFailed = (...rest) => {
    log.write('reconnect failed');
    callbacks.onReconnectFailed?.(...rest);
  };
  return log;
}
