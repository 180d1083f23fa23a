// The drop-in for `ws` over a user's Duplex, as a line; listened to in one of the ways that programs do it.

import type { WebSocket as DropIn } from '../../src/index';
import type { Library } from './library';
import { Line, type LineOptions } from './lines';
import type { Message } from './messages';
import { listenersOf, StreamPipe } from './pipes';

/**
 * There may be one to each of these on a stream that was destroyed: for late errors; those to 'connect' and 'drain' are
 * node:http's.
 */
const LEFT: readonly string[] = ['error', 'connect', 'drain'];
/** And to these, if it never came further than node:http. */
const LEFT_BY_HTTP: readonly string[] = [...LEFT, 'data', 'end'];

export interface DropInOptions extends LineOptions {
  /** By listeners of an emitter (the default), of an event target, or as a stream of Node. */
  readonly listens?: 'emitter' | 'target' | 'stream';
  /** Further options of the constructor. */
  readonly more?: object;
}

export class DropInLine extends Line {
  readonly pipe: StreamPipe;
  socket: DropIn | undefined;

  constructor(
    private readonly modules: Library,
    name: string,
    private readonly given: DropInOptions,
  ) {
    super(name, given);
    const { compression, calls } = given;
    this.pipe = new StreamPipe({ compression, calls, toServer: this.toServer });
  }

  override open(): void {
    const { compression, calls, more, listens } = this.given;
    const socket = new this.modules.main.WebSocket(`ws://${this.name}.invalid/`, {
      createConnection: () => {
        calls?.out('stream');
        return this.pipe.stream;
      },
      perMessageDeflate: compression !== 'none',
      ...more,
    });
    this.socket = socket;
    socket.on('upgrade', () => {
      this.pipe.caller = 'stream';
      calls?.out('http');
    });
    socket.on('open', () => this.openTold());
    socket.on('error', (error) => this.errorTold(error));
    // As in ws, a connection that breaks has no 'error': 1006 says it.
    socket.on('close', (code) => this.closeTold(code === 1006 ? code : undefined));
    if (listens === 'stream') this.listenToStream(socket);
    else if (listens === 'target') this.listenToTarget(socket);
    else socket.on('message', (data: Buffer, isBinary) => this.heard(isBinary ? data : data.toString()));
  }

  override close(): void {
    this.isEndExpected = true;
    this.socket?.close();
  }

  /** Listeners to the user's stream that were not there when he made it. */
  override leftovers(): string[] {
    const { stream, listenersAtFirst } = this.pipe;
    const mayBe = this.isOpen ? LEFT : LEFT_BY_HTTP;
    const left = Object.entries(listenersOf(stream)).filter(
      ([name, count]) => count > (listenersAtFirst[name] ?? 0) + (mayBe.includes(name) ? 1 : 0),
    );
    return [...super.leftovers(), ...left.map(([name, count]) => `${this.name}: ${count} to '${name}' of its stream`)];
  }

  protected override pass({ bytes, isBinary }: Message): void {
    const { socket } = this;
    if (socket?.readyState !== 1) throw new Error('It is too late.');
    socket.send(isBinary ? bytes : bytes.toString());
  }

  protected override drop(): void {
    this.socket?.terminate();
  }

  private listenToTarget(socket: DropIn): void {
    socket.addEventListener('message', ({ data }) => this.heard(data as string | Buffer));
  }

  private listenToStream(socket: DropIn): void {
    const stream = this.modules.main.createWebSocketStream(socket, { readableObjectMode: true });
    stream.on('data', (data: string | Buffer) => this.heard(data));
    // What it says of an error, the connection has said before.
    stream.on('error', () => this.calls?.out('callback'));
    stream.on('close', () => this.calls?.out('callback'));
  }

  private heard(data: string | Buffer): void {
    this.messageTold(data, typeof data !== 'string');
  }
}
