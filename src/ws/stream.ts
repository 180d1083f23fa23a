// A connection as a Duplex, as the npm package `ws` makes one of it: messages are read and written as chunks, back-pressure
// goes both ways, and either end ends the other.

import { Duplex, type DuplexOptions } from 'node:stream';
import { nameClass } from '../base/public-class';
import { queueTell } from '../runtime/tasks';
import type { WebSocket } from './websocket';

/**
 * A stream over a connection. Each message is a chunk that is read (with `readableObjectMode` texts are strings), each chunk that
 * is written is a message, binary unless `decodeStrings` is false. Ending it closes the connection, destroying it ends that at
 * once.
 *
 * @param options of the Duplex
 */
export function createWebSocketStream(websocket: WebSocket, options?: DuplexOptions): Duplex {
  return new WebSocketDuplex(websocket, options);
}

nameClass(createWebSocketStream, 'createWebSocketStream');

class WebSocketDuplex extends Duplex {
  /** An error of the connection sends its own close frame, for which it needs the time. */
  private mayTerminate = true;

  constructor(
    private readonly websocket: WebSocket,
    options: DuplexOptions | undefined,
  ) {
    super({ ...options, autoDestroy: false, emitClose: false, objectMode: false, writableObjectMode: false });
    websocket.on('message', (data: Buffer, isBinary: boolean) => {
      if (!this.push(!isBinary && this.readableObjectMode ? data.toString() : data)) websocket.pause();
    });
    websocket.once('error', (error: Error) => {
      if (this.destroyed) return;
      this.mayTerminate = false;
      this.destroy(error);
    });
    websocket.once('close', () => {
      if (!this.destroyed) this.push(null);
    });
    this.on('end', () => {
      if (!this.destroyed && this.writableFinished) this.destroy();
    });
    const onError = (error: Error): void => {
      this.off('error', onError);
      this.destroy();
      // Nobody else listens: it must not be lost.
      if (this.listenerCount('error') === 0) this.emit('error', error);
    };
    this.on('error', onError);
  }

  override _read(): void {
    if (this.websocket.isPaused) this.websocket.resume();
  }

  override _write(chunk: string | Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.websocket.readyState === this.websocket.CONNECTING) {
      this.websocket.once('open', () => this._write(chunk, encoding, done));
    } else this.websocket.send(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    const { websocket } = this;
    if (websocket.readyState === websocket.CONNECTING) {
      websocket.once('open', () => this._final(done));
      return;
    }
    const socket = websocket._socket as Duplex | null;
    // There was no connection: its error is on its way.
    if (socket === null) return;
    if (socket.writableFinished) {
      done();
      if (this.readableEnded) this.destroy();
      return;
    }
    socket.once('finish', () => done());
    websocket.close();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { websocket } = this;
    const close = (): void => {
      queueTell(() => this.emit('close'));
    };
    if (websocket.readyState === websocket.CLOSED) {
      done(error);
      close();
      return;
    }
    let isTold = false;
    websocket.once('error', (reason: Error) => {
      isTold = true;
      done(reason);
    });
    websocket.once('close', () => {
      if (!isTold) done(error);
      close();
    });
    if (this.mayTerminate) websocket.terminate();
  }
}
