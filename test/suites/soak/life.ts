// One life of a connection, from the client's side, by a plan: settings, traffic and the end, all of it through the public
// API; and afterwards the wait for the other side, and the last judgement.

import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { type AsyncTcpConnection, type ConnectionCloseEvent, Ws, type WsimdError } from '../../../src/index';
import { Chronicle } from './chronicle';
import { EchoHost } from './echo-host';
import { BRING_ABOUT, type Cast } from './endings';
import type { Passage, RelayedLife } from './faulty-relay';
import { type LifeEvents, Listener } from './listener';
import { type Plan, randomOf } from './plan';
import type { Random } from './random';
import { Talk } from './talk';
import type { Tally } from './tally';
import { judgeServer } from './verdict';

/** No plan takes half as long; what does hangs. In milliseconds. */
const LONGEST_LIFE = 12_000;
/** So long a client talks that waits for all its echoes, in milliseconds. */
const LONGEST_TALK = 1_000;

export class Life implements RelayedLife, Cast, LifeEvents {
  readonly chronicle: Chronicle;
  /** Both sides are gone, and judged. */
  readonly over: Promise<void>;
  /** Another life of the same object has to follow, since this one connects anew. */
  needsSuccessor = false;
  passage: Passage | undefined;
  host: EchoHost | undefined;
  connection!: AsyncTcpConnection;
  talk!: Talk;
  readonly random: Random;
  private listener!: Listener;
  private readonly timers = new Set<NodeJS.Timeout>();
  private isEnding = false;
  private markOver: () => void = () => {};

  /**
   * @param onViolation something is wrong with this life
   * @param onGone the client's side is over; another life of the same object may begin
   */
  constructor(
    private readonly plan: Plan,
    readonly tally: Tally,
    onViolation: (chronicle: Chronicle) => void,
    private readonly onGone: (life: Life) => void,
  ) {
    this.chronicle = new Chronicle(plan, onViolation);
    this.random = randomOf(plan, 'client');
    this.over = new Promise((resolve) => {
      this.markOver = resolve;
    });
  }

  /** Takes the object over. Dials at once, or as a reconnect from within the onClose of another life. */
  begin(connection: AsyncTcpConnection, id: number, isFirst: boolean): void {
    const { plan } = this;
    this.connection = connection;
    this.talk = new Talk(connection, this.chronicle, this.random.fork(), this.tally);
    this.applySettings(id);
    this.listener = new Listener(this, this.random.fork(), this);
    this.listener.attach();
    this.chronicle.toServer.hold();
    this.after(LONGEST_LIFE, () => this.hang());
    // Others wait until there is a connection to end.
    const isEarly = plan.when === 'bytes' || plan.when === 'connecting';
    if (isEarly) this.after(plan.moment.milliseconds, () => this.bringAbout());
    if (isFirst) {
      while (this.random.chance(0.3)) this.talk.speak();
      connection.connect();
      if (plan.when === 'connecting' && this.random.chance(0.3)) this.bringAbout();
    } else {
      this.tally.add('lives that were a reconnect');
      // A pause is the object's, and would go on.
      connection.resumeRecv();
      // Nor does this life send what the one before it had left.
      connection.sendQueue = false;
      connection.sendQueue = {};
      connection.reConnect(plan.reconnectDelay);
    }
  }

  onRelayed(passage: Passage): void {
    this.passage = passage;
  }

  onHosted(socket: WebSocket, tcp: Socket): void {
    this.host = new EchoHost(socket, tcp, this.chronicle, this.tally, () => this.onEchoed());
  }

  after(milliseconds: number, action: () => void): void {
    if (this.chronicle.isOver) return;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      action();
    }, milliseconds);
    this.timers.add(timer);
  }

  connectAnew(): void {
    this.needsSuccessor = true;
    this.chronicle.isDestroyed = true;
    this.chronicle.note('the client connects anew');
    this.connection.connect();
    if (!this.chronicle.isOver) this.chronicle.violate('connect() did not end the connection that was closing');
  }

  onConnect(): void {
    const { plan, talk } = this;
    if (this.random.chance(0.3)) talk.speak();
    if (this.random.chance(plan.pause)) talk.pause();
    if (plan.when === 'connecting') this.bringAbout();
  }

  onOpen(): void {
    const { plan, talk } = this;
    this.tally.add('lives that were open');
    if (plan.when === 'all echoes told') this.after(LONGEST_TALK, () => talk.stop());
    else if (plan.when.startsWith('messages')) this.after(plan.moment.milliseconds, () => this.bringAbout());
    talk.speak();
    this.tick();
  }

  onMessage(): void {
    const { chronicle, plan, talk } = this;
    if (this.random.chance(plan.pause)) talk.pause();
    if (this.random.chance(0.5)) talk.speak();
    const isDue = chronicle.toClient.arrivedCount >= plan.moment.messages;
    if (plan.when === 'messages told' && isDue) this.bringAbout();
  }

  onClose(event: ConnectionCloseEvent): void {
    for (const timer of this.timers) clearTimeout(timer);
    const code = (event.error as WsimdError | undefined)?.code;
    this.tally.add(`told: ${event.wasClean ? 'a clean close' : (code ?? 'no close frame')}`);
    // Nobody else would ever end what is silent.
    if (this.chronicle.isSilent) this.passage?.destroy();
    this.settle();
    this.onGone(this);
  }

  /** The server has received and echoed one more message. */
  private onEchoed(): void {
    const { when, moment } = this.plan;
    if (when === 'messages echoed' && this.chronicle.toServer.arrivedCount >= moment.messages) this.bringAbout();
  }

  private applySettings(id: number): void {
    const { connection, plan } = this;
    connection.transport = plan.isSecure ? 'ssl' : 'tcp';
    connection.headers = { 'X-Life': id };
    connection.websocketType = plan.stringsAreBinary ? Ws.BINARY_TYPE_ARRAYBUFFER : Ws.BINARY_TYPE_BLOB;
    connection.connectTimeout = plan.connectTimeout;
    connection.closeTimeout = plan.closeTimeout;
    connection.lingerTimeout = plan.lingerTimeout;
    connection.websocketPingInterval = plan.heartbeat?.[0];
    connection.websocketPingTimeout = plan.heartbeat?.[1];
    connection.maxSendBufferSize = plan.maxSendBufferSize;
  }

  /** Something happens every few milliseconds, whether messages come or not. */
  private tick(): void {
    this.after(this.random.between(1, 12), () => {
      const { plan, talk } = this;
      talk.speak();
      if (this.random.chance(0.05)) talk.ping();
      if (this.random.chance(plan.pause / 2)) talk.pause();
      if (plan.when === 'all echoes told' && talk.isAllBack) this.bringAbout();
      this.tick();
    });
  }

  /** What the plan wants to happen, now or as soon as it can. */
  private bringAbout(): void {
    if (this.isEnding) return;
    this.isEnding = true;
    this.tryToEnd();
  }

  private tryToEnd(): void {
    if (this.chronicle.isOver || BRING_ABOUT[this.plan.ending](this)) return;
    this.after(2, () => this.tryToEnd());
  }

  private hang(): void {
    this.chronicle.violate(`it hangs: ${this.connection.getStatus(false)}`);
    this.chronicle.isDestroyed = true;
    this.passage?.destroy();
    this.connection.destroy();
    this.markOver();
  }

  /** The other side has to see the end, too; then everything is known. */
  private async settle(): Promise<void> {
    const { chronicle } = this;
    const timer = setTimeout(() => {
      chronicle.violate('the client is gone, but not the server');
      this.passage?.destroy();
    }, LONGEST_LIFE);
    await this.passage?.done;
    await this.host?.done;
    clearTimeout(timer);
    judgeServer(chronicle);
    if (!this.talk.isAccountedFor) chronicle.violate('onError(SEND_FAIL) was not told for each message dropped');
    if (!this.listener.isAccountedFor) chronicle.violate('onError was not told of each exception of a callback');
    this.count();
    this.markOver();
  }

  private count(): void {
    const { chronicle, tally, plan } = this;
    const { toServer, toClient } = chronicle;
    if (chronicle.codeAtServer === plan.breach.status) tally.add('breaches that were answered with their status');
    if (chronicle.closedByServer && chronicle.codeAtServer !== 1006) tally.add('close frames that were answered');
    if (chronicle.isBroughtAbout) tally.add(`ending: ${plan.ending}`);
    tally.add(plan.isSecure ? 'lives over wss' : 'lives over ws');
    tally.add('messages to the server, arrived', toServer.arrivedCount);
    tally.add('messages to the client, arrived', toClient.arrivedCount);
    tally.add('bytes to the server, arrived', toServer.arrivedBytes);
    tally.add('bytes to the client, arrived', toClient.arrivedBytes);
  }
}
