// The whole soak: lives side by side on a number of lanes, each lane one life after another, until the time is over. An
// object lives several lives, since it reconnects in onClose; all of them go through a relay of their own to the same two
// servers.

import { AsyncTcpConnection } from '../../../src/index';
import { SCHEMES, testAuthority, type WsTestServer, wsServer } from '../../support/servers';
import type { Chronicle } from './chronicle';
import { FaultyRelay } from './faulty-relay';
import { Life } from './life';
import { drawPlan, drawSeed, ENDINGS } from './plan';
import { Random } from './random';
import { Tally } from './tally';

/** More failures than anyone reads. */
const ENOUGH_FAILURES = 5;

/** One life of so many sends more than the network takes; a number that has nothing in common with that of the endings. */
const FLOOD_EVERY = 29;

export interface SoakOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly lanes: number;
  /** The seed of the one life to be lived again and again. */
  readonly lifeSeed: number | undefined;
}

export class Soak {
  readonly tally = new Tally();
  /** Lives in which something was wrong. */
  readonly failures: Chronicle[] = [];
  private readonly random: Random;
  private readonly lives = new Map<string, Life>();
  private lifeCount = 0;
  private endsAt = 0;
  private ports = { ws: 0, wss: 0 };
  private servers: WsTestServer[] = [];
  private certificate = '';

  constructor(private readonly options: SoakOptions) {
    this.random = new Random(options.seed);
  }

  async run(): Promise<void> {
    this.certificate = (await testAuthority()).cert;
    // Pongs are given by echo-host.ts; a client that does not close in its turn is given up soon.
    const options = { autoPong: false, closeTimeout: 2_000 };
    this.servers = await Promise.all(SCHEMES.map((scheme) => wsServer(scheme, () => {}, options)));
    this.ports = { ws: this.servers[0]!.port, wss: this.servers[1]!.port };
    for (const { server } of this.servers) {
      server.on('connection', (socket, request) => {
        const life = this.lives.get(String(request.headers['x-life']));
        if (life === undefined) socket.terminate();
        else life.onHosted(socket, request.socket);
      });
    }
    this.endsAt = performance.now() + this.options.seconds * 1000;
    await Promise.all(Array.from({ length: this.options.lanes }, () => this.lane()));
  }

  /** Sockets that the servers still have. */
  get socketsLeft(): number {
    return this.servers.reduce((count, { server }) => count + server.clients.size, 0);
  }

  private get isOver(): boolean {
    return performance.now() >= this.endsAt || this.failures.length >= ENOUGH_FAILURES;
  }

  private async lane(): Promise<void> {
    while (!this.isOver) await this.family();
  }

  /** The lives of one object. */
  private async family(): Promise<void> {
    const relay = await FaultyRelay.open(this.ports, this.tally);
    const connection = new AsyncTcpConnection(`ws://127.0.0.1:${relay.port}/soak`, { ca: this.certificate });
    const lives: Life[] = [];
    let left = this.random.between(1, 10);
    await new Promise<void>((resolve) => {
      const beginNext = (): void => {
        const life = this.life((last) => {
          left -= 1;
          // What a relay has not met may still be on its way: it would be taken for the next life.
          const goesOn = last.passage !== undefined && left > 0 && !this.isOver;
          if (goesOn || last.needsSuccessor) beginNext();
          else resolve();
        });
        lives.push(life);
        const id = `${this.lifeCount}`;
        relay.expect(life);
        this.lives.set(id, life);
        life.over.then(() => this.lives.delete(id));
        life.begin(connection, this.lifeCount, lives.length === 1);
      };
      beginNext();
    });
    await Promise.all(lives.map((life) => life.over));
    relay.close();
  }

  private life(onClosed: (life: Life) => void): Life {
    this.lifeCount += 1;
    const ending = ENDINGS[this.lifeCount % ENDINGS.length]!;
    const seed = this.options.lifeSeed ?? drawSeed(this.random, ending, this.lifeCount % FLOOD_EVERY === 0);
    return new Life(drawPlan(seed), this.tally, (chronicle) => this.failures.push(chronicle), onClosed);
  }
}
