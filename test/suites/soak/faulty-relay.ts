// A relay between client and server that is as bad as a network can be: it forwards bytes by a plan's weather, and ends the
// life by a fault where the plan says so. It lies below TLS and understands none of it; of a stream in the clear it knows
// where frames begin, to cut it inside of one. What it did is in the chronicle, for the verdict.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Chronicle } from './chronicle';
import { FrameWalker } from './frame-walker';
import { type Direction, randomOf } from './plan';
import { Pump } from './pump';
import type { Tally } from './tally';

/** How long the relay has not read when it ends TCP. */
const DEAF_MILLISECONDS = 100;

/** What a relay wants to know of the life that connects through it. */
export interface RelayedLife {
  readonly chronicle: Chronicle;
  /** It is through the relay: the one connection of this life. */
  onRelayed(passage: Passage): void;
}

export class FaultyRelay {
  private life: RelayedLife | undefined;

  private constructor(
    private readonly server: Server,
    private readonly serverPorts: { readonly ws: number; readonly wss: number },
    private readonly tally: Tally,
  ) {
    server.on('connection', (client: Socket) => this.onConnection(client));
  }

  static async open(serverPorts: { ws: number; wss: number }, tally: Tally): Promise<FaultyRelay> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FaultyRelay(server, serverPorts, tally);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The next connection is the one of this life. */
  expect(life: RelayedLife): void {
    this.life = life;
  }

  close(): void {
    this.life = undefined;
    this.server.close();
  }

  private onConnection(client: Socket): void {
    const { life } = this;
    this.life = undefined;
    if (life === undefined) {
      // Of a life that was given up before anyone had met it.
      client.destroy();
      return;
    }
    const { isSecure } = life.chronicle.plan;
    const port = isSecure ? this.serverPorts.wss : this.serverPorts.ws;
    const upstream = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    life.onRelayed(new Passage(client, upstream, life.chronicle, this.tally));
  }
}

/** One connection through a relay. */
export class Passage {
  /** Both sockets are closed. */
  readonly done: Promise<unknown>;
  private readonly toServer: Pump;
  private readonly toClient: Pump;
  private readonly walker: FrameWalker | undefined;
  private isCutting = false;
  private hasFault = false;

  constructor(
    private readonly client: Socket,
    private readonly upstream: Socket,
    private readonly chronicle: Chronicle,
    private readonly tally: Tally,
  ) {
    const { plan } = chronicle;
    this.walker = plan.isSecure ? undefined : new FrameWalker();
    this.toServer = this.pump('to the server', client, upstream);
    this.toClient = this.pump('to the client', upstream, client);
    this.done = Promise.all([closed(client), closed(upstream), this.toServer.run(), this.toClient.run()]);
    client.on('close', () => this.onGone(this.toServer, this.toClient, upstream));
    upstream.on('close', () => this.onGone(this.toClient, this.toServer, client));
    if (this.isDue('to the client') || this.isDue('to the server')) this.bringAbout();
  }

  /** The fault of the plan, if it is one of the relay, at once. */
  bringAbout(): void {
    const { ending } = this.chronicle.plan;
    if (this.hasFault || this.chronicle.isOver) return;
    switch (ending) {
      case 'the relay resets':
      case 'the relay resets while they connect':
        this.hasFault = true;
        this.chronicle.isBroughtAbout = true;
        this.reset();
        return;
      case 'the relay falls silent':
      case 'the relay falls silent while they connect':
        this.hasFault = true;
        this.chronicle.relayFellSilent();
        this.toClient.stop(this.chronicle.plan.isSwallowing);
        this.toServer.stop(this.chronicle.plan.isSwallowing);
        return;
      case 'the relay ends TCP and reads no more':
        this.hasFault = true;
        this.chronicle.relayWentDeaf();
        this.toServer.stop(false);
        // By then the client has filled all buffers on the way.
        setTimeout(() => this.cut(), DEAF_MILLISECONDS);
        return;
      case 'the relay ends TCP in mid-frame':
        this.hasFault = true;
        this.isCutting = true;
        if (this.walker?.isInsideFrame) this.cut();
    }
  }

  /** Whatever is left of it. */
  destroy(): void {
    this.toClient.stop(true);
    this.toServer.stop(true);
    this.client.destroy();
    this.upstream.destroy();
  }

  private pump(direction: Direction, source: Socket, target: Socket): Pump {
    const { plan } = this.chronicle;
    const isToClient = direction === 'to the client';
    const pump: Pump = new Pump(source, target, plan.weather[direction], randomOf(plan, direction), this.tally, {
      allowance: () => {
        // The first byte of the next frame, and then no more.
        if (this.isCutting && isToClient) return 1;
        const left = plan.moment.direction === direction ? plan.moment.bytes - pump.forwardedBytes : 0;
        return left > 0 ? left : Number.POSITIVE_INFINITY;
      },
      onForward: (bytes) => {
        if (isToClient) this.walker?.walk(bytes);
        if (this.isDue(direction)) this.bringAbout();
        if (this.isCutting && isToClient && this.walker?.isInsideFrame !== false) this.cut();
      },
      onEnd: () => {
        if (isToClient) this.chronicle.relayEnded();
      },
    });
    return pump;
  }

  private isDue(direction: Direction): boolean {
    const { moment } = this.chronicle.plan;
    const { forwardedBytes } = direction === 'to the client' ? this.toClient : this.toServer;
    return moment.direction === direction && forwardedBytes >= moment.bytes;
  }

  /** FIN, and nothing after it; the other direction goes on. */
  private cut(): void {
    this.isCutting = false;
    if (this.client.destroyed) return;
    this.toClient.stop(true);
    this.client.end();
    this.chronicle.relayCut(this.walker?.messageCount);
  }

  private reset(): void {
    this.chronicle.relayReset();
    this.toClient.stop(true);
    this.toServer.stop(true);
    this.client.resetAndDestroy();
    this.upstream.resetAndDestroy();
  }

  /** One of the two sockets is gone, after its end or by a reset, which then goes on to the other one. */
  private onGone(from: Pump, to: Pump, other: Socket): void {
    to.stop(true);
    if (from.sawEnd || other.destroyed) return;
    from.stop(true);
    if (other === this.client) this.chronicle.relayReset();
    other.resetAndDestroy();
  }
}

function closed(socket: Socket): Promise<void> {
  // How it broke is of no interest here: `close` follows.
  socket.on('error', () => {});
  return new Promise((resolve) => socket.once('close', () => resolve()));
}
