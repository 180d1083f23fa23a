// The listeners of the `ws` face: those of an EventEmitter, with the types of its events, and those of an EventTarget. It knows
// no connection.

import { EventEmitter } from 'node:events';
import { enumerate } from '../base/public-class';
import { addEventListener, attribute, CLEANLY, removeEventListener, setAttribute } from './events';
import type {
  CloseEvent,
  ErrorEvent,
  Event,
  EventListenerOptions,
  MessageEvent,
  Told,
  WebSocketEventMap,
} from './types';

/** Called when listeners came or went. */
export const CHANGED = Symbol('changed');

/** All others go by these, on Node.js. */
const CHANGES = ['on', 'addListener', 'prependListener', 'off', 'removeListener', 'removeAllListeners'] as const;

type Listener<Type extends keyof WebSocketEventMap> =
  | ((event: WebSocketEventMap[Type]) => void)
  | { handleEvent(event: WebSocketEventMap[Type]): void };

// biome-ignore lint/suspicious/noExplicitAny: what a user's own events bring
type Anything<Self> = (this: Self, ...values: any[]) => void;
type Expected<Self, Name extends keyof Told> = (this: Self, ...values: Told[Name]) => void;

// For who tells of messages, and nobody else: no member of the class shows them.
export let setDirect: (target: Listening, listener: (event: unknown) => void) => void;
export let tellDirect: (target: Listening, event: unknown) => void;

// What EventEmitter does, with types.
export interface Listening {
  on<Name extends keyof Told>(event: Name, listener: Expected<this, Name>): this;
  on(event: string | symbol, listener: Anything<this>): this;
  once<Name extends keyof Told>(event: Name, listener: Expected<this, Name>): this;
  once(event: string | symbol, listener: Anything<this>): this;
  off<Name extends keyof Told>(event: Name, listener: Expected<this, Name>): this;
  off(event: string | symbol, listener: Anything<this>): this;
  addListener<Name extends keyof Told>(event: Name, listener: Expected<this, Name>): this;
  addListener(event: string | symbol, listener: Anything<this>): this;
  removeListener<Name extends keyof Told>(event: Name, listener: Expected<this, Name>): this;
  removeListener(event: string | symbol, listener: Anything<this>): this;
  prependListener<Name extends keyof Told>(event: Name, listener: Expected<this, Name>): this;
  prependListener(event: string | symbol, listener: Anything<this>): this;
  prependOnceListener<Name extends keyof Told>(event: Name, listener: Expected<this, Name>): this;
  prependOnceListener(event: string | symbol, listener: Anything<this>): this;
}

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: see above
export abstract class Listening extends EventEmitter {
  /** @internal */
  abstract get [CLEANLY](): boolean;
  /** @internal Listeners came or went. */
  abstract [CHANGED](): void;

  /** Whoever is called without the emitter. As a method: `call` costs a short message a tenth of its time. */
  #direct: ((event: unknown) => void) | undefined;

  static {
    setDirect = (target, listener) => {
      target.#direct = listener;
    };
    tellDirect = (target, event) => target.#direct!(event);
  }

  get onopen(): ((event: Event) => void) | null {
    return attribute(this, 'open') as ((event: Event) => void) | null;
  }

  set onopen(listener: ((event: Event) => void) | null) {
    setAttribute(this, 'open', listener);
  }

  get onerror(): ((event: ErrorEvent) => void) | null {
    return attribute(this, 'error') as ((event: ErrorEvent) => void) | null;
  }

  set onerror(listener: ((event: ErrorEvent) => void) | null) {
    setAttribute(this, 'error', listener);
  }

  get onclose(): ((event: CloseEvent) => void) | null {
    return attribute(this, 'close') as ((event: CloseEvent) => void) | null;
  }

  set onclose(listener: ((event: CloseEvent) => void) | null) {
    setAttribute(this, 'close', listener);
  }

  get onmessage(): ((event: MessageEvent) => void) | null {
    return attribute(this, 'message') as ((event: MessageEvent) => void) | null;
  }

  set onmessage(listener: ((event: MessageEvent) => void) | null) {
    setAttribute(this, 'message', listener);
  }

  /** Adds an event listener, once; types other than these four are passed over. `once`: it is called once. */
  addEventListener<Type extends keyof WebSocketEventMap>(
    type: Type,
    listener: Listener<Type>,
    options: EventListenerOptions = {},
  ): void {
    addEventListener(this, type, listener, options);
  }

  removeEventListener<Type extends keyof WebSocketEventMap>(type: Type, listener: Listener<Type>): void {
    removeEventListener(this, type, listener);
  }
}

for (const name of CHANGES) {
  const change = function (this: Listening, ...values: never[]): unknown {
    const result = (EventEmitter.prototype[name] as (...values: never[]) => unknown).apply(this, values);
    this[CHANGED]();
    return result;
  };
  Object.defineProperty(change, 'name', { value: name });
  Object.defineProperty(Listening.prototype, name, { value: change, writable: true, configurable: true });
}

/** Whether the runtime's `once` comes and goes by these methods, so that no change is missed. */
export const TELLS_CHANGES = ((): boolean => {
  let changes = 0;
  class Probe extends Listening {
    override get [CLEANLY](): boolean {
      return false;
    }
    override [CHANGED](): void {
      changes += 1;
    }
  }
  const probe = new Probe();
  probe.once('open', () => {});
  probe.emit('open');
  return changes === 2;
})();

enumerate(Listening.prototype, ['onopen', 'onerror', 'onclose', 'onmessage']);
