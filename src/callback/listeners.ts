// Those who hear what a connection tells beside its one callback of each kind, in the order in which they were added. It owns the
// names of the events, and who listens; how somebody is told is the affair of callbacks.ts.

import { describe } from '../options/checks';
import { meantBy } from '../options/nearest';
import { CALLBACKS, type CallbackName, type Callbacks } from './callbacks';

/** The event of a callback: `onWebSocketClose` tells `webSocketClose`. A callback that is added has one by itself. */
type EventOf<Name> = Name extends `on${infer Event}` ? Uncapitalize<Event> : never;

/** Those that are told something. Who is asked by `onMessageStart` is one alone. */
type ToldName = Exclude<CallbackName, 'onMessageStart'>;

/** What `on()` and `off()` take: the names of the callbacks without their "on". */
export type EventName = EventOf<ToldName>;

/** What hears an event: it gets what the callback gets, the connection first. */
export type Listener<Self, Event extends EventName> = {
  readonly [Name in ToldName]: EventOf<Name> extends Event ? NonNullable<Callbacks<Self>[Name]> : never;
}[ToldName];

const NAMES: ReadonlyMap<string, CallbackName> = new Map(
  CALLBACKS.filter((name) => name !== 'onMessageStart').map((name) => [eventOf(name), name]),
);

function eventOf(name: CallbackName): string {
  return `${name[2]!.toLowerCase()}${name.slice(3)}`;
}

/** What `ws`, browsers and streams call them. */
const ELSEWHERE: ReadonlyMap<string, EventName> = new Map([
  ['open', 'webSocketConnect'],
  ['ping', 'webSocketPing'],
  ['pong', 'webSocketPong'],
  ['drain', 'bufferDrain'],
]);

/** @throws TypeError unless there is such an event */
function callbackOf(event: string): CallbackName {
  const name = NAMES.get(event);
  if (name !== undefined) return name;
  const meant = ELSEWHERE.get(event);
  const advice = meant === undefined ? meantBy(String(event), [...NAMES.keys()]) : ` Did you mean ${meant}?`;
  throw new TypeError(`A connection has no event ${String(event)}.${advice}`);
}

export class Listeners {
  /** The lists are never changed but replaced: whoever goes through one goes through it as it was. */
  private readonly lists = new Map<CallbackName, readonly object[]>();

  /**
   * As EventTarget does it (DOM §2.7): whoever listens already is not added again, and keeps its place.
   *
   * @throws TypeError unless there is such an event, and it is a function
   */
  add(event: string, listener: unknown): void {
    const name = callbackOf(event);
    if (typeof listener !== 'function') {
      throw new TypeError(`A listener of ${event} must be a function; it is ${describe(listener)}.`);
    }
    const list = this.lists.get(name) ?? [];
    if (!list.includes(listener)) this.lists.set(name, [...list, listener]);
  }

  /** Nothing happens if it does not listen. @throws TypeError unless there is such an event */
  remove(event: string, listener: unknown): void {
    const name = callbackOf(event);
    const list = (this.lists.get(name) ?? []).filter((other) => other !== listener);
    if (list.length > 0) this.lists.set(name, list);
    else this.lists.delete(name);
  }

  /** Undefined: nobody listens. */
  of(name: CallbackName): readonly object[] | undefined {
    return this.lists.get(name);
  }

  get isEmpty(): boolean {
    return this.lists.size === 0;
  }

  /** How many listen, by event. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.lists].map(([name, list]) => [eventOf(name), list.length]));
  }
}
