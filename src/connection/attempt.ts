// One attempt to open a connection: from its destination, which may have to be waited for, to the server's 101, all within
// connectTimeout. It owns what only an attempt needs (the open connection keeps none of it) and does not know what follows.

import { isPromise } from '../base/brands';
import { type AttemptPhase, CONNECTION_FAULTS, ERROR_KIND, placeOf, secondsOf, WsimdError } from '../base/faults';
import { messageOf, toError } from '../base/thrown';
import { requireCore } from '../codec/memory';
import type { AnswerVerdict } from '../handshake/answer-reader';
import { createKey } from '../handshake/key';
import { offerHeader } from '../handshake/permessage-deflate';
import { HandshakeReader } from '../handshake/reader';
import { requestHead } from '../handshake/request';
import { whenAborted } from '../runtime/abort';
import { Deadline } from '../runtime/deadline';
import { now, queueSoon } from '../runtime/tasks';
import type { Transport, TransportHandlers } from '../transport/contract';
import type { Accepted, ConnectionSettings, Destination } from './contract';

/** Exactly one of the last two is told, unless the attempt is given up before. */
export interface AttemptHandlers {
  /** TCP (and TLS, and the proxy) is up; the request follows. */
  onDialed(): void;
  /** It goes on elsewhere: another `onDialed` follows. */
  onRedirected(): void;
  /** 101 was accepted; behind the head, from `start` to `end`, there may be frames. */
  onAccepted(accepted: Accepted, transport: Transport, bytes: Uint8Array, start: number, end: number): void;
  onFailed(error: WsimdError): void;
}

/** 'judged': by somebody else, in its place. 'leaving': its pipe is to go first. */
type Phase = 'dialing' | 'handshaking' | 'judged' | 'leaving' | 'over';

export class Attempt {
  transport: Transport | undefined;
  protected handshake: HandshakeReader | undefined;
  protected phase: Phase = 'dialing';
  /** Bytes of its requests that have gone. */
  bytesWritten = 0;
  /** The request that is being written, or held: nothing may be written behind it before `onWritten`. */
  heldRequest: Uint8Array | undefined;
  /** Where it goes; undefined until that is known. */
  protected place: string | undefined;
  /** When connectTimeout is over, in milliseconds of `now()`. */
  private connectBy = 0;
  private deadline: Deadline | undefined;
  private letGo = (): void => {};

  /** Throws a TypeError if the destination is known already and makes no valid request. */
  constructor(
    readonly settings: ConnectionSettings,
    private destination: Destination | Promise<Destination>,
    protected readonly owner: AttemptHandlers & TransportHandlers,
    private isRef = true,
  ) {
    if (!isPromise(destination)) this.prepare(destination);
  }

  begin(): void {
    const { connectTimeout, signal } = this.settings;
    this.connectBy = now() + connectTimeout * 1000;
    this.setDeadline(connectTimeout, () => this.fail(this.late()));
    // It was given up within that, where a program has a clock of its own.
    if (this.phase === 'over') return;
    if (signal?.aborted) queueSoon(this.abort);
    else if (signal !== undefined) this.letGo = whenAborted(signal, this.abort);
    // Waited for even then: somebody has to hear that it rejects.
    if (isPromise(this.destination)) this.wait(this.destination);
    else if (!signal?.aborted) this.dial(this.destination);
  }

  /** Whether the process stays alive for it. What the runtime does in order to resolve a name or to connect may keep it longer. */
  ref(isWanted: boolean): void {
    this.isRef = isWanted;
    this.transport?.ref?.(isWanted);
    this.deadline?.ref(isWanted);
  }

  /** Ends it without a word. */
  giveUp(): void {
    this.leave();
    this.transport?.close('now');
  }

  // What the transport tells.

  onConnect(): void {
    if (this.phase !== 'dialing') return;
    this.phase = 'handshaking';
    this.owner.onDialed();
    if (this.phase !== 'handshaking') return;
    const { request } = this.handshake!;
    try {
      // The answer may come within that call.
      this.heldRequest = request;
      if (this.transport!.write(request)) this.owner.onWritten();
    } catch (error) {
      this.fail(connectFault(error));
    }
  }

  /** The transport had held the request. */
  onWritten(): void {
    this.bytesWritten += this.handshake!.request.length;
    this.heldRequest = undefined;
  }

  onRead(bytes: Uint8Array, length: number): void {
    if (this.phase === 'handshaking') this.take(this.handshake!.read(bytes, length), bytes, length);
  }

  onEnd(): void {
    this.transport!.close('now');
  }

  onClose(error?: Error): void {
    if (this.phase === 'handshaking') this.fail(this.handshake!.verdictAtEnd(error));
    else this.fail(error instanceof WsimdError ? error : connectFault(error));
  }

  /** What the answer comes to by these bytes. */
  protected take(verdict: AnswerVerdict, bytes: Uint8Array, length: number): void {
    if (verdict === 'more') return;
    const handshake = this.handshake!;
    if (verdict === 'body') {
      // A refusal is told with the beginning of its body, but not kept waiting for it, and within connectTimeout as all else.
      const left = Math.max(0, this.connectBy - now()) / 1000;
      this.setDeadline(Math.min(this.settings.closing.lingerTimeout, left), () => this.fail(handshake.verdictAtEnd()));
      return;
    }
    if (verdict instanceof WsimdError) {
      this.fail(verdict);
      return;
    }
    this.leave();
    const accepted = { response: verdict, agreement: handshake.result };
    this.owner.onAccepted(accepted, this.transport!, bytes, handshake.headLength, length);
  }

  private prepare({ target, request }: Destination): void {
    const { offers } = this.settings;
    const key = 'key' in request ? request.key : createKey();
    const head = 'head' in request ? request.head : requestHead({ ...request, key, extensions: offerHeader(offers) });
    const { secure, hostname, port, socketPath = hostname } = target;
    const place = { secure, hostname: socketPath, port };
    this.place = placeOf(socketPath, port);
    this.handshake = new HandshakeReader(head, { key, protocols: request.protocols, offers }, place);
  }

  protected wait(promise: Promise<Destination>): void {
    promise
      .then((destination) => {
        if (this.phase === 'over') return;
        this.prepare(destination);
        this.dial(destination);
      })
      .catch((cause) => this.fail(providerFault(cause)));
  }

  private dial({ target }: Destination): void {
    try {
      requireCore();
      this.transport = this.settings.connect(target, this.owner);
      if (!this.isRef) this.transport.ref?.(false);
      // Within that the attempt was given up.
      if (this.phase === 'over') this.transport.close('now');
    } catch (error) {
      // There is no core, or the runtime refuses its options. The caller of `begin` gets it like any other failure, after this call.
      queueSoon(() => this.onClose(toError(error)));
    }
  }

  protected fail(error: WsimdError): void {
    if (this.phase === 'over') return;
    error.phase ??= this.about(error);
    this.leave();
    this.owner.onFailed(error);
  }

  /** In which phase it is, now that it fails so. */
  private about({ kind, cause }: WsimdError): AttemptPhase {
    if (this.place === undefined) return 'providers';
    if (this.phase !== 'dialing') return 'handshake';
    if (kind === ERROR_KIND.TLS_FAIL) return 'TLS';
    if (kind === ERROR_KIND.PROXY_FAIL) return 'proxy';
    // What is at its end waits for nothing any more.
    if (kind === ERROR_KIND.CONNECT_FAIL) {
      return (cause as NodeJS.ErrnoException | undefined)?.syscall === 'getaddrinfo' ? 'DNS' : 'TCP';
    }
    const step = this.transport?.waitsFor ?? 'DNS or TCP';
    return step.startsWith('the proxy') ? 'proxy' : (step as AttemptPhase);
  }

  /** connectTimeout is over. */
  private late(): WsimdError {
    const { connectTimeout } = this.settings;
    const detail = `after ${secondsOf(connectTimeout)}, waiting for ${this.waitsFor}`;
    return new WsimdError(CONNECTION_FAULTS.connectTimeout, detail);
  }

  /** What it waits for, for people. */
  private get waitsFor(): string {
    if (this.place === undefined) return 'the function that provides URL, headers, subprotocol or cookies';
    const step =
      this.phase === 'dialing' ? (this.transport?.waitsFor ?? 'DNS, TCP or TLS') : 'the answer to the handshake';
    return `${step} (${this.place})`;
  }

  private readonly abort = (): void => {
    const { reason } = this.settings.signal!;
    this.fail(new WsimdError(CONNECTION_FAULTS.aborted, messageOf(reason), reason));
  };

  protected leave(): void {
    this.phase = 'over';
    this.deadline?.cancel();
    this.letGo();
  }

  private setDeadline(seconds: number, action: () => void): void {
    this.deadline?.cancel();
    if (this.phase === 'over') return;
    this.deadline = new Deadline(seconds, action, undefined, !this.isRef);
    this.deadline.begin();
  }
}

/** Makes an attempt of whatever class. */
export type NewAttempt = (...of: ConstructorParameters<typeof Attempt>) => Attempt;

/** What is wrong with the environment is no fault of the program's own functions. */
function providerFault(cause: unknown): WsimdError {
  if (cause instanceof WsimdError && cause.fault === CONNECTION_FAULTS.proxyVariable) return cause;
  return new WsimdError(CONNECTION_FAULTS.provider, messageOf(cause), cause);
}

function connectFault(cause: unknown): WsimdError {
  return new WsimdError(CONNECTION_FAULTS.connect, cause === undefined ? undefined : messageOf(cause), cause);
}
