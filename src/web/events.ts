// The events that a WebSocket fires. The runtime's own cost a microsecond each to make and to dispatch, and a program cannot make
// one that is trusted; so these are small objects that pass for the runtime's classes: `instanceof` holds, their prototype is
// that of the public class, and every member that the DOM has is there, asked for only by those who do. They know no connection.

import type { WsimdError } from '../base/faults';
import { enumerate } from '../base/public-class';
import { newUrl } from '../runtime/host';
import { now } from '../runtime/tasks';
import { isLookCostly, NativeEvent, nativeMessageEvent } from './dom-classes';
import type { EventInit } from './dom-types';
import { requireArguments, toDictionary, toUsvString } from './idl';

const AT_TARGET = 2;

// What is asked of few events, and would cost every message a field.
const timeStamps = new WeakMap<object, number>();
/** Those that users have dispatched. */
const untrusted = new WeakSet<object>();
/** Those whose propagation is stopped: whether even for the other listeners of the target. */
const stopped = new WeakMap<object, boolean>();
/** How many of those are being dispatched. */
let stops = 0;

/** What is printed of each kind, besides its type. */
const SHOWN: Readonly<Record<string, readonly ('data' | 'wasClean' | 'code' | 'reason' | 'message' | 'error')[]>> = {
  message: ['data'],
  close: ['wasClean', 'code', 'reason'],
  error: ['message', 'error'],
};

/** Where Node.js asks for how an object is printed. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** Stands for a target in the events that are being dispatched to it, so that one field says both. */
export class Dispatching {
  constructor(readonly target: EventTarget) {}
}

/**
 * An event of a WebSocket: a message, since there are many of them; its prototype is that of the public `MessageEvent`. Those of
 * other kinds are of this class, too, with other prototypes.
 */
export class Fired {
  /** What the members of its kind are read from; the data of a message. */
  readonly #detail: unknown;
  #target: EventTarget | Dispatching;

  constructor(target: Dispatching, detail: unknown) {
    this.#target = target;
    this.#detail = detail;
  }

  static is(value: unknown): value is Fired {
    return typeof value === 'object' && value !== null && #detail in value;
  }

  static detailOf(event: Fired): unknown {
    return event.#detail;
  }

  /** By a user. */
  static dispatch(event: Fired, target: Dispatching): void {
    event.#target = target;
    untrusted.add(event);
    if (stopped.has(event)) stops += 1;
  }

  static end(event: Fired, target: EventTarget): void {
    event.#target = target;
    if (stops > 0 && stopped.delete(event)) stops -= 1;
  }

  static isDispatched(event: Fired): boolean {
    return event.#target instanceof Dispatching;
  }

  static stop(event: Fired, immediately: boolean): void {
    if (Fired.isDispatched(event) && !stopped.has(event)) stops += 1;
    stopped.set(event, immediately || Fired.isStopped(event));
  }

  /** For the other listeners, too. */
  static isStopped(event: Fired): boolean {
    return stopped.get(event) === true;
  }

  /** A message has this member, the other kinds have not. One that a program has made is the runtime's. */
  get data(): unknown {
    return #detail in this ? this.#detail : Reflect.get(nativeMessageEvent().prototype, 'data', this);
  }

  get type(): string {
    return 'message';
  }

  get target(): EventTarget {
    const target = this.#target;
    return target instanceof Dispatching ? target.target : target;
  }

  get srcElement(): EventTarget {
    return this.target;
  }

  get currentTarget(): EventTarget | null {
    return Fired.isDispatched(this) ? this.target : null;
  }

  get eventPhase(): number {
    return Fired.isDispatched(this) ? AT_TARGET : 0;
  }

  get bubbles(): boolean {
    return false;
  }

  get cancelable(): boolean {
    return false;
  }

  get composed(): boolean {
    return false;
  }

  get defaultPrevented(): boolean {
    return false;
  }

  get returnValue(): boolean {
    return true;
  }

  set returnValue(_value: boolean) {}

  get cancelBubble(): boolean {
    return stopped.has(this);
  }

  set cancelBubble(value: boolean) {
    if (value) Fired.stop(this, false);
  }

  get isTrusted(): boolean {
    return !untrusted.has(this);
  }

  /** Milliseconds since the time origin; of the moment when it is first asked for. */
  get timeStamp(): number {
    const stamp = timeStamps.get(this) ?? now();
    timeStamps.set(this, stamp);
    return stamp;
  }

  composedPath(): EventTarget[] {
    return Fired.isDispatched(this) ? [this.target] : [];
  }

  stopPropagation(): void {
    Fired.stop(this, false);
  }

  stopImmediatePropagation(): void {
    Fired.stop(this, true);
  }

  preventDefault(): void {}

  initEvent(): void {}

  /** For console.log in Node.js: what it calls for its own events does not take others. */
  [INSPECT](
    depth: number,
    options: { depth: number | null },
    inspect: (value: unknown, options: unknown) => string,
  ): string {
    const event = this as unknown as Event & Partial<MessageEvent & Closing & ErrorMembers>;
    const name = event.constructor.name;
    if (depth < 0) return `[${name}]`;
    const { type, timeStamp } = event;
    const own = Object.fromEntries((SHOWN[type] ?? []).map((member) => [member, event[member]]));
    const inner = options.depth === null ? null : options.depth - 1;
    return `${name} ${inspect({ type, ...own, timeStamp }, { ...options, depth: inner })}`;
  }
}

/** What an error event says besides what the standard has: why. */
export interface ErrorMembers {
  /** A sentence; '' where there is nothing to say. */
  readonly message: string;
  readonly error: WsimdError | null;
}

export interface CloseEventInit extends EventInit {
  wasClean?: boolean;
  code?: number;
  reason?: string;
}

/** The WHATWG's CloseEvent, for runtimes that have none: Node before 23. */
class OwnCloseEvent extends NativeEvent {
  readonly #wasClean: boolean;
  readonly #code: number;
  readonly #reason: string;

  constructor(type: string, init: CloseEventInit = {}) {
    // biome-ignore lint/complexity/noArguments: WebIDL counts them, and a rest parameter would not be counted in `length`
    requireArguments(arguments.length, 1, "The constructor of 'CloseEvent'");
    const {
      wasClean = false,
      code = 0,
      reason = '',
      bubbles,
      cancelable,
      composed,
    } = toDictionary<CloseEventInit>(init);
    super(`${type}`, { bubbles: Boolean(bubbles), cancelable: Boolean(cancelable), composed: Boolean(composed) });
    this.#wasClean = Boolean(wasClean);
    // Not Number(), which takes a BigInt: unary plus does not, as WebIDL's conversion does not.
    this.#code = +code & 0xffff;
    this.#reason = toUsvString(reason);
  }

  get wasClean(): boolean {
    return this.#wasClean;
  }

  get code(): number {
    return this.#code;
  }

  get reason(): string {
    return this.#reason;
  }
}
enumerate(OwnCloseEvent.prototype, ['wasClean', 'code', 'reason']);
Object.defineProperty(OwnCloseEvent.prototype, Symbol.toStringTag, { value: 'CloseEvent', configurable: true });
Object.defineProperty(OwnCloseEvent, 'name', { value: 'CloseEvent', configurable: true });

/** The runtime's, where there is one. */
export const CloseEvent: typeof globalThis.CloseEvent =
  globalThis.CloseEvent ?? (OwnCloseEvent as unknown as typeof globalThis.CloseEvent);

/** What an event that is no message is about. */
export interface Detail {
  readonly type: string;
}

export interface Closing extends Detail {
  readonly wasClean: boolean;
  readonly code: number;
  readonly reason: string;
}

/** What has a URL, of which a message says the origin. */
interface Source {
  readonly url: string;
}

const NO_PORTS: readonly never[] = Object.freeze([]);

const { constructor: _, data: DATA, ...MEMBERS } = Object.getOwnPropertyDescriptors(Fired.prototype);

type Read = (detail: never, event: Fired) => unknown;

function getters(own: Readonly<Record<string, Read>>): PropertyDescriptorMap {
  const getter = ([name, read]: [string, Read]): [string, PropertyDescriptor] => [
    name,
    {
      get(this: Fired): unknown {
        return read(Fired.detailOf(this) as never, this);
      },
      configurable: true,
    },
  ];
  return Object.fromEntries(Object.entries(own).map(getter));
}

/**
 * Makes events of another kind than messages, of which a connection has three. Their prototype is that of the runtime's `Like`,
 * whose members want an event of the runtime's: so they have their own.
 */
function kind<About extends Detail>(
  Like: { readonly prototype: object; readonly name: string },
  own: Readonly<Record<string, Read>>,
): (target: Dispatching, detail: About) => Fired {
  const members: PropertyDescriptorMap = {
    ...MEMBERS,
    ...getters({ type: ({ type }: Detail) => type, ...own }),
    [Symbol.toStringTag]: { value: Like.name, configurable: true },
  };
  for (const descriptor of Reflect.ownKeys(members).map((name) => members[name as string]!))
    descriptor.enumerable = false;
  return (target, detail) =>
    Object.defineProperties(Reflect.construct(Fired, [target, detail], Like as never), members) as Fired;
}

export const plainEvent = kind<Detail>(NativeEvent, {});

export const closeEvent = kind<Closing>(CloseEvent, {
  wasClean: ({ wasClean }: Closing) => wasClean,
  code: ({ code }: Closing) => code,
  reason: ({ reason }: Closing) => reason,
});

/** What an error event is about: more than the standard has, but what Node.js, Bun and Deno tell, too. */
export interface Failing extends Detail {
  readonly error: WsimdError | undefined;
}

export function failing(error: WsimdError | undefined): Failing {
  return { type: 'error', error };
}

/** An ErrorEvent where the runtime has that class; its members everywhere (HTML §8.1.4.7). */
export const errorEvent = kind<Failing>(
  (globalThis as { ErrorEvent?: { readonly prototype: object; readonly name: string } }).ErrorEvent ?? NativeEvent,
  {
    message: ({ error }: Failing) => error?.message ?? '',
    error: ({ error }: Failing) => error ?? null,
    filename: () => '',
    lineno: () => 0,
    colno: () => 0,
  },
);

/**
 * The WHATWG's MessageEvent (HTML §9.2). What a program makes with it is an event of the runtime's; what a WebSocket fires has the
 * same prototype, whose members know either.
 */
export const MessageEvent = function MessageEvent(type: string, init?: MessageEventInit): Event {
  // biome-ignore lint/complexity/noArguments: WebIDL counts them, and a rest parameter would not be counted in `length`
  const given = arguments;
  if (new.target === undefined) throw new TypeError("The constructor of 'MessageEvent' needs new.");
  requireArguments(given.length, 1, "The constructor of 'MessageEvent'");
  linkMessages();
  return Reflect.construct(nativeMessageEvent(), given.length === 1 ? [type] : [type, init], new.target);
} as unknown as typeof globalThis.MessageEvent;

/** The same member for events of ours and of the runtime's. */
function forBoth(name: string | symbol, { get, set, value }: PropertyDescriptor): PropertyDescriptor {
  const native = (): Record<string | symbol, unknown> => nativeMessageEvent().prototype as never;
  const isMethod = value !== undefined;
  const both: PropertyDescriptor = { enumerable: typeof name === 'string', configurable: true };
  if (isMethod) {
    both.writable = true;
    both.value = function (this: Fired, ...values: unknown[]): unknown {
      return ((Fired.is(this) ? value : native()[name]) as (...values: unknown[]) => unknown).apply(this, values);
    };
  } else {
    both.get = function (this: Fired): unknown {
      return Fired.is(this) ? get!.call(this) : Reflect.get(native(), name, this);
    };
    if (set !== undefined) {
      both.set = function (this: Fired, to: unknown): void {
        if (Fired.is(this)) set.call(this, to);
        else Reflect.set(native(), name, to, this);
      };
    }
  }
  for (const [key, length] of [
    ['value', isMethod ? value.length : 0],
    ['get', 0],
    ['set', 1],
  ] as const) {
    const made = both[key];
    if (made === undefined) continue;
    const prefix = key === 'value' ? '' : `${key} `;
    Object.defineProperty(made, 'name', { value: typeof name === 'string' ? `${prefix}${name}` : '' });
    Object.defineProperty(made, 'length', { value: length });
  }
  return both;
}

// A message: `detail` is its data.
const OF_MESSAGES: PropertyDescriptorMap = {
  ...MEMBERS,
  ...getters({
    origin: (_data, { target }) => newUrl((target as unknown as Source).url).origin,
    lastEventId: () => '',
    source: () => null,
    ports: () => NO_PORTS,
  }),
};
for (const name of Reflect.ownKeys(OF_MESSAGES)) {
  Object.defineProperty(Fired.prototype, name, forBoth(name, OF_MESSAGES[name as string]!));
}
enumerate(Fired.prototype, ['data']);
Object.defineProperties(Fired.prototype, {
  constructor: { value: MessageEvent, writable: true, configurable: true },
  [Symbol.toStringTag]: { value: 'MessageEvent', configurable: true },
});
Object.defineProperties(MessageEvent, {
  prototype: { value: Fired.prototype, writable: false },
  name: { value: 'MessageEvent', configurable: true },
  length: { value: 1, configurable: true },
});

let isLinked = false;

/** `MessageEvent` extends the runtime's from here on: from the beginning, or from the first socket or event on. */
export function linkMessages(): void {
  if (isLinked) return;
  isLinked = true;
  Object.setPrototypeOf(Fired.prototype, nativeMessageEvent().prototype);
  Object.setPrototypeOf(MessageEvent, nativeMessageEvent());
}
if (!isLookCostly) linkMessages();
