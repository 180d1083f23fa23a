// The server's side of one life: a socket of the npm package `ws` that echoes every message, sometimes in fragments, with
// pings and messages of its own in between; and that closes, leaves or breaks the protocol where the plan says so.

import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { Chronicle } from './chronicle';
import { type Message, MessageSource } from './messages';
import { randomOf } from './plan';
import type { Random } from './random';
import type { Tally } from './tally';

export class EchoHost {
  /** The socket is closed, and everything that it had received was told. */
  readonly done: Promise<void>;
  private readonly random: Random;
  private readonly source: MessageSource;
  private readonly pings: string[] = [];
  private pongedCount = 0;
  private isLeaving = false;

  /** @param onMessage one more message was received and echoed */
  constructor(
    private readonly socket: WebSocket,
    private readonly tcp: Socket,
    private readonly chronicle: Chronicle,
    private readonly tally: Tally,
    onMessage: () => void,
  ) {
    const { plan } = chronicle;
    this.random = randomOf(plan, 'server');
    this.source = new MessageSource('s', this.random.fork(), Math.min(plan.largest, 20_000));
    socket.on('message', (data: Buffer, isBinary) => {
      this.receive(data, isBinary);
      onMessage();
    });
    // Not by itself: nothing may be written any more once it leaves.
    socket.on('ping', (payload) => this.isOpen && socket.pong(payload));
    socket.on('pong', (payload) => this.onPong(String(payload)));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // A connection that breaks is no news here; frames that the server cannot accept are.
      if (error.code?.startsWith('WS_ERR_')) chronicle.violate(`the server refuses what it got: ${error.message}`);
    });
    this.done = new Promise((resolve) => {
      socket.on('close', (code) => {
        chronicle.codeAtServer = code;
        chronicle.note(`the server's socket is closed with ${code}`);
        resolve();
      });
    });
  }

  /** A message that nobody asked for. */
  push(): void {
    if (this.isOpen) this.send(this.source.next());
  }

  close(): void {
    if (!this.isOpen) return;
    const { code, reason } = this.chronicle.plan;
    this.chronicle.isBroughtAbout = true;
    this.chronicle.closedByServer = true;
    this.chronicle.note(`the server closes with ${code} after ${this.chronicle.toClient.acceptedCount} messages`);
    this.socket.close(code, reason);
  }

  /** FIN without a close frame, behind everything that was sent. */
  endTcp(): void {
    if (!this.isOpen) return;
    this.chronicle.isBroughtAbout = true;
    this.chronicle.note(`the server ends TCP after ${this.chronicle.toClient.acceptedCount} messages`);
    this.isLeaving = true;
    this.chronicle.endedByServer = true;
    this.tcp.end();
  }

  breakProtocol(): void {
    if (!this.isOpen) return;
    const { bytes, code } = this.chronicle.plan.breach;
    this.chronicle.isBroughtAbout = true;
    this.tally.add(`breach: ${code}`);
    this.chronicle.sentBeforeBreach = this.chronicle.toClient.acceptedCount;
    this.chronicle.note(`the server breaks the protocol (${code}) after ${this.chronicle.sentBeforeBreach} messages`);
    this.tcp.write(bytes);
  }

  private get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN && !this.isLeaving;
  }

  private receive(data: Buffer, isBinary: boolean): void {
    const { plan, toServer } = this.chronicle;
    const message = toServer.arrive(data, isBinary);
    if (message === undefined || !this.isOpen) return;
    this.send(message);
    if (this.random.chance(plan.ping)) this.ping();
    if (this.random.chance(plan.push)) this.push();
  }

  private send(message: Message): void {
    const { bytes, isBinary } = message;
    this.chronicle.toClient.accept(message);
    if (!this.random.chance(this.chronicle.plan.fragments)) {
      this.socket.send(bytes, { binary: isBinary });
      return;
    }
    this.tally.add('messages in fragments');
    // Cut anywhere, also inside a character and at the ends: fragments may be empty (RFC 6455 §5.4).
    const cuts = Array.from({ length: this.random.between(1, 5) }, () => this.random.between(0, bytes.length));
    let start = 0;
    for (const end of cuts.sort((one, other) => one - other)) {
      this.socket.send(bytes.subarray(start, end), { binary: isBinary, fin: false });
      if (this.random.chance(this.chronicle.plan.ping)) this.ping();
      start = end;
    }
    this.socket.send(bytes.subarray(start), { binary: isBinary, fin: true });
  }

  private ping(): void {
    const payload = `ping ${this.pings.length}`;
    this.pings.push(payload);
    this.tally.add('pings of the server');
    this.socket.ping(payload);
  }

  /** Not every ping gets a pong of its own (RFC 6455 §5.5.3), but no pong comes twice, out of order or out of nowhere. */
  private onPong(payload: string): void {
    this.tally.add('pongs of the client');
    const index = this.pings.indexOf(payload, this.pongedCount);
    if (index < 0) this.chronicle.violate(`the server got a pong it was not owed: ${payload}`);
    else this.pongedCount = index + 1;
  }
}
