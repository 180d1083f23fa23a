// What a connection can be asked: its state, its addresses, what it has moved and what waits. It only reads.

import type { Connection } from '../connection/connection';
import { STATUS, type StatusName } from '../connection/state';
import type { ParsedUrl } from '../options/url';
import { Callbacks } from './callbacks';

export abstract class Inquiries extends Callbacks {
  #lastLatency: number | undefined;
  // Of connections that others have followed.
  #bytesRead = 0;
  #bytesWritten = 0;

  /** @internal The present connection, or the last one. */
  protected abstract get present(): Connection;
  /** @internal Its URL; undefined before the first attempt if a function provides it. */
  protected abstract get presentUrl(): ParsedUrl | undefined;

  /** The last round trip of a heartbeat, in seconds; undefined before the first. */
  get latency(): number | undefined {
    return this.#lastLatency;
  }

  /** Bytes received over all connections of this object, handshakes included (TLS not). */
  get bytesRead(): number {
    return this.#bytesRead + this.present.bytesRead;
  }

  /** Bytes that the runtime has taken to send, over all connections of this object, handshakes included (TLS not). */
  get bytesWritten(): number {
    return this.#bytesWritten + this.present.bytesWritten;
  }

  /** The state as Workerman's number (INITIAL 0, CONNECTING 1, ESTABLISHED 2, ENDING 4, CLOSING 8, CLOSED 16) or name. */
  getStatus(asNumber?: true): number;
  getStatus(asNumber: false): StatusName;
  getStatus(asNumber = true): number | StatusName {
    const { name, number } = STATUS[this.present.state];
    return asNumber ? number : name;
  }

  /** The peer's address (the proxy's, if there is one); '' unless the connection is open. */
  getRemoteIp(): string {
    return this.present.endpoints.remoteAddress ?? '';
  }

  /** The peer's port; 0 unless the connection is open. */
  getRemotePort(): number {
    return this.present.endpoints.remotePort ?? 0;
  }

  /** The peer's address and port, `'192.0.2.1:443'` or `'[2001:db8::1]:443'`; '' unless the connection is open. */
  getRemoteAddress(): string {
    return joined(this.getRemoteIp(), this.getRemotePort());
  }

  /** The host name of the URL; '' before the first attempt if a function provides it. */
  getRemoteHost(): string {
    return this.presentUrl?.hostname ?? '';
  }

  /** Path and query of the URL; '' before the first attempt if a function provides it. */
  getRemoteURI(): string {
    return this.presentUrl?.path ?? '';
  }

  /** Our own address; '' unless the connection is open. */
  getLocalIp(): string {
    return this.present.endpoints.localAddress ?? '';
  }

  /** Our own port; 0 unless the connection is open. */
  getLocalPort(): number {
    return this.present.endpoints.localPort ?? 0;
  }

  /** Our own address and port; '' unless the connection is open. */
  getLocalAddress(): string {
    return joined(this.getLocalIp(), this.getLocalPort());
  }

  /** Whether the peer is connected by IPv4. */
  isIpV4(): boolean {
    return this.getRemoteIp().includes('.');
  }

  /** Whether the peer is connected by IPv6. */
  isIpV6(): boolean {
    return this.getRemoteIp().includes(':');
  }

  /** Bytes that wait to be sent, frame headers included. */
  getSendBufferQueueSize(): number {
    return this.present.sender.size;
  }

  /** Bytes that were received and not delivered: of a message that is not whole, or behind `pauseRecv()`. */
  getRecvBufferQueueSize(): number {
    return this.present.unreadBytes;
  }

  /** Whether nothing waits to be sent. */
  bufferIsEmpty(): boolean {
    return this.present.sender.size === 0;
  }

  /** @internal The heartbeat had an answer, so many seconds after its question. */
  protected measured(roundTrip: number): void {
    this.#lastLatency = roundTrip;
  }

  /** @internal Another connection is about to take the place of the present one. */
  protected retire(): void {
    this.#bytesRead = this.bytesRead;
    this.#bytesWritten = this.bytesWritten;
  }
}

function joined(ip: string, port: number): string {
  return port === 0 ? ip : ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}
