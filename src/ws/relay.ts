// Lets node:http read an answer that came on a pipe of ours, so that whoever asks gets real requests and responses, and its
// errors in its own words. The request has gone already: what is written here goes nowhere. It knows no WebSocket.

import { Duplex } from 'node:stream';
import type { Transport } from '../transport';

/** What users ask the socket of a response for. */
const INQUIRIES = [
  'remoteAddress',
  'remotePort',
  'remoteFamily',
  'localAddress',
  'localPort',
  'encrypted',
  'authorized',
  'authorizationError',
  'alpnProtocol',
] as const;
const METHODS = [
  'getPeerCertificate',
  'getPeerX509Certificate',
  'getCertificate',
  'getCipher',
  'getProtocol',
  'getSession',
  'address',
  'ref',
  'unref',
  'setKeepAlive',
  'setNoDelay',
] as const;

export class Relay extends Duplex {
  /** The runtime's own socket below it. */
  readonly below: unknown;
  private isReleased = false;
  private isEnded = false;

  constructor(private readonly transport: Transport) {
    super();
    this.below = transport.socket;
    const socket = (transport.socket ?? {}) as Record<string, unknown>;
    for (const name of INQUIRIES) {
      if (name in socket) Object.defineProperty(this, name, { configurable: true, get: () => socket[name] });
    }
    for (const name of METHODS) {
      const method = socket[name];
      if (typeof method === 'function')
        Object.defineProperty(this, name, { configurable: true, value: method.bind(socket) });
    }
  }

  /** More of the answer. */
  receive(bytes: Uint8Array): void {
    if (!this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))) this.transport.read(false);
  }

  /** Nothing follows. */
  ended(): void {
    if (this.isEnded || this.destroyed) return;
    this.isEnded = true;
    this.push(null);
  }

  /** Gives the pipe back, with all that nobody has read. */
  release(head: Uint8Array): Buffer {
    this.isReleased = true;
    const unread = this.read() as Buffer | null;
    this.transport.read(true);
    return unread === null ? Buffer.from(head) : Buffer.concat([head, unread]);
  }

  override _read(): void {
    if (!this.isReleased) this.transport.read(true);
  }

  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.isReleased) this.transport.close('now');
    done(error);
  }
}
