// One handshake by node:http: the request, the checks of its answer, and the npm package `ws`' sentences for what is wrong with
// it. It knows neither connections nor where its answer comes from.

import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { CONNECTION_FAULTS, type WsimdError } from '../base/faults';
import type { Accepted } from '../connection/contract';
import { type Information, InterimCount, tooMuchInterim } from '../handshake/interim';
import { acceptFor } from '../handshake/key';
import { type Agreement, agree, type DeflateOffer } from '../handshake/permessage-deflate';
import type { HandshakeResponse } from '../handshake/response-parser';
import { Deadline } from '../runtime/deadline';
import { nodeModule } from '../runtime/node-modules';
import { queueTell } from '../runtime/tasks';
import type { Transport, TransportHandlers } from '../transport/contract';
import { adopt } from '../transport/node/node';
import type { HttpOptions } from './options';
import type { Relay } from './relay';

/** What became of it. At most one of the last three is told, behind which nothing follows. */
export interface HttpVerdicts {
  isWanted(): boolean;
  emit(event: 'upgrade' | 'unexpected-response', ...values: unknown[]): boolean;
  onRedirect(location: string): void;
  onAccepted(accepted: Accepted, connect: (handlers: TransportHandlers) => Transport, head: Uint8Array): void;
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

const TIMED_OUT = 'Opening handshake has timed out';

/** Milliseconds beyond which a timer fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

export class HttpRequest {
  readonly request: ClientRequest;
  private isOver = false;
  private readonly interim = new InterimCount();
  private deadline: Deadline | undefined;

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
    this.request = nodeModule(expected.isSecure ? 'https' : 'http').request(asked as object);
    this.request.on('error', (error) => this.failed(error));
    this.request.on('response', (response) => this.answered(response));
    this.request.on('upgrade', (response, socket, head) => this.upgraded(response, socket, head));
    this.request.on('information', (information) => this.informed(information));
    if (asked.timeout) this.request.on('timeout', () => this.fail(new Error(TIMED_OUT)));
    // That one is of a silence: a server that says a byte now and then would never be late.
    const { timeout = 0 } = asked;
    if (timeout > 0 && timeout <= LONGEST_TIMER) {
      this.deadline = new Deadline(timeout / 1000, () => this.fail(new Error(TIMED_OUT)));
      this.deadline.begin();
      // Whoever took an unexpected response into his own hands has read it: there is nothing to wait for.
      this.request.once('close', () => this.deadline?.cancel());
    }
  }

  send(finish: ((request: ClientRequest) => void) | undefined): void {
    if (finish === undefined || this.relay !== undefined) this.request.end();
    else finish(this.request);
  }

  /** Gives up without a word. */
  abort(): void {
    this.over();
    const { socket } = this.request;
    this.request.destroy();
    // A request that has its answer lets go of its socket.
    socket?.destroy();
  }

  /** Gives up, and says why, behind this call. */
  fail(error: Error): void {
    if (this.isOver) return;
    this.abort();
    this.verdicts.onFailing();
    queueTell(() => this.verdicts.onFailed(error));
  }

  private over(): void {
    this.isOver = true;
    this.deadline?.cancel();
  }

  private failed(error: Error): void {
    if (this.isOver) return;
    this.over();
    this.verdicts.onFailed(error);
  }

  /** node:http reads them without end. */
  private informed(information: Information): void {
    if (!this.isOver && !this.interim.accept(information)) this.fail(tooMuchInterim());
  }

  // What had come already is parsed to its end, though the request was given up within it: nobody wants to hear of that.

  private answered(response: IncomingMessage): void {
    if (this.isOver) return;
    const { statusCode: status = 0, headers } = response;
    if (headers.location && this.expected.follows && status >= 300 && status < 400) {
      this.verdicts.onRedirect(headers.location);
    } else if (!this.verdicts.emit('unexpected-response', this.request, response)) {
      this.fail(new Error(`Unexpected server response: ${status}`));
    }
  }

  private upgraded(response: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.isOver) {
      socket.destroy();
      return;
    }
    // Users look for addresses and certificates there.
    const own = this.relay?.below;
    if (own !== undefined) response.socket = own as IncomingMessage['socket'];
    this.verdicts.emit('upgrade', response);
    if (this.isOver || !this.verdicts.isWanted()) return;
    this.over();
    const verdict = this.verdictOn(response);
    if (typeof verdict === 'string') {
      const error = new Error(verdict);
      this.verdicts.onFailing();
      socket.on('error', () => {}).once('close', () => this.verdicts.onFailed(error));
      socket.destroy();
      return;
    }
    const connect = (handlers: TransportHandlers): Transport => adopt(socket, handlers);
    this.verdicts.onAccepted({ response: toResponse(response), agreement: verdict }, connect, head);
  }

  /** What is wrong with the answer, by the list of RFC 6455 §4.1, or else what was agreed on. */
  private verdictOn({ headers }: IncomingMessage): string | Agreement | undefined {
    const { key, protocols, offers } = this.expected;
    const protocol = headers['sec-websocket-protocol'];
    if (headers.upgrade?.toLowerCase() !== 'websocket') return 'Invalid Upgrade header';
    if (headers['sec-websocket-accept'] !== acceptFor(key)) return 'Invalid Sec-WebSocket-Accept header';
    if (protocol === undefined && protocols.length > 0) return 'Server sent no subprotocol';
    if (protocol !== undefined && protocols.length === 0) return 'Server sent a subprotocol but none was requested';
    if (protocol !== undefined && !protocols.includes(protocol)) return 'Server sent an invalid subprotocol';
    return agreementOf(offers, headers['sec-websocket-extensions']);
  }
}

/** Or what is wrong with the header. */
function agreementOf(offers: Expected['offers'], header: string | undefined): string | Agreement | undefined {
  if (header === undefined) return undefined;
  if (offers === undefined) return 'Server sent a Sec-WebSocket-Extensions header but no extension was requested';
  try {
    return agree(offers, header);
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
