// The events that a WebSocket fires. The runtime's own cost a microsecond each to make and to dispatch, and a program cannot make
// one that is trusted; so these are small objects that pass for the runtime's classes: `instanceof` holds, and every member
// that the DOM has is there, asked for only by those who do. They know no connection.

import { enumerate } from './idl';

const AT_TARGET = 2;

// Flags of an event.
const DISPATCHED = 1;
const TRUSTED = 2;
const STOPPED = 4;
const IMMEDIATELY_STOPPED = 8;

interface EventClass {
  readonly prototype: object;
}

/** A class of events that passes for `Like`; `Detail` is what its own members are read from. */
function classOf<Detail>(Like: EventClass) {
  class Fired {
    readonly #type: string;
    readonly #detail: Detail;
    #target: EventTarget | null;
    #flags = DISPATCHED | TRUSTED;
    #timeStamp: number | undefined;

    /** In dispatch from the beginning, as whoever makes one dispatches it. */
    constructor(type: string, target: EventTarget, detail: Detail) {
      this.#type = type;
      this.#target = target;
      this.#detail = detail;
    }

    static detailOf(event: Fired): Detail {
      return event.#detail;
    }

    static is(value: object): value is Fired {
      return #detail in value;
    }

    static dispatch(event: Fired, target: EventTarget, isTrusted: boolean): void {
      event.#target = target;
      event.#flags = isTrusted ? DISPATCHED | TRUSTED : DISPATCHED;
    }

    static end(event: Fired): void {
      event.#flags &= TRUSTED;
    }

    static isDispatched(event: Fired): boolean {
      return (event.#flags & DISPATCHED) !== 0;
    }

    static isStopped(event: Fired): boolean {
      return (event.#flags & IMMEDIATELY_STOPPED) !== 0;
    }

    get type(): string {
      return this.#type;
    }

    get target(): EventTarget | null {
      return this.#target;
    }

    get srcElement(): EventTarget | null {
      return this.#target;
    }

    get currentTarget(): EventTarget | null {
      return Fired.isDispatched(this) ? this.#target : null;
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
      return (this.#flags & STOPPED) !== 0;
    }

    set cancelBubble(value: boolean) {
      if (value) this.#flags |= STOPPED;
    }

    get isTrusted(): boolean {
      return (this.#flags & TRUSTED) !== 0;
    }

    /** Milliseconds since the time origin; of the moment when it is first asked for. */
    get timeStamp(): number {
      this.#timeStamp ??= performance.now();
      return this.#timeStamp;
    }

    composedPath(): EventTarget[] {
      return Fired.isDispatched(this) && this.#target !== null ? [this.#target] : [];
    }

    stopPropagation(): void {
      this.#flags |= STOPPED;
    }

    stopImmediatePropagation(): void {
      this.#flags |= STOPPED | IMMEDIATELY_STOPPED;
    }

    preventDefault(): void {}

    initEvent(): void {}
  }
  const own = Object.getOwnPropertyNames(Fired.prototype).filter((name) => name !== 'constructor');
  enumerate(Fired.prototype, own);
  Object.setPrototypeOf(Fired.prototype, Like.prototype);
  Object.defineProperty(Fired.prototype, 'constructor', { value: Like });
  return Fired;
}

/** Adds members that are read from the detail. */
function define<Detail, Fired extends object>(
  Class: { readonly prototype: Fired; detailOf(event: Fired): Detail },
  members: Readonly<Record<string, (detail: Detail, event: Fired) => unknown>>,
): void {
  for (const [name, read] of Object.entries(members)) {
    Object.defineProperty(Class.prototype, name, {
      get(this: Fired) {
        return read(Class.detailOf(this), this);
      },
      enumerable: true,
      configurable: true,
    });
  }
}

export interface CloseEventInit extends EventInit {
  wasClean?: boolean;
  code?: number;
  reason?: string;
}

/** The WHATWG's CloseEvent, for runtimes that have none: Node before 23. */
class OwnCloseEvent extends Event {
  readonly #wasClean: boolean;
  readonly #code: number;
  readonly #reason: string;

  constructor(type: string, { wasClean = false, code = 0, reason = '', ...init }: CloseEventInit = {}) {
    super(type, init);
    this.#wasClean = Boolean(wasClean);
    this.#code = Number(code) & 0xffff;
    this.#reason = `${reason}`;
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

export const MessageEvent: typeof globalThis.MessageEvent = globalThis.MessageEvent;

export interface Closing {
  readonly wasClean: boolean;
  readonly code: number;
  readonly reason: string;
}

/** What has a URL, of which a message says the origin. */
interface Source {
  readonly url: string;
}

const NO_PORTS: readonly never[] = Object.freeze([]);

export const FiredPlain = classOf<undefined>(Event);
export const FiredMessage = classOf<unknown>(MessageEvent);
export const FiredClose = classOf<Closing>(CloseEvent);

// Not by `define`: this one is read of each message.
Object.defineProperty(FiredMessage.prototype, 'data', {
  get(this: InstanceType<typeof FiredMessage>) {
    return FiredMessage.detailOf(this);
  },
  enumerable: true,
  configurable: true,
});
define(FiredMessage, {
  origin: (_data, { target }) => new URL((target as unknown as Source).url).origin,
  lastEventId: () => '',
  source: () => null,
  ports: () => NO_PORTS,
});
define(FiredClose, {
  wasClean: ({ wasClean }) => wasClean,
  code: ({ code }) => code,
  reason: ({ reason }) => reason,
});

const CLASSES = [FiredPlain, FiredMessage, FiredClose];
export type Fired = InstanceType<(typeof CLASSES)[number]>;

/** The class of an event of ours; undefined for one of the runtime. */
export function firedClassOf(event: object): typeof FiredPlain | undefined {
  return CLASSES.find((Class) => Class.is(event)) as typeof FiredPlain | undefined;
}
