// `allowSynchronousEvents: false`: each message, ping and pong has a turn of the event loop of its own, and what ends the
// connection is told behind the one that waits for its turn. It knows of a session only what it tells.

import type { Bytes } from '../base/bytes';
import type { WsimdError } from '../base/faults';
import type { ConnectionEnd } from '../connection/contract';
import { queueTask } from '../runtime/tasks';
import { DropInSession } from './session';

export class PatientSession extends DropInSession {
  private isWaiting = false;
  /** What has come behind the one that waits. */
  private behind: (() => void)[] = [];

  override onMessage(data: string | Bytes, isBinary: boolean): void {
    this.wait(() => super.onMessage(data, isBinary));
  }

  override onFragments(fragments: Bytes[]): void {
    this.wait(() => super.onFragments(fragments));
  }

  protected override onControl(event: 'ping' | 'pong', payload: Bytes): void {
    this.wait(() => super.onControl(event, payload));
  }

  override onError(error: WsimdError): void {
    this.follow(() => super.onError(error));
  }

  override onClose(end: ConnectionEnd): void {
    this.follow(() => super.onClose(end));
  }

  private follow(tell: () => void): void {
    if (this.isWaiting) this.behind.push(tell);
    else tell();
  }

  private wait(tell: () => void): void {
    const connection = this.connection!;
    connection.pause();
    this.isWaiting = true;
    queueTask(() => {
      try {
        tell();
      } catch (error) {
        this.onException(error);
      }
      this.isWaiting = false;
      for (const next of this.behind.splice(0)) next();
      if (!this.isPaused) connection.resume();
    });
  }
}
