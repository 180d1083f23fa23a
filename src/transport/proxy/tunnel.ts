// A pipe through a proxy: it dials the proxy with the runtime's own transport, negotiates the tunnel, begins TLS inside of it
// where the target wants that, and from then on passes calls on. It owns the order of these steps, their errors and the
// second that a refusal may take to explain itself; it must not know sockets, nor what goes through the tunnel.

import { isUint8Array } from '../../base/brands';
import { CONNECTION_FAULTS, WsimdError } from '../../base/faults';
import { detailOf, messageOf } from '../../base/thrown';
import { Deadline } from '../../runtime/deadline';
import {
  type Connect,
  DIAL_OPTIONS,
  type Endpoints,
  type ProxyTarget,
  type SocketOptions,
  type Step,
  TCP_OPTIONS,
  type Transport,
  type TransportHandlers,
  type TransportTarget,
} from '../contract';
import { negotiationWith } from './kinds';
import type { Negotiation } from './negotiation';

/** Seconds to wait for the body of a refusal. */
const BODY_PATIENCE = 1;

/** The same way to open pipes, by way of a proxy where the target has one. */
export function tunnelled(connect: Connect): Connect {
  return (target, handlers) =>
    target.proxy === undefined ? connect(target, handlers) : connectThrough(connect, target.proxy, target, handlers);
}

/**
 * Opens a pipe to `target` through `proxy`. Whatever fails on the way there is an error of kind PROXY_FAIL, never a direct
 * connection.
 *
 * @param connect the runtime's own
 */
export function connectThrough(
  connect: Connect,
  proxy: ProxyTarget,
  target: TransportTarget,
  handlers: TransportHandlers,
): Transport {
  return new Tunnel(connect, proxy, target, negotiationWith(proxy, target), handlers);
}

class Tunnel implements Transport, TransportHandlers {
  private readonly transport: Transport;
  private phase: 'dial' | 'negotiation' | 'tls' | 'open' = 'dial';
  /** Until the tunnel is there. */
  private negotiation: Negotiation | undefined;
  private failure: WsimdError | undefined;
  /** Closed from within: what comes in or goes wrong meanwhile is of no interest any more. */
  private isClosed = false;
  private bodyDeadline: Deadline | undefined;

  constructor(
    connect: Connect,
    proxy: ProxyTarget,
    private readonly target: TransportTarget,
    negotiation: Negotiation,
    private readonly handlers: TransportHandlers,
  ) {
    this.negotiation = negotiation;
    const { secure, hostname, port } = proxy;
    const options = dialOptions(target.options, secure);
    try {
      this.transport = connect({ secure, hostname, port, options, tlsFollows: target.secure }, this);
    } catch (error) {
      throw new WsimdError(CONNECTION_FAULTS.proxyConnect, messageOf(error), error);
    }
  }

  // What the pipe to the proxy tells.

  onConnect(): void {
    if (this.phase === 'tls') {
      this.phase = 'open';
      this.handlers.onConnect();
    } else {
      this.phase = 'negotiation';
      this.transport.write(this.negotiation!.request);
    }
  }

  readTarget(): Uint8Array {
    return this.handlers.readTarget();
  }

  onRead(bytes: Uint8Array, length: number): void {
    if (this.negotiation === undefined) this.handlers.onRead(bytes, length);
    else if (!this.isClosed) this.negotiate(this.negotiation, bytes, length);
  }

  onWritten(): void {
    if (this.phase === 'open') this.handlers.onWritten();
  }

  onUnwritable(): void {
    if (this.phase === 'open') this.handlers.onUnwritable?.();
  }

  onEnd(): void {
    if (this.negotiation === undefined) this.handlers.onEnd();
    else this.fail(this.negotiation.verdictAtEnd());
  }

  onClose(error?: Error): void {
    this.bodyDeadline?.cancel();
    this.handlers.onClose(this.failure ?? this.explained(error));
  }

  // What the connection wants.

  get waitsFor(): Step | undefined {
    if (this.phase === 'tls') return 'TLS';
    if (this.phase === 'negotiation') return 'the proxy';
    return this.transport.waitsFor === undefined ? 'the proxy' : (`the proxy, ${this.transport.waitsFor}` as Step);
  }

  /** The proxy's, where the other end is. */
  get endpoints(): Endpoints {
    return this.transport.endpoints;
  }

  write(bytes: Uint8Array): boolean {
    return this.transport.write(bytes);
  }

  read(isWanted: boolean): void {
    this.transport.read(isWanted);
  }

  ref(isWanted: boolean): void {
    this.transport.ref?.(isWanted);
  }

  startTls(target: TransportTarget): void {
    this.transport.startTls(target);
  }

  close(how: 'flush' | 'now'): void {
    this.isClosed = true;
    this.bodyDeadline?.cancel();
    this.transport.close(this.phase === 'open' ? how : 'now');
  }

  private negotiate(negotiation: Negotiation, bytes: Uint8Array, length: number): void {
    const verdict = negotiation.read(bytes, length);
    if (isUint8Array(verdict)) {
      this.transport.write(verdict);
    } else if (verdict instanceof WsimdError) {
      this.fail(verdict);
    } else if (verdict === 'body') {
      this.bodyDeadline = new Deadline(BODY_PATIENCE, () => this.fail(negotiation.verdictAtEnd()));
      this.bodyDeadline.begin();
    } else if (verdict === 'open') {
      this.negotiation = undefined;
      // A copy, since the place may be used again before it is passed on.
      this.opened(bytes.slice(negotiation.taken, length));
    }
  }

  /** @param rest what came behind the proxy's answer, in the same chunk */
  private opened(rest: Uint8Array): void {
    if (!this.target.secure) {
      this.phase = 'open';
      this.handlers.onConnect();
      if (rest.length > 0 && !this.isClosed) this.handlers.onRead(rest, rest.length);
      return;
    }
    this.phase = 'tls';
    if (rest.length > 0) {
      // A server of TLS does not speak first (RFC 8446 §2): this is the proxy's own, or worse.
      this.fail(new WsimdError(CONNECTION_FAULTS.proxySyntax, 'there are bytes behind its answer, in front of TLS'));
      return;
    }
    try {
      this.transport.startTls(this.target);
    } catch (error) {
      // The same as without a proxy: an option that the runtime refuses.
      this.fail(new WsimdError(CONNECTION_FAULTS.connect, messageOf(error), error));
    }
  }

  private fail(error: WsimdError): void {
    if (this.isClosed) return;
    this.failure = error;
    this.close('now');
  }

  /** What an end of the pipe means in this phase. */
  private explained(error: Error | undefined): Error | undefined {
    if (this.isClosed || this.negotiation === undefined) return error;
    if (this.phase === 'negotiation') return this.negotiation.verdictAtEnd(error);
    const isTls = error instanceof WsimdError && error.fault === CONNECTION_FAULTS.tls;
    return new WsimdError(
      isTls ? CONNECTION_FAULTS.proxyTls : CONNECTION_FAULTS.proxyConnect,
      detailOf(error),
      error?.cause,
    );
  }
}

/** All others are for TLS with the target: the proxy gets to see none of them, such as a certificate of the client. */
function dialOptions(options: SocketOptions, secure: boolean): SocketOptions {
  const { ca, proxyTls = ca === undefined ? {} : { ca } } = options;
  const names = [...DIAL_OPTIONS, ...TCP_OPTIONS].filter((name) => Object.hasOwn(options, name));
  const ofDial = names.map((name) => [name, options[name]]);
  return { ...(secure ? proxyTls : {}), ...Object.fromEntries(ofDial) };
}
