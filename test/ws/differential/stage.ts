// One trial of a script with one implementation: its servers, its log, and how the client under test is driven. What the
// client tells and what the servers see are two logs, since only the order within each of them is no accident.

import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type * as ws from 'ws';
import { Lines } from './lines';
import { type Host, type HttpTestServer, httpServer, type Peer, type RawServer, rawServer, wsServer } from './peers';
import { show } from './show';

export interface Implementation {
  /** The package's. */
  readonly name: string;
  readonly WebSocket: typeof ws.WebSocket;
  readonly createWebSocketStream: typeof ws.createWebSocketStream;
}

/** What a client may be given: the names of ws 8.23, of which its types do not know all. */
export type Options = ws.ClientOptions & Record<string, unknown>;

const STATES = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'];
/** Listening to the other three changes what happens. */
export const EVENTS = ['open', 'message', 'ping', 'pong', 'close', 'error'];

/** Longer than whatever a script waits for by itself, and shorter than the patience of the tests. */
const DEADLINE = 15_000;

async function tooLong(): Promise<never> {
  await setTimeout(DEADLINE, undefined, { ref: false });
  throw new Error('it has no end');
}

type Rest<Function> = Function extends (host: Host, ...rest: infer Values) => unknown ? Values : never;

export class Stage implements Host {
  readonly WebSocket: Implementation['WebSocket'];
  readonly told = new Lines((line) => this.withoutAccidents(line));
  readonly seen = new Lines((line) => this.withoutAccidents(line));
  private readonly accidents: [RegExp, string][] = [];
  private readonly ends: (() => void)[] = [];

  constructor(readonly implementation: Implementation) {
    this.WebSocket = implementation.WebSocket;
  }

  /** Runs a script, and returns what was told and seen. */
  static async perform(implementation: Implementation, script: (stage: Stage) => unknown): Promise<string[]> {
    const stage = new Stage(implementation);
    try {
      await Promise.race([script(stage), tooLong()]);
      // Whatever still follows is a difference, too.
      await setTimeout(15);
      await setImmediate();
    } catch (error) {
      stage.told.write(`the script failed: ${error instanceof Error ? error.message : error}`);
    } finally {
      for (const end of stage.ends.reverse()) end();
    }
    return [...stage.told.all, '— what the servers saw', ...stage.seen.all];
  }

  // Servers.

  later(end: () => void): void {
    this.ends.push(end);
  }

  async raw(...rest: Rest<typeof rawServer>): Promise<RawServer> {
    return this.known(await rawServer(this, ...rest));
  }

  async http(...rest: Rest<typeof httpServer>): Promise<HttpTestServer> {
    return this.known(await httpServer(this, ...rest));
  }

  async ws(...rest: Rest<typeof wsServer>): Promise<HttpTestServer> {
    return this.known(await wsServer(this, ...rest));
  }

  /** A `ws` server that sends back what it gets. */
  echo(...[, options]: Rest<typeof wsServer>): Promise<HttpTestServer> {
    return this.ws((socket) => socket.on('message', (data, binary) => socket.send(data, { binary })), options);
  }

  /** A port on which nobody listens. */
  async closedPort(): Promise<number> {
    const { server, port } = await this.http(() => {});
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  /** The name of a socket file that is not there yet. */
  socketFile(): string {
    const file = join(tmpdir(), `wsimd-${randomBytes(6).toString('hex')}.sock`);
    this.accidents.push([new RegExp(file, 'g'), '<file>']);
    this.later(() => rmSync(file, { force: true }));
    return file;
  }

  // The client.

  /** Makes a client, without compression unless asked for, and writes down all it tells. */
  connect(
    url: string | URL,
    protocols?: string | string[],
    options: Options = {},
    events: readonly string[] = EVENTS,
  ): ws.WebSocket {
    return this.watch(new this.WebSocket(url, protocols, { perMessageDeflate: false, ...options }), events);
  }

  /** Writes down what it tells from now on. */
  watch(client: ws.WebSocket, events: readonly string[] = EVENTS): ws.WebSocket {
    for (const event of events) client.on(event, (...values: unknown[]) => this.note(client, event, ...values));
    this.later(() => {
      client.on('error', () => {});
      client.terminate();
    });
    return client;
  }

  /** A client that is open to a raw server, and its peer. */
  async opened(options: Options = {}, events = EVENTS): Promise<{ client: ws.WebSocket; peer: Peer }> {
    const server = await this.raw();
    const client = this.connect(server.url, [], options, events);
    const peer = await server.peer();
    await peer.accept();
    await new Promise((resolve) => client.once('open', resolve));
    return { client, peer };
  }

  /** Writes down one line of the client, with its state. */
  note(client: { readonly readyState: number }, what: string, ...values: unknown[]): void {
    this.told.write([STATES[client.readyState], what, ...values.map(show)].join(' '));
  }

  /** Writes down what a call returns or throws. */
  attempt<Result>(what: string, call: () => Result): Result | undefined {
    try {
      const result = call();
      this.told.write(`${what} returns ${show(result)}`);
      return result;
    } catch (error) {
      this.told.write(`${what} throws ${show(error)}`);
      return undefined;
    }
  }

  /** Writes down how a constructor takes these arguments. */
  construct(what: string, ...values: unknown[]): void {
    try {
      const client = new (this.WebSocket as unknown as new (...values: unknown[]) => ws.WebSocket)(...values);
      this.told.write(`${what}: ${STATES[client.readyState]} ${client.url}`);
      client.on('error', () => {});
      client.terminate();
    } catch (error) {
      this.told.write(`${what}: throws ${show(error)}`);
    }
  }

  /** A callback that writes down how it was called. */
  done(client: { readonly readyState: number }, what: string): (...values: unknown[]) => void {
    return (...values) => this.note(client, `callback of ${what}`, ...values);
  }

  /** Resolves when the client has told this so often. */
  until(part: string, times?: number): Promise<void> {
    return this.told.until(part, times);
  }

  /** Resolves when the client is closed. */
  closed(times?: number): Promise<void> {
    return this.until('CLOSED close', times);
  }

  /** Takes its port out of all lines. */
  private known<One extends { readonly url: string }>(server: One): One {
    const { port } = new URL(server.url);
    if (port !== '0') this.accidents.push([new RegExp(`\\b${port}\\b`, 'g'), `<port ${this.accidents.length + 1}>`]);
    return server;
  }

  private withoutAccidents(line: string): string {
    return this.accidents.reduce((text, [accident, name]) => text.replace(accident, name), line);
  }
}
