// A Duplex as users write them for `createConnection`: it tells of each call, and who takes what is written. It knows no peer.

import { Duplex } from 'node:stream';

export class UserStream extends Duplex {
  constructor(
    private readonly taken: (bytes: Uint8Array) => void,
    private readonly called: () => void,
  ) {
    super();
  }

  // What node:http asks of a socket, in listeners of its own: what these throw is uncaught there, with `ws` as with this library.

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override _read(): void {
    this.called();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.called();
    this.taken(chunk);
    done();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.called();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.called();
    done(error);
  }
}
