// A pipe of the user's (the option `transport`) between his code and ours: whatever it throws, and whatever it says too early,
// twice, too late or wrongly, ends its own connection at the most. It gets no memory that connections share: what it writes is a
// copy, and it reads into memory of its connection's own. All of it runs in the async context in which the connection was dialled,
// whoever writes, and whatever the pipe is told by. It knows neither proxies nor frames.

import { isUint8Array } from '../base/brands';
import { type Bytes, lengthOf, plainView } from '../base/bytes';
import { toError } from '../base/thrown';
import { presentContext } from '../runtime/context';
import { guarded, reportException } from '../runtime/report';
import { queueSoon } from '../runtime/tasks';
import type { Connect, Endpoints, Step, Transport, TransportHandlers, TransportTarget } from './contract';

/** Read at once where a pipe asks for a place to read to. */
const READ_BYTES = 65_536;

/** The same way to open pipes, as safe as the runtime's own. */
export function shielded(connect: Connect): Connect {
  return (target, handlers) => {
    const transport = new ForeignTransport(handlers);
    transport.begin(connect, target);
    return transport;
  };
}

class ForeignTransport implements Transport {
  private readonly context = presentContext();
  private pipe: Transport | undefined;
  private isClosed = false;
  private hasEnded = false;
  private isHeld = false;
  /** Lent to the pipe between two reads, and nobody's while one is being told: the pipe may be called, and read, within that. */
  private place: Bytes | undefined;

  /** What the pipe gets: functions without `this`, since it is not ours how they are called. */
  readonly told: TransportHandlers = {
    onConnect: () => this.tell(() => this.handlers.onConnect()),
    readTarget: () => {
      this.place ??= new Uint8Array(READ_BYTES);
      return this.place;
    },
    onRead: (bytes, length) => this.tell(() => this.received(bytes, length)),
    onWritten: () =>
      this.tell(() => {
        if (!this.isHeld) return;
        this.isHeld = false;
        this.handlers.onWritten();
      }),
    onUnwritable: () => this.tell(() => this.handlers.onUnwritable?.()),
    onEnd: () =>
      this.tell(() => {
        if (this.hasEnded) return;
        this.hasEnded = true;
        this.handlers.onEnd();
      }),
    onClose: (error) => this.tell(() => this.closed(error === undefined ? undefined : toError(error))),
  };

  constructor(private readonly handlers: TransportHandlers) {}

  /** Throws what goes wrong; then nothing is told. */
  begin(connect: Connect, target: TransportTarget): void {
    try {
      this.pipe = connect(target, this.told);
      if (typeof this.pipe?.write !== 'function')
        throw new TypeError('A transport must return an object with write().');
    } catch (error) {
      this.isClosed = true;
      throw error;
    }
  }

  get endpoints(): Endpoints {
    return this.ask((pipe) => pipe.endpoints) ?? {};
  }

  get waitsFor(): Step | undefined {
    return this.ask((pipe) => pipe.waitsFor);
  }

  get socket(): unknown {
    return this.ask((pipe) => pipe.socket);
  }

  /** What it says of itself is asked for by whoever tells of a connection, which must not end that. */
  private ask<Answer>(question: (pipe: Transport) => Answer): Answer | undefined {
    let answer: Answer | undefined;
    guarded(() => {
      if (this.pipe !== undefined) answer = question(this.pipe);
    });
    return answer;
  }

  /** Throws what the pipe throws: whoever writes knows what that ends. */
  write(bytes: Uint8Array): boolean {
    if (this.isClosed) return false;
    this.isHeld = true;
    const pipe = this.pipe!;
    const isTaken = this.context.runInAsyncScope(pipe.write, pipe, new Uint8Array(bytes));
    if (isTaken) this.isHeld = false;
    return isTaken;
  }

  read(isWanted: boolean): void {
    if (!this.isClosed) this.call((pipe) => pipe.read(isWanted));
  }

  ref(isWanted: boolean): void {
    if (!this.isClosed) this.call((pipe) => pipe.ref?.(isWanted));
  }

  startTls(target: TransportTarget): void {
    this.pipe!.startTls(target);
  }

  close(how: 'flush' | 'now'): void {
    if (!this.isClosed) this.call((pipe) => pipe.close(how));
  }

  private call(what: (pipe: Transport) => void): void {
    try {
      this.context.runInAsyncScope(what, undefined, this.pipe!);
    } catch (error) {
      this.broke(error);
    }
  }

  /** Behind the end nothing is told, and nothing before the pipe is there. */
  private tell(what: () => void): void {
    if (this.isClosed) return;
    if (this.pipe === undefined) queueSoon(() => this.tell(what));
    else this.context.runInAsyncScope(what, undefined);
  }

  private received(bytes: Uint8Array, length: number): void {
    if (!isUint8Array(bytes) || !Number.isInteger(length) || length < 0 || length > lengthOf(bytes)) {
      this.broke(new TypeError('onRead of a transport takes a Uint8Array, and how many of its bytes have come.'));
      return;
    }
    if (this.hasEnded || length === 0) return;
    const { place } = this;
    if (bytes === place) this.place = undefined;
    this.handlers.onRead(plainView(bytes), length);
    if (bytes === place) this.place = place;
  }

  /** It is of no use any more. */
  private broke(error: unknown): void {
    try {
      this.context.runInAsyncScope(() => this.pipe!.close('now'), undefined);
    } catch (second) {
      if (second !== error) reportException(second);
    }
    // Not within the call that led here.
    queueSoon(() => this.closed(toError(error)));
  }

  private closed(error: Error | undefined): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.handlers.onClose(error);
  }
}
