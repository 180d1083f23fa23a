// What the client does while a life lasts: it sends messages as its plan allows, sends pings, and pauses receiving at any
// moment. It checks what `send()` returns against the state in which it was called.

import type { AsyncTcpConnection, BinaryData, WsimdError } from '../../../src/index';
import type { Chronicle } from './chronicle';
import { type Message, MessageSource } from './messages';
import type { Random } from './random';
import type { Tally } from './tally';

const PING = 'user ping ';

export class Talk {
  private readonly source: MessageSource;
  private readonly pings: string[] = [];
  private pongCount = 0;
  private refusedCount = 0;
  private dropCount = 0;
  private isStopped = false;

  constructor(
    private readonly connection: AsyncTcpConnection,
    private readonly chronicle: Chronicle,
    private readonly random: Random,
    private readonly tally: Tally,
  ) {
    const { largest, stringsAreBinary } = chronicle.plan;
    this.source = new MessageSource('c', random.fork(), largest, stringsAreBinary);
  }

  /** All that this life wanted to say was echoed, and the echoes were told. */
  get isAllBack(): boolean {
    const { toServer, toClient } = this.chronicle;
    return !this.hasMore && toServer.isComplete && toClient.isComplete;
  }

  /** There is nothing more to say. */
  stop(): void {
    this.isStopped = true;
  }

  /** Sends the next few messages, if it is their turn. */
  speak(): void {
    const { plan, toServer } = this.chronicle;
    if (plan.isFlood) {
      // Until nothing more is taken: then the peer reads too slowly.
      while (this.hasMore && this.send(this.source.make(plan.largest)) !== false);
      return;
    }
    for (let left = this.random.scaled(1, 500); left > 0 && this.hasMore; left -= 1) {
      if (toServer.acceptedCount - toServer.arrivedCount >= plan.window) return;
      this.send(this.source.next());
    }
  }

  send(message: Message): boolean | null {
    const { chronicle, connection } = this;
    const state = connection.getStatus(false);
    chronicle.toServer.accept(message);
    const result = this.handOver(message, (data) => connection.send(data));
    if (result === false) chronicle.toServer.withdraw(message);
    if (result === null) this.tally.add('back-pressure: send() returned null');
    const isOpen = state === 'ESTABLISHED';
    const isOpening = state === 'INITIAL' || state === 'CONNECTING';
    if (result === false && (isOpen || isOpening)) this.refusedCount += 1;
    if (result === true ? !isOpen : result === null && !isOpen && !isOpening) {
      chronicle.violate(`send() returned ${result} while ${state}`);
    }
    return result;
  }

  /** `close(data)`, the only message whose fate is not returned. */
  closeWith(): void {
    const message = this.source.next();
    this.chronicle.toServer.accept(message);
    const { dropCount } = this;
    this.connection.close(message.text ?? message.bytes);
    if (this.dropCount === dropCount) return;
    this.refusedCount += 1;
    this.chronicle.toServer.withdraw(message);
  }

  /** onError(SEND_FAIL). */
  onDrop(): void {
    this.dropCount += 1;
    this.tally.add('back-pressure: send() dropped a message');
  }

  /** Whoever gets false from an open connection is told why, once. */
  get isAccountedFor(): boolean {
    return this.refusedCount === this.dropCount;
  }

  ping(): void {
    if (this.connection.getStatus(false) !== 'ESTABLISHED') return;
    const payload = `${PING}${this.pings.length}`;
    this.pings.push(payload);
    this.tally.add('pings of the client');
    this.connection.ping(payload).catch(({ code }: WsimdError) => {
      // Behind a full buffer none is sent. Others may have no pong.
      if (code === 'WS_ERR_SEND_BUFFER_FULL') this.pings.splice(this.pings.indexOf(payload), 1);
    });
  }

  /** The server answers every ping, so their pongs come in order, too. Those of the heartbeat are none of this. */
  onPong(payload: string): void {
    if (!payload.startsWith(PING)) return;
    if (payload === this.pings[this.pongCount]) this.pongCount += 1;
    else this.chronicle.violate(`pong number ${this.pongCount} has ${payload}`);
  }

  /** Stops receiving, for no time at all or for some. */
  pause(): void {
    const state = this.connection.getStatus(false);
    if (state !== 'ESTABLISHED' && state !== 'CONNECTING') return;
    this.tally.add('pauses');
    this.chronicle.isPaused = true;
    this.connection.pauseRecv();
    const resume = (): void => this.resume();
    const choice = this.random.unit();
    if (choice < 0.1) resume();
    else if (choice < 0.3) queueMicrotask(resume);
    else if (choice < 0.5) setImmediate(resume);
    else setTimeout(resume, choice < 0.85 ? this.random.between(0, 20) : this.random.between(50, 250));
  }

  private resume(): void {
    // The object may be living its next life already.
    if (this.chronicle.isOver) return;
    this.chronicle.isPaused = false;
    this.connection.resumeRecv();
  }

  private get hasMore(): boolean {
    const { plan, toServer } = this.chronicle;
    return !this.isStopped && toServer.acceptedCount < plan.messages && toServer.acceptedBytes < plan.bytes;
  }

  /** Texts as they are; bytes in any form, and spoilt as soon as they have been sent: they have to be copied. */
  private handOver(message: Message, send: (data: string | BinaryData) => boolean | null): boolean | null {
    if (message.text !== undefined) return send(message.text);
    const bytes = Uint8Array.from(message.bytes);
    const result = send(this.random.pick([bytes, bytes.buffer, new DataView(bytes.buffer)]));
    bytes.fill(0);
    return result;
  }
}
