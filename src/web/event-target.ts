// EventTarget (DOM §2.7) for a WebSocket: listeners are kept here, so that whoever listens alone to messages can be called without
// a dispatch that nobody could observe. Events of ours are dispatched here; those that users make, by the runtime, to which
// these listeners are one.

import { type Detail, Dispatching, Fired } from './events';
import { requireArguments } from './idl';

interface Listener {
  /** That of an `on…` attribute is whatever the attribute is when its turn comes. */
  callback: object;
  readonly capture: boolean;
  readonly once: boolean;
  readonly passive: boolean;
  /** Set by an `on…` attribute: what it returns may count. */
  readonly isAttribute: boolean;
  isRemoved: boolean;
}

const NO_LISTENERS: readonly Listener[] = [];

export class Target extends EventTarget {
  readonly #listeners = new Map<string, Listener[]>();
  readonly #attributes = new Map<string, Listener>();
  readonly #dispatching = new Dispatching(this);
  /** The one listener to messages, if there is just one that wants nothing but to be called. */
  #alone: ((event: Fired) => unknown) | undefined;
  /** Called when listeners to messages came or went. */
  #onChange: (() => void) | undefined;

  override addEventListener(
    type: string,
    callback: EventListenerOrEventListenerObject | null,
    options: AddEventListenerOptions | boolean = false,
  ): void {
    // biome-ignore lint/complexity/noArguments: WebIDL counts them, and a rest parameter would not be counted in `length`
    requireArguments(arguments.length, 2, 'addEventListener');
    const { capture = false, once = false, passive = false, signal } = flatten(options);
    if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError('signal must be an AbortSignal.');
    if (callback !== null && callback !== undefined && typeof callback !== 'object' && typeof callback !== 'function') {
      throw new TypeError('A listener must be a function or an object.');
    }
    if (signal?.aborted || callback === null || callback === undefined) return;
    const name = `${type}`;
    if (this.#find(name, callback, Boolean(capture)) !== undefined) return;
    const listener: Listener = {
      callback,
      capture: Boolean(capture),
      once: Boolean(once),
      passive: Boolean(passive),
      isAttribute: false,
      isRemoved: false,
    };
    this.#add(name, listener);
    signal?.addEventListener('abort', () => this.#remove(name, listener), { once: true });
  }

  override removeEventListener(
    type: string,
    callback: EventListenerOrEventListenerObject | null,
    options: EventListenerOptions | boolean = false,
  ): void {
    // biome-ignore lint/complexity/noArguments: WebIDL counts them, and a rest parameter would not be counted in `length`
    requireArguments(arguments.length, 2, 'removeEventListener');
    const name = `${type}`;
    const listener = callback ? this.#find(name, callback, Boolean(flatten(options).capture)) : undefined;
    if (listener !== undefined) this.#remove(name, listener);
  }

  override dispatchEvent(event: Event): boolean {
    // biome-ignore lint/complexity/noArguments: WebIDL counts them, and a rest parameter would not be counted in `length`
    requireArguments(arguments.length, 1, 'dispatchEvent');
    if (!Fired.is(event)) return this.#dispatchNative(event);
    if (Fired.isDispatched(event)) throw beingDispatched();
    Fired.dispatch(event, this.#dispatching);
    if (event.cancelBubble) Fired.end(event, this);
    else Target.fire(this, event);
    return true;
  }

  // What a WebSocket uses; static, for whoever has one must not find them on it.

  /** Fires an event that was made for this target. */
  static fire(target: Target, event: Fired): void {
    for (const listener of target.#listeners.get(event.type)?.slice() ?? NO_LISTENERS) {
      if (listener.isRemoved) continue;
      if (listener.once) target.#remove(event.type, listener);
      call(listener, target, event);
      if (Fired.isStopped(event)) break;
    }
    Fired.end(event, target);
  }

  /** Makes an event and fires it. */
  static fireNew(target: Target, create: (target: Dispatching, detail: Detail) => Fired, detail: Detail): void {
    Target.fire(target, create(target.#dispatching, detail));
  }

  /** Whoever listens alone is called without a dispatch that nobody could observe. May throw what he throws. */
  static fireMessage(target: Target, data: unknown): void {
    const event = new Fired(target.#dispatching, data);
    if (target.#alone === undefined) {
      Target.fire(target, event);
      return;
    }
    try {
      target.#alone(event);
    } finally {
      Fired.end(event, target);
    }
  }

  static watch(target: Target, onChange: () => void): void {
    target.#onChange = onChange;
  }

  /** The value of an `on…` attribute (HTML §8.1.8.1). */
  static attribute(target: Target, type: string): object | null {
    return target.#attributes.get(type)?.callback ?? null;
  }

  /** A listener keeps its place when the value changes, and loses it with null. */
  static setAttribute(target: Target, type: string, value: unknown): void {
    const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
    const before = target.#attributes.get(type);
    if (!isObject) {
      target.#attributes.delete(type);
      if (before !== undefined) target.#remove(type, before);
      return;
    }
    const callback = value as object;
    if (before !== undefined) {
      before.callback = callback;
      target.#changed(type);
      return;
    }
    const listener: Listener = {
      callback,
      capture: false,
      once: false,
      passive: false,
      isAttribute: true,
      isRemoved: false,
    };
    target.#attributes.set(type, listener);
    target.#add(type, listener);
  }

  #find(type: string, callback: object, capture: boolean): Listener | undefined {
    return this.#listeners
      .get(type)
      ?.find((listener) => listener.callback === callback && listener.capture === capture && !listener.isAttribute);
  }

  #add(type: string, listener: Listener): void {
    const list = this.#listeners.get(type);
    if (list === undefined) this.#listeners.set(type, [listener]);
    else list.push(listener);
    this.#changed(type);
  }

  #remove(type: string, listener: Listener): void {
    if (listener.isRemoved) return;
    listener.isRemoved = true;
    const list = this.#listeners.get(type)!;
    list.splice(list.indexOf(listener), 1);
    this.#changed(type);
  }

  #changed(type: string): void {
    if (type !== 'message') return;
    const list = this.#listeners.get(type)!;
    const [first] = list;
    const isSimple = list.length === 1 && typeof first!.callback === 'function' && !first!.once;
    this.#alone = isSimple ? (first!.callback as (event: unknown) => unknown) : undefined;
    this.#onChange?.();
  }

  /** The runtime sets the event's own fields; one listener of its kind stands for all of ours. */
  #dispatchNative(event: Event): boolean {
    if (!(event instanceof Event)) return super.dispatchEvent(event);
    if (event.eventPhase !== Event.NONE) throw beingDispatched();
    const { type } = event;
    let isStopped = false;
    const stop = event.stopImmediatePropagation;
    const bridge = (): void => {
      const stopHere = (): void => {
        isStopped = true;
        stop.call(event);
      };
      Object.defineProperty(event, 'stopImmediatePropagation', { value: stopHere, configurable: true });
      for (const listener of this.#listeners.get(type)?.slice() ?? NO_LISTENERS) {
        if (listener.isRemoved) continue;
        if (listener.once) this.#remove(type, listener);
        if (listener.passive) Object.defineProperties(event, UNPREVENTABLE);
        const result = call(listener, this, event);
        for (const name of Object.keys(listener.passive ? UNPREVENTABLE : {})) Reflect.deleteProperty(event, name);
        if (listener.isAttribute && result === false) event.preventDefault();
        if (isStopped) break;
      }
      Reflect.deleteProperty(event, 'stopImmediatePropagation');
    };
    super.addEventListener(type, bridge);
    try {
      return super.dispatchEvent(event);
    } finally {
      super.removeEventListener(type, bridge);
    }
  }
}

function beingDispatched(): DOMException {
  return new DOMException('The event is being dispatched.', 'InvalidStateError');
}

/** What an event of the runtime has of its own while a passive listener is called (DOM §2.9, "in passive listener flag"). */
const UNPREVENTABLE: PropertyDescriptorMap = {
  preventDefault: { value: () => {}, configurable: true },
  returnValue: { value: true, configurable: true },
};

/** Calls a listener; what it throws is reported, and harms nothing else. Returns what it returns. */
function call({ callback, isAttribute }: Listener, target: EventTarget, event: object): unknown {
  try {
    if (typeof callback === 'function') return callback.call(target, event);
    if (isAttribute) return undefined;
    const { handleEvent } = callback as { handleEvent?: unknown };
    if (typeof handleEvent !== 'function') throw new TypeError('handleEvent must be a function.');
    return handleEvent.call(callback, event);
  } catch (error) {
    report(error);
    return undefined;
  }
}

const ownReport = (globalThis as { reportError?: (error: unknown) => void }).reportError;

/** "Report the exception" (HTML §8.1.4.7), as the runtime's own EventTarget does. */
export function report(error: unknown): void {
  if (ownReport !== undefined) ownReport(error);
  else
    queueMicrotask(() => {
      throw error;
    });
}

function flatten(options: AddEventListenerOptions | boolean | undefined | null): AddEventListenerOptions {
  if (typeof options === 'object' && options !== null) return options;
  return typeof options === 'function' ? (options as AddEventListenerOptions) : { capture: Boolean(options) };
}
