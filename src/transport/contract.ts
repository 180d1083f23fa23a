// The seam between a connection and its runtime: a byte pipe in four verbs, five callbacks and one question. What is behind
// it (sockets, TLS, streams, a test's memory) is nobody else's concern. package.json's `imports` choose the implementation.

import type { TcpSocketConnectOpts } from 'node:net';
import type { ConnectionOptions as TlsOptions } from 'node:tls';

/** Options of TLS, by the runtime's own names. `Partial`, as they are: without @types/node nothing else would say so. */
export type SecureOptions = Partial<
  Pick<
    TlsOptions,
    | 'ca'
    | 'cert'
    | 'key'
    | 'pfx'
    | 'crl'
    | 'passphrase'
    | 'servername'
    | 'rejectUnauthorized'
    | 'checkServerIdentity'
    | 'ciphers'
    | 'sigalgs'
    | 'ecdhCurve'
    | 'minDHSize'
    | 'minVersion'
    | 'maxVersion'
    | 'secureOptions'
    | 'secureContext'
    | 'pskCallback'
    | 'session'
  >
>;

/** Options of the dial by the runtime's own names and meaning, and so for the address of a proxy if there is one. */
export const DIAL_OPTIONS = [
  'family',
  'hints',
  'lookup',
  'localAddress',
  'localPort',
  'autoSelectFamily',
  'autoSelectFamilyAttemptTimeout',
] as const;

/** Those of TCP itself, whose meaning is ours. */
export const TCP_OPTIONS = ['keepAlive', 'noDelay'] as const;

export type DialOption = (typeof DIAL_OPTIONS)[number] | (typeof TCP_OPTIONS)[number];

/** Options that go to the runtime's own connect function, by the runtime's own names. */
export type SocketOptions = Partial<Pick<TcpSocketConnectOpts, (typeof DIAL_OPTIONS)[number]>> &
  SecureOptions & {
    /**
     * Seconds without a byte until the system's TCP asks whether the peer is still there (RFC 9293 §3.8.4), a whole number from 1 to
     * 32,767; then it asks as the system has it. Default false: it does not. In Node it is `true` and `keepAliveInitialDelay`.
     */
    readonly keepAlive?: number | false | undefined;
    /** Whether small writes leave at once, in place of waiting for what is underway (RFC 9293 §3.7.4); default true. */
    readonly noDelay?: boolean | undefined;
    /**
     * TLS to an `https://` proxy, which is verified against the proxy's own name. Default: the `ca` above and nothing else.
     * All other options of TLS are for the server behind the proxy.
     */
    readonly proxyTls?: SecureOptions | undefined;
    /** Ends an attempt when it is aborted; a connection that is open stays so. */
    readonly signal?: AbortSignal | undefined;
  };

/** How a certificate is verified where the runtime's own options cannot say it; then these rules hold in place of them. */
export interface Verification {
  /** What its chain must lead to; 'self-signed': an authority that is trusted, or a certificate that signed itself. */
  readonly chain: 'trusted' | 'self-signed' | 'any';
  /** For whom it must be made out; false: for anybody. Default: what TLS without this would ask for. */
  readonly name?: string | false | undefined;
  /** What the certificate itself must be, in all of these digests: hexadecimal digits in lower case, without colons. */
  readonly fingerprints: Readonly<Partial<Record<DigestName, string>>>;
}

export type DigestName = 'sha1' | 'sha256' | 'sha512';

/** A file to be read when a connection is dialled, and the option that names it. */
export interface NamedFile {
  readonly path: string;
  readonly option: string;
}

/** The options as a transport gets them. */
export type DialOptions = SocketOptions & {
  readonly verification?: Verification | undefined;
  /** Options whose values are in files: read at every dial, since certificates are renewed. */
  readonly files?: Readonly<Partial<Record<'ca' | 'cert' | 'key', NamedFile>>> | undefined;
  /** Opens the pipe in place of the runtime's own. */
  readonly transport?: Connect | undefined;
};

/** Through what a connection is to go, and with which credentials. */
export interface ProxyTarget {
  /** 'http': CONNECT (RFC 9110 §9.3.6). 'socks5': RFC 1928. */
  readonly kind: 'http' | 'socks5';
  /** TLS to the proxy itself. */
  readonly secure: boolean;
  /** Host name or address, an IPv6 address without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** The value of the Proxy-Authorization header, as it stands (RFC 9110 §11.7.2). */
  readonly authorization?: string | undefined;
  /** What an HTTP proxy is told besides; a list of strings is several lines. */
  readonly headers?: Readonly<Record<string, string | number | readonly string[]>> | undefined;
  /** For SOCKS5, in UTF-8 each 1 to 255 bytes (RFC 1929 §2). */
  readonly credentials?: { readonly username: Uint8Array; readonly password: Uint8Array } | undefined;
}

/** Where a transport connects to. */
export interface TransportTarget {
  readonly secure: boolean;
  /** Host name or address, an IPv6 address without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** A socket file, in place of host and port. */
  readonly socketPath?: string | undefined;
  readonly options: DialOptions;
  /** Goes there through this proxy, which also resolves the name; never directly then. */
  readonly proxy?: ProxyTarget | undefined;
  /** Given for a proxy alone, and true where `startTls` will be called: there are runtimes that must know when they dial. */
  readonly tlsFollows?: boolean | undefined;
}

export interface TransportHandlers {
  /** The pipe is up (TLS included); again behind `startTls`. */
  onConnect(): void;
  /**
   * Where the next read should put its bytes, if it can: asked before the first one and behind each `onRead`. For the runtime's
   * own sockets it is one window for all connections; a transport of the user's gets memory of its connection's own.
   */
  readTarget(): Uint8Array;
  /**
   * The first `length` bytes of `bytes` arrived: the very object that `readTarget` returned, or one of the transport's own.
   * They are only there until this returns.
   */
  onRead(bytes: Uint8Array, length: number): void;
  /** A write that returned false is finished: its memory is free. */
  onWritten(): void;
  /** A write has failed: no other one is taken. What the peer had sent before may still be read; `onClose` follows. */
  onUnwritable?(): void;
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

/** What a pipe may wait for before it is up. */
export type Step =
  | 'DNS'
  | 'TCP'
  | 'DNS or TCP'
  | 'TLS'
  | 'the proxy'
  | `the proxy, ${'DNS' | 'TCP' | 'DNS or TCP' | 'TLS'}`;

export interface Transport {
  /** What it waits for, as long as it is not up: what a time-out says. Absent where that is not known. */
  readonly waitsFor?: Step | undefined;
  readonly endpoints: Endpoints;
  /** Bytes that were taken to be sent and that the peer's TCP has not acknowledged, where that can be known at this moment. */
  readonly unacknowledged?: number | undefined;
  /** The runtime's own object, for whoever must have it: what is read from it or written to it passes this library by. */
  readonly socket?: unknown;
  /**
   * Sends bytes. True: the runtime took them, their memory is free again. False: it holds them by reference until `onWritten`;
   * what is written meanwhile queues up behind them. A pipe that is broken takes none, and `onClose` follows. What it throws ends
   * the connection with that as its cause. A transport of the user's gets copies, which are its own.
   */
  write(bytes: Uint8Array): boolean;
  /** Whether to go on reading. A few more reads may arrive after `read(false)`. */
  read(isWanted: boolean): void;
  /** Whether the process stays alive for this pipe, read or not; until this is called it does, where the runtime has such a thing. */
  ref?(isWanted: boolean): void;
  /**
   * Begins TLS inside of this pipe, with this target and its options; `onConnect` tells when it is up, and nothing may be
   * written before. Only on a pipe that was dialled with `tlsFollows`. Throws if the runtime refuses an option.
   */
  startTls(target: TransportTarget): void;
  /** Closes: 'flush' sends what was written and then FIN, 'now' drops it. */
  close(how: 'flush' | 'now'): void;
}

/**
 * Opens a pipe. What goes wrong at once may be thrown; what goes wrong later is told by `onClose`. Where a target has a proxy, a
 * transport of the user's is asked for a pipe to the proxy, and sees no such target. A runtime's own is made so by `tunnelled`
 * (proxy/tunnel.ts).
 */
export type Connect = (target: TransportTarget, handlers: TransportHandlers) => Transport;
