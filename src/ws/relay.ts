// Lets node:http read an answer that came on a pipe of ours, so that whoever asks gets real requests and responses, and its
// errors in its own words. The request has gone already: what is written here goes nowhere. It knows no WebSocket.

import { Buffer } from 'node:buffer';
import { Duplex } from 'node:stream';
import { throwSoon } from '../runtime/tasks';
import type { Transport } from '../transport/contract';
import { EMPTY } from './data';

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

/**
 * Bytes that node:http gets at once of an answer that has interim responses before it. A read may have 64 KiB, which are some
 * 3,000 of them, and what node:http has it parses to the end, even if the first hundred were too many.
 */
const PIECE_BYTES = 16_384;

export class Relay extends Duplex {
  /** The runtime's own socket below it. */
  readonly below: unknown;
  private isReleased = false;
  private isEnded = false;
  /** What node:http has not got yet of the bytes that are being handed over. */
  private rest: Uint8Array | undefined;

  /** @param inPieces whether interim responses begin the answer: node:http stops by itself at the end of any other head */
  constructor(
    private readonly transport: Transport,
    private readonly inPieces: boolean,
  ) {
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

  /** More of the answer, which nobody else writes to. */
  receive(bytes: Uint8Array): void {
    this.rest = bytes;
    let isWanted = true;
    // Gone when the pipe is given back within.
    while (this.rest !== undefined && this.rest.length > 0 && !this.destroyed) {
      const { rest } = this;
      const length = this.inPieces ? Math.min(rest.length, PIECE_BYTES) : rest.length;
      this.rest = rest.subarray(length);
      isWanted = this.hand(Buffer.from(rest.buffer, rest.byteOffset, length));
    }
    this.rest = undefined;
    if (!isWanted && !this.isReleased) this.transport.read(false);
  }

  /** Nothing follows. */
  pushEnd(): void {
    if (this.isEnded || this.destroyed) return;
    this.isEnded = true;
    this.hand(null);
  }

  /** Gives the pipe back, with all that nobody has read. */
  release(head: Uint8Array): Buffer {
    this.isReleased = true;
    const unread = (this.read() as Buffer | null) ?? EMPTY;
    const rest = this.rest ?? EMPTY;
    this.rest = undefined;
    this.transport.read(true);
    return Buffer.concat([head, unread, rest]);
  }

  /**
   * Who listens to the request or to its answer is called within: what he throws is an uncaught exception, as it is when a
   * socket calls him, and must not run through whoever reads the pipe.
   */
  private hand(piece: Buffer | null): boolean {
    try {
      return this.push(piece);
    } catch (error) {
      throwSoon(error);
      return true;
    }
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
