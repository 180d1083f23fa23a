// A TCP relay between a client and a test server, for what a network does and a server cannot: it resets the connection
// under TLS, vanishes without a word, ends TCP without ending TLS, or cuts the stream into segments of a byte. It passes bytes
// on and does not know what they mean.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { TestServer, trust } from './servers';

export interface RelayOptions {
  /** How many bytes of each direction are passed on before the relay hangs; no limit by default. */
  readonly toServer?: number;
  readonly toClient?: number;
  /** Bytes per segment, with a turn of the event loop for each to be read on its own; as they come by default. */
  readonly segment?: number;
}

export class Relay extends TestServer {
  private readonly links: Link[] = [];
  private readonly waiting: ((link: Link) => void)[] = [];

  /** The two sockets of the next connection, as soon as the client's is up. */
  link(): Promise<Link> {
    const link = this.links.shift();
    return link === undefined ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve(link);
  }

  add(link: Link): void {
    const next = this.waiting.shift();
    if (next === undefined) this.links.push(link);
    else next(link);
  }
}

/** Starts a relay to a server; clients connect to it by its own `client()`. */
export async function relayTo(target: TestServer, options: RelayOptions = {}): Promise<Relay> {
  const links = new Set<Link>();
  const socketOptions = { allowHalfOpen: true, noDelay: true };
  const server = createServer(socketOptions, (client) => {
    const link = new Link(client, connect({ ...socketOptions, host: '127.0.0.1', port: target.port }), options);
    links.add(link);
    relay.add(link);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const relay = new Relay(target.scheme, (server.address() as AddressInfo).port, await trust(target.scheme));
  onTestFinished(() => {
    for (const link of links) link.destroy();
    server.close();
  });
  return relay;
}

/** One connection through the relay. */
export class Link {
  readonly toServer: Direction;
  readonly toClient: Direction;

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    { toServer, toClient, segment }: RelayOptions,
  ) {
    this.toServer = new Direction(client, server, toServer, segment);
    this.toClient = new Direction(server, client, toClient, segment);
  }

  /** Passes nothing on any more, not even the end; neither side is told. */
  hang(): void {
    this.toServer.hang();
    this.toClient.hang();
  }

  /** The client gets a reset (RFC 9293 §3.5.2), the server nothing. */
  reset(): void {
    this.hang();
    this.client.resetAndDestroy();
  }

  /** The client gets a FIN behind what has been passed on, and under TLS no alert in front of it; the server nothing. */
  finish(): void {
    this.hang();
    this.client.end();
  }

  destroy(): void {
    this.client.destroy();
    this.server.destroy();
  }
}

class Direction {
  /** Bytes that have arrived here, and those that went on. */
  private arrived = 0;
  private passed = 0;
  private isHanging = false;
  private check: () => void = () => {};
  /** What is being passed on: an end that comes meanwhile waits for it. */
  private busy: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
    private readonly limit = Number.POSITIVE_INFINITY,
    private readonly segment = Number.POSITIVE_INFINITY,
  ) {
    from.on('data', (chunk: Buffer) => {
      // What comes next waits in the socket, and then its sender does.
      from.pause();
      this.next(() => this.pass(chunk));
    });
    from.on('end', () => this.next(() => to.end()));
    // The two ends are tested; that the relay between them is cut off belongs to the tests.
    from.on('error', () => {});
    from.on('close', () => this.next(() => to.destroySoon()));
  }

  hang(): void {
    this.isHanging = true;
    // The kernel takes what its buffer takes, as it would for a process that is stuck.
    this.from.pause();
  }

  /** How many bytes have been passed on so far. */
  get count(): number {
    return this.passed;
  }

  /** Resolves when something has come in. */
  async hasCome(): Promise<void> {
    while (this.arrived === 0) await this.more();
  }

  /** Resolves when so many bytes have been passed on. */
  async hasPassed(count: number): Promise<void> {
    while (this.passed < count) await this.more();
  }

  private more(): Promise<void> {
    return new Promise((resolve) => {
      this.check = resolve;
    });
  }

  private next(step: () => unknown): void {
    this.busy = this.busy.then(() => (this.isHanging ? undefined : step()));
  }

  private async pass(chunk: Buffer): Promise<void> {
    this.arrived += chunk.length;
    this.check();
    const end = Math.min(chunk.length, this.limit - this.passed);
    for (let at = 0; at < end && !this.isHanging; ) {
      const segment = chunk.subarray(at, Math.min(at + this.segment, end));
      await new Promise((resolve) => this.to.write(segment, resolve));
      if (this.segment !== Number.POSITIVE_INFINITY) await setImmediate();
      at += segment.length;
      this.passed += segment.length;
      this.check();
    }
    if (this.passed === this.limit) this.hang();
    if (!this.isHanging) this.from.resume();
  }
}
