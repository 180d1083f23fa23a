// A thousand cuts: clients with a reconnect policy behind relays that cut every connection, at a byte that chance chose, until
// each has had its share. Whatever was sent on a connection comes back once and in order, as far as it lasted, and all of it
// where it lasted long enough; each end is told once, and always with the truth about what follows.
//
//   CUTS_SEED=7         what chance chooses, but not the timing; 6455 if it is not set

import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { RECORDS } from '../../assembly/layout';
import { Decoder } from '../../src/framing';
import { AsyncTcpConnection, type ConnectionCloseEvent } from '../../src/index';
import { Random } from '../suites/soak/random';
import { type Link, type Relay, relayTo } from '../support/relay';
import { SCHEMES, wsServer } from '../support/servers';

const SEED = Number(process.env.CUTS_SEED ?? 6455);
const CLIENTS = 20;
const CUTS_EACH = 50;

const CUTS = ['a reset', 'FIN', 'both sockets closed'] as const;

/** One connection, from its dial to its end. */
class Life {
  readonly sent: string[] = [];
  readonly received: string[] = [];
  /** What has come to the server. */
  readonly served: string[] = [];
  isComplete = false;

  /** What is wrong with it. */
  violation(): string | undefined {
    for (const list of [this.received, this.served]) {
      const wrong = list.findIndex((message, i) => message !== this.sent[i]);
      if (wrong >= 0) return `message ${wrong} is ${list[wrong]}, and not ${this.sent[wrong]}`;
    }
    if (this.received.length > this.served.length) return 'more came back than had arrived';
    if (this.isComplete && this.received.length !== this.sent.length) return 'not all came back';
    return undefined;
  }
}

/** A message of this name and some length, fit to be compared; bytes where it says so. */
function messageOf(name: string, random: Random): string {
  return `${name} ${random.chance(0.5) ? 'text' : 'bytes'} ${'.'.repeat(random.scaled(1, 20_000))}`;
}

/** A client that sends on each of its connections, and the relay that cuts them. */
class Client {
  readonly lives: Life[] = [];
  readonly closings: ConnectionCloseEvent[] = [];
  readonly reconnects: number[] = [];
  readonly happened: Record<string, number> = {};
  /** Its last connection, which nobody cuts, is over. */
  readonly done: Promise<void>;
  private finish = (): void => {};
  /** All has come back on the present connection. */
  private cut = (): void => {};
  /** The present connection is over. */
  private end = (): void => {};
  private left = 0;

  constructor(
    readonly name: string,
    readonly connection: AsyncTcpConnection,
    private readonly relay: Relay,
    private readonly random: Random,
  ) {
    this.done = new Promise((resolve) => {
      this.finish = resolve;
    });
    connection.reconnectPolicy = { minDelay: 0.001, maxDelay: 0.02, minUptime: 1000 };
    connection.websocketPingInterval = 0.5;
    connection.websocketPingTimeout = 1000;
    connection.lingerTimeout = 0.2;
    connection.headers = async () => {
      this.lives.push(new Life());
      return { 'X-Life': `${this.name} ${this.lives.length - 1}` };
    };
    // What a connection has not sent would come with the next one: callback/send-queue-cuts.test.ts.
    connection.sendQueue = false;
    connection.onWebSocketConnect = () => this.open();
    connection.onMessage = (_, data) => this.receive(data);
    connection.onClose = (_, event) => this.closed(event);
    connection.onReconnect = (_, attempt) => this.reconnects.push(attempt);
    connection.onReconnectFailed = () => this.finish();
  }

  begin(): void {
    this.connection.connect();
    void this.cutAll();
  }

  private get life(): Life {
    return this.lives.at(-1)!;
  }

  private open(): void {
    this.left = this.random.between(0, 30);
    for (let i = this.random.between(1, 10); i > 0; i -= 1) this.send();
  }

  private send(): void {
    const { sent } = this.life;
    const message = messageOf(`${this.name} ${this.lives.length} ${sent.length}`, this.random);
    sent.push(message);
    const isBytes = message.includes(' bytes ');
    this.connection.send(isBytes ? Buffer.from(message) : message);
  }

  private receive(data: string | Uint8Array): void {
    const { life } = this;
    const text = typeof data === 'string' ? data : Buffer.from(data).toString();
    life.received.push((typeof data === 'string') === text.includes(' bytes ') ? `the wrong kind of ${text}` : text);
    if (this.left > 0) {
      this.left -= 1;
      this.send();
    } else if (life.received.length === life.sent.length) {
      life.isComplete = true;
      if (this.closings.length === CUTS_EACH) this.connection.close();
      else this.cut();
    }
  }

  private closed(event: ConnectionCloseEvent): void {
    this.closings.push(event);
    this.end();
    if (this.closings.length > CUTS_EACH) this.finish();
  }

  /** Every connection but the last one, as soon as so many bytes have passed, or all has come back. */
  private async cutAll(): Promise<void> {
    for (let count = 0; count < CUTS_EACH; count += 1) {
      const link = await this.relay.link();
      const how = this.random.pick(CUTS);
      await this.momentOf(link, count);
      this.note(how);
      const over = new Promise<void>((resolve) => {
        this.end = resolve;
      });
      bringAbout(link, how);
      await over;
      link.destroy();
    }
  }

  private async momentOf(link: Link, count: number): Promise<void> {
    const bytes = this.random.scaled(1, 1_000_000);
    const allBack = new Promise<void>((resolve) => {
      this.cut = resolve;
      // It may be faster than we are.
      if (this.lives[count]?.isComplete) resolve();
    });
    switch (this.random.between(0, 9)) {
      case 0:
        this.note('before a byte');
        return;
      case 1:
        this.note('in the handshake');
        await link.toClient.hasPassed(this.random.between(1, 100));
        return;
      case 2:
      case 3:
      case 4:
        this.note('on the way out');
        await Promise.race([allBack, link.toServer.hasPassed(bytes)]);
        return;
      case 5:
      case 6:
      case 7:
        this.note('on the way back');
        await Promise.race([allBack, link.toClient.hasPassed(bytes)]);
        return;
      default:
        this.note('when all was back');
        await allBack;
    }
  }

  private note(what: string): void {
    this.happened[what] = (this.happened[what] ?? 0) + 1;
  }
}

function bringAbout(link: Link, how: (typeof CUTS)[number]): void {
  switch (how) {
    case 'a reset':
      link.reset();
      return;
    case 'FIN':
      link.finish();
      return;
    case 'both sockets closed':
      link.destroy();
  }
}

const socketCount = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap' || name === 'TLSWrap').length;

describe('1,000 random cuts', () => {
  it('lose nothing that had the time, repeat nothing, and every client comes back', { timeout: 120_000 }, async () => {
    const socketsBefore = socketCount();
    const random = new Random(SEED);
    const clients = new Map<string, Client>();
    const serve = (socket: WebSocket, name: string): void => {
      const [client, life] = name.split(' ') as [string, string];
      const { served } = clients.get(client)!.lives[Number(life)]!;
      socket.on('message', (data, isBinary) => {
        served.push(`${data}`);
        socket.send(data, { binary: isBinary });
      });
    };
    const servers = await Promise.all(SCHEMES.map((scheme) => wsServer(scheme)));
    for (const { server } of servers) {
      server.on('connection', (socket, request) => serve(socket, String(request.headers['x-life'])));
    }
    for (let i = 0; i < CLIENTS; i += 1) {
      const relay = await relayTo(servers[i % 4 === 3 ? 1 : 0]!);
      clients.set(`${i}`, new Client(`${i}`, relay.client(), relay, random.fork()));
    }
    const all = [...clients.values()];
    for (const client of all) client.begin();
    await Promise.all(all.map(({ done }) => done));

    const seed = `CUTS_SEED=${SEED}`;
    const happened: Record<string, number> = {};
    for (const { name, lives, closings, reconnects, happened: own, connection } of all) {
      const violations = lives.map((life, i) => [`${name} ${i}`, life.violation()]).filter(([, what]) => what);
      expect(violations, seed).toEqual([]);
      expect(closings.length, seed).toBe(CUTS_EACH + 1);
      expect(
        closings.map(({ attempt, willReconnect }) => [attempt, willReconnect]),
        seed,
      ).toEqual(closings.map((_, i) => [i, i < CUTS_EACH]));
      expect(reconnects, seed).toEqual(Array.from({ length: CUTS_EACH }, (_, i) => i + 1));
      expect([lives.length, lives.at(-1)!.isComplete], seed).toEqual([CUTS_EACH + 1, true]);
      expect(closings.at(-1), seed).toMatchObject({ code: 1000, wasClean: true, error: undefined });
      expect(
        closings.slice(0, -1).every(({ code, wasClean, error }) => code === 1006 && !wasClean && error),
        seed,
      ).toBe(true);
      expect(connection.getStatus(false), seed).toBe('CLOSED');
      for (const [what, count] of Object.entries(own)) happened[what] = (happened[what] ?? 0) + count;
    }
    const lives = all.flatMap(({ lives }) => lives);
    happened['lives in which all came back'] = lives.filter(({ isComplete }) => isComplete).length;
    happened['messages that were sent'] = lives.reduce((sum, { sent }) => sum + sent.length, 0);
    happened['messages that came back'] = lives.reduce((sum, { received }) => sum + received.length, 0);
    console.info(seed);
    console.table(happened);
    for (const what of [...CUTS, 'before a byte', 'in the handshake', 'on the way out', 'on the way back']) {
      expect(happened[what], `${seed}: ${what}`).toBeGreaterThan(10);
    }

    expect(AsyncTcpConnection.connections.size).toBe(0);
    for (const { server } of servers) for (const socket of server.clients) socket.terminate();
    await expect.poll(socketCount, { timeout: 10_000 }).toBe(socketsBefore);
    const decoders = Array.from({ length: RECORDS }, () => new Decoder({ role: 'client' }));
    for (const decoder of decoders) decoder.close();
  });
});
