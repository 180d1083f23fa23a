// The other end of every case: a server that answers the handshake correctly and then does what a script says, step by step,
// while it takes down all that comes back. It knows neither what a case expects nor which client is there.

import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { RawPeer } from '../../support/raw-peer';
import { type Action, type Cut, HOLD, type Step } from './case';
import { ClientFrames } from './client-frames';

/** Has the client program do something, once it is open. */
export type Perform = (action: Action) => Promise<void>;

/** Turns of the event loop after a long silence, in case it was this process that was busy. */
const TURNS_OF_GRACE = 5;

export class ScriptServer {
  private readonly sockets = new Set<Socket>();
  private readonly waiting = new Map<string, (peer: ScriptedPeer) => void>();

  private constructor(
    private readonly server: Server,
    private readonly patience: number,
  ) {}

  /** @param patience milliseconds of silence after which a client is taken to have nothing more to say */
  static async listen(patience: number): Promise<ScriptServer> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    const scriptServer = new ScriptServer(server, patience);
    server.on('connection', (socket) => scriptServer.accept(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return scriptServer;
  }

  /** Where the client of this case connects to. */
  url(id: string): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}/${id}`;
  }

  /** The peer of the client that asks for this case, as soon as its request is there. It has not been answered. */
  peer(id: string): Promise<ScriptedPeer> {
    return new Promise((resolve) => this.waiting.set(`/${id}`, resolve));
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    // A client that breaks off shows in what did not come back.
    socket.on('error', () => {});
    let request = '';
    const onData = (chunk: Buffer): void => {
      request += chunk.toString('latin1');
      if (!request.endsWith('\r\n\r\n')) return;
      socket.off('data', onData);
      const path = request.split(' ', 2)[1]!;
      this.waiting.get(path)?.(new ScriptedPeer(socket, Buffer.from(RawPeer.answer(request)), this.patience));
      this.waiting.delete(path);
    };
    socket.on('data', onData);
  }
}

export class ScriptedPeer {
  readonly received = new ClientFrames();
  /** What was held back had to be sent without the close frame that it waited for. */
  isLate = false;
  /** The client has ended its side of TCP. */
  hasEnded = false;
  private isOver = false;
  private activity = 0;
  private wake: () => void = () => {};

  constructor(
    private readonly socket: Socket,
    private readonly answer: Buffer,
    private readonly patience: number,
  ) {
    socket.on('data', (chunk: Buffer) => {
      this.received.push(chunk);
      this.noteActivity();
    });
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        if (!this.hasEnded) this.received.end();
        this.hasEnded = true;
        this.noteActivity();
      });
    }
  }

  /** Something happened at this connection, be it at its other end: silence begins anew. */
  noteActivity(): void {
    this.activity += 1;
    this.wake();
  }

  /** Answers the handshake and goes through the script; then waits for the client's close frame and ends TCP. */
  async play(steps: readonly Step[], cut: Cut, isJoined: boolean, perform: Perform): Promise<void> {
    let bytes: Uint8Array[] = [];
    if (isJoined && steps[0] instanceof Uint8Array) bytes = [Buffer.concat([this.answer, steps[0]])];
    else await this.write(this.answer);
    for (const step of isJoined ? steps.slice(1) : steps) {
      if (step instanceof Uint8Array) {
        bytes.push(step);
        continue;
      }
      await this.send(bytes, cut);
      bytes = [];
      await this.take(step, perform);
    }
    await this.send(bytes, cut);
    if (this.isOver) return;
    await this.until(() => this.received.close !== undefined || this.hasEnded);
    this.socket.end();
  }

  /** False: the client was silent for too long, and the condition does not hold. */
  async until(condition: () => boolean): Promise<boolean> {
    while (!condition()) {
      const before = this.activity;
      await this.change();
      for (let turns = 0; this.activity === before && turns < TURNS_OF_GRACE; turns += 1) await turn();
      if (this.activity === before) return false;
    }
    return true;
  }

  destroy(): void {
    this.socket.destroy();
  }

  private async take(step: Exclude<Step, Uint8Array>, perform: Perform): Promise<void> {
    if (step === HOLD) {
      if (!(await this.until(() => this.received.close !== undefined || this.hasEnded))) this.isLate = true;
    } else if (step === 'close frame') {
      await this.until(() => this.received.close !== undefined || this.hasEnded);
    } else if (step === 'fin') {
      this.isOver = true;
      this.socket.end();
    } else if (step === 'reset') {
      this.isOver = true;
      this.socket.resetAndDestroy();
    } else if ('returned' in step) {
      await this.until(() => this.received.frames.length >= step.returned || this.hasEnded);
    } else {
      await perform(step);
    }
  }

  private async send(pieces: readonly Uint8Array[], cut: Cut): Promise<void> {
    for (const piece of cutUp(pieces, cut)) {
      await this.write(piece);
      // The client reads this before the next piece is there.
      await turn();
    }
  }

  /** Resolves when the kernel has it all, or never will. */
  private write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => this.socket.write(bytes, () => resolve()));
  }

  private change(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.patience);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function* cutUp(pieces: readonly Uint8Array[], cut: Cut): Generator<Uint8Array> {
  const frames = pieces.filter(({ length }) => length > 0);
  if (cut === 'frames') {
    yield* frames;
    return;
  }
  const whole = frames.length === 1 ? frames[0]! : Buffer.concat(frames);
  const size = cut === 'bytes' ? 1 : cut === 'whole' ? Math.max(1, whole.length) : cut;
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
}
