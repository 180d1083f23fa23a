// From a constructor's arguments to an open connection, or to the error that says why not: addresses, subprotocols, redirects,
// and who does the handshake. Mostly this library does, and only an answer that is not a plain 101 is read by node:http; where
// an option speaks of node:http's own objects, node:http does it all. It emits through its owner and keeps nothing afterwards.

import { Buffer } from 'node:buffer';
import type { ClientRequest } from 'node:http';
import { isError } from '../base/brands';
import type { WsimdError } from '../base/faults';
import { toError } from '../base/thrown';
import type { NewAttempt } from '../connection/attempt';
import type { Connection } from '../connection/connection';
import type { Accepted, WrittenRequest } from '../connection/contract';
import { latin1Text } from '../handshake/header-text';
import { isInterim } from '../handshake/interim';
import { createKey } from '../handshake/key';
import { subprotocolFault } from '../handshake/subprotocols';
import { type Context, presentContext } from '../runtime/context';
import { newUrl } from '../runtime/host';
import { queueTell } from '../runtime/tasks';
import type { Transport } from '../transport/contract';
import { type Address, addressOf, complaintOf, toUrl } from './address';
import { explained } from './errors';
import { HttpRequest, type HttpVerdicts } from './http-request';
import { type Judge, JudgedAttempt } from './judged-attempt';
import { type ClientOptions, connectionSettings, dialOptions, isDirect, type Settled, settle } from './options';
import { Relay } from './relay';
import { directRequest, Redirects, requestOptions } from './request';

/** What an opening asks of the face, and tells it. */
export interface OpeningOwner {
  /** Whether it is still wanted. */
  readonly isConnecting: boolean;
  emit(event: string, ...values: unknown[]): boolean;
  listenerCount(event: string): number;
  /** The address, as it will be told. */
  addressed(href: string): void;
  /** A new connection, which has not begun. */
  newConnection(): Connection;
  /** Ends that connection without a word. */
  drop(): void;
  /** There will be no connection: `failed` follows. */
  failing(): void;
  failed(error: Error): void;
  /** The user's own code threw where nobody can catch it. */
  onException(error: unknown): void;
  /** What `finishRequest` is called with. */
  readonly face: unknown;
}

export class Opening {
  private readonly redirects = new Redirects();
  private request: HttpRequest | undefined;
  private readonly settled: Settled;
  private readonly address: Address;
  private readonly key = createKey();
  /** Undefined: node:http does it all. */
  private readonly direct: WrittenRequest | undefined;

  /** @throws what is wrong with the arguments, as `ws` says it */
  constructor(
    private readonly owner: OpeningOwner,
    given: string | URL,
    private readonly protocols: readonly string[],
    options: ClientOptions | undefined,
  ) {
    this.settled = settle(options);
    const url = toUrl(given);
    owner.addressed(url.href);
    const complaint = complaintOf(url);
    if (complaint !== undefined) throw complaint;
    checkProtocols(protocols);
    this.address = addressOf(given, url);
    const isPlain = isDirect(options);
    this.direct = isPlain ? directRequest(this.settled, this.address, protocols, this.key) : undefined;
  }

  /**
   * Begins. `finishRequest` is called within, which may give up.
   *
   * @throws what node:http refuses of the arguments, and what `finishRequest` throws: then there is nothing left of it
   */
  begin(): void {
    const { address, settled, key, direct } = this;
    try {
      if (direct === undefined) this.ask(address, settled, key);
      else this.dial(address, settled, key, direct);
    } catch (error) {
      this.abort();
      throw error;
    }
  }

  /** Gives up. */
  abort(): void {
    this.request?.abort();
    this.owner.drop();
  }

  private dial(address: Address, options: Settled, key: string, request: WrittenRequest): void {
    const { isSecure, hostname, port, socketPath } = address;
    const judge = new HttpJudge(this.owner, (answer) => this.askLater(address, options, key, answer));
    const target = { secure: isSecure, hostname, port, socketPath, options: dialOptions(options) };
    const newAttempt: NewAttempt = (...of) => new JudgedAttempt(judge, ...of);
    this.owner.newConnection().dial(connectionSettings(options), { target, request }, newAttempt);
  }

  /** The same where nobody could catch what it throws: what node:http refuses fails the attempt. */
  private askLater(address: Address, options: Settled, key: string, answer?: Answer): void {
    try {
      this.ask(address, options, key, answer);
    } catch (error) {
      this.request?.abort();
      this.owner.failing();
      queueTell(() => {
        this.owner.drop();
        this.owner.failed(toError(error));
      });
    }
  }

  /** Has node:http ask, or, where the answer comes over a relay, read what was answered. */
  private ask(address: Address, options: Settled, key: string, answer?: Answer): void {
    const { owner, protocols } = this;
    const verdicts = inContext(presentContext(), {
      isWanted: () => owner.isConnecting,
      emit: (event, ...values) => owner.emit(event, ...values),
      onRedirect: (location) => this.redirect(address, options, location),
      onAccepted: (accepted, connect, head) => {
        this.request = undefined;
        if (answer !== undefined) answer.accept(accepted, answer.relay.release(head));
        else owner.newConnection().openOver(connect, connectionSettings(options), accepted, head);
      },
      onFailing: () => owner.failing(),
      onFailed: (error) => {
        this.request = undefined;
        owner.drop();
        owner.failed(explained(error, answer?.why));
      },
    });
    const follows = options.followRedirects === true;
    const asked = requestOptions(options, address, protocols, key);
    if (follows) this.redirects.guard(asked, address, owner.listenerCount('redirect') > 0);
    this.request = new HttpRequest(
      verdicts,
      asked,
      { key, protocols, offers: options.offers, isSecure: address.isSecure, follows },
      answer?.relay,
    );
    if (this.redirects.count > 0) owner.emit('redirect', address.url.href, this.request.request);
    this.request.send(options.finishRequest && ((request) => this.finish(request, options)));
  }

  /** Nobody but the constructor's caller can catch what `finishRequest` throws; behind a redirect it is uncaught, as in `ws`. */
  private finish(request: ClientRequest, options: Settled): void {
    try {
      options.finishRequest!(request, this.owner.face as never);
    } catch (error) {
      if (this.redirects.count > 0) this.owner.onException(error);
      throw error;
    }
  }

  private redirect(from: Address, options: Settled, location: string): void {
    const { owner } = this;
    if (!this.redirects.mayFollow(options.maxRedirects)) {
      this.request?.fail(new Error('Maximum redirects exceeded'));
      return;
    }
    this.request?.abort();
    owner.drop();
    let url: URL;
    try {
      url = toUrl(newUrl(location, from.given));
    } catch {
      owner.failed(new SyntaxError(`Invalid URL: ${location}`));
      return;
    }
    owner.addressed(url.href);
    const complaint = complaintOf(url);
    if (complaint === undefined) this.askLater(addressOf(url, url), options, createKey());
    else owner.failed(complaint);
  }
}

/** The same, told in the context in which node:http was asked: an agent's socket may have been made in another one. */
function inContext(context: Context, verdicts: HttpVerdicts): HttpVerdicts {
  return {
    isWanted: verdicts.isWanted,
    emit: (...told) => context.runInAsyncScope(verdicts.emit, verdicts, ...told),
    onRedirect: (location) => context.runInAsyncScope(verdicts.onRedirect, verdicts, location),
    onAccepted: (...accepted) => context.runInAsyncScope(verdicts.onAccepted, verdicts, ...accepted),
    onFailing: verdicts.onFailing,
    onFailed: (error) => context.runInAsyncScope(verdicts.onFailed, verdicts, error),
  };
}

/** What node:http reads in place of a socket, and how the connection goes on with it. */
interface Answer {
  readonly relay: Relay;
  readonly accept: (accepted: Accepted, rest: Uint8Array) => void;
  /** What this library says to it, if it would not accept it. */
  readonly why: WsimdError | undefined;
}

/** Where the status stands in "HTTP/1.1 103 Early Hints" (RFC 9112 §4). */
const STATUS = [9, 12] as const;

/** Takes over answers that are not a plain 101, and those that somebody wants to see. */
class HttpJudge implements Judge {
  private relay: Relay | undefined;

  constructor(
    private readonly owner: OpeningOwner,
    private readonly read: (answer: Answer) => void,
  ) {}

  get wantsAll(): boolean {
    return this.owner.listenerCount('upgrade') > 0;
  }

  begin(
    chunks: readonly Uint8Array[],
    transport: Transport,
    accept: Answer['accept'],
    why: WsimdError | undefined,
  ): void {
    const bytes = Buffer.concat(chunks);
    this.relay = new Relay(transport, isInterim(Number(latin1Text(bytes, ...STATUS))));
    this.relay.receive(bytes);
    this.read({ relay: this.relay, accept, why });
  }

  onRead(bytes: Uint8Array): void {
    this.relay!.receive(bytes);
  }

  onEnd(): void {
    this.relay!.pushEnd();
  }

  onClose(error?: Error): void {
    const { cause } = error ?? {};
    if (isError(cause)) this.relay!.destroy(cause);
    else this.relay!.pushEnd();
  }
}

/** @throws SyntaxError */
function checkProtocols(protocols: readonly unknown[]): void {
  if (subprotocolFault(protocols) === undefined) return;
  throw new SyntaxError('An invalid or duplicated subprotocol was specified');
}
