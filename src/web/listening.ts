// What an EventTarget does (DOM §2.7), for a WebSocket: its listeners are kept here, so that whoever listens alone to messages
// can be called without a dispatch that nobody could observe. Events of ours are dispatched here, and those of
// classes that the runtime does not know; its own, which users make, by the runtime, to which these listeners are one.

import { isAbortSignal, isEvent, isNativeEvent } from '../base/brands';
import { whenAborted } from '../runtime/abort';
import { throwSoon } from '../runtime/tasks';
import { NativeDOMException, NativeEventTarget } from './dom-classes';
import { type Detail, Dispatching, Fired } from './events';
import { type Listener, ListenerList } from './listener-list';

const PLAIN = {
  capture: false,
  once: false,
  passive: false,
  signal: undefined,
  isAttribute: false,
  isRemoved: false,
};

const NO_LISTENERS: readonly Listener[] = [];

/** Whoever listens to messages, if he is the only one and wants nothing but to be called. */
export type Alone = ((event: Fired) => unknown) | undefined;

export class Listeners {
  /** What events for this target are made with. */
  readonly dispatching: Dispatching;
  private readonly byType = new Map<string, ListenerList>();
  private readonly attributes = new Map<string, Listener>();
  /** Those that a signal removes, and how it is let go of. */
  private held: Map<Listener, () => void> | undefined;
  private isClosed = false;

  /** @param onMessageListeners called when listeners to messages have come or gone */
  constructor(
    private readonly target: EventTarget,
    private readonly onMessageListeners: (alone: Alone) => void,
  ) {
    this.dispatching = new Dispatching(target);
  }

  /** `addEventListener`. */
  add(
    type: unknown,
    callback: EventListenerOrEventListenerObject | null,
    options: AddEventListenerOptions | boolean,
  ): void {
    const { capture = false, once = false, passive = false, signal } = flatten(options);
    if (signal !== undefined && !isAbortSignal(signal)) throw new TypeError('signal must be an AbortSignal.');
    if (callback !== null && callback !== undefined && typeof callback !== 'object' && typeof callback !== 'function') {
      throw new TypeError('A listener must be a function or an object.');
    }
    if (signal?.aborted || callback === null || callback === undefined) return;
    const name = `${type}`;
    if (this.find(name, callback, Boolean(capture)) !== undefined) return;
    const flags = { capture: Boolean(capture), once: Boolean(once), passive: Boolean(passive) };
    const listener: Listener = { ...PLAIN, ...flags, callback, signal };
    this.append(name, listener);
    if (signal === undefined || this.isClosed) return;
    this.held ??= new Map();
    this.held.set(
      listener,
      whenAborted(signal, () => this.drop(name, listener)),
    );
  }

  /**
   * The last event has been fired: signals are let go of, which may live as long as the program. Whoever dispatches events all
   * the same finds no listener whose signal is aborted by then.
   */
  closed(): void {
    this.isClosed = true;
    for (const letGo of this.held?.values() ?? []) letGo();
    this.held = undefined;
  }

  /** `removeEventListener`. */
  remove(
    type: unknown,
    callback: EventListenerOrEventListenerObject | null,
    options: EventListenerOptions | boolean,
  ): void {
    const name = `${type}`;
    const listener = callback ? this.find(name, callback, Boolean(flatten(options).capture)) : undefined;
    if (listener !== undefined) this.drop(name, listener);
  }

  /** `dispatchEvent`. */
  dispatch(event: Event): boolean {
    if (!Fired.is(event)) return this.dispatchOther(event);
    if (Fired.isDispatched(event)) throw beingDispatched();
    Fired.dispatch(event, this.dispatching);
    if (event.cancelBubble) Fired.end(event, this.target);
    else this.fire(event);
    return true;
  }

  /** Makes an event and fires it. */
  fireNew<About extends Detail>(create: (target: Dispatching, detail: About) => Fired, detail: About): void {
    this.fire(create(this.dispatching, detail));
  }

  /** Fires an event that was made for this target. */
  fire(event: Fired): void {
    for (const listener of this.byType.get(event.type)?.all() ?? NO_LISTENERS) {
      if (isGone(listener)) continue;
      if (listener.once) this.drop(event.type, listener);
      call(listener, this.target, event);
      if (Fired.isStopped(event)) break;
    }
    Fired.end(event, this.target);
  }

  /** The value of an `on…` attribute (HTML §8.1.8.1). */
  attribute(type: string): object | null {
    return this.attributes.get(type)?.callback ?? null;
  }

  /** A listener keeps its place when the value changes, and loses it with null. */
  setAttribute(type: string, value: unknown): void {
    const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
    const before = this.attributes.get(type);
    if (!isObject) {
      this.attributes.delete(type);
      if (before !== undefined) this.drop(type, before);
      return;
    }
    const callback = value as object;
    if (before !== undefined) {
      before.callback = callback;
      this.changed(type);
      return;
    }
    const listener: Listener = { ...PLAIN, callback, isAttribute: true };
    this.attributes.set(type, listener);
    this.append(type, listener);
  }

  private find(type: string, callback: object, capture: boolean): Listener | undefined {
    const listener = this.byType.get(type)?.find(callback, capture);
    if (listener === undefined || !isGone(listener)) return listener;
    this.drop(type, listener);
    return undefined;
  }

  private append(type: string, listener: Listener): void {
    const list = this.byType.get(type) ?? new ListenerList();
    this.byType.set(type, list);
    list.add(listener);
    this.changed(type);
  }

  private drop(type: string, listener: Listener): void {
    if (listener.isRemoved) return;
    listener.isRemoved = true;
    this.held?.get(listener)?.();
    this.held?.delete(listener);
    this.byType.get(type)!.remove(listener);
    this.changed(type);
  }

  private changed(type: string): void {
    if (type !== 'message') return;
    const { only } = this.byType.get(type)!;
    const isSimple = typeof only?.callback === 'function' && !only.once;
    this.onMessageListeners(isSimple ? (only.callback as (event: unknown) => unknown) : undefined);
  }

  private dispatchOther(event: Event): boolean {
    if (!isNativeEvent(event) && isEvent(event)) return this.dispatchForeign(event);
    return this.dispatchNative(event);
  }

  /** The runtime sets the event's own fields; one listener of its kind stands for all of ours. Throws for what is no event. */
  private dispatchNative(event: Event): boolean {
    const { target } = this;
    if (!isNativeEvent(event)) return native.dispatchEvent.call(target, event);
    // happy-dom's comes back by the public method before it calls anybody.
    if (event === handedOver) return native.dispatchEvent.call(target, event);
    if (event.eventPhase !== NONE) throw beingDispatched();
    const { type } = event;
    const bridge = (): void => {
      handedOver = undefined;
      this.callAll(event);
    };
    native.addEventListener.call(target, type, bridge);
    handedOver = event;
    try {
      return native.dispatchEvent.call(target, event);
    } finally {
      handedOver = undefined;
      native.removeEventListener.call(target, type, bridge);
    }
  }

  /**
   * An event of another realm's class, or of jsdom's: the runtime would not take it, and nobody can set its fields. So it has some
   * of its own, which say what they would.
   */
  private dispatchForeign(event: Event): boolean {
    const { target } = this;
    if (event.eventPhase !== NONE) throw beingDispatched();
    setOwn(event, {
      target,
      srcElement: target,
      currentTarget: target,
      eventPhase: AT_TARGET,
      composedPath: () => [target],
    });
    try {
      if (!event.cancelBubble) this.callAll(event);
    } finally {
      setOwn(event, { currentTarget: null, eventPhase: NONE, composedPath: () => [] });
    }
    return !event.defaultPrevented;
  }

  /** Calls the listeners to an event that is not ours. */
  private callAll(event: Event): void {
    const { type } = event;
    let isStopped = false;
    const stop = event.stopImmediatePropagation;
    const stopHere = (): void => {
      isStopped = true;
      stop.call(event);
    };
    setOwn(event, { stopImmediatePropagation: stopHere });
    for (const listener of this.byType.get(type)?.all() ?? NO_LISTENERS) {
      if (isGone(listener)) continue;
      if (listener.once) this.drop(type, listener);
      if (listener.passive) setOwn(event, UNPREVENTABLE);
      const result = call(listener, this.target, event);
      for (const name of Object.keys(listener.passive ? UNPREVENTABLE : {})) Reflect.deleteProperty(event, name);
      if (listener.isAttribute && result === false) event.preventDefault();
      if (isStopped) break;
    }
    Reflect.deleteProperty(event, 'stopImmediatePropagation');
  }
}

/** What the runtime dispatches at this moment, until it calls a listener. */
let handedOver: Event | undefined;

const NONE = 0;
const AT_TARGET = 2;

function setOwn(event: Event, values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) Object.defineProperty(event, name, { value, configurable: true });
}

const native = NativeEventTarget.prototype;

function isGone({ isRemoved, signal }: Listener): boolean {
  return isRemoved || signal?.aborted === true;
}

function beingDispatched(): DOMException {
  return new NativeDOMException('The event is being dispatched.', 'InvalidStateError');
}

/** What an event of the runtime has of its own while a passive listener is called (DOM §2.9, "in passive listener flag"). */
const UNPREVENTABLE = { preventDefault: (): void => {}, returnValue: true };

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

/**
 * "Report the exception" (HTML §8.1.4.7), as the runtime's own EventTarget does. Never throws: a `reportError` that does is
 * reported itself.
 */
export function report(error: unknown): void {
  if (ownReport === undefined) {
    throwSoon(error);
    return;
  }
  try {
    ownReport(error);
  } catch (thrown) {
    throwSoon(thrown);
  }
}

function flatten(options: AddEventListenerOptions | boolean | undefined | null): AddEventListenerOptions {
  if (typeof options === 'object' && options !== null) return options;
  return typeof options === 'function' ? (options as AddEventListenerOptions) : { capture: Boolean(options) };
}
