// The seam between a connection and its runtime: a byte pipe in three verbs, five callbacks and one question. What is behind it (sockets,
// TLS, streams, a test's memory) is nobody else's concern. package.json's `imports` choose the implementation.

import type { TcpSocketConnectOpts } from 'node:net';
import type { ConnectionOptions as TlsOptions } from 'node:tls';

/** Options that go to the runtime's own connect function, by the runtime's own names. */
export type SocketOptions = Pick<TcpSocketConnectOpts, 'family' | 'hints' | 'lookup' | 'localAddress' | 'localPort'> &
  Pick<
    TlsOptions,
    | 'ca'
    | 'cert'
    | 'key'
    | 'pfx'
    | 'passphrase'
    | 'servername'
    | 'rejectUnauthorized'
    | 'checkServerIdentity'
    | 'ciphers'
    | 'minVersion'
    | 'maxVersion'
    | 'secureContext'
    | 'session'
  > & {
    /** Ends an attempt when it is aborted; a connection that is open stays so. */
    signal?: AbortSignal | undefined;
  };

/** Where a transport connects to. */
export interface TransportTarget {
  readonly secure: boolean;
  /** Host name or address, an IPv6 address without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** A socket file, in place of host and port. */
  readonly socketPath?: string | undefined;
  readonly options: SocketOptions;
}

export interface TransportHandlers {
  /** The pipe is up (TLS included). */
  onConnect(): void;
  /**
   * Where the next read should put its bytes, if it can: asked before the first one and behind each `onRead`. Mostly it is one
   * window for all connections, so a transport must not read before it is ready to call `onRead`.
   */
  readTarget(): Uint8Array;
  /**
   * The first `length` bytes of `bytes` arrived: the very object that `readTarget` returned, or one of the transport's own.
   * They are only there until this returns.
   */
  onRead(bytes: Uint8Array, length: number): void;
  /** A write that returned false is finished: its memory is free. */
  onDrain(): void;
  /** The peer sends no more, though it may still read. */
  onEnd(): void;
  /** Exactly once, after which nothing follows. `error` if the pipe broke or was never up. */
  onClose(error?: Error): void;
}

/** The two ends of a pipe, as far as there are such: nothing before it is up, and after its end. */
export interface Endpoints {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
}

export interface Transport {
  readonly endpoints: Endpoints;
  /**
   * Sends bytes. True: the runtime took them, their memory is free again. False: it holds them by reference until `onDrain`;
   * what is written meanwhile queues up behind them. A pipe that is broken takes none, and `onClose` follows.
   */
  write(bytes: Uint8Array): boolean;
  /** Whether to go on reading. A few more reads may arrive after `read(false)`. */
  read(isWanted: boolean): void;
  /** Closes: 'flush' sends what was written and then FIN, 'now' drops it. */
  close(how: 'flush' | 'now'): void;
}

/** Opens a pipe. */
export type Connect = (target: TransportTarget, handlers: TransportHandlers) => Transport;
