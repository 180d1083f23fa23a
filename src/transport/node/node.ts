// Byte pipes over node:net and node:tls, for Node.js, Bun and Deno. Reads go straight to their target (`onread`); where a
// runtime ignores that, 'data' events do the same with a copy. Writes are handed over as they are, without a copy.

import {
  connect as connectTcp,
  isIP,
  type LookupFunction,
  type NetConnectOpts,
  type OnReadOpts,
  Socket,
} from 'node:net';
import type { Duplex } from 'node:stream';
import { isUint8Array } from '../../base/brands';
import { lengthOf, plainView } from '../../base/bytes';
import { CONNECTION_FAULTS, placeOf, WsimdError, withoutStop } from '../../base/faults';
import { messageOf, toError } from '../../base/thrown';
import { ANY_CONTEXT, type Context } from '../../runtime/context';
import { guarded, reportException } from '../../runtime/report';
import { queueSoon, queueTask } from '../../runtime/tasks';
import { isBun, isDeno } from '../../runtime/which';
import type { Connect, Endpoints, Step, Transport, TransportHandlers, TransportTarget } from '../contract';
import { InContext } from '../in-context';
import { tunnelled } from '../proxy/tunnel';
import { alertAdvice, connectAdvice, type TlsOf, tlsAdvice } from './advice';
import { type DirectWriter, lookForRequests, writeDirectly, writeError } from './direct-write';
import { prepare } from './prepare';
import { mayRace, Race } from './race';
import { connectSecure } from './secure';
import { unacknowledgedBytes } from './unacknowledged';
import { goesOn, refChanged, stopped, type Unread } from './unread';

const dialPrepared: Connect = (target, handlers) => NodeTransport.dial(target, handlers);

export const dial: Connect = (target, handlers) => dialPrepared(prepare(target), handlers);

/** By way of a proxy, where the target has one. */
export const connect: Connect = (target, handlers) => tunnelled(dialPrepared)(prepare(target), handlers);

/** A pipe over a stream that is open already. What was read of it before belongs to whoever did that. */
export function adopt(stream: Duplex, handlers: TransportHandlers): Transport {
  return NodeTransport.over(stream as Socket, handlers);
}

const TRANSPORT = Symbol('transport');

/** How many turns of the event loop without a byte say that nothing is left: in one of them it polls all sockets. */
const TURNS_TO_READ = 2;

/** What is read at a time to a place that is nobody's. */
const SPARE_BYTES = 65_536;

/** What is read, in a long pause, to see whether the peer has gone: as much as the drop-in's model has in its streams. */
const LOOK_BYTES = 65_536;
/** In place of what is left of that. */
const NOT_LOOKED = 0;
const HAS_LOOKED = -1;

/** What tells of a socket whether it keeps the process; of one with TLS that is below it. */
interface Handle {
  hasRef?(): boolean;
  readonly _parent?: Handle | null;
}

/** One that was given up for another has no transport any more. */
interface OwnedSocket extends Socket {
  [TRANSPORT]: NodeTransport | undefined;
}

// The listeners are shared by all sockets, which are their `this`: closures for each would be 600 bytes of every idle connection.

function onTcpUp(this: OwnedSocket): void {
  this[TRANSPORT]?.tcpUp(this);
}

function onUp(this: OwnedSocket): void {
  this[TRANSPORT]?.up(this);
}

function onData(this: OwnedSocket, chunk: Uint8Array): void {
  this[TRANSPORT]?.takenFrom(chunk);
}

function onEnd(this: OwnedSocket): void {
  this[TRANSPORT]?.handlers.onEnd();
}

function onError(this: OwnedSocket, error: Error): void {
  this[TRANSPORT]?.failed(error);
}

function onClose(this: OwnedSocket): void {
  this[TRANSPORT]?.closedOne(this);
}

/**
 * In place of `destroy` of the sockets that we dial: a write that failed says that the peer has gone, not that all has been read
 * which it had sent before, and the runtime would throw that away.
 */
function destroyBehindReads(this: OwnedSocket, error?: Error): Socket {
  if (isFailedWrite(error) && this[TRANSPORT]?.readsOut(error)) return this;
  return Socket.prototype.destroy.call(this, error) as Socket;
}

function isFailedWrite(error: Error | undefined): error is NodeJS.ErrnoException {
  return (error as NodeJS.ErrnoException | undefined)?.syscall === 'write';
}

let isOnreadKnown = true;

/** With `onread`, or without on a runtime that throws for it: Deno before 2.8. */
function openReading(open: (reading: { onread?: OnReadOpts }) => Socket, onread: OnReadOpts): Socket {
  if (!isOnreadKnown) return open({});
  try {
    return open({ onread });
  } catch (error) {
    if (!/not implemented/i.test(messageOf(error))) throw error;
    isOnreadKnown = false;
    return open({});
  }
}

/** Who is asked for a place: whose socket is being made, or has just read. */
let asked: NodeTransport | undefined;

/** Shared by all connections, as the listeners are: functions for each were 150 bytes of every idle connection. */
const sharedReading: OnReadOpts = {
  // Node.js asks when it makes a socket, and right behind each read. Were it to ask on another occasion, the bytes would be copied from
  // where they came to.
  buffer() {
    const transport = asked;
    asked = undefined;
    return transport === undefined ? new Uint8Array(SPARE_BYTES) : (transport.nextTarget() as Uint8Array);
  },
  callback(this: OwnedSocket, length, buffer) {
    const transport = this[TRANSPORT]!;
    transport.bytesInPlace(buffer, length);
    asked = transport;
    return true;
  },
};

/** In a scope of its own, which is kept as long as the socket: that of the dial was 440 bytes of every idle connection. */
function readingInto(transport: NodeTransport): OnReadOpts {
  return {
    buffer: () => transport.nextTarget() as Uint8Array,
    callback: (length, buffer) => {
      transport.bytesInPlace(buffer, length);
      return true;
    },
  };
}

/** One of the runtime's, whose methods nobody has replaced. */
function isSocket(stream: Socket): boolean {
  return (['write', '_write', '_writev'] as const).every(
    (name) => (stream as never)[name] === (Socket.prototype as never)[name],
  );
}

class NodeTransport implements Transport, Unread, DirectWriter {
  socket!: Socket;
  private host = '';
  private port = 0;
  /** Whose TLS it is, if there is any. */
  private tls: TlsOf | undefined;
  private isTcpUp = false;
  private isUp = false;
  private isHeld = false;
  /** Apart from the stream's, which tells of its writes a moment later, and then of none of these. */
  private isHeldByHandle = false;
  /** A TCP socket of our own, which is up: it may be written to by its handle. */
  private isDirect = false;
  /** What the stream calls behind a write; most connections never need it. */
  private lazyOnWritten: (() => void) | undefined;
  private hasRead = false;
  private readTarget: Uint8Array | undefined;
  private error: Error | undefined;
  /** Until TCP is up, where the name may have several addresses. */
  private race: Race | undefined;
  private isClosed = false;
  /** Whether the process stays alive for it. */
  private isRefWanted = true;
  /** How much is still read of a look, in a pause. */
  private toLook = NOT_LOOKED;
  /** Turns of the event loop that are left to read what the peer had sent; undefined: it has not gone. */
  private turnsToRead: number | undefined;
  /**
   * Of a stream of the user's, which may throw, and keep what is written to it beyond its callback (sockets do neither): where it
   * was taken over, and is called.
   */
  private foreign: Context | undefined;

  static dial(target: TransportTarget, handlers: TransportHandlers): NodeTransport {
    // Deno's sockets tell everything in no async context.
    const transport = new NodeTransport(isDeno ? new InContext(handlers) : handlers);
    const { hostname, port, socketPath, secure, options } = target;
    const races = mayRace(target);
    // For each address that it tries by itself Node.js makes a handle, and other runtimes call with no `this`.
    const isShared = !isBun && !isDeno && (races || socketPath !== undefined || isIP(hostname) !== 0);
    const onread = isShared ? sharedReading : readingInto(transport);
    transport.host = socketPath ?? hostname;
    transport.port = port;
    if (secure) transport.tls = target.tlsFollows === undefined ? 'server' : 'proxy';
    // Half open, or Node would answer a FIN by itself: not before all that was written has left, and refusing more.
    const { noDelay = true, keepAlive = false } = options;
    const [isKept, milliseconds] = [keepAlive !== false, Number(keepAlive) * 1000];
    const common = { noDelay, keepAlive: isKept, keepAliveInitialDelay: milliseconds, allowHalfOpen: true };
    const openTo = (address: NetConnectOpts): Socket => {
      const how = { ...common, ...address };
      asked = transport;
      const open = (reading: { onread?: OnReadOpts }): Socket =>
        secure ? connectSecure({ ...how, ...reading }, target) : connectTcp({ ...options, ...how, ...reading });
      // Deno never gets TLS up inside of a socket that reads so.
      const socket = target.tlsFollows ? open({}) : openReading(open, onread);
      // Its own listener of Node.js does nothing where a socket is half open, and an array of two would be 65 bytes of each.
      if (isShared && !secure && !target.tlsFollows) socket.off('end', socket.listeners('end')[0] as () => void);
      if (secure) {
        socket.on('connect', onTcpUp);
        // Node passes over these options where TLS is made with the socket.
        socket.once('connect', () => {
          if (noDelay) socket.setNoDelay();
          if (isKept) socket.setKeepAlive(true, milliseconds);
        });
      }
      transport.listen(socket);
      return socket;
    };
    if (socketPath !== undefined) transport.socket = openTo({ path: socketPath });
    else if (!races) transport.socket = openTo({ host: hostname, port });
    else {
      const by = (lookup: LookupFunction): Socket => openTo({ host: hostname, port, lookup, autoSelectFamily: false });
      const race = new Race(target, by);
      transport.race = race;
      transport.socket = by(race.lookup);
      race.begin(transport.socket);
    }
    return transport;
  }

  static over(socket: Socket, handlers: TransportHandlers): NodeTransport {
    // A stream may have been made anywhere, and tell what it does in that async context, or in whichever.
    const inContext = new InContext(handlers);
    const transport = new NodeTransport(inContext);
    transport.socket = socket;
    transport.isUp = true;
    if (!isSocket(socket)) transport.foreign = inContext.context;
    transport.listen(socket);
    return transport;
  }

  private constructor(public handlers: TransportHandlers) {}

  get waitsFor(): Step | undefined {
    if (this.isUp) return undefined;
    if (this.isTcpUp) return 'TLS';
    if (isIP(this.host) !== 0 || this.port === 0 || this.race?.hasFound) return 'TCP';
    // The system gives a socket its own address when it begins to connect. Other runtimes do not show it.
    if (this.socket.localAddress !== undefined) return 'TCP';
    return isBun || isDeno ? 'DNS or TCP' : 'DNS';
  }

  get endpoints(): Endpoints {
    // What was asked for once, the socket remembers beyond its end; what was not is lost then.
    return this.socket.destroyed ? {} : this.socket;
  }

  write(bytes: Uint8Array): boolean {
    // A write of nothing would re-enter the read callback of a TLS socket on Node.
    if (bytes.length === 0) return true;
    if (this.socket.destroyed || this.turnsToRead !== undefined) return false;
    if (this.isDirect) {
      const written = writeDirectly(this.socket, bytes, this);
      if (written !== 'not taken') {
        this.isHeldByHandle = written === 'held';
        return !this.isHeldByHandle;
      }
    }
    this.lazyOnWritten ??= () => this.streamWritten();
    if (this.foreign === undefined) this.socket.write(bytes, this.lazyOnWritten);
    else this.foreign.runInAsyncScope(() => this.socket.write(new Uint8Array(bytes), this.lazyOnWritten), undefined);
    // Nothing left in the stream right after the write: the kernel has it all, unless it refused it.
    if (this.socket.writableLength === 0 && !this.socket.errored) return true;
    this.isHeld = true;
    return false;
  }

  get unacknowledged(): number | undefined {
    const { localPort, remotePort } = this.endpoints;
    return localPort === undefined || remotePort === undefined ? undefined : unacknowledgedBytes(localPort, remotePort);
  }

  read(isWanted: boolean): void {
    // What is left is all there will be: into memory with it, whoever waits.
    if (this.turnsToRead !== undefined) return;
    if (isWanted) {
      goesOn(this);
      this.toLook = NOT_LOOKED;
    } else if (this.toLook > 0) {
      // A look at it has its own end.
      return;
    }
    this.guard(() => {
      if (isWanted) this.socket.resume();
      else this.socket.pause();
    });
    if (!isWanted) this.keepUnread();
  }

  ref(isWanted: boolean): void {
    this.isRefWanted = isWanted;
    this.race?.ref(isWanted);
    this.guard(() => {
      if (isWanted) this.socket.ref();
      else this.socket.unref();
    });
    refChanged();
  }

  get isRef(): boolean {
    const { _handle: handle } = this.socket as unknown as { readonly _handle?: Handle | null };
    return this.isRefWanted && (handle?.hasRef?.() ?? handle?._parent?.hasRef?.()) !== false;
  }

  look(): void {
    this.toLook = LOOK_BYTES;
    goesOn(this);
    this.guard(() => this.socket.resume());
  }

  /** A stream of the user's keeps the process alive or not, as it likes. */
  private keepUnread(): void {
    if (this.foreign === undefined && !this.isClosed && !this.socket.destroyed)
      stopped(this, this.toLook === HAS_LOOKED);
  }

  /** So much was read in a pause. */
  private looked(length: number): void {
    this.toLook -= length;
    if (this.toLook > 0 || this.isClosed) return;
    this.toLook = HAS_LOOKED;
    this.guard(() => this.socket.pause());
    this.keepUnread();
  }

  startTls(target: TransportTarget): void {
    const outer = this.socket;
    const { hostname: host, port } = target;
    // Without `onread`, which the runtime ignores here: these reads come as 'data'.
    this.socket = connectSecure({ host, socket: outer }, target);
    // What such a socket has read ahead it tells in the async context of whoever asks it to go on.
    this.handlers = new InContext(this.handlers);
    // The outer socket is now the inner one's to read and to end. Its errors may come on either.
    outer.off('data', onData).off('end', onEnd).off('close', onClose);
    this.host = host;
    this.port = port;
    this.tls = 'server';
    this.isUp = false;
    this.isDirect = false;
    this.listen(this.socket);
  }

  close(how: 'flush' | 'now'): void {
    // The last one tells of the end.
    if (this.race !== undefined) this.endRace(this.socket);
    this.guard(() => {
      if (how === 'flush') this.socket.end();
      else this.socket.destroy();
    });
  }

  /**
   * A write has failed. What lies in the kernel is read first, paused or not: no more than its buffer holds, since nothing is added
   * to it. False: there is nothing to read, or it has been read.
   */
  readsOut(error: Error): boolean {
    if (!this.isUp || this.turnsToRead !== undefined) return false;
    goesOn(this);
    this.turnsToRead = TURNS_TO_READ;
    this.handlers.onUnwritable?.();
    if (this.socket.destroyed) return true;
    this.socket.resume();
    const nextTurn = (): void => {
      if (this.socket.destroyed) return;
      if (this.turnsToRead === 0) this.socket.destroy(error);
      else {
        this.turnsToRead! -= 1;
        queueTask(nextTurn);
      }
    };
    queueTask(nextTurn);
    return true;
  }

  private listen(socket: Socket): void {
    (socket as OwnedSocket)[TRANSPORT] = this;
    if (this.foreign === undefined) socket.destroy = destroyBehindReads;
    socket.on(this.tls !== undefined ? 'secureConnect' : 'connect', onUp);
    // Sockets that ignore `onread` emit 'data' instead; those that honour it never do.
    socket.on('data', onData);
    socket.on('end', onEnd);
    socket.on('error', onError);
    socket.on('close', onClose);
  }

  tcpUp(socket: Socket): void {
    this.isTcpUp = true;
    if (this.race === undefined) return;
    // TLS begins inside of the one that is up first.
    this.socket = socket;
    this.endRace(socket);
  }

  private endRace(winner?: Socket): void {
    const losers = this.race?.over(winner) ?? [];
    this.race = undefined;
    for (const loser of losers as OwnedSocket[]) {
      loser[TRANSPORT] = undefined;
      loser.destroy();
    }
  }

  up(socket: Socket): void {
    if (this.tls === undefined) this.tcpUp(socket);
    // Its certificate was refused.
    if (this.socket.destroyed) return;
    this.isUp = true;
    this.isDirect = this.tls === undefined && this.foreign === undefined;
    if (this.isDirect) lookForRequests(socket);
    this.handlers.onConnect();
  }

  /** The stream has taken a write of ours. */
  private streamWritten(): void {
    if (!this.isHeld || this.socket.writableLength > 0 || this.socket.destroyed || this.socket.errored) return;
    this.isHeld = false;
    this.handlers.onWritten();
  }

  /** A write by the handle that was held has come to its end, or one has failed. */
  directlyWritten(status: number): void {
    if (this.socket.destroyed) return;
    if (status < 0) {
      this.socket.destroy(writeError(status));
      return;
    }
    if (!this.isHeldByHandle) return;
    this.isHeldByHandle = false;
    this.handlers.onWritten();
  }

  /** Behind a read, undefined leaves the target as it is; it saves the runtime a look at it. */
  nextTarget(): Uint8Array | undefined {
    const next = this.handlers.readTarget();
    if (this.hasRead && next === this.readTarget) return undefined;
    this.readTarget = next;
    return next;
  }

  bytesInPlace(buffer: Uint8Array, length: number): void {
    this.hasRead = true;
    if (this.turnsToRead !== undefined) this.turnsToRead = TURNS_TO_READ;
    const { readTarget: target } = this;
    try {
      // The runtime may hand back another view of the same memory, or (old Bun) a buffer of its own.
      const isTarget = buffer.buffer === target?.buffer && buffer.byteOffset === target.byteOffset;
      this.handlers.onRead(isTarget ? target : buffer, length);
    } catch (error) {
      // Runtimes differ in what they do with an exception from here (Deno loses it), so none gets that far.
      this.socket.destroy(toError(error));
    }
    if (this.toLook > 0) this.looked(length);
  }

  /** A chunk of the stream's own. */
  takenFrom(chunk: unknown): void {
    if (isUint8Array(chunk)) this.bytesInPlace(this.foreign === undefined ? chunk : plainView(chunk), lengthOf(chunk));
    else {
      this.guard(() => {
        throw new TypeError('A stream that carries a connection must be read as bytes, not as strings or objects.');
      });
    }
  }

  failed(error: Error): void {
    if (this.race === undefined) this.error ??= this.explain(error);
    else this.race.failed(error);
  }

  /** This socket is. */
  closedOne(socket: Socket): void {
    if (this.race !== undefined) {
      if (!this.race.ended(socket)) return;
      const { error } = this.race;
      this.race = undefined;
      if (error !== undefined) this.failed(error);
    }
    this.closed();
  }

  closed(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    goesOn(this);
    if (this.foreign !== undefined) this.letGo();
    this.handlers.onClose(this.error);
  }

  /** The stream may outlive its connection. What it says of an error later must not be nobody's. */
  private letGo(): void {
    const { socket } = this;
    guarded(() => socket.off('data', onData).off('end', onEnd).off('close', onClose).off('connect', onUp));
  }

  /** What a stream of the user's throws ends it, whatever it says of that itself. */
  private guard(call: () => void): void {
    try {
      (this.foreign ?? ANY_CONTEXT).runInAsyncScope(call, undefined);
    } catch (error) {
      this.failed(toError(error));
      try {
        this.socket.destroy();
      } catch (second) {
        if (second !== error) reportException(second);
      }
      queueSoon(() => this.closed());
    }
  }

  /** Says which step failed; the runtime's error is the cause. */
  private explain(error: Error): WsimdError {
    const { code, reason: tlsReason } = error as NodeJS.ErrnoException & { reason?: string };
    // OpenSSL's messages are full of its own file names; its reason is the readable part. An attempt on several addresses
    // has one error for each, and no message of its own.
    const each = (error as Partial<AggregateError>).errors?.map(messageOf).join('; ');
    const reason = tlsReason || messageOf(error) || each || code || error.name;
    const { tls } = this;
    if (this.isUp) {
      return new WsimdError(CONNECTION_FAULTS.reset, advised(reason, tls && alertAdvice(error, tls)), error);
    }
    const place = placeOf(this.host, this.port);
    if (tls === undefined || !this.isTcpUp) {
      return new WsimdError(CONNECTION_FAULTS.connect, advised(`${place}, ${reason}`, connectAdvice(error)), error);
    }
    return new WsimdError(CONNECTION_FAULTS.tls, advised(`${place}, ${reason}`, tlsAdvice(error, tls)), error);
  }
}

function advised(detail: string, advice: string | undefined): string {
  return advice === undefined ? detail : `${withoutStop(detail)}; ${advice}`;
}
