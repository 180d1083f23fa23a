// The addresses of a name, tried side by side (RFC 8305): the next one when the one before has failed, or has not come up for a
// while, which is no reason to give it up. The first that comes up wins. It owns their order, their time and their errors; it does
// not know what a socket is for.

import { lookup as lookupByDns } from 'node:dns';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { clearTimer, setQuietTimer, type Timer } from '../../runtime/tasks';
import { isBun, isDeno } from '../../runtime/which';
import type { TransportTarget } from '../contract';

/** Milliseconds between two attempts: the recommended Connection Attempt Delay (RFC 8305 §5). */
const ATTEMPT_DELAY = 250;

interface Address {
  readonly address: string;
  readonly family: number;
}

/** Opens a socket to where this leads. */
type Open = (lookup: LookupFunction) => Socket;

/**
 * Whether there may be several addresses: of a name, unless the user wants the first one alone. Bun and Deno have their own ways to
 * choose one.
 */
export function mayRace({ hostname, socketPath, options }: TransportTarget): boolean {
  return socketPath === undefined && options.autoSelectFamily !== false && isIP(hostname) === 0 && !isBun && !isDeno;
}

export class Race {
  /** Those that have not been tried. */
  private waiting: Address[] = [];
  private isOver = false;
  /** Whether the addresses are known. */
  hasFound = false;
  private readonly running = new Set<Socket>();
  private readonly errors: Error[] = [];
  private timer: Timer;
  private isRef = true;

  constructor(
    private readonly target: TransportTarget,
    private readonly open: Open,
  ) {}

  /**
   * In place of the user's `lookup` or of the runtime's: it asks for all addresses, and answers with the first. A lookup of the
   * user's is asked as the runtime would ask it, which is for one address where the family is given.
   */
  readonly lookup: LookupFunction = (hostname, how, answer) => {
    const { lookup, family } = this.target.options;
    const all = lookup === undefined || !(family === 4 || family === 6);
    (lookup ?? lookupByDns)(hostname, { ...how, all }, (error, found, familyOfOne) => {
      if (error) {
        answer(error, '', 0);
        return;
      }
      const [first, ...others] = typeof found === 'string' ? [one(found, familyOfOne)] : alternating(found);
      this.hasFound = true;
      answer(null, first!.address, first!.family);
      if (this.isOver || others.length === 0) return;
      this.waiting = others;
      this.wait();
    });
  };

  /** The first attempt, which begins with the lookup. */
  begin(socket: Socket): void {
    this.running.add(socket);
  }

  ref(isWanted: boolean): void {
    this.isRef = isWanted;
    for (const socket of this.running) {
      if (isWanted) socket.ref();
      else socket.unref();
    }
  }

  /** An attempt has failed, and will say that it is closed. */
  failed(error: Error): void {
    this.errors.push(error);
  }

  /** It is closed. Returns whether that was the last one. */
  ended(socket: Socket): boolean {
    this.running.delete(socket);
    this.next();
    return this.running.size === 0;
  }

  /** What the attempts have come to: an error as the runtime has it. */
  get error(): Error | undefined {
    const { errors } = this;
    if (errors.length < 2) return errors[0];
    const { code } = errors[0] as NodeJS.ErrnoException;
    return Object.assign(new AggregateError(errors), { code });
  }

  /** The others are given up: all of them, if none has won. Returns them. */
  over(winner?: Socket): Socket[] {
    clearTimer(this.timer);
    this.isOver = true;
    this.waiting = [];
    this.running.delete(winner as Socket);
    const losers = [...this.running];
    this.running.clear();
    return losers;
  }

  private wait(): void {
    clearTimer(this.timer);
    const { autoSelectFamilyAttemptTimeout = ATTEMPT_DELAY } = this.target.options;
    // Sockets that are on their way keep the process.
    this.timer = setQuietTimer(() => this.next(), autoSelectFamilyAttemptTimeout);
  }

  private next(): void {
    clearTimer(this.timer);
    this.timer = undefined;
    const next = this.waiting.shift();
    if (next === undefined) return;
    try {
      const socket = this.open((_hostname, _how, answer) => answer(null, next.address, next.family));
      this.running.add(socket);
      if (!this.isRef) socket.unref();
    } catch (error) {
      this.failed(error as Error);
      this.next();
      return;
    }
    if (this.waiting.length > 0) this.wait();
  }
}

const one = (address: string, family: number | undefined): Address => ({ address, family: family ?? isIP(address) });

/** By families in turn, the one that the resolver prefers first, so that a family that leads nowhere delays by one attempt (§4). */
function alternating(addresses: readonly Address[]): Address[] {
  const { family: preferred } = addresses[0]!;
  const first = addresses.filter(({ family }) => family === preferred);
  const second = addresses.filter(({ family }) => family !== preferred);
  const order: Address[] = [];
  for (let at = 0; at < Math.max(first.length, second.length); at += 1) {
    order.push(...first.slice(at, at + 1), ...second.slice(at, at + 1));
  }
  return order;
}
