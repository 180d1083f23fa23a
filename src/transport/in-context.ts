// What a pipe tells, told in the async context in which it was opened: for pipes whose events come in whichever context, or in
// none. It knows neither pipes nor connections.

import { presentContext } from '../runtime/context';
import type { TransportHandlers } from './contract';

/** The handlers of a pipe that is being opened now. */
export class InContext implements TransportHandlers {
  readonly context = presentContext();

  constructor(private readonly handlers: TransportHandlers) {}

  onConnect(): void {
    this.context.runInAsyncScope(this.handlers.onConnect, this.handlers);
  }

  /** It calls nobody. */
  readTarget(): Uint8Array {
    return this.handlers.readTarget();
  }

  onRead(bytes: Uint8Array, length: number): void {
    this.context.runInAsyncScope(this.handlers.onRead, this.handlers, bytes, length);
  }

  onWritten(): void {
    this.context.runInAsyncScope(this.handlers.onWritten, this.handlers);
  }

  onUnwritable(): void {
    const { onUnwritable } = this.handlers;
    if (onUnwritable !== undefined) this.context.runInAsyncScope(onUnwritable, this.handlers);
  }

  onEnd(): void {
    this.context.runInAsyncScope(this.handlers.onEnd, this.handlers);
  }

  onClose(error?: Error): void {
    this.context.runInAsyncScope(this.handlers.onClose, this.handlers, error);
  }
}
