// Event listeners as the npm package `ws` has them: an EventEmitter with addEventListener, whose events are small objects of
// four classes. (The WHATWG's own EventTarget is the business of `wsimd/web`.) It knows no connection.

import type { EventEmitter } from 'node:events';
import { enumerate, nameClass } from '../base/public-class';
import { messageOf } from '../base/thrown';

/** What a listener gets. */
export class Event {
  readonly #type: string;
  readonly #target: unknown;

  constructor(type: string, target: unknown = null) {
    this.#type = type;
    this.#target = target;
  }

  get type(): string {
    return this.#type;
  }

  get target(): unknown {
    return this.#target;
  }
}

/**
 * What listeners get: a message made in one step, where one class after the other costs 25 ns. Its prototype is that of
 * `MessageEvent`.
 */
export class ToldMessage {
  readonly #data: unknown;
  readonly #target: unknown;

  constructor(data: unknown, target: unknown) {
    this.#data = data;
    this.#target = target;
  }

  // What a program has made is a MadeMessage, by the same prototype.

  /** A string for text; for binary as `binaryType` says. */
  get data(): unknown {
    return #data in this ? this.#data : madeMember('data', this);
  }

  get target(): unknown {
    return #data in this ? this.#target : madeMember('target', this);
  }

  get type(): string {
    return #data in this ? 'message' : (madeMember('type', this) as string);
  }
}

/** One that a program makes, of any type, as `new event.constructor(type)` does. */
class MadeMessage extends Event {
  readonly #data: unknown;

  constructor(type: string, { data = null }: { readonly data?: unknown } = {}) {
    super(type);
    this.#data = data;
  }

  get data(): unknown {
    return this.#data;
  }
}

function madeMember(name: 'data' | 'target' | 'type', event: object): unknown {
  return Reflect.get(MadeMessage.prototype, name, event);
}

/** What a program knows as the class of both. */
export const MessageEvent = function MessageEvent(type: string, init?: { readonly data?: unknown }): Event {
  if (new.target === undefined) throw new TypeError("Class constructor MessageEvent cannot be invoked without 'new'");
  return Reflect.construct(MadeMessage, [type, init], new.target);
} as unknown as { new (type: string, init?: { readonly data?: unknown }): Event; readonly prototype: ToldMessage };

Object.setPrototypeOf(ToldMessage.prototype, Event.prototype);
Object.defineProperty(ToldMessage.prototype, 'constructor', { value: MessageEvent });
Object.setPrototypeOf(MessageEvent, Event);
Object.defineProperty(MessageEvent, 'prototype', { value: ToldMessage.prototype, writable: false });
Object.defineProperty(MessageEvent, 'length', { value: 1, configurable: true });

export class CloseEvent extends Event {
  readonly #code: number;
  readonly #reason: string;
  readonly #wasClean: boolean;

  constructor(
    type: string,
    { code = 0, reason = '', wasClean = false }: { code?: number; reason?: string; wasClean?: boolean } = {},
    target?: unknown,
  ) {
    super(type, target);
    this.#code = code;
    this.#reason = reason;
    this.#wasClean = wasClean;
  }

  get code(): number {
    return this.#code;
  }

  get reason(): string {
    return this.#reason;
  }

  /** Whether both close frames were exchanged. */
  get wasClean(): boolean {
    return this.#wasClean;
  }
}

export class ErrorEvent extends Event {
  readonly #error: unknown;
  readonly #message: string;

  constructor(
    type: string,
    { error = null, message = '' }: { error?: unknown; message?: string } = {},
    target?: unknown,
  ) {
    super(type, target);
    this.#error = error;
    this.#message = message;
  }

  get error(): unknown {
    return this.#error;
  }

  get message(): string {
    return this.#message;
  }
}

nameClass(Event, 'Event');
nameClass(MessageEvent, 'MessageEvent');
nameClass(CloseEvent, 'CloseEvent');
nameClass(ErrorEvent, 'ErrorEvent');

for (const [{ prototype }, names] of [
  [Event, ['target', 'type']],
  [ToldMessage, ['data', 'target', 'type']],
  [CloseEvent, ['code', 'reason', 'wasClean']],
  [ErrorEvent, ['error', 'message']],
] as const) {
  enumerate(prototype, names);
}

export type Handler = ((event: never) => void) | { handleEvent(event: never): void };

/** On the function that stands for an event listener among the emitter's own: the listener itself. */
export const HANDLER = Symbol('handler');
/** Whether it was set by `onmessage = …` and the like. */
const IS_ATTRIBUTE = Symbol('attribute');

interface Wrapper {
  (this: EventEmitter, ...rest: never[]): void;
  [HANDLER]?: Handler;
  [IS_ATTRIBUTE]?: boolean;
}

/** On whatever has these events: whether both close frames were exchanged. */
export const CLEANLY = Symbol('cleanly');

interface Target extends EventEmitter {
  readonly [CLEANLY]: boolean;
}

export function callHandler(handler: Handler, target: unknown, event: unknown): void {
  if (typeof handler === 'object' && handler.handleEvent) handler.handleEvent(event as never);
  else (handler as (this: unknown, event: unknown) => void).call(target, event);
}

function wrap(type: string, handler: Handler): Wrapper | undefined {
  switch (type) {
    case 'message':
      return function (this: EventEmitter, data: Buffer, isBinary: boolean) {
        callHandler(handler, this, new ToldMessage(isBinary ? data : data.toString(), this));
      } as Wrapper;
    case 'close':
      return function (this: EventEmitter, code: number, reason: Buffer) {
        const wasClean = (this as Target)[CLEANLY];
        callHandler(handler, this, new CloseEvent(type, { code, reason: reason.toString(), wasClean }, this));
      } as Wrapper;
    case 'error':
      return function (this: EventEmitter, error: Error) {
        callHandler(handler, this, new ErrorEvent(type, { error, message: messageOf(error) }, this));
      } as Wrapper;
    case 'open':
      return function (this: EventEmitter) {
        callHandler(handler, this, new Event(type, this));
      } as Wrapper;
    default:
      return undefined;
  }
}

/** A handler is added once, except as an attribute; types other than the four are passed over. */
export function addEventListener(
  emitter: EventEmitter,
  type: string,
  handler: Handler,
  { once = false, isAttribute = false }: { readonly once?: boolean | undefined; readonly isAttribute?: boolean } = {},
): void {
  const has = (emitter.listeners(type) as Wrapper[]).some(
    (listener) => listener[HANDLER] === handler && !listener[IS_ATTRIBUTE],
  );
  if (has && !isAttribute) return;
  const wrapper = wrap(type, handler);
  if (wrapper === undefined) return;
  wrapper[HANDLER] = handler;
  wrapper[IS_ATTRIBUTE] = isAttribute;
  if (once) emitter.once(type, wrapper as () => void);
  else emitter.on(type, wrapper as () => void);
}

export function removeEventListener(emitter: EventEmitter, type: string, handler: Handler): void {
  const listener = (emitter.listeners(type) as Wrapper[]).find(
    (listener) => listener[HANDLER] === handler && !listener[IS_ATTRIBUTE],
  );
  if (listener !== undefined) emitter.removeListener(type, listener as () => void);
}

function attributeOf(emitter: EventEmitter, type: string): Wrapper | undefined {
  return (emitter.listeners(type) as Wrapper[]).find((listener) => listener[IS_ATTRIBUTE]);
}

/** The value of `onmessage` and the like. */
export function attribute(emitter: EventEmitter, type: string): Handler | null {
  return attributeOf(emitter, type)?.[HANDLER] ?? null;
}

export function setAttribute(emitter: EventEmitter, type: string, handler: unknown): void {
  const before = attributeOf(emitter, type);
  if (before !== undefined) emitter.removeListener(type, before as () => void);
  if (typeof handler === 'function') addEventListener(emitter, type, handler as () => void, { isAttribute: true });
}
