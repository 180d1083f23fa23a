// One handshake by node:http: the request, the checks of its answer, and the npm package `ws`' sentences for what is wrong with
// it. It knows neither connections nor where its answer comes from.

import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Duplex } from 'node:stream';
import { CONNECTION_FAULTS, type WsimdError } from '../faults';
import { acceptFor } from '../handshake/key';
import { agree, type DeflateOffer } from '../handshake/permessage-deflate';
import type { HandshakeResponse } from '../handshake/response-parser';
import type { Transport, TransportHandlers } from '../transport';
import { adopt } from '../transport/node';
import type { HttpOptions } from './options';
import type { Relay } from './relay';

/** What became of it. At most one of the last three is told, behind which nothing follows. */
export interface HttpVerdicts {
  isWanted(): boolean;
  emit(event: 'upgrade' | 'unexpected-response', ...values: unknown[]): boolean;
  onRedirect(location: string): void;
  onAccepted(response: HandshakeResponse, connect: (handlers: TransportHandlers) => Transport, head: Uint8Array): void;
  /** It has failed: `onFailed` follows. */
  onFailing(): void;
  onFailed(error: Error): void;
}

export interface Expected {
  readonly key: string;
  readonly protocols: readonly string[];
  readonly offers: readonly DeflateOffer[] | undefined;
  readonly isSecure: boolean;
  /** Whether redirects are followed. */
  readonly follows: boolean;
}

export class HttpRequest {
  readonly request: ClientRequest;
  private isOver = false;

  /** @throws what node:http refuses */
  constructor(
    private readonly verdicts: HttpVerdicts,
    options: HttpOptions,
    private readonly expected: Expected,
    private readonly relay?: Relay,
  ) {
    const asked =
      relay === undefined
        ? options
        : { ...options, agent: undefined, createConnection: () => relay, timeout: undefined };
    this.request = (expected.isSecure ? requestHttps : requestHttp)(asked as object);
    this.request.on('error', (error) => this.failed(error));
    this.request.on('response', (response) => this.answered(response));
    this.request.on('upgrade', (response, socket, head) => this.upgraded(response, socket, head));
    if (asked.timeout) this.request.on('timeout', () => this.fail('Opening handshake has timed out'));
  }

  send(finish: ((request: ClientRequest) => void) | undefined): void {
    if (finish === undefined || this.relay !== undefined) this.request.end();
    else finish(this.request);
  }

  /** Gives up without a word. */
  abort(): void {
    this.isOver = true;
    const { socket } = this.request;
    this.request.destroy();
    // A request that has its answer lets go of its socket.
    socket?.destroy();
  }

  /** Gives up, and says why, behind this call. */
  fail(sentence: string): void {
    if (this.isOver) return;
    this.abort();
    this.verdicts.onFailing();
    const error = new Error(sentence);
    process.nextTick(() => this.verdicts.onFailed(error));
  }

  private failed(error: Error): void {
    if (this.isOver) return;
    this.isOver = true;
    this.verdicts.onFailed(error);
  }

  private answered(response: IncomingMessage): void {
    const { statusCode: status = 0, headers } = response;
    if (headers.location && this.expected.follows && status >= 300 && status < 400) {
      this.verdicts.onRedirect(headers.location);
    } else if (!this.verdicts.emit('unexpected-response', this.request, response)) {
      this.fail(`Unexpected server response: ${status}`);
    }
  }

  private upgraded(response: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Users look for addresses and certificates there.
    const own = this.relay?.below;
    if (own !== undefined) response.socket = own as IncomingMessage['socket'];
    this.verdicts.emit('upgrade', response);
    if (this.isOver || !this.verdicts.isWanted()) return;
    this.isOver = true;
    const complaint = this.complaintOf(response);
    if (complaint !== undefined) {
      const error = new Error(complaint);
      this.verdicts.onFailing();
      socket.on('error', () => {}).once('close', () => this.verdicts.onFailed(error));
      socket.destroy();
      return;
    }
    const connect = (handlers: TransportHandlers): Transport => adopt(socket, handlers);
    this.verdicts.onAccepted(toResponse(response), connect, head);
  }

  /** By the list of RFC 6455 §4.1. */
  private complaintOf({ headers }: IncomingMessage): string | undefined {
    const { key, protocols, offers } = this.expected;
    const protocol = headers['sec-websocket-protocol'];
    if (headers.upgrade?.toLowerCase() !== 'websocket') return 'Invalid Upgrade header';
    if (headers['sec-websocket-accept'] !== acceptFor(key)) return 'Invalid Sec-WebSocket-Accept header';
    if (protocol === undefined && protocols.length > 0) return 'Server sent no subprotocol';
    if (protocol !== undefined && protocols.length === 0) return 'Server sent a subprotocol but none was requested';
    if (protocol !== undefined && !protocols.includes(protocol)) return 'Server sent an invalid subprotocol';
    return extensionComplaint(offers, headers['sec-websocket-extensions']);
  }
}

function extensionComplaint(offers: Expected['offers'], header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (offers === undefined) return 'Server sent a Sec-WebSocket-Extensions header but no extension was requested';
  try {
    agree(offers, header);
    return undefined;
  } catch (error) {
    const isOther = (error as WsimdError).fault === CONNECTION_FAULTS.handshakeExtension;
    return isOther ? 'Server indicated an extension that was not requested' : 'Invalid Sec-WebSocket-Extensions header';
  }
}

function toResponse({
  statusCode = 0,
  statusMessage = '',
  headers,
  rawHeaders,
  httpVersion,
}: IncomingMessage): HandshakeResponse {
  const joined = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : value,
  ]);
  return {
    status: statusCode,
    statusText: statusMessage,
    headers: Object.assign(Object.create(null), Object.fromEntries(joined)),
    setCookie: headers['set-cookie'] ?? [],
    protocol: headers['sec-websocket-protocol'] ?? '',
    extensions: headers['sec-websocket-extensions'] ?? '',
    toString: () => {
      let head = `HTTP/${httpVersion} ${statusCode} ${statusMessage}\r\n`;
      for (let at = 0; at < rawHeaders.length; at += 2) head += `${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`;
      return `${head}\r\n`;
    },
  };
}
