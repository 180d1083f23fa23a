// Messages that a program takes in pieces: what `onMessageStart` returns, and how it is told. Nothing follows a piece, in delivery or
// in reading, before what its sink has promised is done. It knows a connection by its `holdPieces` only.

import { isPromise } from '../base/brands';
import type { Bytes } from '../base/bytes';
import { CONNECTION_FAULTS, WsimdError } from '../base/faults';
import type { PieceReceiver } from '../codec/contract';
import { describe } from '../options/checks';
import { type Face, type Hearers, hearOut, tellException } from './callbacks';
import type { MessageSink, WritableSink } from './message-target';
import { statistics } from './workerman';

type Writer = ReturnType<WritableSink['getWriter']>;

interface Held {
  holdPieces(isHeld: boolean): void;
}

/** Asks who takes a message that begins. Undefined: nobody, and so where the answer is none: no message is lost by a mistake. */
export function receiverFor<Self extends Face<Self>>(
  hearers: Hearers<Self>,
  isBinary: boolean,
  connection: Held,
): SinkReceiver | undefined {
  try {
    const { face } = hearers;
    const target: unknown = face.onMessageStart?.(face, { isBinary });
    if (target === undefined || target === null) return undefined;
    let isFailed = false;
    const onFailed = (cause: unknown): void => {
      // What comes behind the first failure comes of it.
      if (!isFailed) tellException(hearers, cause);
      isFailed = true;
    };
    if (isStream(target)) {
      const writer = target.getWriter();
      return new SinkReceiver(overWriter(writer, onFailed), connection, onFailed);
    }
    if (isSink(target)) return new SinkReceiver(target, connection, onFailed);
    hearOut(hearers, target);
    const it = isPromise(target) ? 'a promise' : describe(target);
    const advice = isNodeStream(target) ? ' Use Writable.toWeb(stream) of node:stream.' : '';
    throw new TypeError(
      `onMessageStart must return, at once, a sink with write(), end() and abort(), a WritableStream or nothing; it returned ${it}.${advice}`,
    );
  } catch (cause) {
    tellException(hearers, cause);
    return undefined;
  }
}

function isStream(target: unknown): target is WritableSink {
  return typeof (target as Partial<WritableSink>).getWriter === 'function';
}

function isSink(target: unknown): target is MessageSink {
  const { write, end, abort } = target as Partial<MessageSink>;
  return typeof write === 'function' && typeof end === 'function' && typeof abort === 'function';
}

/** A Writable of Node.js has no `abort()`, and says in its own way that it is full. */
function isNodeStream(target: unknown): boolean {
  const { write, destroy } = target as { readonly write?: unknown; readonly destroy?: unknown };
  return typeof write === 'function' && typeof destroy === 'function';
}

/** A stream says that it is full, and when it is not; what it has taken it may fail to write later. */
function overWriter(writer: Writer, onFailed: (cause: unknown) => void): MessageSink {
  let isFailed = false;
  const fail = (cause: unknown): void => {
    // What was aborted fails by that.
    if (isFailed) return;
    isFailed = true;
    onFailed(cause);
  };
  return {
    write: (chunk) => {
      if (isFailed) return;
      writer.write(chunk).then(undefined, fail);
      const { desiredSize } = writer;
      if (desiredSize !== null && desiredSize <= 0) return writer.ready.then(undefined, () => {});
    },
    end: () => (isFailed ? undefined : writer.close()),
    abort: (error) => {
      const wasFailed = isFailed;
      isFailed = true;
      return wasFailed ? undefined : writer.abort(error);
    },
  };
}

export class SinkReceiver implements PieceReceiver {
  /** Nothing is told any more: it has ended, failed, or was aborted. */
  private isOver = false;
  private isAborted = false;
  /** Whether a promise of it is waited for. */
  private isWaiting = false;
  /** The message is complete, and the last piece is not. */
  private isEndWanted = false;
  /** Nothing waits for it any more. */
  private isLetGo = false;

  constructor(
    private readonly sink: MessageSink,
    private readonly connection: Held,
    private readonly onFailed: (cause: unknown) => void,
  ) {}

  onPiece(piece: string | Bytes): void {
    if (this.isOver) return;
    try {
      this.follow(this.sink.write(piece));
    } catch (cause) {
      this.fail(cause);
    }
  }

  onEnd(): void {
    statistics.total_request += 1;
    if (this.isWaiting) this.isEndWanted = true;
    else this.end();
  }

  /** Once, unless the message was complete: nothing follows. Undefined: nothing is wrong, but no more of it comes. */
  abort(error: WsimdError | undefined): void {
    // What is left of it holds nothing up any more.
    this.isLetGo = true;
    this.goOn();
    if (this.isOver || this.isEndWanted) return;
    this.isOver = true;
    this.isAborted = true;
    try {
      this.listen(this.sink.abort(error ?? new WsimdError(CONNECTION_FAULTS.messageCut)));
    } catch (cause) {
      this.onFailed(cause);
    }
  }

  private end(): void {
    if (this.isOver) return;
    this.isOver = true;
    try {
      this.follow(this.sink.end());
    } catch (cause) {
      this.onFailed(cause);
    }
  }

  private follow(returned: unknown): void {
    if (!isPromise(returned)) return;
    if (!this.isLetGo) {
      this.isWaiting = true;
      this.connection.holdPieces(true);
    }
    this.wait(returned);
  }

  /** It throws nothing. */
  private async wait(returned: PromiseLike<unknown>): Promise<void> {
    try {
      await returned;
    } catch (cause) {
      this.fail(cause);
    }
    const wasWaiting = this.isWaiting;
    if (this.isEndWanted && !this.isOver) {
      this.isWaiting = false;
      this.end();
      if (this.isWaiting) return;
      this.isWaiting = wasWaiting;
    }
    this.goOn();
  }

  private goOn(): void {
    if (!this.isWaiting) return;
    this.isWaiting = false;
    this.connection.holdPieces(false);
  }

  private fail(cause: unknown): void {
    // What was aborted fails by that.
    if (this.isAborted) return;
    this.isOver = true;
    this.onFailed(cause);
  }

  private async listen(returned: unknown): Promise<void> {
    try {
      await returned;
    } catch (cause) {
      this.onFailed(cause);
    }
  }
}
